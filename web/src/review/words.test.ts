import { describe, expect, it } from "vitest";
import type { ActionItem, Review } from "../api/review";
import { actionsLead, dollars, figure, lasted, lead, mood } from "./words";

describe("reviews in words", () => {
  it("says times, money and figures", () => {
    expect([lasted(59.6), lasted(60), lasted(61.2), lasted(0)]).toEqual(["1 h", "1 h", "1 h 1 min", "0 min"]);
    expect([dollars(1234567.4), figure(0.123456), figure(30), figure(14.987)]).toEqual(["$1,234,567", "0.123", "30", "15"]);
  });
  it("says how people spoke", () => {
    const v = { tickets: 0, mentions: 0, feedback: 0, judged: 2, score: -1 };
    expect([mood(v), mood({ ...v, score: 0.1 }), mood({ ...v, judged: 0 })]).toEqual(["mostly complaint (-1.00)", "mixed (+0.10)", "nothing that can be judged"]);
  });
  it("says what is next", () => {
    const r = (state: string, n: number) => ({ state, missing: Array.from({ length: n }, () => ({ where: "cause", what: "x" })) }) as unknown as Review;
    expect([lead(r("open", 1)), lead(r("open", 2)), lead(r("ready", 0)), lead(r("signed_off", 0))]).toEqual(["1 thing is missing before the sign-off.", "2 things are missing before the sign-off.", "Nothing is missing. The owner can sign it off.", "Signed off. It stays as it is."]);
    const a = (state: string, overdue: boolean) => ({ state, overdue }) as unknown as ActionItem;
    expect([actionsLead([a("blocked", true), a("open", false)]), actionsLead([a("open", false)]), actionsLead([])]).toEqual(["1 overdue, 1 blocked of 2.", "Nothing is late.", ""]);
  });
});
