// The catalogue is changed in a browser: a service gets another name, a mistake
// is told in words, and a new person can be found. Needs a running
// `allclear serve --demo` (ALLCLEAR_E2E_DEMO names its demo.json).
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { accessible, fits, launch, open, picture } from "./browser";
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

const read = (path: string) => call<Record<string, unknown>>(demo, "GET", path);

test("a service is renamed, as a document and as a form; a mistake stands at its field; a person is added", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.goto(`${demo.console_url}/services?service=reporting`);
  await page.getByRole("button", { name: "Edit reporting" }).waitFor();
  await page.keyboard.press("e");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Document", { exact: true }).click();
  const box = dialog.getByRole("textbox", { name: "Document" });
  await expect.poll(() => box.inputValue()).toContain('"id": "reporting"');
  const doc = JSON.parse(await box.inputValue()) as Record<string, unknown>;
  await box.fill(JSON.stringify({ ...doc, restoration_rank: 99 }));
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByText("Form", { exact: true }).click();
  expect(await dialog.getByLabel("Restoration rank").getAttribute("aria-invalid")).toBe("true");
  await accessible(page, "catalogue editor");
  await picture(page, "catalogue-mistake");
  await dialog.getByLabel("Restoration rank").fill("5");
  await dialog.getByLabel("Name", { exact: true }).fill("Reports and exports");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Reports and exports").first().waitFor();
  expect(await read("/services/reporting")).toMatchObject({ name: "Reports and exports", restoration_rank: 5 });

  await page.goto(`${demo.console_url}/people`);
  await page.getByRole("button", { name: "New person" }).waitFor();
  await page.keyboard.press("a");
  await dialog.getByLabel("Name", { exact: true }).fill("New Engineer");
  await dialog.getByRole("button", { name: "Add a contact" }).click();
  await dialog.getByLabel("Address of contact 1").fill("+15550109999");
  await page.reload(); // nothing typed is lost
  await expect.poll(() => dialog.getByLabel("Address of contact 1").inputValue()).toBe("+15550109999");
  await picture(page, "catalogue-new");
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await read("/people/new.engineer")).toMatchObject({ name: "New Engineer", contacts: [{ channel: "sms", address: "+15550109999" }] });
  expect(problems.filter((p) => !/40[01]|422/.test(p))).toEqual([]);
  await context.close();
});

test("a team is changed while somebody else changes it: nothing is overwritten unseen", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.goto(`${demo.console_url}/teams/platform`);
  await page.getByRole("button", { name: "Edit team" }).waitFor();
  await page.keyboard.press("e");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What it looks after").fill("Everything below the product");
  const { version: _v, updated_at: _u, ...before } = await read("/teams/platform");
  const res = await fetch(`${demo.console_url}/api/v1/teams/platform`, { method: "PUT", headers: { Authorization: `Bearer ${demo.api_token}`, "Content-Type": "application/json" }, body: JSON.stringify({ ...before, name: "Platform and data" }) });
  expect(res.status).toBe(200);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Somebody else saved this while you were typing.").waitFor();
  await accessible(page, "conflict");
  await picture(page, "catalogue-conflict");
  await dialog.getByRole("button", { name: "Put mine on top of theirs" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Platform and data" }).waitFor();
  expect(await read("/teams/platform")).toMatchObject({ name: "Platform and data", description: "Everything below the product" });
  expect(problems.filter((p) => !/40[01]|412/.test(p))).toEqual([]);
  await context.close();
});

test("a schedule is made: the server lays it out while it is typed, and saved it says who is on call", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.goto(`${demo.console_url}/schedules`);
  await page.getByRole("button", { name: "New schedule" }).waitFor();
  await page.keyboard.press("a");
  await page.getByLabel("Name", { exact: true }).fill("night watch");
  const add = page.getByRole("combobox", { name: "Add somebody to layer 1" }).or(page.getByLabel("Add somebody to layer 1")).first();
  for (const who of ["Ana", "Bo"]) {
    await add.fill(who);
    await page.getByRole("option", { name: who, exact: true }).click();
  }
  await page.getByText("Ana and Bo take turns of one week").waitFor();
  await page.getByText("Somebody is on call all the time.").waitFor();
  await page.getByRole("button", { name: "Business hours" }).click();
  await page.getByText(/^Nobody from/).first().waitFor(); // holes are shown as holes
  await page.getByLabel("First handoff of Layer 1").fill("");
  await page.getByText("to put right before this can be laid out").waitFor();
  expect(await page.getByLabel("First handoff of Layer 1").getAttribute("aria-invalid")).toBe("true");
  await page.getByLabel("First handoff of Layer 1").fill("2026-01-05T09:00");
  await page.getByText(/^Nobody from/).first().waitFor();
  await accessible(page, "schedule editor");
  await picture(page, "catalogue-schedule", true);
  await page.getByRole("button", { name: "Create schedule" }).click();
  await page.waitForURL(/\/schedules\/night-watch$/);
  expect(await read("/schedules/night-watch")).toMatchObject({ layers: [{ members: ["ana", "bo"], start: "2026-01-05T09:00", every: 1, unit: "week", only: [{ from: "09:00", to: "17:00" }] }] });
  await page.getByRole("button", { name: "Always" }).click();
  await page.keyboard.press("w");
  await page.getByRole("button", { name: "Save schedule" }).waitFor();
  await expect.poll(async () => ((await read("/schedules/night-watch"))["layers"] as { only?: unknown }[])[0]?.only).toBeUndefined();
  expect(problems.filter((p) => !/40[01]|422/.test(p))).toEqual([]);
  await context.close();
});

