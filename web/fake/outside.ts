// What stands around us, in the fake: vendors, the map, mentions, checks and how
// customers fare. Its states fit the story of INC-42.
import type { Check, Feed, HealthCheck, Mention, Place, Series, ServiceMap, UsagePoint, UsageWarning, Vendor } from "../src/api/outside";
import { services } from "./catalogue.ts";

const minute = 60_000;
const hour = 60 * minute;

export const vendors = (now: number, calm: boolean): Vendor[] => {
  const ago = (min: number) => new Date(now - min * minute).toISOString();
  const of = (id: string, name: string, on: string[], more: Partial<Vendor> & { state?: Partial<Vendor["status"]> } = {}): Vendor => {
    const { state, ...rest } = more;
    return {
      id, name, feed: "statuspage", url: `https://status.${id}.example/api/v2/summary.json`, services: on, status_page: `https://status.${id}.example`, support_url: `https://support.${id}.example`, version: 1, updated_at: ago(9000),
      status: { state: "ok", red: false, troubles: [], read_at: ago(0.4), succeeded_at: ago(0.4), since: ago(12_000), ...state }, ...rest,
    };
  };
  return [
    of("northstar", "Northstar Cloud", ["auth", "ingestion"], { components: ["Compute eu-west", "Object storage"], failover: "Move the traffic to us-east: runbook network-7.", ...(calm ? {} : { state: { state: "degraded", red: true, since: ago(31), what: "Elevated errors of compute in eu-west", troubles: [{ what: "Elevated errors of compute in eu-west", state: "degraded", link: "https://status.northstar.example/incidents/1" }, { what: "Object storage answers slowly", state: "degraded" }] } }) }),
    of("postbird", "Postbird Mail", ["reporting"], { components: ["SMTP"], state: calm ? {} : { state: "unknown", since: ago(14), error: "the page answered 503.", read_at: ago(1), succeeded_at: ago(24) } }),
    of("quickpay", "Quickpay", ["api"], { feed: "rss", url: "https://quickpay.example/status.rss", state: calm ? {} : { state: "maintenance", since: ago(50), what: "Planned work on card tokens" } }),
    of("mapbridge", "Mapbridge Tiles", ["dashboard"], {}),
  ];
};

export function mapOf(now: number, calm: boolean): ServiceMap {
  const all = vendors(now, calm);
  const edges: ServiceMap["edges"] = [
    ...services.flatMap((s) => (s.depends_on ?? []).map((to) => ({ from: s.id, to, to_kind: "service" as const }))),
    ...all.flatMap((v) => (v.services ?? []).map((from) => ({ from, to: v.id, to_kind: "vendor" as const }))),
  ];
  const carries = (start: string[]): string[] => {
    const next = services.filter((s) => !start.includes(s.id) && (s.depends_on ?? []).some((d) => start.includes(d))).map((s) => s.id);
    return next.length === 0 ? start : carries([...start, ...next]);
  };
  const ill: Record<string, Partial<ServiceMap["nodes"][number]>> = calm ? {} : { auth: { health: "outage", incidents: ["INC-42"], since: new Date(now - 19 * minute).toISOString() }, reporting: { health: "degraded", incidents: ["INC-41"] } };
  return {
    edges,
    nodes: [
      ...services.map((s) => ({ kind: "service" as const, id: s.id, name: s.name, health: "ok" as const, affects: carries([s.id]).slice(1), customers: s.id === "admin" ? 320 : 1204, ...ill[s.id] })),
      ...all.map((v) => ({ kind: "vendor" as const, id: v.id, name: v.name, health: v.status.state, what: v.status.what, since: v.status.since, affects: carries(v.services ?? []), customers: 1204 })),
    ],
  };
}

