import { expect, test } from "vitest";
import type { PersonLoad } from "../api/types";
import { equal, figure, sorted, verdict } from "./share";

const load = (name: string, hours: number, pages = 0): PersonLoad => ({ person: name.toLowerCase(), name, hours, nights: 0, weekend_hours: 0, holiday_hours: 0, pages, pages_off_hours: 0 });

test("the heaviest comes first, equal ones by name", () => {
  expect(sorted([load("Bo", 10), load("Cy", 20), load("Ana", 10)], "hours").map((l) => l.name)).toEqual(["Cy", "Ana", "Bo"]);
});

test("the first line says how it was shared", () => {
  expect(verdict([])).toBe("Nobody was on call in this time.");
  expect(verdict([load("Ana", 0, 3)])).toBe("Nobody was on call in this time.");
  expect(verdict([load("Ana", 720, 1)])).toBe("Ana alone carried 720 hours on call and 1 page.");
  expect(verdict([load("Ana", 360, 4), load("Bo", 360, 2)])).toBe("Two people shared 720 hours on call and 6 pages. Nobody carried much more than an equal share.");
  expect(verdict([load("Ana", 540, 4), load("Bo", 180, 2)])).toBe("Two people shared 720 hours on call and 6 pages. Ana carried most: 540 hours, 1.5 times an equal share.");
});

test("figures are short", () => {
  expect([0, 7.5, 9.96, 168.2, 1204].map(figure)).toEqual(["0", "7.5", "10", "168", "1,204"]);
});

test("who was paged without a turn has no share of it", () => {
  expect(equal([], "hours")).toBe(0);
  expect(equal([load("Ana", 30, 6), load("Bo", 10, 1), load("Cy", 0, 1)], "hours")).toBe(20);
  expect(equal([load("Ana", 30, 6), load("Bo", 10, 1), load("Cy", 0, 1)], "pages")).toBe(4);
});
