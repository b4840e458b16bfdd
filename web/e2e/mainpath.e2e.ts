// The main path of the product, in a browser: sign in, see an incident raised by
// an Events v2 POST, acknowledge, engage, approve and publish the status post,
// resolve with a reason.
//
// ALLCLEAR_E2E_DEMO names the demo.json of a running `allclear serve --demo`;
// without it the built bundle runs against the fake API. ALLCLEAR_E2E_SHOTS is
// where pictures go.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeApi, signInWith } from "../fake/api";
import { accessible, fits, launch, open, picture } from "./browser";
import { call, running, signIn, type Demo } from "./demo";
import { listen } from "./serve";

let browser: Browser;
let demo: Demo;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  browser = await launch();
  const real = running();
  if (real) {
    demo = real;
    return;
  }
  const fake = await listen(new FakeApi({ story: "calm", signedIn: false }));
  stop = fake.close;
  demo = { console_url: fake.url, page_url: "", api_token: "", integration_key: "fake", sign_in: signInWith };
});

afterAll(async () => {
  await browser?.close();
  await stop?.();
});

const base = () => demo.console_url;

async function raise(summary: string): Promise<void> {
  const res = await fetch(`${base()}/v2/enqueue`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ routing_key: demo.integration_key, event_action: "trigger", dedup_key: "browser-main-path", payload: { summary, source: "browser-test", severity: "critical" } }),
  });
  expect(res.status, await res.text()).toBe(202);
}

const read = <T>(path: string) => call<T>(demo, "GET", path);

/** Waits for a draft that goes to the status page; writes one if the procedure does not. */
async function draft(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: /^(Approve and publish|Publish)$/ }).first();
  if (await button.waitFor({ timeout: 8_000 }).then(() => true, () => false)) return;
  await page.keyboard.press("u");
  await page.getByLabel("Subject").fill("Sign-in is not working");
  await page.getByLabel("Text", { exact: true }).fill("We are investigating failing sign-ins.");
  await page.getByRole("button", { name: "Save draft for approval" }).click();
  await button.waitFor();
}

test("from the first alert to resolved", async () => {
  const { context, page, problems } = await open(browser, { width: 1440, height: 900, scheme: "light" });
  const title = `Sign-in fails for all users ${Date.now() % 100_000}`;

  await page.goto(base());
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(page, demo.sign_in);
  await page.getByRole("heading", { name: /All clear|Nothing is burning|hand|taken/ }).waitFor();
  await picture(page, "main-1-now");

  const sent = Date.now();
  await raise(title);
  const row = page.getByRole("link", { name: new RegExp(title) });
  await row.waitFor({ timeout: 5_000 }); // by itself: nobody reloads
  const seen = Date.now() - sent;
  expect(seen, "ms from the event to the browser").toBeLessThan(3_000);
  await picture(page, "main-2-raised");
  await accessible(page, "now");

  await row.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: title }).waitFor();
  const ref = decodeURIComponent(new URL(page.url()).pathname.split("/").pop() ?? "");
  expect(ref).toMatch(/^INC-\d+$/);
  await page.getByText("Nobody has taken it yet").waitFor();
  await picture(page, "main-3-suspected");

  await page.keyboard.press("a");
  await page.getByText("nobody works on it yet").waitFor();
  await picture(page, "main-4-acknowledged");

  await page.keyboard.press("w");
  await page.locator("header", { hasText: title }).getByText("Investigating").waitFor();
  await picture(page, "main-5-engaged");

  await draft(page);
  await page.keyboard.press("!"); // the first that waits, wherever it stands by now
  const ask = page.getByRole("dialog");
  await ask.getByRole("heading", { name: /publish/i }).waitFor();
  await picture(page, "main-6-publish");
  await ask.getByRole("button", { name: /publish/i }).click();
  await ask.waitFor({ state: "detached" });
  await page.getByRole("tab", { name: /Messages/ }).click();
  await page.getByText("status page").first().waitFor();
  await picture(page, "main-7-published");
  await accessible(page, "incident");
  if (demo.page_url) {
    const found = () => fetch(`${demo.page_url}/api/v2/incidents/unresolved.json`).then((r) => r.json() as Promise<{ incidents: unknown[] }>);
    await expect.poll(async () => (await found()).incidents.length, { message: "open incidents on the public page", timeout: 15_000 }).toBeGreaterThan(0);
  }

  await page.keyboard.press("r");
  await page.getByLabel("What ended it?").fill("Rolled back the deployment; sign-ins are back to normal in every region");
  await picture(page, "main-8-resolve");
  await page.getByRole("button", { name: /^Resolve( anyway)?$/ }).last().click();
  await page.locator("header", { hasText: title }).getByText("Resolved", { exact: true }).waitFor();
  await picture(page, "main-9-resolved");
  if (demo.api_token) {
    const i = await read<{ status: string; reason: string }>(`/incidents/${ref}`);
    expect(i.status).toBe("resolved");
    expect(i.reason).toContain("Rolled back");
  }

  await page.keyboard.press("g");
  await page.keyboard.press("x");
  await page.getByRole("heading", { name: "Outbox" }).waitFor();
  await page.getByRole("listitem").filter({ hasText: ref }).first().waitFor();
  await picture(page, "main-10-outbox");
  expect(problems).toEqual([]);
  const address = page.url();
  await context.close();

  const phone = await open(browser, { width: 375, height: 812, scheme: "dark" });
  await phone.page.goto(`${base()}/incidents/${ref}`);
  await signIn(phone.page, demo.sign_in);
  await phone.page.getByRole("heading", { name: title }).waitFor(); // back where the address said
  await fits(phone.page, "incident on a phone");
  await picture(phone.page, "main-11-phone");
  await phone.context.close();
  expect(address).toContain("/outbox");
});
