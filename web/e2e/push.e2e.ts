// A page reaches a phone: the console turns pushes on, the program pages, this
// file is the push service, which cannot read what it carries and delivers it to
// the real service worker; the answer goes back from the notification. Needs a
// running `allclear serve --demo --allow-outbound 127.0.0.0/8`
// (ALLCLEAR_E2E_DEMO names its demo.json).
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, CDPSession, Page, Worker } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, fits, launch, open, picture } from "./browser";
import { call, needed, signIn as fillIn, type Demo } from "./demo";

interface Shown {
  title: string;
  body: string;
  tag: string;
  actions: string[];
}

/** The browser's side of RFC 8291, beside the browser, which has no push service here. */
const browserKey = createECDH("prime256v1");
browserKey.generateKeys();
const auth = randomBytes(16);

function decrypt(body: Buffer): string {
  const [salt, sender] = [body.subarray(0, 16), body.subarray(21, 86)];
  const secret = browserKey.computeSecret(sender);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), browserKey.getPublicKey(), sender]);
  const ikm = Buffer.from(hkdfSync("sha256", secret, auth, info, 32));
  const key = Buffer.from(hkdfSync("sha256", ikm, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16));
  const nonce = Buffer.from(hkdfSync("sha256", ikm, salt, Buffer.from("Content-Encoding: nonce\0"), 12));
  const open = createDecipheriv("aes-128-gcm", key, nonce);
  open.setAuthTag(body.subarray(-16));
  const text = Buffer.concat([open.update(body.subarray(86, -16)), open.final()]);
  return text.subarray(0, text.lastIndexOf(2)).toString("utf8");
}

let browser: Browser;
let demo: Demo;
let service: Server;
let endpoint = "";
const posted: string[] = []; // what came to a contact of the channel webhook
const came: string[] = [];

