import { describe, expect, test } from "vitest";
import type { Doc } from "../admin/doc";
import type { DeadEnd, NewPolicyStep, Policy } from "../api/policies";
import type { Service } from "../api/types";
import { asSent, condition, endText, flawsOf, nextStep, onlyText, reordered, typedSpan, usedBy } from "./rungs";

const read: Policy = {
  id: "payments", source: "catalogue", name: "Payments", repeat_every: "10m", repeat_times: 3, ack_expires: "30m", levels: [], version: 7, updated_at: "2026-02-20T08:05:00Z",
  steps: [
    { step: 1, after: "0s", target: "person:ana", to: ["person:ana"], while: "unacknowledged" },
    { step: 2, after: "10m", target: "role:cto", to: ["role:cto", "team:platform"], while: "unresolved", only: { severity: ["P1"], business_hours: false } },
  ],
};

describe("a policy that is read", () => {
  test("is what is sent to replace it, with its version", () => {
    const sent = asSent(read as unknown as Doc);
    expect(sent).toEqual({
      id: "payments", name: "Payments", repeat: { every: "10m", times: 3 }, ack_expires: "30m", version: 7,
      steps: [{ after: "0m", to: ["person:ana"] }, { after: "10m", to: ["role:cto", "team:platform"], while: "unresolved", only: { severity: ["P1"], business_hours: false } }],
    });
    expect(asSent(sent)).toEqual(sent);
  });
  test("leaves out what it does not have", () => {
    expect(asSent({ ...read, repeat_every: "0s", repeat_times: undefined, ack_expires: undefined, steps: [] })).toEqual({ id: "payments", name: "Payments", steps: [], version: 7 });
  });
});

describe("words", () => {
  test("say when a step pages", () => {
    expect(onlyText(undefined)).toBe("");
    expect(onlyText({ severity: ["P1", "P2"] })).toBe("");
    expect(onlyText({ severity: ["P1"], days: ["sat", "sun"], hours: { from: "22:00", to: "07:00", time_zone: "Europe/Berlin" }, business_hours: false })).toBe("P1, Sat and Sun 22:00 to 07:00 (Europe/Berlin), outside business hours");
    expect(onlyText({ days: ["mon"] })).toBe("Mon (UTC)");
    expect(condition({ after: "0m", to: [], while: "unacknowledged" })).toBe("");
    expect(condition({ after: "0m", to: [], while: "unresolved", only: { business_hours: true } })).toBe("Only in business hours; even when acknowledged");
  });
  test("say what comes after the last step", () => {
    expect(endText({ every: "10m", times: 3, expires: "1h30m" })).toBe("While nobody has acknowledged, everybody is paged again every 10 min, 3 times; then the fallback contact. An acknowledgement expires after 1 h 30 min unless somebody engages.");
    expect(endText({ every: "0s" })).toBe("If nobody acknowledges within 10 min of the last step, the fallback contact is paged.");
    expect(endText({ every: "10m" }, true)).toBe("While nobody has acknowledged, everybody is paged again every 10 min.");
  });
  test("that are typed become times, and others stay", () => {
    expect(["15", " 1 h 30 min", "2 hours", "90s", "", "soon", "5bd"].map(typedSpan)).toEqual(["15m", "1h30m", "2h", "90s", "", "soon", "5bd"]);
  });
});

describe("steps", () => {
  const step = (after: string, to: string): NewPolicyStep => ({ after, to: [to] });
  test("go on at the pace they have", () => {
    expect(nextStep([])).toEqual({ after: "0m", to: [] });
    expect(nextStep([step("0m", "a")]).after).toBe("10m");
    expect(nextStep([step("0m", "a"), step("15m", "b")]).after).toBe("30m");
    expect(nextStep([step("0m", "a"), step("1h30m", "b")]).after).toBe("180m");
    expect(nextStep([step("5m", "a"), step("5m", "b")]).after).toBe("15m");
  });
  test("change places while the times stay in order", () => {
    expect(reordered([step("0m", "a"), step("10m", "b"), step("20m", "c")], 2, 0)).toEqual([step("0m", "c"), step("10m", "a"), step("20m", "b")]);
  });
});

test("a service follows its policy, else the chain", () => {
  const services = [{ id: "a", name: "A" }, { id: "b", name: "B", escalation_policy: "payments" }] as Service[];
  expect(usedBy(services, read).map((s) => s.id)).toEqual(["b"]);
  expect(usedBy(services, { id: "P1", source: "procedure" }).map((s) => s.id)).toEqual(["a"]);
});

test("a dead end stands at its step, until the step is another", () => {
  const end = (where: string, target: string): DeadEnd => ({ where, what: "nobody", target, from: "2026-03-01T00:00:00Z", until: "2026-03-15T00:00:00Z" });
  const list = [end("policy:payments/step 2", "role:cto, team:platform"), end("policy:other/step 1", "person:ana"), end("chain/step 4", "role:cto")];
  expect([...flawsOf(list, read, read.steps).keys()]).toEqual([1]);
  expect(flawsOf(list, read, [read.steps[0]!, { after: "10m", to: ["role:ceo"] }]).size).toBe(0);
  expect([...flawsOf(list, { id: "P1", source: "procedure" }, [{ after: "30m", to: ["role:cto"], step: 4 }]).keys()]).toEqual([0]);
});
