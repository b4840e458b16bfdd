// On-call: am I on, until when, who is next? Then everybody's turns as a
// calendar, with holes shown as holes.
import { ActionIcon, Button, SegmentedControl } from "@mantine/core";
import { IconChevronDown, IconChevronLeft, IconChevronRight, IconPencil } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Fragment, useEffect, useState } from "react";
import { q } from "../api/queries";
import type { OnCall, Schedule } from "../api/types";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { useNow, useZone } from "../app/moment";
import { useFilters } from "../ui/filters";
import { useNames } from "../ui/people";
import { Avatar, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { ms, span, when, type Zone } from "../ui/time";
import { idOf, listing, plain } from "../ui/words";
import { addDays, dateText, windowStart } from "./calendar";
import { ChangeDialog, MyShifts, Requests, Weak, type Pick } from "./cover";
import { DeadEndCount } from "./deadends";
import { pieces, Track, type Piece } from "./lanes";
import css from "./oncall.module.css";

/** The first line: am I on, until when, who is next? Pure. */
export function myTurn(list: OnCall[], me: string | undefined, now: number, zone: Zone, name: (p: OnCall["next"]) => string): string {
  const mine = list.filter((o) => o.person && o.person === me);
  if (mine.length > 0) {
    const first = mine[0]!;
    const until = ms(first.until);
    const then = idOf(first.next) ? `; ${name(first.next)} follows` : "";
    return `You are on call as ${listing(mine.map((o) => plain(o.schedule).toLowerCase()))}${until ? ` until ${when(until, now, zone)}` : ""}${then}.`;
  }
  const next = list.find((o) => me && idOf(o.next) === me);
  const from = ms(next?.until);
  if (next && from) return `You are not on call. Your next turn is ${plain(next.schedule).toLowerCase()}, from ${when(from, now, zone)}.`;
  return "You are not on call, and your next turn is not within the coming handoffs.";
}

export function OnCallScreen() {
  const query = useQuery(q.onCall());
  const schedules = useQuery(q.schedules());
  const me = useMe();
  const now = useNow();
  const zone = useZone();
  const name = useNames();
  const navigate = useNavigate();
  const [pick, setPick] = useState<Pick>();
  const first = query.data?.find((o) => o.person !== me?.person_id) ?? query.data?.[0];
  const take = first && me?.person_id ? () => setPick({ schedule: first.schedule, from: now, until: now + 3_600_000, how: "take" }) : undefined;
  useCommands([{ id: "load", label: "Load report", group: "On-call", keys: "l", run: () => void navigate({ to: "/on-call/load", search: {} }) }]);
  useEffect(() => {
    document.title = "On-call · Allclear";
  }, []);
  return (
    <>
      <PageHead title="On-call" lead={query.data ? myTurn(query.data, me?.person_id, now, zone, name) : undefined} actions={<Button component={Link} to="/on-call/load" rightSection={<kbd className="desk">l</kbd>}>Load report</Button>} />
      <DeadEndCount />
      <Weak />
      <Reading query={query}>{(list) => list.length === 0 ? <div className="card"><Empty title="No schedule has been set up.">Until there is one, nobody can be paged. Apply a schedule with <span className="mono">allclear apply -f</span>.</Empty></div> : <Holders list={list} onTake={take && ((schedule) => setPick({ schedule, from: now, until: now + 3_600_000, how: "take" }))} />}</Reading>
      <Reading query={schedules}>{(list) => (list.length > 0 ? <Calendar list={list} onPick={setPick} /> : null)}</Reading>
      <div className={css.pair}>
        <Requests />
        {me?.person_id && <MyShifts />}
      </div>
      {pick && <ChangeDialog key={`${pick.schedule}${pick.from}${pick.until}${pick.how ?? ""}`} pick={pick} onClose={() => setPick(undefined)} />}
    </>
  );
}

function Holders({ list, onTake }: { list: OnCall[]; onTake?: (schedule: string) => void }) {
  const name = useNames();
  const me = useMe()?.person_id;
  return (
    <ul className={css.holders}>
      {list.map((o) => (
        <li key={o.schedule} className={`card ${o.person ? "" : css.none}`}>
          <small>{plain(o.schedule)}</small>
          {o.person ? (
            <div className="row"><Avatar name={o.name ?? name(o.person)} /><span className="grow"><b className="cut">{o.name ?? name(o.person)}</b><small><Time at={o.until} prefix="until " />{idOf(o.next) ? `, then ${name(o.next)}` : ""}</small></span></div>
          ) : <b className="tone-over">Nobody is on call</b>}
          {onTake && o.person !== me && <Button size="xs" mt={8} onClick={() => onTake(o.schedule)} aria-label={`Take over ${plain(o.schedule)} now`}>Take over now</Button>}
        </li>
      ))}
    </ul>
  );
}

function Calendar({ list, onPick }: { list: Schedule[]; onPick: (p: Pick) => void }) {
  const search = useSearch({ from: "/app/on-call" });
  const set = useFilters();
  const [opened, setOpened] = useState<string>();
  const now = useNow();
  const zone = useZone();
  const days = [7, 14, 28].includes(Number(search.days)) ? Number(search.days) : 14;
  const from = windowStart(search.from, now, zone);
  const until = addDays(from, days, zone);
  const iso = (t: number) => new Date(t).toISOString();
  const shown = list.filter((s) => !search.schedule || s.id === search.schedule);
  const read = useQueries({ queries: shown.map((s) => q.schedule(s.id, iso(from), iso(until))) });
  const columns = Array.from({ length: days }, (_, k) => addDays(from, k, zone));
  const move = (n: number) => set({ from: n === 0 ? undefined : dateText(addDays(from, n, zone), zone) });
  const holes: { schedule: string; piece: Piece }[] = [];
  const rows = shown.map((s, k) => {
    const cut = pieces(read[k]?.data?.spans ?? [], from, until);
    if (read[k]?.data) for (const piece of cut) if (!piece.person && piece.until > now) holes.push({ schedule: s.id, piece });
    return { s, cut, ready: !!read[k]?.data };
  });
  const range = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: zone === "UTC" ? "UTC" : undefined }).formatRange(from, until - 1);
  return (
    <section className={`card ${css.calendar}`} aria-label="Calendar">
      <header>
        <h2>{range} <span className="faint">{zone === "UTC" ? "UTC" : "your time"}</span></h2>
        <div className="row wrap">
          <SegmentedControl size="xs" aria-label="Length" value={String(days)} onChange={(v) => set({ days: v === "14" ? undefined : v })} data={[{ value: "7", label: "1 week" }, { value: "14", label: "2 weeks" }, { value: "28", label: "4 weeks" }]} />
          <ActionIcon variant="subtle" aria-label="Earlier" onClick={() => move(-days / 2)}><IconChevronLeft size={18} aria-hidden /></ActionIcon>
          <Button size="xs" onClick={() => move(0)}>Today</Button>
          <ActionIcon variant="subtle" aria-label="Later" onClick={() => move(days / 2)}><IconChevronRight size={18} aria-hidden /></ActionIcon>
        </div>
      </header>
      <div className={css.grid} style={{ "--days": days } as React.CSSProperties}>
        <div className={css.days} aria-hidden>
          {columns.map((d) => {
            const date = new Date(d);
            const weekday = zone === "UTC" ? date.getUTCDay() : date.getDay();
            const today = dateText(d, zone) === dateText(now, zone);
            return <span key={d} className={`${weekday === 0 || weekday === 6 ? css.weekend : ""} ${today ? css.today : ""}`}><i>{"SMTWTFS"[weekday]}</i>{zone === "UTC" ? date.getUTCDate() : date.getDate()}</span>;
          })}
        </div>
        {rows.map(({ s, cut, ready }) => (
          <Fragment key={s.id}>
            <div className={css.row} data-row tabIndex={-1}>
              <span className={css.name}>
                <span className="cut">{plain(s.name || s.id)}</span>
                <ActionIcon variant="subtle" size="sm" aria-label={`Change who is on call: ${plain(s.id)}`} onClick={() => onPick(around(s.id, now, from, until))}><IconPencil size={14} aria-hidden /></ActionIcon>
                <ActionIcon variant="subtle" size="sm" aria-label={`Layers of ${plain(s.id)}`} aria-expanded={opened === s.id} onClick={() => setOpened(opened === s.id ? undefined : s.id)}><IconChevronDown size={14} aria-hidden style={{ transform: opened === s.id ? "rotate(180deg)" : undefined }} /></ActionIcon>
              </span>
              {ready ? <Track list={cut} from={from} until={until} now={now} label={plain(s.name || s.id)} onPick={(span) => onPick({ schedule: s.id, ...span })} /> : <span className={css.wait} />}
            </div>
            {opened === s.id && <Layers id={s.id} from={from} until={until} />}
          </Fragment>
        ))}
      </div>
      <p className="faint small desk">Drag over a line to ask for cover, swap, or put somebody on call; the pencil does the same.</p>
      {holes.length > 0 && (
        <ul className={css.holes}>
          {holes.slice(0, 6).map(({ schedule, piece }) => <li key={`${schedule}${piece.from}`}><b>{plain(schedule)}</b> has nobody from {when(Math.max(piece.from, now), now, zone)} to {when(piece.until, now, zone)}, {span(piece.until - Math.max(piece.from, now))}.</li>)}
        </ul>
      )}
    </section>
  );
}

