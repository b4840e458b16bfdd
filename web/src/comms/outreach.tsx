// Whom people tell by hand: accounts by who looks after them, posts without an
// integration, press and analysts; each with its script and what came of it.
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { desk, telling, type Contact, type Outcome } from "../api/desk";
import type { Incident } from "../api/types";
import { useCommands } from "../app/commands";
import { can, useAct, useDialog } from "../command/act";
import { Dialog } from "../ui/dialog";
import { useTargets } from "../ui/people";
import { Card, Chip, Empty, Reading, Time } from "../ui/pieces";
import { count, plain } from "../ui/words";
import css from "./desk.module.css";

const outcomes: Record<Contact["kind"], Outcome[]> = {
  account: ["reached", "left_message", "no_answer", "follow_up", "not_needed"],
  press: ["reached", "left_message", "no_answer", "follow_up", "not_needed"],
  analyst: ["reached", "left_message", "no_answer", "follow_up", "not_needed"],
  post: ["posted", "not_needed"],
};
const kindWord: Record<Contact["kind"], string> = { account: "account", post: "post", press: "press", analyst: "analyst" };

export function Outreach({ i }: { i: Incident }) {
  const query = useQuery(desk.outreach(i.number));
  const dialog = useDialog();
  const who = useTargets(i.service.id);
  const may = can(i, "notes");
  const answer = (c: Contact) => dialog("outcome", { entry: c.id });
  const open = query.data?.groups.flatMap((g) => g.contacts).filter((c) => !c.done) ?? [];
  useCommands(may ? [
    { id: "outreach-add", label: "Add press or an analyst", keys: ". p", group: "Told by hand", words: "journalist outlet asks", run: () => dialog("press") },
    ...(open.length > 0 ? [{ id: "outreach-outcome", label: "What came of a call: the one under the focus, or the next", keys: ". o", group: "Told by hand", words: "outcome vip account reached forum", run: () => {
      const at = document.activeElement?.closest<HTMLElement>("[data-contact]")?.dataset["contact"];
      const c = open.find((x) => x.id === at) ?? open[0];
      if (c) answer(c);
    } }] : []),
  ] : []);
  return (
    <Reading query={query} rows={3}>
      {(b) => (
        <Card title="Told by hand" aside={b.all > 0 ? `${b.done} of ${b.all} done, ${b.percent} %` : undefined}>
          {b.all === 0 && <Empty title="Nobody has to be called.">Calls of VIP and named accounts appear here when the incident is declared and touches some.</Empty>}
          {b.all > 0 && <div className={css.progress} role="img" aria-label={`${b.percent} % done`}><i style={{ width: `${b.percent}%` }} /></div>}
          {b.groups.map((g) => (
            <section key={g.owner} className={css.group} aria-label={g.name === g.owner ? who(g.owner) : g.name}>
              <h3>{g.name === g.owner ? who(g.owner) : g.name}<span className="faint"> {g.done} of {g.all}</span>{g.late > 0 && <Chip colour="red">{count(g.late, "late", "late")}</Chip>}</h3>
              <ul>{g.contacts.map((c) => <Row key={c.id} c={c} onAnswer={may && !c.done ? () => answer(c) : undefined} />)}</ul>
            </section>
          ))}
          {may && <div className="row"><span className="grow muted small">Whoever of the press or an analyst asks is written down here.</span><Button size="xs" onClick={() => dialog("press")}>Add press or analyst</Button></div>}
        </Card>
      )}
    </Reading>
  );
}

