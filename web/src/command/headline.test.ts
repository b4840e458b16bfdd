import { describe, expect, test } from "vitest";
import type { IncidentSummary, Now } from "../api/types";
import { headline, inOrder } from "./headline";

const at = Date.parse("2026-03-02T03:00:00Z");
const iso = (minutes: number) => new Date(at + minutes * 60_000).toISOString();

const incident = (change: Partial<IncidentSummary>): IncidentSummary => ({
  id: "1", number: 42, ref: "INC-42", title: "Sign-in fails", service: { id: "auth", name: "Authentication" }, severity: "P1", status: "investigating", declared: true, detected_at: iso(-10), acknowledged_at: iso(-9), ...change,
});
const now = (change: Partial<Now>): Now => ({ at: iso(0), incidents: [], on_call: [{ schedule: "primary", person: "ana", name: "Ana", until: iso(360) }], due: [], outbox: { failed: 0, waiting: 0 }, ...change });
const say = (change: Partial<Now>) => headline(now(change), at, "UTC");

describe("the first line answers: is anything burning, and who has it?", () => {
  test("nothing open", () => expect(say({})).toEqual({ title: "All clear.", lead: "No incident is open. Ana is on call until 09:00." }));

  test("a suspicion nobody has taken comes before everything else", () => {
    const h = say({ incidents: [incident({}), incident({ id: "2", title: "Cards declined", declared: false, status: "triage", acknowledged_at: undefined, next_deadline: { clock: "acknowledge", name: "Acknowledge", state: "pending", due_at: iso(4) } })] });
    expect(h.title).toBe("A suspected P1 that nobody has taken.");
    expect(h.lead).toBe("Cards declined on Authentication. Somebody has to take it within 4:00. Another P1 is in hand. Nothing is late.");
  });

  test("a fire in hand names its next clock", () => {
    const h = say({ incidents: [incident({ responders: ["a", "b"].map((person) => ({ person, name: person, state: "joined", at: "" })), next_deadline: { clock: "status_update", name: "Customer update", state: "warned", due_at: iso(2.8) } })], due: [{ kind: "task", title: "x", due_at: iso(-1), state: "open" }] });
    expect(h).toEqual({ title: "One fire, and it is in hand.", lead: "A P1 is being worked on by two people. Its customer update is due in 2:48. One thing is late." });
  });

  test("a late clock is said as late", () => {
    expect(say({ incidents: [incident({ next_deadline: { clock: "resolution", name: "Resolution", state: "breached", due_at: iso(-3) } })] }).lead).toContain("Its resolution is 3:00 late.");
  });

  test("open but not burning", () => {
    expect(say({ incidents: [incident({ severity: "P3", status: "triage", acknowledged_at: undefined })] }).title).toBe("Nothing is burning.");
  });

  test("nobody on call is said plainly", () => expect(say({ on_call: [{ schedule: "primary" }] }).lead).toContain("Nobody is on call as primary."));
});

test("rows: untaken fires first, then severity, then age", () => {
  const list = [
    incident({ id: "p3", severity: "P3", acknowledged_at: undefined }), incident({ id: "old", detected_at: iso(-60) }), incident({ id: "new" }),
    incident({ id: "loose", severity: "P2", status: "triage", acknowledged_at: undefined }),
  ];
  expect(inOrder(list).map((i) => i.id)).toEqual(["loose", "old", "new", "p3"]);
});
