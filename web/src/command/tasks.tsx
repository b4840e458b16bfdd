// The procedure's steps: what is due next and who does it, and every phase with
// what is behind, what is on and what is late.
import { IconAlertTriangle, IconCheck, IconMinus } from "@tabler/icons-react";
import { Link, useSearch, useNavigate } from "@tanstack/react-router";
import type { Checklist, Incident, Task } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { useMe } from "../app/me";
import { useNames } from "../ui/people";
import { Card, Chip, Empty } from "../ui/pieces";
import { limit, ms, span, when } from "../ui/time";
import { answered, plain, target } from "../ui/words";
import { useDialog } from "./act";
import { mayTask } from "./actions";
import { some } from "./fold";
import { isLate, isMine, isOpen, nextTasks, phases, type Phase } from "./phases";
import css from "./tasks.module.css";

export function DueNext({ i, lists }: { i: Incident; lists: Checklist[] }) {
  const now = useNow();
  const all = phases(lists, i.status, now);
  const left = all.reduce((sum, p) => sum + p.open.length, 0);
  const late = all.reduce((sum, p) => sum + p.late, 0);
  const on = all.find((p) => p.present);
  return (
    <Card title="Due next" aside={all.length > 0 ? <Link to="." search={(s) => ({ ...s, tab: "tasks" })} className="link">{left === 0 ? "all done" : `all ${left} open`}</Link> : undefined}>
      {on && <p className={css.on}>{late > 0 ? <Late>{late} late</Late> : null}<span className="muted cut">Now: <b>{on.name}</b>, {on.items.length - on.open.length} of {on.items.length} done</span></p>}
      {all.length === 0 ? <p className="muted">No steps yet. The procedure opens them as the incident moves on.</p> : <ul className="lines">{nextTasks(lists, 6).map((t) => <Item key={t.id} t={t} i={i} />)}</ul>}
    </Card>
  );
}

/** Late is said with an icon and the word, never by colour alone. */
export function Late({ children }: { children: React.ReactNode }) {
  return <span className={`tone-over ${css.late}`}><IconAlertTriangle size={14} stroke={2.2} aria-hidden />{children}</span>;
}

const marks = { done: "done", late: "late", now: "on now", ahead: "to come" } as const;

export function Checklists({ i, lists }: { i: Incident; lists: Checklist[] }) {
  const now = useNow();
  const navigate = useNavigate();
  const { fold = "" } = useSearch({ strict: false }) as { fold?: string };
  const all = phases(lists, i.status, now);
  if (all.length === 0) return <Empty title="No steps yet.">The procedure opens checklists as the incident moves through its phases.</Empty>;
  const turned = new Set(fold.split(",").filter(Boolean));
  const shown = (p: Phase) => (p.present || p.late > 0) !== turned.has(p.id);
  const turn = (id: string) => {
    const next = new Set(turned);
    if (!next.delete(id)) next.add(id);
    void navigate({ to: ".", search: ((s: object) => ({ ...s, fold: [...next].join(",") || undefined })) as never, replace: true });
  };
  return (
    <div className={css.phases}>
      <ol className={`${css.rail} desk`} aria-label="Phases">
        {all.map((p) => (
          <li key={p.id} data-state={p.state} aria-current={p.present ? "step" : undefined}>
            <a href={`#phase-${p.id}`} onClick={() => shown(p) || turn(p.id)}><Mark p={p} /><span className="grow">{p.name}</span><small>{p.late > 0 ? `${p.late} late` : `${p.items.length - p.open.length}/${p.items.length}`}</small></a>
          </li>
        ))}
      </ol>
      <div className={css.lists}>
        {all.map((p) => <PhaseCard key={p.id} p={p} i={i} open={shown(p)} onTurn={() => turn(p.id)} />)}
      </div>
    </div>
  );
}

function Mark({ p }: { p: Phase }) {
  return <span className={css.mark} data-state={p.state}>{p.state === "done" ? <IconCheck size={13} stroke={3} aria-hidden /> : p.state === "late" ? <b aria-hidden>!</b> : p.present ? <i /> : null}<span className="sr">{marks[p.state]}</span></span>;
}

