import { expect, test } from "vitest";
import { planState, summary } from "./words";

test("an import is one sentence", () => {
  expect(summary({ dry_run: true, created: 1, changed: 2, unchanged: 3, refused: 1 })).toBe("1 customer would be made, 2 changed, 3 stay as they are; 1 reason to refuse a row.");
  expect(summary({ dry_run: false, created: 1200, changed: 0, unchanged: 0, refused: 0 })).toBe("1,200 customers made, 0 changed, 0 stay as they are; no row is refused.");
});

test("a plan is due until it is written or late", () => {
  const due_at = "2026-03-02T00:00:00Z";
  expect(planState({ due_at }, Date.parse("2026-03-01T00:00:00Z"))).toBe("due");
  expect(planState({ due_at }, Date.parse(due_at))).toBe("late");
  expect(planState({ due_at, plan: "call" }, Date.parse("2027-01-01T00:00:00Z"))).toBe("planned");
});
