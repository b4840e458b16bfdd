import { expect, test } from "vitest";
import { buttons, place, read } from "./wire";

test("a push is read, and one that cannot be read is still shown", () => {
  const p = read('{"key":"INC-42/x","kind":"page","title":"P1","incident":"INC-42","code":"7-abc","later":1}');
  expect(p).toMatchObject({ key: "INC-42/x", kind: "page", title: "P1", incident: "INC-42", code: "7-abc" });
  for (const bad of [undefined, "", "null", "[]", "{", '{"title":1,"key":"k"}', '"text"']) {
    expect(read(bad), String(bad)).toMatchObject({ key: "unreadable", kind: "notice" });
  }
});

test("only a page that can be answered has buttons", () => {
  const page = { key: "k", kind: "page", title: "P1" };
  expect(buttons(page)).toEqual([]);
  expect(buttons({ ...page, code: "c" }).map((b) => b.action)).toEqual(["acknowledge"]);
  expect(buttons({ ...page, code: "c", join: true }).map((b) => b.action)).toEqual(["acknowledge", "unavailable"]);
});

test("a press leads to the incident and nowhere else", () => {
  expect(place({ title: "P1", incident: "INC-42" })).toBe("/incidents/INC-42");
  expect(place({ title: "P1", incident: "//evil.example/?x" })).toBe("/incidents/%2F%2Fevil.example%2F%3Fx");
  expect(place({ title: "Test page" })).toBe("/");
});
