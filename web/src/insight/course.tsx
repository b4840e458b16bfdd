// The course of a figure over the last periods, with its target as a dashed line.
// The same stands in a table for whoever does not see it.
import type { Course, FigurePeriod } from "../api/figures";
import { line, periodName, short, value } from "./words";
import css from "./figures.module.css";

const [width, height] = [240, 48];

export function CourseChart({ k, periods }: { k: Course; periods: FigurePeriod[] }) {
  const { dots, runs, goal } = line(k, width, height);
  if (dots.length === 0) return null;
  return (
    <div className={css.course}>
      <svg viewBox={`0 0 ${width} ${height + 14}`} aria-hidden>
        {goal !== undefined && <line x1={0} x2={width} y1={goal} y2={goal} className={css.goal} />}
        {runs.map((d) => <path key={d} d={d} className={css.path} />)}
        {dots.map((d) => <circle key={d.n} cx={d.x} cy={d.y} r={d.n === k.trend.length - 1 ? 4 : 2.5} className={k.trend[d.n]?.met === false ? css.miss : css.dot}><title>{`${periodName(periods[d.n]?.name ?? "")}: ${value(k.trend[d.n]?.value, k.unit)}`}</title></circle>)}
        {periods.map((p, n) => <text key={p.name} x={((n + 0.5) / periods.length) * width} y={height + 11} textAnchor="middle" className={n === periods.length - 1 ? css.here : css.tick}>{short(p.name)}</text>)}
      </svg>
      <div className="sr">{/* a table is as wide as its words, and would be wider than the screen */}
        <table>
          <caption>{k.name} by period</caption>
          <thead><tr><th scope="col">Period</th><th scope="col">Value</th><th scope="col">Target</th></tr></thead>
          <tbody>{periods.map((p, n) => <tr key={p.name}><th scope="row">{periodName(p.name)}</th><td>{value(k.trend[n]?.value, k.unit)}</td><td>{k.trend[n]?.met === null ? "not judged" : k.trend[n]?.met ? "met" : "missed"}</td></tr>)}</tbody>
        </table>
      </div>
    </div>
  );
}
