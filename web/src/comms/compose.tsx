// Writing and publishing a message: the text as readers will see it, where it
// goes, and an approval that is bound to exactly that text.
import { Button, Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { act } from "../api/endpoints";
import type { Incident, Message } from "../api/types";
import { useAct, useDialog, useDo } from "../command/act";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { capital, channelWord, count } from "../ui/words";
import css from "./messages.module.css";
import { audienceWord, reach } from "./messages";

const audiences = ["customers", "vip", "executives", "stakeholders", "public"];
const channels = ["status_page", "email", "in_app"];
const words = [
  { value: "investigating", label: "Investigating" },
  { value: "identified", label: "Identified" },
  { value: "monitoring", label: "Monitoring" },
  { value: "resolved", label: "Resolved" },
];

export function Compose({ i, edit, onClose }: { i: Incident; edit?: Message; onClose: () => void }) {
  const key = edit ? `message-${edit.id}` : `update-${i.number}`;
  const [text, setText, clearText] = useDraft(key, edit?.text ?? "");
  const [subject, setSubject, clearSubject] = useDraft(`${key}-subject`, edit?.subject ?? "");
  const [audience, setAudience] = useState(edit?.audience ?? "customers");
  const [where, setWhere] = useState<string[]>(edit?.channels ?? channels);
  const [status, setStatus] = useState(edit?.status || (i.status === "monitoring" || i.status === "mitigated" ? "monitoring" : "investigating"));
  const doit = useAct(i.number);
  const all = [...new Set([...channels, ...(edit?.channels ?? [])])];
  async function submit() {
    const body = { audience, channels: where, status, subject: subject.trim(), text: text.trim() };
    await doit(() => (edit ? act.editMessage(edit.id, edit.audience === audience ? { subject: body.subject, text: body.text, status } : body) : act.message(i.number, body)));
    clearText();
    clearSubject();
  }
  return (
    <Dialog title={edit ? "Edit the message" : `Update for ${i.ref}`} verb={edit ? "Save as draft" : "Save draft for approval"} size={680} onClose={onClose} onSubmit={submit} ready={text.trim() !== "" && where.length > 0}>
      <div className={css.checks}>
        <Select label="To" data={audiences.map((a) => ({ value: a, label: capital(audienceWord(a)) }))} value={audience} onChange={(v) => setAudience(v ?? "customers")} allowDeselect={false} disabled={!!edit} className="grow" />
        <Select label="Status page says" data={words} value={status} onChange={(v) => setStatus(v ?? "investigating")} allowDeselect={false} className="grow" />
      </div>
      <Checkbox.Group label="Over" value={where} onChange={setWhere}>
        <div className={css.checks}>{all.map((c) => <Checkbox key={c} value={c} label={capital(channelWord(c))} disabled={!!edit} />)}</div>
      </Checkbox.Group>
      <TextInput label="Subject" value={subject} onChange={(e) => setSubject(e.currentTarget.value)} placeholder="Sign-in is not working" />
      <Textarea label="Text" description="Plain words for people outside: what does not work, for whom, what you are doing, when you write next." autosize minRows={5} maxRows={14} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
      {edit?.state === "approved" && <p className="fact">Changing the text voids the approval it has.</p>}
    </Dialog>
  );
}

export function Publish({ i, m, onClose }: { i: Incident; m: Message; onClose: () => void }) {
  const doit = useAct(i.number);
  const undo = useDo(i.number);
  const dialog = useDialog();
  async function submit() {
    await doit(async () => {
      if (m.state !== "approved") await act.approve(m.id, m.hash);
      return act.publish(m.id);
    });
  }
  const open = m.channels.includes("status_page");
  return (
    <Dialog title={m.state === "approved" ? "Publish this text?" : "Approve and publish this text?"} verb={m.state === "approved" ? "Publish" : "Approve and publish"} size={620} onClose={onClose} onSubmit={submit}
      extra={<><Button variant="subtle" onClick={() => { onClose(); void undo("Cancelling the message", () => act.cancelMessage(m.id)); }}>Discard</Button><Button onClick={() => dialog("message", { message: m.id })}>Edit</Button></>}>
      <div className={css.preview}>
        {m.subject && <h3>{m.subject}</h3>}
        <p className="prose">{m.text}</p>
      </div>
      <p className="fact">
        Goes to <b>{audienceWord(m.audience)}</b> by {reach(m)}{m.status ? <>; the status page says <b>{m.status}</b></> : null}. {open ? "It is public within a second and cannot be taken back, only followed by another." : `${m.recipients ? capital(count(m.recipients, "person", "people")) : "They"} cannot unread it.`}
      </p>
    </Dialog>
  );
}
