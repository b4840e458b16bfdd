// The running program that a browser test looks at: `allclear serve --demo` writes
// demo.json, which ALLCLEAR_E2E_DEMO names.
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { open } from "./browser";

export interface Demo {
  console_url: string; // without a trailing slash, as page_url
  page_url: string;
  api_token: string;
  integration_key: string;
  sign_in: { email: string; password: string };
}

/** The program that runs, undefined where none was named. */
export function running(): Demo | undefined {
  const file = process.env["ALLCLEAR_E2E_DEMO"];
  if (!file) return undefined;
  const demo = JSON.parse(readFileSync(file, "utf8")) as Demo;
  return { ...demo, console_url: demo.console_url.replace(/\/$/, ""), page_url: (demo.page_url ?? "").replace(/\/$/, "") };
}

/** The same, for tests that mean nothing without it. */
export function needed(): Demo {
  const demo = running();
  if (!demo) throw new Error("ALLCLEAR_E2E_DEMO names the demo.json of a running program");
  return demo;
}

/** Calls the API as the demonstration's token; anything but a success is an error. */
export async function call<T>(demo: Demo, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${demo.console_url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${demo.api_token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said}`);
  return (said === "" ? undefined : JSON.parse(said)) as T;
}

/** Fills in the form that stands before everything. */
export async function signIn(page: Page, who: Demo["sign_in"]): Promise<void> {
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.keyboard.press("Enter");
}

/** A wide screen on which somebody has signed in. */
export async function signedIn(browser: Browser, demo: Demo): ReturnType<typeof open> {
  const opened = await open(browser, { width: 1440, height: 900, scheme: "light" });
  await opened.page.goto(demo.console_url);
  await signIn(opened.page, demo.sign_in);
  await opened.page.getByRole("link", { name: /Services/ }).first().waitFor();
  return opened;
}
