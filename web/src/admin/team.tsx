// One team: who leads it, who is in it and reachable now, what it owns.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import type { Person, Team } from "../api/types";
import { useMe } from "../app/me";
import { useNow } from "../app/moment";
import { useNames, useTargets } from "../ui/people";
import { Avatar, Card, Chip, Empty, PageHead, Reading } from "../ui/pieces";
import { ms } from "../ui/time";
import { channelWord, count, listing, plain } from "../ui/words";
import { useEditor } from "./editor";
import { availability, membersOf } from "./teams";
import css from "./teams.module.css";

export function TeamScreen() {
  const { id } = useParams({ from: "/app/teams/$id" });
  const query = useQuery(q.team(id));
  return <Reading query={query} rows={6}>{(t) => <Screen t={t} />}</Reading>;
}

/** Away at this instant, by their own record. Pure. */
export const awayAt = (p: Person, now: number): boolean => (p.absent ?? []).some((a) => (ms(a.from) ?? Infinity) <= now && now < (ms(a.until) ?? 0));

function Screen({ t }: { t: Team }) {
  const people = useQuery(q.people()).data ?? [];
  const services = useQuery(q.services()).data ?? [];
  const open = useQuery(q.now()).data?.incidents ?? [];
  const name = useNames();
  const target = useTargets();
  const navigate = useNavigate();
  const admin = useMe()?.role === "admin";
  const editor = useEditor("teams", t.id);
  useEffect(() => {
    document.title = `${t.name} · Allclear`;
  }, [t.name]);
  const members = membersOf(t, people);
  const owns = services.filter((s) => s.owner_team === t.id);
  const when = availability[t.availability ?? "always"] ?? "";
  const lead = [t.lead ? `Led by ${name(t.lead)}` : "Nobody leads it", count(members.length, "member"), when, t.availability === "business_hours" && t.otherwise ? `outside them ${target(t.otherwise)} is told` : ""].filter(Boolean).join(", ");
  return (
    <>
      <p className="small"><Link to="/teams" search={{}} className="link">Teams</Link></p>
      <PageHead title={t.name} lead={`${lead}.`} actions={admin ? <Button rightSection={<kbd className="desk">e</kbd>} onClick={() => void navigate({ to: ".", search: { edit: t.id } as never })}>Edit team</Button> : undefined} />
      {editor.dialog}
      <div className={css.split}>
        <Card title="Members" id="members" aside={t.area ? `area ${t.area}` : undefined}>
          {members.length === 0 ? <Empty title="Nobody is in this team.">Whoever is paged as this team would be nobody. Add members with <kbd>e</kbd>.</Empty> : <ul className="lines">{members.map((p) => <Member key={p.id} p={p} lead={p.id === t.lead} />)}</ul>}
        </Card>
        <div className="stack">
          {t.description && <Card title="What it looks after" id="about"><p className="prose">{t.description}</p></Card>}
          <Card title="Services it owns" id="owns">
            {owns.length === 0 ? <p className="muted">None.</p> : (
              <ul className="lines">
                {owns.map((s) => {
                  const bad = open.find((i) => i.service.id === s.id);
                  return (
                    <li key={s.id} className="row">
                      <Link to="/services" search={{ service: s.id }} className="grow" data-row><b>{s.name}</b>{s.critical_function ? <> <Chip colour="accent">critical function</Chip></> : null}</Link>
                      {bad && <Link to="/incidents/$ref" params={{ ref: bad.ref }} search={{}}><Chip colour={bad.severity === "P1" ? "red" : "amber"}>{bad.severity} {bad.ref}</Chip></Link>}
                    </li>
                  );
                })}
              </ul>
            )}
          </Card>
        </div>
      </div>
    </>
  );
}

function Member({ p, lead }: { p: Person; lead: boolean }) {
  const now = useNow();
  const duties = (useQuery(q.onCall()).data ?? []).filter((o) => o.person === p.id);
  const ways = [...new Set((p.contacts ?? []).filter((c) => c.verified).map((c) => channelWord(c.channel)))];
  return (
    <li>
      <Link to="/people" search={{ person: p.id }} className={css.member} data-row>
        <Avatar name={p.name} />
        <span className="grow"><b>{p.name}</b>{lead ? <> <Chip>lead</Chip></> : null}<small>{[p.title !== p.name ? p.title : "", ways.length > 0 ? `reached by ${listing(ways)}` : "no verified contact"].filter(Boolean).join(" · ")}</small></span>
        {awayAt(p, now) ? <Chip colour="amber">away</Chip> : duties.length > 0 ? <Chip colour="accent">on call: {duties.map((o) => plain(o.schedule).toLowerCase()).join(", ")}</Chip> : null}
      </Link>
    </li>
  );
}
