// What could be done about it: each option with its risk, its test, and its plan
// with a way back. What an approval still waits for is said where it is missing.
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Problem } from "../api/client";
import { inquiry, iq, type EvidenceFile, type InquiryFile, type Solution } from "../api/inquiry";
import type { Incident } from "../api/types";
import { useTargets } from "../ui/people";
import { Card, Chip, Time, type ChipColour } from "../ui/pieces";
import { useAct, useDialog } from "../command/act";
import { level, pieces, type PartName } from "./logic";
import { ProofLines } from "./proof";
import css from "./inquiry.module.css";

const states: Record<Solution["state"], [string, ChipColour | undefined]> = { proposed: ["proposed", undefined], approved: ["approved", "accent"], rejected: ["rejected", undefined], applied: ["put in", "green"] };
const asks: Record<PartName, [string, string]> = { risk: ["risk", "Assess"], test: ["tested", "Write down"], plan: ["plan", "Write"] };
const rank: Record<Solution["state"], number> = { applied: 0, approved: 1, proposed: 2, rejected: 3 };

export function Options({ f, may, i }: { f: InquiryFile; may: boolean; i: Incident }) {
  const dialog = useDialog();
  const files = useQuery(iq.evidence(i.number)).data ?? [];
  return (
    <Card id="options" title="What could be done" aside={may && <button type="button" className="link noprint" onClick={() => dialog("option")}>Add</button>}>
      {f.solutions.length === 0 ? <p className="muted">List fixes and workarounds. None is put in without its risk, a test, and a plan that says how it is taken back.</p> : (
        <ol className={css.rows}>{[...f.solutions].sort((a, b) => rank[a.state] - rank[b.state]).map((s) => <Option key={s.id} s={s} i={i} may={may} files={files} />)}</ol>
      )}
    </Card>
  );
}

function Option({ s, i, may, files }: { s: Solution; i: Incident; may: boolean; files: EvidenceFile[] }) {
  const dialog = useDialog();
  const doit = useAct(i.number);
  const who = useTargets();
  const [refused, setRefused] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [word, colour] = states[s.state];
  const open = s.state === "proposed" || s.state === "rejected";
  const risk = level(s.risk);
  async function approve() {
    setBusy(true);
    setRefused(undefined);
    try {
      await doit(() => inquiry.approve(s.id));
    } catch (err) {
      setRefused(err);
    }
    setBusy(false);
  }
  const gaps = refused instanceof Problem ? refused.errors : [];
  return (
    <li data-row tabIndex={-1} data-option={s.id} data-out={s.state === "rejected" || undefined}>
      <div className={css.line}>
        <span className="grow"><b>{s.title}</b></span>
        {risk && <Chip colour={risk === "high" ? "red" : risk === "medium" ? "amber" : "green"} icon={risk === "high" ? <IconAlertTriangle size={12} aria-hidden /> : undefined}>{risk} risk</Chip>}
        <Chip colour={colour}>{s.sort === "workaround" ? "workaround, " : ""}{word}</Chip>
      </div>
      {s.description && <p className="muted prose">{s.description}</p>}
      {s.like ? <p className="small"><Link className="link" to="/incidents/$ref" params={{ ref: `INC-${s.like}` }}>It helped in INC-{s.like}</Link></p> : null}
      <ul className={css.parts}>
        {pieces(s).map((p) => (
          <li key={p.part} data-state={p.state}>
            {p.state === "done" ? <IconCheck size={14} aria-hidden /> : p.state === "failed" ? <IconAlertTriangle size={14} aria-hidden /> : <IconCircle size={14} aria-hidden />}
            <span className="grow"><b>{p.name}</b> {p.says}</span>
            {may && open && <Button size="xs" variant="subtle" className="noprint" aria-label={`${p.state === "done" ? "Change" : asks[p.part][1]}: ${p.name} of ${s.title}`} onClick={() => dialog(asks[p.part][0], { entry: s.id })}>{p.state === "done" ? "Change" : asks[p.part][1]}</Button>}
          </li>
        ))}
      </ul>
      {s.test?.evidence && <ProofLines p={s.test.evidence} files={files} />}
      {s.plan && (
        <details className={css.plan}>
          <summary>The plan, {who(s.plan.owner)} owns it</summary>
          <div>
            <b>Putting it in</b>
            <ol>{s.plan.steps.map((x, k) => <li key={k}>{x.text}{x.owner ? <span className="muted"> · {who(x.owner)}</span> : null}</li>)}</ol>
            <b>Taking it back</b>
            <ol>{(s.plan.rollback ?? []).map((x, k) => <li key={k}>{x}</li>)}</ol>
          </div>
        </details>
      )}
      {refused !== undefined && (
        <div role="alert" className="wrong">
          <b>{refused instanceof Error ? refused.message : "That did not work."}</b>
          {gaps.length > 0 && <ul>{gaps.map((g) => {
            const part = (g.location ?? "").split(".").at(-1) as PartName;
            return <li key={g.message}>{g.message}{part in asks ? <> <button type="button" className="link" onClick={() => dialog(asks[part][0], { entry: s.id })}>Do it now</button></> : null}</li>;
          })}</ul>}
        </div>
      )}
      {s.reason && s.state === "rejected" && <p>Rejected: {s.reason}</p>}
      {s.outcome && <p>What came of it: {s.outcome}</p>}
      <div className={css.foot}>
        <span className="faint small grow">{s.applied_by ? <>put in by {s.applied_by.name}, <Time at={s.applied_at} how="ago" /></> : s.judged_by ? <>{word} by {s.judged_by.name}, <Time at={s.judged_at} how="ago" /></> : <>{s.by.name}, <Time at={s.at} how="ago" /></>}</span>
        {may && (
          <span className={`row wrap noprint ${css.small}`}>
            {open && <Button size="xs" variant={s.missing.length === 0 ? "filled" : "default"} loading={busy} onClick={() => void approve()}>Approve</Button>}
            {s.state === "proposed" && <Button size="xs" onClick={() => dialog("reject", { entry: s.id })}>Reject</Button>}
            {s.state === "approved" && <Button size="xs" variant="filled" onClick={() => dialog("applied", { entry: s.id })}>It has been put in</Button>}
          </span>
        )}
      </div>
    </li>
  );
}
