import { describe, expect, test } from "vitest";
import { ago, clockTime, goSpan, left, limit, ms, span, stopwatch, when } from "./time";

const at = (text: string) => Date.parse(text);

describe("spans", () => {
  test.each([
    [0, "0:00"], [7_000, "0:07"], [168_000, "2:48"], [1_578_999, "26:18"], [3_870_000, "1:04:30"], [-5_000, "0:05"],
  ])("stopwatch %d", (t, want) => expect(stopwatch(t)).toBe(want));

  test.each([
    [12_000, "12 s"], [72_000, "1 min 12 s"], [300_000, "5 min"], [3_599_000, "60 min"], [3_600_000, "1 h"], [5_460_000, "1 h 31 min"],
    [86_400_000, "1 d"], [273_600_000, "3 d 4 h"], [52_012_800_000, "602 d"],
  ])("span %d", (t, want) => expect(span(t)).toBe(want));

  test("what remains is a stopwatch only while seconds matter", () => {
    expect(left(168_000)).toBe("2:48");
    expect(left(3 * 3_600_000)).toBe("3 h");
  });

  test("a limit forgets the seconds a start was late", () => expect(limit(299_990)).toBe("5 min"));

  test.each([["10m", "10 min"], ["1h30m", "1 h 30 min"], ["0s", "at once"], ["8bh", "8 business hours"], ["1bd", "1 business day"], ["soon", "soon"]])(
    "the procedure's %s reads %s", (text, want) => expect(goSpan(text)).toBe(want),
  );
});

describe("instants", () => {
  const now = at("2026-03-02T03:00:00Z");
  test.each([
    ["2026-03-02T09:00:00Z", "09:00"], ["2026-03-04T09:00:00Z", "Wed 09:00"], ["2026-03-20T09:00:00Z", "20 Mar 09:00"], ["2024-07-08T00:00:00Z", "8 Jul 2024"],
  ])("%s is %s", (t, want) => expect(when(at(t), now, "UTC")).toBe(want));

  test("what has not come is nothing, however it is written", () => {
    expect(ms(undefined)).toBeUndefined();
    expect(ms("")).toBeUndefined();
    expect(ms("0001-01-01T00:00:00Z")).toBeUndefined();
    expect(ms("2026-03-02T03:00:00Z")).toBe(now);
  });

  test("midnight is 00, never 24", () => expect(clockTime(at("2026-03-02T00:00:05Z"), "UTC", true)).toBe("00:00:05"));
  test("a future instant is not past", () => expect(ago(now + 60_000, now)).toBe("in 1 min"));
  test("a second ahead is clocks that differ, not the future", () => expect(ago(now + 900, now)).toBe("just now"));
});
