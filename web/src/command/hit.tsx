// Who is hit, why it has this severity, and who is asked next.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { cq } from "../api/command";
import { q } from "../api/queries";
import type { ChainStep, Incident, PageCall, Procedure } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { useTargets } from "../ui/people";
import { Card, Chip } from "../ui/pieces";
import { goSpan, ms, span, stopwatch, when } from "../ui/time";
import { can, useDialog } from "./act";
import { some } from "./fold";
import css from "./hit.module.css";

const dollars = (n: number) => (n >= 10_000 ? `$${Math.round(n / 1000).toLocaleString("en-GB")} k` : `$${Math.round(n).toLocaleString("en-GB")}`);

export function WhoIsHit({ i }: { i: Incident }) {
  const services = useQuery(q.services()).data ?? [];
  const impact = useQuery(cq.impact(i.number)).data;
  const dialog = useDialog();
  const touched = i.scope?.services.length ? i.scope.services : [i.service];
  const ids = new Set(touched.map((s) => s.id));
  const follow = services.filter((s) => !ids.has(s.id) && s.depends_on?.some((d) => ids.has(d)));
  const a = i.affected;
  const parts = [a.vip ? `${a.vip} VIP` : "", a.major_account ? `${a.major_account} major accounts` : "", a.regions && a.regions.length > 0 ? a.regions.map((r) => r.toUpperCase()).join(", ") : ""].filter(Boolean);
  const rankOf = (id: string) => services.find((s) => s.id === id)?.restoration_rank;
  return (
    <Card title="Who is hit" aside={can(i, "scope") ? <button type="button" className="link" onClick={() => dialog("scope")}>{i.scope?.by ? "change" : "confirm or change"} <kbd className="desk">f</kbd></button> : undefined}>
      <p className={css.big}>{a.customers.toLocaleString("en-GB")}</p>
      <p className="muted">{a.customers === 1 ? "customer" : "customers"}{parts.length > 0 ? ` · ${parts.join(" · ")}` : ""}</p>
      {i.scope?.consequence && <p className={css.means}>{i.scope.consequence}</p>}
      <ul className={css.kv}>
        {touched.slice(0, 5).map((s) => <li key={s.id}><Link to="/services" search={{ service: s.id }} className={css.service}>{s.name}</Link>{rankOf(s.id) ? <Chip colour={i.severity === "P1" ? "red" : "amber"}>restore {rankOf(s.id) === 1 ? "first" : `as number ${rankOf(s.id)}`}</Chip> : null}</li>)}
        {follow.length > 0 && <li><span className="cut" title={follow.map((s) => s.name).join(", ")}>{some(follow.map((s) => s.name))}</span><Chip colour="amber">depend{follow.length === 1 ? "s" : ""} on it</Chip></li>}
        {impact && impact.revenue_at_risk_usd > 0 ? <li><span>Revenue of that time</span><b>{dollars(impact.revenue_at_risk_usd)}</b></li> : null}
        {impact && impact.beyond_promise > 0 ? <li><span>Beyond their promise</span><Chip colour="red">{impact.beyond_promise.toLocaleString("en-GB")} customers</Chip></li> : null}
        {i.downtime_seconds ? <li><span>Downtime so far</span><b>{span(i.downtime_seconds * 1000)}</b></li> : null}
        <li><span>Alerts</span><span>{i.alerts.open} open of {i.alerts.total}</span></li>
      </ul>
    </Card>
  );
}

/** Resolutions that did not hold. */
export function CameBack({ i }: { i: Incident }) {
  const zone = useZone();
  const now = useNow();
  const list = i.regressions ?? [];
  if (list.length === 0) return null;
  return (
    <Card title="It came back" aside={list.length > 1 ? `${list.length} times` : undefined}>
      <ul className="lines">
        {[...list].reverse().map((r) => (
          <li key={r.reopened_at}>
            <b>{r.reason}</b>
            <small className={css.back}>Resolved {when(ms(r.resolved_at) ?? now, now, zone)}{r.resolution ? ` (${r.resolution})` : ""}, reopened {when(ms(r.reopened_at) ?? now, now, zone)}{r.reopened_by ? ` by ${r.reopened_by.name}` : ""}</small>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function Why({ i }: { i: Incident }) {
  if (!i.why || i.why.length === 0) return null;
  return (
    <Card title={`Why ${i.severity}?`} aside={i.highest !== i.severity ? `highest ${i.highest}` : undefined} id="why">
      <ul className="lines">{i.why.map((w) => <li key={w}>{w}</li>)}</ul>
    </Card>
  );
}

export const stepsOf = (p: Procedure | undefined): ChainStep[] => (p ? (Array.isArray(p.chain) ? p.chain : (p.chain?.steps ?? [])) : []);

/** Whether a step of the chain would still page, as far as the console can tell. */
function stillPages(step: ChainStep, i: Incident): "page" | "notice" | "no" {
  const rule = step.by[i.severity];
  if (!rule) return "no";
  const acked = ms(i.acknowledged_at) !== undefined;
  const ended = ["resolved", "closed"].includes(i.status);
  const holds = !ended && (rule.while === "always" || rule.while === "unresolved" || (rule.while === "unacknowledged" && !acked));
  if (holds) return "page";
  return rule.else === "notice" && !ended ? "notice" : "no";
}

function goMs(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(h|m|s)/g)].reduce((sum, [, n, u]) => sum + Number(n) * (u === "h" ? 3_600_000 : u === "m" ? 60_000 : 1000), 0);
}

/** The escalation chain: who has been paged, who is next and when, who is spared. */
export function Chain({ i, pages }: { i: Incident; pages: PageCall[] }) {
  const procedure = useQuery(q.procedure()).data;
  const name = useTargets(i.service.id);
  const now = useNow();
  const dialog = useDialog();
  const steps = stepsOf(procedure).filter((s) => s.by[i.severity]);
  const began = ms(i.detected_at);
  if (steps.length === 0 || began === undefined) return null;
  return (
    <Card title="Escalation" aside={<Link to="/procedure" search={{ tab: "chain" }} className="link">the chain</Link>}>
      <ol className={css.chain}>
        {steps.map((s, k) => {
          const page = pages.find((p) => p.step === k + 1 && p.reason === "chain") ?? pages.find((p) => p.step === k + 1);
          const due = began + goMs(s.after);
          const will = stillPages(s, i);
          const state = page
            ? <Chip colour={page.state === "acknowledged" ? "green" : page.state === "failed" ? "red" : undefined}>{page.state === "sent" ? "paged" : page.state}</Chip>
            : now >= due || will === "no" ? <Chip>{will === "no" ? "spared" : "passed"}</Chip> : <Chip colour="amber">{will === "notice" ? "notice " : ""}in {due - now < 3_600_000 ? stopwatch(due - now) : span(due - now)}</Chip>;
          return (
            <li key={s.target + s.after}>
              <span className="faint">{s.after === "0m" || s.after === "0s" ? "0" : goSpan(s.after)}</span>
              <span className="grow cut">{page?.to_name || name(s.target)}</span>
              {state}
            </li>
          );
        })}
      </ol>
      {can(i, "snooze") && <Button size="xs" mt={10} onClick={() => dialog("snooze")} rightSection={<kbd className="desk">p</kbd>}>{ms(i.snoozed_until) ? "Change the snooze" : "Snooze"}</Button>}
    </Card>
  );
}
