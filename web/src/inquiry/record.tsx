// What stands on the record of the search: updates to the commander, parts of the
// work with their owners, decisions with their reasons, findings.
import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { inquiry, iq, type Finding, type InquiryFile, type Workstream } from "../api/inquiry";
import type { Incident } from "../api/types";
import { useDraft } from "../ui/draft";
import { useTargets } from "../ui/people";
import { Card, Chip, Time, type ChipColour } from "../ui/pieces";
import { idOf, label } from "../ui/words";
import { useDialog, useDo } from "../command/act";
import { ProofLines } from "./proof";
import css from "./inquiry.module.css";

interface Props {
  f: InquiryFile;
  may: boolean;
}

/** Add, on the card's own line. */
function Add({ may, to, name = "Add" }: { may: boolean; to: string; name?: string }) {
  const dialog = useDialog();
  return may ? <button type="button" className="link noprint" onClick={() => dialog(to)}>{name}</button> : null;
}

export function Updates({ f, may, i }: Props & { i: Incident }) {
  const [text, setText, clear] = useDraft(`inform-${i.number}`);
  const [busy, setBusy] = useState(false);
  const [all, setAll] = useState(false);
  const doit = useDo(i.number);
  const commander = i.roles["incident_commander"];
  const newest = [...f.updates].reverse();
  async function send() {
    if (!text.trim() || busy) return;
    setBusy(true);
    if (await doit("The update", () => inquiry.inform(i.number, { text: text.trim() }))) clear();
    setBusy(false);
  }
  return (
    <Card id="updates" title="Technical updates" aside={commander && idOf(commander) ? <>to {label(commander)}</> : "to the commander"}>
      {may && (
        <div className={css.say}>
          <Textarea aria-label="How things stand technically" placeholder="How things stand, in a sentence or two" autosize minRows={1} maxRows={6} className="grow" value={text} onChange={(e) => setText(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === "Enter" && (e.metaKey || e.ctrlKey)) { e.preventDefault(); void send(); } }} />
          <Button onClick={() => void send()} loading={busy} disabled={!text.trim()}>Send</Button>
        </div>
      )}
      {newest.length === 0 ? <p className="muted small">Nobody has told the commander yet. The technical lead is reminded every 15 minutes.</p> : (
        <ul className={`lines ${css.top}`}>
          {(all ? newest : newest.slice(0, 3)).map((u) => (
            <li key={u.id}><span className="prose">{u.text}</span>{u.next && <p className="muted">Next: {u.next}</p>}<p className="faint small">{u.by.name}, <Time at={u.at} how="ago" /></p></li>
          ))}
        </ul>
      )}
      {newest.length > 3 && <button type="button" className="link small" onClick={() => setAll(!all)}>{all ? "The newest alone" : `All ${newest.length}`}</button>}
    </Card>
  );
}

export const streamStates: Record<Workstream["state"], [string, ChipColour | undefined]> = { planned: ["planned", undefined], running: ["running", "accent"], blocked: ["blocked", "red"], done: ["done", "green"] };

export function Workstreams({ f, may }: Props) {
  const who = useTargets();
  const dialog = useDialog();
  const order: Workstream["state"][] = ["blocked", "running", "planned", "done"];
  return (
    <Card id="streams" title="Workstreams" aside={<Add may={may} to="stream" />}>
      {f.workstreams.length === 0 ? <p className="muted small">Give each part of the work one owner, so that nobody waits for somebody who does not know.</p> : (
        <ul className={css.rows}>
          {[...f.workstreams].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state)).map((w) => {
            const [word, colour] = streamStates[w.state];
            return (
              <li key={w.id} data-row tabIndex={-1} data-stream={w.id}>
                <div className={css.line}>
                  <span className="grow"><b>{w.title}</b><small className="muted">{who(w.owner)}</small></span>
                  <Chip colour={colour}>{word}</Chip>
                  {may && <Button size="xs" variant="subtle" className="noprint" aria-label={`Change ${w.title}`} onClick={() => dialog("stream", { entry: w.id })}>Change</Button>}
                </div>
                {w.note && <p className={w.state === "blocked" ? "tone-over" : "muted"}>{w.note}</p>}
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}

export function Decisions({ f, may }: Props) {
  return (
    <Card id="decisions" title="Decisions" aside={<Add may={may} to="decision" />}>
      {f.decisions.length === 0 ? <p className="muted small">A decision stands here with what else was possible and why it was not taken. It cannot be rewritten, only decided anew.</p> : (
        <ul className="lines">
          {[...f.decisions].reverse().map((d) => (
            <li key={d.id}>
              <p className="muted small">{d.question}</p>
              <p><b>{d.choice}</b> <Chip>{d.sort}</Chip></p>
              <p className="prose">{d.rationale}</p>
              {(d.options ?? []).length > 0 && <p className="muted small">Instead of: {d.options.join("; ")}</p>}
              <p className="faint small">{d.made_by.name}, <Time at={d.made_at} />{d.by.id !== d.made_by.id ? `, written down by ${d.by.name}` : ""}</p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export const results: Record<Finding["about"], { name: string; of: Partial<Record<Finding["result"], [string, ChipColour | undefined]>> }> = {
  reproduction: { name: "Reproduction", of: { reproduced: ["reproduced", "green"], not_reproduced: ["not reproduced", "amber"], not_possible: ["not possible", undefined] } },
  database: { name: "Database", of: { cause: ["it is the cause", "red"], no_cause: ["not the cause", "green"] } },
  security: { name: "Security", of: { threat: ["a threat", "red"], no_threat: ["no threat", "green"] } },
};

export function Findings({ f, may, i }: Props & { i: Incident }) {
  const files = useQuery(iq.evidence(i.number)).data ?? [];
  return (
    <Card id="findings" title="Findings" aside={<Add may={may} to="finding" />}>
      {f.findings.length === 0 ? <p className="muted small">Reproduction, database, security: what was looked at and what came of it.</p> : (
        <ul className="lines">
          {[...f.findings].reverse().map((x) => {
            const [word, colour] = results[x.about].of[x.result] ?? [x.result, undefined];
            return (
              <li key={x.id}>
                <p><b>{results[x.about].name}</b> <Chip colour={colour}>{word}</Chip></p>
                {x.environment && <p className="muted small">in {x.environment}</p>}
                <ProofLines p={x.evidence} files={files} />
                <p className="faint small">{x.by.name}, <Time at={x.at} how="ago" /></p>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
