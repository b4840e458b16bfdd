// The catalogue is changed in a browser: a service gets another name, a mistake
// is told in words, and a new person can be found. Needs a running
// `allclear serve --demo` (ALLCLEAR_E2E_DEMO names its demo.json).
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, launch, open, picture } from "./browser";

interface Demo {
  console_url: string;
  api_token: string;
  sign_in: { email: string; password: string };
}

let browser: Browser;
let demo: Demo;

beforeAll(async () => {
  browser = await launch();
  demo = JSON.parse(readFileSync(process.env["ALLCLEAR_E2E_DEMO"] ?? "", "utf8")) as Demo;
});

afterAll(async () => {
  await browser?.close();
});

async function read(path: string): Promise<Record<string, unknown>> {
  const res = await fetch(`${demo.console_url}/api/v1${path}`, { headers: { Authorization: `Bearer ${demo.api_token}` } });
  expect(res.status, path).toBe(200);
  return (await res.json()) as Record<string, unknown>;
}

test("a service is renamed, a mistake is told, a person is added", async () => {
  const { context, page, problems } = await open(browser, { width: 1440, height: 900, scheme: "light" });
  await page.goto(demo.console_url);
  await page.getByLabel("E-mail").fill(demo.sign_in.email);
  await page.getByLabel("Password", { exact: true }).fill(demo.sign_in.password);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: /Services/ }).first().waitFor();

  await page.goto(`${demo.console_url}/services?service=reporting`);
  await page.getByRole("button", { name: "Edit reporting" }).waitFor();
  await page.keyboard.press("e");
  const box = page.getByLabel("Document");
  await box.waitFor();
  await expect.poll(() => box.inputValue()).toContain('"id": "reporting"');
  const doc = JSON.parse(await box.inputValue()) as Record<string, unknown>;
  await box.fill(JSON.stringify({ ...doc, restoration_rank: 99 }));
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").waitFor();
  await accessible(page, "catalogue editor");
  await picture(page, "catalogue-mistake");
  await box.fill(JSON.stringify({ ...doc, name: "Reports and exports" }));
  await page.getByRole("button", { name: "Save" }).click();
  await box.waitFor({ state: "detached" });
  await page.getByText("Reports and exports").first().waitFor();
  expect((await read("/services/reporting")).name).toBe("Reports and exports");

  await page.goto(`${demo.console_url}/people`);
  await page.getByRole("button", { name: "New person" }).waitFor();
  await page.keyboard.press("a");
  await page.getByLabel("Document").fill(JSON.stringify({ id: "new-engineer", name: "New engineer", level: 1, email: "new-engineer@example.com" }));
  await picture(page, "catalogue-new");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Document").waitFor({ state: "detached" });
  expect((await read("/people/new-engineer")).name).toBe("New engineer");
  expect(problems.filter((p) => !/40[01]|422/.test(p))).toEqual([]);
  await context.close();
});
