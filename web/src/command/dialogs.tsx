// What is asked before something is done to an incident. One dialog each; which
// one is open is in the address (?do=).
import { Radio, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { Problem } from "../api/client";
import { act, read } from "../api/endpoints";
import { q } from "../api/queries";
import { command } from "../api/command";
import type { Incident, Message, Named, Severity } from "../api/types";
import { useMe } from "../app/me";
import { useNow, useZone } from "../app/moment";
import { Compose, Publish } from "../comms/compose";
import { AddDialog, OutcomeDialog } from "../comms/outreach";
import { SkipDialog } from "../comms/skip";
import { EndWayDialog, WayDialog } from "../customers/alternatives";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { ms, span, when } from "../ui/time";
import { idOf, label, plain, severityName } from "../ui/words";
import { useAct, useDialog } from "./act";
import { BriefDialog, Reopen, ScopeDialog, WallDialog, Write } from "./asks";
import { AskDialog } from "./cases";
import { Breakout } from "./hall";
import { RunDialog } from "./recovery";
import { useRoles } from "./roles";
import { Snooze, Wake } from "./snooze";
import { Answer, Hand, NewCard, useOwners } from "./taskdialogs";

const InquiryDialogs = lazy(() => import("../inquiry/dialogs").then((m) => ({ default: m.InquiryDialogs })));

interface Props {
  i: Incident;
  onClose: () => void;
}

export function Dialogs({ i, messages }: { i: Incident; messages: Message[] }) {
  const search = useSearch({ strict: false }) as { do?: string; message?: string; task?: string; show?: string; entry?: string };
  const dialog = useDialog();
  const props: Props = { i, onClose: () => dialog(undefined, { show: search.show === "all" ? "all" : undefined, task: undefined, entry: undefined }) };
  const message = messages.find((m) => m.id === search.message);
  switch (search.do) {
    case "resolve": return <Resolve {...props} />;
    case "snooze": return <Snooze {...props} />;
    case "wake": return <Wake {...props} />;
    case "escalate": return <Escalate {...props} />;
    case "severity": return <ChangeSeverity {...props} />;
    case "dismiss": return <Dismiss {...props} />;
    case "role": return <Role {...props} role={search.show} />;
    case "scope": return <ScopeDialog {...props} />;
    case "brief": return <BriefDialog {...props} />;
    case "reopen": return <Reopen {...props} />;
    case "wall": return <WallDialog {...props} />;
    case "note":
    case "findings": return <Write key={search.do} {...props} kind={search.do} />;
    case "task": return <Answer key={search.task} {...props} id={search.task} />;
    case "hand": return <Hand {...props} id={search.task} />;
    case "card": return <NewCard {...props} />;
    case "run": return <RunDialog {...props} />;
    case "outcome": return <OutcomeDialog key={search.entry} {...props} id={search.entry} />;
    case "skip": return <SkipDialog {...props} />;
    case "way": return <WayDialog {...props} />;
    case "way-end": return <EndWayDialog key={search.entry} {...props} id={search.entry} />;
    case "press": return <AddDialog {...props} />;
    case "ask": return <AskDialog {...props} />;
    case "breakout": return <Breakout {...props} />;
    case "merge": return <Merge {...props} />;
    case "split": return <Split {...props} />;
    case "restrict": return <Restrict {...props} />;
    case "update": return <Compose {...props} corrects={message} />;
    case "message": return message ? <Compose {...props} edit={message} /> : null;
    case "publish": return message ? <Publish {...props} m={message} /> : null;
    default: return <Suspense fallback={null}><InquiryDialogs key={`${search.do} ${search.entry ?? ""}`} {...props} name={search.do ?? ""} entry={search.entry ?? ""} /></Suspense>;
  }
}

function Resolve({ i, onClose }: Props) {
  const [reason, setReason, clear] = useDraft(`resolve-${i.number}`);
  const [ended, setEnded] = useState("");
  const [gates, setGates] = useState<string[]>([]);
  const doit = useAct(i.number);
  const lists = useQuery(q.checklists(i.number)).data ?? [];
  const known = lists.flatMap((c) => c.items).filter((t) => t.gate && t.state === "open").map((t) => t.title);
  const open = gates.length > 0 ? gates : known;
  const later = (err: unknown) => {
    if (err instanceof Problem && err.status === 409) setGates(err.errors.map((e) => e.message));
  };
  return (
    <Dialog
      title={`Resolve ${i.ref}?`}
      verb={open.length > 0 ? "Resolve anyway" : "Resolve"}
      onClose={onClose}
      onError={later}
      ready={open.length === 0 || reason.trim() !== ""}
      onSubmit={async () => {
        await doit(() => act.resolve(i.number, reason.trim() || undefined, ended ? new Date(ended).toISOString() : undefined));
        clear();
      }}
    >
      <p className="muted">Resolved means that the impact has ended for every customer. The clocks stop, customers are told, the review is opened.</p>
      {open.length > 0 && (
        <div className="fact">
          <b>Still open before resolving:</b>
          <ul className="bullets">{open.map((g) => <li key={g}>{g}</li>)}</ul>
          Your reason goes on the record and waives them.
        </div>
      )}
      <Textarea label="What ended it?" placeholder="Rolled back auth-gateway to 4.17.2; sign-ins are back to normal in every region" autosize minRows={3} data-autofocus required={open.length > 0} withAsterisk={false} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
      <TextInput type="datetime-local" label="Impact ended at" description="Only if it ended earlier than now; the evidence goes in the text above." value={ended} onChange={(e) => setEnded(e.currentTarget.value)} />
    </Dialog>
  );
}

function Escalate({ i, onClose }: Props) {
  const owners = useOwners();
  const procedure = useQuery(q.procedure()).data;
  const [to, setTo] = useState<string | null>(null);
  const [text, setText, clear] = useDraft(`escalate-${i.number}`);
  const doit = useAct(i.number);
  const me = useMe()?.person_id;
  const commander = i.roles["incident_commander"];
  const levels = (procedure?.levels ?? []).map((l) => ({ value: `level:${l.level}`, label: `Level ${l.level}: ${l.name}` }));
  const [onCall, people] = owners;
  return (
    <Dialog
      title="Page someone"
      verb="Page"
      onClose={onClose}
      ready={!!to && text.trim() !== ""}
      onSubmit={async () => {
        await doit(() => act.escalate(i.number, to ?? "", text.trim()));
        clear();
      }}
    >
      <p className="muted">A page asks for an answer and goes on, channel after channel, until there is one. A level pages everybody of it at once.</p>
      <Select label="Whom" placeholder="Level, name, title or who is on call" searchable data={[{ group: "Escalate now to", items: levels }, ...(onCall ? [onCall] : []), ...(people ? [people] : [])]} value={to} onChange={setTo} nothingFoundMessage="Nobody of that name" maxDropdownHeight={320} data-autofocus openOnFocus={false} />
      <Textarea label="What do you need from them?" placeholder="Database expertise: sessions table locks up after the roll back" autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} />
      {commander && idOf(commander) !== me && <p className="fact"><b>{label(commander as Named)}</b> commands: your reason goes on the record.</p>}
    </Dialog>
  );
}

