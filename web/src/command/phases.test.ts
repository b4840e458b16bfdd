import { expect, test } from "vitest";
import type { Checklist, Task } from "../api/types";
import { columns, isMine, nextTasks, phases } from "./phases";

const t0 = Date.parse("2026-03-02T03:00:00Z");
const at = (m: number) => new Date(t0 + m * 60_000).toISOString();
let n = 0;
const task = (due: number | undefined, more: Partial<Task> = {}): Task => ({ id: String(++n), title: `task ${n}`, state: "open", due_at: due === undefined ? undefined : at(due), ...more });
const done = (due: number, when: number, more: Partial<Task> = {}) => task(due, { state: "done", done_at: at(when), ...more });
const list = (phase: string, ...items: Task[]): Checklist => ({ phase, name: phase, items });

const run = (minutes: number, status: "investigating" | "mitigated" | "resolved" = "investigating") =>
  phases([
    list("INV-RCA", task(45)), list("INV-TRI", task(15)), list("RSP-S1", done(3, 2), done(3, 1)), list("RSP-S2", done(8, 4), task(8)), list("RSP-S3", task(15)), list("COM", task(undefined)), list("VAL", task(undefined)), list("MON"),
  ], status, t0 + minutes * 60_000);

test("phases stand in the order of the procedure, and the present one is on", () => {
  const p = run(5);
  expect(p.map((x) => x.id)).toEqual(["RSP-S1", "RSP-S2", "RSP-S3", "COM", "INV-TRI", "INV-RCA", "VAL"]);
  expect(p.map((x) => x.state)).toEqual(["done", "now", "ahead", "ahead", "ahead", "ahead", "ahead"]);
});

test("a phase whose time is over is late, and the work is in the next", () => {
  const p = run(10);
  expect(p.find((x) => x.id === "RSP-S2")).toMatchObject({ state: "late", late: 1, present: false });
  expect(p.find((x) => x.present)).toMatchObject({ id: "RSP-S3", state: "now" });
  expect(run(60).find((x) => x.present)?.id).toBe("VAL"); // no time box
});

test("what the incident has reached decides where the work is", () => {
  expect(run(5, "mitigated").find((x) => x.present)?.id).toBe("VAL");
  expect(run(5, "resolved").find((x) => x.present)).toBeUndefined(); // nothing after it is open
});

test("due next is what is open, soonest first, after the last that was done", () => {
  const a = task(20), b = task(5), c = task(undefined), d = done(3, 1), e = done(4, 2);
  expect(nextTasks([list("x", a, b, c, d, e)], 4)).toEqual([e, b, a, c]);
});

test("a card stands above the steps of the procedure, however late it is due", () => {
  const step = task(5), card = task(60, { phase: "BOARD" });
  expect(columns([list("RSP-S1", step), list("BOARD", card)], "all", undefined).todo).toEqual([card, step]);
});

test("columns: taken by somebody is not to do; done is newest first", () => {
  const bo = { id: "bo", name: "Bo" };
  const a = task(20, { owner_people: [{ id: "ana", name: "Ana" }] }), b = task(5), c = task(9, { taken_by: bo }), d = done(3, 1), e = done(4, 2, { done_by: "ana" });
  const lists = [list("RSP-S1", a, d, e), list("BOARD", b, c)];
  expect(columns(lists, "all", "ana")).toEqual({ todo: [b, a], taken: [c], done: [e, d] });
  expect(columns(lists, "cards", "ana")).toEqual({ todo: [b], taken: [c], done: [] });
  expect(columns(lists, "mine", "ana")).toEqual({ todo: [a], taken: [], done: [e] });
  expect(isMine({ ...a, taken_by: bo }, "ana")).toBe(false); // he is at it
});