test("a policy is made with the keyboard, given to a service, changed, and kept while the service needs it", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.goto(`${demo.console_url}/policies`);
  await page.getByRole("link", { name: "Escalation chain of P1" }).waitFor(); // the procedure's own stand first
  await page.keyboard.press("a");
  await page.getByLabel("Name", { exact: true }).fill("Night watch");
  const pages = (step: number) => page.getByRole("combobox", { name: `Pages in Step ${step}` }).or(page.getByLabel(`Pages in Step ${step}`)).first();
  const choose = async (step: number, who: string) => {
    await pages(step).fill(who);
    await page.getByRole("option", { name: who, exact: true }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape"); // the list
    await page.keyboard.press("Escape"); // the field
  };
  await choose(1, "Primary on call");
  await page.keyboard.press("s");
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Step 2 pages after");
  await page.getByLabel("Step 2 pages after").fill("soon");
  await choose(2, "CTO");
  await page.keyboard.press("w");
  await page.getByRole("alert").getByText("Step 2, after: must be a time such as 10m or 1h30m").waitFor();
  expect(await page.getByLabel("Step 2 pages after").getAttribute("aria-invalid")).toBe("true");
  await accessible(page, "policy editor");
  await picture(page, "catalogue-policy", true);
  await page.getByLabel("Step 2 pages after").fill("15"); // minutes, when nothing else is said
  await page.getByLabel("Page again every").fill("10m");
  await page.getByRole("button", { name: "Create policy" }).click();
  await page.waitForURL(/\/policies\/night-watch$/);
  expect(await read("/escalation-policies/night-watch")).toMatchObject({ steps: [{ after: "0s", to: ["schedule:primary"] }, { after: "15m", to: ["role:cto"] }], repeat_every: "10m", repeat_times: 3 });

  await page.goto(`${demo.console_url}/services?edit=admin`);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Escalation policy" }).or(dialog.getByLabel("Escalation policy")).first().click();
  await page.getByRole("option", { name: "Night watch" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await read("/services/admin")).toMatchObject({ escalation_policy: "night-watch" });
  for (const k of ["g", "e"]) await page.keyboard.press(k);
  const entry = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: "Night watch" }) });
  await entry.getByText("for Administ").waitFor();

  await page.getByRole("link", { name: "Night watch" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/policies\/night-watch$/);
  await page.getByRole("button", { name: "Move Step 2 up" }).press("Enter"); // who is paged moves, the times stay
  await page.getByText("Not saved yet").waitFor();
  await page.reload(); // nothing done is lost
  await page.getByText("Not saved yet").waitFor();
  await page.keyboard.press("w");
  await expect.poll(async () => (await read("/escalation-policies/night-watch"))["steps"]).toMatchObject([{ after: "0s", to: ["role:cto"] }, { after: "15m", to: ["schedule:primary"] }]);

  await page.getByRole("button", { name: "Delete" }).click();
  await dialog.getByLabel("Type night-watch to delete it").fill("night-watch");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await dialog.getByText("It is not deleted: service admin still refers to it.").waitFor();
  await accessible(page, "policy in use");
  expect(await read("/escalation-policies/night-watch")).toMatchObject({ name: "Night watch" });
  expect(problems.filter((p) => !/40[019]|422/.test(p))).toEqual([]);
  await context.close();
});