export const feeds = (now: number): Feed[] => [
  { id: "forum", name: "Community forum", form: "discourse", url: "https://forum.techflowsolutions.com/latest.json", service: "auth", spike: 6, spike_within: "10m", read_at: new Date(now - minute).toISOString(), succeeded_at: new Date(now - minute).toISOString(), version: 1, updated_at: new Date(now - 9e8).toISOString() },
  { id: "reviews", name: "Reviews", form: "rss", url: "https://reviews.example/techflow.rss", keywords: ["techflow"], read_at: new Date(now - minute).toISOString(), succeeded_at: new Date(now - 90 * minute).toISOString(), error: "the answer is not a feed: it begins with <!doctype html>", version: 1, updated_at: new Date(now - 9e8).toISOString() },
];

export function mentionsOf(now: number): Mention[] {
  const at = (min: number) => new Date(now - min * minute).toISOString();
  const of = (n: number, min: number, title: string, more: Partial<Mention> = {}): Mention => ({ id: `0pmw7m7w00g${n}`, state: "new", source: "forum", feed: "forum", service: "auth", title, complaint: true, score: 3, words: ["down"], url: `https://forum.techflowsolutions.com/t/${n}`, author: `user${n}`, at: at(min), found_at: at(min - 1), incident: "INC-42", ...more });
  return [
    of(10, 2, "Is sign-in down for anyone else?", { text: "Since a quarter of an hour I only see a blank page after the password. Two colleagues too." }),
    of(11, 3, "Cannot log in", { words: ["cannot log in", "broken"], score: 4 }), of(12, 5, "Login loop"), of(13, 6, "Down again?"), of(14, 7, "Session expired over and over", { words: ["expired"] }), of(15, 8, "Sign-in fails with SSO"), of(16, 9, "Down in Paris"),
    of(17, 40, "How do I share a dashboard with a partner?", { complaint: false, score: 0, words: [], incident: undefined, text: "The partner has no account." }),
    of(18, 130, "", { source: "x", feed: undefined, by: "ana", complaint: true, text: "@techflow exports have been slow all morning", url: undefined, author: "@dana", incident: undefined, service: "reporting", words: ["slow"], score: 2 }),
    of(19, 400, "Five stars, once it is fast again", { source: "review", feed: "reviews", state: "dismissed", decided_by: "ana", decided_at: at(380), reason: "Praise, with a wink", complaint: false, score: 1, incident: undefined, service: undefined }),
    of(20, 700, "Export hangs at 99 %", { state: "linked", incident: "INC-41", decided_by: "bo", decided_at: at(690), service: "reporting" }),
  ];
}

export function checksOf(now: number, calm: boolean): Check[] {
  const ago = (min: number) => new Date(now - min * minute).toISOString();
  const place = (probe: string, seconds: number, more: Partial<Place> = {}): Place => ({ probe, state: "up", failures: 0, seconds, at: ago(0.5), succeeded_at: ago(0.5), expected_at: new Date(now + minute).toISOString(), p95_seconds: seconds * 1.6, ...more });
  const ends = (days: number) => new Date(now + (days + 0.5) * 24 * hour).toISOString();
  const of = (id: string, name: string, service: string, target: string, places: Place[], more: Partial<Check> = {}): Check => ({ id, name, service, type: "http", target, every: "1m", state: "up", places, version: 3, updated_at: ago(9000), ...more });
  const wrong = { state: "failing" as const, failures: 18, error: "got 503, wanted 200-299", failed_at: ago(0.5), succeeded_at: ago(19) };
  return [
    of("sign-in", "Sign-in page", "auth", "https://app.techflowsolutions.com/sign-in", [place("local", 0.31, calm ? {} : wrong), place("frankfurt", 0.28, calm ? {} : wrong), place("virginia", 0.52, { certificate_until: ends(81) })], { state: calm ? "up" : "down", retries: 2, probes: ["local", "frankfurt", "virginia"] }),
    of("api", "API health", "api", "https://api.techflowsolutions.com/healthz", [place("local", 0.084, { certificate_until: ends(12) })]),
    of("ingest-port", "Ingestion port", "ingestion", "ingest.techflowsolutions.com:6514", [place("local", 0.012), place("frankfurt", 0.02, calm ? {} : { state: "overdue", at: ago(9) })], { type: "tcp", every: "30s" }),
    of("name", "Name of the site", "dashboard", "techflowsolutions.com", [place("local", 0.019)], { type: "dns", every: "5m" }),
    of("old-export", "Old export job", "reporting", "nightly-export.sh", [place("local", 4.2, { state: "pending", at: undefined, succeeded_at: undefined, seconds: 0, p95_seconds: undefined })], { type: "script", every: "1h", state: "paused", paused: true }),
  ];
}

