// What is asked while a cause is looked for. Which dialog is open, and about what
// entry, is in the address (?do=, ?entry=).
import { Button, MultiSelect, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Problem } from "../api/client";
import { inquiry, iq, type Finding, type InquiryFile, type Proof, type Workstream } from "../api/inquiry";
import { q } from "../api/queries";
import type { Incident } from "../api/types";
import { useMe } from "../app/me";
import { useAct } from "../command/act";
import { Dialog } from "../ui/dialog";
import { useDraft, useKept } from "../ui/draft";
import { lines } from "./logic";
import { Applied, Approve, OptionDialog, PlanDialog, Reject, RiskDialog, TestDialog } from "./optiondialogs";
import { results, streamStates } from "./record";
import { KeepDialog } from "./upload";

export interface Props {
  i: Incident;
  onClose: () => void;
  entry: string;
}

export function InquiryDialogs({ i, onClose, entry, name }: Props & { name: string }) {
  const f = useQuery(iq.file(i.number)).data;
  const p: Props = { i, onClose, entry };
  switch (name) {
    case "cause": return <Cause {...p} f={f} />;
    case "confirm": return <Judge {...p} f={f} verb="confirm" />;
    case "rule-out": return <Judge {...p} f={f} verb="rule-out" />;
    case "open-again": return <Judge {...p} f={f} verb="reopen" />;
    case "decision": return <DecisionDialog {...p} />;
    case "stream": return entry && !f ? null : <StreamDialog key={entry} {...p} f={f} />;
    case "inform": return <Inform {...p} />;
    case "finding": return <FindingDialog {...p} />;
    case "measure": return <Measure {...p} />;
    case "evidence": return <KeepDialog {...p} f={f} />;
    case "option": return <OptionDialog {...p} />;
    case "risk": return f ? <RiskDialog {...p} f={f} /> : null;
    case "tested": return f ? <TestDialog {...p} f={f} /> : null;
    case "plan": return f ? <PlanDialog {...p} f={f} /> : null;
    case "approve": return <Approve {...p} f={f} />;
    case "reject": return <Reject {...p} f={f} />;
    case "applied": return <Applied {...p} f={f} />;
    default: return null;
  }
}

/** A person or a team, as owner of a part of the work. */
export function useOwnersOf(): { group: string; items: { value: string; label: string }[] }[] {
  const people = useQuery(q.people()).data ?? [];
  const teams = useQuery(q.teams()).data ?? [];
  return [
    { group: "Teams", items: teams.map((t) => ({ value: `team:${t.id}`, label: t.name })) },
    { group: "People", items: people.map((p) => ({ value: `person:${p.id}`, label: p.title && p.title !== p.name ? `${p.name}, ${p.title}` : p.name })) },
  ];
}

export const useMineAsOwner = (): string | null => {
  const me = useMe()?.person_id;
  return me ? `person:${me}` : null;
};

/** Words, one link and files of the vault that speak for something. */
export function useProof(n: number, key: string, label: string, example: string, optional = false): { proof: Proof; ready: boolean; clear: () => void; fields: ReactNode } {
  const [text, setText, clear] = useDraft(key);
  const [link, setLink] = useState("");
  const [files, setFiles] = useState<string[]>([]);
  const kept = useQuery(iq.evidence(n)).data ?? [];
  return {
    proof: { text: text.trim(), ...(link.trim() ? { links: [{ url: link.trim() }] } : {}), ...(files.length > 0 ? { files } : {}) },
    ready: optional || text.trim() !== "",
    clear,
    fields: (
      <>
        <Textarea label={label} placeholder={example} autosize minRows={2} maxRows={10} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
        <TextInput type="url" label="Link" description="A graph, a commit, a log search" placeholder="https://" value={link} onChange={(e) => setLink(e.currentTarget.value)} />
        {kept.length > 0 && <MultiSelect label="Files of the vault" searchable clearable data={kept.map((e) => ({ value: e.id, label: e.name }))} value={files} onChange={setFiles} openOnFocus={false} />}
      </>
    ),
  };
}

function Cause({ i, onClose, entry, f }: Props & { f: InquiryFile | undefined }) {
  const [text, setText, clear] = useDraft(`cause-${i.number}`);
  const doit = useAct(i.number);
  const parent = f?.hypotheses.find((h) => h.id === entry);
  return (
    <Dialog title={parent ? "Why would that be?" : "Name a possible cause"} verb="Add" onClose={onClose} ready={text.trim() !== ""} onSubmit={async () => { await doit(() => inquiry.suppose(i.number, { text: text.trim(), ...(parent ? { parent: parent.id } : {}) })); clear(); }}>
      {parent && <p className="fact">What could explain <b>{parent.text}</b>?</p>}
      <TextInput label="What could be the cause?" placeholder="Session keys were rotated without the old key staying valid" data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
    </Dialog>
  );
}

