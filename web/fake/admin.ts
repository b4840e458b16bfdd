// The catalogue of the fake API: documents with versions, as the console changes
// them. Its checks are the few that the pictures and tests need.
import { holder, nameOf, people, schedules, services, teams, turns, type Turn } from "./catalogue.ts";
import { stakeholders } from "./circle.ts";
import { chains, mistakesOf, policies, shownPolicy } from "./policies.ts";

type Doc = Record<string, unknown>;

interface Answer {
  status: number;
  body?: unknown;
}

const no = (status: number, detail: string, errors: unknown[] = []): Answer => ({ status, body: { type: "about:blank", title: "", status, detail, errors } });
const ok = (body: unknown): Answer => ({ status: 200, body });

const rotas: Record<string, Doc> = {
  primary: {
    time_zone: "UTC", layers: [{ members: ["ana", "bo"], start: "2015-01-05T09:00", every: 1, unit: "week" }, { members: ["platform-engineer-1"], start: "2015-01-05T09:00", every: 1, unit: "week", only: [{ days: ["sat"], from: "10:00", to: "16:00" }] }],
  },
};

const soon = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const fares: Record<string, Doc[]> = {
  k1: [{ source: "events", accepted_at: soon(2), accepted_24h: 1288, refused_24h: 0 }],
  k2: [{ source: "grafana", accepted_at: soon(95), refused_at: soon(4), reason: "the signature of this hook is wrong", accepted_24h: 41, refused_24h: 3 }, { source: "metrics", accepted_at: soon(1), accepted_24h: 5760, refused_24h: 0 }],
};

const source = (name: string, title: string, kind: string, more: Doc = {}): Doc => ({
  name, title, kind, docs: `docs/integrations/${name}.md`, address: kind === "events" ? "/v2/enqueue" : `/hooks/${name}/{key}`, max_body: 524_288, mapped: false, tryable: true,
  setup: [`In ${title}: Settings, Webhooks, New. Name it allclear, with the URL {url}.`, 'Where the key has a secret: Additional headers, {"Authorization": "Bearer {secret}"}.', `Payload: replace it by this:\n{\n  "id": "$ALERT_ID",\n  "title": "$EVENT_TITLE"\n}`, "In each monitor that is to arrive, add @webhook-allclear to the message."],
  sample: '{\n  "id": "1234",\n  "title": "Disk is full"\n}', health: { source: name, accepted_24h: 0, refused_24h: 0 }, ...more,
});

const sources = [
  source("events", "Events API v2", "events"), source("alertmanager", "Prometheus Alertmanager", "hooks"), source("generic", "Generic webhook", "hooks", { mapped: true }), source("datadog", "Datadog", "hooks", { pull: { service: "api", asked_at: soon(0.5), worked_at: soon(0.5), failures: 0 } }),
  source("grafana", "Grafana", "hooks"), source("cloudwatch", "Amazon CloudWatch (SNS)", "hooks", { tryable: false, sample: "" }),
];

const keys = [
  { id: "k1", kind: "events", service: "auth", name: "Prometheus, production", signed: false, created_by: "ana", created_at: "2026-01-12T10:00:00Z" },
  { id: "k2", kind: "hooks", service: "api", name: "Grafana", signed: true, created_by: "ana", created_at: "2026-02-03T15:20:00Z" },
  { id: "k3", kind: "hooks", service: "ingestion", name: "In-house batch checks", mapping: '{"summary": "body.what"}', signed: false, created_by: "david.kim", created_at: "2026-02-20T08:05:00Z" },
];

const trial = {
  signals: [{ source: "generic", action: "trigger", dedup_key: "disk-17", summary: "Disk is full", severity: "critical", origin: "db-1" }],
  changes: [], tickets: [], refused: [], skipped: 0, notes: [{ where: "/link", what: "came out empty; read by the common names" }],
};

const plainRota = (id: string): Doc => rotas[id] ?? { time_zone: "UTC", layers: [{ members: [...new Set(turns(id, 0, 86_400_000 * 90).map((t) => t.person))].filter(Boolean), start: "2015-01-05T09:00", every: 1, unit: "week" }], overrides: [] };

/** Week rotations from the first Monday on; enough for a picture. */
function layOut(doc: Doc, from: number, until: number): Turn[] {
  const layers = (doc["layers"] ?? []) as { members: string[]; start: string; every: number; unit: string; only?: unknown[] }[];
  const base = layers.find((l) => l.members.length > 0 && !l.only);
  const overrides = (doc["overrides"] ?? []) as { from: string; until: string; person: string }[];
  if (!base) return [];
  const length = base.every * ({ hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 }[base.unit] ?? 1);
  const start = Date.parse(`${base.start}Z`);
  const out: Turn[] = [];
  const add = (a: number, b: number, person: string, override = false) => {
    if (b > a) out.push({ from: new Date(a).toISOString(), until: new Date(b).toISOString(), person, name: nameOf(person), override });
  };
  for (let k = Math.max(0, Math.floor((from - start) / length)); start + k * length < until; k++) {
    let a = Math.max(from, start + k * length);
    const b = Math.min(until, start + (k + 1) * length);
    const who = base.members[k % base.members.length] ?? "";
    for (const o of overrides.filter((x) => Date.parse(x.from) < b && Date.parse(x.until) > a)) {
      add(a, Date.parse(o.from), who);
      add(Math.max(a, Date.parse(o.from)), Math.min(b, Date.parse(o.until)), o.person, true);
      a = Math.max(a, Date.parse(o.until));
    }
    add(a, b, who);
  }
  return out;
}

export class Catalogue {
  private version = 1;
  private readonly docs: Record<string, Map<string, Doc>>;

