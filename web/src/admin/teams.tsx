// Teams: who owns what, and who is asked when a team is named.
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import type { Person, Service, Team } from "../api/types";
import { Find, has, useFilters } from "../ui/filters";
import { useNames } from "../ui/people";
import { Avatar, Chip, Empty, PageHead, Reading } from "../ui/pieces";
import { capital, count, plain } from "../ui/words";
import { useEditor } from "./editor";
import css from "./teams.module.css";

/** Everybody in a team: its members, and those whose own record names it. Pure. */
export function membersOf(t: Team, people: Person[]): Person[] {
  const listed = (t.members ?? []).map((id) => people.find((p) => p.id === id) ?? { id, name: id });
  const others = people.filter((p) => p.teams?.includes(t.id) && !t.members?.includes(p.id));
  return [...listed, ...others];
}

export const availability: Record<string, string> = { always: "always reachable", business_hours: "in business hours", on_call: "whoever is on call" };

export function TeamsScreen() {
  const search = useSearch({ from: "/app/teams" });
  const set = useFilters();
  const query = useQuery(q.teams());
  const people = useQuery(q.people()).data ?? [];
  const services = useQuery(q.services()).data ?? [];
  const editor = useEditor("teams");
  useEffect(() => {
    document.title = "Teams · Allclear";
  }, []);
  const orphans = services.filter((s) => !s.owner_team);
  const lead = query.data && `${capital(count(query.data.length, "team"))}. ${orphans.length === 0 ? "Every service has an owner." : `${count(orphans.length, "service")} without an owner: ${orphans.map((s) => s.name).join(", ")}.`}`;
  return (
    <>
      <PageHead title="Teams" lead={lead} actions={editor.add} />
      {editor.dialog}
      <div className="filters"><Find label="Find a team" value={search.find} onChange={(find) => set({ find })} /></div>
      <Reading query={query} rows={4}>
        {(all) => {
          const list = all.filter((t) => has(`${t.name} ${t.id} ${t.description ?? ""} ${t.area ?? ""}`, search.find));
          if (all.length === 0) return <div className="card"><Empty title="No team yet.">A team owns services and is asked by name in the procedure. Add the first one with <kbd>a</kbd>.</Empty></div>;
          if (list.length === 0) return <div className="card"><Empty title="No team matches.">Try another word.</Empty></div>;
          return <ul className={css.list}>{list.map((t) => <Row key={t.id} t={t} people={people} services={services} />)}</ul>;
        }}
      </Reading>
    </>
  );
}

function Row({ t, people, services }: { t: Team; people: Person[]; services: Service[] }) {
  const name = useNames();
  const members = membersOf(t, people);
  const owns = services.filter((s) => s.owner_team === t.id);
  return (
    <li>
      <Link to="/teams/$id" params={{ id: t.id }} search={{}} className={css.row} data-row>
        <span className={css.name}><b>{t.name}</b><small>{t.description ?? (t.area ? `Area ${t.area}` : "")}</small></span>
        <span className={css.lead}>{t.lead ? <><Avatar name={name(t.lead)} /><span><span className="cut">{name(t.lead)}</span><small>leads</small></span></> : <Chip colour="amber">no lead</Chip>}</span>
        <span className={css.members}>{members.length === 0 ? <Chip colour="amber">nobody in it</Chip> : count(members.length, "member")}{t.availability ? <small>{availability[t.availability] ?? plain(t.availability).toLowerCase()}</small> : null}</span>
        <span className={`${css.owns} desk`}>{owns.length > 0 ? owns.map((s) => s.name).join(", ") : <span className="faint">owns no service</span>}</span>
      </Link>
    </li>
  );
}
