// What stands on what, followed from one node to all that it needs and all that
// suffers with it, and said in words. Pure.
import type { Health, MapNode, ServiceMap } from "../api/outside";
import { capital, count, listing, numberWord } from "../ui/words";

/** A service and a vendor may have the same id. */
export const keyOf = (n: { kind: string; id: string }): string => `${n.kind}:${n.id}`;

const from = (e: { from: string }) => `service:${e.from}`;
const to = (e: { to: string; to_kind: string }) => `${e.to_kind}:${e.to}`;

/** Of every edge its ends: what depends, and on what. Edges to nothing known are left out. */
export function ends(map: ServiceMap): { from: string; to: string }[] {
  const known = new Set(map.nodes.map(keyOf));
  return map.edges.map((e) => ({ from: from(e), to: to(e) })).filter((e) => known.has(e.from) && known.has(e.to));
}

export interface Step {
  node: MapNode;
  /** 1: directly. */
  far: number;
}

/** All that can be reached, the nearest first, each once; rings end. */
function reach(map: ServiceMap, start: string, next: (key: string) => string[]): Step[] {
  const nodes = new Map(map.nodes.map((n) => [keyOf(n), n]));
  const out: Step[] = [];
  const seen = new Set([start]);
  let row = [start];
  for (let far = 1; row.length > 0; far++) {
    row = [...new Set(row.flatMap(next))].filter((k) => !seen.has(k) && seen.add(k));
    for (const k of row) out.push({ node: nodes.get(k)!, far });
  }
  return out;
}

export interface Walk {
  needs: Step[];
  carries: Step[];
}

export function walk(map: ServiceMap, start: string): Walk {
  const all = ends(map);
  return {
    needs: reach(map, start, (k) => all.filter((e) => e.from === k).map((e) => e.to)),
    carries: reach(map, start, (k) => all.filter((e) => e.to === k).map((e) => e.from)),
  };
}

export const isBad = (h: Health): boolean => h === "outage" || h === "degraded";

/** Well itself, but something below it is not. */
export const atRisk = (map: ServiceMap, n: MapNode): boolean => !isBad(n.health) && walk(map, keyOf(n)).needs.some((s) => isBad(s.node.health));

const worse: Health[] = ["outage", "degraded", "maintenance", "unknown", "ok"];
export const byHealth = (a: MapNode, b: MapNode): number => worse.indexOf(a.health) - worse.indexOf(b.health) || b.customers - a.customers || a.name.localeCompare(b.name);

/** The first line: what is broken, and what it takes with it. */
export function verdict(map: ServiceMap): string {
  const services = map.nodes.filter((n) => n.kind === "service").length;
  const vendors = map.nodes.length - services;
  const bad = map.nodes.filter((n) => isBad(n.health)).sort(byHealth);
  if (bad.length === 0) {
    const blind = map.nodes.filter((n) => n.kind === "vendor" && n.health === "unknown").length;
    const all = vendors > 0 ? `${count(services, "service")} and ${count(vendors, "vendor")}` : count(services, "service");
    return `Nothing is known to be wrong with ${all}.${blind > 0 ? ` Nothing is heard of ${blind === 1 ? "one vendor" : `${numberWord(blind)} vendors`}.` : ""}`;
  }
  // What is broken below is said first: it may be why the rest is.
  const roots = bad.filter((n) => !walk(map, keyOf(n)).needs.some((s) => isBad(s.node.health)));
  const first = roots.length > 0 ? roots : bad;
  const after = bad.filter((n) => !first.includes(n));
  const names = first.length > 3 ? `${capital(numberWord(first.length))} of ${map.nodes.length}` : listing(first.map((n) => n.name));
  const too = after.length === 0 ? "" : `, and so ${after.length === 1 ? "is" : "are"} ${after.length > 3 ? numberWord(after.length) : listing(after.map((n) => n.name))} on top`;
  const hit = new Set(bad.flatMap((n) => walk(map, keyOf(n)).carries.map((s) => keyOf(s.node))));
  for (const n of bad) hit.delete(keyOf(n));
  const customers = Math.max(...bad.map((n) => n.customers));
  const rest = hit.size === 0 ? "nothing else stands on " + (bad.length === 1 ? "it" : "them") : `${count(hit.size, after.length > 0 ? "more service stands" : "service stands", after.length > 0 ? "more services stand" : "services stand")} on ${bad.length === 1 ? "it" : "them"}`;
  return `${names} ${first.length === 1 ? "is" : "are"} in trouble${too}; ${rest}.${customers > 0 ? ` ${bad.length === 1 ? "" : "At least "}${count(customers, "customer may", "customers may")} feel it.` : ""}`;
}