const severities: Severity[] = ["P1", "P2", "P3", "P4"];

function ChangeSeverity({ i, onClose }: Props) {
  const [to, setTo] = useState<Severity>(severities.find((s) => s !== i.severity && s === "P1") ?? "P2");
  const [reason, setReason, clear] = useDraft(`severity-${i.number}`);
  const doit = useAct(i.number);
  const now = useNow();
  const zone = useZone();
  const preview = useQuery({ queryKey: ["preview", i.number, to], queryFn: () => read.preview(i.number, to), enabled: to !== i.severity, staleTime: 30_000 }).data;
  const down = to > i.severity;
  return (
    <Dialog
      title={`Change severity of ${i.ref}`}
      verb={to === i.severity ? "Change" : `Make it ${to}`}
      onClose={onClose}
      ready={to !== i.severity && reason.trim() !== ""}
      onSubmit={async () => {
        await doit(() => act.severity(i.number, to, reason.trim()));
        clear();
      }}
    >
      <SegmentedControl fullWidth aria-label="Severity" value={to} onChange={(v) => setTo(v as Severity)} data={severities.map((s) => ({ value: s, label: `${s} ${severityName(s)}` }))} />
      {preview && to !== i.severity && (
        <div className="fact">
          Running for <b>{span(preview.duration_seconds * 1000)}</b>, downtime this month <b>{span(preview.downtime_month_seconds * 1000)}</b>. The clocks of {to} start now:{" "}
          {preview.clocks.map((c) => `${plain(c.name ?? c.clock).toLowerCase()} by ${when(ms(c.due_at) ?? now, now, zone)}`).join(", ")}.
          {down && " Breaches stay on the record, and so does the review that the highest severity asks for."}
        </div>
      )}
      <Textarea label="Why?" placeholder={down ? "Only one report type is affected and there is a workaround" : "Customers in two more regions cannot sign in"} autosize minRows={2} data-autofocus value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
    </Dialog>
  );
}

function Dismiss({ i, onClose }: Props) {
  const [reason, setReason, clear] = useDraft(`dismiss-${i.number}`);
  const doit = useAct(i.number);
  return (
    <Dialog
      title="Dismiss as a false positive?"
      verb="Dismiss"
      danger
      onClose={onClose}
      ready={reason.trim() !== ""}
      onSubmit={async () => {
        await doit(() => act.dismiss(i.number, reason.trim()));
        clear();
      }}
    >
      <p className="muted">{i.ref} closes, pages that have not gone out are cancelled, and it counts as a false positive.</p>
      <Textarea label="What was it really?" placeholder="The check ran against a server that was being replaced" autosize minRows={2} data-autofocus value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
    </Dialog>
  );
}

