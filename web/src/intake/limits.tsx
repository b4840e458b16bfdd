// Limits: what is measured must not pass them. Which are passed now, what each
// suggests, and how often it was right.
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Firing, MetricRule } from "../api/detection";
import { q } from "../api/queries";
import { Find, has, useFilters } from "../ui/filters";
import { Chip, Empty, PageHead, Reading, Sev, Time } from "../ui/pieces";
import { count, listing } from "../ui/words";
import css from "./limits.module.css";

export function LimitsScreen() {
  const search = useSearch({ from: "/app/limits" });
  const set = useFilters();
  const query = useQuery(q.limits());
  const services = useQuery(q.services()).data ?? [];
  useEffect(() => {
    document.title = "Limits · Allclear";
  }, []);
  const name = (id: string) => services.find((s) => s.id === id)?.name ?? id;
  const passed = query.data?.items.reduce((sum, r) => sum + r.standing.length, 0) ?? 0;
  const watched = Object.keys(query.data?.watched ?? {});
  const lead = query.data && [
    passed === 0 ? "Everything that is measured keeps its limits." : `${count(passed, "limit is", "limits are")} passed now.`,
    watched.length > 0 ? `${listing(watched.map(name))} ${watched.length === 1 ? "is" : "are"} watched by sharper limits after an incident.` : "",
  ].join(" ");
  return (
    <>
      <PageHead title="Limits" lead={lead} />
      <div className="filters"><Find label="Find in limits" value={search.find} onChange={(find) => set({ find })} /></div>
      <Reading query={query} rows={6}>
        {({ items }) => {
          const list = items.filter((r) => has(`${r.name} ${r.condition} ${(r.clauses ?? []).join(" ")}`, search.find));
          if (list.length === 0) return <div className="card"><Empty title="No limits.">{search.find ? "Nothing matches." : "The procedure in force has no metric_rules."}</Empty></div>;
          return <ul className={css.list}>{list.map((r) => <Row key={r.id} r={r} name={name} />)}</ul>;
        }}
      </Reading>
    </>
  );
}

function Row({ r, name }: { r: MetricRule; name: (id: string) => string }) {
  return (
    <li>
      <div className={css.top}>
        <h2>{r.name || r.id}</h2>
        <span className={css.suggests}>{r.joined ? <><Sev severity={r.suggests} /> <span>or</span> <Sev severity={r.joined} /> <span>beside another alert</span></> : <Sev severity={r.suggests} />}</span>
      </div>
      <p className={css.condition}>{r.condition}</p>
      {r.failing && <p role="alert" className={css.failing}><b>Cannot be judged:</b> {r.failing}</p>}
      {r.standing.length > 0 && <ul className={css.standing}>{r.standing.map((f) => <Standing key={f.service + JSON.stringify(f.labels)} f={f} share={r.measure === "ratio"} name={name} />)}</ul>}
      <p className={css.foot}>
        {r.raised === 0 ? "No alert in 30 days." : `${count(r.raised, "alert")} in 30 days, ${r.false_positives === 0 ? "none" : `${r.false_positives} (${Math.round(r.false_positive_rate * 100)} %)`} of them false.`}
        {(r.clauses ?? []).length > 0 && <span className="mono"> {(r.clauses ?? []).join(", ")}</span>}
      </p>
    </li>
  );
}

function Standing({ f, share, name }: { f: Firing; share: boolean; name: (id: string) => string }) {
  const tags = Object.entries(f.labels ?? {}).map(([k, v]) => `${k} ${v}`).join(", ");
  return (
    <li>
      <Chip colour="red">passed</Chip>
      <span className="grow"><b>{name(f.service)}</b>{tags ? ` · ${tags}` : ""}: {(share ? f.value * 100 : f.value).toLocaleString("en-GB", { maximumSignificantDigits: 5 })}{share ? " %" : ""}, <Time at={f.since} prefix="since " /></span>
      {f.incident ? <Link to="/incidents/$ref" params={{ ref: `INC-${f.incident}` }} className="link" data-row>INC-{f.incident}</Link> : null}
    </li>
  );
}
