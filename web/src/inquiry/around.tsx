// What is known around it without anybody having looked: what was changed, what
// others say, what is measured, and what helped before.
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconExternalLink, IconHelp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { iq, type SimilarIncident, type ServiceChange, type TriageMetric, type TriagePanel, type TriageSignal } from "../api/inquiry";
import { around } from "../api/around";
import { q } from "../api/queries";
import type { Incident } from "../api/types";
import { useDialog } from "../command/act";
import { HealthChip, Spark } from "../outside/pieces";
import { Card, Chip, Reading, Time } from "../ui/pieces";
import { plain } from "../ui/words";
import { hopsWord, lastOf, seenFrom, worst } from "./logic";
import css from "./inquiry.module.css";

function useServiceNames(): (id: string) => string {
  const services = useQuery(q.services()).data ?? [];
  return (id) => services.find((s) => s.id === id)?.name ?? id;
}

export function Changes({ i }: { i: Incident }) {
  const query = useQuery(iq.changes(i.number));
  const [all, setAll] = useState(false);
  return (
    <Card id="changes" title="What was changed" aside="from a day before">
      <Reading query={query} rows={2}>{(list) => (list.length === 0 ? <p className="muted">No change is known of its service, nor of what that depends on. Pipelines tell of theirs by POST /api/v1/changes.</p> : (
        <>
          <ol className={css.rows}>{(all ? list : list.slice(0, 6)).map((c, k) => <Change key={k} c={c} />)}</ol>
          {list.length > 6 && <button type="button" className="link small" onClick={() => setAll(!all)}>{all ? "The nearest alone" : `All ${list.length}`}</button>}
        </>
      ))}</Reading>
    </Card>
  );
}

function Change({ c }: { c: ServiceChange }) {
  const name = useServiceNames();
  const d = (c.details ?? {}) as { kind?: string; environment?: string; version?: string };
  const near = c.seconds_before >= 0 && c.seconds_before <= 3600;
  return (
    <li data-row tabIndex={-1}>
      <div className={css.line}>
        <span className="grow"><b>{c.summary}</b><small className="muted">{[name(c.service), hopsWord(c.hops), d.kind ? plain(d.kind).toLowerCase() : "", d.environment, d.version, c.origin ? `by ${c.origin}` : "", c.source].filter(Boolean).join(" · ")}</small></span>
        <Chip colour={near ? "amber" : undefined}><span><Time at={c.at} />, {seenFrom(c.seconds_before)}</span></Chip>
      </div>
      {c.links.length > 0 && <p className="row wrap small">{c.links.map((l) => <a key={l.url} className="link" href={l.url} target="_blank" rel="noreferrer"><IconExternalLink size={13} aria-hidden /> {l.label || l.url}</a>)}</p>}
    </li>
  );
}

const signalKinds: Record<TriageSignal["kind"], string> = { status_page: "our status page", monitor: "monitor", check: "check", vendor: "vendor", incident: "incident" };

export function Around({ i }: { i: Incident }) {
  const query = useQuery(iq.triage(i.number));
  return <Reading query={query} rows={3}>{(t) => <><Signals t={t} i={i} /><Metrics t={t} /></>}</Reading>;
}

function Signals({ t, i }: { t: TriagePanel; i: Incident }) {
  const name = useServiceNames();
  const nodes = useQuery(around.map()).data?.nodes ?? [];
  const red = [...t.signals].sort((a, b) => Number(b.correlated) - Number(a.correlated));
  return (
    <Card id="around" title="What others say" aside={<Link className="link" to="/services/map" search={{ node: `service:${i.service.id}` }}>Service map</Link>}>
      <ul className={css.health}>
        {t.services.map((s) => {
          const node = nodes.find((x) => x.kind === "service" && x.id === s);
          return <li key={s}><Link className="link" to="/services/map" search={{ node: `service:${s}` }}>{name(s)}</Link> {node ? <HealthChip health={node.health} /> : null}</li>;
        })}
      </ul>
      {red.length === 0 ? <p className="muted small">No monitor, check or vendor says anything of it.</p> : (
        <ul className="lines">
          {red.map((s) => (
            <li key={`${s.kind} ${s.id}`} className={css.signal}>
              {s.correlated ? <IconAlertTriangle size={15} aria-hidden className="tone-due" /> : s.state === "unknown" ? <IconHelp size={15} aria-hidden /> : <IconCheck size={15} aria-hidden />}
              <span className="grow"><b>{s.kind === "incident" ? <Link className="link" to="/incidents/$ref" params={{ ref: s.id }}>{s.name}</Link> : s.kind === "vendor" ? <Link className="link" to="/vendors" search={{ vendor: s.id }}>{s.name}</Link> : s.kind === "check" ? <Link className="link" to="/checks" search={{ check: s.id }}>{s.name}</Link> : s.name}</b> <span className="muted">{signalKinds[s.kind]}, {plain(s.state).toLowerCase()}</span>{s.text && <small className="muted">{s.text}</small>}</span>
              {s.since && <span className="faint small"><Time at={s.since} how="ago" /></span>}
            </li>
          ))}
        </ul>
      )}
      {t.links.length > 0 && <p className={`row wrap small ${css.top}`}>{t.links.map((l) => <a key={l.service + l.url} className="link" href={l.url} target="_blank" rel="noreferrer"><IconExternalLink size={13} aria-hidden /> {l.name}{l.service !== i.service.id ? ` of ${name(l.service)}` : ""}</a>)}</p>}
    </Card>
  );
}