test("a way in is made, shown once, and its mapping tried while it is typed", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.goto(`${demo.console_url}/ways-in`);
  await page.getByRole("button", { name: "New way in" }).waitFor();
  await page.keyboard.press("a");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Batch checks"); // where the cursor is when the dialog stands
  await dialog.getByRole("combobox", { name: "Service" }).or(dialog.getByLabel("Service")).first().fill("Report");
  await page.getByRole("option").first().click();
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await page.getByText("The key is shown this once.").waitFor();
  const address = await dialog.locator("code").first().innerText();
  expect(address).toContain("/hooks/generic/");
  await page.getByRole("button", { name: "Set it up, step by step" }).click();
  await page.getByText(`add a webhook: POST ${address}`).waitFor(); // the steps have the key in them, while it is known
  await page.getByText("Nothing has come yet.").waitFor();
  await page.keyboard.press("t");
  await page.getByText("The disk of db-1 is full").last().waitFor();
  await page.getByLabel("Payload").fill('{"nothing":1}');
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("Refused: nothing in the body can be used").waitFor();
  await accessible(page, "setup");
  const refused = await fetch(address.replace(/^https?:\/\/[^/]+/, demo.console_url), { method: "POST", headers: { "Content-Type": "application/json" }, body: "{" });
  expect(refused.status).toBe(400);
  await page.getByRole("link", { name: "Ways in" }).first().click();
  await page.reload();
  await page.getByText(/never taken yet.*the document ends/).waitFor();
  await page.getByRole("link", { name: "Mapping of Batch checks" }).click();
  await page.getByRole("button", { name: "Begin with an example" }).click();
  await page.getByText("Disk is full on db-1").waitFor();
  await page.getByLabel("Mapping").fill('{"summary": "body.what +"}');
  await page.getByText(/^summary: /).waitFor(); // the mistake stands at the mapping
  await accessible(page, "mapping");
  await picture(page, "catalogue-mapping");
  await page.getByLabel("Mapping").fill('{"summary": "upper(body.what)", "dedup_key": "body.nr"}');
  await page.getByText("DISK IS FULL").waitFor();
  await page.getByRole("button", { name: "Save mapping" }).click();
  await page.getByText("Saved. It counts from the next payload on.").waitFor();
  const took = await fetch(address.replace(/^https?:\/\/[^/]+/, demo.console_url), { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"what":"queue is long","nr":"q1"}' });
  expect(took.status).toBe(202);
  const alerts = (await read("/alerts?limit=100"))["items"] as { summary: string }[];
  expect(alerts.map((a) => a.summary)).toContain("QUEUE IS LONG");
  expect(problems.filter((p) => !/40[01]|422/.test(p))).toEqual([]);
  await context.close();
});

test("a customer's private page is handed out, read on a phone, and renewed", async () => {
  const { context, page, problems } = await signedIn(browser, demo);
  await page.goto(`${demo.console_url}/customers?page=customer-0002`);
  const dialog = page.getByRole("dialog");
  await dialog.getByText("No address has been handed out yet.").waitFor();
  await dialog.getByRole("button", { name: "Make an address" }).click();
  const code = dialog.locator("code");
  await code.waitFor();
  const first = await code.innerText();
  expect(first).toMatch(/\/t\/[a-z2-7]{32}$/);
  await accessible(page, "private page's address");
  await expect.poll(async () => (await fetch(first)).status).toBe(200);
  for (const scheme of ["light", "dark"] as const) {
    const phone = await open(browser, { width: 375, height: 812, scheme });
    for (const path of ["", "/history"]) {
      await phone.page.goto(first + path);
      await phone.page.getByText("This page is yours alone").waitFor();
      await fits(phone.page, `private page${path}`);
      await accessible(phone.page, `private page${path} ${scheme}`);
    }
    await phone.page.locator("a.brand").click();
    expect(phone.page.url().startsWith(first)).toBe(true);
    await picture(phone.page, `private-page-375-${scheme}`, true);
    expect(phone.problems).toEqual([]);
    await phone.context.close();
  }
  await dialog.getByRole("button", { name: "New address" }).click();
  await page.getByRole("button", { name: "Make a new address" }).click();
  await expect.poll(() => code.innerText()).not.toBe(first);
  await expect.poll(async () => (await fetch(first)).status).toBe(404);
  expect((await fetch(await code.innerText())).headers.get("x-robots-tag")).toBe("noindex, nofollow");
  await dialog.getByRole("button", { name: "End it" }).click();
  await page.getByRole("dialog", { name: "End the page" }).getByRole("button", { name: "End it" }).click();
  await page.getByText("no longer answers.").first().waitFor();
  expect((await read("/customers/customer-0002/status-page"))["url"]).toBe("");
  expect(problems).toEqual([]);
  await context.close();
});
