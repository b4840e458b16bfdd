// Reviews and action items in the API's shapes. Dev only.
import type { ActionItem, Review, ReviewSummary } from "../src/api/review";

const people = {
  "sarah.liu": "Sarah Liu", "marcus.chen": "Marcus Chen", "rachel.torres": "Rachel Torres",
} as const;
type Person = keyof typeof people;
const named = (id: Person) => ({ id, name: people[id] });

/** Hours from now, as the API writes an instant. */
const instants = (now: number) => (hours: number) => new Date(now + hours * 3_600_000).toISOString();

export function reviewsOf(now: number, query: URLSearchParams): ReviewSummary[] {
  const at = instants(now);
  const all: ReviewSummary[] = [
    { incident: "INC-39", title: "Sign-in fails in one region", highest_severity: "P2", incident_status: "resolved", state: "open", owner: named("sarah.liu"), opened_at: at(-26), meeting_at: at(94), actions: 2, missing: 5 },
    { incident: "INC-36", title: "Reports show figures of yesterday", highest_severity: "P2", incident_status: "resolved", state: "ready", owner: named("marcus.chen"), opened_at: at(-150), held_at: at(-30), actions: 3, missing: 0 },
    { incident: "INC-31", title: "Requests of the API time out in Europe", highest_severity: "P1", incident_status: "closed", state: "signed_off", owner: named("rachel.torres"), opened_at: at(-400), held_at: at(-320), signed_at: at(-300), actions: 4, missing: 0 },
  ];
  return all.filter((r) => query.get("open") !== "true" || r.state !== "signed_off");
}

export function actionItemsOf(now: number, query: URLSearchParams): ActionItem[] {
  const at = instants(now);
  const item = (id: string, owner: Person, more: Pick<ActionItem, "title" | "incident" | "category" | "state" | "due_at"> & Partial<ActionItem>): ActionItem => ({
    id, owner: named(owner), created_at: at(-300), created_by: named("rachel.torres"), seen_at: at(-20), overdue: false, milestones: [],
    history: [{ what: "created", at: at(-300), by: named("rachel.torres") }], ...more,
  });
  const all = [
    item("act-1", "marcus.chen", { title: "Alarm on the age of certificates at the gateways", incident: "INC-39", category: "technical", state: "in_progress", due_at: at(200), milestones: [{ id: "ms-1", title: "The age is collected", due_at: at(-10), done_at: at(-30), missed: false, state: "done" }, { id: "ms-2", title: "The limit pages", due_at: at(120), missed: false, state: "open" }] }),
    item("act-2", "sarah.liu", { title: "Rehearse the way back of a schema change", incident: "INC-31", category: "training", state: "open", due_at: at(-50), overdue: true, late_since: at(-50), milestones: [{ id: "ms-3", title: "The plan stands", due_at: at(-90), missed: true, state: "missed" }] }),
    item("act-3", "marcus.chen", { title: "A second upstream for the API in Europe", incident: "INC-31", category: "technical", state: "blocked", due_at: at(300), late_since: at(-8), reason: "The contract with the second provider is not signed" }),
    item("act-4", "rachel.torres", { title: "Say in the first update when the next one comes", incident: "INC-36", category: "communication", state: "done", due_at: at(40), done_at: at(-12), text: "The template has the place for it; it was left empty." }),
    item("act-5", "sarah.liu", { title: "Connection pools by service, not by host", incident: "INC-31", category: "process", state: "verified", due_at: at(-100), done_at: at(-140), ended_at: at(-120), verified_by: named("rachel.torres") }),
  ];
  const standing = (a: ActionItem) => a.state !== "verified" && a.state !== "cancelled";
  return all.filter((a) => (query.get("standing") !== "true" || standing(a)) && (query.get("overdue") !== "true" || a.overdue) && (!query.get("category") || a.category === query.get("category")));
}

