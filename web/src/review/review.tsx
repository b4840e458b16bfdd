// The review of an incident: what happened, what it meant, why, what follows, and
// what is missing before it is signed off.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { amount } from "../credits/words";
import { base, Problem } from "../api/client";
import { numberOf } from "../api/queries";
import { looking, reviewing, type Review } from "../api/review";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { useFilters } from "../ui/filters";
import { Card, Chip, Empty, PageHead, Reading, Sev, Time } from "../ui/pieces";
import { ClockTable } from "../command/strip";
import { capital, count } from "../ui/words";
import { ActDialog, AgendaDialog, CauseDialog, FactorsDialog, FollowUpDialog, GuestDialog, LessonsDialog, MeetingDialog, NewActionDialog, RatingDialog, TextDialog, useKeep } from "./acts";
import { ActionRow } from "./reviews";
import { dollars, figure, lasted, lead, mood, reviewStates, verdicts } from "./words";
import css from "./review.module.css";

export function ReviewScreen() {
  const { ref } = useParams({ from: "/app/incidents/$ref/review" });
  const n = numberOf(ref);
  const query = useQuery(looking.review(n));
  const keep = useKeep(n);
  const role = useMe()?.role;
  useEffect(() => {
    document.title = `Review of INC-${n} · Allclear`;
  }, [n]);
  if (query.error instanceof Problem && query.error.status === 404)
    return (
      <>
        <PageHead title={`Review of INC-${n}`} />
        <div className="card"><Empty title="There is no review.">It opens by itself when a declared P1 or P2 is resolved. <Link to="/incidents/$ref" params={{ ref }} className="link">Back to the incident</Link></Empty>
          {(role === "admin" || role === "responder") && <Button onClick={() => void keep(reviewing.open(n)).catch((e: unknown) => notifications.show({ color: "red", message: e instanceof Error ? e.message : "That did not work." }))}>Open a review</Button>}
        </div>
      </>
    );
  return <Reading query={query} rows={7}>{(r) => <Whole r={r} n={n} />}</Reading>;
}

