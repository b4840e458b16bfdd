// Reviews and action items in the API's shapes. Dev only.
import type { ActionItem, ReviewSummary } from "../src/api/review";

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
    { incident: "INC-39", title: "Exports wait for hours", highest_severity: "P2", incident_status: "resolved", state: "open", owner: named("sarah.liu"), opened_at: at(-26), meeting_at: at(94), actions: 2, missing: 5 },
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
    item("act-1", "marcus.chen", { title: "Alarm on the length of the export queue", incident: "INC-39", category: "technical", state: "in_progress", due_at: at(200), milestones: [{ id: "ms-1", title: "The figure is collected", due_at: at(-10), done_at: at(-30), missed: false, state: "done" }, { id: "ms-2", title: "The limit pages", due_at: at(120), missed: false, state: "open" }] }),
    item("act-2", "sarah.liu", { title: "Rehearse the way back of a schema change", incident: "INC-31", category: "training", state: "open", due_at: at(-50), overdue: true, late_since: at(-50), milestones: [{ id: "ms-3", title: "The plan stands", due_at: at(-90), missed: true, state: "missed" }] }),
    item("act-3", "marcus.chen", { title: "A second upstream for the API in Europe", incident: "INC-31", category: "technical", state: "blocked", due_at: at(300), late_since: at(-8), reason: "The contract with the second provider is not signed" }),
    item("act-4", "rachel.torres", { title: "Say in the first update when the next one comes", incident: "INC-36", category: "communication", state: "done", due_at: at(40), done_at: at(-12), text: "The template has the place for it; it was left empty." }),
    item("act-5", "sarah.liu", { title: "Connection pools by service, not by host", incident: "INC-31", category: "process", state: "verified", due_at: at(-100), done_at: at(-140), ended_at: at(-120), verified_by: named("rachel.torres") }),
  ];
  const standing = (a: ActionItem) => a.state !== "verified" && a.state !== "cancelled";
  return all.filter((a) => (query.get("standing") !== "true" || standing(a)) && (query.get("overdue") !== "true" || a.overdue) && (!query.get("category") || a.category === query.get("category")));
}
