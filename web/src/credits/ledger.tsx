// What one incident costs, row by row, and what it did to availability.
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { around } from "../api/around";
import { newKey } from "../api/client";
import { crediting, money, type Ledger, type LedgerRow } from "../api/credits";
import { numberOf } from "../api/queries";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useFilters } from "../ui/filters";
import { fromField, toField } from "../ui/instant";
import { Card, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { MemoRow, useBack } from "./credits";
import { amount, cents, currencies, impacts, rows } from "./words";
import css from "./credits.module.css";

export function LedgerScreen() {
  const { ref } = useParams({ from: "/app/incidents/$ref/ledger" });
  const search = useSearch({ from: "/app/incidents/$ref/ledger" });
  const set = useFilters();
  const n = numberOf(ref);
  const query = useQuery(money.ledger(n));
  const role = useMe()?.role;
  const may = role === "admin" || role === "responder";
  useEffect(() => {
    document.title = `What INC-${n} costs · Allclear`;
  }, [n]);
  useBack();
  useCommands(may ? [
    { id: "ledger.row", label: "Write a row into the ledger", group: "Ledger", keys: "a", run: () => void set({ ask: "row" }) },
    { id: "ledger.goodwill", label: "Ask for goodwill", group: "Ledger", keys: "w", run: () => void set({ ask: "goodwill" }) },
    { id: "ledger.impact", label: "Say what it did to availability", group: "Ledger", keys: "i", run: () => void set({ ask: "impact" }) },
  ] : []);
  const close = () => set({ ask: undefined });
  return (
    <Reading query={query} rows={5}>
      {(l) => {
        const struck = (l.entries ?? []).find((e) => search.ask === `strike:${e.id}`);
        return (
          <>
            <PageHead title={`What ${l.incident} costs`} lead={<><Link to="/incidents/$ref" params={{ ref: l.incident }} className="link">The incident</Link>, <Link to="/incidents/$ref/review" params={{ ref: l.incident }} className="link">its review</Link></>}
              actions={may && <><Button onClick={() => set({ ask: "row" })}>Write a row…</Button><Button onClick={() => set({ ask: "goodwill" })}>Ask for goodwill…</Button></>} />
            <div className={css.grid}>
              <div className="stack">
                <Memos l={l} />
                <Entries l={l} may={may} strike={(id) => set({ ask: `strike:${id}` })} />
              </div>
              <div className={`stack ${css.side}`}>
                <Sums l={l} />
                <Card title="To availability it was" id="impact">
                  <p><b>{impacts[l.impact]}</b></p>
                  {l.verdict ? <p className="muted">{l.verdict.by.name}, <Time at={l.verdict.at} />: {l.verdict.reason}{l.verdict.until && <> Its impact ended <Time at={l.verdict.until} />.</>}</p> : <p className="muted">By its severity and scenario. Nobody has said otherwise.</p>}
                  {may && <Button onClick={() => set({ ask: "impact" })}>Say otherwise…</Button>}
                </Card>
              </div>
            </div>
            {may && search.ask === "row" && <RowDialog n={n} onClose={close} />}
            {may && search.ask === "goodwill" && <GoodwillDialog n={n} onClose={close} />}
            {may && search.ask === "impact" && <ImpactDialog n={n} l={l} onClose={close} />}
            {may && struck && <StrikeDialog n={n} e={struck} onClose={close} />}
          </>
        );
      }}
    </Reading>
  );
}

function Sums({ l }: { l: Ledger }) {
  const sums = l.sums ?? [];
  return (
    <Card title="In all" id="sums">
      {sums.length === 0 && <p className="muted">Nothing yet.</p>}
      {sums.map((s) => (
        <div key={s.currency}>
          <p className={css.big}>{amount(s.total_cents, s.currency)}</p>
          <dl className={css.facts}>
            <dt>Credits</dt><dd>{amount(s.credits_cents, s.currency)}</dd>
            {Object.entries(s.entries_cents).map(([k, v]) => <div key={k} style={{ display: "contents" }}><dt>{rows[k]}</dt><dd>{amount(v, s.currency)}</dd></div>)}
          </dl>
        </div>
      ))}
    </Card>
  );
}

function Memos({ l }: { l: Ledger }) {
  const part = new Map((l.parts ?? []).map((p) => [p.memo, p.amount_cents]));
  const list = l.memos ?? [];
  return (
    <section aria-labelledby="memos-title">
      <h2 id="memos-title">Its part in memos</h2>
      {list.length === 0 ? <div className="card"><Empty title="No customer is credited for it.">A memo is made when it ends and a month is below its promise.</Empty></div> : <ul className={css.rows}>{list.map((m) => <MemoRow key={m.id} m={m} share={part.get(m.id)} />)}</ul>}
    </section>
  );
}

function Entries({ l, may, strike }: { l: Ledger; may: boolean; strike: (id: string) => void }) {
  const list = l.entries ?? [];
  return (
    <section aria-labelledby="rows-title">
      <h2 id="rows-title">Rows that people wrote</h2>
      {list.length === 0 ? <div className="card"><Empty title="None.">Refunds, lost revenue, billing adjustments and other costs, each with a reference.</Empty></div> : (
        <ul className={css.rows}>
          {list.map((e) => (
            <li key={e.id} className={css.row}>
              <span className="grow"><b className={e.withdrawn ? css.struck : undefined}>{rows[e.type]}: {e.text}</b><small>{e.by.name}, <Time at={e.at} />{e.reference && ` · ${e.reference}`}{e.withdrawn && ` · withdrawn: ${e.withdrawn}`}</small></span>
              <span className={css.end}><span className={`${css.money} ${e.withdrawn ? css.struck : ""}`}>{amount(e.amount_cents, e.currency)}</span>{may && !e.withdrawn && <Button size="xs" aria-label={`Withdraw ${e.text}`} onClick={() => strike(e.id)}>Withdraw</Button>}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function useKeep(n: number) {
  const client = useQueryClient();
  return async (answer: Promise<unknown>) => {
    await answer;
    await client.invalidateQueries({ queryKey: ["credits"] });
    void client.invalidateQueries({ queryKey: ["review", n] });
  };
}

function Money({ typed, onType, currency, onCurrency, negative }: { typed: string; onType: (t: string) => void; currency: string; onCurrency: (c: string) => void; negative?: boolean }) {
  const c = cents(typed);
  const wrong = typed !== "" && (c === undefined || c === 0 || (!negative && c < 0));
  return (
    <div style={{ display: "flex", gap: 12, alignItems: "flex-start" }}>
      <TextInput className="grow" label="Amount" inputMode="decimal" placeholder="1,250.00" value={typed} onChange={(e) => onType(e.currentTarget.value)} error={wrong ? "An amount such as 1,250.00" : undefined} data-autofocus />
      <Select label="Currency" w={110} data={currencies} value={currency} onChange={(v) => onCurrency(v ?? "USD")} allowDeselect={false} />
    </div>
  );
}

function RowDialog({ n, onClose }: { n: number; onClose: () => void }) {
  const keep = useKeep(n);
  const [key] = useState(newKey);
  const [type, setType] = useState("cost");
  const [typed, setTyped] = useState("");
  const [currency, setCurrency] = useState("USD");
  const [text, setText] = useState("");
  const [reference, setReference] = useState("");
  const c = cents(typed);
  return (
    <Dialog title="A row for the ledger" verb="Write down" onClose={onClose} ready={c !== undefined && c !== 0 && text.trim() !== ""} onSubmit={() => keep(crediting.write(n, { type, amount_cents: c, currency, text, reference: reference || undefined }, key))}>
      <Select label="What it is" data={Object.entries(rows).map(([value, label]) => ({ value, label }))} value={type} onChange={(v) => setType(v ?? "cost")} allowDeselect={false} />
      <Money typed={typed} onType={setTyped} currency={currency} onCurrency={setCurrency} negative />
      <Textarea label="What for" autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} />
      <TextInput label="Reference" description="Such as the number of an invoice." value={reference} onChange={(e) => setReference(e.currentTarget.value)} />
    </Dialog>
  );
}

function GoodwillDialog({ n, onClose }: { n: number; onClose: () => void }) {
  const keep = useKeep(n);
  const [key] = useState(newKey);
  const names = useQuery(around.customerNames()).data ?? new Map<string, string>();
  const standing = useQuery(money.standing()).data;
  const [customer, setCustomer] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const [currency, setCurrency] = useState("USD");
  const [reason, setReason] = useState("");
  const c = cents(typed);
  const above = standing && c !== undefined && c > standing.approval_customer_usd * 100;
  return (
    <Dialog title="Ask for goodwill" verb="Ask for it" onClose={onClose} ready={customer !== null && c !== undefined && c > 0 && reason.trim() !== ""} onSubmit={() => keep(crediting.give(n, { customer, amount_cents: c, currency, reason }, key))}>
      <Select label="Customer" searchable limit={50} data={[...names].map(([value, label]) => ({ value, label }))} value={customer} onChange={setCustomer} />
      <Money typed={typed} onType={setTyped} currency={currency} onCurrency={setCurrency} />
      <Textarea label="Why" autosize minRows={2} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
      <p className="muted" aria-live="polite">{above ? "Above the limit: an executive and Legal have to agree, and you cannot be one of them." : "Within the limit it is processed without anybody, unless what was given for this incident adds up."}</p>
    </Dialog>
  );
}

function ImpactDialog({ n, l, onClose }: { n: number; l: Ledger; onClose: () => void }) {
  const keep = useKeep(n);
  const zone = useZone();
  const [impact, setImpact] = useState<string>(l.impact);
  const [reason, setReason] = useState("");
  const [from, setFrom] = useState(toField(l.verdict?.from, zone));
  const [until, setUntil] = useState(toField(l.verdict?.until, zone));
  return (
    <Dialog title="What did it do to availability?" verb="Write down" onClose={onClose} ready={reason.trim() !== ""} onSubmit={() => keep(crediting.judge(n, { impact, reason, from: fromField(from, zone) || undefined, until: fromField(until, zone) || undefined }))}>
      <Select label="It was" data={Object.entries(impacts).map(([value, label]) => ({ value, label }))} value={impact} onChange={(v) => setImpact(v ?? "outage")} allowDeselect={false} />
      <TextInput type="datetime-local" label="Proven start, if another than the incident says" value={from} onChange={(e) => setFrom(e.currentTarget.value)} />
      <TextInput type="datetime-local" label="Proven end" value={until} onChange={(e) => setUntil(e.currentTarget.value)} />
      <Textarea label="How you know" autosize minRows={2} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
      <p className="muted">Memos are computed anew. What is processed stays, and the difference becomes an adjustment.</p>
    </Dialog>
  );
}

function StrikeDialog({ n, e, onClose }: { n: number; e: LedgerRow; onClose: () => void }) {
  const keep = useKeep(n);
  const [reason, setReason] = useState("");
  return (
    <Dialog title={`Withdraw “${e.text}”?`} verb="Withdraw" danger onClose={onClose} ready={reason.trim() !== ""} onSubmit={() => keep(crediting.strike(e.id, reason))}>
      <p className="muted">It stays to be read and counts no more.</p>
      <Textarea label="Why" autosize minRows={2} value={reason} onChange={(ev) => setReason(ev.currentTarget.value)} data-autofocus />
    </Dialog>
  );
}
