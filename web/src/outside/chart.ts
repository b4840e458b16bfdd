// Values over time as a chart wants them. Pure.

import type { Series } from "../api/outside";

export interface Dot {
  t: number;
  v: number;
}

/** Cuts a line where more than gap milliseconds have no value. */
export function runs(dots: Dot[], gap: number): Dot[][] {
  const out: Dot[][] = [];
  let last: Dot | undefined;
  for (const d of dots) {
    if (!last || d.t - last.t > gap) out.push([]);
    out[out.length - 1]!.push(d);
    last = d;
  }
  return out;
}

/** Says where a value stands in a box; nothing is at the bottom, top with a little air above it. */
export function scale(from: number, until: number, top: number, width: number, height: number): (d: Dot) => string {
  const most = top > 0 ? top * 1.1 : 1;
  const x = (t: number) => (until > from ? ((t - from) / (until - from)) * width : 0);
  return (d) => `${Math.round(x(d.t) * 10) / 10} ${Math.round((height - 1 - (d.v / most) * (height - 2)) * 10) / 10}`;
}

/** How long something took: 84 ms, 1.2 s. */
export function took(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return `${seconds.toLocaleString("en-GB", { maximumFractionDigits: seconds < 10 ? 1 : 0 })} s`;
}

export interface Bin {
  at: number;
  all: number;
  loud: number;
}

/** Counts things into stretches of time of one length, the last ending with until. */
export function binned(things: { at: number; loud: boolean }[], until: number, length: number, n: number): Bin[] {
  const bins = Array.from({ length: n }, (_, k): Bin => ({ at: until - (n - k) * length, all: 0, loud: 0 }));
  for (const x of things) {
    const b = bins[Math.floor((x.at - (until - n * length)) / length)];
    if (!b) continue;
    b.all++;
    if (x.loud) b.loud++;
  }
  return bins;
}

/** Of one check the points of each place. */
export function dotsOf(all: Series[], check: string): { probe: string; dots: Dot[] }[] {
  return all
    .filter((s) => s.labels?.["check"] === check)
    .map((s) => ({ probe: s.labels?.["probe"] ?? "", dots: (s.points ?? []).flatMap((p): Dot[] => (p.value === null ? [] : [{ t: Date.parse(p.at), v: p.value }])) }))
    .sort((a, b) => a.probe.localeCompare(b.probe));
}
