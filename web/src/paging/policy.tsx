// One escalation policy: its steps, changed in place, with the ladder they make
// beside them. The procedure's chain, and what one may not change, stand still.
import { Button, NumberInput, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { named, valueAt, withValue, type Doc } from "../admin/doc";
import { useDocument, type Document } from "../admin/document";
import { NewId } from "../admin/editor";
import { below } from "../admin/inputs";
import { useOptions } from "../admin/options";
import { DocumentPage, DocumentScreen } from "../admin/page";
import { q } from "../api/queries";
import type { NewPolicy, NewPolicyStep, Policy } from "../api/policies";
import { useMe } from "../app/me";
import { Card, Chip, Empty, PageHead, Reading } from "../ui/pieces";
import { plain } from "../ui/words";
import { Ladder } from "./ladder";
import { asSent, endOf, endText, flawsOf, nextStep, reordered, usedBy, type Rung } from "./rungs";
import { SpanInput, StepCard } from "./step";
import css from "./policy.module.css";

const begin: Doc = { id: "", name: "", steps: [nextStep([])] };

export function NewPolicyScreen() {
  return <Editing id="" />;
}

/** A severity names the procedure's chain; ids of policies are in lower case. */
const isChain = (id: string) => /^P\d$/.test(id);

export function PolicyScreen() {
  const { id } = useParams({ from: "/app/policies/$id" });
  const admin = useMe()?.role === "admin";
  return admin && !isChain(id) ? <Editing key={id} id={id} /> : <Still id={id} />;
}

function Editing({ id }: { id: string }) {
  const d = useDocument("escalation-policies", id, begin, asSent);
  const title = d.isNew ? "New escalation policy" : String(d.doc?.["name"] || plain(id));
  return <DocumentScreen d={d} title={title} list="/policies" back="Escalation policies">{(doc) => <Edit id={id} title={title} d={d} doc={doc} />}</DocumentScreen>;
}

const soon = (run: () => HTMLElement | null | undefined) => setTimeout(() => run()?.focus(), 50);

function Edit({ id, title, d, doc }: { id: string; title: string; d: Document; doc: Doc }) {
  const p = doc as unknown as NewPolicy;
  const steps = p.steps ?? [];
  const put = (next: NewPolicyStep[]) => d.set({ ...doc, steps: next });
  const add = () => {
    put([...steps, nextStep(steps)]);
    soon(() => document.querySelector<HTMLElement>(`[data-step="${steps.length}"] input`));
  };
  return (
    <DocumentPage d={d} id={id} title={title} called={(name) => String(p.name || plain(name))} noun="policy" list="/policies"
      lead="Times count from the start; an acknowledgement ends what waits for one." unsaved="Not saved yet: incidents still follow the policy as it was." saved="Incidents follow it from now on; those that run keep theirs."
      gone={<p>Incidents that run on it keep it to their end. A service that still names it keeps it from going.</p>}
      commands={[{ id: "step", label: "Add a step", group: "Policy", keys: "s", run: add }]}
      fields={<Fields d={d} doc={doc} steps={steps} put={put} add={add} />}
      beside={<Beside id={id} source="catalogue" steps={steps} end={endText({ every: p.repeat?.every, times: p.repeat?.times, expires: p.ack_expires })} isNew={d.isNew} />}
    />
  );
}

function Fields({ d, doc, steps, put, add }: { d: Document; doc: Doc; steps: NewPolicyStep[]; put: (s: NewPolicyStep[]) => void; add: () => void }) {
  const options = useOptions()("pageable");
  const { faults } = d;
  const set = (path: string, value: unknown) => d.set(withValue(doc, path, value));
  const move = (from: number, to: number) => {
    put(reordered(steps, from, to));
    const way = to < from ? "up" : "down";
    const at = `[data-step="${to}"] [data-move`;
    soon(() => document.querySelector<HTMLElement>(`${at}="${way}"]:enabled`) ?? document.querySelector<HTMLElement>(`${at}]:enabled`));
  };
  return (
    <>
      <div className={css.top}>
        <TextInput label="Name" placeholder="Payments" autoComplete="off" value={String(doc["name"] ?? "")} error={faults.get("name")} onChange={(e) => d.set(d.isNew ? named(doc, { ...doc, name: e.currentTarget.value }) : { ...doc, name: e.currentTarget.value })} />
        {d.isNew && <NewId d={d} like="payments" />}
        <Textarea className={d.isNew ? css.wide : undefined} label="Description" autosize minRows={1} maxRows={6} placeholder="When to choose it" value={String(doc["description"] ?? "")} error={faults.get("description")} onChange={(e) => set("description", e.currentTarget.value)} />
      </div>
      {steps.map((s, n) => (
        <StepCard key={n} n={n} of={steps.length} step={s} options={options} faults={faults} set={(next) => put(steps.map((o, k) => (k === n ? next : o)))} move={(to) => move(n, to)} remove={() => put(steps.filter((_, k) => k !== n))} />
      ))}
      {faults.get("steps") && <p className={css.fault} role="alert">A policy needs a step: {faults.get("steps")}.</p>}
      <div><Button leftSection={<IconPlus size={16} aria-hidden />} onClick={add} rightSection={<kbd className="desk">s</kbd>}>Add a step</Button></div>
      <Card title="After the last step" id="after">
        <div className={css.three}>
          <SpanInput label="Page again every" help="Everybody, while nobody has acknowledged." placeholder="Not at all" value={String(valueAt(doc, "repeat.every") ?? "")} error={faults.get("repeat.every")}
            set={(v) => d.set(withValue(withValue(doc, "repeat.every", v), "repeat.times", v === "" ? undefined : (valueAt(doc, "repeat.times") ?? 3)))} />
          <NumberInput label="How many times" inputWrapperOrder={below} description="Then the fallback contact." min={1} max={100} clampBehavior="none" value={Number(valueAt(doc, "repeat.times") ?? 0) || ""} error={faults.get("repeat.times")} onChange={(v) => set("repeat.times", v === "" ? undefined : Number(v))} />
          <SpanInput label="Acknowledgement lasts" help="Longer where somebody engages." placeholder="Until the end" value={String(doc["ack_expires"] ?? "")} error={faults.get("ack_expires")} set={(v) => set("ack_expires", v)} />
        </div>
      </Card>
    </>
  );
}

/** What the steps come to, and for whom. */
function Beside({ id, source, steps, end, isNew, children }: { id: string; source: Policy["source"]; steps: Rung[]; end: string; isNew?: boolean; children?: ReactNode }) {
  const services = useQuery(q.services()).data ?? [];
  const deadEnds = useQuery(q.deadEnds()).data ?? [];
  const by = isNew ? [] : usedBy(services, { id, source });
  return (
    <>
      <Card title="Who is paged when" id="ladder" aside="names as of now">
        {steps.length === 0 ? <p className="muted">Nobody: it has no step yet.</p> : <Ladder steps={steps} flaws={flawsOf(deadEnds, { id, source }, steps)} label="Steps" />}
        <p className={css.end}>{end}</p>
        {children}
      </Card>
      <Card title="Services that follow it" id="services" aside={by.length > 0 ? by.length : undefined}>
        {by.length > 0
          ? <ul className="lines">{by.map((s) => <li key={s.id}><Link to="/services" search={{ service: s.id }} className="link" data-row>{s.name}</Link>{s.critical_function && <> <Chip colour="accent">critical function</Chip></>}</li>)}</ul>
          : <p className="muted">{isNew ? "Save it, then choose it in the form of a service." : <>None yet: choose it in the form of a <Link to="/services" search={{}} className="link">service</Link>.</>}</p>}
      </Card>
    </>
  );
}

/** The chain, or a policy for those who may look and not change. */
function Still({ id }: { id: string }) {
  const query = useQuery(q.policies());
  const p = query.data?.find((x) => x.id === id);
  useEffect(() => {
    document.title = `${p?.name ?? plain(id)} · Allclear`;
  }, [p?.name, id]);
  return (
    <>
      <p className="small"><Link to="/policies" className="link">Escalation policies</Link></p>
      <Reading query={query} rows={6}>{() => (p ? <Shown p={p} /> : <div className="card"><Empty title="There is no such policy.">It may have been deleted.</Empty></div>)}</Reading>
    </>
  );
}

function Shown({ p }: { p: Policy }) {
  const chain = p.source === "procedure";
  return (
    <>
      <PageHead title={p.name} lead={chain ? <>For every {p.id} of a service without a policy of its own. <Link to="/procedure" search={{ tab: "chain" }} className="link">Read it in the procedure</Link></> : [p.description, "An administrator can change it."].filter(Boolean).join(" ")} />
      <div className={css.still}><Beside id={p.id} source={p.source} steps={p.steps} end={endOf(p)} /></div>
    </>
  );
}
