import { expect, test } from "vitest";
import { addressOf } from "./feeds";

test("the address is on the server the console came from", () => {
  expect(addressOf("/calendar/acf_x.ics", "https://allclear.example.com")).toBe("https://allclear.example.com/calendar/acf_x.ics");
});
