// The search for the cause and for the way out: what is known, what is next, who
// does what. The technical track leads, the causes and options follow; beside
// them stands what was changed, measured and kept.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { iq, type InquiryFile } from "../api/inquiry";
import { q } from "../api/queries";
import type { Incident } from "../api/types";
import { useCommands, type Command } from "../app/commands";
import { Reading } from "../ui/pieces";
import { can, useDialog } from "../command/act";
import { Around, Changes, Similar } from "./around";
import { Causes } from "./causes";
import { Evidence } from "./evidence";
import { verdict } from "./logic";
import { Options } from "./options";
import { Probes } from "./probes";
import { Decisions, Findings, Updates, Workstreams } from "./record";
import { Track } from "./track";
import css from "./inquiry.module.css";

/** The entry the keyboard stands on, of one kind. */
export function focusedEntry(kind: "cause" | "option" | "stream"): string | undefined {
  return (document.activeElement?.closest(`[data-${kind}]`) as HTMLElement | null)?.dataset[kind];
}

export function Investigation({ i }: { i: Incident }) {
  const query = useQuery(iq.file(i.number));
  return <Reading query={query} rows={6}>{(f) => <Whole i={i} f={f} />}</Reading>;
}

function Whole({ i, f }: { i: Incident; f: InquiryFile }) {
  const dialog = useDialog();
  const may = can(i, "notes") && i.status !== "closed";
  const lists = useQuery(q.checklists(i.number)).data ?? [];
  const on = (kind: "cause" | "option" | "stream", name: string) => () => {
    const entry = focusedEntry(kind) ?? (kind === "cause" ? f.hypotheses.find((h) => h.state === "open")?.id : kind === "option" ? f.solutions.find((s) => s.state === "proposed" || s.state === "approved")?.id : f.workstreams.find((w) => w.state !== "done")?.id);
    if (entry) dialog(name, { entry });
  };
  const group = "Investigation";
  const all: (Command & { if?: boolean })[] = [
    { id: "inq-cause", label: "Name a possible cause", keys: ". c", group, words: "hypothesis root", run: () => dialog("cause") },
    { id: "inq-confirm", label: "Confirm a cause: the one under the focus, or the first open one", keys: ". y", group, if: f.hypotheses.length > 0, run: on("cause", "confirm") },
    { id: "inq-out", label: "Rule a cause out", keys: ". n", group, if: f.hypotheses.length > 0, run: on("cause", "rule-out") },
    { id: "inq-option", label: "Propose a fix or workaround", keys: ". o", group, words: "solution option", run: () => dialog("option") },
    { id: "inq-risk", label: "Assess the risk of an option", keys: ". k", group, if: f.solutions.length > 0, run: on("option", "risk") },
    { id: "inq-test", label: "Write down a test of an option", keys: ". t", group, if: f.solutions.length > 0, run: on("option", "tested") },
    { id: "inq-plan", label: "Write the plan and the way back of an option", keys: ". l", group, words: "rollback", if: f.solutions.length > 0, run: on("option", "plan") },
    { id: "inq-approve", label: "Approve an option", keys: ". a", group, if: f.solutions.length > 0, run: on("option", "approve") },
    { id: "inq-reject", label: "Reject an option", keys: ". r", group, if: f.solutions.length > 0, run: on("option", "reject") },
    { id: "inq-apply", label: "Note that an option was put in", keys: ". i", group, if: f.solutions.some((s) => s.state === "approved"), run: on("option", "applied") },
    { id: "inq-update", label: "Tell the commander how things stand", keys: ". u", group, words: "technical update", run: () => dialog("inform") },
    { id: "inq-decision", label: "Write down a decision", keys: ". d", group, words: "options rationale", run: () => dialog("decision") },
    { id: "inq-stream", label: "Open a workstream", keys: ". w", group, words: "part of the work owner", run: () => dialog("stream") },
    { id: "inq-move", label: "Change a workstream", keys: ". m", group, if: f.workstreams.length > 0, run: on("stream", "stream") },
    { id: "inq-finding", label: "Write down what an examination came to", keys: ". f", group, words: "reproduce security database threat", run: () => dialog("finding") },
    { id: "inq-probe", label: "Measure the way to the service", keys: ". p", group, words: "network dns tcp tls http latency", run: () => dialog("measure") },
    { id: "inq-evidence", label: "Keep a file or a text as evidence", keys: ". e", group, words: "upload log screenshot vault", run: () => dialog("evidence") },
  ];
  useCommands(may ? all.filter((c) => c.if !== false) : []);
  return (
    <div className={css.tab}>
      <p className={css.verdict}>{verdict(f)}</p>
      <Track i={i} lists={lists} />
      {may && (
        <div className={`row wrap noprint ${css.acts}`}>
          <Button variant="filled" onClick={() => dialog("cause")} rightSection={<kbd className="desk">. c</kbd>}>Possible cause</Button>
          <Button onClick={() => dialog("option")} rightSection={<kbd className="desk">. o</kbd>}>Option</Button>
          <Button onClick={() => dialog("inform")} rightSection={<kbd className="desk">. u</kbd>}>Tell the commander</Button>
          <Button onClick={() => dialog("measure")} rightSection={<kbd className="desk">. p</kbd>}>Measure</Button>
          <Button onClick={() => dialog("evidence")} rightSection={<kbd className="desk">. e</kbd>}>Evidence</Button>
        </div>
      )}
      <div className={css.grid}>
        <div className="stack">
          <Causes f={f} may={may} i={i} />
          <Options f={f} may={may} i={i} />
          <Changes i={i} />
          <Probes f={f} may={may} />
        </div>
        <div className="stack">
          <Updates f={f} may={may} i={i} />
          <Workstreams f={f} may={may} />
          <Decisions f={f} may={may} />
          <Findings f={f} may={may} i={i} />
          <Evidence i={i} f={f} may={may} />
          <Around i={i} />
          <Similar i={i} may={may} />
        </div>
      </div>
    </div>
  );
}
