// The wall board: one incident on the screen of a room, in big letters, without
// a sign-in. It is read anew every five seconds, turns its pages by itself when
// they do not fit, and says honestly when it is old or over.
import { useMediaQuery } from "@mantine/hooks";
import { IconAlertTriangle, IconCheck, IconCircleDashed, IconUserCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Problem } from "../api/client";
import { cq } from "../api/command";
import type { Deadline, Wall } from "../api/types";
import { learnServerTime, useNow, useZone } from "../app/moment";
import { readClock, strip, urgentFirst } from "../ui/clock";
import { Loading, ToneIcon } from "../ui/pieces";
import { clockTime, limit, ms, span, stopwatch } from "../ui/time";
import { count, plain, statusWord, target } from "../ui/words";
import { usual } from "./roles";
import { reads } from "./kinds";
import css from "./wall.module.css";

const turn = 12_000; // ms a page stands
const old = 20_000; // ms without an answer before the screen says so

export function WallScreen() {
  const { token } = useParams({ from: "/wall/$token" });
  const query = useQuery(cq.wall(token));
  const w = query.data;
  useEffect(() => {
    if (w) learnServerTime(w.now);
    document.title = w ? `${w.incident.ref} ${w.incident.title} · wall` : "Wall board · Allclear";
  }, [w]);
  const gone = query.error instanceof Problem && query.error.status < 500 && query.error.status !== 429;
  if (gone || (!w && query.error)) {
    return (
      <main className={css.end}>
        <h1>{gone ? "This board has ended." : "The server does not answer."}</h1>
        <p>{gone ? "Its address is over, or it never was one. Whoever runs the incident can make another: open the incident and press q." : "It is asked again every five seconds."}</p>
      </main>
    );
  }
  if (!w) return <main className={css.end}><Loading rows={4} /></main>;
  return <Boarded w={w} read={query.dataUpdatedAt} />;
}

function Boarded({ w, read }: { w: Wall; read: number }) {
  const now = useNow();
  const zone = useZone();
  const i = w.incident;
  const age = Date.now() - read;
  const left = (ms(w.until) ?? now) - now;
  const began = ms(i.declared_at) ?? ms(i.detected_at) ?? now;
  const over = ms(i.resolved_at);
  return (
    <main className={css.wall} data-stale={age > old || undefined}>
      <header className={css.head}>
        <span className={`sev ${i.severity} ${css.sev}`}>{i.severity}</span>
        <div className={css.what}>
          <p className={css.meta}>{i.ref} · <b>{statusWord(i.status, i.declared)}</b> · {over === undefined ? `${stopwatch(now - began)} since ${i.declared ? "declared" : "detected"}` : `lasted ${span(over - (ms(i.detected_at) ?? over))}`}</p>
          <h1>{i.title}</h1>
          <p className={css.meta}>{i.service.name}{i.affected.customers > 0 ? ` · ${count(i.affected.customers, "customer")}${i.affected.vip ? `, ${i.affected.vip} VIP` : ""}` : ""}</p>
        </div>
        <time className={css.time}>{clockTime(now, zone)}<small>{zone === "UTC" ? "UTC" : ""}</small></time>
      </header>
      {age > old && <p className={css.stale} role="alert"><IconAlertTriangle size="1em" aria-hidden /> No answer for {span(age)}: what stands here is that old.</p>}
      <Clocks list={w.clocks} now={now} />
      <Turning parts={[
        { name: "Tasks", body: <Tasks w={w} now={now} /> },
        { name: "Timeline", body: <Lines w={w} /> },
        { name: "In the room", body: <People w={w} roles={usual} /> },
      ]} />
      <footer className={css.foot}>Read only, renewed every five seconds. Ends {left > 0 ? `in ${span(left)}` : "now"}.</footer>
    </main>
  );
}

function Clocks({ list, now }: { list: Deadline[]; now: number }) {
  const zone = useZone();
  // What has ended well needs no place on a wall beside what runs.
  const shown = urgentFirst(strip(list), now).filter((d) => ms(d.ended_at) === undefined).slice(0, 5);
  if (shown.length === 0) return <p className={css.none}>No clock is running.</p>;
  return (
    <ul className={css.clocks} aria-label="Clocks">
      {shown.map((d) => {
        const r = readClock(d, now, zone);
        return (
          <li key={d.id} data-tone={r.tone}>
            <span>{d.name}</span>
            <strong className={`tone-${r.tone}`}><ToneIcon tone={r.tone} size={30} />{r.figure}</strong>
            <small>{r.of}{r.tone === "over" ? ", breached" : r.tone === "due" ? ", due soon" : ""}</small>
          </li>
        );
      })}
    </ul>
  );
}

