// Putting it right: services in the order in which they are restored, and the
// runbook actions that were asked for, agreed to and run.
import { Button, SegmentedControl, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconArrowBackUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { remedy, rq, type ActionChoice, type ActionRun, type ServiceRecovery } from "../api/remedy";
import type { Incident } from "../api/types";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { Dialog } from "../ui/dialog";
import { useNames } from "../ui/people";
import { Card, Chip, Empty, Reading, Time, type ChipColour } from "../ui/pieces";
import { can, useAct, useDialog, useDo } from "./act";
import { some } from "./fold";
import css from "./recovery.module.css";

const runStates: Record<ActionRun["state"], [string, ChipColour | undefined]> = {
  requested: ["waits for agreement", "amber"], approved: ["agreed, starts", "accent"], running: ["running", "accent"], planned: ["plan to be agreed to", "amber"],
  succeeded: ["succeeded", "green"], failed: ["failed", "red"], timed_out: ["took too long", "red"], killed: ["ended by hand", undefined], lost: ["nobody knows how it ended", "red"],
};
const restoring = [{ value: "down", label: "Down" }, { value: "in_work", label: "In work" }, { value: "restored", label: "Restored" }];

export function Recovery({ i }: { i: Incident }) {
  const board = useQuery(rq.board(i.number));
  const runs = useQuery(rq.runs(i.number));
  const dialog = useDialog();
  const may = can(i, "notes");
  useCommands(may ? [{ id: "recovery-run", label: "Run an action", keys: ".", group: "Recovery", words: "rollback runbook restore failover smoke contain dns", run: () => dialog("run") }] : []);
  return (
    <div className={css.recovery}>
      <Reading query={board} rows={3}>{(b) => (
        <Card title="Restoration order" aside={<>a reset goes back to <Time at={b.target_time} /></>}>
          {b.services.length === 0 ? <p className="muted">No service is known to be down.</p> : <ol className="lines">{b.services.map((s) => <Row key={s.service} s={s} i={i} may={may} first={b.services.filter((x) => s.before.includes(x.service)).map((x) => x.name)} />)}</ol>}
        </Card>
      )}</Reading>
      <section className="stack" aria-label="Runs of actions">
        <div className="row"><h2 className="grow">Actions</h2>{may && <Button variant="filled" onClick={() => dialog("run")} rightSection={<kbd className="desk">.</kbd>}>Run an action</Button>}</div>
        <Reading query={runs} rows={3}>{(list) => (list.length === 0 ? <Empty title="Nothing has been run.">Rollbacks, resets, failovers and tests are run from here, with a dry run first where there is one.</Empty> : <>{list.map((r) => <Run key={r.id} r={r} i={i} may={may} undone={takenBack(r, list)} />)}</>)}</Reading>
      </section>
    </div>
  );
}

function Row({ s, i, may, first }: { s: ServiceRecovery; i: Incident; may: boolean; first: string[] }) {
  const name = useNames();
  const doit = useDo(i.number);
  return (
    <li className={css.row}>
      <span className="grow">
        <b>{s.name}</b>
        <small>{s.rank ? `restore as number ${s.rank}` : "no rank"}{s.worker ? ` · ${name(s.worker)}` : ""}</small>
        {s.state === "in_work" && first.length > 0 && <small className="tone-due"><IconAlertTriangle size={13} aria-hidden /> {some(first)} come{first.length === 1 ? "s" : ""} first and {first.length === 1 ? "is" : "are"} not restored</small>}
      </span>
      {may ? <SegmentedControl size="xs" aria-label={`State of ${s.name}`} value={s.state} data={restoring} onChange={(v) => void doit(s.name, () => remedy.restore(i.number, s.service, v as ServiceRecovery["state"]))} /> : <Chip>{restoring.find((r) => r.value === s.state)?.label ?? s.state}</Chip>}
    </li>
  );
}

function Run({ r, i, may, undone }: { r: ActionRun; i: Incident; may: boolean; undone: boolean }) {
  const name = useNames();
  const me = useMe();
  const mine = r.others && !!me && r.by === (me.person_id ?? me.id);
  const doit = useDo(i.number);
  const [word, colour] = runStates[r.state];
  const [typed, setTyped] = useState("");
  const live = r.state === "running" || r.state === "approved";
  const waits = r.missing > 0 && (r.state === "requested" || r.state === "planned");
  const values = Object.entries(r.values);
  const hand = r.lane === "hand" && live;
  return (
    <Card title={<>{r.name}{r.dry_run ? " (dry run)" : ""}{r.stage ? `, ${r.stage}` : ""}</>} aside={<Chip colour={colour}>{r.ending && live ? "being ended" : word}</Chip>}>
      <p className="muted small">{name(r.by)}, <Time at={r.at} how="ago" />{r.needs > 0 ? ` · ${r.approvals.length} of ${r.needs} agreed` : ""}{r.seconds > 0 ? ` · ${Math.round(r.seconds)} s` : ""}{r.runner ? ` · ${r.runner}` : ""}</p>
      {values.length > 0 && <p className="mono">{values.map(([k, v]) => `${k}=${v}`).join("  ")}</p>}
      {r.reason && <p>{r.reason}</p>}
      {waits && r.effect && <p className="fact">{r.effect}</p>}
      {r.before && r.state !== "failed" && <p className="muted small">Before it was <span className="mono">{r.before}</span></p>}
      {r.why && <p className={colour === "red" ? "tone-over" : "muted"}>{r.why}</p>}
      {r.guide && r.guide.length > 0 && <ol className={css.guide}>{r.guide.map((g) => <li key={g}>{g}</li>)}</ol>}
      {r.tail && <pre className={css.out} tabIndex={0} aria-label={`What ${r.name} wrote`}>{r.tail}</pre>}
      {may && (
        <div className="row wrap">
          {waits && !mine && <Button size="xs" variant="filled" onClick={() => void doit("The agreement", () => remedy.approve(r.id, r.plan))}>I agree{r.plan ? " to this plan" : ""}</Button>}
          {waits && mine && <span className="muted small grow">Somebody beside you must agree.</span>}
          {r.undo && !undone && <Button size="xs" leftSection={<IconArrowBackUp size={14} aria-hidden />} onClick={() => void doit("Asking for it", () => remedy.run(i.number, { action: r.undo!.action, values: r.undo!.values, dry_run: false, reason: `Takes back: ${r.name}` }))}>Ask to take it back</Button>}
          {(live || waits) && <Button size="xs" onClick={() => void doit("Ending it", () => remedy.kill(r.id))}>{waits ? "Withdraw" : "End it"}</Button>}
        </div>
      )}
      {may && (hand || r.state === "lost") && (
        <div className={css.settle}>
          <TextInput size="xs" aria-label={`How ${r.name} ended`} placeholder="How it ended, and how you know" value={typed} onChange={(e) => setTyped(e.currentTarget.value)} />
          <Button size="xs" disabled={!typed.trim()} onClick={() => void doit("The result", () => remedy.settle(r.id, true, typed.trim()))}>It worked</Button>
          <Button size="xs" disabled={!typed.trim()} onClick={() => void doit("The result", () => remedy.settle(r.id, false, typed.trim()))}>It failed</Button>
        </div>
      )}
    </Card>
  );
}

/** Whether a later run that stands takes this one back. */
export function takenBack(r: ActionRun, list: ActionRun[]): boolean {
  const u = r.undo;
  if (!u) return false;
  const stands = (x: ActionRun) => !["failed", "timed_out", "killed"].includes(x.state) && !x.dry_run;
  return list.some((x) => x.at > r.at && x.action === u.action && stands(x) && Object.entries(u.values).every(([k, v]) => x.values[k] === v));
}

export function RunDialog({ i, onClose }: { i: Incident; onClose: () => void }) {
  const actions = useQuery(rq.actions(i.number)).data ?? [];
  const [id, setId] = useState<string | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const [dry, setDry] = useState(true);
  const [reason, setReason] = useState("");
  const doit = useAct(i.number);
  const a: ActionChoice | undefined = actions.find((x) => x.id === id);
  const rehearse = !!a?.dry_run && dry;
  return (
    <Dialog title="Run an action" verb={rehearse ? "Try it dry" : a && a.needs > 0 ? "Ask for agreement" : "Run it"} onClose={onClose} ready={!!a && !a.problem} onSubmit={() => doit(() => remedy.run(i.number, { action: id ?? "", values: Object.fromEntries(Object.entries(values).filter(([, v]) => v !== "")), dry_run: rehearse, ...(reason.trim() ? { reason: reason.trim() } : {}) }))}>
      <Select label="Action" searchable placeholder={actions.length === 0 ? "The catalogue has no actions yet" : "Choose an action"} data={actions.map((x) => ({ value: x.id, label: x.name }))} value={id} onChange={(v) => { setId(v); setValues({}); }} data-autofocus openOnFocus={false} />
      {a?.description && <p className="muted">{a.description}</p>}
      {a?.problem && <p className="tone-over">{a.problem}</p>}
      {a?.takes.map((name) => {
        const p = a.parameters?.find((x) => x.name === name);
        const set = (v: string | null) => setValues((old) => ({ ...old, [name]: v ?? "" }));
        if (p?.choices?.length) return <Select key={name} label={p.label || name} data={p.choices} value={values[name] ?? p.default ?? null} onChange={set} allowDeselect={false} />;
        return <TextInput key={name} required={p?.required} label={p?.label || name} placeholder={p?.default} value={values[name] ?? ""} onChange={(e) => set(e.currentTarget.value)} />;
      })}
      {a?.dry_run && <Switch color="dark" checked={dry} onChange={(e) => setDry(e.currentTarget.checked)} label="Dry run: say what it would do" />}
      {a && <Textarea label="Why?" autosize minRows={2} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />}
      {a && a.needs > 0 && !rehearse && <p className="fact"><b>{a.needs === 1 ? "One person" : `${a.needs} people`}{a.others ? " beside you" : ""}</b> must agree: technical lead or incident commander.</p>}
    </Dialog>
  );
}
