// What is asked about an option: its risk, how it was tested, the plan with the
// way back, and the answer to it.
import { SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../api/client";
import { inquiry, iq, type InquiryFile, type Solution } from "../api/inquiry";
import { useMe } from "../app/me";
import { useAct } from "../command/act";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { idOf } from "../ui/words";
import { useMineAsOwner, useOwnersOf, useProof, type Props } from "./dialogs";
import { lines, pieces } from "./logic";

type Of = Props & { f: InquiryFile };
type Maybe = Props & { f: InquiryFile | undefined };

const find = (f: InquiryFile | undefined, id: string): Solution | undefined => f?.solutions.find((s) => s.id === id);

/** entry: "<number>:<solution>" of an earlier incident in which it helped, or nothing. */
export function OptionDialog({ i, onClose, entry }: Props) {
  const [number, solution] = entry.split(":");
  const before = useQuery({ ...iq.similar(i.number), enabled: !!solution }).data?.find((s) => String(s.number) === number)?.solutions.find((s) => s.id === solution);
  const [sort, setSort] = useState<"fix" | "workaround">();
  const [title, setTitle, clear] = useDraft(`option-${i.number}-${entry}`);
  const [text, setText, clearText] = useDraft(`option-text-${i.number}-${entry}`);
  const doit = useAct(i.number);
  const words = title || before?.title || "";
  const more = text || before?.description || "";
  return (
    <Dialog title="Propose an option" verb="Propose" onClose={onClose} ready={words.trim() !== ""} onSubmit={async () => { await doit(() => inquiry.propose(i.number, { sort: sort ?? before?.sort ?? "fix", title: words.trim(), ...(more.trim() ? { description: more.trim() } : {}), ...(before ? { like: Number(number) } : {}) })); clear(); clearText(); }}>
      {before && <p className="fact">It helped in <b>INC-{number}</b>. Its risk and its plan are written anew, since this time may differ.</p>}
      <SegmentedControl fullWidth aria-label="What it is" value={sort ?? before?.sort ?? "fix"} onChange={(v) => setSort(v as "fix" | "workaround")} data={[{ value: "fix", label: "Fix" }, { value: "workaround", label: "Workaround" }]} />
      <TextInput label="What could be done?" placeholder="Roll back auth-gateway to 4.17.2" data-autofocus value={words} onChange={(e) => setTitle(e.currentTarget.value)} />
      <Textarea label="More about it" autosize minRows={2} maxRows={8} value={more} onChange={(e) => setText(e.currentTarget.value)} />
    </Dialog>
  );
}

const levels = [{ value: "low", label: "Low" }, { value: "medium", label: "Medium" }, { value: "high", label: "High" }];

export function RiskDialog({ i, onClose, entry, f }: Of) {
  const s = find(f, entry);
  const [likelihood, setLikelihood] = useState(s?.risk?.likelihood ?? "medium");
  const [impact, setImpact] = useState(s?.risk?.impact ?? "medium");
  const [back, setBack] = useState(s?.risk?.reversibility ?? "easy");
  const [radius, setRadius] = useState(s?.risk?.blast_radius ?? "");
  const [note, setNote] = useState(s?.risk?.note ?? "");
  const doit = useAct(i.number);
  if (!s) return null;
  return (
    <Dialog title="What could go wrong?" verb="Save" onClose={onClose} ready={radius.trim() !== ""} onSubmit={() => doit(() => inquiry.assess(s.id, { likelihood, impact, reversibility: back, blast_radius: radius.trim(), ...(note.trim() ? { note: note.trim() } : {}) }))}>
      <p className="fact"><b>{s.title}</b></p>
      <Scale label="How likely?" value={likelihood} onChange={(v) => setLikelihood(v as typeof likelihood)} data={levels} />
      <Scale label="How bad would it be?" value={impact} onChange={(v) => setImpact(v as typeof impact)} data={levels} />
      <Scale label="How hard is it to go back?" value={back} onChange={(v) => setBack(v as typeof back)} data={[{ value: "easy", label: "Easy" }, { value: "hard", label: "Hard" }, { value: "none", label: "No way back" }]} />
      <TextInput label="What else could it hit?" placeholder="Sessions that are open: up to 4,000 people sign in again" data-autofocus value={radius} onChange={(e) => setRadius(e.currentTarget.value)} />
      <Textarea label="Note" autosize minRows={1} value={note} onChange={(e) => setNote(e.currentTarget.value)} />
    </Dialog>
  );
}

function Scale({ label, value, onChange, data }: { label: string; value: string; onChange: (v: string) => void; data: { value: string; label: string }[] }) {
  return (
    <fieldset className="plain">
      <legend>{label}</legend>
      <SegmentedControl fullWidth aria-label={label} value={value} onChange={onChange} data={data} />
    </fieldset>
  );
}

export function TestDialog({ i, onClose, entry, f }: Of) {
  const s = find(f, entry);
  const me = useMe()?.person_id;
  const commands = !!me && idOf(i.roles["incident_commander"]) === me;
  const [result, setResult] = useState<"passed" | "failed" | "waived">(s?.test?.result ?? "passed");
  const [where, setWhere] = useState(s?.test?.environment ?? "staging");
  const [reason, setReason] = useState(s?.test?.reason ?? "");
  const doit = useAct(i.number);
  const p = useProof(i.number, `test-${entry}`, "What was seen?", "200 sign-ins in a row, with old and new sessions", true);
  if (!s) return null;
  const waived = result === "waived";
  return (
    <Dialog title="How was it tested?" verb={waived ? "Do without" : "Save"} danger={waived} onClose={onClose} ready={waived ? reason.trim() !== "" : where.trim() !== ""} onSubmit={async () => { await doit(() => inquiry.tested(s.id, waived ? { result, reason: reason.trim() } : { result, environment: where.trim(), evidence: p.proof })); p.clear(); }}>
      <p className="fact"><b>{s.title}</b></p>
      <SegmentedControl fullWidth aria-label="What came of the test" value={result} onChange={(v) => setResult(v as typeof result)} data={[{ value: "passed", label: "Passed" }, { value: "failed", label: "Failed" }, { value: "waived", label: "No test" }]} />
      {waived ? (
        <>
          {!commands && <p className="fact">Only the <b>incident commander</b> does without a test.</p>}
          <Textarea label="Why without a test?" autosize minRows={2} data-autofocus value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        </>
      ) : (
        <>
          <TextInput label="Where, outside production?" value={where} onChange={(e) => setWhere(e.currentTarget.value)} />
          {p.fields}
        </>
      )}
    </Dialog>
  );
}

export function PlanDialog({ i, onClose, entry, f }: Of) {
  const s = find(f, entry);
  const mine = useMineAsOwner();
  const owners = useOwnersOf();
  const [owner, setOwner] = useState<string | null>(s?.plan?.owner ?? mine);
  const [steps, setSteps, clear] = useDraft(`plan-${entry}`, (s?.plan?.steps ?? []).map((x) => x.text).join("\n"));
  const [back, setBack, clearBack] = useDraft(`plan-back-${entry}`, (s?.plan?.rollback ?? []).join("\n"));
  const [wrong, setWrong] = useState<Problem>();
  const doit = useAct(i.number);
  if (!s) return null;
  return (
    <Dialog
      title="The plan, and the way back" verb="Save the plan" size={640} onClose={onClose} onError={(e) => setWrong(e instanceof Problem ? e : undefined)}
      ready={!!owner && lines(steps).length > 0}
      onSubmit={async () => {
        setWrong(undefined);
        // Whose step it was stays, where its words do.
        const old = new Map((s.plan?.steps ?? []).map((x) => [x.text, x.owner]));
        await doit(() => inquiry.plan(s.id, { owner: owner ?? "", steps: lines(steps).map((text) => ({ text, ...(old.get(text) ? { owner: old.get(text) } : {}) })), rollback: lines(back) }));
        clear();
        clearBack();
      }}
    >
      <p className="fact"><b>{s.title}</b></p>
      <Textarea label="How is it put in?" description="One step on a line" autosize minRows={3} maxRows={12} placeholder={"Set auth-gateway to 4.17.2 in eu\nWatch sign-ins for two minutes\nThe same in us, uk, apac"} data-autofocus value={steps} onChange={(e) => setSteps(e.currentTarget.value)} />
      <Textarea label="How is it taken back?" description="One step on a line. There is no plan without a way back." error={wrong?.about("rollback")} autosize minRows={2} maxRows={12} placeholder="Set auth-gateway to 4.18.0 in every region" value={back} onChange={(e) => { setBack(e.currentTarget.value); setWrong(undefined); }} />
      <Select label="Who owns it?" searchable data={owners} value={owner} onChange={setOwner} nothingFoundMessage="Nobody of that name" openOnFocus={false} />
    </Dialog>
  );
}

export function Approve({ i, onClose, entry, f }: Maybe) {
  const s = find(f, entry);
  const doit = useAct(i.number);
  if (!s) return null;
  return (
    <Dialog title="Approve the option?" verb="Approve" onClose={onClose} onSubmit={() => doit(() => inquiry.approve(s.id))}>
      <p className="fact"><b>{s.title}</b></p>
      <ul className="bullets">{pieces(s).map((p) => <li key={p.part}><b>{p.name}</b>: {p.says}</li>)}</ul>
      <p className="muted">The technical lead and the incident commander approve. After that its risk, test and plan stay as they are.</p>
    </Dialog>
  );
}

export function Reject({ i, onClose, entry, f }: Maybe) {
  const s = find(f, entry);
  const [reason, setReason, clear] = useDraft(`reject-${entry}`);
  const doit = useAct(i.number);
  if (!s) return null;
  return (
    <Dialog title="Reject the option?" verb="Reject" onClose={onClose} ready={reason.trim() !== ""} onSubmit={async () => { await doit(() => inquiry.reject(s.id, reason.trim())); clear(); }}>
      <p className="fact"><b>{s.title}</b></p>
      <Textarea label="Why not?" placeholder="It would sign out everybody who is still in" autosize minRows={2} data-autofocus value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
    </Dialog>
  );
}

export function Applied({ i, onClose, entry, f }: Maybe) {
  const s = find(f, entry);
  const [outcome, setOutcome, clear] = useDraft(`applied-${entry}`);
  const doit = useAct(i.number);
  if (!s) return null;
  return (
    <Dialog title="It has been put in" verb="Note it" onClose={onClose} onSubmit={async () => { await doit(() => inquiry.apply(s.id, outcome.trim())); clear(); }}>
      <p className="fact"><b>{s.title}</b></p>
      <Textarea label="What came of it?" placeholder="Sign-ins are back to normal in every region since 03:44" autosize minRows={2} data-autofocus value={outcome} onChange={(e) => setOutcome(e.currentTarget.value)} />
    </Dialog>
  );
}
