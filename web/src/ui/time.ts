// How the console says times and spans. Pure: now is always a parameter.

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export type Zone = "local" | "UTC";

/** The instant in milliseconds, or undefined when it has not come (absent, empty or year one). */
export function ms(at: string | undefined): number | undefined {
  if (!at || at.startsWith("0001-")) return undefined;
  const t = Date.parse(at);
  return Number.isNaN(t) ? undefined : t;
}

const two = (n: number) => String(n).padStart(2, "0");

/** A span as a stopwatch shows it: 0:07, 26:18, 1:04:30. For what is being watched. */
export function stopwatch(span: number): string {
  const s = Math.max(0, Math.floor(Math.abs(span) / second));
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** A span in words, at most two units: 12 s, 5 min, 1 h 31 min, 3 d 4 h. */
export function span(length: number): string {
  const t = Math.abs(length);
  if (t < minute) return `${Math.round(t / second)} s`;
  if (t < hour) {
    const m = Math.floor(t / minute);
    const s = Math.round((t % minute) / second);
    return s > 0 && m < 5 && s < 60 ? `${m} min ${s} s` : `${Math.round(t / minute)} min`;
  }
  if (t < day) {
    const h = Math.floor(t / hour);
    const m = Math.round((t % hour) / minute);
    return m > 0 && m < 60 ? `${h} h ${m} min` : `${Math.round(t / hour)} h`;
  }
  const d = Math.floor(t / day);
  const h = Math.round((t % day) / hour);
  return h > 0 && h < 24 && d < 7 ? `${d} d ${h} h` : `${Math.round(t / day)} d`;
}

/** What remains, precise to the second within the last two hours. */
export function left(length: number): string {
  return Math.abs(length) < 2 * hour ? stopwatch(length) : span(length);
}

/** A limit such as "5 min" or "2 h"; tolerates the seconds a start was late. */
export function limit(length: number): string {
  return span(Math.round(length / minute) * minute || length);
}

function format(t: number, zone: Zone, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone === "UTC" ? "UTC" : undefined }).format(t);
}

/** 14:05, or with seconds 14:05:33. */
export function clockTime(t: number, zone: Zone, seconds = false): string {
  return format(t, zone, { hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}), hourCycle: "h23" });
}

function dayOf(t: number, zone: Zone): string {
  return format(t, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
}

/** An instant as short as it is clear: 14:05, Mon 09:00, 12 Mar 09:00, 12 Mar 2025. */
export function when(t: number, now: number, zone: Zone): string {
  const time = clockTime(t, zone);
  if (dayOf(t, zone) === dayOf(now, zone)) return time;
  if (Math.abs(t - now) < 6 * day) return `${format(t, zone, { weekday: "short" })} ${time}`;
  if (Math.abs(t - now) < 180 * day) return `${format(t, zone, { day: "numeric", month: "short" })} ${time}`;
  return format(t, zone, { day: "numeric", month: "short", year: "numeric" });
}

/** The whole instant with its zone, for titles and screen readers. */
export function exact(t: number, zone: Zone): string {
  return format(t, zone, {
    weekday: "short", day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
}

/** How long ago, for prose: just now, 4 min ago, yesterday's are instants. */
export function ago(t: number, now: number): string {
  const d = now - t;
  if (d < -5 * second) return `in ${span(d)}`;
  if (d < 5 * second) return "just now";
  return `${span(d)} ago`;
}

/** A Go or ISO-like span of the procedure ("10m", "1h30m", "8bh", "5bd") in words. */
export function goSpan(text: string): string {
  const business = /^(\d+(?:\.\d+)?)(bh|bd)$/.exec(text);
  if (business) return `${business[1]} business ${business[2] === "bh" ? "hours" : "days"}`.replace(/^1 business (hour|day)s$/, "1 business $1");
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|m|s|d)/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join("") !== text) return text;
  const unit: Record<string, number> = { d: day, h: hour, m: minute, s: second };
  const total = parts.reduce((sum, p) => sum + Number(p[1]) * (unit[p[2] ?? ""] ?? 0), 0);
  return total === 0 ? "at once" : span(total);
}
