// A timeline that can be read: what was said to eleven people at once is one
// line. Pure.
import type { TimelineEntry } from "../api/types";
import { ms } from "../ui/time";

export interface Folded {
  entry: TimelineEntry;
  /** All it stands for, itself first; one: nothing was folded. */
  all: TimelineEntry[];
}

const together = new Set(["page.opened", "notice.opened", "page.failed", "incident.joined", "task.opened", "delivery.accepted", "delivery.failed", "page.wanted", "notice.wanted", "deadline.breached", "deadline.warned", "deadline.met"]);
const near = 90_000; // ms between the first and the last

const words = (e: TimelineEntry) => (e.text || e.data?.text || "").trim();

/** What must be the same for two entries to be one line. */
function stem(e: TimelineEntry): string {
  const d = e.data ?? {};
  // How long each person may take is one clock with many subjects; others stand for themselves.
  if (e.kind.startsWith("deadline.")) return [e.kind, d.clock ?? "", d.subject ? "" : e.id].join("\n");
  // A message to a person may begin with the name; what differs is whom it is for.
  return [e.kind, e.actor, d.rule ?? "", d.outcome ?? "", e.kind === "task.opened" ? "" : d.rule ? "" : words(e)].join("\n");
}

/** Folds neighbours that say the same, in a list that is newest first. */
export function fold(list: TimelineEntry[]): Folded[] {
  const out: Folded[] = [];
  for (const e of list) {
    const last = out.at(-1);
    const at = ms(e.at) ?? 0;
    if (last && together.has(e.kind) && stem(last.entry) === stem(e) && (ms(last.entry.at) ?? 0) - at <= near) last.all.push(e);
    else out.push({ entry: e, all: [e] });
  }
  return out;
}

/** "Bo, Dee and 7 more" */
export function some(names: string[], shown = 2): string {
  const each = [...new Set(names.filter(Boolean))];
  if (each.length <= shown + 1) return each.length < 2 ? (each[0] ?? "") : `${each.slice(0, -1).join(", ")} and ${each.at(-1) ?? ""}`;
  return `${each.slice(0, shown).join(", ")} and ${each.length - shown} more`;
}
