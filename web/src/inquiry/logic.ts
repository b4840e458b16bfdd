// How the search for the cause reads: causes as a tree, what an option still
// waits for, what a measurement says, when a change was. Pure.
import type { EvidenceFile, Hypothesis, InquiryFile, Measure, Probe, Solution, TriageMetric } from "../api/inquiry";
import type { Checklist } from "../api/types";
import { isLate, isOpen } from "../command/phases";
import { ms, span } from "../ui/time";
import { capital, count, inText, numberWord } from "../ui/words";

export interface Branch {
  h: Hypothesis;
  depth: number;
}

const weight: Record<Hypothesis["state"], number> = { confirmed: 0, open: 1, ruled_out: 2 };

/** Causes in reading order: what is confirmed, what is open, what is ruled out, and below each what it asks for. */
export function tree(all: Hypothesis[]): Branch[] {
  const known = new Set(all.map((h) => h.id));
  const out: Branch[] = [];
  const seen = new Set<string>();
  const walk = (parent: string, depth: number) => {
    const own = all.filter((h) => (h.parent && known.has(h.parent) ? h.parent : "") === parent);
    for (const h of [...own].sort((a, b) => weight[a.state] - weight[b.state] || a.at.localeCompare(b.at))) {
      if (seen.has(h.id)) continue;
      seen.add(h.id);
      out.push({ h, depth });
      walk(h.id, depth + 1);
    }
  };
  walk("", 0);
  return out;
}

/** The first line: is the cause known, and how far is the way out? */
export function verdict(f: InquiryFile): string {
  const of = (s: Hypothesis["state"]) => f.hypotheses.filter((h) => h.state === s);
  const [known, open, out] = [of("confirmed"), of("open"), of("ruled_out")];
  const cause = known.length > 0
    ? `The cause: ${known[known.length - 1]!.text.replace(/[.\s]+$/, "")}.`
    : open.length > 0
      ? `${capital(count(open.length, "possible cause").replace(/^\d+/, (d) => numberWord(Number(d))))} ${open.length === 1 ? "is" : "are"} open${out.length > 0 ? `, ${numberWord(out.length)} ${out.length === 1 ? "is" : "are"} ruled out` : ""}.`
      : out.length > 0 ? `${capital(numberWord(out.length))} ${out.length === 1 ? "cause is" : "causes are"} ruled out and none is left.` : "No possible cause has been named yet.";
  return `${cause} ${wayOut(f.solutions)}`;
}

function wayOut(all: Solution[]): string {
  const last = (s: Solution["state"]) => all.filter((x) => x.state === s).at(-1);
  const applied = last("applied");
  if (applied) return `"${applied.title}" has been put in.`;
  const approved = last("approved");
  if (approved) return `"${approved.title}" is approved and not yet put in.`;
  const open = all.filter((x) => x.state === "proposed");
  if (open.length === 0) return "Nothing has been proposed.";
  const ready = open.filter((x) => x.missing.length === 0).length;
  const one = open.length === 1 ? "One option is" : `${capital(numberWord(open.length))} options are`;
  return ready > 0 ? `${one} on the table, ${numberWord(ready)} ready to be approved.` : `${one} on the table, none ready to be approved.`;
}

export type PartName = "risk" | "test" | "plan";

export interface Piece {
  part: PartName;
  name: string;
  state: "done" | "missing" | "failed";
  /** What it says, or what is missing. */
  says: string;
}

const going: Record<string, string> = { easy: "easy to take back", hard: "hard to take back", none: "cannot be taken back" };

/** The three things an approval asks for, as far as each has come. */
export function pieces(s: Solution): Piece[] {
  const lacks = (part: PartName) => s.missing.find((m) => m.part === part)?.what ?? "";
  const piece = (part: PartName, name: string, has: boolean, says: string): Piece => {
    const gap = lacks(part);
    if (gap && part === "test" && s.test?.result === "failed") return { part, name, state: "failed", says };
    return gap || !has ? { part, name, state: "missing", says: gap } : { part, name, state: "done", says };
  };
  const { risk, test, plan } = s;
  return [
    piece("risk", "Risk", !!risk, risk ? `${risk.likelihood} likelihood, ${risk.impact} impact, ${going[risk.reversibility] ?? risk.reversibility}; could hit ${risk.blast_radius}` : ""),
    piece("test", "Test", !!test, test ? (test.result === "waived" ? `waived by the commander: ${test.reason ?? ""}` : `${test.result} in ${test.environment ?? ""}`) : ""),
    piece("plan", "Plan and way back", !!plan, plan ? `${count(plan.steps.length, "step")}, ${count((plan.rollback ?? []).length, "step")} back` : ""),
  ];
}

