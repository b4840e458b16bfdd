import { describe, expect, test } from "vitest";
import { figuresOf } from "../../fake/figures";
import type { ClockTally } from "../api/figures";
import { basis, behind, bySeverity, csv, keptShare, line, periodName, short, step, target, value, verdict } from "./words";

const now = Date.parse("2026-11-20T12:00:00Z");
const fixture = () => figuresOf(now, new URLSearchParams(), false);

test("values are said as precisely as a reader wants them", () => {
  expect([value(2.5, "min"), value(0.0186, "min"), value(4.083333, "min"), value(8.333333, "%"), value(99.9712, "%"), value(100, "%"), value(9000, "USD"), value(8.5, "of 10"), value(null, "min"), value(0, "min")]).toEqual(["2.5 min", "1 s", "4.1 min", "8.33 %", "99.971 %", "100 %", "$9,000", "8.5 of 10", "–", "0 min"]);
  expect(target({ target: 3, better: "<", unit: "min" })).toBe("target below 3 min");
  expect(target({ target: null, better: ">", unit: "index" })).toBe("no target");
});

test("periods have names and neighbours", () => {
  expect([periodName("2026-11"), periodName("2026-Q4"), short("2026-11"), short("2026-Q4")]).toEqual(["November 2026", "Fourth quarter of 2026", "Nov", "Q4"]);
  expect([step("2026-01", -1), step("2026-12", 1), step("2026-Q1", -1), step("2026-Q4", 1), step("2026-11", -11)]).toEqual(["2025-12", "2027-01", "2025-Q4", "2027-Q1", "2025-12"]);
});

test("the first line says what meets its target and what does not", () => {
  const f = fixture();
  expect(verdict(f, now)).toBe("November 2026 so far: four of six figures meet their targets; mean time to resolution and action items completed do not.");
  expect(verdict(f, Date.parse("2027-01-01T00:00:00Z"))).toContain("November 2026: four of six");
  expect(verdict(figuresOf(now, new URLSearchParams(), true), now)).toBe("November 2026 so far: nothing yet to measure a target by.");
});

test("a figure says what it is computed from and what stands behind it", () => {
  expect([basis({ id: "mttd", count: 1 }), basis({ id: "false_positive_rate", count: 12 }), basis({ id: "action_completion", count: 20 })]).toEqual(["1 incident", "12 alerts", "20 action items"]);
  expect([behind({ id: "mttr_resolution", unit: "min" }, 71), behind({ id: "false_positive_rate", unit: "%" }, 1), behind({ id: "action_completion", unit: "%" }, 2)]).toEqual(["71 min", "1 false alert", "2 not done in time"]);
});

test("clocks are summed by severity, and an incident with two missed ones is named once", () => {
  const c = (severity: ClockTally["severity"], met: number, breached: number, breached_in: string[]): ClockTally => ({ severity, clock: "x", name: "x", met, breached, waived: 1, running: 0, breached_in });
  expect(bySeverity([c("P2", 1, 0, []), c("P1", 2, 1, ["INC-7"]), c("P1", 3, 2, ["INC-7", "INC-8"])])).toEqual([
    { severity: "P1", met: 5, breached: 3, waived: 2, running: 0, in: ["INC-7", "INC-8"] },
    { severity: "P2", met: 1, breached: 0, waived: 1, running: 0, in: [] },
  ]);
  expect([keptShare({ met: 3, breached: 1 }), keptShare({ met: 0, breached: 0 })]).toEqual([75, undefined]);
});

describe("the file", () => {
  // PLT-CFG-DASH: the file has the numbers of the API, unrounded.
  test("has every value of every figure and period as the API gave it", () => {
    const f = fixture();
    const rows = csv(f, []).trimEnd().split("\r\n").map((r) => r.split(","));
    const periods = [...f.before, f.period];
    for (const k of f.kpis) {
      k.trend.forEach((t, n) => {
        const row = rows.find((r) => r[0] === "kpi" && r[1] === periods[n]!.name && r[2] === k.id);
        expect(row?.[5]).toBe(t.value === null ? "" : String(t.value));
        expect(row?.[9]).toBe(String(t.count));
      });
      expect(k.trend.at(-1)?.value).toBe(k.value);
    }
    expect(rows.every((r) => r.length === 10)).toBe(true);
  });
  test("holds no formula and keeps commas", () => {
    const text = csv({ ...fixture(), kpis: [], clocks: [], services: [] }, [{ person: "p", name: "=HYPERLINK(1), Ana", hours: 7.5, nights: 1, weekend_hours: 0, holiday_hours: 0, pages: 2, pages_off_hours: 1 } as never]);
    expect(text).toContain(`load,2026-11,p,"'=HYPERLINK(1), Ana",hours,7.5,h,`);
  });
});

test("the line of a course has its gaps, and knows where the target lies", () => {
  const at = (v: number | null) => ({ value: v, count: 1, met: null });
  const l = line({ trend: [at(10), at(20), at(null), at(0)], target: 10 }, 240, 48);
  expect(l.runs).toEqual(["M30 24L90 6", "M210 42"]);
  expect(l.goal).toBe(24);
  expect(line({ trend: [at(null)], target: 3 }, 240, 48)).toEqual({ dots: [], runs: [], goal: undefined });
  expect(line({ trend: [at(5), at(5)], target: null }, 240, 48).dots.every((d) => Number.isFinite(d.y))).toBe(true);
});
