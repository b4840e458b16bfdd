// One realistic P1 eighteen minutes in, a P2 being watched and a quiet P3, in
// the API's shapes. Times are relative to the instant the fake is made.
import type { Alert, Checklist, Deadline, Delivery, Incident, Message, PageCall, Task, TimelineEntry } from "../src/api/types";
import { nameOf } from "./catalogue.ts";

export interface Whole {
  incident: Incident;
  deadlines: Deadline[];
  timeline: TimelineEntry[];
  pages: PageCall[];
  messages: Message[];
  checklists: Checklist[];
  alerts: Alert[];
}

let serial = 7_300_000;
export const id = () => String(++serial);

const actions = ["acknowledge", "engage", "snooze", "wake", "confirm", "dismiss", "severity", "roles", "notes", "mitigate", "resolve", "escalate", "merge", "split", "restrict", "messages", "tasks", "scope", "brief", "responders", "reopen"];

export function blank(now: number, change: Partial<Incident> & { number: number }): Whole {
  const detected = new Date(now).toISOString();
  return {
    incident: {
      id: id(), ref: `INC-${change.number}`, title: "", service: { id: "api", name: "API" }, severity: "P3", highest: change.severity ?? "P3", status: "triage", declared: false,
      detected_at: detected, roles: {}, responders: [], why: [], alerts: { open: 1, total: 1 }, procedure: { hash: "9f2c41d07be1", version: "3.2" },
      affected: { customers: 0, regions: [] }, downtime_seconds: 0, regressions: [],
      scope: { services: [change.service ?? { id: "api", name: "API" }], products: [], added: [], spared: [] }, allowed_actions: actions, ...change,
    },
    deadlines: [], timeline: [], pages: [], messages: [], checklists: [], alerts: [],
  };
}

