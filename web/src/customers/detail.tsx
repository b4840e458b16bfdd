// One customer: what was promised, whom to call, which incidents touched it, and
// whether it is at risk.
import { Button, Drawer, Textarea } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { changeAddress, planRetention, registry, type AccountAtRisk, type Customer, type CustomerAddress } from "../api/registry";
import { useMe } from "../app/me";
import { present } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { useNames } from "../ui/people";
import { Chip, Reading, Time } from "../ui/pieces";
import { channelWord, listing, plain } from "../ui/words";
import { dollars, planState } from "./words";
import css from "./customers.module.css";

export function CustomerDetail({ id, may, onClose }: { id: string; may: boolean; onClose: () => void }) {
  const phone = useMediaQuery("(max-width: 720px)", false, { getInitialValueInEffect: false });
  const query = useQuery(registry.customer(id));
  const [plan, setPlan] = useState(false);
  const risk = useQuery({ ...registry.atRisk(), enabled: may }).data?.find((a) => a.customer === id);
  if (plan) return <Plan id={id} name={query.data?.name ?? id} was={risk?.plan} onClose={() => setPlan(false)} />;
  return (
    <Drawer opened onClose={onClose} position={phone ? "bottom" : "right"} size={phone ? "88%" : 600} title={query.data?.name ?? id}>
      <Reading query={query} rows={6}>{(c) => <Sheet c={c} risk={risk} may={may} onPlan={() => setPlan(true)} />}</Reading>
    </Drawer>
  );
}

function Sheet({ c, risk, may, onPlan }: { c: Customer; risk?: AccountAtRisk; may: boolean; onPlan: () => void }) {
  const name = useNames();
  const k = c.contract;
  const facts: [string, string | undefined][] = [
    ["External id", c.external_id], ["Account manager", c.account_manager && name(c.account_manager)], ["Products", c.products?.map(plain).join(", ") || "all"],
    ["Promised", k?.uptime_percent ? `${k.uptime_percent} % a month` : undefined], ["Told within", k?.notify_within], ["Regimes", k?.regimes?.map((r) => r.toUpperCase()).join(", ")],
    ["Revenue a year", c.arr_usd ? dollars(c.arr_usd) : undefined], ["Risk of leaving, says the CRM", c.churn_risk],
  ];
  return (
    <>
      <p className={css.chips}><Chip>{plain(c.tier)}</Chip> {c.vip && <Chip colour="accent">VIP</Chip>} {c.major_account && <Chip>major account</Chip>} {c.status && c.status !== "active" && <Chip colour="amber">{c.status}</Chip>} {k?.custom && <Chip>custom contract</Chip>}</p>
      {risk && (
        <section aria-label="At risk" className={css.risk}>
          <p><Chip colour="red">at risk, {risk.score} of 100</Chip> {listing(risk.why)}.</p>
          {risk.plan ? <p className={css.wrap}>{risk.plan} <small className="muted">{name(risk.plan_by)}, <Time at={risk.plan_at} /></small></p> : <p className={planState(risk, present()) === "late" ? "tone-over" : "muted"}>{risk.owner ? `${name(risk.owner)} is to plan how it is kept` : "Somebody is to plan how it is kept"}, <Time at={risk.due_at} prefix="by " />.</p>}
          <Button size="xs" onClick={onPlan}>{risk.plan ? "Change the plan" : "Write the plan"}</Button>
        </section>
      )}
      <dl className={css.facts}>{facts.filter(([, v]) => v).map(([word, v]) => <div key={word} style={{ display: "contents" }}><dt>{word}</dt><dd>{v}</dd></div>)}</dl>
      {may && (
        <>
          <h3 className={css.sub}>Contacts</h3>
          <Contacts c={c} />
          <h3 className={css.sub}>Incidents of the last 90 days</h3>
          <Touched id={c.id} />
        </>
      )}
    </>
  );
}

