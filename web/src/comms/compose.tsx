// Writing and publishing a message: the text as readers will see it, where it
// goes, and an approval that is bound to exactly that text.
import { Button, Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { desk, telling, type Fields } from "../api/desk";
import { act } from "../api/endpoints";
import type { Incident, Message } from "../api/types";
import { useAct, useDialog, useDo } from "../command/act";
import { useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { fromField } from "../ui/instant";
import { Reading } from "../ui/pieces";
import { capital, channelWord, count, plain } from "../ui/words";
import css from "./messages.module.css";
import { audienceWord, reach } from "./messages";
import { ProofView } from "./proof";

const audiences = ["customers", "enterprise", "vip", "all", "public", "executives", "stakeholders"];
const inside = ["executives", "stakeholders"];
const channels = ["status_page", "email", "in_app"];
const others = ["social", "forum", "press"];
const words = [
  { value: "investigating", label: "Investigating" },
  { value: "identified", label: "Identified" },
  { value: "monitoring", label: "Monitoring" },
  { value: "resolved", label: "Resolved" },
  { value: "postmortem", label: "Report" },
];

const usual: Record<string, string[]> = { public: ["status_page"], customers: channels, all: channels };

export function Compose({ i, edit, corrects, onClose }: { i: Incident; edit?: Message; corrects?: Message | undefined; onClose: () => void }) {
  const of = edit ?? corrects;
  const key = edit ? `message-${edit.id}` : corrects ? `correct-${corrects.id}` : `update-${i.number}`;
  const [text, setText, clearText] = useDraft(key, edit?.text ?? "");
  const [subject, setSubject, clearSubject] = useDraft(`${key}-subject`, of?.subject ?? "");
  const [audience, setAudience] = useState(of?.audience ?? "customers");
  const [where, setWhere] = useState<string[]>(of?.channels ?? channels);
  const [status, setStatus] = useState(of?.status || (i.status === "monitoring" || i.status === "mitigated" ? "monitoring" : "investigating"));
  const [retracts, setRetracts] = useState(false);
  const [shown, setShown] = useState(false);
  const doit = useAct(i.number);
  const templates = useQuery({ ...desk.templates(i.number), enabled: !edit && !corrects });
  const list = inside.includes(audience) ? ["email"] : [...channels, ...others, "sms"];
  const all = [...new Set([...list, ...(edit?.channels ?? [])])];
  const body = { audience, channels: where, status, subject: subject.trim(), text: text.trim(), ...(corrects && { corrects: corrects.id, retracts }) };
  const ready = text.trim() !== "" && where.length > 0;
  function choose(a: string) {
    setAudience(a);
    setWhere(usual[a] ?? ["email"]);
  }
  function begin(name: string | null) {
    const t = templates.data?.find((x) => x.name === name);
    if (!t) return;
    setAudience(t.audience);
    setWhere(t.channels);
    if (t.status) setStatus(t.status);
    setSubject(t.subject);
    setText(t.text);
  }
  async function submit() {
    await doit(() => (edit ? act.editMessage(edit.id, edit.audience === audience ? { subject: body.subject, text: body.text, status } : body) : act.message(i.number, body)));
    clearText();
    clearSubject();
  }
  const title = edit ? "Edit the message" : corrects ? `Correct what was told at ${corrects.published_at?.slice(11, 16) ?? ""} UTC` : `Update for ${i.ref}`;
  return (
    <Dialog title={title} verb={edit ? "Save as draft" : "Save draft for approval"} size={720} tall onClose={onClose} onSubmit={submit} ready={ready} extra={<Button onClick={() => setShown(!shown)} disabled={!ready && !shown} aria-expanded={shown}>{shown ? "Hide preview" : "Preview"}</Button>}>
      {!of && (templates.data?.length ?? 0) > 0 && <Select label="Begin with" placeholder="A text of the procedure" data={(templates.data ?? []).map((t) => ({ value: t.name, label: plain(t.name) }))} onChange={begin} searchable clearable />}
      <div className={css.checks}>
        <Select label="To" data={audiences.map((a) => ({ value: a, label: capital(audienceWord(a)) }))} value={audience} onChange={(v) => choose(v ?? "customers")} allowDeselect={false} disabled={!!edit} className="grow" />
        <Select label="Status page says" data={words} value={status} onChange={(v) => setStatus(v ?? "investigating")} allowDeselect={false} className="grow" disabled={inside.includes(audience)} />
      </div>
      <Checkbox.Group label="Over" value={where} onChange={setWhere}>
        <div className={css.checks}>{all.map((c) => <Checkbox key={c} value={c} label={capital(channelWord(c))} disabled={!!edit} />)}</div>
      </Checkbox.Group>
      {i.in_app_skip && where.includes("in_app") && <p className="fact">The notice in the product is skipped for this incident, so this goes without it: {i.in_app_skip.reason}</p>}
      <TextInput label="Subject" value={subject} onChange={(e) => setSubject(e.currentTarget.value)} placeholder="Sign-in is not working" />
      <Textarea label="Text" description="Plain words for people outside: what does not work, for whom, what you are doing, when you write next." autosize minRows={5} maxRows={14} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
      {corrects && <Checkbox label="It was wrong altogether: take it back" checked={retracts} onChange={(e) => setRetracts(e.currentTarget.checked)} />}
      {edit?.state === "approved" && <p className="fact">Changing the text voids the approval it has.</p>}
      {shown && ready && !edit && <Preview n={i.number} fields={body as Fields} />}
    </Dialog>
  );
}

function Preview({ n, fields }: { n: number; fields: Fields }) {
  const [settled] = useDebouncedValue(fields, 400);
  const query = useQuery({ ...desk.proof(n, settled), placeholderData: keepPreviousData });
  return <Reading query={query} rows={3}>{(p) => <ProofView proof={p} />}</Reading>;
}

export function Publish({ i, m, onClose }: { i: Incident; m: Message; onClose: () => void }) {
  const doit = useAct(i.number);
  const undo = useDo(i.number);
  const dialog = useDialog();
  async function submit() {
    await doit(async () => {
      if (m.state !== "approved") await act.approve(m.id, m.hash);
      return when ? telling.schedule(m.id, when) : act.publish(m.id);
    });
  }
  const open = m.channels.includes("status_page");
  const zone = useZone();
  const [later, setLater] = useState("");
  const proof = useQuery(desk.proofOf(i.number, m.id));
  const when = fromField(later, zone);
  return (
    <Dialog title={m.state === "approved" ? "Publish this text?" : "Approve and publish this text?"} verb={when ? (m.state === "approved" ? "Schedule" : "Approve and schedule") : m.state === "approved" ? "Publish" : "Approve and publish"} size={720} tall ready={!proof.data?.unripe && (later === "" || when !== "")} onClose={onClose} onSubmit={submit}
      extra={<><Button variant="subtle" onClick={() => { onClose(); void undo("Cancelling the message", () => act.cancelMessage(m.id)); }}>Discard</Button><Button onClick={() => dialog("message", { message: m.id })}>Edit</Button></>}>
      {proof.data ? <ProofView proof={proof.data} /> : (
        <div className={css.preview}>
          {m.subject && <h3>{m.subject}</h3>}
          <p className="prose">{m.words || m.text}</p>
        </div>
      )}
      <TextInput type="datetime-local" label="Not now, but at" description={m.publish_at ? "It has a time already; another one replaces it." : "Empty: at once. It goes out by itself, unless the incident has overtaken it."} value={later} onChange={(e) => setLater(e.currentTarget.value)} />
      <p className="fact">
        Goes to <b>{audienceWord(m.audience)}</b> by {reach(m)}{m.status ? <>; the status page says <b>{m.status}</b></> : null}. {open ? "It is public within a second and cannot be taken back, only followed by another." : `${m.recipients ? capital(count(m.recipients, "person", "people")) : "They"} cannot unread it.`}
      </p>
    </Dialog>
  );
}
