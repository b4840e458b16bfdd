import { chromium } from "playwright-core";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu","--disable-background-networking"] });
const list = process.argv.slice(2);
for (const spec of list) {
  const [name,url,w,scheme,js] = spec.split(",");
  const c = await b.newContext({ viewport: { width: +w, height: 900 }, colorScheme: scheme, javaScriptEnabled: js !== "nojs" });
  const p = await c.newPage(); const problems=[]; p.on("console", m => m.type()==="error" && problems.push(m.text()));
  await p.goto(url); await p.screenshot({ path: `/work/shots/page/${name}.png`, fullPage: true });
  const over = js==="nojs" ? "" : await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  console.log(name, "over", over, problems.join("|")); await c.close();
}
await b.close();
