// Reads one deadline as a person would: what it measures, what remains or what
// became of it, and what ends it. Pure.
import type { Deadline, DeadlineState, NextDeadline } from "../api/types";
import { left, limit, ms, span, stopwatch, when, type Zone } from "./time";

export type Tone = "running" | "due" | "over" | "met" | "off";

export interface Reading {
  tone: Tone;
  /** The big figure: 2:48 left. */
  figure: string;
  /** What it is measured against: of 30 min. */
  of: string;
  /** Share of the time used, 0 to 1. */
  used: number;
  /** One sentence for screen readers. */
  spoken: string;
}

type Clock = Pick<Deadline, "name" | "state" | "due_at"> & Partial<Pick<Deadline, "started_at" | "ended_at" | "warn_at" | "evidence">>;

function toneOf(state: DeadlineState, due: number, now: number): Tone {
  if (state === "met") return "met";
  if (state === "waived") return "off";
  if (state === "breached" || now >= due) return "over";
  return state === "warned" ? "due" : "running";
}

/** Reads a deadline at now. A state the server has not told yet follows the clock. */
export function readClock(d: Clock, now: number, zone: Zone): Reading {
  const due = ms(d.due_at) ?? now;
  const start = ms(d.started_at);
  const end = ms(d.ended_at);
  const whole = start === undefined ? undefined : due - start;
  let tone = toneOf(d.state, due, now);
  if (tone === "running" && whole && start !== undefined && now - start >= 0.8 * whole) tone = "due";
  const of = whole === undefined ? `due ${when(due, now, zone)}` : `of ${limit(whole)}`;
  const used = whole ? Math.min(1, Math.max(0, ((end ?? now) - (start ?? now)) / whole)) : 0;
  switch (tone) {
    case "met": {
      const took = end !== undefined && start !== undefined ? end - start : undefined;
      const figure = took === undefined ? "met" : took < 1000 ? "at once" : took < 7_200_000 ? stopwatch(took) : span(took);
      return { tone, figure, of, used, spoken: `${d.name}: met${took === undefined ? "" : took < 1000 ? " at once" : ` after ${span(took)}`}, ${of}` };
    }
    case "off":
      return { tone, figure: "not needed", of: d.evidence?.text ?? "", used: 0, spoken: `${d.name}: not needed. ${d.evidence?.text ?? ""}` };
    case "over": {
      if (end !== undefined && start !== undefined) {
        return { tone, figure: stopwatch(end - start), of: `${of} · late`, used: 1, spoken: `${d.name}: breached, done late after ${span(end - start)}, ${of}` };
      }
      return { tone, figure: `${left(now - due)} over`, of, used: 1, spoken: `${d.name}: breached ${span(now - due)} ago, ${of}, not done yet` };
    }
    default: {
      const rest = due - now;
      const far = rest >= 24 * 3_600_000;
      const figure = far ? when(due, now, zone) : `${left(rest)} left`;
      const word = tone === "due" ? "due soon, " : "";
      return { tone, figure, of, used, spoken: `${d.name}: ${word}${far ? `due ${when(due, now, zone)}` : `${span(rest)} left`}, ${of}` };
    }
  }
}

/** Reads the next deadline of a summary, which may lack its start. */
export function readNext(d: NextDeadline, now: number, zone: Zone): Reading {
  return readClock(d, now, zone);
}

/**
 * The clocks worth a place in the strip, in the order of the procedure: one per
 * clock (its newest run). How long each person may take is told beside the
 * person and on the tab of all clocks: an all-hands would drown the rest.
 */
export function strip(all: Deadline[]): Deadline[] {
  const chosen = new Map<string, Deadline>();
  for (const d of all) {
    if (d.state === "waived" || d.subject) continue;
    const other = chosen.get(d.clock);
    if (other && (ms(other.started_at) ?? 0) > (ms(d.started_at) ?? 0)) continue;
    chosen.set(d.clock, d);
  }
  return [...chosen.values()];
}

const weight: Record<Tone, number> = { over: 0, due: 1, running: 2, met: 3, off: 4 };

/** Orders clocks by what needs a person first. */
export function urgentFirst(list: Deadline[], now: number): Deadline[] {
  const key = (d: Deadline) => {
    const tone = readClock(d, now, "UTC").tone;
    return weight[tone] + (tone === "over" && ms(d.ended_at) !== undefined ? 2.5 : 0);
  };
  return [...list].sort((a, b) => key(a) - key(b) || (ms(a.due_at) ?? 0) - (ms(b.due_at) ?? 0));
}