/** Whom to tell, and of each address whether it may be written to and is reached. */
function Contacts({ c }: { c: Customer }) {
  const client = useQueryClient();
  const query = useQuery(registry.addresses(c.id));
  const writes = useMe()?.role === "admin";
  const chats = [{ channel: "slack", at: c.slack_channel, word: "Slack channel" }, { channel: "teams", at: c.teams_workflow, word: "Teams workflow" }].filter((x) => !!x.at);
  if ((c.contacts ?? []).length + chats.length === 0) return <p className="muted">None: nobody there can be told.</p>;
  async function say(a: CustomerAddress, change: { opted_out?: boolean; bounces?: false }, done: string) {
    try {
      client.setQueryData(registry.addresses(c.id).queryKey, await changeAddress(c.id, a, change));
      notifications.show({ message: done });
    } catch (err) {
      notifications.show({ color: "red", title: "That was not written down", message: err instanceof Error ? err.message : "", autoClose: false });
    }
  }
  const line = (at: string, a?: CustomerAddress, href?: string) => (
    <div key={at} className={css.address}>
      {href ? <a className="link" href={href}>{at}</a> : <span>{at}</span>}
      {a?.opted_out && <Chip colour="amber">wants no messages</Chip>}
      {a?.bounces && <Chip colour="red">messages come back</Chip>}
      {a?.opted_out && <small className="muted">{a.opted_out_by === "reader" ? "said by its reader" : a.opted_out_by === "provider" ? "heard by the provider" : "written down"}, <Time at={a.opted_out_at} />; only what Legal approved and what the contract asks for goes there.</small>}
      {a?.bounces && <small className="muted">{a.bounce}, <Time at={a.bounced_at} /></small>}
      {writes && a && <span className={css.acts}>
        {a.bounces && <Button size="xs" variant="subtle" onClick={() => void say(a, { bounces: false }, `${a.address} is written to again.`)} aria-label={`${a.address} works again`}>Works again</Button>}
        <Button size="xs" variant="subtle" onClick={() => void say(a, { opted_out: !a.opted_out }, a.opted_out ? `${a.address} gets messages again.` : `${a.address} gets only what has to be said.`)} aria-label={`${a.address} wants ${a.opted_out ? "messages again" : "no messages"}`}>{a.opted_out ? "Wants them again" : "Wants none"}</Button>
      </span>}
    </div>
  );
  return (
    <ul className={css.contacts}>
      {(c.contacts ?? []).map((p) => {
        const own = (query.data ?? []).filter((a) => a.address === p.email || a.address === p.phone);
        return (
          <li key={p.name + (p.email ?? "")}>
            <b>{p.name}</b> <small className="muted">wants {listing((p.channels && p.channels.length > 0 ? p.channels : ["email"]).map(channelWord))}</small>
            {[p.email && { at: p.email, href: `mailto:${p.email}` }, p.phone && { at: p.phone, href: `tel:${p.phone}` }].filter((x) => !!x).map((x) => line(x.at, own.find((o) => o.address === x.at), x.href))}
          </li>
        );
      })}
      {chats.map((x) => (
        <li key={x.channel}>
          <b>{x.word}</b> <small className="muted">gets what is mailed</small>
          {line(x.at!, (query.data ?? []).find((a) => a.channel === x.channel))}
        </li>
      ))}
    </ul>
  );
}

function Touched({ id }: { id: string }) {
  return (
    <Reading query={useQuery(registry.incidents(id))} rows={3}>
      {(list) => list.length === 0 ? <p className="muted">None touched it.</p> : (
        <ul className="lines">{list.map((i) => <li key={i.incident}><Link to="/incidents/$ref" params={{ ref: i.incident } as never} className="link">{i.incident}</Link> {i.title} <Chip colour={i.severity === "P1" ? "red" : undefined}>{i.severity}</Chip> <small className="muted"><Time at={i.from} />{i.until ? "" : ", lasts"}</small></li>)}</ul>
      )}
    </Reading>
  );
}

function Plan({ id, name, was, onClose }: { id: string; name: string; was?: string; onClose: () => void }) {
  const client = useQueryClient();
  const [text, setText, clear] = useDraft(`retention-${id}`);
  const value = text || was || "";
  return (
    <Dialog title={`How is ${name} kept?`} verb="Write it down" onClose={onClose} ready={value.trim() !== ""} onSubmit={async () => {
      await planRetention(id, value.trim());
      clear();
      notifications.show({ message: `The plan for ${name} is written down.` });
      await client.invalidateQueries({ queryKey: ["atrisk"] });
    }}>
      <Textarea label="The plan" placeholder="A call each week with their head of data until the renewal in May" autosize minRows={4} maxLength={10000} data-autofocus value={value} onChange={(e) => setText(e.currentTarget.value)} />
    </Dialog>
  );
}
