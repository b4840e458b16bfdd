import { expect, test } from "vitest";
import type { DeadEnd } from "../api/policies";
import { causes, mend, place, says, spoils, time } from "./causes";

const now = Date.parse("2026-03-02T12:00:00Z");
const day = 86_400_000;
const end = (more: Partial<DeadEnd>): DeadEnd => ({ where: "schedule:primary", what: "nobody", people: [], from: new Date(now - day).toISOString(), until: new Date(now + 14 * day).toISOString(), ...more });
const bo = [{ id: "bo", name: "Bo" }];

test("somebody without a contact is one cause, whatever it spoils", () => {
  const all = causes([
    end({ what: "unreachable", people: bo, target: "schedule:primary" }),
    end({ where: "chain/step 1", what: "unreachable", people: bo, target: "schedule:primary" }),
    end({ where: "service:auth/P1", what: "unreachable", people: bo }),
  ]);
  expect(all).toHaveLength(1);
  expect(says(all[0]!)).toBe("Bo cannot be reached: no contact that a page can use");
  expect(spoils(all[0]!)).toBe("the schedule primary, step 1 of the chain and every P1 of Auth");
  expect(time(all[0]!, now, "UTC")).toBe("now, with no end in sight");
});

test("a hole that comes every week is said once, with its first time", () => {
  const hole = (d: number) => end({ where: "schedule:security", target: "schedule:security", from: new Date(now + d * day).toISOString(), until: new Date(now + (d + 1) * day).toISOString() });
  const [c, ...more] = causes([hole(12), hole(5)]);
  expect(more).toEqual([]);
  expect(`${says(c!)} ${time(c!, now, "UTC")}`).toBe("Nobody is behind the schedule security from Sat 12:00 to 8 Mar 12:00, and 1 more time");
  expect(spoils(c!)).toBe("");
});

test("the soonest comes first", () => {
  const later = end({ where: "schedule:legal", target: "schedule:legal", from: new Date(now + day).toISOString() });
  expect(causes([later, end({ target: "schedule:primary" })]).map((c) => c.target)).toEqual(["schedule:primary", "schedule:legal"]);
});

test("places are said as people say them", () => {
  expect(["schedule:customer-success", "chain/step 2", "policy:payments/step 1", "service:auth/P2", "fallback"].map(place)).toEqual([
    "the schedule customer success", "step 2 of the chain", "step 1 of the policy payments", "every P2 of Auth", "the fallback contact",
  ]);
});

test("each cause leads to where it is mended", () => {
  const of = (more: Partial<DeadEnd>, me = "ana", admin = true) => mend(causes([end(more)])[0]!, me, admin);
  expect(of({ what: "unreachable", people: bo })).toMatchObject({ to: "/people", search: { edit: "bo" }, label: "Bo’s contacts" });
  expect(of({ what: "unreachable", people: bo }, "bo")).toMatchObject({ to: "/me" });
  expect(of({ what: "away", people: bo }, "ana", false)).toMatchObject({ to: "/people", search: { person: "bo" } });
  expect(of({ target: "schedule:legal" })).toMatchObject({ to: "/schedules/$id", params: { id: "legal" } });
  expect(of({ where: "service:auth/P1" })).toMatchObject({ to: "/services", search: { edit: "auth" } });
  expect(of({ where: "chain/step 3", target: "role:vp-engineering" })).toMatchObject({ to: "/people" });
  expect(of({ where: "fallback", target: "fallback" })).toMatchObject({ to: "/procedure", search: { tab: "chain" } });
  expect(of({ where: "schedule:secondary", what: "same_person", people: bo, target: "schedule:secondary" })).toMatchObject({ params: { id: "secondary" } });
});

test("a step of several targets is one dead end, said with all of them", () => {
  const [c] = causes([end({ where: "policy:payments/step 3", target: "role:cto, manager:area" })]);
  expect(says(c!)).toBe("Nobody is behind the role CTO or the manager of the area");
  expect(mend(c!, undefined, true)).toMatchObject({ to: "/people" });
});
