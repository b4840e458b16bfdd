// Service credits: what customers are credited, how their months stand, and whether
// anything is processed at all.
import { Button, SegmentedControl, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { crediting, money, type Memo, type Plan, type Standing, type Uptime } from "../api/credits";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { useNow } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { Card, Chip, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { count } from "../ui/words";
import { amount, monthName, months, percent, span, states, types, unsure, why } from "./words";
import css from "./credits.module.css";

const tabs = [{ value: "memos", label: "Memos" }, { value: "availability", label: "Availability" }, { value: "schedules", label: "Schedules" }];

export function CreditsScreen() {
  const search = useSearch({ from: "/app/credits" });
  const set = useFilters();
  const tab = search.tab ?? "memos";
  const standing = useQuery(money.standing());
  useEffect(() => {
    document.title = "Service credits · Allclear";
  }, []);
  const plan = standing.data?.schedules?.find((p) => search.ask === `confirm:${p.id}` || search.ask === `withdraw:${p.id}`);
  return (
    <>
      <PageHead title="Service credits" lead="What customers are credited for months below their promise, and why." />
      {standing.data && <Off standing={standing.data} />}
      <div className="filters">
        <SegmentedControl size="xs" aria-label="What is shown" value={tab} onChange={(v) => set({ tab: v === "memos" ? undefined : v, ask: undefined })} data={tabs} />
      </div>
      {tab === "memos" && <Memos />}
      {tab === "availability" && <Availability />}
      {tab === "schedules" && <Reading query={standing}>{(s) => <Schedules standing={s} />}</Reading>}
      {plan && search.ask?.startsWith("confirm:") && <ConfirmDialog plan={plan} onClose={() => set({ ask: undefined })} />}
      {plan && search.ask?.startsWith("withdraw:") && <WithdrawDialog plan={plan} onClose={() => set({ ask: undefined })} />}
    </>
  );
}

/** Says that processing is off, as long as it is. */
function Off({ standing }: { standing: Standing }) {
  const off = unsure(standing);
  const first = off[0];
  const me = useMe();
  const set = useFilters();
  const may = me?.role === "admin" && first !== undefined;
  const confirm = () => first && set({ tab: "schedules", ask: `confirm:${first.id}` });
  useCommands(may ? [{ id: "credits.confirm", label: `Confirm the credit schedule “${first.id}”`, group: "Credits", keys: "c", run: () => void confirm() }] : []);
  if (!first) return null;
  return (
    <div className={`card ${css.warning}`} role="status">
      <div className="grow">
        <b>Processing is off.</b>
        <p className="muted">Nobody has confirmed the credit schedule {off.map((p) => `“${p.id}”`).join(", ")}. Memos are calculated by it, nothing is processed, and no customer is told.</p>
      </div>
      {may ? <Button onClick={confirm}>Read and confirm</Button> : <span className="muted small">An administrator confirms it.</span>}
    </div>
  );
}

function MonthSelect({ all }: { all?: boolean }) {
  const search = useSearch({ from: "/app/credits" });
  const set = useFilters();
  const list = months(useNow());
  const value = search.month ?? (all ? null : (list[0] ?? null));
  return (
    <Select aria-label="Month" placeholder="Every month" clearable={all} w={180} value={value} onChange={(v) => set({ month: v ?? undefined })} allowDeselect={false}
      data={list.map((m) => ({ value: m, label: monthName(m) }))} clearButtonProps={{ "aria-label": "Every month" }} />
  );
}

function Memos() {
  const search = useSearch({ from: "/app/credits" });
  const set = useFilters();
  const now = useNow();
  const query = useInfiniteQuery(money.memos({ month: search.month, state: search.state, incident: search.incident }));
  const table = `/api/v1/credits.csv?month=${search.month ?? months(now, 1)[0]}`;
  return (
    <>
      <div className="filters">
        <MonthSelect all />
        <Select aria-label="State" placeholder="Every state" clearable w={190} value={search.state ?? null} onChange={(v) => set({ state: v ?? undefined })} data={Object.entries(states).map(([value, s]) => ({ value, label: s.word }))} clearButtonProps={{ "aria-label": "Every state" }} />
        {search.incident && <Button size="xs" onClick={() => set({ incident: undefined })}>Only {search.incident}: show all</Button>}
        <Button component="a" href={table} download size="xs">CSV for billing, {monthName(search.month ?? months(now, 1)[0] ?? "")}</Button>
      </div>
      <Listing query={query} noun="memos">
        {(list) => list.length === 0
          ? <div className="card"><Empty title="No memos.">One is made when an incident ends after which a customer’s month is below its promise.</Empty></div>
          : <><p className={css.lead}>{summary(list)}</p><ul className={css.rows}>{list.map((m) => <MemoRow key={m.id} m={m} />)}</ul></>}
      </Listing>
    </>
  );
}

function summary(list: Memo[]): string {
  const waiting = list.filter((m) => m.state === "pending").length;
  const stuck = list.filter((m) => m.state === "processed" && m.problem).length;
  return [count(list.length, "memo"), waiting > 0 && `${waiting} wait for people`, stuck > 0 && `${stuck} not taken by billing`].filter(Boolean).join(", ");
}

export function MemoRow({ m, share }: { m: Memo; share?: number }) {
  const s = states[m.state];
  return (
    <li>
      <Link to="/credits/$id" params={{ id: m.id }} className={css.row} data-row>
        <span className="grow">
          <b>{m.customer_name}</b>
          <small>{monthName(m.month)} · {types[m.type]}{(m.incidents ?? []).length > 0 && ` · ${m.incidents?.join(", ")}`}{why(m) && ` · ${why(m)}`}</small>
        </span>
        <span className={css.end}>
          <span className={css.state}><Chip colour={s.colour}>{s.word}</Chip></span>
          <span className={css.money}>{amount(share ?? m.amount_cents, m.currency)}</span>
        </span>
      </Link>
    </li>
  );
}

function Availability() {
  const search = useSearch({ from: "/app/credits" });
  const query = useInfiniteQuery(money.uptimes(search.month));
  return (
    <>
      <div className="filters"><MonthSelect /></div>
      <Listing query={query} noun="customers">
        {(list) => list.length === 0
          ? <div className="card"><Empty title="No downtime this month.">A customer is listed once an outage has touched it.</Empty></div>
          : <><p className={css.lead}>{count(list.filter((u) => u.below_promise).length, "customer")} below the promise, of {list.length} with downtime.</p><ul className={css.rows}>{list.map((u) => <UptimeRow key={u.customer} u={u} />)}</ul></>}
      </Listing>
    </>
  );
}

function UptimeRow({ u }: { u: Uptime }) {
  const left = u.allowed_ms > 0 ? Math.max(0, Math.min(1, u.left_ms / u.allowed_ms)) : 0;
  return (
    <li className={css.row}>
      <span className="grow">
        <b>{u.customer_name}</b>
        <small>
          {span(u.down_ms)} down · promised {percent(u.promise_percent)}, {span(u.allowed_ms)} a month allowed
          {(u.incidents ?? []).map((ref) => <span key={ref}> · <Link to="/incidents/$ref/ledger" params={{ ref }} className="link">{ref}</Link></span>)}
        </small>
      </span>
      <span className={css.end}>
        {u.going_on && <Chip colour="red">goes on</Chip>}
        <span className={css.figure}>
          <span className={css.money}>{percent(u.uptime_percent)}</span>
          <small className={u.below_promise ? css.gone : undefined}>{u.below_promise ? `${span(u.left_ms)} over` : `${span(u.left_ms)} left`}</small>
        </span>
        <span className={css.bar} aria-hidden><span className={u.below_promise ? css.gone : left < 0.25 ? css.low : undefined} style={{ width: u.below_promise ? "100%" : `${left * 100}%` }} /></span>
      </span>
    </li>
  );
}

function Schedules({ standing }: { standing: Standing }) {
  return (
    <div className="stack">
      {(standing.schedules ?? []).map((p) => <Schedule key={p.id} p={p} />)}
      <Card title="Amounts off the formula" id="goodwill">
        <p>Above ${standing.approval_customer_usd.toLocaleString("en-GB")} for one customer, or ${standing.approval_incident_usd.toLocaleString("en-GB")} for one incident, they need an executive and Legal. Whoever asks does not approve.</p>
        <p className="muted">{standing.billing ? "Processed memos go to billing by themselves, once." : "No billing system is set up: processed memos are booked by hand from the CSV."} The schedules and limits are the procedure’s, under <span className="mono">credits</span>.</p>
      </Card>
    </div>
  );
}

function Schedule({ p }: { p: Plan }) {
  const set = useFilters();
  const admin = useMe()?.role === "admin";
  return (
    <Card title={`Schedule “${p.id}”`} id={`schedule-${p.id}`} aside={<Chip colour={p.confirmed ? "green" : "amber"}>{p.confirmed ? "confirmed" : "not confirmed"}</Chip>}>
      <Bands p={p} label={`Bands of ${p.id}`} />
      <p className="muted">
        {count(p.customers, "customer")} by contract. {p.confirmed ? (p.confirmed_by ? <>Confirmed by {p.confirmed_by}, <Time at={p.confirmed_at} />.</> : "Confirmed by the procedure.") : "Nothing is processed by it until an administrator confirms it."}
      </p>
      {admin && !p.confirmed && <Button onClick={() => set({ ask: `confirm:${p.id}` })}>Confirm…</Button>}
      {admin && p.confirmed && p.confirmed_by && <Button onClick={() => set({ ask: `withdraw:${p.id}` })}>Stop processing…</Button>}
    </Card>
  );
}

function Bands({ p, label }: { p: Plan; label: string }) {
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead><tr><th>Available for less than</th><th className={css.num}>Credit, of the month’s fee</th></tr></thead>
        <tbody>{(p.bands ?? []).map((b) => <tr key={b.below_percent}><td>{percent(b.below_percent)}</td><td className={css.num}>{percent(b.percent)}</td></tr>)}</tbody>
        <tfoot><tr><td>At most</td><td className={css.num}>{percent(p.cap_percent)}</td></tr></tfoot>
      </table>
    </div>
  );
}

function useAgain() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["credits"] });
}

