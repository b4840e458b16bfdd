// The war room, the impact, a brief and a wall board of an incident, in the
// API's shapes. Dev only.
import type { Impact, Incident, Wall, WarRoom } from "../src/api/types";
import { customers } from "./catalogue.ts";
import type { Whole } from "./story.ts";

export function impactOf(w: Whole, now: number): Impact {
  const i = w.incident;
  const n = i.affected.customers;
  const lasting = Math.round((now - Date.parse(i.detected_at)) / 1000);
  return {
    customers: n, arr_usd: n * 94_130, revenue_at_risk_usd: Math.round((n * 94_130 * lasting) / (365 * 86_400)), lasting_seconds: lasting, beyond_promise: n > 1000 ? 12 : 0, consequence: i.scope?.consequence,
    accounts: customers.slice(0, n > 0 ? 80 : 0).map((c, k) => ({ id: c.id, name: c.name, tier: c.tier ?? "enterprise", vip: !!c.vip, major_account: !!c.major_account, region: c.region, account_manager: c.account_manager, arr_usd: 40_000 + ((k * 7919) % 400) * 1000, added: false, promised_percent: k % 9 === 0 ? 99.99 : 99.95, allowed_seconds: k % 9 === 0 ? 259 : 1296, used_seconds: lasting })),
  };
}

export function briefOf(w: Whole, now: number): string {
  const i = w.incident;
  const minutes = Math.round((now - Date.parse(i.detected_at)) / 60_000);
  return [`${i.ref} is a ${i.severity}: ${i.title}.`, `Impact: ${i.service.name}; ${i.affected.customers.toLocaleString("en-GB")} customers, of them ${i.affected.vip ?? 0} VIP.`, `Now: ${i.status}, for ${minutes} min.`, "Expected: ", "Needed from you: nothing at the moment."].join("\n");
}

export function roomOf(i: Incident, now: number): WarRoom {
  const at = (m: number) => new Date(now - m * 60_000).toISOString();
  if (!i.declared) return { incident: i.ref, kind: "full", can_call: false, parts: [], notes: { version: 0 } };
  return {
    incident: i.ref, kind: "full", bridge: "+44 20 7946 0111, PIN 4417", can_call: true, notes: { version: 0 },
    parts: [
      { id: "r1", kind: "chat", state: "open", provider: "Slack", name: "#inc-20260302-042-sign-in-fails", url: "https://example.slack.com/archives/C042", wanted_at: at(14), opened_at: at(14), unknown: [{ id: "platform-engineer-3", name: "Platform engineer 3" }] },
      { id: "r2", kind: "video", state: "open", provider: "Zoom", name: "Incident room 1", url: "https://zoom.us/j/98765432100", dial_in: ["+1 555 010 7700"], pin: "123456", wanted_at: at(14), opened_at: at(14), present: ["Sarah Liu", "Ana", "David Kim", "Amanda Rodriguez", "Platform engineer 1"].map((name) => ({ name, since: at(9) })) },
      { id: "r3", kind: "notes", state: "fallback", problem: "Google Docs answered 503 Service Unavailable", retry_at: new Date(now + 40_000).toISOString(), instead: { what: "the incident's own notes" }, wanted_at: at(14) },
      { id: "r4", kind: "physical", state: "failed", problem: "every conference room is taken until 10:00", instead: { what: "the incident's own page" }, wanted_at: at(14), by: "sarah.liu" },
    ],
  };
}

export function wallOf(w: Whole, summary: object, now: number): Wall {
  const open = w.checklists.flatMap((c) => c.items.map((t) => ({ ...t, phase: c.phase }))).filter((t) => t.state === "open").sort((a, b) => (a.due_at ?? "9").localeCompare(b.due_at ?? "9"));
  return {
    incident: summary, clocks: w.deadlines, responders: w.incident.responders, now: new Date(now).toISOString(), until: new Date(now + 7.5 * 3_600_000).toISOString(),
    tasks: open.map((t) => ({ title: t.title, phase: t.phase, owner: t.taken_by?.name ?? t.owner_people?.[0]?.name ?? t.owner, taken: !!t.taken_by, due_at: t.due_at, late: !!t.due_at && Date.parse(t.due_at) < now })),
    timeline: [...w.timeline].reverse().map((e) => ({ id: e.id, kind: e.kind, at: e.at, actor: e.actor_name ?? e.actor, text: e.text })),
  } as unknown as Wall;
}