function PhaseCard({ p, i, open, onTurn }: { p: Phase; i: Incident; open: boolean; onTurn: () => void }) {
  const now = useNow();
  const done = p.items.filter((t) => !isOpen(t));
  const word = p.state === "done" ? "done" : p.present ? "on now" : "";
  return (
    <section className={`card ${css.phase}`} id={`phase-${p.id}`} data-present={p.present || undefined}>
      <h2>
        <button type="button" className={css.fold} aria-expanded={open} onClick={onTurn} data-row>
          <Mark p={p} />
          <span className="grow">{p.name}</span>
          {p.late > 0 && <Late>{p.late} late</Late>}
          {word && <Chip colour={p.state === "done" ? "green" : "accent"}>{word}</Chip>}
          {p.open.length > 0 && !p.late && p.until !== undefined && <small className="faint">{span(p.until - now)} left</small>}
          <small className="faint">{done.length} of {p.items.length}</small>
        </button>
      </h2>
      {open && (
        <>
          <ul className="lines">{p.open.map((t) => <Item key={t.id} t={t} i={i} whole />)}</ul>
          {done.length > 0 && (p.open.length === 0 ? <ul className="lines">{done.map((t) => <Item key={t.id} t={t} i={i} whole />)}</ul> : (
            <details className={css.behind}>
              <summary>{done.length} answered</summary>
              <ul className="lines">{done.map((t) => <Item key={t.id} t={t} i={i} whole />)}</ul>
            </details>
          ))}
        </>
      )}
    </section>
  );
}

/** Who does it: who is at it, whom it is asked of, or nobody yet. */
export function useDoer(): (t: Task) => string {
  const name = useNames();
  return (t) => {
    if (t.taken_by) return `${t.taken_by.name} is at it`;
    const asked = (t.owner_people ?? []).map((p) => p.name);
    if (asked.length > 0) return some(asked);
    return t.owner ? target(t.owner, name) : "nobody yet";
  };
}

function Item({ t, i, whole = false }: { t: Task; i: Incident; whole?: boolean }) {
  const now = useNow();
  const zone = useZone();
  const name = useNames();
  const doer = useDoer();
  const me = useMe()?.person_id;
  const dialog = useDialog();
  const open = isOpen(t);
  const due = ms(t.due_at);
  const late = isLate(t, now);
  const by = t.done_by === "allclear" ? "by itself" : t.done_by ? t.done_by_name || name(t.done_by) : "";
  const rest = open && due !== undefined ? (late ? <Late>{limit(now - due)} late</Late> : due - now < 86_400_000 ? `${limit(due - now)} left` : when(due, now, zone)) : "";
  const side = !open ? (t.state === "na" ? "not applicable" : by || "done") : whole ? rest : "";
  const box = <span className={css.box} data-state={t.state}>{t.state === "done" ? <IconCheck size={13} stroke={3} aria-label="done" /> : t.state === "na" ? <IconMinus size={13} stroke={3} aria-label="not applicable" /> : null}</span>;
  const words = (
    <span className="grow">
      {t.title}
      {t.gate && open && <> <Chip colour="amber">before {t.gate === "close" ? "closing" : "resolving"}</Chip></>}
      {open && (
        <small className={css.sub}>
          {!whole && rest !== "" && <>{rest} · </>}
          <span className={isMine(t, me) ? css.mine : undefined}>{isMine(t, me) ? (t.taken_by ? "you are at it" : "yours") : doer(t)}</span>
          {whole && t.clauses && t.clauses.length > 0 ? <span className="mono"> · {t.clauses.join(", ")}</span> : null}
        </small>
      )}
      {!open && whole && <small className={css.sub}>{t.state === "na" && by ? `${by}: ` : ""}{answered(t.evidence) || "no evidence given"}{late && t.state === "done" ? " · late" : ""}</small>}
    </span>
  );
  if (!open || !mayTask(i)) return <li className={`${css.line} ${open ? "" : css.done}`}>{box}{words}{side !== "" && <small className="faint">{side}</small>}</li>;
  return (
    <li>
      <button type="button" className={`${css.line} ${css.press}`} data-row data-task={t.id} onClick={() => dialog("task", { task: t.id })}>
        {box}{words}{side !== "" && <small className="faint">{side}</small>}
      </button>
    </li>
  );
}

export const phaseName = (lists: Checklist[], t: Task): string => lists.find((c) => c.items.some((x) => x.id === t.id))?.name ?? plain(t.phase ?? "");
