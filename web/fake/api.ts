// A fake of /api/v1 that keeps its state in memory and behaves like the real
// one where the console depends on it: optimistic states, refusals, gates, the
// stream. For development, unit tests and pictures only; never bundled.
import { sheet } from "./away.ts";
import type { Mention } from "../src/api/outside";
import type { Incident, Message, Task, Ticket } from "../src/api/types";
import { Catalogue } from "./admin.ts";
import { Circle } from "./circle.ts";
import { Money } from "./credits.ts";
import { customers, holder, nameOf, schedules, services } from "./catalogue.ts";
import { Inquiry, refused } from "./inquiry.ts";
import { procedure } from "./procedure.ts";
import { deadEnds, Feeds, loads } from "./rota.ts";
import { componentsOf, countsOf, followingOf, lookOf, readersDone, sentOf, subscribersOf } from "./page.ts";
import { announcedOf, inFull, limitsOf, maintenancesOf } from "./detection.ts";
import { checksOf, feeds, healthChecksOf, mapOf, mentionsOf, tookOf, usageOf, vendors, warningsOf } from "./outside.ts";
import { boardOf, proofOf, templatesOf, toldOf } from "./telling.ts";
import { registryOf } from "./registry.ts";
import { actionsOf, casesOf, partnersOf, recoveryOf, runsOf } from "./remedy.ts";
import { figuresOf } from "./figures.ts";
import { briefOf, impactOf, roomOf, wallOf } from "./hall.ts";
import { actionItemsOf, reviewOf, reviewsOf } from "./review.ts";
import { deliveriesOf } from "./outbox.ts";
import { ticketsOf } from "./tickets.ts";
import { exports41, id, search40, signIn, suspected, type Whole } from "./story.ts";

export interface Answer {
  status: number;
  body?: unknown;
}

type Body = Record<string, unknown>;

const ok = (body: unknown): Answer => ({ status: 200, body });
const list = (items: unknown[]): Answer => ok({ items, next_cursor: "" });

/** A long list comes in pages; shorter ones than the program's, since nobody reads more here. */
const paged = (items: unknown[], query: URLSearchParams): Answer => {
  const from = Number(query.get("cursor") ?? 0), to = from + 40;
  return ok({ items: items.slice(from, to), next_cursor: to < items.length ? String(to) : "" });
};
const no = (status: number, title: string, detail: string, errors: unknown[] = []): Answer => ({ status, body: { type: "about:blank", title, status, detail, errors } });

export const signInWith = { email: "admin@techflowsolutions.com", password: "all-clear-demo" };
const account = { id: "1", email: signInWith.email, role: "admin", person_id: "ana", name: "Ana" };

/** What may be done in a state, as the real one tells. */
function allowed(i: Incident): string[] {
  if (i.status === "closed") return ["notes"];
  if (i.status === "resolved") return ["notes", "messages", "close", "tasks", "reopen"];
  return i.allowed_actions.filter((a) => a !== "reopen" && (a !== "snooze" || i.severity < "P3") && (a !== "wake" || !!i.snoozed_until));
}

export interface FakeOptions {
  /** calm: nothing is open. */
  story?: "fire" | "calm";
  signedIn?: boolean;
  now?: () => number;
}

export class FakeApi {
  private readonly incidents = new Map<number, Whole>();
  readonly catalogue = new Catalogue();
  private readonly feeds = new Feeds();
  private readonly money = new Money();
  private readonly circle = new Circle();
  private readonly listeners = new Set<(text: string) => void>();
  readonly signedIn: boolean;
  private tickets: Ticket[] = [];
  private mentions: Mention[] = [];
  /** Checks somebody has paused, or goes on with. */
  private paused = new Map<string, boolean>();
  private events = 0;
  readonly now: () => number;

  constructor(options: FakeOptions = {}) {
    this.now = options.now ?? (() => Date.now());
    this.signedIn = options.signedIn ?? true;
    if (options.story !== "calm") {
      this.tickets = ticketsOf(this.now());
      this.mentions = mentionsOf(this.now());
      for (const w of [signIn(this.now()), exports41(this.now()), search40(this.now())]) this.incidents.set(w.incident.number, w);
    }
  }

  /** What a monitoring tool sends; opens a suspected P1 or joins one. */
  enqueue(summary: string, serviceId = "auth"): number {
    const n = Math.max(39, ...this.incidents.keys()) + 1;
    const s = services.find((x) => x.id === serviceId) ?? services[0]!;
    this.incidents.set(n, suspected(this.now(), n, summary, { id: s.id, name: s.name }));
    this.tell("incident.opened", n);
    return n;
  }

