// Now: is anything burning, and who has it?
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import type { Due, IncidentSummary, Now } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { DeadEnds } from "../paging/deadends";
import { OnCallLanes } from "../paging/lanes";
import { readNext } from "../ui/clock";
import { useNames } from "../ui/people";
import { Card, Chip, Empty, PageHead, Reading, Sev, ToneIcon } from "../ui/pieces";
import { ms, span, when } from "../ui/time";
import { count, statusWord } from "../ui/words";
import { headline, inOrder } from "./headline";
import css from "./now.module.css";
import { SnoozedWord } from "./snooze";

export function NowScreen() {
  const query = useQuery(q.now());
  return <Reading query={query} rows={6}>{(now) => <Screen now={now} />}</Reading>;
}

function Screen({ now }: { now: Now }) {
  const at = useNow();
  const zone = useZone();
  const navigate = useNavigate();
  const say = headline(now, at, zone);
  const n = now.incidents.length;
  const troubles = now.watch ?? [];
  useEffect(() => {
    document.title = n > 0 ? `(${n}) Now · Allclear` : "Now · Allclear";
  }, [n]);
  const declare = () => void navigate({ to: "/", search: { do: "declare" } });
  return (
    <>
      <PageHead title={say.title} lead={say.lead} actions={<Button variant="filled" onClick={declare} rightSection={<kbd>c</kbd>} className="desk">Declare incident</Button>} />
      {troubles.length > 0 && (
        <div className={css.warn} role="alert">
          {troubles.map((t) => <p key={t.finding}>{t.critical ? "Allclear itself is in trouble" : "Allclear itself needs attention"}: {t.text} (since {when(ms(t.since) ?? at, at, zone)}).</p>)}
        </div>
      )}
      {now.outbox.failed > 0 && (
        <p className={css.warn}>
          {count(now.outbox.failed, "message")} could not be delivered. <Link to="/outbox" search={{ state: "failed" }} className="link">See which</Link>
        </p>
      )}
      {n > 0 && (
        <section className={`card ${css.list}`} aria-label="Open incidents">
          <ul>{inOrder(now.incidents).map((i) => <Row key={i.id} i={i} at={at} />)}</ul>
        </section>
      )}
      <div className={n > 0 ? css.after : undefined}><DeadEnds /></div>
      <div className={css.two}>
        <Card title="On call" aside={<Link to="/on-call" search={{}} className="link">Calendar</Link>}>
          <OnCallLanes now={now.on_call} />
        </Card>
        <Card title="Due" aside={now.due.length > 0 ? String(now.due.length) : undefined}>
          {now.due.length === 0 ? <Empty title="Nothing is due.">Tasks, reviews and reports appear here before they are late.</Empty> : <DueList list={now.due} at={at} />}
        </Card>
      </div>
      <div className="bottombar phone"><Button variant="filled" fullWidth onClick={declare}>Declare incident</Button></div>
    </>
  );
}

function Row({ i, at }: { i: IncidentSummary; at: number }) {
  const zone = useZone();
  const name = useNames();
  const next = i.next_deadline && readNext(i.next_deadline, at, zone);
  const joined = i.responders?.filter((r) => r.state === "joined").length ?? 0;
  const commander = i.roles?.["incident_commander"];
  const facts = [
    i.ref,
    statusWord(i.status, i.declared),
    i.affected && i.affected.customers > 0 ? count(i.affected.customers, "customer") : i.service.name,
    commander ? `${name(commander)} commands` : undefined,
  ].filter(Boolean);
  const acked = ms(i.acknowledged_at);
  const start = ms(i.detected_at) ?? at;
  return (
    <li>
      <Link to="/incidents/$ref" params={{ ref: i.ref }} search={{}} className={css.inc} data-row>
        <Sev severity={i.severity} />
        <span className={css.title}>
          <strong>{i.title}</strong>
          <small>{facts.join(" · ")}</small>
          <SnoozedWord i={i} />
        </span>
        <span className={css.mini}>
          {next && i.next_deadline ? (
            <>
              <b className={`tone-${next.tone}`}><ToneIcon tone={next.tone} size={15} />{next.figure}<span className="sr">{next.tone === "over" ? ", breached" : next.tone === "due" ? ", due soon" : ""}</span></b>
              <span>{i.next_deadline.name.charAt(0).toLowerCase() + i.next_deadline.name.slice(1)}</span>
            </>
          ) : <span className="faint">no clock runs</span>}
        </span>
        <span className={`${css.mini} ${css.hide}`}>
          {acked !== undefined ? (
            <><b className="tone-met"><ToneIcon tone="met" size={15} />{span(acked - start)}</b><span>acknowledged by {name(i.acknowledged_by)}</span></>
          ) : (
            <><b className={i.severity === "P1" || i.severity === "P2" ? "tone-due" : "tone-running"}>nobody yet</b><span>open for {span(at - start)}</span></>
          )}
        </span>
        <span className={css.hide}>{joined > 0 ? <Chip colour="green">{joined} in the room</Chip> : i.severity === "P3" || i.severity === "P4" ? <Chip>pages nobody</Chip> : null}</span>
      </Link>
    </li>
  );
}

function DueList({ list, at }: { list: Due[]; at: number }) {
  const zone = useZone();
  const name = useNames();
  return (
    <ul className="lines">
      {list.slice(0, 8).map((d, k) => {
        const due = ms(d.due_at) ?? at;
        const late = at > due;
        const inside = (
          <>
            <span className="grow">{d.title}<small className={css.owner}>{[d.incident !== undefined && d.incident !== "" ? `INC-${String(d.incident).replace(/^INC-/, "")}` : "", d.owner_people?.length ? d.owner_people.map((p) => p.name ?? p.id).join(", ") : d.owner ? name(d.owner).replaceAll("_", " ") : ""].filter(Boolean).join(" · ")}</small></span>
            {late ? <b className="tone-over small">{span(at - due)} late</b> : <span className="faint small">{due - at < 86_400_000 ? `in ${span(due - at)}` : when(due, at, zone)}</span>}
          </>
        );
        return (
          <li key={`${d.kind}-${k}`}>
            {d.incident !== undefined && d.incident !== "" ? <Link to="/incidents/$ref" params={{ ref: `INC-${String(d.incident).replace(/^INC-/, "")}` }} search={{ tab: d.kind === "task" ? "tasks" : undefined }} className={css.due} data-row>{inside}</Link> : <span className={css.due}>{inside}</span>}
          </li>
        );
      })}
      {list.length > 8 && <li className="faint small">and {list.length - 8} more</li>}
    </ul>
  );
}

