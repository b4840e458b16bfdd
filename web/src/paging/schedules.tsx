// Schedules: which rotas there are, who holds each now and where one has a hole.
import { Button } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import type { Schedule } from "../api/types";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { useNow, useZone } from "../app/moment";
import { useNames } from "../ui/people";
import { Avatar, Chip, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { span } from "../ui/time";
import { count, idOf, plain } from "../ui/words";
import { addDays, midnight } from "./calendar";
import { pieces, Track } from "./lanes";
import css from "./schedules.module.css";

export function SchedulesScreen() {
  const query = useQuery(q.schedules());
  const navigate = useNavigate();
  const admin = useMe()?.role === "admin";
  const add = () => void navigate({ to: "/schedules/new", search: {} });
  useCommands(admin ? [{ id: "new-schedules", label: "New schedule", group: "Catalogue", keys: "a", run: add }] : []);
  useEffect(() => {
    document.title = "Schedules · Allclear";
  }, []);
  const empty = (query.data ?? []).filter((s) => s.on_call?.length === 0);
  const lead = query.data && query.data.length > 0 ? `${count(query.data.length, "schedule")}. ${empty.length === 0 ? "Somebody is on call in every one of them." : `Nobody is on call in ${empty.map((s) => plain(s.id).toLowerCase()).join(", ")}.`}` : undefined;
  return (
    <>
      <PageHead title="Schedules" lead={lead} actions={admin ? <Button onClick={add} rightSection={<kbd className="desk">a</kbd>}>New schedule</Button> : undefined} />
      <Reading query={query} rows={6}>
        {(list) => list.length === 0
          ? <div className="card"><Empty title="No schedule yet.">A schedule says who is paged when. Without one, the procedure’s pages reach nobody.{admin ? <> Add the first with <kbd>a</kbd>.</> : null}</Empty></div>
          : <List list={list} />}
      </Reading>
    </>
  );
}

function List({ list }: { list: Schedule[] }) {
  const now = useNow();
  const zone = useZone();
  const from = midnight(now, zone);
  const until = addDays(from, 14, zone);
  const read = useQueries({ queries: list.map((s) => q.schedule(s.id, new Date(from).toISOString(), new Date(until).toISOString())) });
  return (
    <ul className={css.list}>
      {list.map((s, k) => <Row key={s.id} s={s} spans={read[k]?.data?.spans} from={from} until={until} now={now} />)}
    </ul>
  );
}

function Row({ s, spans, from, until, now }: { s: Schedule; spans: Schedule["spans"]; from: number; until: number; now: number }) {
  const name = useNames();
  const cut = spans ? pieces(spans, from, until) : [];
  const hole = cut.filter((p) => !p.person && p.until > now).reduce((sum, p) => sum + p.until - Math.max(p.from, now), 0);
  const people = new Set((s.layers ?? []).flatMap((l) => l.members)).size;
  const holder = s.on_call?.[0];
  return (
    <li>
      <Link to="/schedules/$id" params={{ id: s.id }} search={{}} className={css.row} data-row>
        <span className={css.name}><b>{plain(s.id)}</b><small>{count(s.layers?.length ?? 0, "layer")}, {count(people, "person", "people")} · {s.time_zone}</small></span>
        <span className={css.who}>
          {holder ? <><Avatar name={name(holder)} /><span className="grow"><span className="cut">{name(holder)}</span><small><Time at={s.until} prefix="until " />{idOf(s.next) ? `, then ${name(s.next)}` : ""}</small></span></> : <Chip colour="red">nobody is on call</Chip>}
        </span>
        <span className={css.lane}>
          {spans ? <Track list={cut} from={from} until={until} now={now} label={`${plain(s.id)}, the next 14 days`} /> : <span className={css.wait} />}
          {hole > 0 && <small className={css.hole}>nobody for {span(hole)} in the next 14 days</small>}
        </span>
      </Link>
    </li>
  );
}