  constructor() {
    const of = (list: { id: string }[]) => new Map(list.map((d) => [d.id, { ...d, version: 1 } as Doc]));
    this.docs = { people: of(people), teams: of(teams), services: of(services), stakeholders: of(stakeholders), "escalation-policies": of(policies), schedules: of(schedules.map((id) => ({ id, ...plainRota(id) }))) };
  }

  /** Somebody else changes a document. */
  elsewhere(kind: string, id: string, change: Doc): void {
    this.docs[kind]?.set(id, { ...this.docs[kind]?.get(id), ...change, version: ++this.version });
  }

  /** undefined: not of the catalogue. */
  handle(method: string, parts: string[], query: URLSearchParams, body: Doc): Answer | undefined {
    const [kind = "", id] = parts;
    if (kind === "integration-keys" && method === "POST") return ok({ alert: "a1", source: String(body["source"]), service: "api", summary: "Test from Allclear", status: "resolved" });
    if (kind === "integration-keys") return ok({ items: keys.map((k) => ({ ...k, sources: fares[k.id] ?? [] })), next_cursor: "" });
    if (kind === "hooks") return ok({ items: [], next_cursor: "" });
    if (kind === "sources" && id === undefined) return ok({ items: sources, next_cursor: "" });
    if (kind === "sources") return ok(String(body["payload"]).includes("title") ? trial : body["mapping"] || id === "generic" ? trial : { ...trial, signals: [], notes: [], problem: "the body is not what this endpoint takes", refused: [{ where: "/id", what: "is missing" }] });
    const docs = this.docs[kind];
    if (!docs) return undefined;
    if (kind === "schedules" && id === "preview") return this.preview(body);
    const doc = id === undefined ? undefined : docs.get(id);
    if (method === "GET") {
      const own = kind === "escalation-policies" ? chains() : [];
      if (id === undefined) return ok({ items: [...own, ...[...docs.values()].map((d) => this.shown(kind, d))], next_cursor: "" });
      const chain = own.find((p) => p.id === id);
      if (chain) return ok(chain);
      if (!doc) return no(404, `no ${kind} "${id}"`);
      if (kind === "schedules" && query.get("from")) return ok({ ...this.shown(kind, doc), spans: this.spans(id, doc, Date.parse(query.get("from") ?? ""), Date.parse(query.get("until") ?? "")) });
      return ok(this.shown(kind, doc));
    }
    if (method === "DELETE") {
      const by = kind === "escalation-policies" ? [...(this.docs["services"]?.values() ?? [])].filter((s) => s["escalation_policy"] === id) : [];
      if (by.length > 0) return no(409, `delete policy ${id}: something refers to it, first service/${String(by[0]?.["id"])}`, by.map((s) => ({ location: `service/${String(s["id"])}`, message: `/escalation_policy: there is no policy "${id}"` })));
      docs.delete(id ?? "");
      return { status: 204 };
    }
    const name = String(body["id"] ?? id ?? "");
    if (method === "POST" && docs.has(name)) return no(409, `there is a ${kind} "${name}" already`);
    const errors = kind === "escalation-policies" ? mistakesOf(body) : this.mistakes(body);
    if (errors.length > 0) return no(422, "validation failed", errors);
    const next = { ...body, id: name, version: ++this.version };
    docs.set(name, next);
    return ok(this.shown(kind, next));
  }

  /** As handle, with the version the caller read. */
  stale(parts: string[], tag: string | undefined): Answer | undefined {
    const have = this.docs[parts[0] ?? ""]?.get(parts[1] ?? "")?.["version"];
    return tag !== undefined && have !== undefined && tag !== `"${String(have)}"` ? no(412, "it has changed since it was read: read it again") : undefined;
  }

  private shown(kind: string, d: Doc): Doc {
    if (kind === "escalation-policies") return { ...shownPolicy(d) };
    if (kind !== "schedules") return d;
    const id = String(d["id"]);
    const h = schedules.includes(id) ? holder(id, Date.now()) : undefined;
    return { ...d, on_call: h?.person ? [h.person] : [], until: h?.until, next: h?.next };
  }

  private spans(id: string, doc: Doc, from: number, until: number): Turn[] {
    return schedules.includes(id) && doc["version"] === 1 ? turns(id, from, until) : layOut(doc, from, until);
  }

  private preview(body: Doc): Answer {
    const errors = this.mistakes({ name: "x", ...body });
    if (errors.length > 0) return no(422, "validation failed", errors);
    return ok({ spans: layOut(body, Date.parse(String(body["from"])), Date.parse(String(body["until"]))), gaps: [] });
  }

  private mistakes(body: Doc): { location: string; message: string }[] {
    const out: { location: string; message: string }[] = [];
    if ("name" in body && !body["name"]) out.push({ location: "body.name", message: "is missing" });
    ((body["layers"] ?? []) as { members: string[] }[]).forEach((l, k) => {
      if (l.members.length === 0) out.push({ location: `body.layers[${k}].members`, message: "expected array length >= 1" });
    });
    ((body["plans"] ?? []) as { within?: string }[]).forEach((plan, k) => {
      if (plan.within && !/^([0-9]+(d|h|m|s))+$/.test(plan.within)) out.push({ location: `body.plans[${k}].within`, message: "expected string to be a time such as 10m or 1h30m" });
    });
    ((body["contacts"] ?? []) as { channel?: string; address?: string }[]).forEach((c, k) => {
      if (c.channel === "sms" && !/^\+\d{7,15}$/.test(c.address ?? "")) out.push({ location: `body.contacts[${k}].address`, message: `"${c.address}" is not a number in E.164 form, such as +15550100001` });
    });
    return out;
  }
}
