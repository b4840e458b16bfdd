// What a rotation says, in words and figures. Pure; the arithmetic of who is on
// call when is the server's alone.
import type { Layer, Restriction, Span } from "../api/types";
import { count, listing } from "../ui/words";

export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const dayNames: Record<string, string> = { mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday", sun: "Sunday" };

/** "Mon to Fri", "Sat and Sun", "every day". */
export function dayRange(list: string[]): string {
  const at = days.flatMap((d, k) => (list.includes(d) ? [k] : []));
  if (at.length === 0) return "on no day";
  if (at.length === 7) return "every day";
  const name = (k: number) => (dayNames[days[k] ?? ""] ?? "").slice(0, 3);
  const first = at[0] ?? 0;
  const last = at[at.length - 1] ?? 0;
  if (at.length > 2 && last - first === at.length - 1) return `${name(first)} to ${name(last)}`;
  return listing(at.map(name));
}

/** "Mon to Fri 09:00 to 17:00"; equal times are a whole day. */
export function windowText(r: Restriction): string {
  const hours = r.from === r.to ? `a whole day from ${r.from}` : `${r.from} to ${r.to}${r.to < r.from ? " the next day" : ""}`;
  return `${dayRange(r.days)} ${hours}`;
}

const unitWord: Record<string, string> = { hour: "hour", day: "day", week: "week", month: "month" };

/** The weekday and time of the handoffs, where they have one. */
function handoff(l: Layer): string {
  const m = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2})/.exec(l.start);
  if (!m) return "";
  const day = days[(new Date(Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3]))).getUTCDay() + 6) % 7] ?? "mon";
  switch (l.unit) {
    case "week": return `handing over on ${dayNames[day]}s at ${m[4]}`;
    case "day": return `handing over at ${m[4]}`;
    case "month": return `handing over on day ${Number(m[3])} of the month at ${m[4]}`;
    default: return `from ${m[1]}-${m[2]}-${m[3]} ${m[4]}`;
  }
}

/** A layer in one sentence. */
export function layerText(l: Layer, name: (id: string) => string): string {
  if (l.members.length === 0) return "Nobody is in this layer yet.";
  const who = [...new Set(l.members)].map(name);
  const turn = `${l.every === 1 ? `one ${unitWord[l.unit] ?? l.unit}` : count(l.every, unitWord[l.unit] ?? l.unit)}`;
  const only = (l.only ?? []).length > 0 ? `, ${listing((l.only ?? []).map(windowText))} only` : "";
  if (who.length === 1) return `${who[0]} always${only || ", from the start on"}.`;
  const shown = who.length > 4 ? `${count(who.length, "person", "people")}` : listing(who);
  const over = handoff(l);
  return `${shown} take turns of ${turn}${over ? `, ${over}` : ""}${only}.`;
}

export interface Share {
  person: string;
  hours: number;
}

/** How long each is on call within the spans, the longest first. */
export function shares(spans: Span[]): Share[] {
  const by = new Map<string, number>();
  for (const s of spans) {
    if (s.person) by.set(s.person, (by.get(s.person) ?? 0) + (Date.parse(s.until) - Date.parse(s.from)) / 3_600_000);
  }
  return [...by].map(([person, hours]) => ({ person, hours: Math.round(hours) })).sort((a, b) => b.hours - a.hours || a.person.localeCompare(b.person));
}

/** A fresh layer began on the last Monday at nine, in whichever zone: nobody is missing from now on. */
export function newLayer(now: number): Layer {
  const d = new Date(now - 21 * 3_600_000); // nine in the morning, furthest west
  const monday = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate() - ((d.getUTCDay() + 6) % 7)));
  return { members: [], start: `${monday.toISOString().slice(0, 10)}T09:00`, every: 1, unit: "week" };
}

export const presets: { label: string; only: Restriction[] | undefined }[] = [
  { label: "Always", only: undefined },
  { label: "Business hours", only: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" }] },
  { label: "Nights and weekends", only: [{ days: ["mon", "tue", "wed", "thu"], from: "17:00", to: "09:00" }, { days: ["fri"], from: "17:00", to: "00:00" }, { days: ["sat", "sun"], from: "00:00", to: "00:00" }, { days: ["mon"], from: "00:00", to: "09:00" }] },
];
