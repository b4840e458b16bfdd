// A weak link at three in the morning: nothing is silently stale, nothing typed
// or pressed is lost. On the built bundle with the fake API.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeApi } from "../fake/api";
import { accessible, launch, open, picture } from "./browser";
import { listen } from "./serve";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

const look = { width: 375, height: 812, scheme: "dark" } as const;

test("an acknowledgement without a network is kept, shown as unsent, and sent once", async () => {
  const api = new FakeApi({ story: "calm" });
  const n = api.enqueue("Sign-in fails for all users");
  const server = await listen(api);
  const { context, page } = await open(browser, look);
  try {
    await page.goto(`${server.url}/incidents/INC-${n}`);
    await page.getByText("Nobody has taken it yet").waitFor();
    await context.setOffline(true);
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText("Waiting for the network:").waitFor();
    await page.getByText("Nobody has taken it yet").waitFor(); // honest: the others do not know
    await picture(page, "weak-1-waiting-375-dark");
    await accessible(page, "waiting");
    await context.setOffline(false);
    await page.getByText("nobody works on it yet").waitFor({ timeout: 20_000 });
    expect(await page.getByText("Waiting for the network:").count()).toBe(0);
    const { body } = api.handle("GET", `/incidents/${n}/timeline`, new URLSearchParams());
    expect((body as { items: { kind: string }[] }).items.filter((e) => e.kind === "incident.acknowledged")).toHaveLength(1);
  } finally {
    await context.close();
    await server.close();
  }
});

test("a stream that is gone is said, with the age of the screen, and comes back", async () => {
  const api = new FakeApi();
  const server = await listen(api);
  const { context, page } = await open(browser, look);
  let cut = false;
  await page.route("**/api/v1/**", (route) => (cut ? route.abort() : route.continue()));
  try {
    const streaming = page.waitForResponse(/\/stream/);
    await page.goto(server.url);
    await streaming;
    await page.getByText(/^Live/).first().waitFor();
    cut = true;
    server.server.closeAllConnections();
    await page.getByText("Live updates have stopped.").waitFor({ timeout: 15_000 });
    await page.getByText(/This screen is \d+ s old/).waitFor();
    await picture(page, "weak-2-stale-375-dark");
    await accessible(page, "stale");
    cut = false;
    api.enqueue("Card payments are declined");
    await page.getByRole("button", { name: "Try now" }).click({ timeout: 3_000 }).catch(() => undefined); // it may have come back by itself meanwhile
    await page.getByRole("link", { name: /Card payments are declined/ }).waitFor(); // what was missed is there
    expect(await page.getByText("Live updates have stopped.").count()).toBe(0);
  } finally {
    await context.close();
    await server.close();
  }
});

test("what was typed survives a reload and a closed dialog", async () => {
  const server = await listen(new FakeApi());
  const { context, page } = await open(browser, { width: 1440, height: 900, scheme: "light" });
  try {
    await page.goto(`${server.url}/incidents/INC-42`);
    await page.getByLabel("Write to the timeline").fill("Hypothesis: the keys were");
    await page.goto(`${server.url}/incidents/INC-42?do=resolve`);
    await page.getByLabel("What ended it?").fill("Rolled back");
    await page.reload();
    expect(await page.getByLabel("What ended it?").inputValue()).toBe("Rolled back");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await page.getByLabel("Write to the timeline").inputValue()).toBe("Hypothesis: the keys were");
  } finally {
    await context.close();
    await server.close();
  }
});
