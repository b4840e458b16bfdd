// The public page of the real program: every language, scheme and size, without
// JavaScript, under axe and Lighthouse; and read by clients that others wrote.
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Browser, type BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { accessible, executable, fits, launch, picture } from "./browser";
import { call, needed } from "./demo";

const demo = needed();
const page = demo.page_url;

const api = <T>(method: string, path: string, body?: unknown) => call<T>(demo, method, path, body);

const read = async (path: string, headers: Record<string, string> = {}) => fetch(page + path, { headers }).then((r) => r.text());

const logo = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32" onload="alert(1)"><script>alert(2)</script><rect width="120" height="32" rx="8" fill="#ffffff"/><path d="M12 16l6 6 12-14" fill="none" stroke="#0b2230" stroke-width="4"/></svg>').toString("base64");

let browser: Browser;
let incident = "";

beforeAll(async () => {
  browser = await launch();
  await api("PUT", "/components/access", { name: "Access", position: 1 });
  await api("PUT", "/components/sign-in", { name: "Sign-in", description: "Log-in page, single sign-on and sessions", group: "access" });
  const auth = await api<Record<string, unknown>>("GET", "/services/auth");
  for (const told of ["version", "updated_at", "$schema"]) delete auth[told];
  await api("PUT", "/services/auth", { ...auth, component: "sign-in" });
  await api("PUT", "/status-page", { name: "TechFlow", logo: { type: "image/svg+xml", data: logo }, accent: "#0f5c6e", accent_dark: "#7fd8ea", band: "#0b2230", band_text: "#ffffff", support: "https://support.techflow.example", footer: "TechFlow Inc." });
  const at = (min: number) => new Date(Date.now() + min * 60_000).toISOString();
  await api("POST", "/maintenances", { title: "db-7 to 16.2", reason: "CHG-1", services: ["reporting"], starts_at: at(-10), ends_at: at(120), public: { title: "Report engine upgrade", text: "Exports may wait for up to ten minutes. **Nothing is lost.**" } });
  await api("POST", "/maintenances", { title: "certs", reason: "CHG-2", services: ["api"], starts_at: at(3000), ends_at: at(3090), public: { title: "Certificate renewal", text: "You need not do anything." } });
  const inc = await api<{ number: number }>("POST", "/incidents", { service: "auth", severity: "P1", title: "internal words" });
  const say = (status: string, text: string) => api("POST", `/incidents/INC-${inc.number}/messages`, { audience: "customers", channels: ["status_page"], status, subject: "Sign-in is not working", text, publish: true });
  await say("investigating", "We are investigating failing sign-ins.");
  await say("identified", "**We are rolling back** a change. <script>alert(1)</script> Your data is safe.");
  await vi.waitFor(async () => {
    const front = await read("/");
    expect(front).toContain("We are rolling back");
    expect(front).toContain("Report engine upgrade");
  }, { timeout: 15_000 });
  incident = (JSON.parse(await read("/api/v2/incidents/unresolved.json")) as { incidents: { id: string }[] }).incidents[0]!.id;
});

afterAll(async () => {
  await browser.close();
});

async function opened<T>(options: Parameters<Browser["newContext"]>[0], use: (c: BrowserContext) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  try {
    return await use(context);
  } finally {
    await context.close();
  }
}

const languages = { en: "Past incidents", de: "Vergangene Vorfälle", fr: "Incidents passés", es: "Incidentes pasados" } as const;

test.each(Object.entries(languages))("the page in %s is accessible in both schemes and sizes", async (lang, says) => {
  for (const width of [1440, 375]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await opened({ viewport: { width, height: 900 }, colorScheme, locale: lang }, async (c) => {
        const p = await c.newPage();
        const problems: string[] = [];
        p.on("console", (m) => m.type() === "error" && problems.push(m.text()));
        for (const [name, path] of [["front", "/"], ["history", "/history"], ["subscribe", "/subscribe"], ["feedback", "/feedback"], ["incident", `/incidents/${incident}`]] as const) {
          if ((name === "incident" || name === "feedback") && lang !== "en") continue; // its words are those of the others
          await p.goto(page + path);
          expect(await p.getAttribute("html", "lang")).toBe(lang);
          if (name === "front") expect(await p.textContent("body")).toContain(says);
          const where = `${name} ${lang} ${width} ${colorScheme}`;
          await fits(p, where);
          await accessible(p, where);
          if (lang === "en" || name === "front") await picture(p, `page-${name}-${lang}-${width}-${colorScheme}`, true);
        }
        expect(problems).toEqual([]);
      });
    }
  }
});

