import { expect, test } from "vitest";
import type { Memo } from "../api/credits";
import { amount, cents, monthName, months, percent, span, why } from "./words";

test("amounts are read and written to the cent", () => {
  expect(amount(123_456_705, "USD")).toBe("1,234,567.05 USD");
  expect(amount(-5, "EUR")).toBe("−0.05 EUR");
  for (const [typed, want] of [["12", 1200], ["12.5", 1250], ["1,250.05", 125_005], ["-3.99", -399], ["0.07", 7], ["", undefined], ["12.345", undefined], ["1,2", undefined], ["=1+1", undefined]] as const) expect(cents(typed), typed).toBe(want);
});

test("times and percentages say what they are", () => {
  expect(span(1_339_200)).toBe("22 min 19 s");
  expect(span(-3_600_000)).toBe("1 h");
  expect(span(2_678_400_000)).toBe("31 d");
  expect(span(0)).toBe("0 min");
  expect(percent(99.95)).toBe("99.95 %");
  expect(percent(99.90370000001)).toBe("99.9037 %");
});

test("months go back over the turn of the year", () => {
  expect(months(Date.UTC(2026, 1, 28), 3)).toEqual(["2026-02", "2026-01", "2025-12"]);
  expect(monthName("2026-02")).toBe("February 2026");
});

test("a memo says what it waits for", () => {
  const m = (x: Partial<Memo>) => ({ state: "calculated", words: [], ...x }) as Memo;
  expect(why(m({ wait: "the month is not over" }))).toBe("the month is not over");
  expect(why(m({ state: "pending", words: [{ need: "executive", why: "" }, { need: "legal", why: "", by: "counsel" }] }))).toBe("waits for an executive");
  expect(why(m({ state: "processed", problem: "billing answers 503" }))).toBe("billing answers 503");
});
