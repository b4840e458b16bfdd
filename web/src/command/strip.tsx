// The clocks of an incident, side by side: what each measures, what remains,
// what ended it.
import type { Deadline } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { readClock, strip, urgentFirst } from "../ui/clock";
import { useNames } from "../ui/people";
import { ToneIcon } from "../ui/pieces";
import { exact, ms } from "../ui/time";
import css from "./strip.module.css";

const toneClass = { running: "", due: css.due, over: css.over, met: css.met, off: css.met } as const;

export function ClockStrip({ list }: { list: Deadline[] }) {
  const now = useNow();
  const zone = useZone();
  const shown = strip(list);
  if (shown.length === 0) return null;
  const rank = new Map(urgentFirst(shown, now).map((d, k) => [d.id, k]));
  return (
    <section className={css.strip} aria-label="Clocks" tabIndex={0}>
      <ul>
        {shown.map((d) => {
          const r = readClock(d, now, zone);
          const due = ms(d.due_at);
          const done = r.tone === "over" && ms(d.ended_at) !== undefined;
          return (
            <li key={d.id} className={`${css.clock} ${toneClass[r.tone]} ${done ? css.done : ""}`} style={{ "--rank": rank.get(d.id) } as React.CSSProperties} title={due === undefined ? undefined : `Due ${exact(due, zone)}`}>
              <span className="sr">{r.spoken}</span>
              <span className={css.name} aria-hidden>{d.name}</span>
              <strong className={`tone-${r.tone}`} aria-hidden><ToneIcon tone={r.tone} size={18} />{r.figure}</strong>
              <small aria-hidden>{r.of}</small>
              <span className={css.bar} aria-hidden><i style={{ width: `${r.used * 100}%` }} /></span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Every clock with its limits, evidence and clauses, as a table. */
export function ClockTable({ list }: { list: Deadline[] }) {
  const now = useNow();
  const zone = useZone();
  const name = useNames();
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label="All clocks">
      <table className="list">
        <thead><tr><th>Clock</th><th>State</th><th>Due</th><th>What ended it</th><th>Clauses</th></tr></thead>
        <tbody>
          {list.map((d) => {
            const r = readClock(d, now, zone);
            const word = { running: "running", due: "due soon", over: "breached", met: "met", off: "waived" }[r.tone];
            const due = ms(d.due_at);
            return (
              <tr key={d.id}>
                <td>{d.name}{d.subject ? <span className="muted"> · {name(d.subject)}</span> : null}</td>
                <td className={`tone-${r.tone}`}><span className="row"><ToneIcon tone={r.tone} />{word}, {r.figure} <span className="faint">{r.tone === "off" ? "" : r.of}</span></span></td>
                <td>{due === undefined ? "" : <time dateTime={d.due_at} title={exact(due, zone)}>{exact(due, zone).split(", ").slice(-1)[0]}</time>}</td>
                <td>{[d.evidence?.text, d.evidence?.actor ? name(d.evidence.actor) : ""].filter(Boolean).join(" · ")}</td>
                <td className="mono faint">{d.clauses?.join(", ")}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
