// The window of the on-call calendar: whole days in the reader's zone. Pure.
import type { Zone } from "../ui/time";

const day = 86_400_000;

/** Midnight at or before t, in the zone. Days with a change of clocks have 23 or 25 hours. */
export function midnight(t: number, zone: Zone): number {
  if (zone === "UTC") return Math.floor(t / day) * day;
  const d = new Date(t);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
}

/** The midnight n days after one, in the zone. */
export function addDays(from: number, n: number, zone: Zone): number {
  if (zone === "UTC") return from + n * day;
  const d = new Date(from);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate() + n).getTime();
}

/** 2026-03-02 in the zone, as the address keeps it. */
export function dateText(t: number, zone: Zone): string {
  if (zone === "UTC") return new Date(t).toISOString().slice(0, 10);
  const d = new Date(t);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
}

/** The first day of the window: the one asked for, or today. */
export function windowStart(text: string | undefined, now: number, zone: Zone): number {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? "");
  if (!m) return midnight(now, zone);
  const [y, mo, d] = [Number(m[1]), Number(m[2]) - 1, Number(m[3])];
  return zone === "UTC" ? Date.UTC(y, mo, d) : new Date(y, mo, d).getTime();
}