const judging = {
  confirm: { title: "Confirm the cause?", verb: "It is the cause", label: "What speaks for it?", example: "Sign-ins succeed in eu since the old key was put back there; they fail in us, where it was not" },
  "rule-out": { title: "Rule it out?", verb: "Rule out", label: "What speaks against it?", example: "The errors began six minutes before the deployment" },
  reopen: { title: "Open it again?", verb: "Open again", label: "Why is it open again?", example: "The errors came back though the key is in place" },
} as const;

function Judge({ i, onClose, entry, f, verb }: Props & { f: InquiryFile | undefined; verb: keyof typeof judging }) {
  const h = f?.hypotheses.find((x) => x.id === entry);
  const says = judging[verb];
  const doit = useAct(i.number);
  const p = useProof(i.number, `judge-${verb}-${entry}`, says.label, says.example);
  if (!h) return null;
  return (
    <Dialog title={says.title} verb={says.verb} onClose={onClose} ready={p.ready} onSubmit={async () => { await doit(() => inquiry.judge(h.id, verb, p.proof)); p.clear(); }}>
      <p className="fact"><b>{h.text}</b>{verb === "confirm" ? " It answers the task to find the cause, and the review begins with it." : ""}</p>
      {p.fields}
    </Dialog>
  );
}

interface Draft {
  sort?: string;
  question?: string;
  choice?: string;
  options?: string;
  rationale?: string;
}

function DecisionDialog({ i, onClose }: Props) {
  const me = useMe()?.person_id;
  const commander = i.roles["incident_commander"];
  const commands = !!me && !!commander && (typeof commander === "string" ? commander : commander.id) === me;
  const [d = {}, setD] = useKept<Draft>(`decision-${i.number}`);
  const [by, setBy] = useState<string | null>(null);
  const people = useQuery(q.people()).data ?? [];
  const doit = useAct(i.number);
  const set = (more: Draft) => setD({ ...d, ...more });
  const sort = (d.sort ?? (commands ? "command" : "technical")) as "command" | "technical";
  const [wrong, setWrong] = useState<Problem>();
  return (
    <Dialog
      title="Write down a decision" verb="Write it down" size={640} onClose={onClose} onError={(e) => setWrong(e instanceof Problem ? e : undefined)}
      ready={!!d.question?.trim() && !!d.choice?.trim()}
      onSubmit={async () => {
        await doit(() => inquiry.decide(i.number, { sort, question: d.question!.trim(), choice: d.choice!.trim(), rationale: d.rationale?.trim() ?? "", options: lines(d.options ?? ""), ...(by ? { made_by: by } : {}) }));
        setD(undefined);
      }}
    >
      <SegmentedControl fullWidth aria-label="Whose decision it is" value={sort} onChange={(v) => set({ sort: v })} data={[{ value: "technical", label: "Technical" }, { value: "command", label: "Of command" }]} />
      <TextInput label="What was to be decided?" placeholder="Roll back or fix forward?" data-autofocus value={d.question ?? ""} onChange={(e) => set({ question: e.currentTarget.value })} />
      <TextInput label="What was decided?" placeholder="Roll back auth-gateway to 4.17.2" value={d.choice ?? ""} onChange={(e) => set({ choice: e.currentTarget.value })} />
      <Textarea label="Instead of what?" description="One on a line" autosize minRows={1} maxRows={6} placeholder={"Fix the cache in 4.18.1\nRaise the session limit"} value={d.options ?? ""} onChange={(e) => set({ options: e.currentTarget.value })} />
      <Textarea label="Why?" error={wrong?.about("rationale")} autosize minRows={2} maxRows={10} placeholder="The errors began with it, and the way back takes two minutes" value={d.rationale ?? ""} onChange={(e) => set({ rationale: e.currentTarget.value })} />
      <Select label="Who decided?" placeholder="You" clearable searchable data={people.map((p) => ({ value: p.id, label: p.name }))} value={by} onChange={setBy} openOnFocus={false} />
    </Dialog>
  );
}

function StreamDialog({ i, onClose, entry, f }: Props & { f: InquiryFile | undefined }) {
  const old = f?.workstreams.find((w) => w.id === entry);
  const mine = useMineAsOwner();
  const owners = useOwnersOf();
  const [title, setTitle] = useState(old?.title ?? "");
  const [owner, setOwner] = useState<string | null>(old?.owner ?? mine);
  const [state, setState] = useState<Workstream["state"]>(old?.state ?? "running");
  const [note, setNote] = useState(old?.note ?? "");
  const doit = useAct(i.number);
  const fields = { title: title.trim(), owner: owner ?? "", state, note: note.trim() };
  return (
    <Dialog title={old ? "Change the workstream" : "Open a workstream"} verb={old ? "Save" : "Open"} onClose={onClose} ready={fields.title !== "" && !!owner} onSubmit={() => doit<unknown>(() => (old ? inquiry.move(old.id, fields) : inquiry.begin(i.number, fields)))}>
      <TextInput label="What part of the work?" placeholder="Database: locks on the sessions table" data-autofocus={!old || undefined} value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
      <Select label="Whose is it?" searchable data={owners} value={owner} onChange={setOwner} nothingFoundMessage="Nobody of that name" openOnFocus={false} />
      <SegmentedControl fullWidth aria-label="How it stands" value={state} onChange={(v) => setState(v as Workstream["state"])} data={(Object.keys(streamStates) as Workstream["state"][]).map((s) => ({ value: s, label: streamStates[s][0] }))} />
      <Textarea label={state === "blocked" ? "What does it wait for?" : "The latest word"} autosize minRows={2} data-autofocus={old ? true : undefined} value={note} onChange={(e) => setNote(e.currentTarget.value)} />
    </Dialog>
  );
}

