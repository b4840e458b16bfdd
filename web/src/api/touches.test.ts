import { expect, test } from "vitest";
import { touches } from "./touches";

const of = (kind: string) => ["", "timeline", "checklists", "deadlines", "pages", "messages", "alerts", "room", "inquiry"].filter((p) => touches(kind, p));

test("a change is read where it shows, and always on the timeline", () => {
  expect(of("incident.noted")).toEqual(["timeline"]);
  expect(of("task.taken")).toEqual(["timeline", "checklists"]);
  expect(of("deadline.breached")).toEqual(["", "timeline", "deadlines"]);
  expect(of("message.published")).toEqual(["", "timeline", "messages"]);
});

test("what is not known for sure touches all", () => {
  for (const kind of ["incident.role", "unknown", "something.new"]) expect(of(kind)).toHaveLength(9);
});
