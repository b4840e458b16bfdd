import { expect, test } from "vitest";
import { componentsOf } from "../../fake/page";
import { ordered } from "./statuspage";

test("components stand as on the page", () => {
  const all = componentsOf(false);
  expect(ordered([...all].reverse()).map((c) => c.id)).toEqual(["sign-in", "data", "ingestion", "exports", "lab"]);
  // A member of a group that is gone stands by itself.
  expect(ordered(all.filter((c) => c.id !== "data")).map((c) => c.id)).toEqual(["ingestion", "sign-in", "exports", "lab"]);
});
