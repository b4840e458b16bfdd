// The search for the cause without a pointer: causes are named, ruled out and
// confirmed, an option gets its risk, its test and its plan, whose way back the
// server insists on, and is approved; a log is kept under its hash. A second
// browser shows the cause without being asked. On the built bundle with the fake
// API, or on a running `allclear serve --demo` (ALLCLEAR_E2E_DEMO).
import { createHash } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeApi } from "../fake/api";
import { accessible, launch, open, picture } from "./browser";
import { running, signIn, type Demo } from "./demo";
import { listen } from "./serve";

let browser: Browser;
let base: string;
let demo: Demo | undefined;
let stop: (() => Promise<void>) | undefined;
const look = { width: 1440, height: 900, scheme: "light" } as const;

beforeAll(async () => {
  browser = await launch();
  demo = running();
  if (!demo) {
    const fake = await listen(new FakeApi());
    [base, stop] = [fake.url, fake.close];
    return;
  }
  base = demo.console_url;
});

afterAll(async () => {
  await browser?.close();
  await stop?.();
});

async function signedIn(): Promise<Awaited<ReturnType<typeof open>>> {
  const opened = await open(browser, look);
  const { page } = opened;
  await page.goto(base);
  if (demo) await signIn(page, demo.sign_in);
  await page.getByText(/^Live/).first().waitFor();
  return opened;
}

/** A declared P1 that Ana commands. */
async function raised(page: Page): Promise<string> {
  if (!demo) return "INC-41"; // of the fake's, the one where nothing has been written yet
  const res = await fetch(`${base}/v2/enqueue`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ routing_key: demo.integration_key, event_action: "trigger", dedup_key: "sign-in-inquiry", payload: { summary: "Sign-in fails for all users", source: "browser-test", severity: "critical" } }) });
  expect(res.status).toBe(202);
  await page.locator('main a[data-row][href*="/incidents/INC-"]').first().click();
  await page.getByText("Due next", { exact: true }).waitFor();
  const ref = decodeURIComponent(new URL(page.url()).pathname.split("/").pop() ?? "");
  await page.keyboard.press("w");
  await page.locator("header").getByText("Investigating").waitFor();
  const status = await page.evaluate(async (path) => (await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ role: "incident_commander", person: "ana" }) })).status, `/api/v1/incidents/${ref}/roles`);
  expect(status).toBeLessThan(300);
  return ref;
}

test("the cause is found and the way out approved by keys alone", async () => {
  const [one, two] = await Promise.all([signedIn(), signedIn()]);
  const { page } = one;
  const ref = await raised(page);
  await two.page.goto(`${base}/incidents/${ref}?tab=investigation`);
  if (!demo) await page.goto(`${base}/incidents/${ref}`);
  await page.getByRole("tab", { name: "Investigation" }).waitFor();
  const press = async (keys: string) => {
    for (const k of keys.split(" ")) await page.keyboard.press(k);
  };
  const dialog = page.getByRole("dialog");
  const done = async () => {
    await page.keyboard.press("Control+Enter");
    await dialog.waitFor({ state: "detached" });
  };
  await press("3");
  await page.getByText("No possible cause has been named yet").waitFor();

  for (const text of ["The session key was rotated", "Deployment 4.18.0 broke the token check"]) {
    await press(". c");
    await dialog.getByText("Name a possible cause").waitFor();
    await page.keyboard.type(text);
    await done();
    await page.locator("[data-cause]", { hasText: text }).waitFor();
  }
  await press(". n");
  await dialog.getByText("The session key was rotated").waitFor();
  await page.keyboard.type("Tokens from before and after fail alike");
  await done();
  await page.locator("[data-cause][data-out]", { hasText: "Tokens from before and after fail alike" }).waitFor();
  await press(". y");
  await dialog.getByText("Deployment 4.18.0 broke the token check").waitFor();
  await page.keyboard.type("Sign-ins succeed on the one node that still runs 4.17.2");
  await done();
  await page.getByText("The cause: Deployment 4.18.0 broke the token check.").waitFor();
  await two.page.getByText("The cause: Deployment 4.18.0 broke the token check.").waitFor({ timeout: 5_000 });

  await press(". o");
  await dialog.getByText("Propose an option").waitFor();
  await page.keyboard.type("Roll back to 4.17.2");
  await done();
  await page.getByText("Roll back to 4.17.2").first().waitFor();
  await press(". a");
  await dialog.waitFor();
  await page.keyboard.press("Control+Enter");
  await dialog.getByText("assess the risk first").last().waitFor();
  await dialog.getByText("write the plan first, with a way back").last().waitFor();
  await picture(page, "inquiry-refused");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await press(". k");
  await dialog.getByText("What could go wrong?").waitFor();
  await page.keyboard.type("sessions that are open");
  await done();
  await press(". t");
  await dialog.getByText("How was it tested?").waitFor();
  await page.keyboard.type("200 sign-ins in a row");
  await done();
  await press(". l");
  await dialog.getByText("The plan, and the way back").waitFor();
  await page.keyboard.type("Set 4.17.2 in eu");
  await page.keyboard.press("Control+Enter");
  await dialog.getByText("there is no plan without a way back").first().waitFor();
  await picture(page, "inquiry-no-way-back");
  await page.getByLabel("How is it taken back?").focus();
  await page.keyboard.type("Set 4.18.0 in eu");
  await done();
  await press(". a");
  await dialog.getByText("Approve the option?").waitFor();
  await done();
  await page.locator("[data-option]", { hasText: "approved by Ana" }).waitFor();

  await press(". d");
  await page.getByLabel("What was to be decided?").fill("Roll back or fix forward?");
  await page.getByLabel("What was decided?").fill("Roll back");
  await page.getByLabel("Why?").fill("Two minutes, and tested");
  await done();
  await press(". w");
  await page.getByLabel("What part of the work?").fill("Rollback");
  await done();
  await page.locator("[data-stream]", { hasText: "running" }).waitFor();

  const log = "03:02:11 token check failed: key not found\n";
  await press(". e");
  await dialog.getByText("Pasted text").click();
  await page.getByLabel("The text").fill(log);
  await page.keyboard.press("Control+Enter");
  await dialog.getByText("It is kept").waitFor();
  const hash = await dialog.locator(".mono").first().innerText();
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  if (demo) expect(hash).toBe(createHash("sha256").update(log).digest("hex"));
  await page.keyboard.press("Control+Enter");
  await dialog.waitFor({ state: "detached" });
  await page.getByText(`SHA-256 ${hash.slice(0, 12)}`).waitFor();
  await accessible(page, "inquiry");
  await picture(page, "inquiry", true);
  const expected = (p: string) => /401|409|422/.test(p);
  expect([...one.problems, ...two.problems].filter((p) => !expected(p))).toEqual([]);
  await Promise.all([one.context.close(), two.context.close()]);
});