/** The review of INC-39, some days before its meeting. */
export function reviewOf(now: number): Review {
  const at = instants(now);
  const minute = (m: number) => at(-30 + m / 60);
  const clock = (id: string, name: string, within: number, ended: number): Review["communication"]["clocks"][number] => ({
    id, clock: id, name, severity: "P2", state: ended <= within ? "met" : "breached", started_at: minute(0), due_at: minute(within), ended_at: minute(ended), clauses: [],
  });
  const account = (id: string, name: string, tier: string, vip: boolean, promised: number, revenue: number) => ({
    id, name, region: "eu", tier, vip, minutes: 84, uptime_percent: promised, allowed_minutes: 43200 * (1 - promised / 100), allowed_share: 84 / (43200 * (1 - promised / 100)), revenue_at_risk_usd: revenue,
  });
  const worked = (person: Person, roles: string[], pages: number, answered: number, slowest: number, minutes: number) => ({
    person: named(person), roles, pages, answered, paged: [], slowest_seconds: slowest, worked_seconds: minutes * 60, joined_at: minute(6),
  });
  const agenda = (id: string, shows: Review["agenda"][number]["shows"], title: string, more: Partial<Review["agenda"][number]> = {}) => ({ id, shows, title, ...more });
  return {
    incident: "INC-39", title: "Sign-in fails in one region", service: "Authentication", highest_severity: "P2", incident_status: "resolved", state: "open", duty: "required",
    owner: named("sarah.liu"), opened_at: minute(90), resolved_at: minute(88), rounds: [],
    timeline: { entries: 41, gaps: [{ from: minute(31), until: minute(52) }] },
    impact: {
      minutes: 84, loss_factor: 1, revenue_at_risk_usd: 18400, total_usd: 21150, stretches: [{ from: minute(0), until: minute(84) }],
      accounts: [account("customer-0007", "Customer 0007", "enterprise", true, 99.95, 11200), account("customer-0034", "Customer 0034", "enterprise", false, 99.9, 4900), account("customer-0120", "Customer 0120", "business", false, 99.5, 2300)],
      costs: [{ currency: "USD", credits_cents: 195_000, manual_cents: 80_000 }],
      metrics: [
        { name: "Sign-ins that fail", rule: "auth-errors", service: "auth", unit: "%", verdict: "back", before: { known: true, mean: 0.21, peak: 0.4 }, during: { known: true, mean: 38.2, peak: 61 }, after: { known: true, mean: 0.23, peak: 0.5 } },
        { name: "Time of a sign-in", rule: "auth-latency", service: "auth", unit: "ms", verdict: "not_back", before: { known: true, mean: 180, peak: 240 }, during: { known: true, mean: 2900, peak: 8000 }, after: { known: true, mean: 231, peak: 400 } },
      ],
      mood: { before: { judged: 4, score: 0.4, mentions: 4, tickets: 0, feedback: 0 }, during: { judged: 31, score: -0.72, mentions: 12, tickets: 17, feedback: 2 }, after: { judged: 6, score: 0.1, mentions: 3, tickets: 2, feedback: 1 } },
      assessments: { technical: { at: at(-20), by: named("marcus.chen"), text: "One of four gateways refused the sign-in of all who came by way of Frankfurt. No data was lost." } },
    },
    cause: { text: "The certificate of the gateway in Frankfurt was renewed with a chain that the identity provider does not trust.", category: "configuration", preliminary: true, by: named("marcus.chen") },
    factors: [{ sort: "tool", text: "The check of certificates looks at their date and not at their chain.", by: named("marcus.chen") }, { sort: "process", text: "Gateways are renewed one after the other without a look at the first.", by: named("sarah.liu") }],
    decisions: [{ at: minute(24), by: "Sarah Liu", what: "Take Frankfurt out of the rotation", rationale: "the other three carry the load of the evening", options: ["wait for the renewal"] }, { at: minute(70), by: "Marcus Chen", what: "Renew the certificate by hand" }],
    communication: { clocks: [clock("acknowledge", "Acknowledge", 15, 4), clock("status_page", "First post on the status page", 30, 19), clock("status_update", "Next customer update", 60, 63), clock("resolution", "Resolution", 240, 88)], met: 3, missed: 1 },
    team: [worked("sarah.liu", ["incident_commander"], 1, 1, 140, 78), worked("marcus.chen", ["technical_lead"], 2, 2, 230, 82)],
    lessons: [{ text: "A renewal is a change: it needs a plan and a look afterwards.", by: named("sarah.liu") }],
    went_well: [{ text: "Taking the region out helped within three minutes.", by: named("marcus.chen") }],
    feedback: [{ at: at(-10), from: named("rachel.torres"), rating: 4, went_well: "Updates were plain.", to_improve: "The second update was three minutes late." }],
    actions: actionItemsOf(now, new URLSearchParams()).filter((a) => a.incident === "INC-39"),
    recommendations: [{ id: "rec-1", text: "Say in the procedure who looks after a renewal.", by: named("sarah.liu") }],
    participants: [{ person: named("sarah.liu"), as: ["incident commander"], clauses: [], invited: true }, { person: named("marcus.chen"), as: ["technical lead", "service owner"], clauses: [], invited: true }],
    guests: [{ name: "Kim Jensen", email: "kim@identity.example", of: "the identity provider" }], vendors: [],
    meeting: { attended: [], start: at(94), end: at(95), window_from: minute(88 + 48 * 60), window_until: minute(88 + 120 * 60), invited_at: at(-12), reason: "Everybody is there on that day" },
    agenda: [
      agenda("timeline", "timeline", "Timeline review and validation", { minutes: 10, notes: "The gap was a call." }), agenda("cause", "cause", "Root cause: presentation and discussion"), agenda("response", "response", "How effective the response was"),
      agenda("customers", "impact", "Customer impact and communication"), agenda("actions", "actions", "Action items and their owners"), agenda("process", "recommendations", "Recommendations for the process"), agenda("follow-up", "follow_up", "Follow-up meeting and accountability"),
    ],
    missing: [{ what: "the root cause is not validated", where: "cause" }, { what: "a gap in the timeline is not explained", where: "timeline" }, { what: "the impact on customers is not assessed", where: "impact" }, { what: "the communication is not judged", where: "communication" }, { what: "the meeting was not held", where: "meeting" }],
    tasks: [],
  };
}
