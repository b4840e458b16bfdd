// The incident on one axis: alerts, pages, messages, people and clocks in time,
// with what is still to come. The same data follows as a table.
import { Fragment } from "react";
import type { Deadline, Incident, Message, PageCall, TimelineEntry } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { readClock, strip } from "../ui/clock";
import { useNames } from "../ui/people";
import { clockTime, ms, stopwatch } from "../ui/time";
import css from "./lane.module.css";

interface Mark {
  at: number;
  label: string;
  tone: "plain" | "told" | "ok" | "warn" | "bad";
}
interface Bar {
  from: number;
  until: number;
  label: string;
  tone: Mark["tone"] | "open";
}
export interface Lane {
  name: string;
  marks: Mark[];
  bars: Bar[];
}

const present = (t: number | undefined): t is number => t !== undefined;

/** Sorts an incident's record into lanes. Pure. */
export function lanes(i: Incident, deadlines: Deadline[], timeline: TimelineEntry[], pages: PageCall[], messages: Message[], now: number, name: (id: string) => string): Lane[] {
  const end = ms(i.resolved_at) ?? now;
  const marks = (kinds: Record<string, Mark["tone"]>): Mark[] => timeline.flatMap((e) => {
    const at = ms(e.at);
    const tone = kinds[e.kind];
    return tone && present(at) ? [{ at, label: e.text || e.kind, tone }] : [];
  });
  const steps = [ms(i.detected_at), ms(i.acknowledged_at), ms(i.engaged_at), ms(i.mitigated_at), ms(i.resolved_at)];
  const names = ["nobody yet", "acknowledged", "being worked on", "mitigated", "resolved"];
  const tones: Bar["tone"][] = ["bad", "warn", "told", "ok", "ok"];
  const known = steps.map((at, k) => ({ at, k })).filter((s): s is { at: number; k: number } => present(s.at)).sort((a, b) => a.at - b.at);
  const state: Bar[] = known.map((s, n) => ({ from: s.at, until: known[n + 1]?.at ?? end, label: names[s.k] ?? "", tone: tones[s.k] ?? "plain" })).filter((b) => b.until > b.from);
  return [
    { name: "State", bars: state, marks: marks({ "incident.severity": "warn", "incident.declared": "bad" }) },
    { name: "Alerts", bars: [], marks: marks({ "alert.triggered": "bad", "incident.opened": "bad", "alert.recovered": "ok", "incident.recovered": "ok", "incident.relapsed": "bad" }) },
    { name: "Pages", marks: [], bars: pages.flatMap((p) => {
      const at = ms(p.at);
      if (!present(at)) return [];
      return [{ from: at, until: ms(p.ended_at) ?? (p.state === "sent" || p.state === "queued" ? end : at), label: p.to_name ?? name(p.to), tone: p.state === "acknowledged" ? "ok" : p.state === "failed" ? "bad" : p.state === "cancelled" ? "plain" : "open" } satisfies Bar];
    }) },
    { name: "Messages", bars: [], marks: messages.flatMap((m) => {
      const at = ms(m.published_at);
      return present(at) ? [{ at, label: m.subject || m.text.slice(0, 60), tone: "ok" as const }] : [];
    }) },
    { name: "Notes", bars: [], marks: marks({ "incident.noted": "plain", "incident.role": "plain", "incident.war_room": "ok" }) },
    { name: "Clocks", bars: [], marks: strip(deadlines).flatMap((d) => {
      const at = ms(d.ended_at) ?? ms(d.due_at);
      const tone = readClock(d, now, "UTC").tone;
      return present(at) ? [{ at, label: `${d.name} ${tone === "met" ? "met" : tone === "over" ? "breached" : "due"}`, tone: tone === "met" ? "ok" as const : tone === "over" ? "bad" as const : tone === "due" ? "warn" as const : "plain" as const }] : [];
    }) },
  ];
}

const nice = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400].map((s) => s * 1000);

