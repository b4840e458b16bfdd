// The components of the public page and how it looks, in the fake.
import type { Following, Subscriber, SubscriberCount, SubscriberSend } from "../src/api/readers";
import type { Component, Look } from "../src/api/statuspage";

const at = "2026-03-02T10:00:00Z";

export function componentsOf(calm: boolean): Component[] {
  if (calm) return [];
  const one = (id: string, name: string, more: Partial<Component> = {}): Component => ({ id, name, showcase: true, version: 1, updated_at: at, ...more });
  return [
    one("sign-in", "Sign-in", { description: "Log-in page, single sign-on and sessions", position: 1 }),
    one("data", "Data", { position: 2 }),
    one("ingestion", "Data pipelines", { group: "data", position: 1 }),
    one("exports", "Reports and exports", { group: "data", position: 2, showcase: false, only_show_if_degraded: true }),
    one("lab", "Laboratory", { hidden: true }),
  ];
}

export function lookOf(calm: boolean): Look {
  return calm ? {} : { name: "TechFlow", accent: "#1f51c0", accent_dark: "#93b5ff", band: "#12324a", band_text: "#ffffff", support: "https://support.techflow.example", footer: "TechFlow Inc.", languages: ["en", "de"], language: "en" };
}

export function followingOf(calm: boolean): Following {
  const one = (service: string, name: string, more: object = {}) => ({ service, name, status: "operational", alerts: "operational", ...more });
  return {
    rules: { mode: "approve", after: "1m", restore: "5m", states: { critical: "partial_outage", error: "degraded_performance" } },
    components: calm ? [one("auth", "Sign-in")] : [
      one("auth", "Sign-in", { status: "major_outage", alerts: "partial_outage", set_by: "amanda.rodriguez", since: at, reason: "nobody can sign in, whatever the probes say" }),
      one("reporting", "Reports and exports", { alerts: "degraded_performance", draft: "degraded_performance", since: at }),
      one("ingestion", "Data pipelines"),
    ],
  };
}

export function subscribersOf(calm: boolean, query: URLSearchParams): Subscriber[] {
  const one = (id: string, address: string, more: Partial<Subscriber> = {}): Subscriber => ({ id, address, channel: "email", state: "confirmed", components: [], kinds: ["incident", "maintenance"], created_at: at, failures: 0, imported: false, ...more });
  const all = [
    one("s4", "operations@northwind.example", { components: ["sign-in", "exports"] }),
    one("s3", "https://hooks.contoso.example/allclear", { channel: "webhook", state: "paused", failures: 40, problem: "peer answered 410 Gone" }),
    one("s2", "+15550177001", { channel: "sms", kinds: ["incident"], customer: "customer-0001" }),
    one("s1", "mia@reader.example", { state: "pending", imported: true }),
  ];
  return calm ? [] : all.filter((s) => (!query.get("channel") || s.channel === query.get("channel")) && (!query.get("state") || s.state === query.get("state")) && s.address.includes(query.get("address") ?? ""));
}

export const countsOf = (calm: boolean): SubscriberCount[] => (calm ? [] : [
  { channel: "email", state: "confirmed", count: 2814 }, { channel: "sms", state: "confirmed", count: 121 }, { channel: "webhook", state: "confirmed", count: 18 }, { channel: "email", state: "pending", count: 37 }, { channel: "webhook", state: "paused", count: 1 },
]);

export const sentOf = (): SubscriberSend[] => [
  { id: "d2", channel: "webhook", kind: "update", subject: "Sign-in is not working", state: "failed", attempts: 8, at, error: "peer answered 410 Gone" },
  { id: "d1", channel: "webhook", kind: "subscription", subject: "", state: "sent", attempts: 1, at, done_at: at },
];

/** What an import, or forgetting an address, answers; an export is read as text. */
export const readersDone = (what: string, body: Record<string, unknown>): unknown => (what === "erase" ? { ended: String(body["address"]).includes("reader") ? 1 : 0 } : {
  added: 214, known: 12, problems: [{ where: "line 9", what: "is not an address that mail can reach" }, { where: "line 40", what: "names the component \"billing\", which the page does not have" }],
});
