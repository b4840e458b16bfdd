// The installed Chromium, driven by playwright-core, and what every browser
// test checks on the way: no console error, no refused resource, no axe finding,
// no horizontal scroll.
import AxeBuilder from "@axe-core/playwright";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";

export const shots = process.env["ALLCLEAR_E2E_SHOTS"] ?? "";

export const executable = process.env["ALLCLEAR_CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

export async function launch(): Promise<Browser> {
  if (!executable) throw new Error("no Chromium found: install the package chromium, or name it in ALLCLEAR_CHROMIUM");
  return chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"] });
}

export interface Look {
  width: number;
  height: number;
  scheme: "light" | "dark";
}

export const looks: Look[] = [
  { width: 1440, height: 900, scheme: "light" },
  { width: 1440, height: 900, scheme: "dark" },
  { width: 375, height: 812, scheme: "light" },
  { width: 375, height: 812, scheme: "dark" },
];

/** A context with one look; problems collects what the page complained about. */
export async function open(browser: Browser, look: Look): Promise<{ context: BrowserContext; page: Page; problems: string[] }> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height }, colorScheme: look.scheme, reducedMotion: "reduce", locale: "en-GB", timezoneId: "UTC", hasTouch: look.width < 720, isMobile: look.width < 720,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (m) => {
    if (m.type() === "error" && !m.text().includes("401")) problems.push(`${m.text()} ${m.location().url}`.trim());
  });
  page.on("pageerror", (e) => problems.push(String(e)));
  return { context, page, problems };
}

/** The scheme changes while the page stands; done when it is painted anew. */
export async function turn(page: Page, scheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  // The library says it on the root element a moment after the browser.
  await page.waitForFunction((to) => document.documentElement.getAttribute("data-mantine-color-scheme") === to, scheme);
  await page.evaluate(async () => {
    const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await painted();
    await Promise.all(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished.catch(() => undefined)));
    await painted();
  });
}

export async function picture(page: Page, name: string, whole = false): Promise<void> {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: whole });
}

/** No violation of WCAG 2.2 A and AA that a machine can find. */
export async function accessible(page: Page, where: string): Promise<void> {
  await judged(axe(page).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]), where);
}

/** Enough contrast: all that a change of the scheme can have changed. */
export async function readable(page: Page, where: string): Promise<void> {
  await judged(axe(page).withRules(["color-contrast", "link-in-text-block"]), where);
}

/** Findings alone, without a list of all that is well, and without a second
 * page for frames of other origins, which we have none of. */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
}

async function judged(by: AxeBuilder, where: string): Promise<void> {
  const found = await by.analyze();
  const told = found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.failureSummary?.split("\n")[1] ?? ""}`).join(" | ")}`);
  expect(told, `axe on ${where}`).toEqual([]);
}

export async function fits(page: Page, where: string): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, `${where} scrolls sideways by`).toBeLessThanOrEqual(0);
}