  subscribe(fn: (text: string) => void): () => void {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  }

  private tell(kind: string, incident?: number): void {
    const eventId = String(++this.events);
    for (const fn of this.listeners) fn(`id: ${eventId}\nevent: change\ndata: ${JSON.stringify({ id: eventId, kind, incident })}\n\n`);
  }

  /** session: whether this caller has one; without it, whether everybody has. */
  handle(method: string, path: string, query: URLSearchParams, body: Body = {}, session = this.signedIn): Answer {
    if (path === "/session") return this.session(method, body, session);
    if (path.startsWith("/wall/")) return this.wall(path.slice("/wall/".length));
    if (!session) return no(401, "Unauthorized", "Sign in first.");
    const parts = path.split("/").filter(Boolean);
    const registry = registryOf(this.now(), this.incidents.size === 0, method, parts, query) ?? this.circle.handle(this.now(), this.incidents.size === 0, method, parts, body);
    if (registry) return registry;
    if (parts[0] === "incidents") return this.incident(method, parts, query, body);
    if (parts[0] === "messages") return this.message(method, parts, body);
    if (parts[0] === "tasks") return this.task(parts, body);
    if (["hypotheses", "solutions", "workstreams"].includes(parts[0] ?? "")) return this.entry(parts, body);
    if (parts[0] === "me" || parts[0] === "push") return this.me(method, parts, query, body);
    if (parts[0] === "calendars") return this.calendars(method, parts, body);
    if (parts[0] === "customers" && parts[2] === "status-page") return this.tenantPage(method, parts[1] ?? "");
    if (method === "POST" && (parts[0] === "tickets" || parts[0] === "customers" && parts[2] === "escalate")) return this.desk(parts, body);
    const around = this.around(method, parts, query, body);
    if (around) return around;
    if (parts[0] === "schedules" && parts[2] === "shifts") return ok({ schedule: parts[1] ?? "", time_zone: "UTC", final: [], gaps: [], layers: [], overrides: [] });
    if (parts[0] === "people" && parts[2] === "absences" && method === "GET") return ok(sheet(this.now()));
    if (parts[0] === "subscribers" && method === "POST") return ok(readersDone(parts[1] ?? "", body));
    return this.catalogue.handle(method, parts, query, body) ?? this.read(parts, query);
  }

  /** Addresses of customers' private pages by their number; a negative one has ended. */
  private addresses = new Map([["customer-0001", 1]]);

  private tenantPage(method: string, customer: string): Answer {
    const last = this.addresses.get(customer) ?? 0;
    if (method === "DELETE") this.addresses.set(customer, -Math.abs(last));
    if (method === "DELETE") return { status: 204 };
    if (method === "POST") this.addresses.set(customer, Math.abs(last) + 1);
    const number = this.addresses.get(customer) ?? 0;
    if (number === 0) return ok({ url: "" });
    return { status: method === "POST" ? 201 : 200, body: { url: number > 0 ? `https://status.techflowsolutions.com/t/${String.fromCharCode(96 + number)}3v7kq2mx5wd4zj6tnyrb2hcgofpleus` : "", since: "2026-02-20T08:05:00Z" } };
  }

  /** How Ana is reached. */
  private own: { channel: string; address: string; label?: string; verified: boolean; implied?: boolean; code_by?: string }[] = [
    { channel: "push", address: "71", label: "Chrome on Android", verified: true },
    { channel: "sms", address: "+15550100001", label: "work phone", verified: true },
    { channel: "voice", address: "+15550100001", verified: false },
    { channel: "email", address: "ana@techflowsolutions.com", verified: true, implied: true },
  ];

