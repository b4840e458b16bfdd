import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { TimelineEntry } from "../api/types";
import { inStory, reads, sentence, words } from "./kinds";

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
  const silent = { ...entry("delivery.failed", "nobody said within a minute that it arrived"), data: { to: "ana", channel: "email", outcome: "unconfirmed" } };
  expect(sentence(silent, say)).toEqual({ word: "Not confirmed", rest: "Ana by e-mail: nobody said within a minute that it arrived", dot: "warn" });
  expect(of("incident.acknowledged", {})).toBe("Ana");
  expect(of("message.published", { audience: "customers" }, "We are looking into it.")).toBe("We are looking into it.");
});

test("decisions and hypotheses are named as such", () => {
  expect(sentence(entry("incident.noted", "Decision: roll back"))).toEqual({ word: "Decision", rest: "roll back", dot: "ok" });
  expect(sentence(entry("incident.noted", "hypothesis: keys rotated"))).toMatchObject({ word: "Hypothesis", dot: "warn" });
  expect(sentence(entry("incident.noted", "Looks better now"))).toMatchObject({ word: "Note", rest: "Looks better now" });
});

// The document is generated from the kinds the server declares.
test("every kind the server knows has a word, and no word is for a kind that is gone", () => {
  const document = JSON.parse(readFileSync(new URL("../../../internal/edge/api/openapi.json", import.meta.url), "utf8")) as {
    components: { schemas: { TimelineEntry: { properties: { kind: { enum: string[] } } } } };
  };
  const kinds = document.components.schemas.TimelineEntry.properties.kind.enum;
  expect(kinds).toContain("incident.snoozed");
  expect(Object.keys(words).sort()).toEqual([...kinds].sort());
});

test("what a snooze says begins with its word once", () => {
  expect(sentence(entry("incident.snoozed", "snoozed for 1h by Ana: the vendor calls back"))).toMatchObject({ word: "Snoozed", rest: "for 1h by Ana: the vendor calls back", dot: "warn" });
  expect(sentence(entry("incident.retriggered", "the snooze is over: nobody has it"))).toMatchObject({ word: "Pages anew", rest: "the snooze is over: nobody has it", dot: "bad" });
});

test("a kind from a newer server is still readable", () => expect(reads("incident.handed_on")).toEqual({ word: "Handed on", dot: "plain" }));

test("the story leaves out what is only bookkeeping", () => {
  expect(inStory(entry("delivery.accepted", ""))).toBe(false);
  expect(inStory(entry("delivery.failed", ""))).toBe(true);
});
