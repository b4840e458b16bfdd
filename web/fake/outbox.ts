// What has left or waits to leave, in the API's shape. Dev only.
import type { Delivery } from "../src/api/types";
import type { Whole } from "./story.ts";

export function deliveriesOf(incidents: Iterable<Whole>, now: number, query: URLSearchParams): Delivery[] {
  const out: Delivery[] = [];
  for (const w of incidents) {
    const n = w.incident.number;
    for (const p of w.pages) {
      for (const d of p.deliveries ?? []) {
        out.push({ ...d, kind: "page", incident: n, recipient: p.to, subject: `${w.incident.severity} ${w.incident.title}`, clauses: p.clauses,
          body: `Allclear: ${w.incident.severity} on ${w.incident.service.name}. ${w.incident.title}. Reply ACK 4417 to take it, or open ${w.incident.ref}.` });
      }
    }
    for (const m of w.messages.filter((x) => x.state === "published")) {
      for (const channel of m.channels) {
        out.push({ id: `${m.id}-${channel}`, kind: "message", incident: n, channel, recipient: channel === "email" ? "customer-0001" : "public", address: channel === "email" ? "operations@customer-0001.example" : channel,
          subject: m.subject, body: m.text, state: "sent", attempts: 1, at: m.published_at ?? "", clauses: m.clauses });
      }
    }
  }
  out.push({ id: "n1", kind: "notice", incident: 42, channel: "chat", recipient: "team:operations", address: "#incidents", subject: "P1 declared", body: "P1 declared: Sign-in fails for all users (INC-42). Sarah Liu commands.", state: "sent", attempts: 1, at: new Date(now - 12 * 60_000).toISOString() });
  return out.filter((d) => (!query.get("kind") || d.kind === query.get("kind")) && (!query.get("incident") || String(d.incident) === query.get("incident")) && (!query.get("state") || d.state === query.get("state")) && (!query.get("channel") || d.channel === query.get("channel")))
    .sort((a, b) => b.at.localeCompare(a.at));
}
