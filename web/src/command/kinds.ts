// How each kind of timeline entry reads: its word and its tone. Pure.
import type { components } from "../api/schema";
import type { TimelineEntry } from "../api/types";
import { channelWord, plain, target } from "../ui/words";

export type Dot = "plain" | "told" | "ok" | "warn" | "bad";

/** Every kind the server knows; one without a word does not compile. */
type Kind = components["schemas"]["TimelineEntry"]["kind"];

export const words: Record<Kind, [string, Dot]> = {
  "alert.triggered": ["Alert", "bad"],
  "alert.recovered": ["Recovered", "ok"],
  "alert.acknowledged": ["Alert acknowledged", "ok"],
  "incident.opened": ["Opened", "bad"],
  "incident.declared": ["Declared", "bad"],
  "incident.acknowledged": ["Acknowledged", "ok"],
  "incident.engaged": ["Engaged", "ok"],
  "incident.snoozed": ["Snoozed", "warn"],
  "incident.unsnoozed": ["Awake", "plain"],
  "incident.ack_expired": ["Acknowledgement expired", "bad"],
  "incident.retriggered": ["Pages anew", "bad"],
  "incident.severity": ["Severity", "warn"],
  "incident.mitigated": ["Mitigated", "ok"],
  "incident.monitoring": ["Monitoring", "ok"],
  "incident.recovered": ["Recovered", "ok"],
  "incident.relapsed": ["Relapsed", "bad"],
  "incident.called": ["Emergency call", "bad"],
  "incident.escalated": ["Customer escalation", "bad"],
  "incident.suggested": ["Suggested", "warn"],
  "incident.alert_acked": ["Acknowledged at the source", "ok"],
  "incident.resolved": ["Resolved", "ok"],
  "incident.closed": ["Closed", "plain"],
  "incident.dismissed": ["Dismissed", "plain"],
  "incident.merged": ["Merged", "plain"],
  "incident.split": ["Split", "plain"],
  "incident.restricted": ["Restricted", "warn"],
  "incident.role": ["Role", "plain"],
  "incident.joined": ["Joined", "ok"],
  "incident.war_room": ["War room", "ok"],
  "incident.noted": ["Note", "plain"],
  "incident.automatic": ["By rule", "plain"],
  "incident.moment": ["Seen", "ok"],
  "incident.scope": ["Scope", "warn"],
  "incident.briefed": ["Executive brief", "told"],
  "incident.reopened": ["Reopened", "bad"],
  "incident.related": ["Related", "warn"],
  "review.opened": ["Review", "plain"],
  "review.changed": ["Review", "plain"],
  "review.signed_off": ["Signed off", "ok"],
  "action.item": ["Action item", "plain"],
  "deadline.warned": ["Due soon", "warn"],
  "deadline.met": ["Met", "ok"],
  "deadline.breached": ["Breached", "bad"],
  "deadline.waived": ["Waived", "plain"],
  "page.wanted": ["Page asked for", "plain"],
  "page.opened": ["Paged", "told"],
  "page.answered": ["Answered", "ok"],
  "page.failed": ["Unreachable", "bad"],
  "escalation.policy": ["Policy", "plain"],
  "notice.wanted": ["Notice asked for", "plain"],
  "notice.opened": ["Told", "told"],
  "notice.told": ["Everybody told", "ok"],
  "delivery.accepted": ["Delivered", "told"],
  "delivery.failed": ["Not delivered", "bad"],
  "message.wanted": ["Message asked for", "plain"],
  "message.drafted": ["Drafted", "plain"],
  "message.approved": ["Approved", "ok"],
  "message.published": ["Published", "ok"],
  "message.cancelled": ["Cancelled", "plain"],
  "customers.mailed": ["Customers mailed", "ok"],
  "message.channel": ["In-app notice", "plain"],
  "case.asked": ["Partner asked", "told"],
  "case.opened": ["Case opened", "ok"],
  "case.told": ["Case", "plain"],
  "case.failed": ["Case not opened", "bad"],
  "case.late": ["Partner not engaged", "bad"],
  "case.ended": ["Case ended", "plain"],
  "task.opened": ["Task", "plain"],
  "task.taken": ["Task taken", "plain"],
  "task.handed": ["Task handed on", "plain"],
  "task.done": ["Done", "ok"],
  "inquiry.hypothesis": ["Hypothesis", "plain"],
  "inquiry.decision": ["Decision", "warn"],
  "inquiry.workstream": ["Workstream", "plain"],
  "inquiry.solution": ["Solution", "plain"],
  "inquiry.finding": ["Finding", "warn"],
  "inquiry.update": ["Technical update", "told"],
  "inquiry.probe_asked": ["Measurement asked for", "plain"],
  "inquiry.probe": ["Network measured", "plain"],
  "evidence.added": ["Evidence", "plain"],
  "evidence.read": ["Evidence read", "plain"],
  "task.skipped": ["Not applicable", "plain"],
  "outreach.tried": ["Told by hand", "plain"],
  "outreach.done": ["All were told", "ok"],
  "action.requested": ["Action asked for", "plain"],
  "action.approved": ["Agreed", "ok"],
  "action.started": ["Action runs", "plain"],
  "action.planned": ["Plan waits", "warn"],
  "action.ended": ["Action ended", "told"],
  "recovery.changed": ["Recovery", "plain"],
  "recovery.order": ["Out of order", "warn"],
  "vendor.backup": ["Provider switched", "warn"],
  "catalog.changed": ["Catalogue changed", "plain"],
  "customer.address": ["Wish of a contact", "plain"],
  "customer.page": ["Private page", "plain"],
  "page.subscriber": ["Subscription", "plain"],
  "page.following": ["Component status", "plain"],
  "procedure.changed": ["Procedure changed", "warn"],
  "reach.dead_end": ["Dead end", "bad"],
  "access.signed_in": ["Signed in", "plain"],
  "access.refused": ["Sign-in refused", "warn"],
  "access.signed_out": ["Signed out", "plain"],
  "access.account": ["Account changed", "plain"],
  "access.token": ["Token changed", "plain"],
  "access.key": ["Key changed", "plain"],
  "change.told": ["Change told", "told"],
  "silence.set": ["Silenced", "warn"],
  "silence.ended": ["Silence ended", "plain"],
  "maintenance.set": ["Maintenance", "plain"],
  "maintenance.told": ["Maintenance told", "plain"],
  "page.changed": ["Status page", "plain"],
  "room.opened": ["Room open", "ok"],
  "room.failed": ["Room trouble", "warn"],
  "room.closed": ["Room closed", "plain"],
  "room.seen": ["In the room", "plain"],
  "room.notes": ["Notes", "plain"],
  "ticket.queued": ["Ticket", "plain"],
  "ticket.raised": ["Ticket pages", "bad"],
  "ticket.dismissed": ["Ticket dismissed", "plain"],
  "oncall.request": ["Cover", "plain"],
  "oncall.handover": ["Handed over", "plain"],
  "oncall.weak": ["Schedule weak", "warn"],
  "oncall.untold": ["Nobody told", "bad"],
  "oncall.calendar": ["Calendar address", "plain"],
  "absence.calendar": ["Absence calendar", "plain"],
  "vendor.state": ["Vendor", "warn"],
  "mention.made": ["Mention", "plain"],
  "mention.done": ["Mention settled", "plain"],
  "mention.spike": ["Many complain", "warn"],
  "credit.changed": ["Service credit", "plain"],
  "credit.wanted": ["Credit: people are asked", "warn"],
  "credit.entry": ["Ledger", "plain"],
  "credit.verdict": ["Availability judged", "plain"],
  "credit.confirmed": ["Credit schedule", "warn"],
  "usage.warning": ["Unusual usage", "warn"],
  "customer.health": ["Health check", "plain"],
  "customer.at_risk": ["Account at risk", "plain"],
  "incident.continuity": ["Continuity", "plain"],
};

