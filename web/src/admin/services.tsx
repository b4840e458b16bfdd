// Services in their order of restoration, with a map of who depends on whom.
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { q } from "../api/queries";
import type { IncidentSummary, Service } from "../api/types";
import { Card, Chip, Empty, PageHead, Reading, Sev } from "../ui/pieces";
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
      <PageHead title="Services" lead="What is monitored and owned, in the order in which it is restored." actions={editor.add} />
      {editor.dialog}
      <Reading query={query}>
        {(list) => list.length === 0 ? <div className="card"><Empty title="No services yet.">Apply them with <span className="mono">allclear apply -f</span>; alerts need one to belong to.</Empty></div> : (
          <div className={css.split}>
            <Rows edit={editor.edit} list={[...list].sort((a, b) => (a.restoration_rank ?? 99) - (b.restoration_rank ?? 99))} open={open} />
            <Card title="Who depends on whom" className={css.map}><Map list={list} open={open} /></Card>
          </div>
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
                <dt>Change</dt><dd>{edit(s.id)}</dd>
              </dl>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Columns by depth: what depends on nothing stands left. Pure. */
export function layers(list: Service[]): Service[][] {
  const depth = new globalThis.Map<string, number>();
  const byId = new globalThis.Map(list.map((s) => [s.id, s]));
  const of = (id: string, seen: Set<string>): number => {
    const known = depth.get(id);
    if (known !== undefined) return known;
    if (seen.has(id)) return 0; // a ring: drawn once, not for ever
    seen.add(id);
    const needs = (byId.get(id)?.depends_on ?? []).filter((d) => byId.has(d));
    const d = needs.length === 0 ? 0 : 1 + Math.max(...needs.map((n) => of(n, seen)));
    depth.set(id, d);
    return d;
  };
  const out: Service[][] = [];
  for (const s of list) (out[of(s.id, new Set())] ??= []).push(s);
  return out.filter(Boolean);
}

function Map({ list, open }: { list: Service[]; open: IncidentSummary[] }) {
  const columns = layers(list);
  const w = 148;
  const h = 34;
  const gapX = 44;
  const gapY = 16;
  const at = new globalThis.Map<string, { x: number; y: number }>();
  const tall = Math.max(...columns.map((c) => c.length));
  columns.forEach((c, k) => c.forEach((s, n) => at.set(s.id, { x: k * (w + gapX), y: n * (h + gapY) + ((tall - c.length) * (h + gapY)) / 2 })));
  const width = columns.length * (w + gapX) - gapX;
  const height = tall * (h + gapY) - gapY;
  const say = list.filter((s) => s.depends_on?.length).map((s) => `${s.name} depends on ${listing((s.depends_on ?? []).map((d) => list.find((o) => o.id === d)?.name ?? d))}`).join(". ");
  return (
    <svg viewBox={`-2 -2 ${width + 4} ${height + 4}`} role="img" aria-label={say || "No dependencies are known."} className={css.svg}>
      {list.flatMap((s) => (s.depends_on ?? []).map((d) => {
        const a = at.get(d);
        const b = at.get(s.id);
        if (!a || !b) return null;
        const x1 = a.x + w;
        const y1 = a.y + h / 2;
        const y2 = b.y + h / 2;
        const mid = (x1 + b.x) / 2;
        return <path key={`${s.id}-${d}`} d={`M${x1} ${y1} C${mid} ${y1} ${mid} ${y2} ${b.x} ${y2}`} className={worst(d, open, "P2") ? css.hot : css.edge} />;
      }))}
      {list.map((s) => {
        const p = at.get(s.id);
        const bad = worst(s.id, open, "P2");
        const follows = !bad && s.depends_on?.some((d) => worst(d, open, "P2"));
        if (!p) return null;
        return (
          <g key={s.id} transform={`translate(${p.x} ${p.y})`} className={bad ? (bad.severity === "P1" ? css.red : css.amber) : follows ? css.follows : css.node}>
            <rect width={w} height={h} rx={7} />
            <text x={10} y={h / 2 + 4}>{s.name}</text>
            {bad && <text x={w - 10} y={h / 2 + 4} textAnchor="end" className={css.tag}>{bad.severity}</text>}
          </g>
        );
      })}
    </svg>
  );
}
