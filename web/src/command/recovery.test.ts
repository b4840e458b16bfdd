import { expect, test } from "vitest";
import type { ActionRun } from "../api/remedy";
import { takenBack } from "./recovery";

const run = (more: Partial<ActionRun>): ActionRun => ({ id: "1", incident: "INC-1", action: "edge.point", name: "Point", type: "custom", state: "succeeded", lane: "vendor", values: {}, dry_run: false, drill: false, by: "bo", at: "2026-03-02T03:10:00Z", needs: 1, missing: 0, approvals: [], seconds: 1, ending: false, others: true, output_bytes: 0, output_cut: false, ...more });

// ESC-EXT-CF: what takes a deed back is offered until it was asked for and stands.
test("what takes a run back is offered until it is asked for", () => {
  const done = run({ values: { CONTENT: "new" }, undo: { action: "edge.point", values: { CONTENT: "old" } } });
  const back = (more: Partial<ActionRun>) => run({ id: "2", at: "2026-03-02T03:20:00Z", values: { CONTENT: "old" }, ...more });
  expect(takenBack(done, [done])).toBe(false);
  expect(takenBack(run({}), [done])).toBe(false);
  expect(takenBack(done, [back({ state: "requested" }), done])).toBe(true);
  for (const none of [back({ state: "failed" }), back({ state: "killed" }), back({ dry_run: true }), back({ values: { CONTENT: "other" } }), back({ at: "2026-03-02T03:00:00Z" })]) expect(takenBack(done, [none, done])).toBe(false);
});
