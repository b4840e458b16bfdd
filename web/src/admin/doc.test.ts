import { describe, expect, test } from "vitest";
import { Problem } from "../api/client";
import { bare, differing, faultIn, faultsOf, named, placeText, rebase, same, slug, valueAt, withValue } from "./doc";

describe("values by path", () => {
  const doc = { name: "Ana", contacts: [{ channel: "sms", address: "+1" }], contract: { uptime_percent: 99.9 } };
  test("are read, also where there is nothing", () => {
    expect(valueAt(doc, "contacts[0].address")).toBe("+1");
    expect(valueAt(doc, "contract.uptime_percent")).toBe(99.9);
    expect(valueAt(doc, "contacts[3].address")).toBeUndefined();
    expect(valueAt(doc, "name.first")).toBeUndefined();
  });
  test("are changed in a copy, and empty ones are left out", () => {
    const next = withValue(doc, "contacts[0].address", "+2");
    expect(valueAt(next, "contacts[0].address")).toBe("+2");
    expect(doc.contacts[0]!.address).toBe("+1");
    expect(withValue(doc, "contacts", [])).toEqual({ name: "Ana", contract: { uptime_percent: 99.9 } });
    expect(withValue({}, "contract.custom", false)).toEqual({ contract: { custom: false } });
    expect(withValue({ a: { b: { c: 1 } }, d: 2 }, "a.b.c", "")).toEqual({ d: 2 });
  });
});

describe("two people change one document", () => {
  const base = { id: "ana", name: "Ana", title: "Engineer", roles: ["a"], version: 3 };
  test("what each changed alone stands together", () => {
    const r = rebase(base, { ...base, name: "Ana B" }, { ...base, title: "Lead", version: 4 });
    expect(r).toEqual({ doc: { id: "ana", name: "Ana B", title: "Lead", roles: ["a"] }, theirs: ["title"], both: [] });
  });
  test("the same field is said, and what was typed is kept", () => {
    const r = rebase(base, { ...base, title: "Head" }, { ...base, title: "Lead" });
    expect(r.both).toEqual(["title"]);
    expect(r.doc["title"]).toBe("Head");
  });
  test("the same change is no conflict, and a removal is a change", () => {
    expect(rebase(base, { ...base, title: "Lead" }, { ...base, title: "Lead" }).both).toEqual([]);
    const without: Record<string, unknown> = { ...base };
    delete without["roles"];
    expect(rebase(base, without, base).doc).not.toHaveProperty("roles");
  });
  test("order of keys and the server's stamps are no difference", () => {
    expect(differing({ a: { x: 1, y: 2 }, version: 1 }, { a: { y: 2, x: 1 }, version: 2 })).toEqual([]);
    expect(same([1, 2], [2, 1])).toBe(false);
    expect(bare({ id: "x", version: 1, updated_at: "", on_call: [] })).toEqual({ id: "x" });
  });
});

test("mistakes stand at their fields", () => {
  const f = faultsOf(new Problem(422, "", "validation failed", [
    { location: "body.contacts[1].address", message: "is no number" },
    { location: "body", message: "expected required property name to be present" },
    { location: "body.layers[0]", message: "expected required property start to be present" },
    { location: "body.members[2]", message: "there is no person" },
    { location: "body.level", message: "expected number <= 3" },
    { location: "body.layers[1].members", message: "expected array length >= 1" },
  ]));
  expect(Object.fromEntries(f)).toEqual({ "contacts[1].address": "is no number", name: "is missing", "layers[0].start": "is missing", "members[2]": "there is no person", level: "must be at most 3", "layers[1].members": "choose at least one" });
  expect(faultIn(f, "members")).toBe("there is no person");
  expect(faultIn(f, "member")).toBeUndefined();
});

test("an id is made out of a name", () => {
  expect(slug("María López-Ruiz", ".")).toBe("maria.lopez.ruiz");
  expect(slug("  Data / ingestion ")).toBe("data-ingestion");
  expect(slug("...")).toBe("");
});

test("a place is said in words", () => {
  expect(["steps[0].only.days", "layers[2].members[1]", "ack_expires", "steps"].map(placeText)).toEqual(["Step 1, only, days", "Layer 3, member 2", "Ack expires", "Steps"]);
});

test("the id of something new follows its name until somebody types one", () => {
  expect(named({ id: "", name: "" }, { id: "", name: "Night watch" })).toEqual({ id: "night-watch", name: "Night watch" });
  expect(named({ id: "own", name: "Night" }, { id: "own", name: "Night watch" })).toEqual({ id: "own", name: "Night watch" });
});
