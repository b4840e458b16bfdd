import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
const B = process.env.B ?? "http://127.0.0.1:18471";
const pw = /Password\s+(\S+)/.exec(readFileSync("/tmp/inq.log", "utf8"))[1];
const out = process.env.OUT ?? "/tmp/inqcrawl";
const tabs = (process.env.TABS ?? "timeline,tasks,investigation,board,messages,room,recovery,partners,impact,pages,alerts,clocks").split(",");
const schemes = (process.env.SCHEMES ?? "light").split(",");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
for (const w of [1440, 375]) for (const scheme of schemes) {
  const ctx = await browser.newContext({ viewport: { width: w, height: w > 700 ? 900 : 812 }, reducedMotion: "reduce", colorScheme: scheme, locale: "en-GB", timezoneId: "UTC", isMobile: w < 700, hasTouch: w < 700 });
  const page = await ctx.newPage();
  let where = "";
  page.on("console", (m) => m.type() === "error" && console.log(w, where, "console:", m.text().slice(0, 200)));
  page.on("pageerror", (e) => console.log(w, where, "pageerror:", String(e).slice(0, 300)));
  page.on("response", (r) => r.status() >= 400 && console.log(w, where, r.status(), r.request().method(), r.url()));
  where = "sign-in";
  await page.goto(B + "/sign-in");
  await page.getByLabel(/mail/i).fill("ana@techflowsolutions.com");
  await page.getByRole("textbox", { name: "Password" }).fill(pw);
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.waitForTimeout(1500);
  for (const t of tabs) {
    where = t;
    await page.goto(t.startsWith("/") ? B + t : `${B}/incidents/INC-1?tab=${t}`);
    await page.waitForTimeout(1800);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) console.log(w, t, "scrolls sideways", over);
    await page.screenshot({ path: `${out}/${t.replace(/\W+/g, "_")}-${w}${scheme === "dark" ? "-dark" : ""}.png`, fullPage: true });
  }
  await ctx.close();
}
await browser.close();
