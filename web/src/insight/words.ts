// Figures in words and as a file. What is shown and what is saved come from the same
// answer of the API and are never computed anew. Pure.
import type { ClockTally, Course, Figures } from "../api/figures";
import type { PersonLoad } from "../api/types";
import { inText, listing, numberWord } from "../ui/words";

/** 2.8 min, 10 %, $9,000, 8.5 of 10: as precise as a reader wants it; the whole value stands in the title. */
export function value(v: number | null | undefined, unit: string): string {
  if (v === null || v === undefined) return "–";
  if (unit === "min" && v > 0 && v < 1) return `${Math.max(1, Math.round(v * 60))} s`;
  const digits = unit === "%" ? (Math.abs(v) >= 99 && v !== 100 ? 3 : 2) : Math.abs(v) >= 1000 ? 0 : 1;
  const n = v.toLocaleString("en-GB", { maximumFractionDigits: digits });
  return unit === "USD" ? `$${n}` : `${n} ${unit}`;
}

/** below 3 min; exactly that misses it. */
export const target = (k: Pick<Course, "target" | "better" | "unit">): string => (k.target === null ? "no target" : `target ${k.better === "<" ? "below" : "above"} ${value(k.target, k.unit)}`);

const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** November 2026, or fourth quarter of 2026. */
export function periodName(name: string): string {
  const [year, part = ""] = name.split("-");
  if (part.startsWith("Q")) return `${["First", "Second", "Third", "Fourth"][Number(part[1]) - 1] ?? part} quarter of ${year}`;
  return `${months[Number(part) - 1] ?? part} ${year}`;
}

/** Nov, or Q4: under a point of a course. */
export const short = (name: string): string => (name.includes("Q") ? name.slice(5) : (months[Number(name.slice(5)) - 1] ?? "").slice(0, 3));

/** The period of the same length some steps on: 2026-01 and -1 are 2025-12. */
export function step(name: string, by: number): string {
  const [year, part = ""] = name.split("-");
  const of = part.startsWith("Q") ? 4 : 12;
  const at = Number(year) * of + Number(part.replace("Q", "")) - 1 + by;
  const n = (at % of) + 1;
  return `${Math.floor(at / of)}-${of === 4 ? `Q${n}` : String(n).padStart(2, "0")}`;
}

/** The first line: how many figures meet their targets, and which do not. */
export function verdict(f: Figures, now: number): string {
  const judged = f.kpis.filter((k) => k.met !== null);
  const missed = judged.filter((k) => k.met === false);
  const name = periodName(f.period.name);
  const so = now < Date.parse(f.period.until) ? " so far" : "";
  if (judged.length === 0) return `${name}${so}: nothing yet to measure a target by.`;
  const met = judged.length - missed.length;
  if (missed.length === 0) return `${name}${so}: ${judged.length === 1 ? "the one figure that can be judged meets its target" : `all ${numberWord(judged.length)} figures that can be judged meet their targets`}.`;
  return `${name}${so}: ${numberWord(met)} of ${numberWord(judged.length)} figures meet${met === 1 ? "s its target" : " their targets"}; ${listing(missed.map((k) => inText(k.name)))} ${missed.length === 1 ? "does" : "do"} not.`;
}

/** What a figure is computed from, counted in its own things. */
export function basis(k: Pick<Course, "count" | "id">): string {
  const noun = k.id === "false_positive_rate" ? "alert" : k.id === "action_completion" ? "action item" : "incident";
  return `${k.count.toLocaleString("en-GB")} ${noun}${k.count === 1 ? "" : "s"}`;
}

/** What stands behind it, in words for its list. */
export const behind = (k: Pick<Course, "id" | "unit">, v: number): string => (k.id === "false_positive_rate" ? `${v} false ${v === 1 ? "alert" : "alerts"}` : k.id === "action_completion" ? `${v} not done in time` : value(v, k.unit));

