// The first line of Now: is anything burning, and who has it? Pure.
import type { Due, IncidentSummary, Now, OnCall } from "../api/types";
import { ms, left, when, type Zone } from "../ui/time";
import { capital, numberWord, plain } from "../ui/words";

export interface Headline {
  title: string;
  lead: string;
}

const major = (i: IncidentSummary) => i.severity === "P1" || i.severity === "P2";
const burning = (i: IncidentSummary) => major(i) && (i.status === "triage" || i.status === "investigating");
const taken = (i: IncidentSummary) => ms(i.acknowledged_at) !== undefined || ms(i.engaged_at) !== undefined;

function nextDue(list: IncidentSummary[], now: number): string {
  const next = list
    .filter((i) => i.next_deadline && ms(i.next_deadline.due_at) !== undefined)
    .sort((a, b) => (ms(a.next_deadline?.due_at) ?? 0) - (ms(b.next_deadline?.due_at) ?? 0))[0];
  const d = next?.next_deadline;
  if (!next || !d) return "";
  const rest = (ms(d.due_at) ?? now) - now;
  const name = d.name.charAt(0).toLowerCase() + d.name.slice(1);
  if (d.clock === "acknowledge") return rest < 0 ? `It should have been taken ${left(rest)} ago.` : `Somebody has to take it within ${left(rest)}.`;
  return rest < 0 ? `Its ${name} is ${left(rest)} late.` : `Its ${name} is due in ${left(rest)}.`;
}

function working(i: IncidentSummary): string {
  const joined = i.responders?.filter((r) => r.state === "joined").length ?? 0;
  return joined > 1 ? `worked on by ${numberWord(joined)} people` : "worked on";
}

export function onCallSentence(list: OnCall[], now: number, zone: Zone): string {
  const primary = list.find((o) => o.schedule === "primary") ?? list[0];
  if (!primary) return "Nobody is on call: no schedule has been set up.";
  if (!primary.person) return `Nobody is on call as ${plain(primary.schedule).toLowerCase()}.`;
  const until = ms(primary.until);
  return `${primary.name ?? primary.person} is on call${until ? ` until ${when(until, now, zone)}` : ""}.`;
}

function rest(now: Now, said: IncidentSummary[], at: number): string {
  const open = now.incidents.filter((i) => !said.includes(i));
  const hot = open.filter(burning);
  const others = open.length - hot.length;
  const late = now.due.filter((d: Due) => d.state !== "done" && (ms(d.due_at) ?? at) < at).length;
  const words: string[] = [];
  if (hot.length > 0) words.push(`${hot.length === 1 ? `Another ${hot[0]!.severity} is` : `${capital(numberWord(hot.length))} more are`} in hand.`);
  if (others > 0) words.push(`${capital(numberWord(others))} ${hot.length > 0 ? "other" : "more"}${hot.length > 0 && others > 1 ? "s" : ""} ${others === 1 ? "is" : "are"} open without urgency.`);
  words.push(late === 0 ? "Nothing is late." : `${capital(numberWord(late))} ${late === 1 ? "thing is" : "things are"} late.`);
  return words.join(" ");
}

/** Says in two lines what a person needs at three in the morning. */
export function headline(now: Now, at: number, zone: Zone): Headline {
  const fires = now.incidents.filter(burning);
  const loose = fires.filter((i) => !taken(i));
  if (now.incidents.length === 0) {
    return { title: "All clear.", lead: `No incident is open. ${onCallSentence(now.on_call, at, zone)}` };
  }
  if (loose.length > 0) {
    const i = loose[0]!;
    const word = i.declared ? "" : "suspected ";
    return {
      title: loose.length === 1 ? `A ${word}${i.severity} that nobody has taken.` : `${capital(numberWord(loose.length))} fires that nobody has taken.`,
      lead: `${i.title} on ${i.service.name}. ${nextDue([i], at)} ${rest(now, loose, at)}`.replaceAll("  ", " "),
    };
  }
  if (fires.length > 0) {
    const i = fires[0]!;
    return {
      title: fires.length === 1 ? "One fire, and it is in hand." : `${capital(numberWord(fires.length))} fires, all in hand.`,
      lead: `${fires.length === 1 ? `A ${i.severity} is being ${working(i)}. ${nextDue([i], at)}` : nextDue(fires, at).replace(/^Its/, "The next")} ${rest(now, fires, at)}`,
    };
  }
  return {
    title: "Nothing is burning.",
    lead: `${capital(numberWord(now.incidents.length))} ${now.incidents.length === 1 ? "incident is" : "incidents are"} open, none urgent. ${onCallSentence(now.on_call, at, zone)}`,
  };
}

/** Rows of Now: what nobody has taken first, then by severity, then the oldest. */
export function inOrder(list: IncidentSummary[]): IncidentSummary[] {
  const key = (i: IncidentSummary) => (burning(i) && !taken(i) ? 0 : 1);
  return [...list].sort((a, b) => key(a) - key(b) || a.severity.localeCompare(b.severity) || (ms(a.detected_at) ?? 0) - (ms(b.detected_at) ?? 0));
}
