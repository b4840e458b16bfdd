// The users of an affected customer see a notice in a product's own page under a
// strict Content-Security-Policy, others do not; it turns on resolution, can be
// dismissed, and markup in it is text. Needs a running `allclear serve --demo`
// (ALLCLEAR_E2E_DEMO names its demo.json) that allows the origin ALLCLEAR_E2E_HOST.
import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, fits, launch, open, picture } from "./browser";
import { call, needed, type Demo } from "./demo";

const host = process.env["ALLCLEAR_E2E_HOST"] ?? "";
let browser: Browser;
let demo: Demo;
let product: Server;
let stranger: Server;
let key: { id: string; secret: string };
let life = 3600;

const text = "text/html; charset=utf-8";
const part = (v: unknown) => Buffer.from(JSON.stringify(v)).toString("base64url");

/** What the product's own server does for a signed-in user. */
function token(tenant: string): string {
  const body = `${part({ alg: "HS256", typ: "JWT", kid: key.id })}.${part({ tenant, sub: "user-1", exp: Math.floor(Date.now() / 1000) + life })}`;
  return `${body}.${createHmac("sha256", key.secret).update(body).digest("base64url")}`;
}

const api = <T>(method: string, path: string, body?: unknown) => call<T>(demo, method, path, body);

/** A product: one page for each tenant, nothing inline, scripts of the status page alone. */
function serveProduct(): Server {
  return createServer((req, res) => {
    const tenant = new URL(req.url ?? "/", "http://x").searchParams.get("tenant") ?? "";
    if (req.url?.startsWith("/token")) {
      res.writeHead(200, { "Content-Type": "text/plain" }).end(token(tenant));
      return;
    }
    const policy = `default-src 'none'; script-src ${demo.page_url}; connect-src 'self' ${demo.page_url}; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
    res.writeHead(200, { "Content-Type": text, "Content-Security-Policy": policy });
    res.end(`<!doctype html><html lang="de"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Product</title><link rel="icon" href="data:,"></head>
<body><main><h1>Product of ${tenant}</h1></main><script src="${demo.page_url}/in-app/v1/banner.js" data-token-url="/token?tenant=${tenant}" defer></script></body></html>`);
  });
}

beforeAll(async () => {
  demo = needed();
  key = await api("POST", "/in-app/keys");
  for (const [id, service] of [["inside", "auth"], ["outside", "reporting"]]) {
    await api("PUT", `/customers/${id}`, { id, name: id, tier: "standard", vip: false, major_account: false, services: [service], contract: {} });
  }
  product = serveProduct();
  await new Promise<void>((go) => product.listen(Number(new URL(host).port), "127.0.0.1", go));
  stranger = serveProduct();
  await new Promise<void>((go) => stranger.listen(0, "127.0.0.1", go));
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
  for (const s of [product, stranger]) {
    s.closeAllConnections();
    s.close();
  }
});

const banner = (page: Page) => page.locator("allclear-banner li");
const attack = `<img src=x onerror="document.title='pwned'"> Anmeldung gestört`;

test("affected users see the notice, others do not, and it turns on resolution", async () => {
  const inside = await open(browser, { width: 1440, height: 900, scheme: "light" });
  const outside = await open(browser, { width: 375, height: 812, scheme: "dark" });
  await inside.page.goto(`${host}/?tenant=inside`);
  await outside.page.goto(`${host}/?tenant=outside`);
  // P2: what depends on the service is not away.
  const inc = await api<{ number: number }>("POST", "/incidents", { title: "Sign-in fails", service: "auth", severity: "P2" });
  const message = await api<{ id: string }>("POST", `/incidents/${inc.number}/updates`, { audience: "customers", channels: ["in_app"], subject: attack, text: "Erste Zeile.\n<script>document.title='pwned'</script>" });
  await banner(inside.page).waitFor();
  expect(await banner(inside.page).innerText()).toContain(attack);
  expect(await banner(inside.page).innerText()).toContain("Wird untersucht");
  expect(await banner(inside.page).innerText()).toContain("<script>");
  expect(await inside.page.title()).toBe("Product");
  await accessible(inside.page, "the product's page");
  await picture(inside.page, "inapp-notice");

  await api("POST", `/incidents/${inc.number}/updates`, { audience: "customers", channels: ["in_app"], status: "identified", subject: "Anmeldung gestört", text: "Wir kennen die Ursache." });
  await inside.page.locator("allclear-banner p", { hasText: "Ursache" }).waitFor();
  expect(await banner(inside.page).count()).toBe(1);
  await inside.page.locator("allclear-banner button").click();
  await banner(inside.page).waitFor({ state: "detached" });
  await inside.page.reload();
  await inside.page.waitForTimeout(1500); // the stream has answered by then; nothing shows that it did
  expect(await banner(inside.page).count()).toBe(0);

  await api("POST", `/incidents/${inc.number}/resolve`, { reason: "fixed" });
  await inside.page.locator("allclear-banner li.over").waitFor();
  expect(await banner(inside.page).innerText()).toContain("Behoben");
  await fits(inside.page, "the product's page");
  await picture(inside.page, "inapp-resolved");
  await inside.page.setViewportSize({ width: 375, height: 812 });
  await inside.page.emulateMedia({ colorScheme: "dark" });
  await picture(inside.page, "inapp-resolved-phone");

  expect(await banner(outside.page).count()).toBe(0);
  expect(inside.problems).toEqual([]);
  expect(outside.problems).toEqual([]);
  for (let told = 0; told !== 1; ) {
    const all = await api<{ items: { id: string; users_told: number }[] }>("GET", `/incidents/${inc.number}/messages`);
    told = all.items.find((m) => m.id === message.id)?.users_told ?? 0;
  }
  await inside.context.close();
  await outside.context.close();
});

test("pages of other origins, other tenants' tokens and forged ones read nothing", async () => {
  const ask = (auth: string, origin?: string) => fetch(`${demo.page_url}/in-app/v1/notices`, { headers: { Authorization: auth, ...(origin ? { Origin: origin } : {}) } });
  const inside = await ask(`Bearer ${token("inside")}`, host);
  expect(inside.status).toBe(200);
  expect(inside.headers.get("access-control-allow-origin")).toBe(host);
  expect(((await inside.json()) as { items: unknown[] }).items).toHaveLength(1);
  const outside = await ask(`Bearer ${token("outside")}`);
  expect(((await outside.json()) as { items: unknown[] }).items).toEqual([]);
  expect((await ask(`Bearer ${token("inside")}`, "https://evil.example")).status).toBe(403);
  const [head, , signature] = token("outside").split(".");
  const claims = part({ tenant: "inside", sub: "user-1", exp: Math.floor(Date.now() / 1000) + 60 });
  expect((await ask(`Bearer ${head}.${claims}.${signature}`)).status).toBe(401);
  life = 30 * 86_400;
  expect((await ask(`Bearer ${token("inside")}`)).status).toBe(401);
  life = 3600;

  const from = stranger.address() as { port: number };
  const page = await open(browser, { width: 1440, height: 900, scheme: "light" });
  await page.page.goto(`http://127.0.0.1:${from.port}/?tenant=inside`);
  await page.page.waitForTimeout(1000); // nothing shows that nothing comes
  expect(await banner(page.page).count()).toBe(0);
  await page.context.close();

  await api("DELETE", `/in-app/keys/${key.id}`);
  await expect.poll(async () => (await ask(`Bearer ${token("inside")}`)).status, { timeout: 5000 }).toBe(401);
});