  private me(method: string, parts: string[], query: URLSearchParams, body: Body): Answer {
    const ago = (min: number) => new Date(this.now() - min * 60_000).toISOString();
    const what = parts.slice(1).join("/");
    if (parts[0] === "push") return ok({ public_key: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8" });
    if (what === "shifts") return list([]);
    if (what === "push-subscriptions") {
      return list([
        { id: "71", label: "Chrome on Android", host: "fcm.googleapis.com", created_at: ago(90_000), succeeded_at: ago(130) },
        { id: "70", label: "Firefox on Linux", host: "updates.push.services.mozilla.com", created_at: ago(200_000), gone_at: ago(4_000) },
      ]);
    }
    if (what === "test-page") return ok(body["channel"] === "voice" ? { accepted: false, answer: "peer answered 400 Bad Request: number is not verified" } : { accepted: true, answer: "201 Created" });
    if (what === "contacts/verify") {
      if (body["code"] !== "123456") return no(422, "Unprocessable Entity", "the code is wrong, 4 more tries", [{ location: "body.code", message: "not the code that was sent last" }]);
      for (const c of this.own) if (c.address === body["address"] && c.channel === body["channel"]) c.verified = true;
      return { status: 204 };
    }
    if (what !== "contacts") return no(404, "Not Found", `no ${what}`);
    if (method === "DELETE") this.own = this.own.filter((c) => c.channel !== query.get("channel") || c.address !== query.get("address"));
    if (method === "DELETE") return { status: 204 };
    if (method === "POST") {
      if (!this.own.some((c) => c.channel === body["channel"] && c.address === body["address"])) this.own.push({ channel: String(body["channel"]), address: String(body["address"]), verified: false, code_by: new Date(this.now() + 600_000).toISOString() });
      return { status: 201, body: { accepted: true, answer: "202 Accepted" } };
    }
    return list(this.own);
  }

  /** What a person does about a ticket, or for a customer. */
  private desk(parts: string[], body: Body): Answer {
    if (parts[0] === "customers") return body["text"] ? ok({ service: "auth", incident: "INC-42" }) : no(422, "Unprocessable Entity", "a text is needed");
    const t = this.tickets.find((x) => x.id === parts[1]);
    if (!t) return no(404, "Not Found", "there is no such ticket");
    if (!body["reason"]) return no(422, "Unprocessable Entity", "a reason is needed");
    if (t.state === "raised" || (parts[2] === "dismiss" && t.state !== "waiting")) return no(409, "Conflict", `the ticket is ${t.state}`);
    Object.assign(t, parts[2] === "dismiss" ? { state: "dismissed" } : { state: "raised", queue: "urgent", severity: "P2" }, { by: "ana", reason: String(body["reason"]) });
    return ok(t);
  }

  /** What stands around us; undefined: something else is asked. */
  private around(method: string, parts: string[], query: URLSearchParams, body: Body): Answer | undefined {
    const now = this.now();
    const calm = this.incidents.size === 0;
    const one = <T extends { id: string }>(all: T[]): Answer => {
      const found = all.find((x) => x.id === parts[1]);
      return parts[1] === undefined ? list(calm ? [] : all) : found ? ok(found) : no(404, "Not Found", "there is no such thing");
    };
    switch (`${parts[0]}${parts[0] === "services" || parts[0] === "metrics" ? `/${parts[1]}` : ""}`) {
      case "services/map": return ok(calm ? { nodes: [], edges: [] } : mapOf(now, calm));
      case "metrics/query": return list(tookOf(now, calm));
      case "availability": return list(calm ? [] : this.money.uptimes());
      case "credit-schedules": return ok(method === "GET" ? this.money.standing() : this.money.act(now, method, parts, body));
      case "credits": {
        if (parts[1] === undefined) return list(calm ? [] : this.money.memos(now).filter((m) => (!query.get("state") || m.state === query.get("state")) && (!query.get("month") || m.month === query.get("month"))));
        const m = method === "GET" ? this.money.memo(now, parts[1]) : this.money.act(now, method, parts, body);
        return m ? ok(m) : no(404, "Not Found", "there is no such credit memo");
      }
      case "vendors": return one(vendors(now, calm));
      case "feeds": return one(feeds(now));
      case "early-warnings": return list(warningsOf(now, calm).filter((w) => !query.get("customer") || w.customer === query.get("customer")));
      case "health-checks": return list(calm ? [] : healthChecksOf(now, query.get("customer")));
      case "checks": {
        if (method === "PUT") this.paused.set(parts[1] ?? "", body["paused"] === true);
        return one(checksOf(now, calm).map((c) => (this.paused.has(c.id) ? { ...c, paused: this.paused.get(c.id), state: this.paused.get(c.id) ? "paused" as const : "up" as const } : c)));
      }
      case "customers":
        if (parts[2] === "usage") return list(usageOf(now, parts[1] ?? ""));
        if (parts[2] === "health-checks") return { status: 201, body: { id: "h10", customer: parts[1], state: "done", told: [], result: body } };
        return undefined;
      case "mentions": return this.mention(method, parts, query, body);
    }
    return undefined;
  }

  private mention(method: string, parts: string[], query: URLSearchParams, body: Body): Answer {
    const at = new Date(this.now()).toISOString();
    if (method === "GET") return list(this.mentions.filter((m) => (!query.get("state") || m.state === query.get("state")) && (!query.get("feed") || m.feed === query.get("feed")) && (query.get("complaints") !== "true" || m.complaint)));
    if (parts[1] === undefined) {
      const m: Mention = { id: id(), state: "new", source: "other", complaint: false, score: 0, found_at: at, by: "ana", ...body };
      this.mentions.unshift(m);
      return { status: 201, body: m };
    }
    const m = this.mentions.find((x) => x.id === parts[1]);
    if (!m) return no(404, "Not Found", "there is no such mention");
    Object.assign(m, parts[2] === "link" ? { state: "linked", incident: `INC-${String(body["incident"])}` } : { state: "dismissed", reason: String(body["reason"]) }, { decided_by: "ana", decided_at: at });
    return ok(m);
  }

  private calendars(method: string, parts: string[], body: Body): Answer {
    if (method === "POST") return { status: 201, body: this.feeds.make(body["kind"] === "schedule" ? "schedule" : "person", String(body["subject"]), this.now()) };
    if (method === "DELETE") return this.feeds.end(parts[1] ?? "") ? { status: 204 } : no(404, "Not Found", "no calendar");
    return list(this.feeds.all());
  }

  private session(method: string, body: Body, session: boolean): Answer {
    if (method === "DELETE") return { status: 204 };
    if (method === "POST") {
      if (body["email"] !== signInWith.email || body["password"] !== signInWith.password) return no(401, "Unauthorized", "The e-mail address or the password is wrong.");
      return ok({ account });
    }
    return session ? ok({ account }) : no(401, "Unauthorized", "Sign in first.");
  }

  private read(parts: string[], query: URLSearchParams): Answer {
    const now = this.now();
    switch (parts[0]) {
      case "now":
        return ok(this.today(now));
      case "reachability":
        return list(this.today(now).warnings);
      case "metrics": return ok(limitsOf(now, this.incidents.size === 0));
      case "partners": return list(partnersOf());
      case "reviews": return list(this.incidents.size === 0 ? [] : reviewsOf(now, query));
      case "action-items": return list(this.incidents.size === 0 ? [] : actionItemsOf(now, query));
      case "figures":
        return ok(figuresOf(now, query, this.incidents.size === 0));
      case "kpis":
        return list(figuresOf(now, query, this.incidents.size === 0).kpis);
      case "maintenances":
        return list(parts[1] === "announced" ? announcedOf(now, this.incidents.size === 0) : maintenancesOf(now, this.incidents.size === 0));
      case "components": {
        const all = componentsOf(this.incidents.size === 0);
        const one = all.find((c) => c.id === parts[1]);
        return parts[1] ? (one ? ok(one) : no(404, "Not Found", "there is no such component")) : list(all);
      }
      case "component-following":
        return ok(followingOf(this.incidents.size === 0));
      case "subscribers":
        return list(parts[1] === "counts" ? countsOf(this.incidents.size === 0) : parts[2] ? sentOf() : subscribersOf(this.incidents.size === 0, query));
      case "status-page":
        return ok(lookOf(this.incidents.size === 0));
      case "alerts":
        if (parts[1]) {
          const one = [...this.incidents.values()].flatMap((w) => w.alerts).find((a) => a.id === parts[1]);
          return one ? ok(inFull(one)) : no(404, "Not Found", "there is no such alert");
        }
        return list([...this.incidents.values()].flatMap((w) => w.alerts).filter((a) => !query.get("status") || a.status === query.get("status")));
      case "tickets":
        return list(this.tickets.filter((t) => (!query.get("queue") || t.queue === query.get("queue")) && (!query.get("state") || t.state === query.get("state"))));
      case "oncall":
        if (parts[1] === "load") return list(loads((Date.parse(query.get("until") ?? "") - Date.parse(query.get("from") ?? "")) / 86_400_000));
        if (parts[1]) return list([]);
        return list(schedules.map((s) => holder(s, now)));
      case "customers":
        return paged(customers.filter((c) => query.get("vip") !== "true" || c.vip), query);
      case "deliveries":
        return list(deliveriesOf(this.incidents.values(), this.now(), query));
      case "procedure":
        return ok(procedure);
    }
    return no(404, "Not Found", `no resource /${parts.join("/")}`);
  }

  private open(): Whole[] {
    return [...this.incidents.values()].filter((w) => !["resolved", "closed"].includes(w.incident.status));
  }

  private summary(w: Whole) {
    const next = w.deadlines.filter((d) => d.state === "pending" || d.state === "warned").sort((a, b) => a.due_at.localeCompare(b.due_at))[0];
    return { ...w.incident, next_deadline: next && { clock: next.clock, name: next.name, state: next.state, due_at: next.due_at, started_at: next.started_at } };
  }

  private today(now: number) {
    const due = this.open().flatMap((w) => w.checklists.flatMap((c) => c.items).filter((t) => t.state === "open" && t.due_at)
      .map((t) => ({ kind: "task", incident: w.incident.number, title: t.title, owner: t.owner, due_at: t.due_at ?? "", state: Date.parse(t.due_at ?? "") < now ? "late" : "open" })));
    const day = (h: number) => new Date(now + h * 3_600_000).toISOString();
    return {
      at: new Date(now).toISOString(),
      incidents: this.open().map((w) => this.summary(w)).sort((a, b) => a.severity.localeCompare(b.severity)),
      on_call: schedules.slice(0, 5).map((s) => holder(s, now)),
      due: [...due, { kind: "review", title: "Review of the procedure", owner: "david.kim", due_at: "2025-04-01T00:00:00Z", state: "late" }, { kind: "report", incident: 39, title: "Post-incident report INC-39", owner: "sarah.liu", due_at: day(4), state: "open" }]
        .sort((a, b) => a.due_at.localeCompare(b.due_at)),
      outbox: { failed: this.incidents.has(42) ? 1 : 0, waiting: 0 },
      warnings: this.incidents.has(42) ? deadEnds(now) : [],
    };
  }

  private incident(method: string, parts: string[], query: URLSearchParams, body: Body): Answer {
    if (parts.length === 1) {
      if (method === "POST") return this.declare(body);
      const status = query.get("status") ?? "";
      const want = (i: Incident) => (!status || (status === "open" ? !["resolved", "closed"].includes(i.status) : status.split(",").includes(i.status)))
        && (!query.get("severity") || query.get("severity")?.split(",").includes(i.severity)) && (!query.get("service") || i.service.id === query.get("service"));
      return list([...this.incidents.values()].filter((w) => want(w.incident)).map((w) => this.summary(w)).sort((a, b) => b.number - a.number));
    }
    const n = Number(String(parts[1]).replace(/^INC-/i, ""));
    if (parts[2] === "review" && n === 39) return ok(reviewOf(this.now()));
    const w = this.incidents.get(n);
    if (!w) return no(404, "Not Found", `no incident "${parts[1]}"`);
    const what = parts[2];
    if (method === "PUT" && what === "room") {
      this.notes = { version: this.notes.version + 1, text: String(body["text"]), updated_by: "ana", updated_at: new Date(this.now()).toISOString() };
      this.tell("room.notes", w.incident.number);
      return ok(this.notes);
    }
    if (method === "POST" && what === "in-app") {
      const skip = w.incident.in_app_skip = parts[3] === "skip" ? { by: "ana", at: new Date(this.now()).toISOString(), reason: String(body["reason"]) } : undefined;
      this.note(w, "message.channel", skip?.reason ?? "", { channel: "in_app", outcome: skip ? "skipped" : "resumed" });
      return ok({ in_app_skip: skip });
    }
    if (what === "messages" && parts[3] === "proof") return ok(proofOf(body as never));
    if (method === "POST" && what === "outreach") return { status: 201, body: boardOf(w).groups[2]!.contacts[0]! };
    if (method === "POST") {
      const kept = this.inquiryOf(w).write(what ?? "", what === "evidence" ? { ...body, ...Object.fromEntries(query) } : body);
      if (kept === undefined) return this.change(w, what ?? "", body);
      if (refused(kept)) return no(kept.status, kept.title, kept.detail, kept.errors);
      this.note(w, what === "evidence" ? "evidence.added" : `inquiry.${what}`, String(body["text"] ?? body["title"] ?? ""));
      if (what === "probes") setTimeout(() => this.tell("inquiry.probe", w.incident.number), 500);
      return { status: 201, body: kept };
    }
    const found = this.inquiryOf(w).read(what ?? "", w.incident);
    if (found !== undefined) return ok(found);
    switch (what) {
      case "templates": return list(templatesOf(w));
      case "outreach": return ok(w.incident.number === 42 ? boardOf(w) : { done: 0, all: 0, percent: 100, groups: [] });
      case "told": return ok(toldOf(w));
      case undefined: return ok({ ...w.incident, allowed_actions: allowed(w.incident) });
      case "deadlines": return list(w.deadlines);
      case "timeline": return list(w.timeline);
      case "pages": return list(w.pages);
      case "messages": return list(w.messages);
      case "checklists": return list(w.checklists);
      case "alerts": return list(w.alerts);
      case "responders": return list(w.incident.responders);
      case "recovery": return ok(recoveryOf(w, this.now()));
      case "runs": return list(w.incident.number === 42 ? runsOf(this.now()) : []);
      case "actions": return list(actionsOf());
      case "cases": return list(w.incident.number === 42 ? casesOf(this.now()) : []);
      case "impact": return ok(impactOf(w, this.now()));
      case "ledger": return ok(this.money.ledger(this.now(), w.incident.number));
      case "brief": return ok({ text: briefOf(w, this.now()) });
      case "room": return ok(parts[3] === "notes" ? this.notes : { ...roomOf(w.incident, this.now()), notes: { version: this.notes.version } });
      case "severity-preview":
        return ok({ duration_seconds: (this.now() - Date.parse(w.incident.detected_at)) / 1000, downtime_month_seconds: w.incident.downtime_seconds ?? 0,
          clocks: [["acknowledge", 5], ["response", 10], ["resolution", 45]].map(([clock, m]) => ({ clock, due_at: new Date(this.now() + Number(m) * 60_000).toISOString() })) });
    }
    return no(404, "Not Found", `no ${what}`);
  }

  private readonly inquiries = new Map<number, Inquiry>();

  private inquiryOf(w: Whole): Inquiry {
    const n = w.incident.number;
    const known = this.inquiries.get(n) ?? new Inquiry(this.now, n === 42);
    this.inquiries.set(n, known);
    return known;
  }

  /** Something that is done to an entry of the search for a cause. */
  private entry(parts: string[], body: Body): Answer {
    for (const [n, inquiry] of this.inquiries) {
      const done = inquiry.change(parts[0] ?? "", parts[1] ?? "", parts[2] ?? "", body);
      if (done === undefined) continue;
      if (refused(done)) return no(done.status, done.title, done.detail, done.errors);
      this.tell(`inquiry.${parts[0]}`, n);
      return ok(done);
    }
    return no(404, "Not Found", "there is no such entry");
  }

  private declare(body: Body): Answer {
    if (!body["title"]) return no(422, "Unprocessable Entity", "The incident needs a title.", [{ location: "body.title", message: "say in a few words what is broken" }]);
    const n = this.enqueue(String(body["title"]), String(body["service"]));
    const w = this.incidents.get(n)!;
    const at = new Date(this.now()).toISOString();
    Object.assign(w.incident, { severity: body["severity"], highest: body["severity"], declared: true, declared_at: at, status: "investigating" });
    return { status: 201, body: w.incident };
  }

  private notes: { version: number; text: string; updated_by?: string; updated_at?: string } = { version: 0, text: "" };

  /** A wall board needs no session; its token is the incident's number. */
  private wall(token: string): Answer {
    const w = this.incidents.get(Number(token));
    return w ? ok(wallOf(w, this.summary(w), this.now())) : no(404, "Not Found", "there is no such wall board, or its time is over");
  }

  private note(w: Whole, kind: string, text: string, data = {}): void {
    const at = new Date(this.now()).toISOString();
    w.timeline.push({ id: id(), kind, actor: "ana", actor_name: "Ana", source: "console", at, recorded_at: at, text, data });
    this.tell(kind, w.incident.number);
  }

  private meet(w: Whole, clock: string): void {
    for (const d of w.deadlines) {
      if (d.clock === clock && (d.state === "pending" || d.state === "warned")) Object.assign(d, { state: "met", ended_at: new Date(this.now()).toISOString(), evidence: { actor: "ana" } });
    }
  }

  private change(w: Whole, what: string, body: Body): Answer {
    const at = new Date(this.now()).toISOString();
    const i = w.incident;
    const text = String(body["reason"] ?? body["text"] ?? "");
    switch (what) {
      case "acknowledge":
        Object.assign(i, { acknowledged_at: at, acknowledged_by: { id: "ana", name: "Ana" } });
        this.meet(w, "acknowledge");
        this.note(w, "incident.acknowledged", "Ana has it");
        return ok(i);
      case "snooze": {
        const [, h, m, s] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(String(body["for"])) ?? [];
        const until = new Date(this.now() + (Number(h ?? 0) * 3600 + Number(m ?? 0) * 60 + Number(s ?? 0)) * 1000).toISOString();
        Object.assign(i, { snoozed_until: until, snoozed_by: { id: "ana", name: "Ana" } });
        this.note(w, "incident.snoozed", `snoozed for ${String(body["for"])} by Ana${text ? `: ${text}` : ""}`, { owner: "ana", due: Date.parse(until) * 1000 });
        return ok(i);
      }
      case "wake":
        if (!i.snoozed_until) return no(409, "Conflict", `${i.ref} is not snoozed`);
        Object.assign(i, { snoozed_until: undefined, snoozed_by: undefined, acknowledged_at: undefined, acknowledged_by: undefined });
        this.note(w, "incident.retriggered", "the snooze was ended by Ana: nobody has it");
        return ok(i);
      case "engage": case "confirm":
        Object.assign(i, { engaged_at: at, declared: true, declared_at: i.declared_at ?? at, status: "investigating" });
        this.meet(w, "response");
        if (!i.responders.some((r) => r.person === "ana")) i.responders.push({ person: "ana", name: "Ana", state: "joined", at });
        this.note(w, "incident.engaged", "Ana is working on it");
        w.messages.push({ id: id(), audience: "customers", purpose: "holding", channels: ["status_page"], status: "investigating", subject: `${i.service.name} is disturbed`, text: `We are investigating a problem with ${i.service.name}.`, state: "draft", author: "allclear", created_at: at, recipients: 1204, hash: "h1" });
        return ok(i);
      case "notes":
        this.note(w, "incident.noted", text);
        return { status: 201, body: {} };
      case "severity":
        Object.assign(i, { severity: body["to"] });
        this.note(w, "incident.severity", `Severity is ${String(body["to"])}: ${text}`, { severity: body["to"] });
        return ok(i);
      case "roles":
        i.roles[String(body["role"])] = { id: String(body["person"]), name: nameOf(String(body["person"])) };
        this.note(w, "incident.role", `${nameOf(String(body["person"]))} is ${String(body["role"]).replaceAll("_", " ")}`);
        return ok(i);
      case "scope":
        i.scope = { ...i.scope!, services: [i.service, ...((body["services"] as string[] | undefined) ?? []).map((s) => ({ id: s, name: services.find((x) => x.id === s)?.name ?? s }))], added: (body["added"] as string[]) ?? [], spared: (body["spared"] as string[]) ?? [], reason: text || undefined, by: { id: "ana", name: "Ana" }, at };
        i.regions = (body["regions"] as string[]) ?? [];
        this.note(w, "incident.scope", `It touches ${i.scope.services.map((s) => s.name).join(", ")}`);
        return ok(i);
      case "impact":
        i.scope = { ...i.scope!, consequence: String(body["consequence"]) };
        this.note(w, "incident.scope", String(body["consequence"]));
        return ok(i);
      case "brief":
        this.note(w, "incident.briefed", text);
        return ok(i);
      case "responders":
        i.responders = [...i.responders.filter((r) => r.person !== "ana"), { person: "ana", name: "Ana", state: String(body["state"]), at }];
        this.note(w, "incident.joined", "", { owner: "ana", outcome: String(body["state"]) });
        return ok(i);
      case "reopen":
        i.regressions = [...(i.regressions ?? []), { resolved_at: i.resolved_at ?? at, reopened_at: at, reopened_by: { id: "ana", name: "Ana" }, resolution: i.reason, reason: text }];
        Object.assign(i, { status: "investigating", resolved_at: undefined });
        this.note(w, "incident.reopened", text);
        return ok(i);
      case "wall":
        return { status: 201, body: { url: `/wall/${i.number}`, token: String(i.number), until: new Date(this.now() + 8 * 3_600_000).toISOString() } };
      case "tasks": {
        const owner = String(body["owner"] ?? "");
        const minutes = Number(/^(\d+)m$/.exec(String(body["due_in"] ?? ""))?.[1] ?? 0);
        const t: Task = { id: id(), title: String(body["title"]), phase: "BOARD", owner, owner_people: owner ? [{ id: owner, name: nameOf(owner) }] : [], state: "open", opened_at: at, due_at: minutes ? new Date(this.now() + minutes * 60_000).toISOString() : undefined, clauses: ["WAR-PHY-BOARD"] };
        const cards = w.checklists.find((c) => c.phase === "BOARD");
        if (cards) cards.items.push(t);
        else w.checklists.push({ phase: "BOARD", name: "Cards of the board", items: [t] });
        this.note(w, "task.opened", t.title);
        return { status: 201, body: t };
      }
      case "room":
        return ok(roomOf(i, this.now()));
      case "mitigate":
        Object.assign(i, { status: "mitigated", mitigated_at: at });
        this.note(w, "incident.mitigated", "Impact is reduced");
        return ok(i);
      case "resolve": {
        const gates = w.checklists.flatMap((c) => c.items).filter((t) => t.gate && t.state === "open");
        if (gates.length > 0 && !text) return no(409, "Conflict", `${gates.length} steps before resolving are still open.`, gates.map((t) => ({ location: `tasks.${t.id}`, message: t.title })));
        Object.assign(i, { status: "resolved", resolved_at: at });
        this.meet(w, "resolution");
        this.note(w, "incident.resolved", `Resolved: ${text}`);
        return ok(i);
      }
      case "dismiss":
        Object.assign(i, { status: "closed", false_positive: true, reason: text });
        this.note(w, "incident.dismissed", `False positive: ${text}`);
        return ok(i);
      case "escalate":
        this.note(w, "page.opened", `Paged ${nameOf(String(body["to"]))}: ${text}`, { to: body["to"] });
        return { status: 201, body: {} };
      case "messages": {
        const m: Message = { id: id(), audience: "customers", purpose: "update", channels: [], subject: "", text: "", author: "ana", created_at: at, hash: id(), ...body, state: body["publish"] ? "published" : "draft", ...(body["publish"] ? { published_at: at } : {}) } as Message;
        w.messages.unshift(m);
        this.note(w, m.state === "published" ? "message.published" : "message.drafted", m.text, { channels: m.channels });
        return { status: 201, body: m };
      }
    }
    return no(409, "Conflict", `The incident is ${i.status}: ${what} is not possible now.`);
  }

  private message(method: string, parts: string[], body: Body): Answer {
    const at = new Date(this.now()).toISOString();
    for (const w of this.incidents.values()) {
      const m = w.messages.find((x) => x.id === parts[1]);
      if (!m) continue;
      if (parts[2] === "proof") return ok(proofOf(m));
      if (parts[2] === "schedule") Object.assign(m, { publish_at: body["at"] });
      else if (method === "PATCH") Object.assign(m, body, { state: "draft", approved_by: undefined, hash: id() });
      else if (parts[2] === "approve") {
        if (body["hash"] !== m.hash) return no(409, "Conflict", "The text has changed since you read it: read it again, then approve.");
        Object.assign(m, { state: "approved", approved_by: "ana" });
      } else if (parts[2] === "publish") {
        if (m.state !== "approved") return no(409, "Conflict", `The message is ${m.state}; approve its present text first.`);
        Object.assign(m, { state: "published", published_at: at, tally: { sent: m.recipients ?? 1 } });
        this.meet(w, "status_page");
        this.note(w, "message.published", m.text, { channels: m.channels, audience: m.audience });
      } else Object.assign(m, { state: "cancelled" });
      this.tell("message.changed", w.incident.number);
      return ok(m);
    }
    return no(404, "Not Found", "no message");
  }

  private task(parts: string[], body: Body): Answer {
    for (const w of this.incidents.values()) {
      const t: Task | undefined = w.checklists.flatMap((c) => c.items).find((x) => x.id === parts[1]);
      if (!t) continue;
      if (parts[2] === "take" || parts[2] === "hand") {
        const owner = String(body["owner"] ?? "");
        Object.assign(t, parts[2] === "take" ? { taken_by: { id: "ana", name: "Ana" }, taken_at: new Date(this.now()).toISOString() } : { owner, owner_people: [{ id: owner, name: nameOf(owner) }], taken_by: undefined });
        this.tell("task.taken", w.incident.number);
        return ok(t);
      }
      Object.assign(t, { state: parts[2] === "done" ? "done" : "na", done_at: new Date(this.now()).toISOString(), done_by: "ana", evidence: body["evidence"] ?? body["reason"] });
      this.tell("task.done", w.incident.number);
      return ok(t);
    }
    return no(404, "Not Found", "no task");
  }
}
