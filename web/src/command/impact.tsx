// The impact as it is estimated: customers, revenue, promises, and what it means
// for the business in somebody's words.
import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { cq } from "../api/command";
import { OtherWays } from "../customers/alternatives";
import { Revenue } from "../customers/revenue";
import type { Impact, Incident } from "../api/types";
import { useNames } from "../ui/people";
import { Card, Chip, Empty, Reading, Time } from "../ui/pieces";
import { span } from "../ui/time";
import { capital } from "../ui/words";
import { can, useDialog } from "./act";
import css from "./impact.module.css";

const dollars = (n: number) => `$${Math.round(n).toLocaleString("en-GB")}`;
const shown = 60;

export function ImpactPart({ i }: { i: Incident }) {
  const query = useQuery(cq.impact(i.number));
  return <Reading query={query} rows={5}>{(m) => <Sheet i={i} m={m} />}</Reading>;
}

function Sheet({ i, m }: { i: Incident; m: Impact }) {
  const dialog = useDialog();
  const name = useNames();
  const navigate = useNavigate();
  const { find = "" } = useSearch({ strict: false }) as { find?: string };
  const wanted = m.accounts.filter((a) => !find || `${a.name} ${a.id}`.toLowerCase().includes(find.toLowerCase()))
    .sort((a, b) => Number(b.vip) - Number(a.vip) || Number(b.major_account) - Number(a.major_account) || (b.arr_usd ?? 0) - (a.arr_usd ?? 0));
  const scope = i.scope;
  return (
    <div className="stack">
      <Card title="What it means" aside={can(i, "scope") ? <button type="button" className="link" onClick={() => dialog("scope")}>say who is hit, and what it means <kbd className="desk">f</kbd></button> : undefined}>
        {m.consequence ? <p className={css.words}>{m.consequence}</p> : <p className="muted">Nobody has said yet what it means for the business.</p>}
        <dl className={css.figures}>
          <div><dt>Customers</dt><dd>{m.customers.toLocaleString("en-GB")}</dd></div>
          <div><dt>Their yearly revenue</dt><dd>{dollars(m.arr_usd)}</dd></div>
          <div><dt>The share of this time</dt><dd>{dollars(m.revenue_at_risk_usd)}</dd></div>
          <div><dt>Lasting</dt><dd>{span(m.lasting_seconds * 1000)}</dd></div>
          <div><dt>Beyond their promise</dt><dd className={m.beyond_promise > 0 ? "tone-over" : undefined}>{m.beyond_promise.toLocaleString("en-GB")}</dd></div>
        </dl>
      </Card>
      <OtherWays i={i} />
      <Revenue number={i.number} may={can(i, "impact")} />
      <Card title="Scope" aside={scope?.by ? <>{scope.by.name}, <Time at={scope.at} how="ago" /></> : "as the catalogue says"}>
        <p>{(scope?.services ?? [i.service]).map((s) => s.name).join(", ")} · {i.regions && i.regions.length > 0 ? i.regions.map((r) => r.toUpperCase()).join(", ") : "everywhere"}</p>
        {scope && scope.products.length > 0 && <p className="muted">Only who uses {scope.products.join(", ")}</p>}
        {scope && scope.spared.length > 0 && <p className="muted">Spared: {scope.spared.join(", ")}</p>}
        {scope?.reason && <p className="muted">{scope.reason}</p>}
      </Card>
      {m.accounts.length === 0 ? <Empty title="No customer is known to be affected.">Say who is hit if the catalogue does not know.</Empty> : (
        <Card title="Affected customers" aside={`${wanted.length.toLocaleString("en-GB")}`}>
          <TextInput aria-label="Find a customer" placeholder="Find a customer" mb={8} value={find} onChange={(e) => void navigate({ to: ".", search: ((s: object) => ({ ...s, find: e.currentTarget.value || undefined })) as never, replace: true })} />
          <div className="scroll-x" tabIndex={0} role="region" aria-label="Affected customers">
            <table className="list">
              <thead><tr><th>Customer</th><th>Account manager</th><th className="num">Revenue a year</th><th>Promise this month</th></tr></thead>
              <tbody>
                {wanted.slice(0, shown).map((a) => (
                  <tr key={a.id}>
                    <td><Link to="/customers" search={{ find: a.name }} className="link">{a.name}</Link> {a.vip && <Chip colour="amber">VIP</Chip>} {a.major_account && <Chip>major</Chip>} {a.added && <Chip colour="accent">added</Chip>}<br /><span className="faint small">{capital(a.tier)}{a.region ? `, ${a.region.toUpperCase()}` : ""}</span></td>
                    <td>{name(a.account_manager)}</td>
                    <td className="num">{a.arr_usd ? dollars(a.arr_usd) : ""}</td>
                    <td className={a.used_seconds > a.allowed_seconds ? "tone-over" : undefined}>{span(a.used_seconds * 1000)} of {span(a.allowed_seconds * 1000)}{a.used_seconds > a.allowed_seconds ? ", broken" : ""}<br /><span className="faint small">{a.promised_percent} %</span></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {wanted.length > shown && <p className="muted small">and {(wanted.length - shown).toLocaleString("en-GB")} more: find one by its name.</p>}
        </Card>
      )}
      {can(i, "brief") && <div><Button onClick={() => dialog("brief")} rightSection={<kbd className="desk">b</kbd>}>Brief the executives</Button></div>}
    </div>
  );
}