function Role({ i, onClose, role: wanted }: Props & { role?: string }) {
  const people = useQuery(q.people()).data ?? [];
  const rules = useRoles();
  const [role, setRole] = useState(wanted ?? "incident_commander");
  const [person, setPerson] = useState<string | null>(null);
  const [text, setText, clear] = useDraft(`handover-${i.number}`);
  const doit = useAct(i.number);
  const data = [...new Map([...rules.map((r) => [r.id, r.title] as const), ...Object.keys(i.roles).map((r) => [r, rules.find((x) => x.id === r)?.title ?? plain(r)] as const)])].map(([value, name]) => ({ value, label: name }));
  const duties = rules.find((r) => r.id === role)?.duties ?? [];
  const joined = new Set(i.responders.filter((r) => r.state === "joined").map((r) => r.person));
  const option = (p: { id: string; name: string; title?: string }) => ({ value: p.id, label: p.title && p.title !== p.name ? `${p.name}, ${p.title}` : p.name });
  const holder = i.roles[role];
  return (
    <Dialog
      title="Hand over a role"
      verb="Hand over"
      onClose={onClose}
      ready={!!person}
      onSubmit={async () => {
        await doit(() => command.role(i.number, role, person ?? "", text.trim() || undefined));
        clear();
      }}
    >
      <Select label="Role" data={data} value={role} onChange={(v) => setRole(v ?? role)} allowDeselect={false} />
      <Select label="To" searchable placeholder="Name or title" data={[{ group: "In the room", items: people.filter((p) => joined.has(p.id)).map(option) }, { group: "Everybody", items: people.filter((p) => !joined.has(p.id)).map(option) }]} value={person} onChange={setPerson} data-autofocus openOnFocus={false} />
      {holder && idOf(holder) !== "" && <Textarea label="What must they know?" description={`From ${label(holder as Named)}; it stands on the timeline.`} placeholder="The roll back runs since 03:20; Amanda waits for a time to tell customers" autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} />}
      {duties.length > 0 && <div className="fact"><b>Theirs to do:</b><ul className="bullets">{duties.map((d) => <li key={d.text}>{d.text}</li>)}</ul></div>}
    </Dialog>
  );
}

/** Typing the number guards what cannot be undone. */
function Sure({ i, value, onChange }: { i: Incident; value: string; onChange: (text: string) => void }) {
  return <TextInput label={`Type ${i.number} to confirm`} inputMode="numeric" autoComplete="off" value={value} onChange={(e) => onChange(e.currentTarget.value)} />;
}

function Merge({ i, onClose }: Props) {
  const others = (useQuery(q.now()).data?.incidents ?? []).filter((o) => o.number !== i.number);
  const [into, setInto] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const doit = useAct(i.number);
  return (
    <Dialog title={`Merge ${i.ref} into another incident`} verb="Merge" danger onClose={onClose} ready={!!into && typed.trim() === String(i.number)} onSubmit={() => doit(() => act.merge(i.number, into ?? ""))}>
      <p className="muted">Its alerts and timeline move over, its clocks end. This cannot be undone.</p>
      <Radio.Group label="Into" value={into} onChange={setInto}>
        {others.length === 0 ? <p className="muted">No other incident is open.</p> : others.map((o) => <Radio key={o.id} mt={8} value={o.ref} label={`${o.ref} ${o.title}`} />)}
      </Radio.Group>
      <Sure i={i} value={typed} onChange={setTyped} />
    </Dialog>
  );
}

function Split({ i, onClose }: Props) {
  const alerts = useQuery(q.incidentAlerts(i.number)).data ?? [];
  const [chosen, setChosen] = useState<string[]>([]);
  const [title, setTitle] = useState("");
  const doit = useAct(i.number);
  return (
    <Dialog title={`Split alerts off ${i.ref}`} verb="Split" onClose={onClose} ready={chosen.length > 0 && chosen.length < alerts.length && title.trim() !== ""} onSubmit={() => doit(() => act.split(i.number, chosen, title.trim()))}>
      <fieldset className="plain">
        <legend>Alerts of the new incident</legend>
        {alerts.map((a) => (
          <label key={a.id} className="pick"><input type="checkbox" checked={chosen.includes(a.id)} onChange={(e) => setChosen((c) => (e.currentTarget.checked ? [...c, a.id] : c.filter((x) => x !== a.id)))} /> {a.summary}</label>
        ))}
      </fieldset>
      <TextInput label="Its title" value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
    </Dialog>
  );
}

function Restrict({ i, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const doit = useAct(i.number);
  return (
    <Dialog title={`Restrict ${i.ref}?`} verb="Restrict" danger onClose={onClose} ready={typed.trim() === String(i.number)} onSubmit={() => doit(() => act.restrict(i.number))}>
      <p className="muted">Only the security team, Legal, named executives and those working on it will see it. Nothing is published by itself any more. This cannot be undone.</p>
      <Sure i={i} value={typed} onChange={setTyped} />
    </Dialog>
  );
}