function Whole({ r, n }: { r: Review; n: number }) {
  const search = useSearch({ from: "/app/incidents/$ref/review" });
  const set = useFilters();
  const me = useMe();
  const may = (me?.role === "admin" || me?.role === "responder") && r.state !== "signed_off";
  const ask = (what: string) => set({ ask: what });
  const close = () => set({ ask: undefined });
  const keep = useKeep(n);
  const state = reviewStates[r.state];
  const clocks = (r.communication.clocks ?? []).filter((c) => c.state !== "waived");
  const waived = (r.communication.clocks ?? []).length - clocks.length;
  const sign = () => void keep(reviewing.add(n, "sign-off", {})).then(() => notifications.show({ message: "Signed off." }), (e: unknown) => notifications.show({ color: "red", message: e instanceof Error ? e.message : "That did not work." }));
  useCommands([
    ...(may ? ([["cause", "Write down the root cause", "c"], ["factors", "Add a contributing factor", "f"], ["action", "New action item", "a"], ["meeting", "Set the meeting", "m"]] as const).map(([id, label, keys]) => ({ id: `review-${id}`, label, group: "Review", keys, run: () => ask(id) })) : []),
    ...(r.state === "ready" && may ? [{ id: "review-sign", label: "Sign the review off", group: "Review", keys: "s", run: sign }] : []),
  ]);
  const edit = (what: string, label: string) => may && <Button size="xs" onClick={() => ask(what)}>{label}</Button>;
  return (
    <>
      <PageHead title={<><Sev severity={r.highest_severity} /> Review of {r.incident}</>} lead={lead(r)}
        actions={<><Button component={Link} to="/incidents/$ref" {...({ params: { ref: r.incident } } as object)}>The incident</Button>{r.state === "ready" && may && <Button variant="filled" onClick={sign} rightSection={<kbd className="desk">s</kbd>}>Sign off</Button>}</>} />
      <div className={css.grid}>
        <div className="stack">
          <Card title="Timeline" id="timeline" aside={<small className="muted">{count(r.timeline.entries, "entry", "entries")}</small>}>
            {(r.timeline.gaps ?? []).length === 0 ? <p>No gap of more than 15 minutes.</p> : <><p><b>{count((r.timeline.gaps ?? []).length, "gap")}</b> in which nothing was written down:</p><ul className={css.list}>{(r.timeline.gaps ?? []).map((g) => <li key={g.from}><Time at={g.from} /> to <Time at={g.until} /></li>)}</ul></>}
            {r.timeline.checked_by && <p className="muted">Complete, says {r.timeline.checked_by.name}. {r.timeline.note}</p>}
            <div className={css.edit}><Link to="/incidents/$ref" params={{ ref: r.incident }} className="link">Read it, or add to it</Link>{edit("timeline", "It is complete")}</div>
          </Card>
          <Impact r={r} edit={edit} />
          <Card title="Root cause" id="cause" aside={r.cause ? r.cause.preliminary ? <Chip colour="amber">preliminary</Chip> : <Chip colour="green">validated</Chip> : undefined}>
            {r.cause ? <><p>{r.cause.text}</p><p className="muted small">{capital(r.cause.category.replace("_", " "))}{r.cause.method ? `; validated: ${r.cause.method}` : ""}</p></> : <p className="muted">Not named yet.</p>}
            {edit("cause", r.cause ? "Change or validate" : "Name it")}
          </Card>
          <Card title="Contributing factors" id="factors">
            {(r.factors ?? []).length > 0 ? <ul className={css.list}>{(r.factors ?? []).map((f, k) => <li key={k}><Chip>{f.sort}</Chip> {f.text}</li>)}</ul> : <p className="muted">{r.no_factors ? `None: ${r.no_factors}` : "Not named yet."}</p>}
            {edit("factors", "Add one")}
          </Card>
          <Card title="Decisions" id="decisions">
            {(r.decisions ?? []).length === 0 ? <p className="muted">None is written down.</p> : <ul className={css.list}>{(r.decisions ?? []).map((d, k) => <li key={k}><b>{d.what}</b> {d.rationale ? <span className="muted">because {d.rationale}</span> : <Chip colour="red">no reason</Chip>} <small className="muted">{d.by} <Time at={d.at} /></small></li>)}</ul>}
          </Card>
          <Card title="Communication" id="communication" aside={<small className="muted">{r.communication.met} kept, {r.communication.missed} missed</small>}>
            <div className={css.scroll} tabIndex={0} role="region" aria-label="Clocks of the incident"><ClockTable list={clocks as never} /></div>
            {waived > 0 && <p className="muted small">{count(waived, "clock")} no longer needed.</p>}
            {r.communication.rating ? <p>{r.communication.rating} of 5. {r.communication.text}</p> : null}
            {edit("communication", "Judge it")}
          </Card>
          <People r={r} />
          <Card title="Lessons and feedback" id="lessons">
            <Lines title="Learned" list={r.lessons} /><Lines title="Went well" list={r.went_well} />
            {(r.feedback ?? []).length > 0 && <ul className={css.list} aria-label="Feedback">{(r.feedback ?? []).map((f) => <li key={f.from.id}><b>{f.from.name}</b>{f.rating ? ` ${f.rating} of 5.` : ""} {f.went_well} {f.to_improve && <span className="muted">To improve: {f.to_improve}</span>}</li>)}</ul>}
            <div className={css.edit}>{edit("lessons", "Write lessons")}{r.state !== "signed_off" && me?.role !== "auditor" && <Button size="xs" onClick={() => ask("feedback")}>Give feedback</Button>}</div>
          </Card>
          <Card title="Action items" id="actions" aside={<small className="muted">{count((r.actions ?? []).length, "item")}</small>}>
            {(r.actions ?? []).length === 0 ? <p className="muted">{r.no_actions ? `None: ${r.no_actions}` : "None yet."}</p> : <ul className={css.list}>{(r.actions ?? []).map((a) => <ActionRow key={a.id} a={a} open={() => ask(`item:${a.id}`)} />)}</ul>}
            {edit("action", "New action item")}
          </Card>
          <Card title="Recommendations for the process" id="recommendations">
            {(r.recommendations ?? []).length === 0 ? <p className="muted">None yet.</p> : <ul className={css.list}>{(r.recommendations ?? []).map((x) => <li key={x.id} className={css.line}><span className="grow">{x.text}</span>{x.action ? <Chip colour="green">an action item</Chip> : edit(`idea:${x.id}`, "Make an action item")}</li>)}</ul>}
            {edit("recommend", "Recommend something")}
          </Card>
        </div>
        <div className={`stack ${css.side}`}>
          <Card title="Sign-off" id="sign-off" aside={<Chip colour={state.colour}>{state.word}</Chip>}>
            {r.signed_by ? <p>Signed off by {r.signed_by.name} <Time at={r.signed_at} />.</p> : (r.missing ?? []).length === 0 ? <p>Nothing is missing.</p> : <ul className={css.list} aria-label="What is missing">{(r.missing ?? []).map((m, k) => <li key={k} className="small">{capital(m.what)}</li>)}</ul>}
            <p className="muted small">{r.owner ? `${r.owner.name} owns the review.` : "Nobody owns the review."}</p>
          </Card>
          <Meeting r={r} edit={edit} />
          <Card title="Agenda" id="agenda">
            <ol className={css.list}>{(r.agenda ?? []).map((a, k) => <li key={a.id}><div className={css.line}><span className="grow">{k + 1}. {a.title}</span>{a.notes || a.decided ? <Chip colour="green">{a.minutes ? `${a.minutes} min` : "done"}</Chip> : null}{edit(`agenda:${a.id}`, a.notes || a.decided ? "Change" : "Minute")}</div>{a.decided && <p className="small">Decided: {a.decided}</p>}</li>)}</ol>
          </Card>
        </div>
      </div>
      {search.ask && <Asked what={search.ask} r={r} n={n} onClose={close} />}
    </>
  );
}

