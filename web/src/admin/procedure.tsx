// The procedure in force: its control sheet, its clocks and chain as tables, and
// what the linter says about it.
import { Tabs } from "@mantine/core";
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import type { Finding, Procedure, Severity } from "../api/types";
import { useNow } from "../app/moment";
import { stepsOf } from "../command/hit";
import { useFilters } from "../ui/filters";
import { useNames, useTargets } from "../ui/people";
import { Empty, PageHead, Reading, Sev } from "../ui/pieces";
import { goSpan, span } from "../ui/time";
import { count, plain } from "../ui/words";
import css from "./procedure.module.css";

const severities: Severity[] = ["P1", "P2", "P3", "P4"];
const tabs = ["document", "clocks", "chain", "findings", "source"] as const;

export function ProcedureScreen() {
  const query = useQuery(q.procedure());
  useEffect(() => {
    document.title = "Procedure · Allclear";
  }, []);
  return <Reading query={query} rows={6}>{(p) => <Screen p={p} />}</Reading>;
}

function Screen({ p }: { p: Procedure }) {
  const search = useSearch({ from: "/app/procedure" });
  const set = useFilters();
  const now = useNow();
  const d = p.document;
  const review = typeof d["next_review"] === "string" ? Date.parse(d["next_review"]) : NaN;
  const errors = p.findings.filter((f) => f.severity === "error").length;
  const warnings = p.findings.filter((f) => f.severity === "warning").length;
  const lead = [
    `Version ${d.version ?? "?"} is in force.`,
    errors > 0 ? `The linter finds ${count(errors, "error")}.` : warnings > 0 ? `The linter has ${count(warnings, "warning")} and no error.` : "The linter finds nothing.",
    !Number.isNaN(review) && review < now ? `Its review is ${span(now - review)} late.` : "",
  ].filter(Boolean).join(" ");
  const tab = tabs.find((t) => t === search.tab) ?? "document";
  const titles: Record<(typeof tabs)[number], string> = { document: "Document", clocks: "Clocks", chain: "Chain and levels", findings: "Findings", source: "Source" };
  return (
    <>
      <PageHead title={d.title ?? "Procedure"} lead={lead} />
      <Tabs value={tab} onChange={(v) => set({ tab: v === "document" || v === null ? undefined : v })} keepMounted={false}>
        <Tabs.List className={css.tabs}>{tabs.map((t) => <Tabs.Tab key={t} value={t}>{titles[t]}{t === "findings" && p.findings.length > 0 ? <span className={css.n}>{p.findings.length}</span> : null}</Tabs.Tab>)}</Tabs.List>
        <Tabs.Panel value="document" pt={16}><Sheet p={p} /></Tabs.Panel>
        <Tabs.Panel value="clocks" pt={16}><Clocks p={p} /></Tabs.Panel>
        <Tabs.Panel value="chain" pt={16}><ChainTable p={p} /></Tabs.Panel>
        <Tabs.Panel value="findings" pt={16}><Findings list={p.findings} /></Tabs.Panel>
        <Tabs.Panel value="source" pt={16}><Source text={p.source} findings={p.findings} /></Tabs.Panel>
      </Tabs>
    </>
  );
}

const order = ["title", "subtitle", "company", "department", "version", "date", "next_review", "owner", "prepared_by", "reviewed_by", "approved_by", "approval_status", "distribution", "confidentiality"];
const people = new Set(["owner", "prepared_by", "reviewed_by", "approved_by"]);

function Sheet({ p }: { p: Procedure }) {
  const name = useNames();
  const keys = [...order.filter((k) => p.document[k] !== undefined), ...Object.keys(p.document).filter((k) => !order.includes(k))];
  return (
    <div className="card">
      <dl className={css.sheet}>
        {keys.map((k) => {
          const v = p.document[k];
          const text = Array.isArray(v) ? v.map((x) => plain(String(x))).join(", ") : people.has(k) ? name(String(v)) : String(v ?? "");
          return text ? <div key={k}><dt>{plain(k)}</dt><dd>{text}</dd></div> : null;
        })}
        <div><dt>Hash</dt><dd className="mono">{p.hash}</dd></div>
      </dl>
    </div>
  );
}

const starts: Record<string, string> = { began: "the first alert", detected: "detection", declared: "the declaration", update: "the last update" };
const ends: Record<string, string> = {
  acknowledged: "somebody has it", engaged: "somebody works on it", resolved: "impact has ended", room_ready: "commander named and responder joined", executives_told: "executives are reached",
  leads_told: "leads are told", status_posted: "a post is public", customers_mailed: "every recipient is mailed", updated: "the next update is out", commander_named: "a commander is named", assigned: "an engineer is assigned",
};

