// Customer health: who uses the product unlike before, and whose regular health
// check is due. Nothing here pages; it is where a conversation begins.
import { Button, Drawer, NumberInput, SegmentedControl, Slider, Textarea } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { newKey } from "../api/client";
import { around, writeHealthCheck } from "../api/around";
import type { HealthCheck, NewHealthCheck, UsagePoint, UsageWarning } from "../api/outside";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { present } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { useFilters } from "../ui/filters";
import { useNames } from "../ui/people";
import { Card, Chip, Empty, PageHead, Reading, Time, type ChipColour } from "../ui/pieces";
import { capital, count, inText, listing, plain } from "../ui/words";
import { Spark } from "./pieces";
import { customersVerdict, dueFirst } from "./states";
import css from "./health.module.css";

const states: Record<HealthCheck["state"], { word: string; colour?: ChipColour }> = { overdue: { word: "late", colour: "red" }, asked: { word: "due", colour: "amber" }, planned: { word: "planned" }, done: { word: "made", colour: "green" } };
const shown = { now: "Due", planned: "Planned" };
const some = 40;

/** The words of a warning where its customer is named beside them. */
const said = (w: UsageWarning, name: string) => capital(w.text.startsWith(`${name}: `) ? w.text.slice(name.length + 2) : w.text).replace(/([^.])$/, "$1.");
const change = (w: UsageWarning) => `${w.change > 0 ? "+" : "−"}${Math.round(Math.abs(w.change) * 100)} %`;
const link = (customer: string | undefined) => ((old: object) => ({ ...old, customer })) as never;

export function HealthScreen() {
  const search = useSearch({ from: "/app/customers/health" });
  const set = useFilters();
  const narrow = useMediaQuery("(max-width: 1000px)", false, { getInitialValueInEffect: false });
  const warnings = useQuery(around.warnings());
  const checks = useQuery(around.healthChecks());
  const known = useQuery(around.customerNames()).data;
  const role = useMe()?.role;
  const may = role === "admin" || role === "responder";
  const name = (id: string) => known?.get(id) ?? id;
  useEffect(() => {
    document.title = "Customer health · Allclear";
  }, []);
  const due = search.due === "planned" ? "planned" : "now";
  const chosen = search.customer;
  const asked = checks.data?.some((c) => c.customer === chosen) ?? false;
  useCommands(may && chosen && asked ? [{ id: "record-health", label: `Write down a health check of ${name(chosen)}`, group: "Customer health", keys: "a", run: () => set({ record: chosen }) }] : []);
  const detail = chosen && <Customer key={chosen} id={chosen} name={name(chosen)} onRecord={may && asked ? () => set({ record: chosen }) : undefined} />;
  return (
    <>
      <PageHead title="Customer health" lead={warnings.data && checks.data ? customersVerdict(warnings.data, checks.data, name) : undefined} />
      {search.record && may && <Record key={search.record} id={search.record} name={name(search.record)} onClose={() => set({ record: undefined })} />}
      <div className={css.split}>
        <div className="stack">
          <Card title="Early warnings" id="warnings" className={css.card}>
            <Reading query={warnings} rows={2}>
              {(list) => list.length === 0
                ? <Empty title="Nobody uses the product unlike before.">Usage is pushed by the hour and set against the same hour of the eight weeks before. A warning tells the account manager; by itself it never pages.</Empty>
                : <ul className={css.list}>{list.map((w) => <Warned key={w.id} w={w} name={name(w.customer)} chosen={chosen === w.customer} />)}</ul>}
            </Reading>
          </Card>
          <Card title="Health checks" id="checks" className={css.card}
            aside={<SegmentedControl size="xs" aria-label="Which health checks" value={due} onChange={(v) => set({ due: v === "now" ? undefined : v })} data={Object.entries(shown).map(([value, label]) => ({ value, label }))} />}>
            <Reading query={checks} rows={3}>
              {(all) => <Due list={dueFirst(all.filter((c) => (due === "planned" ? c.state === "planned" : c.state === "asked" || c.state === "overdue")))} due={due} any={all.length > 0} name={name} chosen={chosen} onRecord={may ? (id) => set({ record: id }) : undefined} />}
            </Reading>
          </Card>
        </div>
        {!narrow && <aside className={css.detail} aria-label="The customer chosen">{detail ? <div className="card">{detail}</div> : <div className="card"><Empty title="Choose a customer.">Its usage, its warnings and its health checks stand here. j and k move, Enter opens.</Empty></div>}</aside>}
      </div>
      {narrow && <Drawer opened={!!chosen && !search.record} onClose={() => set({ customer: undefined })} position="bottom" size="85%" title="Customer">{detail}</Drawer>}
    </>
  );
}