/** The hour to begin with when the change is made without dragging. */
function around(schedule: string, now: number, from: number, until: number): Pick {
  const hour = 3_600_000;
  const start = now >= from && now < until ? Math.ceil(now / hour) * hour : from;
  return { schedule, from: start, until: start + 4 * hour };
}

/** Where the final line comes from: each layer by itself, and the overrides over all. */
function Layers({ id, from, until }: { id: string; from: number; until: number }) {
  const now = useNow();
  const name = useNames();
  const iso = (t: number) => new Date(t).toISOString();
  const lines = useQuery(q.lines(id, iso(from), iso(until))).data;
  if (!lines) return <span className={css.wait} />;
  const covers = lines.overrides.map((o) => ({ from: o.from, until: o.until, person: o.person, name: name(o.person), layer: -1, override: true }));
  const all = [...lines.layers.map((l, k) => ({ title: `Layer ${k + 1}`, spans: l })), ...(covers.length > 0 ? [{ title: "Overrides", spans: covers }] : [])];
  return (
    <>
      {all.map(({ title, spans }) => (
        <div key={title} className={`${css.row} ${css.line}`}>
          <span className="cut">{title}</span>
          <Track list={pieces(spans, from, until).filter((p) => p.person)} from={from} until={until} now={now} label={`${plain(id)}, ${title}`} />
        </div>
      ))}
    </>
  );
}
