// Services in their order of restoration.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { q } from "../api/queries";
import type { IncidentSummary, Service } from "../api/types";
import { Chip, Empty, PageHead, Reading, Sev } from "../ui/pieces";
import { listing, plain } from "../ui/words";
import { useEditor } from "./editor";
import css from "./services.module.css";

export function ServicesScreen() {
  const query = useQuery(q.services());
  const open = useQuery(q.now()).data?.incidents ?? [];
  const editor = useEditor("services", useSearch({ from: "/app/services" }).service);
  useEffect(() => {
    document.title = "Services · Allclear";
  }, []);
  return (
    <>
      <PageHead title="Services" lead="What is monitored and owned, in the order in which it is restored." actions={<><Button component={Link} {...({ to: "/services/map", search: {} } as object)}>Service map</Button>{editor.add}</>} />
      {editor.dialog}
      <Reading query={query}>
        {(list) => list.length === 0 ? <div className="card"><Empty title="No services yet.">Apply them with <span className="mono">allclear apply -f</span>; alerts need one to belong to.</Empty></div> : (
          <Rows edit={editor.edit} list={[...list].sort((a, b) => (a.restoration_rank ?? 99) - (b.restoration_rank ?? 99))} open={open} />
        )}
      </Reading>
    </>
  );
}

const worst = (id: string, open: IncidentSummary[], from = "P4") => open.filter((i) => i.service.id === id && i.severity <= from).sort((a, b) => a.severity.localeCompare(b.severity))[0];

function Rows({ list, open, edit }: { list: Service[]; open: IncidentSummary[]; edit: (id: string) => ReactNode }) {
  const search = useSearch({ from: "/app/services" });
  const teams = useQuery(q.teams()).data ?? [];
  const policies = useQuery(q.policies()).data ?? [];
  const name = (id: string) => list.find((s) => s.id === id)?.name ?? id;
  return (
    <ul className={css.list}>
      {list.map((s) => {
        const bad = worst(s.id, open);
        const chosen = search.service === s.id;
        const follow = list.filter((o) => o.depends_on?.includes(s.id)).map((o) => o.name);
        return (
          <li key={s.id}>
            <Link to="." search={{ service: chosen ? undefined : s.id }} replace className={css.row} data-row aria-expanded={chosen}>
              <span className={css.rank}>{s.restoration_rank ?? "–"}</span>
              <span className="grow"><b>{s.name}</b>{s.critical_function && <> <Chip colour="accent">critical function</Chip></>}<small>{s.description}</small></span>
              {bad ? <Chip colour={bad.severity === "P1" ? "red" : bad.severity === "P2" ? "amber" : undefined}>{bad.severity} {bad.ref}</Chip> : <Chip colour="green">no incident</Chip>}
            </Link>
            {chosen && (
              <dl className={css.facts}>
                <dt>Owner</dt><dd>{teams.find((t) => t.id === s.owner_team)?.name ?? s.owner_team ?? "nobody"}{s.area ? `, area ${s.area}` : ""}</dd>
                <dt>Paged by</dt><dd>{s.escalation_policy ? <Link to="/policies/$id" params={{ id: s.escalation_policy }} search={{}} className="link">{policies.find((p) => p.id === s.escalation_policy)?.name ?? s.escalation_policy}</Link> : <Link to="/policies" search={{}} className="link">the procedure’s chain</Link>}</dd>
                <dt>Status page</dt><dd>{s.component ? `“${s.component}”` : "not shown"}</dd>
                <dt>Depends on</dt><dd>{s.depends_on && s.depends_on.length > 0 ? listing(s.depends_on.map(name)) : "nothing here"}</dd>
                <dt>Is needed by</dt><dd>{follow.length > 0 ? listing(follow) : "nothing here"}</dd>
                <dt>Regions</dt><dd>{(s.regions ?? []).map((r) => r.toUpperCase()).join(", ") || "all"}</dd>
                {s.products && <><dt>Products</dt><dd>{s.products.map(plain).join(", ")}</dd></>}
                <dt>Incidents</dt><dd>{open.filter((i) => i.service.id === s.id).map((i) => <Link key={i.id} to="/incidents/$ref" params={{ ref: i.ref }} search={{}} className={css.inc}><Sev severity={i.severity} /> {i.ref} {i.title}</Link>)} <Link to="/incidents" search={{ service: s.id, status: "all" }} className="link">all of this service</Link></dd>
                <dt>More</dt><dd className={css.more}><Link to="/services/map" search={{ node: `service:${s.id}` }} className="link">On the map</Link> {edit(s.id)}</dd>
              </dl>
            )}
          </li>
        );
      })}
    </ul>
  );
}