function Warned({ w, name, chosen }: { w: UsageWarning; name: string; chosen: boolean }) {
  const person = useNames();
  return (
    <li>
      <Link to="." search={link(w.customer)} replace className={css.row} data-row aria-current={chosen || undefined}>
        <span className="grow"><b>{name}</b><small>{said(w, name)}{w.told.length > 0 ? ` ${listing(w.told.map(person))} ${w.told.length === 1 ? "has" : "have"} been told.` : ""}</small></span>
        <span className={css.side}><Chip colour={w.kind === "drop" ? "amber" : "accent"}>{inText(w.metric)} {change(w)}</Chip><small><Time at={w.since} prefix="since " /></small></span>
      </Link>
    </li>
  );
}

function Due({ list, due, any, name, chosen, onRecord }: { list: HealthCheck[]; due: string; any: boolean; name: (id: string) => string; chosen: string | undefined; onRecord?: (customer: string) => void }) {
  const [most, setMost] = useState(some);
  if (list.length === 0) return <Empty title={due === "planned" ? "None is planned." : "None is due."}>{any ? "The next are under Planned." : "The procedure asks for none: see health_checks there. Once it does, each enterprise account has its turn here."}</Empty>;
  return (
    <>
      <ul className={css.list}>
        {list.slice(0, most).map((c) => (
          <li key={c.id} className={css.line}>
            <Link to="." search={link(c.customer)} replace className={css.row} data-row aria-current={chosen === c.customer || undefined}>
              <span className="grow"><b>{name(c.customer)}</b></span>
              <span className={css.side}><Chip colour={states[c.state].colour}>{states[c.state].word}</Chip><small>{c.state === "planned" ? <Time at={c.due_at} /> : <Time at={c.due_at} prefix="due " how="ago" />}</small></span>
            </Link>
            {onRecord && <Button size="xs" onClick={() => onRecord(c.customer)} aria-label={`Write down a health check of ${name(c.customer)}`}>Write down</Button>}
          </li>
        ))}
      </ul>
      {list.length > most && <div className={css.more}><Button size="xs" onClick={() => setMost(most + 100)}>Show more of {list.length.toLocaleString("en-GB")}</Button></div>}
    </>
  );
}

const day = 86_400_000;

function Customer({ id, name, onRecord }: { id: string; name: string; onRecord?: () => void }) {
  const usage = useQuery(around.usage(id));
  const warnings = useQuery(around.warnings(id)).data ?? [];
  const checks = useQuery(around.healthChecks(id));
  const person = useNames();
  const metrics = [...new Set((usage.data ?? []).map((p) => p.metric))];
  const standing = new Set(warnings.filter((w) => !w.ended_at).map((w) => w.metric));
  return (
    <section aria-label={name}>
      <div className={css.head}><h2>{name}</h2>{onRecord && <Button size="xs" onClick={onRecord} rightSection={<kbd className="desk">a</kbd>}>Write down</Button>}</div>
      <p className="small"><Link to="/customers" search={{ find: id }} className="link">Go to the customer</Link></p>
      <h3 className={css.sub}>Usage, last seven days</h3>
      <Reading query={usage} rows={2}>
        {() => metrics.length === 0 ? <p className="muted">None has been pushed. <span className="mono">POST /customers/{id}/usage</span> takes it by the hour.</p> : (
          <ul className={css.usage}>{[...metrics].sort((a, b) => Number(standing.has(b)) - Number(standing.has(a))).map((m) => <Used key={m} metric={m} points={(usage.data ?? []).filter((p) => p.metric === m)} bad={standing.has(m)} />)}</ul>
        )}
      </Reading>
      {warnings.length > 0 && (
        <>
          <h3 className={css.sub}>Warnings</h3>
          <ul className="lines">{warnings.slice(0, 6).map((w) => <li key={w.id}>{said(w, name)} <small className="muted"><Time at={w.since} />{w.ended_at ? <Time at={w.ended_at} prefix=" to " /> : ", stands"}</small></li>)}</ul>
        </>
      )}
      <h3 className={css.sub}>Health checks</h3>
      <Reading query={checks} rows={2}>
        {(list) => list.length === 0 ? <p className="muted">The procedure asks for none.</p> : (
          <ul className="lines">
            {list.slice(0, 8).map((c) => (
              <li key={c.id}>
                {c.result
                  ? <><Chip colour={tone(c.result)}>{c.result.score} of 100</Chip> usage {c.result.usage}, mood {c.result.sentiment}, {c.result.open_issues === 0 ? "no open issue" : count(c.result.open_issues, "open issue")} <small className="muted"><Time at={c.done_at} /> by {person(c.done_by)}</small>{c.result.notes && <p className={css.notes}>{c.result.notes}</p>}</>
                  : <><Chip colour={states[c.state].colour}>{states[c.state].word}</Chip> <Time at={c.due_at} prefix="for " />{c.told.length > 0 ? <span className="muted">, {listing(c.told.map(person))} {c.told.length === 1 ? "has" : "have"} been told</span> : ""}</>}
              </li>
            ))}
          </ul>
        )}
      </Reading>
    </section>
  );
}

