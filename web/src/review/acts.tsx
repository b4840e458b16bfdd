// The dialogs of a review: each writes one part of it.
import { Checkbox, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { newKey } from "../api/client";
import { q } from "../api/queries";
import { acting, reviewing, type ActionItem, type Review } from "../api/review";
import { useMe } from "../app/me";
import { useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { fromField, toField } from "../ui/instant";
import { Time } from "../ui/pieces";
import { capital } from "../ui/words";
import css from "./review.module.css";

const causes = ["change", "software", "configuration", "capacity", "hardware", "network", "data", "third_party", "security", "process", "unknown"];
const kinds = ["process", "people", "tool", "communication"];
const words = (list: string[]) => list.map((v) => ({ value: v, label: capital(v.replace("_", " ")) }));

/** Keeps the review as an answer brought it. */
export function useKeep(n: number) {
  const client = useQueryClient();
  return async (answer: Promise<Review>) => {
    client.setQueryData(["review", n], await answer);
    for (const key of [["reviews"], ["actions"], ["incident", n]]) void client.invalidateQueries({ queryKey: key });
  };
}

interface Of { n: number; r: Review; onClose: () => void }

export function CauseDialog({ n, r, onClose }: Of) {
  const keep = useKeep(n);
  const [text, setText] = useState(r.cause?.text ?? "");
  const [category, setCategory] = useState(r.cause?.category ?? "change");
  const [method, setMethod] = useState(r.cause?.method ?? "");
  return (
    <Dialog title="Root cause" verb="Write down" onClose={onClose} ready={text.trim() !== ""} onSubmit={() => keep(reviewing.put(n, "cause", { text, category, method: method || undefined }))}>
      <Textarea label="What caused it" autosize minRows={3} value={text} onChange={(e) => setText(e.currentTarget.value)} data-autofocus />
      <Select label="Category" data={words(causes)} value={category} onChange={(v) => setCategory(v ?? "unknown")} allowDeselect={false} />
      <Textarea label="How it was validated" description="Without it the cause is preliminary." autosize minRows={2} value={method} onChange={(e) => setMethod(e.currentTarget.value)} />
    </Dialog>
  );
}

/** Lines as text, one each; a factor's sort stands before a colon. */
export function FactorsDialog({ n, r, onClose }: Of) {
  const keep = useKeep(n);
  const [sort, setSort] = useState("process");
  const [text, setText] = useState("");
  const [none, setNone] = useState(r.no_factors ?? "");
  const factors = [...(r.factors ?? []).map((f) => ({ sort: f.sort, text: f.text })), ...(text.trim() ? [{ sort, text }] : [])];
  const body = text.trim() || factors.length > 0 ? { factors } : { none };
  return (
    <Dialog title="Contributing factors" verb={text.trim() ? "Add" : "Write down"} onClose={onClose} ready={text.trim() !== "" || (none.trim() !== "" && (r.factors ?? []).length === 0)} onSubmit={() => keep(reviewing.put(n, "factors", body))}>
      <Select label="Lies in" data={words(kinds)} value={sort} onChange={(v) => setSort(v ?? "process")} allowDeselect={false} />
      <Textarea label="What contributed" autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} data-autofocus />
      {(r.factors ?? []).length === 0 && <TextInput label="Or why nothing did" value={none} onChange={(e) => setNone(e.currentTarget.value)} disabled={text.trim() !== ""} />}
    </Dialog>
  );
}

/** One text about one part, such as the technical impact. */
export function TextDialog({ n, onClose, title, label, was, description, put, add, optional }: Of & { title: string; label: string; was?: string; description?: string; put?: string; add?: string; optional?: boolean }) {
  const keep = useKeep(n);
  const [text, setText] = useState(was ?? "");
  const body = put === "timeline" ? { note: text } : { text };
  return (
    <Dialog title={title} verb="Write down" onClose={onClose} ready={optional || text.trim() !== ""} onSubmit={() => keep(put ? reviewing.put(n, put, body) : reviewing.add(n, add ?? "", body))}>
      <Textarea label={label} description={description} autosize minRows={3} value={text} onChange={(e) => setText(e.currentTarget.value)} data-autofocus />
    </Dialog>
  );
}

export function RatingDialog({ n, r, onClose, feedback }: Of & { feedback?: boolean }) {
  const keep = useKeep(n);
  const [rating, setRating] = useState<number | string>(feedback ? 4 : (r.communication.rating ?? 3));
  const [good, setGood] = useState("");
  const [text, setText] = useState(feedback ? "" : (r.communication.text ?? ""));
  const stars = Number(rating);
  return (
    <Dialog title={feedback ? "How did the response go?" : "How well did communication work?"} verb="Write down" onClose={onClose} ready={stars >= 1 && stars <= 5}
      onSubmit={() => keep(feedback ? reviewing.add(n, "feedback", { rating: stars, went_well: good || undefined, to_improve: text || undefined }) : reviewing.put(n, "communication", { rating: stars, text: text || undefined }))}>
      <NumberInput label="From 1 (poor) to 5 (very well)" min={1} max={5} value={rating} onChange={setRating} data-autofocus />
      {feedback && <Textarea label="What went well" autosize minRows={2} value={good} onChange={(e) => setGood(e.currentTarget.value)} />}
      <Textarea label={feedback ? "What could be better" : "Why"} autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} />
    </Dialog>
  );
}