test("without JavaScript nothing is missing, and nothing scrolls sideways at 375 px", async () => {
  await opened({ viewport: { width: 375, height: 812 }, javaScriptEnabled: false }, async (c) => {
    const p = await c.newPage();
    const foreign: string[] = [];
    p.on("request", (r) => !r.url().startsWith(page) && foreign.push(r.url()));
    for (const path of ["/", "/history", `/incidents/${incident}`, "/nothing"]) {
      await p.goto(page + path);
      // What is wider than the window would be reached by scrolling: the box of the document says it without a script.
      const box = await p.locator("html").boundingBox();
      expect(box?.width, path).toBeLessThanOrEqual(375);
      await picture(p, `page-noscript-375${path.replaceAll("/", "-")}`.replace(incident, "incident"), true);
    }
    await p.goto(page);
    const text = (await p.textContent("body")) ?? "";
    for (const want of ["Sign-in is not working", "We are rolling back", "Report engine upgrade", "Certificate renewal", "Access", "TechFlow Inc."]) expect(text).toContain(want);
    expect(text).not.toContain("internal words");
    expect(await p.locator("main script, header script").count()).toBe(0);
    expect(await p.locator(".brand img").evaluateAll((all) => all.length).catch(() => 1)).toBe(1);
    expect(foreign, "an asset of others").toEqual([]);
  });
  const svg = await read(/src="(\/logo-[^"]+)"/.exec(await read("/"))![1]!);
  expect(svg).not.toMatch(/script|onload/);
});

const letters = async (to: string): Promise<string[]> => fetch(`${process.env["ALLCLEAR_E2E_LETTERS"]}/?to=${encodeURIComponent(to)}`).then((r) => r.json() as Promise<string[]>);

test("a reader subscribes by mail, chooses and leaves", async () => {
  for (const width of [1440, 375]) {
    for (const colorScheme of ["light", "dark"] as const) {
      const to = `mia.${width}.${colorScheme}@reader.example`;
      await opened({ viewport: { width, height: 900 }, colorScheme, locale: "en" }, async (c) => {
        const p = await c.newPage();
        const seen = async (name: string) => {
          await fits(p, `${name} ${width} ${colorScheme}`);
          await accessible(p, `${name} ${width} ${colorScheme}`);
          await picture(p, `page-${name}-en-${width}-${colorScheme}`, true);
        };
        await p.goto(page);
        await p.getByRole("link", { name: "Get updates" }).or(p.getByRole("link", { name: "Subscribe" })).first().click();
        await p.getByRole("textbox", { name: "Address" }).fill("nobody");
        await p.getByRole("button", { name: "Subscribe" }).click();
        await p.getByRole("alert").waitFor();
        await seen("subscribe-refused");
        await p.getByRole("textbox", { name: "Address" }).fill(to);
        await p.getByRole("button", { name: "Subscribe" }).click();
        await p.getByText("Look into your mailbox").waitFor();
        await seen("mailed");
        let link: string | undefined;
        await vi.waitFor(async () => {
          link = /http:\/\/\S+\/subscriptions\/confirm\/[\w.~-]+/.exec((await letters(to)).join("\n"))?.[0];
          expect(link).toBeDefined();
        }, { timeout: 15_000 });
        await p.goto(page + new URL(link!).pathname);
        await p.getByRole("heading", { name: "Confirm your subscription" }).waitFor();
        await seen("confirm");
        await p.getByRole("button", { name: "Confirm" }).click();
        await p.getByText("It is confirmed").waitFor();
        await seen("manage");
        await p.getByLabel("Planned maintenance").uncheck();
        await p.getByRole("button", { name: "Save" }).click();
        await p.getByText("Saved.").waitFor();
        expect(await p.getByLabel("Planned maintenance").isChecked()).toBe(false);
        await p.getByRole("button", { name: "Unsubscribe" }).click();
        await p.getByText("You are unsubscribed").waitFor();
        await seen("unsubscribed");
      });
    }
  }
});

// The client asks ID.statuspage.io over TLS. It honours the proxy of its environment, as
// clients in companies do; the proxy is our map from that host to our listener.
test("statuspage.js reads the page unchanged", async () => {
  const asked: string[] = [];
  const map: Server = createServer((req, res) => {
    const url = new URL(req.url ?? "/");
    asked.push(url.host);
    request(page + url.pathname, { headers: { accept: req.headers.accept ?? "*/*" } }, (from) => {
      res.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(res);
    }).end();
  });
  await new Promise<void>((ready) => map.listen(0, "127.0.0.1", ready));
  process.env["https_proxy"] = `http://127.0.0.1:${(map.address() as AddressInfo).port}`;
  try {
    const { Statuspage } = (await import("statuspage.js")) as unknown as { Statuspage: new (id: string) => Record<string, () => Promise<any>> };
    const client = new Statuspage("techflow");
    const summary = await client["summary"]!();
    expect(summary.page.name).toBe("TechFlow");
    expect(summary.page.updated_at).toBeInstanceOf(Date);
    expect(summary.status.indicator).toBe("critical");
    expect(summary.incidents[0]).toMatchObject({ name: "Sign-in is not working", status: "identified", impact: "critical", resolved_at: null });
    expect(summary.incidents[0].incident_updates[0].affected_components === null || Array.isArray(summary.incidents[0].incident_updates[0].affected_components)).toBe(true);
    expect(summary.scheduled_maintenances.map((m: { status: string }) => m.status).sort()).toEqual(["in_progress", "scheduled"]);
    expect((await client["status"]!()).status.description).toBe("Major Service Outage");
    const parts = (await client["components"]!()).components as { id: string; name: string; group: boolean; group_id: string | null; status: string; components?: string[] }[];
    const group = parts.find((c) => c.group)!;
    expect(group).toMatchObject({ name: "Access", status: "major_outage" });
    expect(parts.find((c) => c.name === "Sign-in")).toMatchObject({ group_id: group.id, status: "major_outage" });
    expect((await client["unresolvedIncidents"]!()).incidents).toHaveLength(1);
    expect((await client["allIncidents"]!()).incidents.length).toBeGreaterThan(0);
    expect((await client["activeScheduledMaintenances"]!()).scheduled_maintenances[0].scheduled_until).toBeInstanceOf(Date);
    expect((await client["allScheduledMaintenances"]!()).scheduled_maintenances).toHaveLength(2);
    expect(new Set(asked)).toEqual(new Set(["techflow.statuspage.io"]));
  } finally {
    delete process.env["https_proxy"];
    map.close();
  }
});

