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

test("an entry without a text is said from its data", () => {
  const say = { person: (id: string) => (id === "ana" ? "Ana" : id), clock: (id: string) => (id === "status_update" ? "Next customer update" : id) };
  const of = (kind: string, data: TimelineEntry["data"], text = "") => sentence({ ...entry(kind, text), data }, say).rest;
  expect(of("page.opened", { to: "ana", step: 2 })).toBe("Ana, step 2 of the chain");
  expect(of("deadline.warned", { clock: "status_update" })).toBe("Next customer update");
  expect(of("incident.severity", { from: "P3", severity: "P1" }, "Two more regions")).toBe("P3 to P1: Two more regions");
  expect(of("delivery.failed", { to: "ana", channel: "sms" }, "503")).toBe("Ana by text message: 503");
  expect(of("incident.acknowledged", {})).toBe("Ana");
  expect(of("message.published", { audience: "customers" }, "We are looking into it.")).toBe("We are looking into it.");
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
