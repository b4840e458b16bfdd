// Where each box of the service map stands: what is needed left of what needs it,
// so that trouble spreads to the right. The arranging is the library's. Pure.
import { Graph, layout } from "@dagrejs/dagre";
import type { ServiceMap } from "../api/outside";
import { ends, keyOf } from "./walk";

export const box = { width: 184, height: 54 };
const between = 56;

export interface Laid {
  width: number;
  height: number;
  at: Map<string, { x: number; y: number }>;
  lines: { from: string; to: string; path: string }[];
}

const r = (n: number) => Math.round(n * 10) / 10;

/** A smooth line through points, flat where it leaves and where it comes in. */
function curve(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${r(first.x)} ${r(first.y)}`;
  let a = first;
  for (const b of rest) {
    const mid = (a.x + b.x) / 2;
    path += ` C${r(mid)} ${r(a.y)} ${r(mid)} ${r(b.y)} ${r(b.x)} ${r(b.y)}`;
    a = b;
  }
  return path;
}

export function laid(map: ServiceMap): Laid {
  const g = new Graph();
  g.setGraph({ rankdir: "LR", nodesep: 14, ranksep: between, edgesep: 10, marginx: 2, marginy: 2 });
  g.setDefaultEdgeLabel(() => ({}));
  for (const n of map.nodes) g.setNode(keyOf(n), { ...box });
  for (const e of ends(map)) g.setEdge(e.to, e.from);
  layout(g);
  const at = new Map(g.nodes().map((k) => {
    const n = g.node(k) as { x: number; y: number };
    return [k, { x: n.x - box.width / 2, y: n.y - box.height / 2 }];
  }));
  const lines = ends(map).map((e) => {
    const [a, b] = [at.get(e.to)!, at.get(e.from)!];
    const bends = ((g.edge(e.to, e.from) as { points?: { x: number; y: number }[] }).points ?? []).slice(1, -1);
    // From the middle of a side to the middle of a side; by way of the bends only past other boxes.
    const far = b.x - a.x > 1.5 * (box.width + between);
    return { ...e, path: curve([{ x: a.x + box.width, y: a.y + box.height / 2 }, ...bends.filter((p) => far && p.x > a.x + box.width && p.x < b.x), { x: b.x, y: b.y + box.height / 2 }]) };
  });
  const { width = 0, height = 0 } = g.graph() as { width?: number; height?: number };
  return { width, height, at, lines };
}