function Clocks({ p }: { p: Procedure }) {
  return (
    <div className="card scroll-x" tabIndex={0} role="region" aria-label="Clocks">
      <table className="list">
        <thead><tr><th>Clock</th>{severities.map((s) => <th key={s}><Sev severity={s} /></th>)}<th>Runs from</th><th>Ends when</th></tr></thead>
        <tbody>
          {p.clocks.map((c) => (
            <tr key={c.id}>
              <td><b>{c.name}</b></td>
              {severities.map((s) => {
                const t = c.by[s];
                return <td key={s} title={t?.clauses?.join(", ")}>{t ? <>{goSpan(t.within)}{t.warn_at && t.warn_at.length > 0 && <small className={css.sub}>warns at {t.warn_at.map(goSpan).join(", ")}</small>}</> : <span className="faint">–</span>}</td>;
              })}
              <td className="muted">{starts[c.from] ?? c.from}</td>
              <td className="muted">{ends[c.until] ?? c.until.replaceAll("_", " ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const whiles: Record<string, string> = { always: "always", unacknowledged: "while nobody has acknowledged", unresolved: "while unresolved", undeclared: "while not declared" };

function ChainTable({ p }: { p: Procedure }) {
  const name = useTargets();
  const steps = stepsOf(p);
  const repeat = Array.isArray(p.chain) ? undefined : p.chain?.repeat_every;
  return (
    <div className="stack">
      <div className="card scroll-x" tabIndex={0} role="region" aria-label="Escalation chain">
        <table className="list">
          <thead><tr><th>Step</th><th>After</th><th>Pages</th>{severities.slice(0, 2).map((s) => <th key={s}><Sev severity={s} /></th>)}<th>Clause</th></tr></thead>
          <tbody>
            {steps.map((s, k) => (
              <tr key={s.target + s.after}>
                <td className="faint">{k + 1}</td>
                <td>{goSpan(s.after)}</td>
                <td><b>{plain(s.target.replace(/^(schedule|role|team):/, ""))}{s.target.startsWith("schedule:") ? " on call" : ""}</b><small className={css.sub}>today {name(s.target)}</small></td>
                {severities.slice(0, 2).map((v) => {
                  const r = s.by[v];
                  return <td key={v} className="muted">{r ? (whiles[r.while] ?? r.while) : "not paged"}{r?.else === "notice" ? ", otherwise told" : ""}</td>;
                })}
                <td className="mono faint">{s.clause}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {repeat && <p className={css.after}>While nobody has acknowledged, everybody on the chain is paged again every {goSpan(repeat)}.</p>}
      </div>
      <div className="card scroll-x" tabIndex={0} role="region" aria-label="Levels">
        <table className="list">
          <thead><tr><th>Level</th><th>Who</th>{severities.map((s) => <th key={s}><Sev severity={s} /></th>)}</tr></thead>
          <tbody>
            {p.levels.map((l) => <tr key={l.level}><td><b>{l.level}</b></td><td>{l.name}<small className={css.sub}>{l.members.map(name).join(", ")}</small></td>{severities.map((s) => <td key={s}>{l.response[s] ? goSpan(l.response[s]) : <span className="faint">–</span>}</td>)}</tr>)}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Findings({ list }: { list: Finding[] }) {
  if (list.length === 0) return <div className="card"><Empty title="The linter finds nothing.">Every clock, step and rule is consistent with the others.</Empty></div>;
  const icon = (s: string) => (s === "error" ? <IconCircleX size={18} className="tone-over" aria-label="error" /> : s === "warning" ? <IconAlertTriangle size={18} className="tone-due" aria-label="warning" /> : <IconInfoCircle size={18} className="faint" aria-label="note" />);
  return (
    <ul className={css.findings}>
      {list.map((f) => (
        <li key={`${f.code}${f.line}${f.column}`} className="card" data-row tabIndex={-1}>
          {icon(f.severity)}
          <div className="grow">
            <p>{f.message}</p>
            {f.fix && <p className="muted">{f.fix}</p>}
            <p className="mono faint">{f.code} · <Link to="." search={{ tab: "source" }} hash={`L${f.line}`} className="link">line {f.line}:{f.column}</Link></p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Source({ text, findings }: { text: string; findings: Finding[] }) {
  const marked = new Map(findings.map((f) => [f.line, f]));
  return (
    <div className={`card ${css.source}`} tabIndex={0} role="region" aria-label="Source of the procedure">
      <ol>
        {text.replace(/\n$/, "").split("\n").map((line, k) => {
          const f = marked.get(k + 1);
          return <li key={k} id={`L${k + 1}`} className={f ? css.marked : undefined} title={f?.message}><code>{line || " "}</code></li>;
        })}
      </ol>
    </div>
  );
}
