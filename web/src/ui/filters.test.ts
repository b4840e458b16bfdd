import { expect, test } from "vitest";
import { begins } from "./filters";

test("what is typed begins words, wherever they stand", () => {
  expect(["CTO", "Director platform operations", "David Kim"].map((t) => begins(t, "cto"))).toEqual([true, false, false]);
  expect(begins("David Kim", "kim da")).toBe(true);
  expect(begins("Engineering Manager - Platform", "plat")).toBe(true);
  expect(begins("anything", " ")).toBe(true);
});
