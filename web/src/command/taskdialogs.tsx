// What is asked about a task of the procedure or a card of the board.
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cards } from "../api/command";
import { q } from "../api/queries";
import type { Incident, Task } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { useMe } from "../app/me";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { Chip } from "../ui/pieces";
import { ms, span, when } from "../ui/time";
import { answered, plain } from "../ui/words";
import { useAct, useDialog } from "./act";
import { useMove } from "./move";
import { isLate, isOpen } from "./phases";
import { phaseName, useDoer } from "./tasks";
import { wayOf } from "./ways";

interface Props {
  i: Incident;
  onClose: () => void;
}

function useTask(n: number, id: string | undefined): Task | undefined {
  return useQuery(q.checklists(n)).data?.flatMap((c) => c.items).find((t) => t.id === id);
}

/** People and who is on call, as whom a card can be given to. */
export function useOwners(): { group: string; items: { value: string; label: string }[] }[] {
  const people = useQuery(q.people()).data ?? [];
  const onCall = useQuery(q.now()).data?.on_call ?? [];
  return [
    { group: "On call now", items: onCall.filter((o) => o.person).map((o) => ({ value: `schedule:${o.schedule}`, label: `${plain(o.schedule)}: ${o.name ?? o.person}` })) },
    { group: "People", items: people.map((p) => ({ value: p.id, label: p.title && p.title !== p.name ? `${p.name}, ${p.title}` : p.name })) },
  ];
}

export function Answer({ i, id, onClose }: Props & { id: string | undefined }) {
  const t = useTask(i.number, id);
  const lists = useQuery(q.checklists(i.number)).data ?? [];
  const [text, setText, clear] = useDraft(`task-${id ?? ""}`);
  const now = useNow();
  const zone = useZone();
  const me = useMe()?.person_id;
  const move = useMove(i.number);
  const dialog = useDialog();
  const doer = useDoer();
  if (!t) return null;
  const due = ms(t.due_at);
  const way = wayOf(t);
  const run = (what: Promise<boolean>) => {
    clear();
    onClose();
    void what;
  };
  if (!isOpen(t)) {
    return <Dialog title={t.title} verb="Close" shows onClose={onClose} onSubmit={() => Promise.resolve()}><p className="muted">{t.state === "na" ? "Not applicable" : "Done"}{t.done_by_name ? `, ${t.done_by_name}` : ""}: {answered(t.evidence) || "no evidence given"}</p></Dialog>;
  }
  return (
    <Dialog
      title={t.title}
      verb="Done"
      onClose={onClose}
      onSubmit={async () => {
        clear();
        void move.done(t.id, text.trim());
      }}
      extra={<Button disabled={!text.trim()} onClick={() => run(move.skip(t.id, text.trim()))}>Not applicable</Button>}
    >
      <div className="row wrap">
        <Chip>{phaseName(lists, t)}</Chip>
        {due !== undefined && (isLate(t, now) ? <Chip colour="red">{span(now - due)} late</Chip> : <Chip colour="amber">due {when(due, now, zone)}, {span(due - now)} left</Chip>)}
        {t.gate && <Chip colour="amber">before {t.gate === "close" ? "closing" : "resolving"}</Chip>}
        <span className="muted">{doer(t)}</span>
      </div>
      <div className="row wrap">
        {way && <Button variant="filled" onClick={() => dialog(way.do, { task: undefined, ...(way.tab ? { tab: way.tab } : {}), ...way.more })}>{way.label}</Button>}
        {t.taken_by?.id !== me && <Button onClick={() => run(move.take(t.id))}>I am at it</Button>}
        <Button onClick={() => dialog("hand", { task: t.id })}>Hand on</Button>
      </div>
      <Textarea label="Evidence, or why it does not apply" placeholder="What you saw: a figure, a link, a name" autosize minRows={2} maxRows={10} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
    </Dialog>
  );
}

export function Hand({ i, id, onClose }: Props & { id: string | undefined }) {
  const t = useTask(i.number, id);
  const owners = useOwners();
  const [owner, setOwner] = useState<string | null>(null);
  const doit = useAct(i.number);
  if (!t) return null;
  return (
    <Dialog title="Hand on" verb="Hand on" onClose={onClose} ready={!!owner} onSubmit={() => doit(() => cards.hand(t.id, owner ?? ""))}>
      <p><b>{t.title}</b></p>
      <Select label="To" placeholder="Name, title or who is on call" searchable data={owners} value={owner} onChange={setOwner} nothingFoundMessage="Nobody of that name" data-autofocus openOnFocus={false} />
    </Dialog>
  );
}

const spans = [{ value: "", label: "No time" }, { value: "10m", label: "10 min" }, { value: "15m", label: "15 min" }, { value: "30m", label: "30 min" }, { value: "1h", label: "1 h" }, { value: "4h", label: "4 h" }];

export function NewCard({ i, onClose }: Props) {
  const [title, setTitle, clear] = useDraft(`card-${i.number}`);
  const [owner, setOwner] = useState<string | null>(null);
  const [due, setDue] = useState<string | null>("15m");
  const owners = useOwners();
  const doit = useAct(i.number);
  return (
    <Dialog
      title="New card"
      verb="Add"
      onClose={onClose}
      ready={title.trim() !== ""}
      onSubmit={async () => {
        await doit(() => cards.add(i.number, { title: title.trim(), ...(owner ? { owner } : {}), ...(due ? { due_in: due } : {}) }));
        clear();
      }}
    >
      <TextInput label="What is to be done?" placeholder="Roll back auth-gateway to 4.17.2" data-autofocus value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
      <Select label="By whom?" placeholder="Whoever takes it" searchable clearable data={owners} value={owner} onChange={setOwner} nothingFoundMessage="Nobody of that name" openOnFocus={false} />
      <Select label="Within" data={spans} value={due ?? ""} onChange={setDue} allowDeselect={false} />
    </Dialog>
  );
}
