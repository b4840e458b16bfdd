import { expect, test } from "vitest";
import type { TimelineEntry } from "../api/types";
import { fold, some } from "./fold";

const t0 = Date.parse("2026-03-02T03:00:00Z");
const entry = (id: number, s: number, kind: string, text: string, data: TimelineEntry["data"] = {}): TimelineEntry => ({ id: String(id), kind, actor: "allclear", at: new Date(t0 + s * 1000).toISOString(), recorded_at: "", text, data });

test("the same notice to many is one line; other words are another", () => {
  const list = [
    entry(5, 20, "notice.opened", "Please look", { rule: "sales", to: "dee" }),
    entry(4, 1, "notice.opened", "Be ready", { rule: "heads-up", to: "cy" }),
    entry(3, 1, "notice.opened", "Be ready", { rule: "heads-up", to: "bo" }),
    entry(2, 0, "page.opened", "Please acknowledge", { rule: "chain", to: "ana" }),
  ];
  expect(fold(list).map((f) => f.all.map((e) => e.id))).toEqual([["5"], ["4", "3"], ["2"]]);
});

test("far apart, notes, and another outcome stay apart", () => {
  expect(fold([entry(2, 300, "notice.opened", "x", { rule: "r" }), entry(1, 0, "notice.opened", "x", { rule: "r" })])).toHaveLength(2);
  expect(fold([entry(2, 1, "incident.noted", "same"), entry(1, 0, "incident.noted", "same")])).toHaveLength(2);
  expect(fold([entry(2, 1, "incident.joined", "", { outcome: "joined" }), entry(1, 0, "incident.joined", "", { outcome: "asked" })])).toHaveLength(2);
});

test("one clock that many people missed is one line; two clocks are two", () => {
  const breach = (id: number, clock: string, subject?: string) => entry(id, 0, "deadline.breached", "", { clock, subject });
  expect(fold([breach(4, "level_response", "cy"), breach(3, "level_response", "bo"), breach(2, "resolution"), breach(1, "resolution")]).map((f) => f.all.length)).toEqual([2, 1, 1]);
});

test("names are said while they are few", () => {
  expect(some(["Bo"])).toBe("Bo");
  expect(some(["Bo", "Cy", "Bo"])).toBe("Bo and Cy");
  expect(some(["Bo", "Cy", "Dee"])).toBe("Bo, Cy and Dee");
  expect(some(["Bo", "Cy", "Dee", "Eve"])).toBe("Bo, Cy and 2 more");
});