/** The word and the dot of an entry. A kind nobody listed is named by itself. */
export function reads(kind: string): { word: string; dot: Dot } {
  const known = (words as Record<string, [string, Dot] | undefined>)[kind];
  if (known) return { word: known[0], dot: known[1] };
  const word = (kind.split(".")[1] ?? kind).replaceAll("_", " ");
  return { word: word.charAt(0).toUpperCase() + word.slice(1), dot: "plain" };
}

const lead = /^(decision|hypothesis|finding|action|question)\s*:\s*/i;

export interface Say {
  person: (id: string) => string;
  clock: (id: string) => string;
}

const asIs: Say = { person: (id) => id, clock: plain };

/** What an entry is about, from its data: whom, which clock, from what to what. key is the word that tells whether a text says it already. */
function about(e: TimelineEntry, say: Say): { phrase: string; key: string } {
  const phrase = phraseOf(e, say);
  const to = e.data?.to ? target(e.data.to, say.person) : "";
  return { phrase, key: (to && phrase.startsWith(to) ? to : phrase).toLowerCase() };
}

function phraseOf(e: TimelineEntry, say: Say): string {
  const d = e.data ?? {};
  const [subject, verb] = e.kind.split(".");
  const to = d.to ? target(d.to, say.person) : "";
  switch (subject) {
    case "deadline":
      return d.clock ? say.clock(d.clock) + (d.subject ? ` of ${say.person(d.subject)}` : "") : "";
    case "page":
    case "notice":
      return to + (to && d.step ? `, step ${d.step} of the chain${d.round ? `, round ${d.round + 1}` : ""}` : "");
    case "delivery":
      return to + (to && d.channel ? ` by ${channelWord(d.channel)}` : "");
    case "message":
      return d.audience ? `to ${d.audience}` : "";
    case "task":
      return d.owner ? target(d.owner, say.person) : "";
  }
  switch (verb) {
    case "severity":
    case "suggested":
      return d.from && d.severity ? `${d.from} to ${d.severity}` : (d.severity ?? "");
    case "declared":
      return d.severity ?? "";
    case "role": {
      const holder = to || (d.owner ? target(d.owner, say.person) : "");
      return holder && d.subject ? `${holder} is ${plain(d.subject).toLowerCase()}` : holder;
    }
    case "joined":
      return to || (d.owner ? target(d.owner, say.person) : "");
    case "acknowledged":
    case "engaged":
      return e.text || d.text ? "" : say.person(e.actor);
  }
  return "";
}