function Asked({ what, r, n, onClose }: { what: string; r: Review; n: number; onClose: () => void }) {
  const p = { r, n, onClose };
  const [kind, id = ""] = what.split(":", 2);
  const item = (r.actions ?? []).find((a) => a.id === id);
  const idea = (r.recommendations ?? []).find((x) => x.id === id);
  switch (kind) {
    case "cause": return <CauseDialog {...p} />;
    case "factors": return <FactorsDialog {...p} />;
    case "communication": return <RatingDialog {...p} />;
    case "feedback": return <RatingDialog {...p} feedback />;
    case "lessons": return <LessonsDialog {...p} />;
    case "meeting": return <MeetingDialog {...p} />;
    case "held": return <MeetingDialog {...p} held />;
    case "follow-up": return <FollowUpDialog {...p} />;
    case "guest": return <GuestDialog {...p} />;
    case "action": return <NewActionDialog {...p} />;
    case "idea": return idea ? <NewActionDialog {...p} from={idea} /> : null;
    case "item": return item ? <ActDialog a={item} onClose={onClose} /> : null;
    case "agenda": return <AgendaDialog {...p} id={id} />;
    case "recommend": return <TextDialog {...p} title="Recommendation for the process" label="What should change" add="recommendations" />;
    case "timeline": return <TextDialog {...p} title="The timeline is complete" label="About the gaps" description={(r.timeline.gaps ?? []).length > 0 ? "There are gaps: say why nothing was written down." : undefined} put="timeline" optional={(r.timeline.gaps ?? []).length === 0} />;
    case "impact": return <TextDialog {...p} title={`Impact: ${id}`} label="What it was" was={r.impact.assessments[id]?.text} put={`impact/${id}`} />;
    default: return null;
  }
}

