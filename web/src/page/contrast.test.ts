import { expect, test } from "vitest";
import { contrast, unreadable } from "./contrast";

test("contrast is that of WCAG", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
  expect(contrast("red", "#ffffff")).toBeUndefined();
});

test("a colour is refused with its contrast", () => {
  expect(unreadable("", ["#ffffff"])).toBeUndefined();
  expect(unreadable("#1f51c0", ["#ffffff", "#f8f8f6"])).toBeUndefined();
  expect(unreadable("#777777", ["#ffffff"])).toBe("A contrast of 4.4 to 1 cannot be read; text needs 4.5.");
  expect(unreadable("blue", ["#ffffff"])).toBe("Use a colour such as #1f51c0.");
});
