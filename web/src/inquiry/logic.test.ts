import { describe, expect, test } from "vitest";
import type { Hypothesis, InquiryFile, Solution } from "../api/inquiry";
import type { Checklist } from "../api/types";
import { aboutWord, boxes, bytes, lastOf, level, lines, millis, pieces, seenFrom, tree, verdict, ways } from "./logic";

const by = { id: "ana", name: "Ana" };
const cause = (id: string, state: Hypothesis["state"], more: Partial<Hypothesis> = {}): Hypothesis => ({ id, text: `cause ${id}`, state, evidence: { text: "" }, by, at: `2026-03-02T03:0${id}:00Z`, ...more });
const option = (more: Partial<Solution> = {}): Solution => ({ id: "s", sort: "fix", title: "Roll back", state: "proposed", missing: [], by, at: "2026-03-02T03:00:00Z", ...more });
const file = (more: Partial<InquiryFile> = {}): InquiryFile => ({ hypotheses: [], decisions: [], workstreams: [], solutions: [], findings: [], updates: [], probes: [], ...more });

describe("causes", () => {
  test("read as a tree: confirmed, open, ruled out, and each with what it asks for below it", () => {
    const all = [cause("1", "ruled_out"), cause("2", "open"), cause("3", "open", { parent: "2" }), cause("4", "confirmed"), cause("5", "open", { parent: "3" })];
    expect(tree(all).map((b) => [b.h.id, b.depth])).toEqual([["4", 0], ["2", 0], ["3", 1], ["5", 2], ["1", 0]]);
  });
  test("one whose parent is not known stands by itself, and a ring ends", () => {
    expect(tree([cause("1", "open", { parent: "gone" })]).map((b) => b.depth)).toEqual([0]);
    expect(tree([cause("1", "open", { parent: "2" }), cause("2", "open", { parent: "1" })])).toEqual([]);
  });
  test("the first line says how far it is", () => {
    expect(verdict(file())).toBe("No possible cause has been named yet. Nothing has been proposed.");
    expect(verdict(file({ hypotheses: [cause("1", "open"), cause("2", "open"), cause("3", "ruled_out")] }))).toBe("Two possible causes are open, one is ruled out. Nothing has been proposed.");
    expect(verdict(file({ hypotheses: [cause("1", "ruled_out")] }))).toContain("One cause is ruled out and none is left.");
    expect(verdict(file({ hypotheses: [cause("1", "confirmed", { text: "The cache is cold. " })], solutions: [option({ state: "approved" })] }))).toBe('The cause: The cache is cold. "Roll back" is approved and not yet put in.');
    expect(verdict(file({ solutions: [option(), option({ missing: [{ part: "plan", what: "x" }] })] }))).toContain("Two options are on the table, one ready to be approved.");
  });
});

describe("an option", () => {
  test("says what it still waits for, in the server's words", () => {
    const s = option({ missing: [{ part: "plan", what: "write the plan first, with a way back" }, { part: "test", what: "the test failed" }], risk: { likelihood: "low", impact: "medium", blast_radius: "open sessions", reversibility: "easy" }, test: { result: "failed", environment: "staging" } });
    expect(pieces(s).map((p) => [p.part, p.state, p.says])).toEqual([
      ["risk", "done", "low likelihood, medium impact, easy to take back; could hit open sessions"],
      ["test", "failed", "failed in staging"],
      ["plan", "missing", "write the plan first, with a way back"],
    ]);
  });
  test("has a way back with its plan, and a waiver with its reason", () => {
    const s = option({ test: { result: "waived", reason: "it burns" }, plan: { owner: "person:ana", steps: [{ text: "a" }, { text: "b" }], rollback: ["c"] }, missing: [{ part: "risk", what: "assess the risk first" }] });
    expect(pieces(s).map((p) => p.says)).toEqual(["assess the risk first", "waived by the commander: it burns", "2 steps, 1 step back"]);
  });
  test("is risky by the worse side, and always where there is no way back", () => {
    const r = (likelihood: string, impact: string, reversibility = "easy") => level({ likelihood, impact, reversibility, blast_radius: "x" } as Solution["risk"]);
    expect([r("low", "low"), r("low", "high"), r("medium", "high"), r("high", "low"), r("low", "low", "none"), level(undefined)]).toEqual(["low", "medium", "high", "medium", "high", undefined]);
  });
});

