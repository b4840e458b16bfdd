import { expect, test } from "vitest";
import type { TimelineEntry } from "../api/types";
import { inStory, reads, sentence } from "./kinds";

const entry = (kind: string, text: string): TimelineEntry => ({ id: "1", kind, actor: "ana", at: "", recorded_at: "", text });

test("a word is never said twice", () => {
  expect(sentence(entry("incident.acknowledged", "Acknowledged by SMS reply"))).toMatchObject({ word: "Acknowledged", rest: "by SMS reply" });
  expect(sentence(entry("incident.resolved", "Resolved: rolled back"))).toMatchObject({ word: "Resolved", rest: "rolled back" });
  expect(sentence(entry("incident.engaged", "Ana is working on it"))).toMatchObject({ word: "Engaged", rest: "Ana is working on it" });
  expect(sentence(entry("deadline.met", "Metrics recovered"))).toMatchObject({ word: "Met", rest: "Metrics recovered" });
});

test("decisions and hypotheses are named as such", () => {
  expect(sentence(entry("incident.noted", "Decision: roll back"))).toEqual({ word: "Decision", rest: "roll back", dot: "ok" });
  expect(sentence(entry("incident.noted", "hypothesis: keys rotated"))).toMatchObject({ word: "Hypothesis", dot: "warn" });
  expect(sentence(entry("incident.noted", "Looks better now"))).toMatchObject({ word: "Note", rest: "Looks better now" });
});

test("a kind from a newer server is still readable", () => expect(reads("incident.handed_over")).toEqual({ word: "Handed over", dot: "plain" }));

test("the story leaves out what is only bookkeeping", () => {
  expect(inStory(entry("delivery.accepted", ""))).toBe(false);
  expect(inStory(entry("delivery.failed", ""))).toBe(true);
});
