// Dead ends in words: who or what cannot be reached, since or from when, what
// it breaks and where it is mended. One cause is said once, however many places
// it spoils. Pure.
import type { DeadEnd } from "../api/policies";
import { ms, when, type Zone } from "../ui/time";
import { inText, listing, plain } from "../ui/words";

export interface Cause {
  /** Stays the same while the cause does. */
  key: string;
  what: DeadEnd["what"];
  target: string;
  people: { id: string; name: string }[];
  places: string[];
  from: number;
  until: number;
  /** How many separate stretches of time. */
  times: number;
}

const day = 86_400_000;
/** The server looks this far ahead; what reaches as far has no end in sight. */
const horizon = 14 * day;

/** "schedule:primary" and "chain/step 2" as people say them. */
export function place(where: string): string {
  if (where === "fallback") return "the fallback contact";
  const [head = "", tail = ""] = where.split("/", 2);
  const [kind, id = ""] = head.split(":", 2);
  switch (kind) {
    case "schedule": return `the schedule ${inText(id)}`;
    case "chain": return `${tail} of the chain`;
    case "policy": return `${tail} of the policy ${inText(id)}`;
    case "service": return `every ${tail} of ${plain(id)}`;
    default: return where;
  }
}

export function causes(list: DeadEnd[]): Cause[] {
  const found = new Map<string, Cause>();
  const spans = new Map<string, Set<number>>();
  for (const d of list) {
    const target = d.target || d.where;
    const people = (d.people ?? []).map((p) => ({ id: p.id, name: p.name || p.id }));
    const key = `${d.what} ${people.length > 0 && d.what !== "same_person" ? people.map((p) => p.id).sort().join(" ") : target.replace(/\/P\d$/, "")}`;
    const from = ms(d.from) ?? 0;
    const until = ms(d.until) ?? from;
    const c = found.get(key);
    spans.set(key, (spans.get(key) ?? new Set()).add(from));
    if (!c) {
      found.set(key, { key, what: d.what, target, people, places: [place(d.where)], from, until, times: 1 });
      continue;
    }
    if (!c.places.includes(place(d.where))) c.places.push(place(d.where));
    if (from < c.from || (from === c.from && until > c.until)) Object.assign(c, { from, until });
    c.times = spans.get(key)?.size ?? 1;
  }
  return [...found.values()].sort((a, b) => a.from - b.from);
}

/** "now, until Mon 09:00", "from Sat 09:00 to Sun 09:00", "now, with no end in sight". */
export function time(c: Cause, now: number, zone: Zone): string {
  const open = c.until - now > horizon - day / 2;
  const more = c.times > 1 ? `, and ${c.times - 1} more ${c.times === 2 ? "time" : "times"}` : "";
  if (c.from <= now) return `now, ${open ? "with no end in sight" : `until ${when(c.until, now, zone)}`}${more}`;
  return `from ${when(c.from, now, zone)} ${open ? "on" : `to ${when(c.until, now, zone)}`}${more}`;
}

/** The cause by itself, without its time. */
export function says(c: Cause): string {
  const who = listing(c.people.map((p) => p.name));
  const be = c.people.length === 1 ? "is" : "are";
  switch (c.what) {
    case "unreachable": return `${who || place(c.target)} cannot be reached: no contact that a page can use`;
    case "away": return `${who || place(c.target)} ${be} away and nobody stands in`;
    case "same_person": return `${who} is both primary and secondary`;
    default: return `Nobody is behind ${spoken(c)}`;
  }
}

/** A step may have several targets; it is a dead end when all of them are. */
const spoken = (c: Cause): string => listing(c.target.split(", ").map(one), "or");

function one(target: string): string {
  const [kind, rest = ""] = target.split(":", 2);
  switch (kind) {
    case "role": return `the role ${inText(rest)}`;
    case "team": return `the team ${inText(rest)}`;
    case "sme": return `the skill ${inText(rest)}`;
    case "level": return `level ${rest}`;
    case "manager": return rest === "area" ? "the manager of the area" : `the manager of ${inText(rest)}`;
    case "lead": return "the lead of the owning team";
    case "person": return `“${rest}”, whom nobody in the catalogue is called`;
    default: return place(target);
  }
}

/** What the cause spoils beside itself. */
export function spoils(c: Cause, most = 3): string {
  const own = c.what === "nobody" || c.what === "same_person" ? place(c.target) : "";
  const rest = c.places.filter((p) => p !== own);
  if (rest.length === 0) return "";
  const shown = rest.length > most + 1 ? [...rest.slice(0, most), `${rest.length - most} more places`] : rest;
  return listing(shown);
}

export interface Mend {
  label: string;
  to: string;
  params?: Record<string, string>;
  search: Record<string, string>;
}

/** Where it is put right; admin: whether the reader may change the catalogue. */
export function mend(c: Cause, me: string | undefined, admin: boolean): Mend {
  const person = (id: string, label: string): Mend => ({ label, to: "/people", search: admin ? { edit: id } : { person: id } });
  const first = c.people[0];
  if (c.what === "unreachable" && first) return first.id === me ? { label: "Add a contact", to: "/me", search: {} } : person(first.id, `${first.name}’s contacts`);
  if (c.what === "away" && first) return person(first.id, `${first.name}’s deputy`);
  const target = c.what === "same_person" && !c.target.includes(":") ? "schedule:secondary" : c.target;
  const [kind, rest = ""] = (target.split("/", 1)[0] ?? "").split(":", 2);
  switch (kind) {
    case "schedule": return { label: `Schedule ${inText(rest)}`, to: "/schedules/$id", params: { id: rest }, search: {} };
    case "service": return { label: plain(rest), to: "/services", search: admin ? { edit: rest } : { service: rest } };
    case "team": return { label: `Team ${inText(rest)}`, to: "/teams/$id", params: { id: rest }, search: {} };
    case "role": case "sme": case "person": case "level": case "manager": case "lead": return { label: "People", to: "/people", search: {} };
    default: return { label: "The procedure’s chain", to: "/procedure", search: { tab: "chain" } };
  }
}