function Metrics({ t }: { t: TriagePanel }) {
  const name = useServiceNames();
  const [all, setAll] = useState(false);
  const list = worst(t.metrics);
  const passed = list.filter((m) => m.passed);
  const shown = all ? list : list.slice(0, Math.max(4, Math.min(passed.length, 8)));
  return (
    <Card id="measured" title="What is measured" aside={<><Time at={t.from} /> to <Time at={t.until} /></>}>
      {list.length === 0 ? <p className="muted small">No metric of these services came in over this time. <Link className="link" to="/limits">Limits and what they are judged by</Link></p> : (
        <ul className="lines">{shown.map((m) => <Metric key={m.rule + m.service + JSON.stringify(m.labels ?? {})} m={m} of={name(m.service)} from={Date.parse(t.from)} until={Date.parse(t.until)} />)}</ul>
      )}
      {list.length > shown.length && <button type="button" className="link small" onClick={() => setAll(true)}>All {list.length}{t.more_metrics ? " and more on the screen of limits" : ""}</button>}
    </Card>
  );
}

function Metric({ m, of, from, until }: { m: TriageMetric; of: string; from: number; until: number }) {
  const dots = m.points.map((p) => ({ t: Date.parse(p.at), v: p.value }));
  const labels = Object.entries(m.labels ?? {}).map(([k, v]) => `${k}=${v}`).join(" ");
  return (
    <li className={css.metric}>
      <span className="grow"><b>{m.name}</b><small className="muted">{of}{labels ? ` · ${labels}` : ""}</small><small className={m.passed ? "tone-over" : "muted"}>{lastOf(m)}{m.passed ? ", passed" : ""}</small></span>
      <Spark label={`${m.name} of ${of}: ${lastOf(m)}`} dots={dots} usual={[{ t: from, v: m.limit }, { t: until, v: m.limit }]} from={from} until={until} gap={until - from} bad={m.passed} />
    </li>
  );
}

export function Similar({ i, may }: { i: Incident; may: boolean }) {
  const query = useQuery(iq.similar(i.number));
  return (
    <Card id="similar" title="Incidents like it">
      <Reading query={query} rows={2}>{(list) => (list.length === 0 ? <p className="muted small">No earlier incident was like this one.</p> : <ul className="lines">{list.map((s) => <Earlier key={s.incident} s={s} may={may} />)}</ul>)}</Reading>
    </Card>
  );
}

function Earlier({ s, may }: { s: SimilarIncident; may: boolean }) {
  const dialog = useDialog();
  const name = useServiceNames();
  const helped = s.solutions.filter((x) => x.state === "applied");
  return (
    <li>
      <p><Link className="link" to="/incidents/$ref" params={{ ref: s.incident }}>{s.incident} {s.title}</Link></p>
      <p className="faint small">{name(s.service)}, over since <Time at={s.ended_at} how="ago" /></p>
      {s.cause && <p><span className="muted">The cause was</span> {s.cause}</p>}
      {helped.length === 0 && s.reason && <p><span className="muted">It ended with</span> {s.reason}</p>}
      {helped.map((x) => (
        <div key={x.id} className={css.line}>
          <p className="grow"><IconCheck size={13} aria-hidden className="tone-met" /> {x.title}</p>
          {may && <Button size="xs" variant="subtle" className="noprint" aria-label={`Propose here: ${x.title}`} onClick={() => dialog("option", { entry: `${s.number}:${x.id}` })}>Propose here</Button>}
        </div>
      ))}
    </li>
  );
}
