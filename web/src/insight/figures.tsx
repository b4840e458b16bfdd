// Figures: are we getting better, and where not? The twelve key figures of a month
// or quarter with their targets, course and definition, and what stands behind them.
import { ActionIcon, Button, SegmentedControl } from "@mantine/core";
import { IconCheck, IconChevronLeft, IconChevronRight, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { fq, type Course, type Figures } from "../api/figures";
import { q } from "../api/queries";
import type { PersonLoad } from "../api/types";
import { useCommands } from "../app/commands";
import { useNow } from "../app/moment";
import { useFilters } from "../ui/filters";
import { Card, Chip, PageHead, Reading, Sev } from "../ui/pieces";
import { span } from "../ui/time";
import { count } from "../ui/words";
import { sorted } from "../paging/share";
import { CourseChart } from "./course";
import { save } from "../ui/save";
import { basis, behind, bySeverity, csv, keptShare, periodName, step, target, value, verdict } from "./words";
import css from "./figures.module.css";

export function FiguresScreen() {
  const search = useSearch({ from: "/app/figures" });
  const length = search.length === "quarter" || search.of?.includes("Q") ? "quarter" : "month";
  const query = useQuery(fq.figures(search.of, length));
  useEffect(() => {
    document.title = "Figures · Allclear";
  }, []);
  return <Reading query={query} rows={8}>{(f) => <Whole f={f} length={length} kpi={search.kpi} />}</Reading>;
}

function Whole({ f, length, kpi }: { f: Figures; length: "month" | "quarter"; kpi: string | undefined }) {
  const set = useFilters();
  const now = useNow();
  const ended = Date.parse(f.period.until) <= now;
  // Load is told of what has passed; to the hour, so that it is not asked for anew each second.
  const until = ended ? f.period.until : new Date(Math.floor(now / 3_600_000) * 3_600_000).toISOString();
  const load = useQuery({ ...q.load(f.period.from, until), enabled: Date.parse(f.period.from) < Date.parse(until) });
  const go = (by: number) => (by < 0 || !ended ? by < 0 : true) && set({ of: step(f.period.name, by), length: undefined });
  const change = (to: "month" | "quarter") => set({ of: undefined, length: to === "month" ? undefined : to });
  const file = () => save(`figures-${f.period.name}.csv`, csv(f, load.data ?? []));
  useCommands([
    { id: "figures-back", label: `The ${length} before`, keys: "[", group: "Figures", run: () => void go(-1) },
    { id: "figures-on", label: `The ${length} after`, keys: "]", group: "Figures", run: () => void go(1) },
    { id: "figures-length", label: length === "month" ? "Show quarters" : "Show months", keys: "l", group: "Figures", run: () => change(length === "month" ? "quarter" : "month") },
    { id: "file", label: "Save the figures as CSV", keys: "v", group: "Figures", words: "download export spreadsheet", run: file },
    { id: "print", label: "Print the figures", keys: "p", group: "Figures", run: () => window.print() },
  ]);
  return (
    <>
      <PageHead title="Figures" lead={verdict(f, now)} actions={<span className="acts noprint"><Button onClick={file} rightSection={<kbd className="desk">v</kbd>}>Save as CSV</Button><Button className="desk" onClick={() => window.print()} rightSection={<kbd className="desk">p</kbd>}>Print</Button></span>} />
      <div className={css.range}>
        <SegmentedControl className="noprint" size="xs" aria-label="Length" value={length} onChange={(v) => change(v as "month" | "quarter")} data={[{ value: "month", label: "Months" }, { value: "quarter", label: "Quarters" }]} />
        <span className="row">
          <ActionIcon className="noprint" variant="subtle" size={36} aria-label={`The ${length} before`} onClick={() => void go(-1)}><IconChevronLeft size={18} aria-hidden /></ActionIcon>
          <b className={css.period}>{periodName(f.period.name)}</b>
          <ActionIcon className="noprint" variant="subtle" size={36} aria-label={`The ${length} after`} disabled={!ended} onClick={() => void go(1)}><IconChevronRight size={18} aria-hidden /></ActionIcon>
        </span>
      </div>
      <ul className={css.grid} aria-label="Key figures">{f.kpis.map((k) => <Figure key={k.id} k={k} f={f} open={k.id === kpi} onOpen={() => set({ kpi: k.id === kpi ? undefined : k.id })} />)}</ul>
      <div className={css.below}>
        <div className="stack"><Clocks f={f} /><Services f={f} /></div>
        <Load list={load.data} days={length} />
      </div>
      <p className={`faint small ${css.note}`}>A target is strict: exactly on it misses it. Incidents count in the period in which they were detected, by the highest severity they had; those that were dismissed or merged do not count. Restricted incidents count for those alone who may know of them, so that two people can see different figures. Months and quarters are those of the company&rsquo;s calendar.</p>
    </>
  );
}

function Figure({ k, f, open, onOpen }: { k: Course; f: Figures; open: boolean; onOpen: () => void }) {
  const periods = [...f.before, f.period];
  return (
    <li className="card" data-row tabIndex={-1} data-kpi={k.id}>
      <div className={css.head}>
        <h2>{k.name}</h2>
        {k.met !== null && <Chip colour={k.met ? "green" : "amber"} icon={k.met ? <IconCheck size={12} aria-hidden stroke={2.2} /> : <IconX size={12} aria-hidden stroke={2.2} />}>{k.met ? "met" : "missed"}</Chip>}
      </div>
      <p className={css.value} title={k.value === null ? undefined : String(k.value)} data-value={k.value ?? ""}>{value(k.value, k.unit)}</p>
      <p className="muted small">{target(k)}{k.baseline !== null ? `, ${value(k.baseline, k.unit)} at the start` : ""}</p>
      <CourseChart k={k} periods={periods} />
      <button type="button" className={`link small ${css.more}`} aria-expanded={open} onClick={onOpen}>{k.value === null ? "Nothing to compute it from: why?" : `From ${basis(k)}`}</button>
      {open && (
        <div className={css.behind}>
          <p>{k.method}{k.population.length > 0 ? ` Over ${k.population.join(", ")}.` : ""}</p>
          {k.value === null && <p className="muted">Nothing is recorded in this period that it could be computed from, or it is not computed yet.</p>}
          {k.of.length > 0 && (
            <ul className="lines">
              {k.of.map((o) => {
                const i = f.incidents.find((x) => x.number === o.number);
                return <li key={o.number} className={css.one}><span className="grow">{i && <Sev severity={i.severity} />} <Link className="link" to="/incidents/$ref" params={{ ref: o.incident }}>{o.incident} {i?.title}</Link></span><b>{behind(k, o.value)}</b></li>;
              })}
            </ul>
          )}
        </div>
      )}
    </li>
  );
}

/** Incidents by their numbers, as links. */
function Refs({ all }: { all: string[] }) {
  return <span className={css.refs}>{all.slice(0, 6).map((r) => <Link key={r} className="link" to="/incidents/$ref" params={{ ref: r }} search={{ tab: "clocks" }}>{r}</Link>)}{all.length > 6 && <span className="muted">and {all.length - 6} more</span>}</span>;
}

function Clocks({ f }: { f: Figures }) {
  const rows = bySeverity(f.clocks);
  return (
    <Card id="clocks" title="Promises kept" aside="clocks of the procedure">
      {rows.length === 0 ? <p className="muted">No clock ran in this period.</p> : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Clocks by severity">
          <table className="list">
            <thead><tr><th scope="col">Severity</th><th scope="col" className="num">Met</th><th scope="col" className="num">Missed</th><th scope="col" className="num">Waived</th><th scope="col" className="num">Running</th><th scope="col" className="num">Kept</th></tr></thead>
            <tbody>
              {rows.map((r) => {
                const share = keptShare(r);
                return (
                  <tr key={r.severity}>
                    <td><Sev severity={r.severity} /></td><td className="num">{r.met}</td><td className="num">{r.breached > 0 ? <b className="tone-over">{r.breached}</b> : 0}</td><td className="num">{r.waived}</td><td className="num">{r.running}</td><td className="num">{share === undefined ? "–" : value(share, "%")}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {f.clocks.some((c) => c.breached > 0) && (
        <ul className={`lines ${css.missed}`} aria-label="Missed clocks">
          {f.clocks.filter((c) => c.breached > 0).map((c) => <li key={c.severity + c.clock} className={css.one}><span className="grow">{c.severity} {c.name || c.clock}, {count(c.breached, "time")} missed</span><Refs all={c.breached_in} /></li>)}
        </ul>
      )}
    </Card>
  );
}

function Services({ f }: { f: Figures }) {
  return (
    <Card id="services" title="Services" aside="by the highest severity of each incident">
      {f.services.length === 0 ? <p className="muted">No service had an incident in this period.</p> : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Incidents by service">
          <table className="list">
            <thead><tr><th scope="col">Service</th>{["P1", "P2", "P3", "P4"].map((s) => <th key={s} scope="col" className="num">{s}</th>)}<th scope="col" className="num">Together</th><th scope="col" className="num">Usual</th></tr></thead>
            <tbody>
              {f.services.map((s) => (
                <tr key={s.service}>
                  <td><Link className="link" to="/incidents" search={{ service: s.service }}>{s.name}</Link></td>
                  {[s.p1, s.p2, s.p3, s.p4].map((n, k) => <td key={k} className="num">{n || <span className="faint">0</span>}</td>)}
                  <td className="num">{s.resolved > 0 ? span(s.lasted_seconds * 1000) : "–"}</td><td className="num">{s.resolved > 0 ? span((s.lasted_seconds * 1000) / s.resolved) : "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Load({ list, days }: { list: PersonLoad[] | undefined; days: "month" | "quarter" }) {
  const rows = sorted(list ?? [], "hours");
  const most = Math.max(1, ...rows.map((r) => r.hours));
  return (
    <Card id="load" title="Load of being on call" aside={<Link className="link" to="/on-call/load" search={days === "quarter" ? { days: "90" } : {}}>Load report</Link>}>
      {rows.length === 0 ? <p className="muted">Nobody was on call in this period.</p> : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Load by person">
          <table className="list">
            <thead><tr><th scope="col">Person</th><th scope="col" className="num">On call</th><th scope="col" aria-hidden className="desk" /><th scope="col" className="num">Nights</th><th scope="col" className="num">Pages</th><th scope="col" className="num">Off hours</th></tr></thead>
            <tbody>{rows.slice(0, 12).map((r) => <tr key={r.person}><td>{r.name}</td><td className="num">{value(r.hours, "h")}</td><td className="desk" aria-hidden><svg className={css.bar} viewBox="0 0 100 6" preserveAspectRatio="none"><rect width={(r.hours / most) * 100} height={6} /></svg></td><td className="num">{r.nights}</td><td className="num">{r.pages}</td><td className="num">{r.pages_off_hours}</td></tr>)}</tbody>
          </table>
        </div>
      )}
      {rows.length > 12 && <p className="muted small">and {rows.length - 12} more in the load report</p>}
    </Card>
  );
}