export function LessonsDialog({ n, r, onClose }: Of) {
  const keep = useKeep(n);
  const lines = (l: { text: string }[] | null | undefined) => (l ?? []).map((x) => x.text).join("\n");
  const [lessons, setLessons] = useState(lines(r.lessons));
  const [well, setWell] = useState(lines(r.went_well));
  const split = (t: string) => t.split("\n").map((x) => x.trim()).filter(Boolean);
  return (
    <Dialog title="Lessons" verb="Write down" onClose={onClose} onSubmit={() => keep(reviewing.change(n, { lessons: split(lessons), went_well: split(well) }))}>
      <Textarea label="What we have learned, one a line" autosize minRows={3} value={lessons} onChange={(e) => setLessons(e.currentTarget.value)} data-autofocus />
      <Textarea label="What went well, one a line" autosize minRows={3} value={well} onChange={(e) => setWell(e.currentTarget.value)} />
    </Dialog>
  );
}

export function AgendaDialog({ n, r, onClose, id }: Of & { id: string }) {
  const keep = useKeep(n);
  const a = (r.agenda ?? []).find((x) => x.id === id);
  const [notes, setNotes] = useState(a?.notes ?? "");
  const [decided, setDecided] = useState(a?.decided ?? "");
  const [minutes, setMinutes] = useState<number | string>(a?.minutes ?? 5);
  return (
    <Dialog title={a?.title ?? "Agenda"} verb="Write down" onClose={onClose} ready={notes.trim() + decided.trim() !== ""} onSubmit={() => keep(reviewing.put(n, `agenda/${encodeURIComponent(id)}`, { notes, decided, minutes: Number(minutes) || 0 }))}>
      <Textarea label="What was said" autosize minRows={3} value={notes} onChange={(e) => setNotes(e.currentTarget.value)} data-autofocus />
      <Textarea label="What was decided" autosize minRows={2} value={decided} onChange={(e) => setDecided(e.currentTarget.value)} />
      <NumberInput label="Minutes it took" min={0} max={1440} value={minutes} onChange={setMinutes} />
    </Dialog>
  );
}