function Row({ c, onAnswer }: { c: Contact; onAnswer?: (() => void) | undefined }) {
  const last = c.tries[c.tries.length - 1];
  return (
    <li className={css.contact} data-contact={c.id} data-row tabIndex={-1}>
      <div className="grow">
        <b>{c.name}</b> {c.kind !== "account" && <Chip>{kindWord[c.kind]}</Chip>}{" "}
        <span className="muted">{c.person}{c.phone && <> <a href={`tel:${c.phone}`} className="mono">{c.phone}</a></>}</span>
        {last && <p className="small"><Chip colour={c.done ? "green" : "amber"}>{plain(last.outcome)}</Chip> {last.note} {last.url && <a href={last.url} target="_blank" rel="noreferrer">{last.url}</a>} <span className="faint"><Time at={last.at} /></span></p>}
        {c.script && <details className={css.readers}><summary>{c.kind === "post" ? "What to post" : c.kind === "account" ? "What to say" : "What it is about"}</summary><p className="prose">{c.script}</p></details>}
      </div>
      {!c.done && c.due_at && <span className={c.late ? "tone-over small" : "faint small"}>{c.late ? "late, due " : "due "}<Time at={c.due_at} /></span>}
      {onAnswer && <Button size="xs" onClick={onAnswer} aria-label={`Outcome of ${c.name}`}>Outcome</Button>}
    </li>
  );
}

/** What came of a call or a post; the address names which. */
export function OutcomeDialog({ i, id, onClose }: { i: Incident; id: string | undefined; onClose: () => void }) {
  const query = useQuery(desk.outreach(i.number));
  const c = query.data?.groups.flatMap((g) => g.contacts).find((x) => x.id === id);
  return c ? <AnswerDialog i={i} c={c} onClose={onClose} /> : null;
}

function AnswerDialog({ i, c, onClose }: { i: Incident; c: Contact; onClose: () => void }) {
  const doit = useAct(i.number);
  const [outcome, setOutcome] = useState<Outcome>(outcomes[c.kind][0] ?? "reached");
  const [note, setNote] = useState("");
  const [url, setURL] = useState("");
  const asks = outcome === "follow_up" || outcome === "not_needed";
  return (
    <Dialog title={`What came of ${c.name}?`} verb="Write down" onClose={onClose} ready={(!asks || note.trim() !== "") && (outcome !== "posted" || url.trim() !== "")}
      onSubmit={() => doit(() => telling.outcome(c.id, { outcome, note: note.trim() || undefined, url: url.trim() || undefined } as never))}>
      <Select label="Outcome" data={outcomes[c.kind].map((o) => ({ value: o, label: plain(o) }))} value={outcome} onChange={(v) => setOutcome((v ?? "reached") as Outcome)} allowDeselect={false} data-autofocus />
      {outcome === "posted" && <TextInput label="Address of the post" value={url} onChange={(e) => setURL(e.currentTarget.value)} placeholder="https://community.example.com/t/42" />}
      <Textarea label="Note" description={asks ? "Why, or what is still to come." : "What the customer said."} autosize minRows={2} value={note} onChange={(e) => setNote(e.currentTarget.value)} />
    </Dialog>
  );
}

export function AddDialog({ i, onClose }: { i: Incident; onClose: () => void }) {
  const doit = useAct(i.number);
  const [kind, setKind] = useState<"press" | "analyst">("press");
  const [name, setName] = useState("");
  const [person, setPerson] = useState("");
  const [about, setAbout] = useState("");
  return (
    <Dialog title="Press or analyst" verb="Write down" onClose={onClose} ready={name.trim() !== ""}
      onSubmit={() => doit(() => telling.add(i.number, { kind, name: name.trim(), ...(person.trim() && { person: person.trim() }), ...(about.trim() && { about: about.trim() }) }))}>
      <Select label="Sort" data={[{ value: "press", label: "Press" }, { value: "analyst", label: "Analyst" }]} value={kind} onChange={(v) => setKind(v === "analyst" ? "analyst" : "press")} allowDeselect={false} />
      <TextInput label="Outlet or firm" value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus />
      <TextInput label="Who" value={person} onChange={(e) => setPerson(e.currentTarget.value)} />
      <Textarea label="What is asked" autosize minRows={2} value={about} onChange={(e) => setAbout(e.currentTarget.value)} />
    </Dialog>
  );
}