export function signIn(now: number): Whole {
  const declared = now - (18 * 60 + 42) * 1000;
  const t = (minutes: number, seconds = 0, milli = 0) => new Date(declared + minutes * 60_000 + seconds * 1000 + milli).toISOString();
  const w = blank(declared, {
    number: 42, title: "Sign-in fails for all users", service: { id: "auth", name: "Authentication" }, severity: "P1", highest: "P1", status: "investigating",
    declared: true, declared_at: t(0), detected_at: t(0, 0), acknowledged_at: t(1, 12), acknowledged_by: { id: "ana", name: "Ana" }, engaged_at: t(4, 5), scenario: "SEV-P1-EX5",
    regions: ["us", "eu", "uk", "apac"], affected: { customers: 1204, enterprise: 1204, vip: 37, major_account: 94, regions: ["us", "eu", "uk", "apac"] }, downtime_seconds: 1404,
    alerts: { open: 3, total: 3 },
    roles: { incident_commander: { id: "sarah.liu", name: "Sarah Liu" }, technical_lead: { id: "ana", name: "Ana" }, customer_communications_lead: { id: "amanda.rodriguez", name: "Amanda Rodriguez" } },
    responders: [["sarah.liu", 6], ["ana", 4], ["amanda.rodriguez", 7], ["david.kim", 8], ["platform-engineer-1", 9], ["communications-lead-1", 9], ["customer-success-manager-1", 11]].map(([p, m]) => ({ person: String(p), name: nameOf(String(p)), state: "joined", at: t(Number(m)) }))
      .concat([{ person: "bo", name: "Bo", state: "asked", at: t(1) }, { person: "platform-engineer-2", name: "Platform engineer 2", state: "unavailable", at: t(3) }]),
    why: ["Scenario “authentication system failures” is P1 (SEV-P1-EX5)", "Authentication is marked as a critical function, so a critical event suggests P1", "3 alerts on one service within 40 seconds", "Confirmed when Ana engaged at 4:05"],
  });
  const clock = (clock: string, name: string, from: number, due: number, change: Partial<Deadline> = {}): Deadline => ({
    id: id(), clock, name, severity: "P1", state: "pending", started_at: t(from), warn_at: t(from + (due - from) * 0.8), due_at: t(due), ...change,
  });
  const met = (m: number, s: number, text: string, actor: string): Partial<Deadline> => ({ state: "met", ended_at: t(m, s), evidence: { text, actor } });
  w.deadlines = [
    clock("acknowledge", "Acknowledge", 0, 5, { ...met(1, 12, "Acknowledged by SMS reply", "ana"), clauses: ["SEV-P1-ACK"] }),
    clock("response", "Response", 0, 10, { ...met(4, 5, "First responder is working", "ana"), clauses: ["SEV-P1-RESP"] }),
    clock("war_room", "War room", 0, 10, { ...met(6, 20, "Commander named, first responder joined", "sarah.liu"), clauses: ["SEV-P1-WAR"] }),
    clock("status_page", "First status post", 0, 15, { ...met(9, 30, "Published to the status page", "amanda.rodriguez"), clauses: ["COM-CUST-STATUS"] }),
    clock("executive_notice", "Executive notice", 0, 15, { state: "breached", ended_at: t(16, 20), evidence: { text: "Jennifer Walsh reached by phone", actor: "allclear", late: true }, clauses: ["SEV-P1-EXEC"] }),
    clock("customer_email", "Customer e-mail", 0, 15, { ...met(10, 2, "3,611 of 3,612 accepted", "allclear"), clauses: ["COM-CUST-EMAIL"] }),
    clock("status_update", "Next customer update", -8.5, 21.5, { state: "warned", clauses: ["COM-CAD-P1"] }),
    clock("resolution", "Resolution", 0, 45, { clauses: ["SEV-P1-RES"] }),
    clock("level_response", "Response of David Kim", 0, 15, { subject: "david.kim", ...met(8, 0, "Joined", "david.kim"), clauses: ["ESC-L2-P1"] }),
  ];
  const say = (m: number, s: number, kind: string, actor: string, text: string, data: TimelineEntry["data"] = {}, source = "console"): TimelineEntry => ({
    id: id(), kind, actor, actor_name: actor === "allclear" ? "Allclear" : nameOf(actor), source, at: t(m, s), recorded_at: t(m, s), text, data,
  });
  w.timeline = [
    say(0, 0, "incident.opened", "source:events", "Suspected P1 from 3 alerts: sign-in check, API availability 91 %, 14 tickets", { severity: "P1" }, "hook"),
    say(0, 0, "page.opened", "allclear", "Paged Ana, on call as primary", { to: "ana", channel: "sms", step: 1, round: 0, clauses: ["ESC-CHAIN-1"] }, "rule"),
    say(0, 0, "delivery.accepted", "allclear", "Text message to Ana accepted by the provider in 38 ms", { to: "ana", channel: "sms" }, "rule"),
    say(1, 12, "incident.acknowledged", "ana", "Acknowledged by SMS reply; the chain stops before step 2", { channel: "sms" }, "sms"),
    say(1, 12, "deadline.met", "ana", "Acknowledge met after 1:12 of 5 min", { clock: "acknowledge" }, "rule"),
    say(4, 5, "incident.engaged", "ana", "Ana is working on it", {}, "console"),
    say(4, 5, "incident.declared", "ana", "Declared P1", { severity: "P1", clauses: ["SEV-P1-EX5"] }),
    say(6, 20, "incident.role", "sarah.liu", "Sarah Liu is incident commander", { to: "sarah.liu" }),
    say(6, 20, "incident.war_room", "allclear", "War room is active: commander named, first responder joined", {}, "rule"),
    say(9, 30, "message.published", "amanda.rodriguez", "We are investigating failing sign-ins.", { audience: "customers", channels: ["status_page", "email", "in_app"] }),
    say(15, 0, "deadline.breached", "allclear", "Executive notice breached: Jennifer Walsh was not reached within 15 min", { clock: "executive_notice", clauses: ["SEV-P1-EXEC"] }, "timer"),
    say(15, 2, "incident.noted", "sarah.liu", "Decision: roll back auth-gateway to the previous release. The errors began with the deployment and staging shows the same. Instead of: raising session limits."),
    say(16, 20, "delivery.accepted", "allclear", "Call to Jennifer Walsh answered", { to: "jennifer.walsh", channel: "voice" }, "rule"),
    say(17, 40, "page.opened", "sarah.liu", "Paged Platform engineer 3: database expertise needed", { to: "platform-engineer-3", channel: "sms" }),
    say(17, 40, "delivery.failed", "allclear", "Text message to Platform engineer 3 failed: 503 from the provider; trying voice", { to: "platform-engineer-3", channel: "sms" }, "rule"),
    say(18, 12, "incident.noted", "ana", "Hypothesis: session keys were rotated without the old key staying valid."),
    say(18, 30, "deadline.warned", "allclear", "Next customer update is due in 3 min", { clock: "status_update" }, "timer"),
  ];
  const send = (channel: string, address: string, m: number, s: number, state = "sent", more: Partial<Delivery> = {}): Delivery => ({
    id: id(), kind: "page", channel, address, state, attempts: 1, at: t(m, s), done_at: t(m, s, 38), ...more,
  });
  const page = (to: string, m: number, s: number, reason: string, step: number, change: Partial<PageCall>): PageCall => ({
    id: id(), to, to_name: nameOf(to), reason, step, round: 0, channel: "sms", state: "acknowledged", at: t(m, s), ...change,
  });
  w.pages = [
    page("ana", 0, 0, "chain", 1, { ended_at: t(1, 12), clauses: ["ESC-CHAIN-1"], deliveries: [send("push", "Ana’s phone", 0, 0, "failed", { last_error: "no push subscription" }), send("sms", "+15550100001", 0, 0, "sent", { confirmation: "delivered", confirmed_at: t(0, 4) })] }),
    page("david.kim", 5, 0, "all-hands", 0, { ended_at: t(8, 0), clauses: ["SEV-P1-ALLHANDS"], deliveries: [send("sms", "+15550100003", 5, 0)] }),
    page("platform-engineer-2", 5, 0, "all-hands", 0, { state: "cancelled", ended_at: t(9, 10), deliveries: [send("sms", "+15550100013", 5, 0, "sent", { confirmation: "failed", confirmed_at: t(5, 22), last_error: "" })] }),
    page("platform-engineer-3", 17, 40, "Sarah Liu asked: database expertise needed", 0, {
      state: "sent", channel: "voice", deliveries: [send("sms", "+15550100014", 17, 40, "failed", { attempts: 2, last_error: "503 Service Unavailable from the provider" }), send("voice", "+15550100014", 18, 5)],
    }),
  ];
  w.messages = [
    {
      id: id(), audience: "customers", purpose: "update", channels: ["status_page", "email", "in_app"], status: "identified", subject: "We are undoing a change to sign-in",
      text: "A change to our sign-in service is the cause. We are undoing it now and expect sign-ins to recover within 15 minutes. Dashboards that are already open keep working, and your data is safe.\n\nNext update by 30 minutes from now.",
      state: "draft", author: "communications-lead-1", created_at: t(17, 20), recipients: 3612, tally: {}, clauses: ["COM-CAD-P1"], hash: "4be1c02f9a77d0c1a4d2e6f0",
    },
    {
      id: id(), audience: "customers", purpose: "holding", channels: ["status_page", "email", "in_app"], status: "investigating", subject: "Sign-in is not working",
      text: "We are investigating failing sign-ins. All regions are affected. Data is safe; dashboards that are already open keep working.",
      state: "published", author: "allclear", approved_by: "amanda.rodriguez", created_at: t(0), published_at: t(9, 30), recipients: 3612,
      tally: { sent: 3611, failed: 1 }, clauses: ["COM-CUST-STATUS", "COM-CUST-EMAIL"], hash: "77ab01",
    },
  ];
  const somebody = (p: string) => ({ id: p, name: nameOf(p) });
  const task = (title: string, due: number, who: string, change: Partial<Task> = {}): Task => ({ id: id(), title, owner: who, owner_people: who ? [somebody(who)] : [], state: "open", opened_at: t(0), due_at: t(due), ...change });
  const did = (m: number, s: number, by: string, evidence: string): Partial<Task> => ({ state: "done", done_at: t(m, s), done_by: by, done_by_name: by === "allclear" ? undefined : nameOf(by), evidence });
  const at = (m: number, p: string): Partial<Task> => ({ taken_by: somebody(p), taken_at: t(m) });
  const list = (phase: string, name: string, ...items: Task[]): Checklist => ({ phase, name, items: items.map((x) => ({ ...x, phase })) });
  w.checklists = [
    list("RSP-S1", "Detection and validation",
      task("Acknowledge the page", 3, "ana", { ...did(1, 12, "ana", "acknowledged by text message"), clauses: ["RSP-S1", "RSP-S1-ACK"] }),
      task("Decide whether it is real: confirm, or dismiss with a reason", 3, "ana", { ...did(4, 5, "ana", "engaged, which confirms"), clauses: ["RSP-S1", "RSP-S1-VALID"] }),
      task("Compare with the status page and external monitoring", 3, "ana", { ...did(2, 30, "ana", "Pingdom is red from all four places"), clauses: ["RSP-S1", "RSP-S1-CORR"] })),
    list("RSP-S2", "Assessment and classification",
      task("Set the severity from impact and urgency", 8, "ana", { ...did(4, 5, "ana", "P1 confirmed"), clauses: ["RSP-S2", "RSP-S2-SEV"] }),
      task("Name the affected services, customers and regions", 8, "ana", { ...did(7, 10, "sarah.liu", "Authentication, everywhere"), clauses: ["RSP-S2", "RSP-S2-SCOPE"] }),
      task("Write down the first findings", 8, "ana", { clauses: ["RSP-S2", "RSP-S2-DOC"] })),
    list("RSP-S3", "Team activation and communication",
      task("Bring in the response team for this severity and these services", 15, "sarah.liu", { ...did(5, 0, "allclear", "team called at 5:00"), clauses: ["RSP-S3", "RSP-S3-TEAM"] }),
      task("Check that everyone of the escalation matrix was told", 15, "sarah.liu", { state: "na", done_at: t(14), done_by: "sarah.liu", done_by_name: "Sarah Liu", evidence: "Level 3 is in the room already", clauses: ["RSP-S3", "RSP-S3-NOTIFY"] })),
    list("WAR", "War room",
      task("Name the scribe", 15, "sarah.liu", { clauses: ["WAR-SCR-TIMELINE", "WAR-SCR-NOTES"] }),
      task("Put the monitoring dashboards on the screen", 25, "sarah.liu", { clauses: ["WAR-PHY-SCREEN"] })),
    list("INV-TRI", "Technical triage",
      task("Review recent deployments and configuration changes", 15, "ana", { ...did(12, 0, "allclear", "auth-gateway 4.18.0 finished 6 min before the first alert"), clauses: ["INV-TRI", "INV-TRI-DEPLOY"] }),
      task("Check the status of third parties", 15, "ana", { ...did(12, 0, "allclear", "Cloudflare and AWS report no incident"), clauses: ["INV-TRI", "INV-TRI-3P"] })),
    list("INV-RCA", "Root cause",
      task("List the possible causes and rule them out one by one", 45, "ana", { clauses: ["INV-RCA", "INV-RCA-HYP"] }),
      task("Reproduce it in staging, or say why that is not possible", 45, "bo", { ...at(15, "bo"), clauses: ["INV-RCA", "INV-RCA-REPRO"] }),
      task("Review security events: threat or no threat", 45, "david.kim", { clauses: ["INV-RCA", "INV-RCA-SEC"] })),
    list("COM", "Communication",
      task("Call each affected VIP customer (37 accounts)", 30, "customer-success-manager-1", { ...at(11, "customer-success-manager-1"), clauses: ["COM-CUST-VIP"] })),
    list("VAL", "Validation",
      task("Sign-in verified from outside in every region", 60, "ana", { gate: "resolve", due_at: undefined, clauses: ["RES-VAL-SMOKE"] }),
      task("Validate that nothing was compromised", 60, "ana", { gate: "resolve", due_at: undefined, clauses: ["RES-VAL-SEC"] })),
    list("BOARD", "Cards of the board",
      task("Roll back auth-gateway to 4.17.2", 25, "platform-engineer-1", { ...at(16, "platform-engineer-1"), clauses: ["WAR-PHY-BOARD"] }),
      task("Ask Cloudflare whether cache rules changed", 40, "", { clauses: ["WAR-PHY-BOARD"] })),
  ];
  const alert = (summary: string, source: string, s: number, count: number, severity = "critical"): Alert => ({
    id: id(), status: "triggered", dedup_key: `auth/${source}`, severity, summary, count, source, service: { id: "auth", name: "Authentication" }, incident: 42, first_at: t(0, s), last_at: t(18, 30),
  });
  w.alerts = [alert("Sign-in check failed from 4 of 4 places", "pingdom", 0, 19), alert("API availability 91 % over 5 min, threshold 99 %", "datadog", 22, 7), alert("14 tickets mention “cannot log in”", "zendesk", 39, 14, "error")];
  return w;
}