function ConfirmDialog({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const again = useAgain();
  return (
    <Dialog title={`Confirm “${plan.id}”?`} verb="Confirm and process" onClose={onClose} onSubmit={async () => {
      await crediting.confirm(plan.id, plan.hash);
      notifications.show({ message: "Confirmed. Months that are over are processed now." });
      await again();
    }}>
      <Bands p={plan} label="Bands to confirm" />
      <p>From now on memos by this schedule process by themselves when their month is over, those of past months <b>at once</b>: they go to billing, and account managers are asked to tell the customers. {count(plan.customers, "contract")} {plan.customers === 1 ? "goes" : "go"} by it.</p>
      <p className="muted">It holds for exactly these figures. When the procedure changes them, they have to be confirmed again.</p>
    </Dialog>
  );
}

function WithdrawDialog({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const again = useAgain();
  return (
    <Dialog title={`Stop processing by “${plan.id}”?`} verb="Stop processing" danger onClose={onClose} onSubmit={async () => {
      await crediting.withdraw(plan.id);
      await again();
    }}>
      <p>Nothing more is processed by it until it is confirmed again. What is with billing stays there.</p>
    </Dialog>
  );
}

/** Goes back to the list, from the screens below it. */
export function useBack() {
  const navigate = useNavigate();
  useCommands([{ id: "credits.back", label: "Back to service credits", group: "Credits", keys: "u", run: () => void navigate({ to: "/credits", search: {} }) }]);
}