test("rss-parser reads both feeds", async () => {
  const { default: Parser } = await import("rss-parser");
  for (const path of ["/history.rss", "/history.atom", "/de/history.atom"]) {
    const feed = await new Parser().parseURL(page + path);
    expect(feed.title, path).toContain("TechFlow");
    expect(feed.items.map((i) => i.title)).toEqual(expect.arrayContaining(["Sign-in is not working", "Certificate renewal"]));
    for (const i of feed.items) expect(new Date(i.isoDate ?? "").getTime(), `${path} ${i.title}`).toBeGreaterThan(0);
    expect(feed.items.find((i) => i.title === "Sign-in is not working")!.content).toContain("<strong>We are rolling back</strong>");
  }
});

test("rss-parser reads the feeds of a component, and of no other", async () => {
  const { default: Parser } = await import("rss-parser");
  const { components } = JSON.parse(await read("/api/v2/components.json")) as { components: { id: string; name: string; group: boolean }[] };
  const of = (name: string) => components.find((c) => c.name === name)!.id;
  const renewal = await touchedBy("Certificate renewal");
  for (const form of ["rss", "atom"]) {
    const signIn = await new Parser().parseURL(`${page}/components/${of("Sign-in")}.${form}`);
    expect(signIn.title, form).toContain("Sign-in");
    expect(signIn.items.map((i) => i.title), form).toEqual(["Sign-in is not working"]);
    expect(new Date(signIn.items[0]!.isoDate ?? "").getTime(), form).toBeGreaterThan(0);
    expect(signIn.items[0]!.content, form).toContain("<strong>We are rolling back</strong>");
    expect(signIn.items[0]!.link, form).toContain(incident);
    const renewed = await new Parser().parseURL(`${page}/components/${renewal}.${form}`);
    expect(renewed.items.map((i) => i.title), form).toContain("Certificate renewal");
    expect(renewed.items.map((i) => i.title), form).not.toContain("Report engine upgrade");
  }
});

/** The component that an announced maintenance is about. */
async function touchedBy(maintenance: string): Promise<string> {
  const { scheduled_maintenances: all } = JSON.parse(await read("/api/v2/scheduled-maintenances.json")) as { scheduled_maintenances: { name: string; components: { id: string }[] }[] };
  return all.find((m) => m.name === maintenance)!.components[0]!.id;
}

test("Lighthouse is satisfied", async () => {
  const { default: lighthouse } = await import("lighthouse");
  // A port of its own: Lighthouse speaks to the browser itself.
  const free = createServer();
  await new Promise<void>((ready) => free.listen(0, "127.0.0.1", ready));
  const { port } = free.address() as AddressInfo;
  await new Promise<void>((done) => free.close(() => done()));
  const own = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", `--remote-debugging-port=${port}`] });
  try {
    for (const path of ["/", "/history", `/incidents/${incident}`]) {
      const run = await lighthouse(page + path, { port, output: "json", logLevel: "error", onlyCategories: ["performance", "accessibility", "best-practices", "seo"] });
      const scores = Object.fromEntries(Object.entries(run!.lhr.categories).map(([k, c]) => [k, Math.round((c.score ?? 0) * 100)]));
      console.log(`lighthouse ${path}: ${Object.entries(scores).map(([k, v]) => `${k} ${v}`).join(", ")}`);
      const failed = Object.values(run!.lhr.audits).filter((a) => a.score !== null && a.score < 0.9).map((a) => `${a.id} ${a.score}`);
      for (const category of ["accessibility", "best-practices", "seo"]) expect(scores[category], `${category} of ${path}: ${failed.join(", ")}`).toBeGreaterThanOrEqual(95);
      // Measured time is the machine's too: the weight of the page is what we hold it to beside the score.
      expect(scores["performance"], `performance of ${path}: ${failed.join(", ")}`).toBeGreaterThanOrEqual(90);
      expect(run!.lhr.audits["total-byte-weight"]!.numericValue, "bytes").toBeLessThan(60_000);
    }
  } finally {
    await own.close();
  }
}, 300_000);
