import { describe, expect, test } from "vitest";
import type { MapNode, ServiceMap } from "../api/outside";
import { box, laid } from "./layout";
import { atRisk, keyOf, verdict, walk } from "./walk";

const node = (id: string, change: Partial<MapNode> = {}): MapNode => ({ kind: "service", id, name: id, health: "ok", affects: [], customers: 0, ...change });
const map: ServiceMap = {
  nodes: [node("web"), node("api", { customers: 30 }), node("auth", { customers: 40 }), node("alone"), node("cloud", { kind: "vendor" }), node("auth", { kind: "vendor", name: "Auth Inc." })],
  edges: [{ from: "web", to: "api", to_kind: "service" }, { from: "web", to: "auth", to_kind: "service" }, { from: "api", to: "auth", to_kind: "service" }, { from: "auth", to: "cloud", to_kind: "vendor" }, { from: "api", to: "auth", to_kind: "vendor" }, { from: "api", to: "gone", to_kind: "service" }],
};
const said = (steps: { node: MapNode; far: number }[]) => steps.map((s) => `${keyOf(s.node)} ${s.far}`);
const sick = (key: string, health: MapNode["health"]): ServiceMap => ({ ...map, nodes: map.nodes.map((n) => (keyOf(n) === key ? { ...n, health } : n)) });

describe("the impact walk", () => {
  test("all that suffers, the nearest first and each once", () => {
    expect(said(walk(map, "vendor:cloud").carries)).toEqual(["service:auth 1", "service:web 2", "service:api 2"]);
    expect(walk(map, "vendor:cloud").needs).toEqual([]);
  });
  test("all that is needed; a vendor is not the service of the same id", () => {
    expect(said(walk(map, "service:api").needs)).toEqual(["service:auth 1", "vendor:auth 1", "vendor:cloud 2"]);
  });
  test("a ring ends", () => {
    const ring: ServiceMap = { nodes: [node("a"), node("b")], edges: [{ from: "a", to: "b", to_kind: "service" }, { from: "b", to: "a", to_kind: "service" }] };
    expect(said(walk(ring, "service:a").needs)).toEqual(["service:b 1"]);
    expect(laid(ring).at.size).toBe(2);
  });
  test("what is well on something that is not is at risk", () => {
    const ill = sick("vendor:cloud", "outage");
    expect(ill.nodes.filter((n) => atRisk(ill, n)).map(keyOf)).toEqual(["service:web", "service:api", "service:auth"]);
    expect(map.nodes.some((n) => atRisk(map, n))).toBe(false);
  });
});

test("the first line says what is broken and what it takes with it", () => {
  expect(verdict(map)).toBe("Nothing is known to be wrong with 4 services and 2 vendors.");
  expect(verdict(sick("vendor:cloud", "unknown"))).toContain("Nothing is heard of one vendor.");
  expect(verdict(sick("service:auth", "outage"))).toBe("auth is in trouble; 2 services stand on it. 40 customers may feel it.");
  const both = { ...map, nodes: sick("service:auth", "outage").nodes.map((n) => (n.id === "cloud" ? { ...n, health: "degraded" as const } : n)) };
  expect(verdict(both)).toBe("cloud is in trouble, and so is auth on top; 2 more services stand on them. At least 40 customers may feel it.");
  expect(verdict(sick("service:alone", "degraded"))).toBe("alone is in trouble; nothing else stands on it.");
});

test("what is needed stands left of what needs it, and no box covers another", () => {
  const plan = laid(map);
  for (const l of plan.lines) expect(plan.at.get(l.to)!.x + box.width).toBeLessThan(plan.at.get(l.from)!.x);
  const all = [...plan.at.values()];
  all.forEach((a, n) => all.slice(n + 1).forEach((b) => expect(Math.abs(a.x - b.x) >= box.width || Math.abs(a.y - b.y) >= box.height).toBe(true)));
  expect(plan.lines).toHaveLength(5); // nothing leads to what is not there
  expect(plan.lines.every((l) => /^M[\d.]+ [\d.]+ C/.test(l.path))).toBe(true);
});