export function exports41(now: number): Whole {
  const t0 = now - 161 * 60_000;
  const t = (m: number) => new Date(t0 + m * 60_000).toISOString();
  const w = blank(t0, {
    number: 41, title: "Report exports fail for customers in Europe", service: { id: "reporting", name: "Reporting" }, severity: "P2", highest: "P2", status: "monitoring", declared: true, declared_at: t(3),
    acknowledged_at: t(2), acknowledged_by: { id: "bo", name: "Bo" }, engaged_at: t(3), mitigated_at: t(91), regions: ["eu"], affected: { customers: 46, enterprise: 46, vip: 2, regions: ["eu"] },
    roles: { incident_commander: { id: "marcus.johnson", name: "Marcus Johnson" } }, responders: [{ person: "bo", name: "Bo", state: "joined", at: t(3) }], alerts: { open: 0, total: 4 }, downtime_seconds: 0,
  });
  w.deadlines = [
    { id: id(), clock: "acknowledge", name: "Acknowledge", severity: "P2", state: "met", started_at: t(0), due_at: t(15), ended_at: t(2), evidence: { actor: "bo" } },
    { id: id(), clock: "status_update", name: "Next customer update", severity: "P2", state: "pending", started_at: t(152), due_at: t(212) },
    { id: id(), clock: "resolution", name: "Resolution", severity: "P2", state: "met", started_at: t(0), due_at: t(120), ended_at: t(91), evidence: {} },
  ];
  w.timeline = [{ id: id(), kind: "incident.declared", actor: "bo", actor_name: "Bo", source: "console", at: t(3), recorded_at: t(3), text: "Declared P2", data: { severity: "P2" } }];
  return w;
}