/** How long checks took: a wave, with the outage as a gap. */
export function tookOf(now: number, calm: boolean): Series[] {
  return checksOf(now, calm).filter((c) => c.state !== "paused").flatMap((c) => c.places.map((p): Series => ({
    kind: "gauge", metric: "check_duration_seconds", service: c.service, labels: { check: c.id, probe: p.probe },
    points: Array.from({ length: 60 }, (_, k) => ({ at: new Date(now - (60 - k) * 3 * minute).toISOString(), value: p.state === "failing" && k > 53 ? null : p.seconds * (1 + 0.25 * Math.sin(k / 4) + (k % 11 === 0 ? 0.6 : 0)) })),
  })));
}

export const warningsOf = (now: number, calm: boolean): UsageWarning[] => (calm ? [] : [
  { id: "w1", customer: "customer-0034", metric: "logins", kind: "drop", text: "logins are 84 % below what is usual on a Monday at nine, for 3 hours.", since: new Date(now - 3 * hour).toISOString(), value: 12, usual: 76, change: -0.84, score: -6.2, told: ["account-manager-2"] },
  { id: "w2", customer: "customer-0012", metric: "api_calls", kind: "surge", text: "API calls are five times what is usual at this hour.", since: new Date(now - hour).toISOString(), value: 51_000, usual: 10_200, change: 4, score: 9.1, told: ["account-manager-4"] },
]);

export function usageOf(now: number, customer: string): UsagePoint[] {
  if (customer !== "customer-0034") return [];
  const last = Math.floor(now / hour) * hour;
  return ["logins", "reports"].flatMap((metric, m) => Array.from({ length: 168 }, (_, k): UsagePoint => {
    const t = last - (167 - k) * hour;
    const usual = Math.round((m === 0 ? 76 : 22) * Math.max(0.08, Math.sin(((new Date(t).getUTCHours() - 5) / 14) * Math.PI)));
    return { metric, hour: new Date(t).toISOString(), usual, deviation: 4, value: Math.round(m === 0 && k > 164 ? usual * 0.16 : usual * (0.92 + 0.16 * Math.abs(Math.sin(k)))) };
  }));
}

export function healthChecksOf(now: number, customer: string | null): HealthCheck[] {
  const at = (days: number) => new Date(now + days * 24 * hour).toISOString();
  const done: HealthCheck = { id: "h9", customer: customer ?? "", state: "done", told: [], due_at: at(-80), done_at: at(-82), done_by: "account-manager-2", result: { usage: "steady", sentiment: "mixed", open_issues: 2, score: 68, notes: "Asked for exports by the hour; renewal in May." } };
  const list: HealthCheck[] = [
    { id: "h1", customer: "customer-0034", state: "overdue", due_at: at(-9), asked_at: at(-16), late_at: at(-2), told: ["account-manager-2", "amanda.rodriguez"] },
    { id: "h2", customer: "customer-0001", state: "asked", due_at: at(2), asked_at: at(-5), told: ["account-manager-1"] },
    { id: "h3", customer: "customer-0067", state: "asked", due_at: at(3), asked_at: at(-4), told: ["account-manager-3"] },
    ...Array.from({ length: 12 }, (_, k): HealthCheck => ({ id: `p${k}`, customer: `customer-0${100 + k}`, state: "planned", due_at: at(30 + k), told: [] })),
  ];
  return customer === null ? list : [...list.filter((c) => c.customer === customer), ...(customer === "customer-0034" ? [done] : [])];
}
