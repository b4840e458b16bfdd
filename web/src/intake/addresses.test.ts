import { expect, test } from "vitest";
import { addressOf, example, failing, filled, mappingField, parts, sample } from "./addresses";

const hook = { address: "/hooks/datadog/{key}" };

test("an address holds the key where the tool sends it", () => {
  expect(addressOf(hook, "k1", "https://a.example")).toBe("https://a.example/hooks/datadog/k1");
  expect(addressOf(hook, "", "https://a.example")).toBe("https://a.example/hooks/datadog/<key>");
  expect(addressOf({ address: "/v2/enqueue" }, "r1", "https://a.example")).toBe("https://a.example/v2/enqueue");
});

test("a step has the address, the key and the secret in it", () => {
  expect(filled("Call {url} with {key}, {key} or {secret}", hook, "k1", "https://a.example")).toBe("Call https://a.example/hooks/datadog/k1 with k1, k1 or <secret>");
  expect(parts("Paste this:\n{\n}")).toEqual({ text: "Paste this:", paste: "{\n}" });
  expect(parts("Save.")).toEqual({ text: "Save." });
});

test("a source fails when the last thing that came was refused", () => {
  const h = { source: "s", accepted_24h: 0, refused_24h: 0 };
  expect(failing(undefined) || failing(h) || failing({ ...h, accepted_at: "2026-03-02T03:05:00Z", refused_at: "2026-03-02T03:04:00Z" })).toBe(false);
  expect(failing({ ...h, refused_at: "2026-03-02T03:04:00Z" }) && failing({ ...h, accepted_at: "2026-03-02T03:05:00Z", refused_at: "2026-03-02T03:06:00Z" })).toBe(true);
});

test("a mistake of a mapping names its field", () => {
  expect(mappingField("body.mapping/summary")).toBe("summary");
  expect(mappingField("body.payload")).toBe("");
  expect(mappingField(undefined)).toBe("");
});

test("the example and its sample are JSON, and the example reads fields the sample has", () => {
  const fields = Object.keys(JSON.parse(sample) as object);
  for (const [, name] of example.matchAll(/body\.(\w+)/g)) expect(fields).toContain(name);
  expect(Object.keys(JSON.parse(example) as object)).toContain("dedup_key");
});
