// How long a snooze can last: the choices of its dialog. Pure.
import { fromField, toField } from "../ui/instant";
import type { Zone } from "../ui/time";

const minute = 60_000;
/** What the server takes: five minutes to a day. */
export const shortest = 5 * minute;
export const longest = 24 * 60 * minute;

export interface Choice {
  value: string;
  label: string;
  /** Milliseconds from now. */
  length: number;
}

/** Nine in the morning of the reader, the next that is far enough away. */
export function morning(now: number, zone: Zone): { at: number; today: boolean } {
  const date = toField(new Date(now).toISOString(), zone).slice(0, 10);
  const nine = Date.parse(fromField(`${date}T09:00`, zone));
  if (nine - now >= shortest) return { at: nine, today: true };
  const next = new Date(`${date}T12:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return { at: Date.parse(fromField(`${next.toISOString().slice(0, 10)}T09:00`, zone)), today: false };
}

export function choices(now: number, zone: Zone): Choice[] {
  const first: Choice[] = [
    { value: "15m", label: "15 minutes", length: 15 * minute },
    { value: "1h", label: "1 hour", length: 60 * minute },
    { value: "4h", label: "4 hours", length: 240 * minute },
  ];
  const { at, today } = morning(now, zone);
  // In the minutes before nine the next one is more than a day away.
  if (at - now <= longest) first.push({ value: "morning", label: today ? "Until 09:00" : "Until tomorrow 09:00", length: at - now });
  return first;
}

/** A length as the API takes it; whole seconds, so that nine is nine. */
export function spanOf(length: number): string {
  const s = Math.round(length / 1000);
  const parts = [[Math.floor(s / 3600), "h"], [Math.floor((s % 3600) / 60), "m"], [s % 60, "s"]] as const;
  return parts.filter(([n]) => n > 0).map(([n, unit]) => `${n}${unit}`).join("") || "0s";
}

/** What is wrong with an end somebody typed; empty when nothing is. */
export function wrongEnd(end: string, now: number): string {
  const t = Date.parse(end);
  if (Number.isNaN(t)) return "";
  if (t - now < shortest) return "At least 5 minutes from now.";
  return t - now > longest ? "At most 24 hours from now." : "";
}