beforeAll(async () => {
  demo = needed();
  service = createServer((req: IncomingMessage, res) => {
    const parts: Buffer[] = [];
    req.on("data", (d: Buffer) => parts.push(d));
    req.on("end", () => {
      if (req.url === "/hook") {
        posted.push(Buffer.concat(parts).toString("utf8"));
        res.writeHead(200).end();
        return;
      }
      came.push(decrypt(Buffer.concat(parts)));
      res.writeHead(201).end();
    });
  });
  await new Promise<void>((ready) => service.listen(0, "127.0.0.1", ready));
  endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}/device`;
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  service?.close();
});

const api = <T>(method: string, path: string, body?: unknown) => call<T>(demo, method, path, body);

/** Stands in for the browser's push service, which a machine without the Internet has not. */
async function subscribeHere(page: Page): Promise<void> {
  const keys = { p256dh: browserKey.getPublicKey().toString("base64url"), auth: auth.toString("base64url") };
  await page.addInitScript(({ to, k }) => {
    const sub = { endpoint: to, toJSON: () => ({ endpoint: to, keys: k }), unsubscribe: () => Promise.resolve(true) };
    PushManager.prototype.subscribe = () => Promise.resolve(sub as unknown as PushSubscription);
    PushManager.prototype.getSubscription = () => Promise.resolve(null);
    Notification.requestPermission = () => Promise.resolve("granted");
  }, { to: endpoint, k: keys });
}

async function signIn(page: Page): Promise<void> {
  await page.goto(demo.console_url);
  await fillIn(page, demo.sign_in);
  await page.getByText("Live", { exact: false }).first().waitFor();
}

async function registration(cdp: CDPSession): Promise<string> {
  const found = new Promise<string>((done) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const r = registrations.find((x) => x.scopeURL.startsWith(demo.console_url) && !x.isDeleted);
      if (r) done(r.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  return found;
}

const shown = (page: Page): Promise<Shown[]> =>
  page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => ({ title: n.title, body: n.body, tag: n.tag, actions: ((n as unknown as { actions?: { action: string }[] }).actions ?? []).map((a) => a.action) })));

/** Presses a button of the newest notification that has it, as the system would. */
async function press(worker: Worker, tag: string, action: string): Promise<void> {
  await worker.evaluate(async ([t, a]) => {
    const sw = self as unknown as ServiceWorkerGlobalScopeLike;
    const [n] = await sw.registration.getNotifications({ tag: t });
    try {
      self.dispatchEvent(new sw.NotificationEvent("notificationclick", { notification: n, action: a }));
    } catch {
      // an event that is not the browser's own cannot be waited for; the work has begun
    }
  }, [tag, action] as const);
}

interface ServiceWorkerGlobalScopeLike {
  registration: { getNotifications(f: { tag: string }): Promise<Notification[]> };
  NotificationEvent: new (type: string, init: object) => Event;
}

async function pageAna(title: string): Promise<{ number: number; push: { key: string; code: string; title: string } }> {
  const before = came.length;
  const inc = await api<{ number: number }>("POST", "/incidents", { service: "reporting", severity: "P3", title });
  await api("POST", `/incidents/${inc.number}/escalate`, { to: "person:ana", text: "Please look at it." });
  await expect.poll(() => came.slice(before).some((p) => p.includes(`INC-${inc.number}`) && p.includes('"code"'))).toBe(true);
  return { number: inc.number, push: JSON.parse(came.slice(before).find((p) => p.includes(`INC-${inc.number}`) && p.includes('"code"'))!) as { key: string; code: string; title: string } };
}

const stateOf = async (n: number): Promise<string[]> => (await api<{ items: { to: string; state: string }[] }>("GET", `/incidents/${n}/pages`)).items.filter((p) => p.to === "ana").map((p) => p.state);

const confirmed = async (key: string): Promise<string | undefined> => (await api<{ items: { key: string; confirmation?: string }[] }>("GET", "/deliveries?kind=page&limit=500")).items.find((d) => d.key === key)?.confirmation;

async function setUp(context: BrowserContext, page: Page): Promise<{ cdp: CDPSession; id: string; worker: Worker }> {
  await context.grantPermissions(["notifications"], { origin: demo.console_url });
  await subscribeHere(page);
  await signIn(page);
  const cdp = await context.newCDPSession(page);
  const id = await registration(cdp);
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  return { cdp, id, worker };
}

test("a page arrives on the phone and is answered from the notification", async () => {
  const { context, page, problems } = await open(browser, { width: 375, height: 812, scheme: "dark" });
  const { cdp, id, worker } = await setUp(context, page);
  await page.goto(`${demo.console_url}/me`);
  await page.getByRole("button", { name: "Turn pushes on here" }).click();
  await page.getByText("this device", { exact: true }).waitFor();
  await fits(page, "my contacts");
  await accessible(page, "my contacts");
  await picture(page, "push-on-375");

  await page.getByRole("button", { name: /Send a test page to Chrome/ }).click();
  await page.getByText("The provider has accepted it.").waitFor();
  await page.getByText("201 Created").waitFor();
  expect(came.at(-1)).toContain("Test page for");

  const deliver = (push: object) => cdp.send("ServiceWorker.deliverPushMessage", { origin: demo.console_url, registrationId: id, data: JSON.stringify(push) });

  // Answered from the notification.
  const one = await pageAna("Exports are slow");
  await deliver(one.push);
  await expect.poll(() => shown(page)).toContainEqual(expect.objectContaining({ title: one.push.title, actions: ["acknowledge"] }));
  await expect.poll(() => confirmed(one.push.key)).toBe("delivered"); // the worker said so
  await press(worker, one.push.key, "acknowledge");
  await expect.poll(() => stateOf(one.number)).toContain("acknowledged");
  await expect.poll(async () => (await shown(page)).map((n) => n.title)).toContain(`Acknowledged: INC-${one.number}`);

  // Where it stood, a quiet word stands when nobody need answer any more.
  const three = await pageAna("Exports are late");
  await deliver(three.push);
  await expect.poll(async () => (await shown(page)).map((n) => n.tag)).toContain(three.push.key);
  await api("POST", `/incidents/${three.number}/acknowledge`);
  const end = () => came.find((p) => p.includes(`INC-${three.number}`) && p.includes('"kind":"end"'));
  await expect.poll(end).toBeDefined();
  await deliver(JSON.parse(end()!) as object);
  await expect.poll(async () => (await shown(page)).find((n) => n.tag === three.push.key)).toMatchObject({ title: `INC-${three.number}: your answer is not needed any more`, actions: [] });

  // Without a network the answer waits, and says so; it goes out by itself later.
  const two = await pageAna("Exports fail");
  await deliver(two.push);
  await expect.poll(async () => (await shown(page)).map((n) => n.tag)).toContain(two.push.key);
  await worker.evaluate(() => {
    const scope = self as unknown as { fetch: unknown; held: unknown };
    scope.held = scope.fetch;
    scope.fetch = () => Promise.reject(new TypeError("no network"));
  });
  await press(worker, two.push.key, "acknowledge");
  await expect.poll(async () => (await shown(page)).map((n) => n.title)).toContain(`Not sent yet: INC-${two.number}`);
  expect(await stateOf(two.number)).not.toContain("acknowledged");
  const online = () => page.evaluate(async () => (await navigator.serviceWorker.ready).active?.postMessage({ type: "online" }));
  await worker.evaluate(() => {
    const scope = self as unknown as { fetch: unknown; held: unknown };
    scope.fetch = scope.held;
  });
  await online();
  await expect.poll(() => stateOf(two.number)).toContain("acknowledged");
  await expect.poll(async () => (await shown(page)).map((n) => n.title)).toContain(`Acknowledged: INC-${two.number}`);

  // An answer to what is over is refused, and the refusal is shown.
  await api("POST", `/incidents/${one.number}/resolve`, { reason: "done" });
  await deliver({ ...one.push, key: "late" });
  await expect.poll(async () => (await shown(page)).map((n) => n.tag)).toContain("late");
  await press(worker, "late", "acknowledge");
  await expect.poll(async () => (await shown(page)).map((n) => n.title)).toContain(`Not taken: INC-${one.number}`);

  // Only the shell is kept, never data.
  const kept = await worker.evaluate(async () => (await Promise.all((await caches.keys()).map(async (k) => (await (await caches.open(k)).keys()).map((r) => new URL(r.url).pathname)))).flat());
  expect(kept).toContain("/");
  expect(kept.filter((p) => p !== "/" && !p.startsWith("/assets/") && !["/icon.svg", "/manifest.webmanifest"].includes(p))).toEqual([]);
  expect(problems).toEqual([]);
  await context.close();
});

test("a contact is added, and proven by the code that went there", async () => {
  const { context, page, problems } = await open(browser, { width: 1440, height: 900, scheme: "light" });
  await signIn(page);
  await page.goto(`${demo.console_url}/me`);
  await page.getByText("How I am paged").waitFor();
  await page.keyboard.press("a");
  await page.getByLabel("Channel", { exact: true }).first().click();
  await page.getByRole("option", { name: "Webhook" }).click();
  const address = endpoint.replace("/device", "/hook");
  await page.getByLabel("Where signed JSON is posted").fill(address);
  await page.getByRole("button", { name: "Add and send a code" }).click();
  await page.getByText("Enter the six digits").waitFor();
  await expect.poll(() => posted.length).toBe(1);
  await accessible(page, "code");
  await picture(page, "contact-code-1440");

  const code = /\b\d{6}\b/.exec((JSON.parse(posted[0]!) as { data: { text: string } }).data.text)![0];
  const enter = async (digits: string) => {
    await page.keyboard.type(digits); // the first of them has the focus
    await page.getByRole("button", { name: "Verify", exact: true }).click();
  };
  await enter(code === "000000" ? "000001" : "000000");
  await page.getByText("the code is wrong").waitFor();
  await expect.poll(() => page.getByRole("dialog").locator("input").first().evaluate((e: HTMLInputElement) => e.value === "" && e === document.activeElement)).toBe(true);
  problems.length = 0; // the refusal is one the browser logs
  await enter(code);
  await page.getByText("Enter the six digits").waitFor({ state: "hidden" });
  const row = page.getByRole("listitem").filter({ hasText: address });
  await row.getByText("verified", { exact: true }).waitFor();

  await row.getByRole("button", { name: /Send a test page/ }).click();
  await page.getByText("The provider has accepted it.").waitFor();
  expect(posted).toHaveLength(2);
  await row.getByRole("button", { name: /Remove/ }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await row.waitFor({ state: "detached" });
  expect(problems).toEqual([]);
  await context.close();
});
