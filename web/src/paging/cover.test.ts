import { expect, test } from "vitest";
import { fieldOf, instantOf, warning, wish } from "./cover";
import { picked } from "./lanes";

const t = Date.parse("2026-03-02T10:00:00Z");

test("a field gives back the instant it was made from", () => {
  for (const zone of ["UTC", "local"] as const) expect(instantOf(fieldOf(t, zone), zone)).toBe("2026-03-02T10:00:00.000Z");
  expect(instantOf("", "UTC")).toBeUndefined();
});

test("a drag picks whole quarters, either way, never nothing, never outside", () => {
  const day = 86_400_000;
  expect(picked(0.5, 0.25, t, t + day)).toEqual({ from: t + day / 4, until: t + day / 2 });
  expect(picked(0.5, 0.5001, t, t + day)).toEqual({ from: t + day / 2, until: t + day / 2 + 900_000 });
  expect(picked(-1, 2, t, t + day)).toEqual({ from: t, until: t + day });
});

test("requests and weaknesses are sentences", () => {
  const r = { id: "1", kind: "cover" as const, schedule: "primary", state: "open" as const, from: "2026-03-02T14:00:00Z", until: "2026-03-02T18:00:00Z", holder: "ana", holder_name: "Ana", asker: "ana" };
  expect(wish(r, t, "UTC")).toMatch(/^Ana asks anybody to take primary, .*14:00.* to .*18:00/);
  expect(warning({ kind: "absent", schedule: "primary", person: "bo", name: "Bo", from: r.from, until: r.until }, t, "UTC")).toMatch(/^Bo is primary .* but away; nobody stands in\.$/);
});