test("steps are lines, without their own numbers and bullets", () => {
  expect(lines("1. Set 4.17.2 in eu\n\n - Watch\n2) The same in us\n3.5 GB are free")).toEqual(["Set 4.17.2 in eu", "Watch", "The same in us", "3.5 GB are free"]);
});

test("a change is seen from the beginning of the incident", () => {
  expect([seenFrom(320), seenFrom(-600), seenFrom(12), seenFrom(86_400)]).toEqual(["5 min before it began", "10 min after it began", "as it began", "1 d before it began"]);
});

test("a measurement is read target by target, with where it broke", () => {
  const step = (address: string, name: "dns" | "tcp" | "http", failed: number, median: number) => ({ address, step: name, times: 5, failed, min_ms: 1, median_ms: median, p95_ms: 1, max_ms: 1 });
  const all = ways({ targets: ["a", "b", "c"], results: [step("a", "dns", 0, 2), step("a", "tcp", 0, 11), step("b", "dns", 0, 3), step("b", "tcp", 5, 0)] });
  expect(all.map((w) => [w.address, w.median, w.failed?.step])).toEqual([["a", 11, undefined], ["b", 3, "tcp"], ["c", undefined, undefined]]);
  expect([millis(0.42), millis(84.3), millis(1840)]).toEqual(["0.4 ms", "84 ms", "1.8 s"]);
});

test("sizes are said shortly", () => {
  expect([bytes(512), bytes(48_211), bytes(999_800), bytes(25_000_000)]).toEqual(["512 B", "48 kB", "1 MB", "25 MB"]);
});

test("evidence says what it speaks for", () => {
  const f = file({ hypotheses: [cause("1", "open", { text: "The cache is cold" })], solutions: [option()] });
  expect([aboutWord({ about: "hypothesis:1" }, f), aboutWord({ about: "solution:s" }, f), aboutWord({ about: "task:9" }, f), aboutWord({}, f)]).toEqual(["cause: The cache is cold", "option: Roll back", "task", ""]);
});

// INV-TRI, INV-RCA and INV-SOL have their time boxes on the tab.
test("the technical track has a time box for each phase that has steps", () => {
  const now = Date.parse("2026-03-02T03:20:00Z");
  const task = (id: string, state: string, due: string) => ({ id, title: id, phase: "", owner: "", state, opened_at: "", due_at: due });
  const lists = [
    { phase: "INV-SOL", name: "Solution", items: [] },
    { phase: "INV-RCA", name: "Root cause", items: [task("c", "open", "2026-03-02T03:45:00Z")] },
    { phase: "INV-TRI", name: "Technical triage", items: [task("a", "done", "2026-03-02T03:15:00Z"), task("b", "open", "2026-03-02T03:15:00Z")] },
  ] as unknown as Checklist[];
  expect(boxes(lists, now).map((b) => [b.name, b.done, b.all, b.late, b.due === undefined ? 0 : (b.due - now) / 60_000])).toEqual([["Technical triage", 1, 2, 1, -5], ["Root cause", 0, 1, 0, 25]]);
});

test("a metric says its last value beside its limit", () => {
  const m = { rule: "r", name: "Error rate", unit: "%", service: "auth", limit: 5, word: "above" as const, passed: true, points: [{ at: "", value: 1 }, { at: "", value: 61.2 }] };
  expect([lastOf(m), lastOf({ ...m, points: [] })]).toEqual(["61 %, limit above 5", "no value"]);
});
