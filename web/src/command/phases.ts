// The steps of the procedure by phase: which phase is on now, which are behind,
// and what in them is late. Pure.
import type { Checklist, Incident, Task } from "../api/types";
import { ms } from "../ui/time";

export type PhaseState = "done" | "late" | "now" | "ahead";

export interface Phase {
  id: string;
  name: string;
  items: Task[];
  open: Task[];
  late: number;
  state: PhaseState;
  /** The work is here now. */
  present: boolean;
  /** When the last of its open items is due. */
  until?: number;
}

/** In the order of the procedure; the rooms, words and security run beside it. */
const course = ["RSP-S1", "RSP-S2", "RSP-S3", "INV-TRI", "INV-RCA", "INV-SOL", "RES", "VAL", "MON", "FUP", "PIR"];
const order = ["RSP-S1", "RSP-S2", "RSP-S3", "SEC", "WAR", "COM", ...course.slice(3), "BOARD"];
const rank = (id: string): number => {
  const at = order.indexOf(id);
  return at < 0 ? order.length : at;
};

export const isOpen = (t: Pick<Task, "state">): boolean => t.state === "open";

export function isLate(t: Pick<Task, "state" | "due_at" | "done_at">, now: number): boolean {
  const due = ms(t.due_at);
  return due !== undefined && (isOpen(t) ? now : (ms(t.done_at) ?? now)) > due;
}

/** Where the course begins, once the impact is reduced or over. */
function begins(status: Incident["status"]): number {
  switch (status) {
    case "mitigated": return course.indexOf("VAL");
    case "monitoring": return course.indexOf("MON");
    case "resolved": return course.indexOf("MON");
    case "closed": return course.indexOf("PIR");
    default: return 0;
  }
}

/** The phases that have items, in order. */
export function phases(lists: Checklist[], status: Incident["status"], now: number): Phase[] {
  const all = lists.filter((c) => c.items.length > 0).map((c): Phase => {
    const open = c.items.filter(isOpen);
    const dues = open.map((t) => ms(t.due_at)).filter((t) => t !== undefined);
    const late = open.filter((t) => isLate(t, now)).length;
    return { id: c.phase, name: c.name || c.phase, items: c.items, open, late, present: false, until: dues.length > 0 && dues.length === open.length ? Math.max(...dues) : undefined, state: open.length === 0 ? "done" : late > 0 ? "late" : "ahead" };
  }).sort((a, b) => rank(a.id) - rank(b.id));
  const from = begins(status);
  const ahead = all.filter((p) => p.open.length > 0 && course.indexOf(p.id) >= from);
  // A phase whose time is over is late, and the work has gone on to the next.
  const present = ahead.find((p) => p.until === undefined || p.until >= now) ?? ahead[0];
  if (present) {
    present.present = true;
    if (present.state === "ahead") present.state = "now";
  }
  return all;
}

const dueOf = (t: Task) => ms(t.due_at) ?? Number.MAX_SAFE_INTEGER;

/** What is open, soonest first, with the last that were done for context. */
export function nextTasks(lists: Checklist[], limit: number, context = 1): Task[] {
  const all = lists.flatMap((c) => c.items);
  const done = all.filter((t) => !isOpen(t)).sort((a, b) => (ms(b.done_at) ?? 0) - (ms(a.done_at) ?? 0)).slice(0, context);
  return [...done.reverse(), ...all.filter(isOpen).sort((a, b) => dueOf(a) - dueOf(b))].slice(0, limit);
}

/** Whether it is for this person to do: at it, or asked and nobody is. */
export function isMine(t: Task, me: string | undefined): boolean {
  if (!me) return false;
  return t.taken_by ? t.taken_by.id === me : (t.owner_people ?? []).some((p) => p.id === me);
}

export interface Columns {
  todo: Task[];
  taken: Task[];
  done: Task[];
}

export type Cut = "all" | "mine" | "cards";

/** The action board: what is to do, what somebody is at, what is behind us. */
export function columns(lists: Checklist[], cut: Cut, me: string | undefined): Columns {
  const wanted = lists.filter((c) => cut !== "cards" || c.phase === "BOARD").flatMap((c) => c.items)
    .filter((t) => cut !== "mine" || isMine(t, me) || (!isOpen(t) && t.done_by === me));
  // What people wrote on the board stands above the procedure's steps, or it would drown in them.
  const open = wanted.filter(isOpen).sort((a, b) => Number(b.phase === "BOARD") - Number(a.phase === "BOARD") || dueOf(a) - dueOf(b));
  return {
    todo: open.filter((t) => !t.taken_by),
    taken: open.filter((t) => t.taken_by),
    done: wanted.filter((t) => !isOpen(t)).sort((a, b) => (ms(b.done_at) ?? 0) - (ms(a.done_at) ?? 0)),
  };
}
