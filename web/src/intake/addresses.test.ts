import { expect, test } from "vitest";
import { addresses, example, mappingField, sample } from "./addresses";

test("an address holds the key where the tool sends it", () => {
  expect(addresses("hooks", "k1", "https://a.example").map((a) => a.text)).toEqual(["https://a.example/hooks/generic/k1", "https://a.example/hooks/alertmanager/k1", "https://a.example/alertmanager/k1"]);
  expect(addresses("events", "r1", "https://a.example")[0]?.text).toBe("r1");
});

test("a mistake of a mapping names its field", () => {
  expect(mappingField("body.mapping/summary")).toBe("summary");
  expect(mappingField("body.body")).toBe("");
  expect(mappingField(undefined)).toBe("");
});

test("the example and its sample are JSON, and the example reads fields the sample has", () => {
  const fields = Object.keys(JSON.parse(sample) as object);
  for (const [, name] of example.matchAll(/body\.(\w+)/g)) expect(fields).toContain(name);
  expect(Object.keys(JSON.parse(example) as object)).toContain("dedup_key");
});
