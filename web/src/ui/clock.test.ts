import { describe, expect, test } from "vitest";
import type { Deadline } from "../api/types";
import { readClock, strip, urgentFirst } from "./clock";

const start = Date.parse("2026-03-02T03:00:00Z");
const at = (minutes: number) => new Date(start + minutes * 60_000).toISOString();
const clock = (change: Partial<Deadline>): Deadline => ({
  id: "1", clock: "resolution", name: "Resolution", severity: "P1", state: "pending", started_at: at(0), due_at: at(45), ...change,
});
const read = (change: Partial<Deadline>, minutes: number) => readClock(clock(change), start + minutes * 60_000, "UTC");

describe("a clock", () => {
  test("runs, and says what remains of what", () => {
    expect(read({}, 18.7)).toMatchObject({ tone: "running", figure: "26:18 left", of: "of 45 min" });
  });
  test("is due from 80 %, even before the server says so", () => {
    expect(read({}, 35.9).tone).toBe("running");
    expect(read({}, 36).tone).toBe("due");
    expect(read({ state: "warned" }, 31).tone).toBe("due");
  });
  test("is over at the limit itself, and says by how much", () => {
    expect(read({}, 45)).toMatchObject({ tone: "over", figure: "0:00 over", used: 1 });
    expect(read({ state: "breached" }, 48.5)).toMatchObject({ tone: "over", figure: "3:30 over" });
  });
  test("done late stays a breach", () => {
    expect(read({ state: "breached", ended_at: at(50) }, 60)).toMatchObject({ tone: "over", figure: "50:00", of: "of 45 min · late" });
  });
  test("met keeps the time it took", () => {
    expect(read({ state: "met", ended_at: at(1.2) }, 20)).toMatchObject({ tone: "met", figure: "1:12" });
    expect(read({ state: "met", ended_at: at(0) }, 20).figure).toBe("at once");
  });
  test("waived says why", () => {
    expect(read({ state: "waived", evidence: { text: "Severity lowered to P3" } }, 20)).toMatchObject({ tone: "off", of: "Severity lowered to P3" });
  });
  test("speaks in a sentence, never by colour alone", () => {
    expect(read({ state: "warned" }, 40).spoken).toBe("Resolution: due soon, 5 min left, of 45 min");
  });
});

describe("the strip", () => {
  test("shows the newest run of each clock and leaves out what each person may take", () => {
    const shown = strip([
      clock({ id: "a", clock: "status_update", state: "met", started_at: at(0) }),
      clock({ id: "b", clock: "status_update", started_at: at(30) }),
      clock({ id: "c", clock: "level_response", subject: "ana", state: "met" }),
      clock({ id: "d", clock: "level_response", subject: "bo" }),
      clock({ id: "e", clock: "war_room", state: "waived" }),
    ]);
    expect(shown.map((d) => d.id)).toEqual(["b"]);
  });
  test("puts what is over before what is due, and what was late long ago behind both", () => {
    const list = [
      clock({ id: "met", state: "met", ended_at: at(1) }),
      clock({ id: "late", state: "breached", due_at: at(5), ended_at: at(7) }),
      clock({ id: "running", due_at: at(100) }),
      clock({ id: "over", state: "breached", due_at: at(10) }),
    ];
    expect(urgentFirst(list, start + 20 * 60_000).map((d) => d.id)).toEqual(["over", "running", "late", "met"]);
  });
});