interface Part {
  name: string;
  body: React.ReactNode;
}

/** All parts side by side where the screen is wide enough, else one after the other. */
function Turning({ parts }: { parts: Part[] }) {
  const wide = useMediaQuery("(min-width: 1600px) and (min-height: 800px)", false, { getInitialValueInEffect: false });
  const phone = useMediaQuery("(max-width: 720px)", false, { getInitialValueInEffect: false });
  const [at, setAt] = useState(0);
  useEffect(() => {
    if (wide || phone) return;
    const t = setInterval(() => setAt((k) => (k + 1) % parts.length), turn);
    return () => clearInterval(t);
  }, [parts.length, phone, wide]);
  const shown = wide || phone ? parts : parts.slice(at, at + 1);
  return (
    <>
      <div className={css.parts}>{shown.map((p) => <section key={p.name} aria-label={p.name} className={css.part}><h2>{p.name}</h2>{p.body}</section>)}</div>
      {!wide && !phone && <div className={css.dots} role="group" aria-label="Pages of the board">{parts.map((p, k) => <button key={p.name} type="button" aria-pressed={k === at} onClick={() => setAt(k)}>{p.name}</button>)}</div>}
    </>
  );
}

function Tasks({ w, now }: { w: Wall; now: number }) {
  if (w.tasks.length === 0) return <p className={css.none}>Nothing is open.</p>;
  return (
    <ul className={css.rows}>
      {w.tasks.slice(0, 7).map((t) => {
        const due = ms(t.due_at);
        return (
          <li key={t.title + (t.due_at ?? "")} data-late={t.late || undefined}>
            {t.taken ? <IconUserCheck size="1em" aria-label="taken" /> : <IconCircleDashed size="1em" aria-label="open" />}
            <span className={css.grow}>{t.title}<small>{t.owner ? (t.owner.includes(":") ? target(t.owner, (p) => p) : plain(t.owner)) : "nobody yet"}</small></span>
            {due !== undefined && <b className={t.late ? "tone-over" : undefined}>{t.late ? <><IconAlertTriangle size="0.9em" aria-hidden /> {limit(now - due)} late</> : limit(due - now)}</b>}
          </li>
        );
      })}
      {w.tasks.length > 7 && <li className={css.more}>and {w.tasks.length - 7} more</li>}
    </ul>
  );
}

const spoken = new Set(["incident.noted", "incident.role", "incident.severity", "incident.declared", "incident.acknowledged", "incident.engaged", "incident.mitigated", "incident.monitoring", "incident.resolved", "incident.reopened", "incident.scope", "incident.briefed", "message.published", "deadline.breached", "task.done", "page.answered", "alert.recovered", "incident.opened"]);

function Lines({ w }: { w: Wall }) {
  const zone = useZone();
  const list = w.timeline.filter((e) => spoken.has(e.kind)).slice(0, 8);
  if (list.length === 0) return <p className={css.none}>Nothing has been said yet.</p>;
  return (
    <ul className={css.rows}>
      {list.map((e) => {
        const { word } = reads(e.kind);
        return <li key={e.id}><time>{clockTime(ms(e.at) ?? 0, zone)}</time><span className={css.grow}><b>{word}</b> {e.text}<small>{e.actor === "allclear" ? "" : e.actor}</small></span></li>;
      })}
    </ul>
  );
}

function People({ w, roles }: { w: Wall; roles: { id: string; title: string }[] }) {
  const held = w.incident.roles ?? {};
  const by = (state: string) => w.responders.filter((r) => r.state === state);
  const asked = by("asked");
  return (
    <ul className={css.rows}>
      {roles.map((r) => {
        const p = held[r.id];
        const name = typeof p === "string" ? p : p?.name;
        return <li key={r.id} data-late={!name || undefined}>{name ? <IconCheck size="1em" aria-hidden /> : <IconCircleDashed size="1em" aria-hidden />}<span className={css.grow}>{name || "nobody yet"}<small>{r.title}</small></span></li>;
      })}
      <li><span className={css.grow}>{by("joined").length} joined{asked.length > 0 ? `, ${asked.length} asked` : ""}{by("unavailable").length > 0 ? `, ${by("unavailable").length} unavailable` : ""}</span></li>
    </ul>
  );
}
