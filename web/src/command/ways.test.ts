import { expect, test } from "vitest";
import { dutyWay, wayOf } from "./ways";

test("a step that this page can do says where", () => {
  expect(wayOf({ clauses: ["RSP-S2", "RSP-S2-SCOPE"] })).toMatchObject({ do: "scope" });
  expect(wayOf({ clauses: ["WAR-TL-FIX", "WAR-TL-COORD"] })).toMatchObject({ do: "role", more: { show: "technical_lead" } });
  expect(wayOf({ clauses: ["RSP-S3", "RSP-S3-CHAN", "WAR-VIRT-SLACK"] })).toMatchObject({ tab: "room" });
  expect(wayOf({ clauses: ["INV-RCA", "INV-RCA-DB"] })).toMatchObject({ do: "finding", tab: "investigation" });
  expect(wayOf({ clauses: ["INV-SOL", "INV-SOL-PLAN"] })).toMatchObject({ tab: "investigation" });
  expect(wayOf({})).toBeUndefined();
});

test("a duty has something to press, or is words alone", () => {
  expect(dutyWay("WAR-IC-EXEC")).toMatchObject({ do: "brief" });
  expect(dutyWay("WAR-IC-PIR")).toBeUndefined();
  expect(dutyWay(undefined)).toBeUndefined();
});