/** How bad a risk is, by the worse of likelihood and impact; what cannot be taken back is high. */
export function level(r: Solution["risk"]): "low" | "medium" | "high" | undefined {
  if (!r) return undefined;
  if (r.reversibility === "none" || (r.likelihood === "high" && r.impact !== "low") || (r.impact === "high" && r.likelihood !== "low")) return "high";
  return r.likelihood === "low" && r.impact === "low" ? "low" : "medium";
}

/** Lines of a text field as a list: empty ones and their own numbers fall away. */
export const lines = (text: string): string[] => text.split("\n").map((l) => l.replace(/^\s*(?:\d+[.)]|[-*•])\s+/, "").trim()).filter(Boolean);

/** When a change was, seen from the beginning of the incident. */
export function seenFrom(seconds: number): string {
  if (Math.abs(seconds) < 30) return "as it began";
  return `${span(Math.abs(seconds) * 1000)} ${seconds > 0 ? "before it began" : "after it began"}`;
}

export const hopsWord = (n: number): string => (n === 0 ? "" : n === 1 ? "it depends on it" : `${numberWord(n)} steps down the map`);

export interface Way {
  address: string;
  steps: Measure[];
  failed: Measure | undefined;
  /** Milliseconds of the usual answer: the last step that came through. */
  median: number | undefined;
}

/** Of a measurement the way to each target. */
export function ways(p: Pick<Probe, "targets" | "results">): Way[] {
  const all = [...new Set([...p.targets, ...p.results.map((r) => r.address)])];
  return all.map((address) => {
    const steps = p.results.filter((r) => r.address === address);
    const through = steps.filter((s) => s.failed < s.times);
    return { address, steps, failed: steps.find((s) => s.failed > 0), median: through.at(-1)?.median_ms };
  });
}

export const stepName: Record<Measure["step"], string> = { dns: "Name (DNS)", tcp: "Connection (TCP)", tls: "Certificate (TLS)", http: "Answer (HTTP)" };

/** 0.4 ms, 84 ms, 1.2 s. */
export function millis(n: number): string {
  if (n >= 1000) return `${(n / 1000).toLocaleString("en-GB", { maximumFractionDigits: 1 })} s`;
  return `${n.toLocaleString("en-GB", { maximumFractionDigits: n < 10 ? 1 : 0 })} ms`;
}

/** 512 B, 3.4 kB, 12 MB. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  for (const unit of ["kB", "MB", "GB"]) {
    n /= 1000;
    if (n < 999.5) return `${n.toLocaleString("en-GB", { maximumFractionDigits: n < 10 ? 1 : 0 })} ${unit}`;
  }
  return `${Math.round(n)} GB`;
}

/** What a file speaks for, in words. */
export function aboutWord(f: Pick<EvidenceFile, "about">, file: InquiryFile | undefined): string {
  const [kind, id] = (f.about ?? "").split(":", 2);
  if (!kind || !id) return "";
  const text = kind === "hypothesis" ? file?.hypotheses.find((h) => h.id === id)?.text : kind === "solution" ? file?.solutions.find((s) => s.id === id)?.title : "";
  return text ? `${inText(kind === "hypothesis" ? "cause" : "option")}: ${text}` : inText(kind);
}

export interface Box {
  id: string;
  name: string;
  done: number;
  all: number;
  late: number;
  /** When the last of its open steps is due. */
  due: number | undefined;
}

const track = ["INV-TRI", "INV-RCA", "INV-SOL"];

/** The technical track: triage, cause, solution, each with its time box. */
export function boxes(lists: Checklist[], now: number): (Box & { items: Checklist["items"] })[] {
  return track.flatMap((id) => {
    const c = lists.find((x) => x.phase === id);
    if (!c || c.items.length === 0) return [];
    const open = c.items.filter(isOpen);
    const dues = open.map((t) => ms(t.due_at)).filter((t) => t !== undefined);
    return [{ id, name: c.name || id, items: c.items, done: c.items.length - open.length, all: c.items.length, late: open.filter((t) => isLate(t, now)).length, due: dues.length > 0 ? Math.max(...dues) : undefined }];
  });
}

/** Metrics that passed their limit first, then by service. */
export const worst = (all: TriageMetric[]): TriageMetric[] => [...all].sort((a, b) => Number(b.passed) - Number(a.passed) || a.service.localeCompare(b.service) || a.name.localeCompare(b.name));

/** The last value beside its limit. */
export function lastOf(m: TriageMetric): string {
  const v = m.points.at(-1)?.value;
  const n = (x: number) => x.toLocaleString("en-GB", { maximumFractionDigits: Math.abs(x) < 10 ? 2 : 0 });
  return v === undefined ? "no value" : `${n(v)}${m.unit ? ` ${m.unit}` : ""}, limit ${m.word} ${n(m.limit)}`;
}