export function MeetingDialog({ n, r, onClose, held }: Of & { held?: boolean }) {
  const keep = useKeep(n);
  const zone = useZone();
  const m = r.meeting;
  const [start, setStart] = useState(toField(m.start, zone));
  const [end, setEnd] = useState(toField(m.end, zone));
  const [reason, setReason] = useState(m.reason ?? "");
  const [there, setThere] = useState<string[]>((r.participants ?? []).filter((p) => !p.left_out).map((p) => p.person.id));
  const at = fromField(start, zone);
  const until = fromField(end, zone);
  return (
    <Dialog title={held ? "The formal review was held" : "When is the formal review?"} verb={held ? "Write down" : "Set and invite"} onClose={onClose} ready={at !== "" && (!held || (until !== "" && there.length > 0))}
      onSubmit={() => keep(held ? reviewing.add(n, "meeting/held", { start: at, end: until, attended: there, reason: reason || undefined }) : reviewing.put(n, "meeting", { start: at, reason: reason || undefined }))}>
      <TextInput type="datetime-local" label="Begins" value={start} onChange={(e) => setStart(e.currentTarget.value)} data-autofocus />
      {held && <TextInput type="datetime-local" label="Ended" value={end} onChange={(e) => setEnd(e.currentTarget.value)} />}
      {m.window_from && <p className="muted small">The window is from <Time at={m.window_from} /> to <Time at={m.window_until} />. Outside it needs a reason.</p>}
      <TextInput label="Reason, outside the window" value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
      {held && <Checkbox.Group label="Who was there" value={there} onChange={setThere}><div className="stack" style={{ gap: 8, marginTop: 6 }}>{(r.participants ?? []).map((p) => <Checkbox key={p.person.id} value={p.person.id} label={p.person.name} />)}</div></Checkbox.Group>}
    </Dialog>
  );
}

function usePeople() {
  return (useQuery(q.people()).data ?? []).map((p) => ({ value: p.id, label: p.name }));
}

export function FollowUpDialog({ n, r, onClose }: Of) {
  const keep = useKeep(n);
  const zone = useZone();
  const people = usePeople();
  const [at, setAt] = useState(toField(r.follow_up?.at, zone));
  const [owner, setOwner] = useState<string | null>(r.follow_up?.owner.id ?? r.owner?.id ?? null);
  const when = fromField(at, zone);
  return (
    <Dialog title="Follow-up" verb="Set and invite" onClose={onClose} ready={when !== "" && owner !== null} onSubmit={() => keep(reviewing.put(n, "follow-up", { at: when, owner }))}>
      <TextInput type="datetime-local" label="Looked at again on" value={at} onChange={(e) => setAt(e.currentTarget.value)} data-autofocus />
      <Select label="Who sees to it" data={people} searchable value={owner} onChange={setOwner} />
    </Dialog>
  );
}

export function GuestDialog({ n, r, onClose }: Of) {
  const keep = useKeep(n);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [of, setOf] = useState("");
  return (
    <Dialog title="Ask somebody from outside" verb="Ask" onClose={onClose} ready={name.trim() !== "" && email.includes("@")} onSubmit={() => keep(reviewing.change(n, { guests: [...(r.guests ?? []), { name, email, of: of || undefined }] }))}>
      <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus />
      <TextInput type="email" label="Mail address" description="A guest gets the invitation and sees nothing of the product." value={email} onChange={(e) => setEmail(e.currentTarget.value)} />
      <TextInput label="Vendor or company" value={of} onChange={(e) => setOf(e.currentTarget.value)} />
    </Dialog>
  );
}

