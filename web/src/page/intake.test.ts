import { expect, test } from "vitest";
import { taken, unfit } from "./intake";

test("a file that cannot be taken is stopped with the reason", () => {
  expect(unfit(null)).toBeUndefined();
  expect(unfit({ name: "readers.csv", size: 100 })).toBeUndefined();
  expect(unfit({ name: "readers.csv", size: 0 })).toContain("empty");
  expect(unfit({ name: "readers.csv", size: 4_000_001 })).toContain("5 MB");
  expect(unfit({ name: "readers.xlsx", size: 100 })).toContain("no CSV");
});

test("an import says whether those in it are told or asked", () => {
  expect(taken({ added: 2, known: 1, problems: [] }, true)).toBe("2 subscribers are told from now on. 1 was there already.");
  expect(taken({ added: 1, known: 0, problems: [{ where: "line 4", what: "is no address" }] }, false)).toBe("1 address is asked whether they want it. 1 line was left out.");
  expect(taken({ added: 0, known: 0, problems: [] }, true)).toBe("Nothing was taken in.");
});
