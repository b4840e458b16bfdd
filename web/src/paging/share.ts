// How being on call was shared out, in figures. Pure.
import type { PersonLoad } from "../api/types";
import { capital, count, numberWord } from "../ui/words";

export const columns = [
  { id: "hours", label: "On call", unit: "h" },
  { id: "nights", label: "Nights", unit: "" },
  { id: "weekend_hours", label: "Weekends", unit: "h" },
  { id: "holiday_hours", label: "Holidays", unit: "h" },
  { id: "pages", label: "Pages", unit: "" },
  { id: "pages_off_hours", label: "Off hours", unit: "" },
] as const;

export type Column = (typeof columns)[number]["id"];

export const isColumn = (id: string | undefined): id is Column => columns.some((c) => c.id === id);

/** The heaviest first; equal ones by name. */
export function sorted(list: PersonLoad[], by: Column): PersonLoad[] {
  return [...list].sort((a, b) => b[by] - a[by] || a.name.localeCompare(b.name));
}

export const total = (list: PersonLoad[], of: Column): number => list.reduce((sum, l) => sum + l[of], 0);

/** What each of those on call would carry if all carried the same; who was paged without a turn has no share. */
export function equal(list: PersonLoad[], of: Column): number {
  const on = list.filter((l) => l.hours > 0).length;
  return on === 0 ? 0 : total(list, of) / on;
}

/** Hours as people say them: 12, 7.5, 1,204. */
export const figure = (n: number): string => n.toLocaleString("en-GB", { maximumFractionDigits: n < 10 ? 1 : 0 });

/** The first line: how many carried how much, and who most. */
export function verdict(list: PersonLoad[]): string {
  const on = sorted(list.filter((l) => l.hours > 0), "hours");
  const first = on[0];
  if (!first) return "Nobody was on call in this time.";
  const all = `${capital(numberWord(on.length))} ${on.length === 1 ? "person" : "people"} shared ${figure(total(on, "hours"))} hours on call and ${count(total(list, "pages"), "page")}.`;
  if (on.length === 1) return `${first.name} alone carried ${figure(first.hours)} hours on call and ${count(total(list, "pages"), "page")}.`;
  const times = first.hours / equal(on, "hours");
  return times < 1.15 ? `${all} Nobody carried much more than an equal share.` : `${all} ${first.name} carried most: ${figure(first.hours)} hours, ${times.toLocaleString("en-GB", { maximumFractionDigits: 1 })} times an equal share.`;
}