/** It may have arrived: nobody said so, and the next channel follows. */
const unconfirmed: { word: string; dot: Dot } = { word: "Not confirmed", dot: "warn" };

/** The word of an entry, where its outcome decides it. */
function worded(e: TimelineEntry): { word: string; dot: Dot } {
  switch (e.data?.outcome) {
    case "unconfirmed": return unconfirmed;
    case "asked": if (e.kind === "incident.joined") return { word: "Asked to join", dot: "told" }; break;
    case "skipped": if (e.kind === "message.channel") return { word: "Not in the product", dot: "warn" }; break;
    case "resumed": if (e.kind === "message.channel") return { word: "In the product again", dot: "ok" }; break;
    case "unavailable": if (e.kind === "incident.joined") return { word: "Unavailable", dot: "warn" }; break;
  }
  return reads(e.kind);
}

/** Splits an entry into its bold word and the rest, without saying a word twice. */
export function sentence(e: TimelineEntry, say: Say = asIs): { word: string; rest: string; dot: Dot } {
  const { word, dot } = worded(e);
  const told = (e.text || e.data?.text || "").trim();
  const { phrase: whom, key } = about(e, say);
  const text = whom === "" || (told !== "" && told.toLowerCase().includes(key)) ? told : told === "" ? whom : ["task", "message"].includes(e.kind.split(".")[0]!) ? told : `${whom}: ${told}`;
  const said = e.kind === "incident.noted" ? lead.exec(text) : null;
  if (said) {
    const kind = said[1]!.toLowerCase();
    return { word: kind.charAt(0).toUpperCase() + kind.slice(1), rest: text.slice(said[0].length), dot: kind === "hypothesis" || kind === "question" ? "warn" : kind === "decision" ? "ok" : "plain" };
  }
  if (text.toLowerCase().startsWith(word.toLowerCase())) {
    const rest = text.slice(word.length);
    if (rest === "" || /^[\s:,.;–-]/.test(rest)) return { word, rest: rest.replace(/^[:\s]+/, ""), dot };
  }
  return { word, rest: text, dot };
}

const quiet = new Set(["page.wanted", "notice.wanted", "message.wanted", "delivery.accepted", "change.told", "task.opened", "deadline.met", "incident.automatic", "notice.told", "escalation.policy", "message.drafted", "alert.triggered", "incident.moment", "inquiry.probe_asked", "evidence.read"]);

/** What belongs to the story; the rest is shown under "everything". */
export function inStory(e: TimelineEntry): boolean {
  return !quiet.has(e.kind);
}