/** How many accounts are drawn; those that pay most come first. */
const shownAccounts = 12;

type Edit = (what: string, label: string) => ReactNode;

function Impact({ r, edit }: { r: Review; edit: Edit }) {
  const i = r.impact;
  const accounts = (i.accounts ?? []).toSorted((a, b) => (b.revenue_at_risk_usd ?? 0) - (a.revenue_at_risk_usd ?? 0));
  const said = (part: string) => i.assessments[part]?.text;
  return (
    <Card title="Impact" id="impact" aside={<small className="muted">{lasted(i.minutes)}{i.revenue_at_risk_usd ? `, ${dollars(i.revenue_at_risk_usd)} at risk` : ""}</small>}>
      {accounts.length > 0 && (
        <div className={css.scroll} tabIndex={0} role="region" aria-label="Affected accounts">
          <table className="list">
            <thead><tr><th scope="col">Account</th><th scope="col">Region</th><th scope="col" className={css.num}>Minutes</th><th scope="col" className={css.num}>Of the month's allowance</th><th scope="col" className={css.num}>At risk</th></tr></thead>
            <tbody>{accounts.slice(0, shownAccounts).map((a) => <tr key={a.id}><td>{a.name} {a.vip && <Chip colour="accent">VIP</Chip>}</td><td>{a.region}</td><td className={css.num}>{Math.round(a.minutes)}</td><td className={css.num}>{a.allowed_share ? `${Math.round(a.allowed_share * 100)} %` : "none promised"}</td><td className={css.num}>{dollars(a.revenue_at_risk_usd ?? 0)}</td></tr>)}</tbody>
          </table>
        </div>
      )}
      {accounts.length > shownAccounts && <p className="muted small">and {count(accounts.length - shownAccounts, "account")} more, in the API.</p>}
      <p className="muted small">At risk is yearly revenue for the time of the incident. Credits and costs stand in the ledger.</p>
      {(i.metrics ?? []).length > 0 && (
        <div className={css.scroll} tabIndex={0} role="region" aria-label="Metrics before, during and after">
          <table className="list">
            <thead><tr><th scope="col">Metric</th><th scope="col" className={css.num}>Before</th><th scope="col" className={css.num}>During, mean</th><th scope="col" className={css.num}>Worst</th><th scope="col" className={css.num}>After</th><th scope="col">Verdict</th></tr></thead>
            <tbody>{(i.metrics ?? []).map((m, k) => <tr key={k}><td>{m.name}</td><td className={css.num}>{m.before.known ? figure(m.before.mean) : "?"}</td><td className={css.num}>{m.during.known ? figure(m.during.mean) : "?"}</td><td className={css.num}>{m.during.known ? figure(m.during.peak) : "?"}</td><td className={css.num}>{m.after.known ? figure(m.after.mean) : "?"}</td><td><Chip colour={verdicts[m.verdict]?.colour}>{verdicts[m.verdict]?.word}</Chip></td></tr>)}</tbody>
          </table>
        </div>
      )}
      <dl className={css.facts}>
        <dt>How people spoke</dt><dd>before {mood(i.mood.before)}; during {mood(i.mood.during)}; after {mood(i.mood.after)}</dd>
        {["customers", "financial", "technical", "reputation"].map((p) => said(p) ? <Said key={p} part={p} text={said(p) ?? ""} /> : null)}
      </dl>
      {i.accounts && <p>{(i.costs ?? []).map((c) => `Credits ${amount(c.credits_cents, c.currency)}, other costs ${amount(c.manual_cents, c.currency)}. `)}{i.total_usd ? `${dollars(i.total_usd)} in all. ` : ""}<Link to="/incidents/$ref/ledger" params={{ ref: r.incident }} className="link">The ledger</Link></p>}
      <div className={css.edit}>{["customers", "financial", "technical", "reputation"].map((p) => <span key={p}>{edit(`impact:${p}`, `${said(p) ? "Change" : "Assess"} ${p}`)}</span>)}</div>
    </Card>
  );
}

