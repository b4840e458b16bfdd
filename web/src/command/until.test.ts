import { expect, test } from "vitest";
import { choices, morning, spanOf, wrongEnd } from "./until";

const at = (text: string) => Date.parse(text);

test("tomorrow morning is the next nine o'clock that can be slept until", () => {
  expect(morning(at("2026-03-02T22:10:00Z"), "UTC")).toEqual({ at: at("2026-03-03T09:00:00Z"), today: false });
  expect(morning(at("2026-03-02T03:00:00Z"), "UTC")).toEqual({ at: at("2026-03-02T09:00:00Z"), today: true });
  expect(morning(at("2026-03-31T23:59:00Z"), "UTC").at).toBe(at("2026-04-01T09:00:00Z"));
});

test("nine is not offered when it is too near or too far", () => {
  const labels = (t: string) => choices(at(t), "UTC").map((c) => c.label);
  expect(labels("2026-03-02T22:10:00Z")).toEqual(["15 minutes", "1 hour", "4 hours", "Until tomorrow 09:00"]);
  expect(labels("2026-03-02T08:55:00Z")).toContain("Until 09:00");
  expect(labels("2026-03-02T08:57:00Z")).toHaveLength(3);
  expect(labels("2026-03-02T09:00:00Z")).toContain("Until tomorrow 09:00");
});

test("a length is written as the API reads it", () => {
  expect(spanOf(15 * 60_000)).toBe("15m");
  expect(spanOf(24 * 3_600_000)).toBe("24h");
  expect(spanOf(5_408_000)).toBe("1h30m8s");
});

test("an own end is told off only when it is whole and out of bounds", () => {
  const now = at("2026-03-02T12:00:00Z");
  expect(wrongEnd("", now)).toBe("");
  expect(wrongEnd("2026-03-02T12:04:00Z", now)).toContain("5 minutes");
  expect(wrongEnd("2026-03-03T12:01:00Z", now)).toContain("24 hours");
  expect(wrongEnd("2026-03-02T14:00:00Z", now)).toBe("");
});
