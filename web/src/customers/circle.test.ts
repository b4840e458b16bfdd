import { expect, test } from "vitest";
import type { AlternativeUse, Stakeholder } from "../api/registry";
import { byGroup, circleVerdict, offersLeft, plansLine, standingFirst } from "./circle";

const one = (name: string, more: Partial<Stakeholder> = {}): Stakeholder => ({ id: name.toLowerCase(), name, group: "investor", version: 1, updated_at: "2026-03-02T10:00:00Z", ...more });
const told = { plans: [{ class: "critical" as const, within: "1h" }] };

test("the first line says who would not be told", () => {
  expect(circleVerdict([one("North Fund", told), one("Authority", told)])).toBe("Two stakeholders are told when it is serious.");
  expect(circleVerdict([one("North Fund", told), one("Authority")])).toBe("One of two stakeholders are told when it is serious. Authority has no plan.");
  expect(circleVerdict([one("North Fund"), one("Authority")])).toBe("Nobody of these is told of anything yet: no plan says when.");
  expect(circleVerdict([one("North Fund", { ...told, contacts: [] })])).toBe("One stakeholder is told when it is serious. Of North Fund no contact is known.");
});

test("plans are read in a line, and who may not read contacts hears nothing of them", () => {
  expect(plansLine(one("A", { plans: [{ class: "critical", within: "1h" }, { class: "extended" }] }))).toBe("critical incidents within 1h and extended outages");
  expect(plansLine(one("A"))).toBe("");
  expect(circleVerdict([one("A", told)])).not.toContain("no contact");
});

test("groups stand in the order of the form, names in the alphabet's", () => {
  expect(byGroup([one("Z", { group: "regulator" }), one("B"), one("A"), one("C", { group: "other" })]).map((s) => s.name)).toEqual(["A", "B", "Z", "C"]);
});

test("a way in use is not offered again until it has ended", () => {
  const use = (id: string, more: Partial<AlternativeUse> = {}): AlternativeUse => ({ id, service: "reporting", alternative: "read-only", name: "Read-only mode", reason: "r", by: "ana", at: "2026-03-02T10:00:00Z", ...more });
  const offers = [{ service: "reporting", id: "read-only", name: "Read-only mode", text: "t" }, { service: "api", id: "read-only", name: "Read-only API", text: "t" }];
  expect(offersLeft({ offers, used: [use("1")] }).map((o) => o.service)).toEqual(["api"]);
  expect(offersLeft({ offers, used: [use("1", { ended_at: "2026-03-02T11:00:00Z" })] })).toHaveLength(2);
  expect(standingFirst([use("old", { ended_at: "x", at: "2026-03-02T12:00:00Z" }), use("now"), use("newer", { at: "2026-03-02T11:00:00Z" })]).map((u) => u.id)).toEqual(["newer", "now", "old"]);
});
