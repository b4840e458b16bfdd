import { expect, test } from "vitest";
import { fromField, toField } from "./instant";

test("an instant and its field are the same, in both zones", () => {
  for (const zone of ["UTC", "local"] as const) {
    expect(fromField(toField("2026-03-02T09:30:00Z", zone), zone)).toBe("2026-03-02T09:30:00Z");
  }
  expect(toField("2026-03-02T09:30:00+01:00", "UTC")).toBe("2026-03-02T08:30");
});

test("what is no instant yet is none", () => {
  expect(fromField("2026-03-02", "UTC")).toBe("");
  expect(fromField("", "local")).toBe("");
  expect(toField(undefined, "UTC")).toBe("");
});
