// Checklists: what is due next, by whom, with evidence or a reasoned "not
// applicable".
import { Button, TextInput } from "@mantine/core";
import { IconCheck, IconMinus } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { act } from "../api/endpoints";
import type { Checklist, Incident, Task } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { useDraft } from "../ui/draft";
import { useNames } from "../ui/people";
import { Card, Chip, Empty } from "../ui/pieces";
import { ms, span, when } from "../ui/time";
import { plain, target } from "../ui/words";
import { can, useDo } from "./act";
import css from "./tasks.module.css";

const open = (t: Task) => t.state === "open";
const dueOf = (t: Task) => ms(t.due_at) ?? Number.MAX_SAFE_INTEGER;

/** What is open, soonest first, with the last two that were done for context. */
export function nextTasks(lists: Checklist[], limit: number): Task[] {
  const all = lists.flatMap((c) => c.items);
  const done = all.filter((t) => !open(t)).sort((a, b) => (ms(b.done_at) ?? 0) - (ms(a.done_at) ?? 0)).slice(0, 2);
  const todo = all.filter(open).sort((a, b) => dueOf(a) - dueOf(b));
  return [...done.reverse(), ...todo].slice(0, limit);
}

export function DueNext({ i, lists }: { i: Incident; lists: Checklist[] }) {
  const all = lists.flatMap((c) => c.items);
  const left = all.filter(open).length;
  const shown = nextTasks(lists, 7);
  return (
    <Card title="Due next" aside={all.length > 0 ? <Link to="." search={(s) => ({ ...s, tab: "tasks" })} className="link">{left === 0 ? "all done" : `all ${all.length}`}</Link> : undefined}>
      {all.length === 0 ? <p className="muted">No steps yet. The procedure opens them as the incident moves on.</p> : <ul className="lines">{shown.map((t) => <Item key={t.id} t={t} i={i} />)}</ul>}
    </Card>
  );
}

export function Checklists({ i, lists }: { i: Incident; lists: Checklist[] }) {
  const names = lists.filter((c) => c.items.length > 0);
  if (names.length === 0) return <Empty title="No steps yet.">The procedure opens checklists as the incident moves through its phases.</Empty>;
  return (
    <div className="stack">
      {names.map((c) => (
        <Card key={c.phase} title={c.name || plain(c.phase)} aside={`${c.items.filter((t) => !open(t)).length} of ${c.items.length}`}>
          <ul className="lines">{c.items.map((t) => <Item key={t.id} t={t} i={i} whole />)}</ul>
        </Card>
      ))}
    </div>
  );
}

function Item({ t, i, whole = false }: { t: Task; i: Incident; whole?: boolean }) {
  const now = useNow();
  const zone = useZone();
  const name = useNames();
  const navigate = useNavigate();
  const { task } = useSearch({ strict: false }) as { task?: string };
  const may = can(i, "tasks") || can(i, "notes");
  const asking = task === t.id && open(t) && may;
  const due = ms(t.due_at);
  const done = ms(t.done_at);
  const late = due !== undefined && (done ?? now) > due;
  const ask = (id?: string) => void navigate({ to: ".", search: ((s: object) => ({ ...s, task: id })) as never, replace: true });
  const side = !open(t)
    ? t.state === "na" ? "not applicable" : t.done_by === "allclear" ? "by itself" : t.done_by ? name(t.done_by) : "done"
    : due === undefined ? "" : late ? `${span(now - due)} late` : due - now < 86_400_000 ? span(due - now) : when(due, now, zone);
  return (
    <li className={open(t) ? undefined : css.done}>
      <div className={css.line}>
        {open(t) && may ? (
          <button type="button" className={css.box} aria-label={`${t.title}: answer`} aria-expanded={asking} onClick={() => ask(asking ? undefined : t.id)} />
        ) : (
          <span className={css.box} data-state={t.state}>{t.state === "done" ? <IconCheck size={13} stroke={3} aria-label="done" /> : t.state === "na" ? <IconMinus size={13} stroke={3} aria-label="not applicable" /> : null}</span>
        )}
        <span className="grow">
          {t.title}
          {t.gate && open(t) && <> <Chip colour="amber">before resolving</Chip></>}
          {whole && t.owner && <small className={css.sub}>{target(t.owner, name)}{t.clauses && t.clauses.length > 0 ? <span className="mono"> · {t.clauses.join(", ")}</span> : null}</small>}
          {t.evidence && (whole || t.state === "na") && <small className={css.sub}>{t.evidence}</small>}
        </span>
        <small className={late ? "tone-over" : "faint"}>{side}</small>
      </div>
      {asking && <Answer t={t} n={i.number} close={() => ask()} />}
    </li>
  );
}

function Answer({ t, n, close }: { t: Task; n: number; close: () => void }) {
  const [text, setText, clear] = useDraft(`task-${t.id}`);
  const [busy, setBusy] = useState("");
  const doit = useDo(n);
  async function send(what: "done" | "skip") {
    setBusy(what);
    const ok = await doit(t.title, () => (what === "done" ? act.done(t.id, text.trim()) : act.skip(t.id, text.trim())));
    setBusy("");
    if (!ok) return;
    clear();
    close();
  }
  return (
    <form className={css.answer} onSubmit={(e: FormEvent) => { e.preventDefault(); void send("done"); }}>
      <TextInput size="xs" autoFocus aria-label={`Evidence, or why not: ${t.title}`} placeholder="Evidence, or why it does not apply" value={text} onChange={(e) => setText(e.currentTarget.value)} onKeyDown={(e) => e.key === "Escape" && close()} />
      <div className="row">
        <Button size="xs" type="submit" variant="filled" loading={busy === "done"}>Done</Button>
        <Button size="xs" disabled={!text.trim()} loading={busy === "skip"} onClick={() => void send("skip")}>Not applicable</Button>
        <Button size="xs" variant="subtle" onClick={close}>Cancel</Button>
      </div>
    </form>
  );
}