export function LaneChart(p: { i: Incident; deadlines: Deadline[]; timeline: TimelineEntry[]; pages: PageCall[]; messages: Message[] }) {
  const now = useNow();
  const zone = useZone();
  const name = useNames();
  const rows = lanes(p.i, p.deadlines, p.timeline, p.pages, p.messages, now, name);
  const from = ms(p.i.detected_at) ?? now;
  const all = rows.flatMap((r) => [...r.marks.map((m) => m.at), ...r.bars.map((b) => b.until)]);
  const until = Math.max(from + 60_000, ms(p.i.resolved_at) ?? now, ...all.filter((t) => t < now + 2 * 3_600_000));
  const pad = (until - from) * 0.03;
  const x = (t: number) => `${((t - from + pad / 2) / (until - from + pad * 1.5)) * 100}%`;
  const step = nice.find((s) => (until - from) / s <= 8) ?? 86_400_000;
  const ticks = Array.from({ length: Math.floor((until - from) / step) + 1 }, (_, k) => from + k * step);
  return (
    <figure className={`card ${css.chart}`}>
      <div className={css.rows} aria-hidden>
        <div className={css.ticks}>{ticks.map((t) => <span key={t} style={{ left: x(t) }}>{stopwatch(t - from)}</span>)}</div>
        {rows.map((r) => (
          <div key={r.name} className={css.row}>
            <b>{r.name}</b>
            <div className={css.track} style={{ height: Math.max(22, r.name === "Pages" ? Math.min(r.bars.length, 12) * 22 : 22) }}>
              {ticks.map((t) => <u key={t} style={{ left: x(t) }} />)}
              {now < until && now > from && <s style={{ left: x(now) }} />}
              {stacked(r.bars, r.name === "Pages").map(({ bar: b, line }) => {
                const wide = (b.until - b.from) / (until - from) > 0.16;
                const late = (b.from - from) / (until - from) > 0.6;
                const at = late ? { right: `calc(100% - ${x(b.from)} + 4px)` } : { left: `calc(max(${x(b.until)}, ${x(b.from)} + 6px) + 4px)` };
                return (
                  <Fragment key={`${b.from}${b.label}`}>
                    <i className={`${css.bar} ${css[b.tone]}`} style={{ left: x(b.from), width: `max(6px, calc(${x(b.until)} - ${x(b.from)}))`, top: line * 22 }} title={b.label}>{wide ? b.label : ""}</i>
                    {!wide && r.name === "Pages" && <em style={{ ...at, top: line * 22 }}>{b.label}</em>}
                  </Fragment>
                );
              })}
              {r.marks.map((m, k) => <i key={k} className={`${css.mark} ${css[m.tone]} ${m.at > now ? css.future : ""}`} style={{ left: x(m.at) }} title={`${stopwatch(m.at - from)} ${m.label}`} />)}
            </div>
          </div>
        ))}
      </div>
      <details className={css.table}>
        <summary>The same as a table</summary>
        <table className="list">
          <thead><tr><th>Lane</th><th>At</th><th>Since detection</th><th>What</th></tr></thead>
          <tbody>
            {rows.flatMap((r) => [...r.bars.map((b) => ({ at: b.from, label: `${b.label} until ${clockTime(b.until, zone, true)}` })), ...r.marks].sort((a, b) => a.at - b.at)
              .map((m, k) => <tr key={`${r.name}${k}`}><td>{r.name}</td><td>{clockTime(m.at, zone, true)}</td><td>{stopwatch(m.at - from)}</td><td>{m.label}</td></tr>))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** One line for each bar where they are told apart by name, else one line for all. */
function stacked(bars: Bar[], apart: boolean): { bar: Bar; line: number }[] {
  return [...bars].sort((a, b) => a.from - b.from).slice(0, apart ? 12 : undefined).map((bar, k) => ({ bar, line: apart ? k : 0 }));
}