function Said({ part, text }: { part: string; text: string }) {
  return <><dt>{capital(part)}</dt><dd>{text}</dd></>;
}

function Lines({ title, list }: { title: string; list: { text: string }[] | null | undefined }) {
  if (!list || list.length === 0) return null;
  return <ul className={css.list} aria-label={title}>{list.map((l) => <li key={l.text}>{l.text} <small className="muted">{title.toLowerCase()}</small></li>)}</ul>;
}

function People({ r }: { r: Review }) {
  return (
    <Card title="People" id="people">
      <div className={css.scroll} tabIndex={0} role="region" aria-label="Who was paged and who worked on it">
        <table className="list">
          <thead><tr><th scope="col">Person</th><th scope="col" className={css.num}>Pages</th><th scope="col" className={css.num}>Answered</th><th scope="col" className={css.num}>Slowest answer</th><th scope="col" className={css.num}>Worked</th></tr></thead>
          <tbody>{(r.team ?? []).map((e) => <tr key={e.person.id}><td>{e.person.name}{(e.roles ?? []).length > 0 && <small className="muted"> {(e.roles ?? []).map((x) => x.replaceAll("_", " ")).join(", ")}</small>}</td><td className={css.num}>{e.pages}</td><td className={css.num}>{e.answered}</td><td className={css.num}>{e.slowest_seconds ? `${Math.round(e.slowest_seconds / 6) / 10} min` : ""}</td><td className={css.num}>{e.worked_seconds ? lasted(e.worked_seconds / 60) : ""}</td></tr>)}</tbody>
        </table>
      </div>
    </Card>
  );
}

function Meeting({ r, edit }: { r: Review; edit: Edit }) {
  const m = r.meeting;
  return (
    <Card title="Formal review" id="meeting" aside={m.held_at ? <Chip colour="green">held</Chip> : undefined}>
      <dl className={css.facts}>
        <dt>{m.held_at ? "Held" : "Begins"}</dt><dd><Time at={m.held_at ?? m.start} /></dd>
        {!m.held_at && m.window_from && <><dt>Window</dt><dd><Time at={m.window_from} /> to <Time at={m.window_until} /></dd></>}
        {(m.reason || m.exception) && <><dt>Why then</dt><dd>{m.reason || m.exception}</dd></>}
        <dt>Invited</dt><dd>{m.invited_at ? <Time at={m.invited_at} how="ago" /> : "not yet"}</dd>
        {r.follow_up && <><dt>Follow-up</dt><dd><Time at={r.follow_up.at} />, {r.follow_up.owner.name}</dd></>}
      </dl>
      <ul className={css.list} aria-label="Who is asked">{(r.participants ?? []).filter((p) => !p.left_out).map((p) => <li key={p.person.id} className="small">{p.person.name} <span className="muted">{(p.as ?? []).join(", ")}</span></li>)}{(r.guests ?? []).map((g) => <li key={g.email} className="small">{g.name} <span className="muted">guest{g.of ? ` of ${g.of}` : ""}</span></li>)}</ul>
      {(r.vendors ?? []).filter((v) => v.involved && !v.invited).map((v) => <p key={v.id} className="small">{v.name} was in trouble: ask somebody of them.</p>)}
      <div className={css.edit}>{!m.held_at && edit("meeting", "Set the time")}{!m.held_at && edit("held", "It was held")}{edit("follow-up", "Follow-up")}{!m.held_at && edit("guest", "Ask a guest")}<a className="link" href={`${base}/incidents/${r.incident}/review/calendar`} download>Calendar file</a></div>
    </Card>
  );
}
