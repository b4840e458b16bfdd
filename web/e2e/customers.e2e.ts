// What is kept and told about customers, in a browser on the real program: a
// stakeholder, another way to deliver a service, the notice in the product skipped
// and shown again, a key for notices, subscribers taken in from a file, a correction.
// Needs a running `allclear serve --demo` (ALLCLEAR_E2E_DEMO names its demo.json).
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { accessible, fits, launch, picture } from "./browser";
import { call, needed, signedIn, type Demo } from "./demo";

vi.setConfig({ testTimeout: 240_000 }); // long ways, on a machine that may be busy

let browser: Browser;
let demo: Demo;

beforeAll(async () => {
  browser = await launch();
  demo = needed();
});

afterAll(async () => {
  await browser?.close();
});

const dialog = (page: Page) => page.getByRole("dialog");
const closed = (page: Page) => dialog(page).waitFor({ state: "detached" });

test("a stakeholder is added by keys, and found again", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.keyboard.press("g");
  await page.keyboard.press("@");
  await page.getByRole("heading", { name: "Stakeholders" }).waitFor();
  await page.keyboard.press("a");
  await dialog(page).getByLabel("Name", { exact: true }).first().fill("The insurer");
  await dialog(page).getByRole("button", { name: "Create" }).click();
  await closed(page);
  await page.getByText("The insurer").first().waitFor();
  await accessible(page, "stakeholders, real");
  await fits(page, "stakeholders, real");
  await picture(page, "real-stakeholders");
  expect(problems).toEqual([]);
  await context.close();
});

test("another way of delivery, a skipped notice and a correction", async () => {
  const { version, updated_at, ...service } = await call<Record<string, unknown>>(demo, "GET", "/services/reporting");
  expect([version, updated_at]).not.toContain(undefined); // the document's, not ours to write
  await call(demo, "PUT", "/services/reporting", { ...service, alternatives: [{ id: "by-hand", name: "Reports by hand", how: "Ask the data team.", text: "Ask our support for your report: we send it within the hour." }] });
  const { number } = await call<{ number: number }>(demo, "POST", "/incidents", { service: "reporting", severity: "P1", title: "Reports fail" });
  const { context, page, problems } = await signedIn(browser, demo);
  await page.goto(`${demo.console_url}/incidents/${number}?tab=impact`);
  await page.getByRole("button", { name: /Use another way/ }).waitFor();
  await page.keyboard.press(".");
  await page.keyboard.press("v");
  await dialog(page).getByLabel("Why").fill("Payroll runs tonight");
  await dialog(page).getByRole("button", { name: "Put it to use" }).click();
  await closed(page);
  await page.getByText("in use", { exact: true }).first().waitFor();
  await expect.poll(async () => (await (await fetch(demo.page_url)).text()).includes("Ask our support for your report"), { timeout: 10_000 }).toBe(true);
  await picture(page, "real-alternatives");
  await page.keyboard.press(".");
  await page.keyboard.press("x");
  await dialog(page).getByLabel("Why").fill("Reports run again");
  await dialog(page).getByRole("button", { name: "End it" }).click();
  await closed(page);
  await page.getByText("ended", { exact: true }).first().waitFor();

  await page.goto(`${demo.console_url}/incidents/${number}?tab=messages`);
  await page.getByRole("button", { name: /Not in the product/ }).waitFor();
  await page.keyboard.press(".");
  await page.keyboard.press("s");
  await dialog(page).getByRole("textbox").fill("Only nightly reports fail");
  await dialog(page).getByRole("button", { name: "Skip it" }).click();
  await closed(page);
  await page.getByText("Users are not told in the product.").waitFor();
  await accessible(page, "messages with a skipped notice, real");
  await picture(page, "real-skipped");
  await page.getByRole("button", { name: /Show them again/ }).click();
  await page.getByRole("button", { name: /Not in the product/ }).waitFor();

  // A correction goes out like a message, and the page marks what it corrects.
  const said = await call<{ items: { id: string; hash: string; channels: string[]; state: string }[] }>(demo, "GET", `/incidents/${number}/messages`);
  const first = said.items.find((m) => m.state === "draft" && m.channels.includes("status_page"));
  expect(first).toBeDefined();
  const out = async (m: { id: string; hash: string }) => {
    await call(demo, "POST", `/messages/${m.id}/approve`, { hash: m.hash });
    await call(demo, "POST", `/messages/${m.id}/publish`, {});
  };
  await out(first as { id: string; hash: string });
  await out(await call(demo, "POST", `/incidents/${number}/messages`, { text: "Only exports fail.", corrects: first?.id }));
  await page.reload();
  await page.getByText("Only exports fail.").first().waitFor();
  await expect.poll(async () => {
    const front = await (await fetch(demo.page_url)).text();
    const at = /href="(\/incidents\/[^"]+)"/.exec(front)?.[1];
    return at ? (await (await fetch(new URL(at, demo.page_url))).text()).includes("Corrected") : false;
  }, { timeout: 10_000 }).toBe(true);
  expect(problems).toEqual([]);
  await context.close();
});

test("a key for notices in the product is made and ended", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.keyboard.press("g");
  await page.keyboard.press(".");
  await page.getByRole("heading", { name: "In-app notices" }).waitFor();
  await page.keyboard.press("a");
  await dialog(page).getByRole("button", { name: "Make the key" }).click();
  await dialog(page).getByText("The secret is shown this once.").waitFor();
  const id = /ik-[a-z0-9]+/.exec((await dialog(page).textContent()) ?? "")?.[0] ?? "";
  expect(id).not.toBe("");
  await dialog(page).getByRole("button", { name: "I have copied it" }).click();
  await closed(page);
  await page.getByRole("button", { name: `End ${id}` }).click();
  await dialog(page).getByLabel(`Type ${id} to end it`).fill(id);
  await dialog(page).getByRole("button", { name: "End it" }).click();
  await closed(page);
  await expect.poll(async () => JSON.stringify(await call(demo, "GET", "/in-app/keys"))).not.toContain(id);
  expect(problems).toEqual([]);
  await context.close();
});

test("subscribers are taken in from a file, a wrong line is named, and one is forgotten", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.goto(`${demo.console_url}/status-page?tab=subscribers`);
  await page.getByRole("button", { name: /Import/ }).first().waitFor();
  await page.keyboard.press("i");
  await dialog(page).locator("input[type=file]").setInputFiles({ name: "readers.csv", mimeType: "text/csv", buffer: Buffer.from("email\nida@reader.example\nnot an address\nmia@reader.example\n") });
  await dialog(page).getByRole("checkbox").check();
  await dialog(page).getByRole("button", { name: "Import and tell them" }).click();
  await dialog(page).getByText("Subscribers imported").waitFor();
  expect(await dialog(page).textContent()).toMatch(/line 3|3/);
  await accessible(page, "subscribers imported, real");
  await picture(page, "real-subscribers");
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await closed(page);
  await page.keyboard.press("x");
  await dialog(page).getByLabel("Address").fill("MIA@reader.example");
  await dialog(page).getByRole("button", { name: "Forget it" }).click();
  await closed(page);
  await page.getByText(/is forgotten/).waitFor();
  expect(problems).toEqual([]);
  await context.close();
});