export interface Kept {
  severity: ClockTally["severity"];
  met: number;
  breached: number;
  waived: number;
  running: number;
  in: string[];
}

/** Clocks by severity alone. */
export function bySeverity(all: ClockTally[]): Kept[] {
  const out: Kept[] = [];
  for (const c of all) {
    let row = out.find((x) => x.severity === c.severity);
    if (!row) out.push((row = { severity: c.severity, met: 0, breached: 0, waived: 0, running: 0, in: [] }));
    row.met += c.met;
    row.breached += c.breached;
    row.waived += c.waived;
    row.running += c.running;
    row.in.push(...c.breached_in.filter((r) => !row.in.includes(r)));
  }
  return out.sort((a, b) => a.severity.localeCompare(b.severity));
}

/** How many of those that ended were met, in percent; undefined of none. */
export const keptShare = (k: { met: number; breached: number }): number | undefined => (k.met + k.breached === 0 ? undefined : (100 * k.met) / (k.met + k.breached));

/** A cell that no spreadsheet takes for a formula. */
function cell(x: string | number | boolean | null | undefined): string {
  if (x === null || x === undefined) return "";
  const text = typeof x === "string" && /^[=+\-@\t\r]/.test(x) ? `'${x}` : String(x);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The numbers of the screen as CSV (RFC 4180), unrounded: one row for each figure and period, clock, service and person. */
export function csv(f: Figures, load: PersonLoad[]): string {
  const periods = [...f.before, f.period];
  const rows: (string | number | boolean | null | undefined)[][] = [["kind", "period", "id", "name", "measure", "value", "unit", "target", "met", "count"]];
  for (const k of f.kpis) k.trend.forEach((t, n) => rows.push(["kpi", periods[n]?.name, k.id, k.name, "value", t.value, k.unit, k.target, t.met, t.count]));
  for (const c of f.clocks) for (const m of ["met", "breached", "waived", "running"] as const) rows.push(["clock", f.period.name, `${c.severity} ${c.clock}`, c.name, m, c[m], "clocks"]);
  for (const s of f.services) for (const m of ["p1", "p2", "p3", "p4", "lasted_seconds", "resolved"] as const) rows.push(["service", f.period.name, s.service, s.name, m, s[m], m === "lasted_seconds" ? "s" : "incidents"]);
  for (const l of load) for (const m of ["hours", "nights", "weekend_hours", "holiday_hours", "pages", "pages_off_hours"] as const) rows.push(["load", f.period.name, l.person, l.name, m, l[m], m.endsWith("hours") && m !== "pages_off_hours" ? "h" : ""]);
  return rows.map((r) => [...r, ...Array<string>(10 - r.length).fill("")].map(cell).join(",")).join("\r\n") + "\r\n";
}

/** The line of a course in a box, with gaps where a period has no value, and where its target lies. */
export function line(k: Pick<Course, "trend" | "target">, width: number, height: number): { dots: { x: number; y: number; n: number }[]; runs: string[]; goal: number | undefined } {
  const values = k.trend.map((t) => t.value).filter((v) => v !== null);
  const all = k.target === null ? values : [...values, k.target];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = high - low || Math.abs(high) || 1;
  const y = (v: number) => Math.round((height - 6 - ((v - low) / room) * (height - 12)) * 10) / 10;
  const x = (n: number) => Math.round(((n + 0.5) / k.trend.length) * width * 10) / 10;
  const dots = k.trend.flatMap((t, n) => (t.value === null ? [] : [{ x: x(n), y: y(t.value), n }]));
  const runs: string[] = [];
  dots.forEach((d, i) => {
    if (i > 0 && dots[i - 1]!.n === d.n - 1) runs[runs.length - 1] += `L${d.x} ${d.y}`;
    else runs.push(`M${d.x} ${d.y}`);
  });
  return { dots, runs, goal: k.target === null || values.length === 0 ? undefined : y(k.target) };
}

