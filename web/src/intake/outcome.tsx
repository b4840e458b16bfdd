// What the intake would make of a payload: alerts, changes and tickets, what was
// left out, and what is wrong.
import type { MappedSignal, Trial } from "../api/sources";
import { Card, Chip, Time } from "../ui/pieces";
import { count } from "../ui/words";
import css from "./ways.module.css";

export function Outcome({ data: t, error, stale = false, waits }: { data: Trial | undefined; error: unknown; stale?: boolean; waits: string }) {
  return (
    <section className={css.result} aria-label="Result" aria-live="polite">
      <Card title="What the intake would take" id="result" aside={t ? total(t) : undefined}>
        {!t ? <p className="muted">{error ? "Nothing yet: put the left side right first." : waits}</p> : (
          <div className="stack" style={stale ? { opacity: 0.45 } : undefined}>
            {t.problem && <Refused t={t} />}
            {t.signals.length + t.changes.length + t.tickets.length === 0 && !t.problem && <p className="muted">No event comes out of this payload.</p>}
            {t.signals.slice(0, 20).map((s, n) => <Signal key={n} s={s} />)}
            {t.signals.length > 20 && <p className="muted">And {count(t.signals.length - 20, "more event")}.</p>}
            {t.changes.slice(0, 20).map((c, n) => <div key={n} className={css.signal}><p className="row wrap"><Chip colour="accent">change</Chip><b>{c.summary}</b></p>{c.origin && <dl><div><dt>From</dt><dd>{c.origin}</dd></div></dl>}</div>)}
            {t.tickets.slice(0, 20).map((k, n) => <div key={n} className={css.signal}><p className="row wrap"><Chip colour="amber">ticket {k.external_id}</Chip><b>{k.subject || "no subject"}</b></p><dl>{k.name && <div><dt>Written by</dt><dd>{k.name}</dd></div>}{k.priority && <div><dt>Priority</dt><dd>{k.priority}</dd></div>}</dl></div>)}
            {t.skipped > 0 && <p><Chip>{count(t.skipped, "item")} left out</Chip> <span className="muted">by the expression when.</span></p>}
            {t.notes.length > 0 && <div><b>Worth a look</b><Notes list={t.notes} /></div>}
          </div>
        )}
      </Card>
    </section>
  );
}

function total(t: Trial): string {
  const n = [t.signals.length && count(t.signals.length, "event"), t.changes.length && count(t.changes.length, "change"), t.tickets.length && count(t.tickets.length, "ticket")].filter(Boolean);
  return n.join(", ") || "nothing";
}

function Refused({ t }: { t: Trial }) {
  return <div className="wrong"><b>Refused: {t.problem}</b>{t.refused.length > 0 && <Notes list={t.refused} />}</div>;
}

function Notes({ list }: { list: { where?: string; what: string }[] }) {
  return <ul className="bullets">{list.map((x, n) => <li key={n}>{x.where ? <span className="mono">{x.where.replace(/^\//, "")}</span> : null} {x.what}</li>)}</ul>;
}

function Signal({ s }: { s: MappedSignal }) {
  const facts = ([["Key", s.dedup_key], ["Host", s.origin], ["Component", s.component], ["Group", s.group], ["Class", s.class], ["Link", s.links?.[0]?.href]] as const).filter(([, v]) => v);
  return (
    <div className={css.signal}>
      <p className="row wrap"><Chip colour={s.action === "resolve" ? "green" : s.action === "trigger" ? "red" : "accent"}>{s.action}</Chip><Chip>{s.severity || "severity unknown"}</Chip><b>{s.summary || "no summary"}</b></p>
      <dl>{facts.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}{s.started_at && <div><dt>Began</dt><dd><Time at={s.started_at} /></dd></div>}</dl>
    </div>
  );
}
