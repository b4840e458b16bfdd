// Who is on call in the next 24 hours, one lane per schedule, with holes shown
// as holes. Each lane is also a sentence for screen readers.
import { useQueries } from "@tanstack/react-query";
import { useState, type PointerEvent } from "react";
import { q } from "../api/queries";
import type { OnCall, Span } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { useNames } from "../ui/people";
import { clockTime, ms, span, when } from "../ui/time";
import { plain } from "../ui/words";
import css from "./lanes.module.css";

const day = 86_400_000;

export interface Piece {
  from: number;
  until: number;
  person?: string;
  name?: string;
  override?: boolean;
}

/** Cuts spans to a window and fills what nobody covers with holes. */
export function pieces(spans: Span[], from: number, until: number): Piece[] {
  const out: Piece[] = [];
  let at = from;
  const sorted = spans
    .map((s) => ({ from: ms(s.from) ?? from, until: ms(s.until) ?? until, person: s.person, name: s.name, override: s.override }))
    .filter((s) => s.person && s.until > from && s.from < until)
    .sort((a, b) => a.from - b.from);
  for (const s of sorted) {
    const a = Math.max(s.from, at);
    const b = Math.min(s.until, until);
    if (b <= a) continue;
    if (a > at) out.push({ from: at, until: a });
    const before = out[out.length - 1];
    if (before && before.person === s.person && before.until === a && before.override === s.override) before.until = b;
    else out.push({ ...s, from: a, until: b });
    at = b;
  }
  if (at < until) out.push({ from: at, until });
  return out;
}

/** The stretch between two places on a track, in whole quarters of an hour. Pure. */
export function picked(a: number, b: number, from: number, until: number): { from: number; until: number } {
  const quarter = 900_000;
  const at = (x: number) => Math.round((from + Math.min(Math.max(x, 0), 1) * (until - from)) / quarter) * quarter;
  const [lo, hi] = [at(Math.min(a, b)), at(Math.max(a, b))];
  return { from: lo, until: Math.max(hi, lo + quarter) };
}

export function Track({ list, from, until, now, label, onPick }: { list: Piece[]; from: number; until: number; now: number; label: string; onPick?: (span: { from: number; until: number }) => void }) {
  const zone = useZone();
  const [drag, setDrag] = useState<{ a: number; b: number }>();
  const place = (e: PointerEvent<HTMLElement>) => {
    const box = e.currentTarget.getBoundingClientRect();
    return (e.clientX - box.left) / box.width;
  };
  // Dragging is for the mouse and pen: a finger scrolls. The button beside the lane does the same by keyboard.
  const hand = onPick && {
    onPointerDown: (e: PointerEvent<HTMLElement>) => {
      if (e.button !== 0 || e.pointerType === "touch") return;
      e.currentTarget.setPointerCapture(e.pointerId);
      setDrag({ a: place(e), b: place(e) });
    },
    onPointerMove: (e: PointerEvent<HTMLElement>) => drag && setDrag({ a: drag.a, b: place(e) }),
    onPointerUp: (e: PointerEvent<HTMLElement>) => {
      if (drag && Math.abs(place(e) - drag.a) > 0.004) onPick(picked(drag.a, place(e), from, until));
      setDrag(undefined);
    },
    onPointerCancel: () => setDrag(undefined),
  };
  const name = useNames();
  const x = (t: number) => `${((t - from) / (until - from)) * 100}%`;
  // The label of the present turn stands beside the line that marks now, not under it.
  const beside = (p: Piece) => (now > p.from && now < p.until && (now - p.from) / (until - from) < 0.15 && now > from + 60_000 ? `calc(${((now - p.from) / (until - from)) * 100}% + 6px)` : undefined);
  const say = list.map((p) => `${p.person ? name(p.name ? { id: p.person, name: p.name } : p.person) : "nobody"} until ${when(p.until, now, zone)}`).join(", then ");
  return (
    <div className={`${css.track} ${onPick ? css.pick : ""}`} role="img" aria-label={`${label}: ${say}`} {...hand}>
      {list.map((p) => {
        const who = p.person ? name(p.name ? { id: p.person, name: p.name } : p.person) : "nobody";
        return (
          <i key={p.from} className={p.person ? (p.override ? css.override : undefined) : css.gap} style={{ left: x(p.from), width: `calc(${x(p.until)} - ${x(p.from)})`, paddingLeft: beside(p) }} title={`${who}, ${when(p.from, now, zone)} to ${when(p.until, now, zone)}`}>
            {who}{p.override ? " (cover)" : ""}
          </i>
        );
      })}
      {drag && <b className={css.drag} style={{ left: `${Math.min(drag.a, drag.b) * 100}%`, width: `${Math.abs(drag.b - drag.a) * 100}%` }} />}
      {now > from + 60_000 && now <= until && <u style={{ left: x(now) }} />}
    </div>
  );
}

export function OnCallLanes({ now: list }: { now: OnCall[] }) {
  const now = useNow();
  const zone = useZone();
  const from = Math.floor(now / 60_000) * 60_000;
  const until = from + day;
  const iso = (t: number) => new Date(Math.floor(t / 3_600_000) * 3_600_000).toISOString(); // whole hours, so that the question stays the same for an hour
  const read = useQueries({ queries: list.map((o) => q.schedule(o.schedule, iso(from), iso(until + 3_600_000))) });
  if (list.length === 0) return <p className="muted">No schedule has been set up, so nobody can be paged. Apply one with <span className="mono">allclear apply -f</span>.</p>;
  const hours = Array.from({ length: 5 }, (_, i) => from + (i * day) / 4);
  const holes: string[] = [];
  return (
    <>
      {list.map((o, i) => {
        const known = read[i]?.data?.spans ?? [{ from: iso(from), until: o.until ?? iso(until), person: o.person, name: o.name }];
        const cut = pieces(known, from, until);
        const gap = cut.filter((p) => !p.person && p.until > now).reduce((sum, p) => sum + p.until - Math.max(p.from, now), 0);
        if (gap > 0 && (read[i]?.data?.spans || !o.person)) holes.push(`${plain(o.schedule)} has nobody for ${span(gap)}`);
        return (
          <div key={o.schedule} className={css.lane}>
            <span className="cut">{plain(o.schedule)}</span>
            <Track list={cut} from={from} until={until} now={now} label={plain(o.schedule)} />
          </div>
        );
      })}
      <div className={css.lane} aria-hidden>
        <span />
        <div className={css.axis}>{hours.map((h, k) => <span key={h}>{k === 0 ? "now" : clockTime(h, zone)}</span>)}</div>
      </div>
      {holes.length > 0 && <p className={css.hole}>{holes.join("; ")} in the next 24 h.</p>}
    </>
  );
}