export function NewActionDialog({ n, r, onClose, from }: Of & { from?: { id: string; text: string } }) {
  const client = useQueryClient();
  const zone = useZone();
  const people = usePeople();
  const [key] = useState(newKey);
  const [title, setTitle] = useState(from?.text ?? "");
  const [category, setCategory] = useState<string>(from ? "process" : "technical");
  const [owner, setOwner] = useState<string | null>(null);
  const [due, setDue] = useState("");
  const at = fromField(due, zone);
  const submit = async () => {
    await acting.create({ incident: r.incident, title, category: category as ActionItem["category"], owner: owner ?? "", due_at: at, recommendation: from?.id }, key);
    for (const k of [["review", n], ["actions"]]) await client.invalidateQueries({ queryKey: k });
  };
  return (
    <Dialog title="New action item" verb="Make it" onClose={onClose} ready={title.trim() !== "" && owner !== null && at !== ""} onSubmit={submit}>
      <TextInput label="What is to be done" value={title} onChange={(e) => setTitle(e.currentTarget.value)} data-autofocus />
      <Select label="Category" data={words(["technical", "process", "training", "tooling", "communication"])} value={category} onChange={(v) => setCategory(v ?? "technical")} allowDeselect={false} />
      <Select label="Owner" description="One person, who sees it through." data={people} searchable value={owner} onChange={setOwner} />
      <TextInput type="datetime-local" label="Done by" value={due} onChange={(e) => setDue(e.currentTarget.value)} />
    </Dialog>
  );
}

/** What can be done to an action item. */
export function ActDialog({ a, onClose }: { a: ActionItem; onClose: () => void }) {
  const client = useQueryClient();
  const me = useMe();
  const mine = me?.person_id === a.owner.id;
  const steps = a.state === "done" ? [...(mine ? [] : ["verify"]), "in_progress"] : a.state === "verified" || a.state === "cancelled" ? [] : ["check_in", "in_progress", "blocked", "done", "cancelled"];
  const say: Record<string, string> = { verify: "I have seen that it is done", check_in: "Say how it stands", in_progress: "In progress", blocked: "Blocked", done: "Done", cancelled: "Cancelled" };
  const may = (me?.role === "admin" || me?.role === "responder") && steps.length > 0;
  const [step, setStep] = useState<string>(steps[0] ?? "check_in");
  const [note, setNote] = useState("");
  const needs = step === "blocked" || step === "cancelled" || step === "check_in";
  const submit = async () => {
    if (step === "verify") await acting.verify(a.id, note);
    else if (step === "check_in") await acting.checkIn(a.id, note);
    else await acting.change(a.id, { state: step, reason: note || undefined });
    notifications.show({ message: `${a.title}: written down.` });
    for (const k of [["actions"], ["review"]]) await client.invalidateQueries({ queryKey: k });
  };
  return (
    <Dialog title={a.title} verb={may ? "Write down" : "Close"} shows={!may} onClose={onClose} ready={!may || !needs || note.trim() !== ""} onSubmit={may ? submit : async () => {}}>
      <dl className={css.facts}>
        <dt>Owner</dt><dd>{a.owner.name}</dd>
        <dt>Due</dt><dd><Time at={a.due_at} />{a.overdue ? ", overdue" : ""}</dd>
        <dt>Category</dt><dd>{capital(a.category)}</dd>
        {a.reason && <><dt>Reason</dt><dd>{a.reason}</dd></>}
      </dl>
      {(a.milestones ?? []).length > 0 && <ul className={css.list} aria-label="Milestones">{(a.milestones ?? []).map((m) => <li key={m.id}>{m.title} <span className="muted small">{m.state}, due <Time at={m.due_at} /></span></li>)}</ul>}
      <ul className={css.list} aria-label="What became of it">{(a.history ?? []).slice(-6).map((h, k) => <li key={k} className="small"><Time at={h.at} /> {h.by.name}: {h.what.replace("_", " ")} {h.text}</li>)}</ul>
      {may && <>
        <Select label="What is to be written down" data={steps.map((v) => ({ value: v, label: say[v] ?? v }))} value={step} onChange={(v) => setStep(v ?? step)} allowDeselect={false} />
        <Textarea label={needs ? "Why, or how it stands" : "Note"} autosize minRows={2} value={note} onChange={(e) => setNote(e.currentTarget.value)} data-autofocus />
      </>}
    </Dialog>
  );
}