export function search40(now: number): Whole {
  const w = blank(now - 26 * 60_000, { number: 40, title: "Help centre search returns nothing", service: { id: "dashboard", name: "Dashboards" }, severity: "P3", status: "triage" });
  const t0 = now - 26 * 60_000;
  w.deadlines = [{ id: id(), clock: "acknowledge", name: "Acknowledge", severity: "P3", state: "pending", started_at: new Date(t0).toISOString(), due_at: new Date(t0 + 3_600_000).toISOString() }];
  return w;
}

/** A suspected P1 that nobody has taken yet. */
export function suspected(now: number, number: number, title: string, service: { id: string; name: string }): Whole {
  const at = new Date(now).toISOString();
  const due = (m: number) => new Date(now + m * 60_000).toISOString();
  const w = blank(now, { number, title, service, severity: "P1", highest: "P1", detected_at: at, why: [`${service.name} is marked as a critical function, so a critical event suggests P1`], affected: { customers: 1204, vip: 37, enterprise: 1204 } });
  w.deadlines = [
    { id: id(), clock: "acknowledge", name: "Acknowledge", severity: "P1", state: "pending", started_at: at, due_at: due(5) },
    { id: id(), clock: "response", name: "Response", severity: "P1", state: "pending", started_at: at, due_at: due(10) },
    { id: id(), clock: "resolution", name: "Resolution", severity: "P1", state: "pending", started_at: at, due_at: due(45) },
  ];
  w.pages = [{ id: id(), to: "ana", to_name: "Ana", reason: "chain", step: 1, round: 0, channel: "sms", state: "sent", at, clauses: ["ESC-CHAIN-1"], deliveries: [{ channel: "sms", address: "+15550100001", state: "sent", attempts: 1, at }] }];
  w.alerts = [{ id: id(), status: "triggered", dedup_key: `${service.id}/check`, severity: "critical", summary: title, count: 1, source: "events", service, incident: number, first_at: at, last_at: at }];
  w.timeline = [
    { id: id(), kind: "incident.opened", actor: "source:events", source: "hook", at, recorded_at: at, text: `Suspected P1 from an alert: ${title}`, data: { severity: "P1" } },
    { id: id(), kind: "page.opened", actor: "allclear", actor_name: "Allclear", source: "rule", at, recorded_at: at, text: "Paged Ana, on call as primary", data: { to: "ana", channel: "sms", step: 1, clauses: ["ESC-CHAIN-1"] } },
  ];
  return w;
}