function Inform({ i, onClose }: Props) {
  const [text, setText, clear] = useDraft(`inform-${i.number}`);
  const [next, setNext, clearNext] = useDraft(`inform-next-${i.number}`);
  const doit = useAct(i.number);
  return (
    <Dialog title="Tell the commander how things stand" verb="Send" onClose={onClose} ready={text.trim() !== ""} onSubmit={async () => { await doit(() => inquiry.inform(i.number, { text: text.trim(), ...(next.trim() ? { next: next.trim() } : {}) })); clear(); clearNext(); }}>
      <p className="muted">The commander is notified at once{i.restricted ? ", without its text, since the incident is restricted" : ""}, and the reminder starts anew.</p>
      <Textarea label="How do things stand?" placeholder="The old key is back in eu and sign-ins succeed there; us follows" autosize minRows={2} maxRows={10} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
      <TextInput label="What comes next?" placeholder="us at 03:40, then apac" value={next} onChange={(e) => setNext(e.currentTarget.value)} />
    </Dialog>
  );
}

function FindingDialog({ i, onClose }: Props) {
  const [about, setAbout] = useState<Finding["about"]>("reproduction");
  const [result, setResult] = useState<Finding["result"] | null>(null);
  const [where, setWhere] = useState("");
  const doit = useAct(i.number);
  const repro = about === "reproduction" && result !== "not_possible";
  const p = useProof(i.number, `finding-${i.number}`, result === "not_possible" ? "Why is it not possible?" : "What was looked at, and what was found?", "The slowest query is the session lookup; it waits for a lock of the migration", repro);
  const of = results[about].of;
  return (
    <Dialog title="Write down a finding" verb={result === "threat" ? "It is a threat" : "Write it down"} danger={result === "threat"} onClose={onClose} ready={!!result && p.ready && (!repro || where.trim() !== "")} onSubmit={async () => { await doit(() => inquiry.find(i.number, { about, result: result ?? "", ...(repro ? { environment: where.trim() } : {}), evidence: p.proof })); p.clear(); }}>
      <SegmentedControl fullWidth aria-label="What was examined" value={about} onChange={(v) => { setAbout(v as Finding["about"]); setResult(null); }} data={(Object.keys(results) as Finding["about"][]).map((k) => ({ value: k, label: results[k].name }))} />
      <div className="row wrap" role="group" aria-label="What came of it">
        {(Object.keys(of) as Finding["result"][]).map((r) => <Button key={r} aria-pressed={result === r} variant={result === r ? "filled" : "default"} onClick={() => setResult(r)}>{of[r]![0]}</Button>)}
      </div>
      {result === "threat" && <p className="fact"><b>It becomes an incident of security.</b> It is restricted to those who work on it, and Legal is told.</p>}
      {repro && <TextInput label="Where was it tried?" placeholder="staging, with the sessions of last night" value={where} onChange={(e) => setWhere(e.currentTarget.value)} />}
      {p.fields}
    </Dialog>
  );
}

function Measure({ i, onClose }: Props) {
  const query = useQuery(iq.targets(i.number));
  const [chosen, setChosen] = useState<string[]>([]);
  const [times, setTimes] = useState("5");
  const doit = useAct(i.number);
  const targets = query.data ?? [];
  const none = query.data !== undefined && targets.length === 0;
  return (
    <Dialog title="Measure the way to the service" verb="Measure" onClose={onClose} ready={targets.length > 0} onSubmit={() => doit(() => inquiry.probe(i.number, { ...(chosen.length > 0 ? { targets: chosen } : {}), times: Number(times) }))}>
      <p className="muted">The name, the connection, the certificate and the answer of each target, a few times over. What each took comes on the record within seconds.</p>
      {none ? <p className="fact"><b>The catalogue names nothing that may be measured for {i.service.name}.</b> Give it a check, or addresses under &ldquo;probes&rdquo; of the service; arbitrary addresses are not measured.</p> : (
        <MultiSelect label="Targets" placeholder={chosen.length === 0 ? (targets.length > 10 ? "The first ten" : "All of them") : undefined} searchable clearable maxValues={10} data={targets.map((t) => ({ value: t.address, label: `${t.address}${t.service !== i.service.id ? `, ${t.service}` : ""}` }))} value={chosen} onChange={setChosen} data-autofocus openOnFocus={false} />
      )}
      <SegmentedControl aria-label="How often" value={times} onChange={setTimes} data={[{ value: "1", label: "Once" }, { value: "5", label: "5 times" }, { value: "20", label: "20 times" }]} />
    </Dialog>
  );
}