const tone = (r: NewHealthCheck): ChipColour => (r.score < 50 || r.sentiment === "poor" ? "red" : r.score < 75 ? "amber" : "green");

function Used({ metric, points, bad }: { metric: string; points: UsagePoint[]; bad: boolean }) {
  const until = present();
  const from = until - 7 * day;
  const list = points.map((p) => ({ ...p, t: Date.parse(p.hour) })).filter((p) => p.t >= from).sort((a, b) => a.t - b.t);
  const last = list.at(-1);
  if (!last) return null;
  const figure = (n: number) => n.toLocaleString("en-GB", { maximumFractionDigits: n < 10 ? 1 : 0 });
  return (
    <li>
      <div className={css.usehead}><b>{plain(metric)}</b><span className={bad ? css.bad : "muted"}>{figure(last.value)}{last.usual !== undefined ? `, usual ${figure(last.usual)}` : ""}</span></div>
      <Spark label={`${plain(metric)} by the hour: last ${figure(last.value)}${last.usual !== undefined ? `, usual ${figure(last.usual)}` : ""}`} dots={list.map((p) => ({ t: p.t, v: p.value }))} usual={list.flatMap((p) => (p.usual === undefined ? [] : [{ t: p.t, v: p.usual }]))} from={from} until={until} gap={3 * 3_600_000} width={380} height={56} bad={bad} />
      <details className="small"><summary className="muted">The last hours as a table</summary>
        <table className="list"><thead><tr><th>Hour</th><th className="num">Value</th><th className="num">Usual</th></tr></thead><tbody>{list.slice(-12).reverse().map((p) => <tr key={p.hour}><td><Time at={p.hour} /></td><td className="num">{figure(p.value)}</td><td className="num">{p.usual === undefined ? "–" : figure(p.usual)}</td></tr>)}</tbody></table>
      </details>
    </li>
  );
}

const usages: NewHealthCheck["usage"][] = ["growing", "steady", "falling"];
const moods: NewHealthCheck["sentiment"][] = ["good", "mixed", "poor"];
const choices = (all: string[]) => all.map((value) => ({ value, label: capital(value) }));

function Record({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const client = useQueryClient();
  const [intent] = useState(newKey);
  const [usage, setUsage] = useState<NewHealthCheck["usage"]>("steady");
  const [sentiment, setSentiment] = useState<NewHealthCheck["sentiment"]>("good");
  const [issues, setIssues] = useState<number | string>(0);
  const [score, setScore] = useState(80);
  const [notes, setNotes, clear] = useDraft(`health-${id}`);
  return (
    <Dialog title={`How is ${name}?`} verb="Write it down" onClose={onClose} ready={issues !== ""} onSubmit={async () => {
      await writeHealthCheck(id, { usage, sentiment, open_issues: Number(issues), score, ...(notes.trim() ? { notes: notes.trim() } : {}) }, intent);
      clear();
      notifications.show({ message: `The health check of ${name} is written down; the next is planned.` });
      await client.invalidateQueries({ queryKey: ["healthchecks"] });
    }}>
      <fieldset className="plain"><legend>Its use of the product is</legend><SegmentedControl fullWidth aria-label="Usage" value={usage} onChange={(v) => setUsage(v as typeof usage)} data={choices(usages)} /></fieldset>
      <fieldset className="plain"><legend>Its mood is</legend><SegmentedControl fullWidth aria-label="Mood" value={sentiment} onChange={(v) => setSentiment(v as typeof sentiment)} data={choices(moods)} /></fieldset>
      <div className={css.score}><b id="score">Health, {score} of 100</b><Slider thumbLabel="Health of 100" min={0} max={100} step={5} value={score} onChange={setScore} label={null} color="dark" /></div>
      <NumberInput label="Open issues" min={0} max={10000} allowDecimal={false} value={issues} onChange={setIssues} />
      <Textarea label="Notes" placeholder="Asked for exports by the hour; renewal in May" autosize minRows={2} maxLength={4000} data-autofocus value={notes} onChange={(e) => setNotes(e.currentTarget.value)} />
    </Dialog>
  );
}
