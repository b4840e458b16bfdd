// Marks of health and small charts, for the screens of what stands around us.
import { IconAlertTriangle, IconCheck, IconHelp, IconTool, IconX } from "@tabler/icons-react";
import type { Health } from "../api/outside";
import { Chip, type ChipColour } from "../ui/pieces";
import { runs, scale, type Dot } from "./chart";
import css from "./pieces.module.css";

const says: Record<Health, { word: string; colour?: ChipColour }> = {
  outage: { word: "outage", colour: "red" },
  degraded: { word: "degraded", colour: "amber" },
  maintenance: { word: "maintenance", colour: "accent" },
  unknown: { word: "not known" },
  ok: { word: "well", colour: "green" },
};

export const healthWord = (h: Health): string => says[h].word;

export function HealthIcon({ health, size = 14 }: { health: Health; size?: number }) {
  const props = { size, "aria-hidden": true, stroke: 2.2 } as const;
  switch (health) {
    case "outage": return <IconX {...props} />;
    case "degraded": return <IconAlertTriangle {...props} />;
    case "maintenance": return <IconTool {...props} />;
    case "unknown": return <IconHelp {...props} />;
    default: return <IconCheck {...props} />;
  }
}

export function HealthChip({ health }: { health: Health }) {
  return <Chip colour={says[health].colour} icon={<HealthIcon health={health} size={12} />}>{says[health].word}</Chip>;
}

/** A line of values over time; a gap in them is a gap in it. usual is drawn behind. */
export function Spark({ label, dots, usual, from, until, gap, width = 120, height = 28, bad }: { label: string; dots: Dot[]; usual?: Dot[]; from: number; until: number; gap: number; width?: number; height?: number; bad?: boolean }) {
  const top = Math.max(0, ...dots.map((d) => d.v), ...(usual ?? []).map((d) => d.v));
  const at = scale(from, until, top, width, height);
  const line = (list: Dot[]) => runs(list, gap).map((run) => (run.length === 1 ? [run[0]!, run[0]!] : run).map((d, n) => `${n === 0 ? "M" : "L"}${at(d)}`).join("")).join("");
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={label} preserveAspectRatio="none" className={css.spark}>
      {usual && usual.length > 0 && <path d={line(usual)} className={css.usual} />}
      <path d={line(dots)} className={bad ? css.badline : css.line} />
    </svg>
  );
}

/** Bars of counts, one for each stretch of time; the later part of each is the loud one. */
export function Bars({ label, bars, height = 36 }: { label: string; bars: { all: number; loud: number; title: string }[]; height?: number }) {
  const top = Math.max(1, ...bars.map((b) => b.all));
  const w = 10;
  return (
    <svg viewBox={`0 0 ${bars.length * w} ${height}`} role="img" aria-label={label} preserveAspectRatio="none" className={css.bars} height={height}>
      {bars.map((b, n) => {
        const all = (b.all / top) * (height - 2);
        const loud = (b.loud / top) * (height - 2);
        return (
          <g key={n}>
            <title>{b.title}</title>
            <rect x={n * w + 1} y={height - 1} width={w - 2} height={1} className={css.base} />
            <rect x={n * w + 1} y={height - 1 - all} width={w - 2} height={all} className={css.quiet} />
            <rect x={n * w + 1} y={height - 1 - loud} width={w - 2} height={loud} className={css.loud} />
          </g>
        );
      })}
    </svg>
  );
}
