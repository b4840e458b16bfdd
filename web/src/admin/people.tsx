// People: who they are, how they are reached, who stands in for them.
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { q } from "../api/queries";
import type { OnCall, Person, Team } from "../api/types";
import { useMe } from "../app/me";
import { Absences } from "../reach/absences";
import { Find, has, useFilters } from "../ui/filters";
import { useNames } from "../ui/people";
import { Avatar, Chip, Empty, PageHead, Reading } from "../ui/pieces";
import { channelWord, count, listing, plain } from "../ui/words";
import { useEditor } from "./editor";
import css from "./people.module.css";

export function PeopleScreen() {
  const search = useSearch({ from: "/app/people" });
  const set = useFilters();
  const query = useQuery(q.people());
  const teams = useQuery(q.teams()).data ?? [];
  const onCall = useQuery(q.onCall()).data ?? [];
  const editor = useEditor("people", search.person);
  useEffect(() => {
    document.title = "People · Allclear";
  }, []);
  const team = teams.find((t) => t.id === search.team);
  const people = query.data ?? [];
  const unreachable = people.filter((p) => !p.contacts?.some((c) => c.verified)).length;
  return (
    <>
      <PageHead title="People" actions={editor.add} lead={query.data ? `${count(people.length, "person", "people")}. ${unreachable === 0 ? "Everybody has a verified way to be reached." : `${count(unreachable, "person", "people")} cannot be reached: no contact is verified.`}` : undefined} />
      {editor.dialog}
      <div className="filters">
        <Find label="Find a person" value={search.find} onChange={(find) => set({ find })} />
        <Select aria-label="Team" placeholder="Every team" clearable w={240} data={teams.map((t) => ({ value: t.id, label: t.name }))} value={search.team ?? null} onChange={(v) => set({ team: v ?? undefined })} clearButtonProps={{ "aria-label": "Every team" }} />
      </div>
      <Reading query={query} rows={8}>
        {(all) => {
          const list = all.filter((p) => (!team || team.members?.includes(p.id) || team.lead === p.id) && has(`${p.name} ${p.title ?? ""} ${p.email ?? ""} ${(p.roles ?? []).join(" ")}`, search.find));
          if (list.length === 0) return <div className="card"><Empty title="Nobody matches.">Try a name, a title or a role.</Empty></div>;
          return <ul className={css.list}>{list.map((p) => <Row key={p.id} p={p} teams={teams} onCall={onCall} open={search.person === p.id} edit={editor.edit} />)}</ul>;
        }}
      </Reading>
    </>
  );
}

function Row({ p, teams, onCall, open, edit }: { p: Person; teams: Team[]; onCall: OnCall[]; open: boolean; edit: (id: string) => ReactNode }) {
  const duties = onCall.filter((o) => o.person === p.id);
  const verified = (p.contacts ?? []).filter((c) => c.verified);
  return (
    <li>
      <Link to="." search={((s: object) => ({ ...s, person: open ? undefined : p.id })) as never} replace className={css.row} data-row aria-expanded={open}>
        <Avatar name={p.name} />
        <span className={css.who}><b>{p.name}</b><small>{p.title !== p.name ? p.title : ""}</small></span>
        <span className={`${css.level} desk`}>{p.level ? `Level ${p.level}` : ""}{p.area ? ` · ${p.area}` : ""}</span>
        <span className={css.duty}>{duties.length > 0 ? <Chip colour="accent">on call: {duties.map((o) => plain(o.schedule).toLowerCase()).join(", ")}</Chip> : verified.length === 0 ? <Chip colour="red">cannot be reached</Chip> : null}</span>
        <span className={`${css.ways} desk`}>{verified.map((c) => channelWord(c.channel)).join(", ")}</span>
      </Link>
      {open && <Detail p={p} teams={teams} edit={edit} />}
    </li>
  );
}

function Detail({ p, teams, edit }: { p: Person; teams: Team[]; edit: (id: string) => ReactNode }) {
  const name = useNames();
  const mine = teams.filter((t) => t.members?.includes(p.id) || t.lead === p.id);
  const me = useMe();
  const answersFor = me && (me.role === "admin" || me.person_id === p.id || me.person_id === p.manager || mine.some((t) => t.lead === me.person_id));
  return (
    <>
    <dl className={css.facts}>
      <dt>Contacts</dt>
      <dd>
        <ul>
          {(p.contacts ?? []).map((c) => (
            <li key={c.channel + c.address}>{plain(channelWord(c.channel))}: {c.channel === "email" ? <a className="link" href={`mailto:${c.address}`}>{c.address}</a> : <a className="link" href={`tel:${c.address}`}>{c.address}</a>} {c.verified ? "" : <Chip colour="amber">not verified</Chip>}</li>
          ))}
          {(p.contacts ?? []).length === 0 && <li className="tone-over">None: nobody can page this person.</li>}
        </ul>
      </dd>
      {p.manager && <><dt>Manager</dt><dd>{name(p.manager)}</dd></>}
      <dt>Deputy</dt><dd>{p.deputy ? `${name(p.deputy)} is paged when ${p.name} is away` : "none"}</dd>
      {p.roles && p.roles.length > 0 && <><dt>Roles</dt><dd>{listing(p.roles.map((r) => plain(r).toLowerCase()))}</dd></>}
      {mine.length > 0 && <><dt>Teams</dt><dd>{listing(mine.map((t) => t.name + (t.lead === p.id ? " (lead)" : "")))}</dd></>}
      {p.time_zone && <><dt>Zone</dt><dd>{p.time_zone}</dd></>}
      <dt>Change</dt><dd>{edit(p.id)}</dd>
    </dl>
    {answersFor && <Absences person={p.id} name={p.name} />}
    </>
  );
}
