import { describe, expect, test } from "vitest";
import type { Check, Feed, HealthCheck, Mention, UsageWarning, Vendor } from "../api/outside";
import { binned, dotsOf, runs, scale, took } from "./chart";
import { certificate, checksInOrder, checksVerdict, customersVerdict, daysLeft, dueFirst, inOrder, mentionsVerdict, spikes, vendorsVerdict } from "./states";

const now = Date.parse("2026-03-02T09:00:00Z");
const ago = (min: number) => new Date(now - min * 60_000).toISOString();
const same = (id: string) => id;

describe("vendors", () => {
  const of = (name: string, state: Vendor["status"]["state"], services: string[] = []) => ({ id: name, name, services, status: { state, red: state === "outage" || state === "degraded", troubles: [] } }) as unknown as Vendor;
  test("who is in trouble, and what of ours stands on it", () => {
    expect(vendorsVerdict([of("Cloud", "outage", ["auth", "api"]), of("Mail", "ok")], same)).toBe("Cloud says it is in trouble; auth and api stand on it.");
    expect(vendorsVerdict([of("Cloud", "outage"), of("Mail", "unknown")], same)).toBe("Cloud says it is in trouble; nothing of ours is said to stand on it. Nothing is heard of Mail now.");
    expect(vendorsVerdict([of("Cloud", "ok"), of("Mail", "maintenance")], same)).toBe("Two vendors say they are well.");
    expect(vendorsVerdict([of("Cloud", "unknown")], same)).toBe("Nothing is heard of Cloud now.");
  });
  test("the worst first", () => expect(inOrder([of("a", "ok"), of("b", "unknown"), of("c", "degraded"), of("d", "outage")]).map((v) => v.name)).toEqual(["d", "c", "b", "a"]));
});

describe("checks", () => {
  const of = (id: string, state: Check["state"], days?: number, min_days?: number) => ({ id, state, min_days, places: [{ certificate_until: days === undefined ? undefined : ago(-days * 1440) }] }) as unknown as Check;
  test("what fails is said first", () => {
    expect(checksVerdict([of("login", "down"), of("api", "up"), of("old", "paused")], now)).toBe("login fails. One is up. One is paused.");
    expect(checksVerdict([of("a", "up"), of("b", "up", 12)], now)).toBe("All two checks are up. The certificate of b ends soon.");
    expect(checksVerdict([of("a", "unknown")], now)).toBe("Nothing is known of a.");
    expect(checksInOrder([of("a", "up"), of("b", "paused"), of("c", "down")]).map((c) => c.id)).toEqual(["c", "a", "b"]);
  });
  test("days of a certificate", () => {
    expect(daysLeft(of("a", "up"), now)).toBeUndefined();
    expect(daysLeft(of("a", "up", 20.9), now)).toBe(20);
    expect([of("a", "up", 22), of("a", "up", 20), of("a", "up", 29, 30), of("a", "up", -1)].map((c) => certificate(c, now))).toEqual(["well", "soon", "over", "over"]);
  });
});

describe("a spike", () => {
  const feed = { id: "f", service: "auth" } as Feed;
  const complaint = (min: number, more: Partial<Mention> = {}) => ({ service: "auth", state: "new", at: ago(min), ...more }) as Mention;
  const many = (n: number, min: number) => Array.from({ length: n }, () => complaint(min));
  test("ten within five minutes are one, nine are none", () => {
    expect(spikes([feed], [...many(9, 20), complaint(14.9)], now)[0]).toMatchObject({ n: 9, limit: 10 });
    expect(spikes([feed], [...many(9, 20), complaint(15)], now)[0]).toMatchObject({ n: 10 });
  });
  test("what was dismissed, is of another service or older than an hour does not count", () =>
    expect(spikes([feed], [complaint(5, { state: "dismissed" }), complaint(5, { service: "api" }), complaint(61)], now)[0]).toMatchObject({ n: 0 }));
  test("a feed sets its own measure; one without a service has none", () => {
    expect(spikes([{ ...feed, spike: 3, spike_within: "1h30m" }], [], now)[0]).toMatchObject({ limit: 3, within: 5_400_000 });
    expect(spikes([{ id: "f" } as Feed], many(20, 1), now)).toEqual([]);
  });
  test("it is said before what waits", () => {
    const loud = spikes([feed], many(12, 3), now);
    expect(mentionsVerdict(13, false, loud, same)).toBe("12 complaints about auth within 5 minutes: a spike. 13 mentions wait to be decided.");
    expect(mentionsVerdict(0, false, [], same)).toBe("No spike in the last hour. Nothing waits to be decided.");
  });
});

test("customers: who is unlike before, and what is late", () => {
  const w = (customer: string, ended_at?: string) => ({ customer, ended_at }) as UsageWarning;
  const c = (state: HealthCheck["state"], due_at = ago(0)) => ({ state, due_at }) as HealthCheck;
  expect(customersVerdict([w("Acme"), w("Acme"), w("Old", ago(1))], [c("overdue"), c("asked"), c("planned")], same)).toBe("Acme uses the product unlike before. 1 health check is late, one more is due.");
  expect(customersVerdict([], [c("planned")], same)).toBe("Every customer uses the product as before. No health check is due.");
  expect(dueFirst([c("planned"), c("asked", ago(1)), c("asked", ago(5)), c("overdue")]).map((x) => x.due_at)).toEqual([ago(0), ago(5), ago(1), ago(0)]);
});

describe("charts", () => {
  test("a gap cuts the line", () => expect(runs([{ t: 0, v: 1 }, { t: 1, v: 1 }, { t: 9, v: 1 }], 3).map((r) => r.length)).toEqual([2, 1]));
  test("values stand within their box", () => {
    const at = scale(0, 10, 2, 100, 20);
    expect([at({ t: 0, v: 0 }), at({ t: 10, v: 2 })]).toEqual(["0 19", "100 2.6"]);
    expect(scale(5, 5, 0, 100, 20)({ t: 5, v: 0 })).toBe("0 19");
  });
  test("times in words", () => expect([0.084, 1.25, 12.4].map(took)).toEqual(["84 ms", "1.3 s", "12 s"]));
  test("counts by the hour; what is outside is left out", () =>
    expect(binned([{ at: 5, loud: true }, { at: 19, loud: false }, { at: -1, loud: true }, { at: 20, loud: true }], 20, 10, 2)).toEqual([{ at: 0, all: 1, loud: 1 }, { at: 10, all: 1, loud: 0 }]));
  test("a check's times by place; a stretch without a value is none", () =>
    expect(dotsOf([{ kind: "gauge", labels: { check: "a", probe: "local" }, points: [{ at: ago(1), value: 2 }, { at: ago(0), value: null }] }, { kind: "gauge", labels: { check: "b", probe: "local" } }], "a")).toEqual([{ probe: "local", dots: [{ t: now - 60_000, v: 2 }] }]));
});
