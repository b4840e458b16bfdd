// Other ways to deliver what an incident takes away: what stands in, what has ended,
// and what the catalogue offers beside.
import { Button, Select, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { newKey } from "../api/client";
import { q } from "../api/queries";
import { registry, ways, type AlternativeUse } from "../api/registry";
import type { Incident } from "../api/types";
import { useCommands } from "../app/commands";
import { can, useAct, useDialog } from "../command/act";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { useNames } from "../ui/people";
import { Card, Chip, Reading, Time } from "../ui/pieces";
import { capital, numberWord } from "../ui/words";
import { offersLeft, standingFirst } from "./circle";
import css from "./customers.module.css";

export function OtherWays({ i }: { i: Incident }) {
  const query = useQuery(registry.alternatives(i.number));
  const dialog = useDialog();
  const may = can(i, "scope") && !["resolved", "closed"].includes(i.status);
  const left = query.data ? offersLeft(query.data) : [];
  const standing = query.data?.used.filter((u) => !u.ended_at) ?? [];
  const focused = () => document.activeElement?.closest<HTMLElement>("[data-way]")?.dataset["way"] ?? standing[0]?.id;
  useCommands(may ? [
    ...(left.length > 0 ? [{ id: "way-use", label: "Deliver a service in another way", keys: ". v", group: i.ref, words: "alternative workaround extended outage read-only manual", run: () => dialog("way") }] : []),
    ...(standing.length > 0 ? [{ id: "way-end", label: "End another way of delivery: the one under the focus, or the newest", keys: ". x", group: i.ref, words: "alternative over", run: () => dialog("way-end", { entry: focused() }) }] : []),
  ] : []);
  return (
    <Reading query={query} rows={2}>
      {(a) => (
        <Card title="Other ways of delivery" aside={standing.length > 0 ? <Chip colour="accent">{standing.length} in use</Chip> : undefined}>
          {a.used.length === 0 && a.offers.length > 0 && <p className="muted">None is in use. What stands in for {a.offers.length === 1 ? a.offers[0]?.name.toLowerCase() : "a service"} is told to customers on the status page.</p>}
          {a.used.length === 0 && a.offers.length === 0 && <p className="muted">The catalogue knows no other way to deliver what is hit. Write down under <Link to="/services" search={{ service: i.service.id, edit: i.service.id }} className="link">{i.service.name}</Link> what could stand in, and what customers read then.</p>}
          {a.used.length > 0 && <ul className={css.contacts}>{standingFirst(a.used).map((u, n) => <Use key={u.id} u={u} first={n === 0} onEnd={may && !u.ended_at ? () => dialog("way-end", { entry: u.id }) : undefined} />)}</ul>}
          {may && left.length > 0 && <div className={`row ${css.foot}`}><span className="grow muted small">{left.length === 1 ? `${left[0]?.name} could be used.` : `${capital(numberWord(left.length))} ways could be used.`}</span><Button size="xs" onClick={() => dialog("way")} rightSection={<kbd className="desk">. v</kbd>}>Use another way</Button></div>}
        </Card>
      )}
    </Reading>
  );
}

function Use({ u, first, onEnd }: { u: AlternativeUse; first: boolean; onEnd?: (() => void) | undefined }) {
  const name = useNames();
  const services = useQuery(q.services()).data ?? [];
  const service = services.find((s) => s.id === u.service)?.name ?? u.service;
  return (
    <li className={css.way} data-way={u.id} data-row tabIndex={-1}>
      <div className="grow">
        <b>{u.name}</b> <Chip colour={u.ended_at ? undefined : "green"}>{u.ended_at ? "ended" : "in use"}</Chip> <span className="muted small">for {service}</span>
        <p className="small">{u.reason} <span className="faint">{name(u.by)}, <Time at={u.at} /></span></p>
        {u.ended_at && <p className="small muted">Ended: {u.ended} <span className="faint">{u.ended_by === "allclear" ? "by itself" : name(u.ended_by)}, <Time at={u.ended_at} /></span></p>}
      </div>
      {onEnd && <Button size="xs" onClick={onEnd} aria-label={`End ${u.name}`} rightSection={first ? <kbd className="desk">. x</kbd> : undefined}>End</Button>}
    </li>
  );
}

export function WayDialog({ i, onClose }: { i: Incident; onClose: () => void }) {
  const data = useQuery(registry.alternatives(i.number)).data;
  const services = useQuery(q.services()).data ?? [];
  const doit = useAct(i.number);
  const [key] = useState(newKey);
  const [reason, setReason, clear] = useDraft(`way-${i.number}`);
  const [chosen, setChosen] = useState<string | null>(null);
  const left = data ? offersLeft(data) : [];
  const idOf = (o: (typeof left)[number]) => `${o.service}/${o.id}`;
  const o = left.find((x) => idOf(x) === chosen) ?? (left.length === 1 ? left[0] : undefined);
  const service = (id: string) => services.find((s) => s.id === id)?.name ?? id;
  return (
    <Dialog title="Deliver it in another way" verb="Put it to use" onClose={onClose} ready={!!o && reason.trim() !== ""} onSubmit={async () => {
      if (!o) return;
      await doit(() => ways.use(i.number, { service: o.service, alternative: o.id, reason: reason.trim() }, key));
      clear();
    }}>
      <Select label="Which way" placeholder="What the catalogue offers" data={left.map((x) => ({ value: idOf(x), label: `${x.name}, for ${service(x.service)}` }))} value={o ? idOf(o) : null} onChange={setChosen} allowDeselect={false} />
      {o?.how && <p className="fact"><b>How we switch it on.</b> {o.how}</p>}
      <Textarea label="Why" placeholder="The exports have been away for three hours and payroll runs tonight" description="For the record; customers do not read it." autosize minRows={2} maxLength={10000} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
      {o && <p className="fact">{i.restricted ? "The incident is restricted: Legal approves what is told of it." : <>{i.tenant ? "The customer reads on its own page" : "Customers read on the status page"}, at once: <b>{o.text}</b></>}</p>}
    </Dialog>
  );
}

export function EndWayDialog({ i, id, onClose }: { i: Incident; id: string | undefined; onClose: () => void }) {
  const u = useQuery(registry.alternatives(i.number)).data?.used.find((x) => x.id === id);
  const doit = useAct(i.number);
  const [reason, setReason, clear] = useDraft(`way-end-${id ?? ""}`);
  if (!u) return null;
  return (
    <Dialog title={`End ${u.name.toLowerCase()}?`} verb="End it" onClose={onClose} ready={reason.trim() !== ""} onSubmit={async () => {
      await doit(() => ways.end(i.number, u.id, reason.trim()));
      clear();
    }}>
      <Textarea label="Why" placeholder="Exports run again for everybody" autosize minRows={2} maxLength={10000} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
      <p className="fact">While the incident is open, customers read on the status page that <b>{u.name} is not available any more</b>.</p>
    </Dialog>
  );
}
