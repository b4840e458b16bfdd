import { expect, test } from "vitest";
import type { Layer } from "../api/types";
import { dayRange, layerText, newLayer, shares, windowText } from "./rota";

const name = (id: string) => id.charAt(0).toUpperCase() + id.slice(1);
const week: Layer = { members: ["ana", "bo"], start: "2026-01-05T09:00", every: 1, unit: "week" };

test("days are said as people say them", () => {
  expect(dayRange(["fri", "mon", "tue", "wed", "thu"])).toBe("Mon to Fri");
  expect(dayRange(["sat", "sun"])).toBe("Sat and Sun");
  expect(dayRange(["mon", "wed", "fri"])).toBe("Mon, Wed and Fri");
  expect(dayRange(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])).toBe("every day");
  expect(dayRange([])).toBe("on no day");
});

test("a window over midnight says so, and equal times are a whole day", () => {
  expect(windowText({ days: ["fri"], from: "17:00", to: "09:00" })).toBe("Fri 17:00 to 09:00 the next day");
  expect(windowText({ days: ["sat", "sun"], from: "00:00", to: "00:00" })).toBe("Sat and Sun a whole day from 00:00");
});

test("a layer is one sentence", () => {
  expect(layerText(week, name)).toBe("Ana and Bo take turns of one week, handing over on Mondays at 09:00.");
  expect(layerText({ ...week, every: 12, unit: "hour" }, name)).toContain("turns of 12 hours, from 2026-01-05 09:00");
  expect(layerText({ ...week, members: ["ana"] }, name)).toBe("Ana always, from the start on.");
  expect(layerText({ ...week, members: [] }, name)).toBe("Nobody is in this layer yet.");
  expect(layerText({ ...week, only: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" }] }, name)).toContain("Mon to Fri 09:00 to 17:00 only");
  expect(layerText({ ...week, start: "2026-01-3" }, name)).toBe("Ana and Bo take turns of one week.");
});

test("shares add up hours and leave holes out", () => {
  expect(shares([
    { from: "2026-01-05T09:00:00Z", until: "2026-01-06T09:00:00Z", person: "bo" },
    { from: "2026-01-06T09:00:00Z", until: "2026-01-06T10:00:00Z" },
    { from: "2026-01-06T10:00:00Z", until: "2026-01-06T12:00:00Z", person: "ana" },
    { from: "2026-01-06T12:00:00Z", until: "2026-01-07T12:00:00Z", person: "ana" },
  ])).toEqual([{ person: "ana", hours: 26 }, { person: "bo", hours: 24 }]);
});

test("a new layer has begun, also on a Sunday and early on a Monday", () => {
  expect(newLayer(Date.parse("2026-03-01T23:00:00Z")).start).toBe("2026-02-23T09:00");
  expect(newLayer(Date.parse("2026-03-02T08:00:00Z")).start).toBe("2026-02-23T09:00");
  expect(newLayer(Date.parse("2026-03-02T21:00:00Z")).start).toBe("2026-03-02T09:00");
});
