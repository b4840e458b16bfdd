// One memo: why this amount, whose word it needs, and where it is.
import { Button, CopyButton, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { crediting, money, type MemoDetail } from "../api/credits";
import { useCommands, type Command } from "../app/commands";
import { useMe } from "../app/me";
import { useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useFilters } from "../ui/filters";
import { Card, Chip, PageHead, Reading, Time } from "../ui/pieces";
import { exact } from "../ui/time";
import { useBack } from "./credits";
import { amount, impacts, monthName, needs, percent, span, states, types, why } from "./words";
import css from "./credits.module.css";

type What = "approve" | "sign" | "void" | "recompute" | "send" | "booked";

/** What can be done to a memo now, by whom. */
function acts(m: MemoDetail, role: string | undefined): { what: What; verb: string; keys: string }[] {
  const may = role === "admin" || role === "responder";
  const standing = m.state === "calculated" || m.state === "pending";
  const out: { what: What; verb: string; keys: string }[] = [];
  if (m.may_approve) out.push({ what: "approve", verb: "Approve…", keys: "y" });
  if (m.may_sign) out.push({ what: "sign", verb: "Sign off for Legal…", keys: "s" });
  if (may && m.state === "processed") out.push({ what: "booked", verb: "Booked by hand…", keys: "b" }, { what: "send", verb: "Send again…", keys: "e" });
  if (may && m.type !== "goodwill" && (standing || m.state === "void")) out.push({ what: "recompute", verb: "Recompute…", keys: "r" });
  if (standing && (may || m.may_approve || m.may_sign)) out.push({ what: "void", verb: "Void…", keys: "x" });
  return out;
}

export function MemoScreen() {
  const { id } = useParams({ from: "/app/credits/$id" });
  const search = useSearch({ from: "/app/credits/$id" });
  const set = useFilters();
  const query = useQuery(money.memo(id));
  const m = query.data;
  const role = useMe()?.role;
  const can = m ? acts(m, role) : [];
  useEffect(() => {
    document.title = `${m ? `${m.customer_name}, ${monthName(m.month)}` : "Memo"} · Allclear`;
  }, [m]);
  useBack();
  useCommands(can.map((a): Command => ({ id: `credits.${a.what}`, label: a.verb.replace("…", ""), group: "This memo", keys: a.keys, run: () => void set({ ask: a.what }) })));
  const asked = can.find((a) => a.what === search.ask);
  return (
    <Reading query={query} rows={5}>
      {(memo) => (
        <>
          <PageHead title={memo.customer_name} lead={<>Service credit for {monthName(memo.month)}, {types[memo.type]}. <Link to="/credits" search={{}} className="link">All memos</Link></>}
            actions={can.map((a) => <Button key={a.what} variant={a.what === "approve" || a.what === "sign" ? "filled" : undefined} onClick={() => set({ ask: a.what })}>{a.verb}</Button>)} />
          <div className={css.grid}>
            <div className="stack">
              <Why m={memo} />
              <History m={memo} />
            </div>
            <div className={`stack ${css.side}`}>
              <Stands m={memo} />
              {memo.outreach_text && memo.state !== "void" && <Words m={memo} />}
            </div>
          </div>
          {asked && <ActDialog m={memo} what={asked.what} onClose={() => set({ ask: undefined })} />}
        </>
      )}
    </Reading>
  );
}

/** An instant in full: sums are followed with a pencil, also years later. */
function Instant({ at }: { at: string }) {
  const zone = useZone();
  return <time dateTime={at} style={{ whiteSpace: "nowrap" }}>{exact(Date.parse(at), zone)}</time>;
}

function Stands({ m }: { m: MemoDetail }) {
  const s = states[m.state];
  return (
    <Card title="Where it stands" id="stands" aside={<Chip colour={s.colour}>{s.word}</Chip>}>
      <p className={css.big}>{amount(m.amount_cents, m.currency)}</p>
      {why(m) && <p>{why(m)[0]?.toUpperCase()}{why(m).slice(1)}.</p>}
      {(m.words ?? []).length > 0 && (
        <ul className={css.words} aria-label="Whose word it needs">
          {m.words?.map((w) => <li key={w.need}><b>{w.need === "legal" ? "Legal" : "An executive"}</b>: {w.by ? <>{w.by}, <Time at={w.at} />{w.note && ` (${w.note})`}</> : <Chip colour="amber">missing</Chip>}<br /><span className="muted small">{w.why}</span></li>)}
        </ul>
      )}
      <dl className={css.facts}>
        <dt>Incidents</dt><dd>{(m.incidents ?? []).map((ref, k) => <span key={ref}>{k > 0 && ", "}<Link to="/incidents/$ref/ledger" params={{ ref }} className="link">{ref}</Link></span>)}</dd>
        {m.asked_by && <><dt>Asked by</dt><dd>{m.asked_by}</dd></>}
        {m.reference && <><dt>At billing</dt><dd>{m.reference}</dd></>}
        <dt>Key</dt><dd className="mono small">{m.idempotency_key}</dd>
      </dl>
    </Card>
  );
}

/** The sums, so that everybody can follow them with a pencil. */
function Why({ m }: { m: MemoDetail }) {
  const i = m.inputs;
  if (m.type === "goodwill" || !i?.formula) return <Card title="Why this amount" id="why"><p>No formula gives it. {m.asked_by} asked for it:</p><p className={css.text}>{m.reason}</p></Card>;
  const same = m.recomputed_cents === m.amount_cents && !m.recompute_error;
  const hits = i.hits ?? [];
  const lines = i.lines ?? [];
  return (
    <Card title="Why this amount" id="why" aside={same ? `formula ${i.formula}, recomputed: the same` : undefined}>
      {!same && <p role="alert"><Chip colour="red">does not recompute</Chip> {m.recompute_error ?? `The kept inputs give ${amount(m.recomputed_cents, m.currency)}.`}</p>}
      <p>{monthName(m.month)} in {i.time_zone} is {span(i.month_ms)} long. {percent(i.promise_percent)} were promised. {i.degradation_counts ? "Degradation counts, too." : "Only complete outages count."}</p>
      <div className={css.scroll} tabIndex={0} role="region" aria-label="What happened">
        <table>
          <thead><tr><th>Incident</th><th>What of it</th><th>From</th><th>Until</th><th>Agreed maintenance</th></tr></thead>
          <tbody>
            {hits.flatMap((h) => (h.spans ?? []).map((s, k) => (
              <tr key={`${h.incident} ${h.product} ${k}`}>
                <td>{h.incident}</td><td>{impacts[h.kind]}{h.product ? ` of ${h.product}` : ""}</td><td><Instant at={s.from} /></td><td><Instant at={s.until} /></td>
                <td>{(h.maintenance ?? []).length === 0 ? "none" : h.maintenance?.map((a, n) => <span key={a.from}>{n > 0 && ", "}<Instant at={a.from} /> to <Instant at={a.until} /></span>)}</td>
              </tr>
            )))}
          </tbody>
        </table>
      </div>
      <div className={css.scroll} tabIndex={0} role="region" aria-label="The sum">
        <table>
          <thead><tr><th>Fee for</th><th className={css.num}>Downtime</th><th className={css.num}>Available</th><th className={css.num}>Fee</th><th className={css.num}>Share</th><th className={css.num}>Credit</th></tr></thead>
          <tbody>{lines.map((l) => <tr key={l.product ?? ""}><td>{l.product ?? "everything"}</td><td className={css.num}>{span(l.down_ms)}</td><td className={css.num}>{percent(l.uptime_percent)}</td><td className={css.num}>{amount(l.fee_cents, m.currency)}</td><td className={css.num}>{percent(l.share_percent)}</td><td className={css.num}>{amount(l.credit_cents, m.currency)}</td></tr>)}</tbody>
          <tfoot>
            {i.capped && <tr><td colSpan={6}>Cut at {percent(i.schedule.cap_percent)} of the month’s fees</td></tr>}
            {(m.before_cents ?? 0) !== 0 && <tr><td colSpan={5}>Less what was settled before</td><td className={css.num}>{amount(-(m.before_cents ?? 0), m.currency)}</td></tr>}
            <tr><td colSpan={5}>Amount</td><td className={css.num}>{amount(m.amount_cents, m.currency)}</td></tr>
          </tfoot>
        </table>
      </div>
      <p className="muted">Schedule “{i.schedule.id}”: {(i.schedule.bands ?? []).map((b) => `below ${percent(b.below_percent)} ${percent(b.percent)}`).join(", ")}, at most {percent(i.schedule.cap_percent)}. Overlaps count once; the cent is rounded half up.</p>
    </Card>
  );
}

function History({ m }: { m: MemoDetail }) {
  return (
    <Card title="What happened to it" id="history">
      <ul className={css.words}>{(m.steps ?? []).map((s, k) => <li key={k}><Time at={s.at} /> {s.by === "allclear" ? "Allclear" : s.by}: {s.what}, {amount(s.amount_cents, m.currency)}</li>)}</ul>
    </Card>
  );
}

function Words({ m }: { m: MemoDetail }) {
  const text = m.outreach_text ?? "";
  return (
    <Card title="To the customer" id="words" aside={m.outreach_at ? <>asked for <Time at={m.outreach_at} how="ago" /></> : undefined}>
      <b>{m.outreach_subject}</b>
      <p className={css.text}>{text}</p>
      <CopyButton value={`${m.outreach_subject ?? ""}\n\n${text}`}>{({ copied, copy }) => <Button onClick={copy}>{copied ? "Copied" : "Copy the text"}</Button>}</CopyButton>
      {!m.outreach_at && <p className="muted small">Not yet certain: the account manager is not asked to send it.</p>}
    </Card>
  );
}

const asks: Record<What, { title: string; verb: string; text: string; field?: string; needed?: boolean }> = {
  approve: { title: "Approve this amount?", verb: "Approve", text: "As an executive. What else it needs stays needed; then it is processed.", field: "Note" },
  sign: { title: "Sign off for Legal?", verb: "Sign off", text: "That what the contract implies was looked at, and this may be given.", field: "Note" },
  void: { title: "Make it void?", verb: "Void", text: "Nothing is given. Recomputing brings a memo by contract back.", field: "Reason", needed: true },
  recompute: { title: "Recompute?", verb: "Recompute", text: "From the incidents, the maintenance and the contract as they are now." },
  send: { title: "Send it to billing again?", verb: "Send", text: "Under the same key: billing that has it already books nothing." },
  booked: { title: "Booked by hand", verb: "Write down", text: "You have entered it at billing yourself. Nothing more is sent.", field: "Number at billing", needed: true },
};

function ActDialog({ m, what, onClose }: { m: MemoDetail; what: What; onClose: () => void }) {
  const client = useQueryClient();
  const a = asks[what];
  const [text, setText] = useState("");
  const body = what === "void" ? { reason: text } : what === "booked" ? { reference: text } : a.field && text ? { note: text } : {};
  return (
    <Dialog title={a.title} verb={a.verb} danger={what === "void"} onClose={onClose} ready={!a.needed || text.trim() !== ""} onSubmit={async () => {
      client.setQueryData(money.memo(m.id).queryKey, await crediting.on(m.id, what, body));
      void client.invalidateQueries({ queryKey: ["credits"] });
    }}>
      <p><b>{m.customer_name}, {amount(m.amount_cents, m.currency)}</b>{(m.words ?? []).filter((w) => !w.by).length > 0 && <>: needs {m.words?.filter((w) => !w.by).map((w) => needs[w.need]).join(" and ")}</>}</p>
      <p className="muted">{a.text}</p>
      {a.field && (what === "booked" ? <TextInput label={a.field} value={text} onChange={(e) => setText(e.currentTarget.value)} data-autofocus /> : <Textarea label={a.field} autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} data-autofocus />)}
    </Dialog>
  );
}
