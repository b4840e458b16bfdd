// The shared board: the cards that are to do, taken and done, and under them the
// incident on one axis. A card moves by its keys, by its buttons or by dragging;
// everybody's screen follows. It prints.
import { Button, SegmentedControl } from "@mantine/core";
import { IconCheck, IconMinus, IconPlus, IconPrinter } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type DragEvent, type KeyboardEvent } from "react";
import type { Checklist, Incident, Task } from "../api/types";
import { useMe } from "../app/me";
import { useNow, useZone } from "../app/moment";
import { useNames } from "../ui/people";
import { answered } from "../ui/words";
import { Avatar, Chip } from "../ui/pieces";
import { exact, limit, ms, when } from "../ui/time";
import { useDialog } from "./act";
import { mayTask } from "./actions";
import css from "./board.module.css";
import { useMove } from "./move";
import { columns, isLate, isMine, isOpen, type Columns, type Cut } from "./phases";
import { Late, phaseName, useDoer } from "./tasks";

const names: Record<keyof Columns, [string, string]> = {
  todo: ["To do", "Nothing is left to do."],
  taken: ["Taken", "Nobody has said that they are at something. Take a card with i."],
  done: ["Done", "Nothing is done yet."],
};
const first = 12; // cards of a column before the rest is asked for

export function Board({ i, lists, children }: { i: Incident; lists: Checklist[]; children: React.ReactNode }) {
  const search = useSearch({ strict: false }) as { cut?: string; rest?: string };
  const navigate = useNavigate();
  const dialog = useDialog();
  const move = useMove(i.number);
  const me = useMe()?.person_id;
  const now = useNow();
  const zone = useZone();
  const [over, setOver] = useState<keyof Columns>();
  const cut = (search.cut === "mine" || search.cut === "cards" ? search.cut : "all") as Cut;
  const cols = columns(lists, cut, me);
  const may = mayTask(i);
  const set = (more: Record<string, string | undefined>) => void navigate({ to: ".", search: ((s: object) => ({ ...s, ...more })) as never, replace: true });
  const drop = (to: keyof Columns) => (e: DragEvent) => {
    e.preventDefault();
    setOver(undefined);
    const id = e.dataTransfer.getData("text/plain");
    if (!id) return;
    if (to === "taken") void move.take(id);
    if (to === "done") dialog("task", { task: id });
  };
  return (
    <div className={css.board}>
      <div className={`row wrap noprint ${css.bar}`}>
        <SegmentedControl size="xs" value={cut} onChange={(v) => set({ cut: v === "all" ? undefined : v })} data={[{ value: "all", label: "Everything" }, { value: "mine", label: "Mine" }, { value: "cards", label: "Cards only" }]} aria-label="Which cards" />
        <span className="grow" />
        <Button onClick={() => window.print()} leftSection={<IconPrinter size={16} aria-hidden />} className="desk">Print</Button>
        {may && <Button variant="filled" onClick={() => dialog("card")} leftSection={<IconPlus size={16} aria-hidden />} rightSection={<kbd className="desk">+</kbd>}>New card</Button>}
      </div>
      <p className={css.printed}>{i.ref}, {i.severity}: {i.title}. As of {exact(now, zone)}.</p>
      <div className={css.columns}>
        {(Object.keys(names) as (keyof Columns)[]).map((c) => {
          const whole = search.rest === c;
          const list = whole ? cols[c] : cols[c].slice(0, first);
          const [name, empty] = names[c];
          return (
            <section key={c} aria-label={name} data-column={c} className={css.column} data-over={over === c || undefined}
              onDragOver={(e) => { if (c !== "todo") { e.preventDefault(); setOver(c); } }} onDragLeave={() => setOver(undefined)} onDrop={drop(c)}>
              <h2>{name} <span>{cols[c].length}</span></h2>
              {list.length === 0 && <p className="muted small">{empty}</p>}
              <ul>{list.map((t) => <TaskCard key={t.id} t={t} lists={lists} may={may} mine={isMine(t, me)} take={() => void move.take(t.id)} />)}</ul>
              {cols[c].length > list.length && <Button variant="subtle" onClick={() => set({ rest: c })} className="noprint">{cols[c].length - list.length} more</Button>}
            </section>
          );
        })}
      </div>
      {children}
    </div>
  );
}

/** Left and right go to the next column, as j and k go down and up. */
function aside(e: KeyboardEvent<HTMLElement>): void {
  if (e.key !== "ArrowRight" && e.key !== "ArrowLeft") return;
  const own = e.currentTarget.closest("[data-column]");
  const all = [...document.querySelectorAll<HTMLElement>("[data-column]")];
  for (let k = all.indexOf(own as HTMLElement), by = e.key === "ArrowRight" ? 1 : -1; ; ) {
    k += by;
    if (k < 0 || k >= all.length) return;
    const card = all[k]?.querySelector<HTMLElement>("[data-row]");
    if (!card) continue;
    e.preventDefault();
    card.focus();
    return;
  }
}

function TaskCard({ t, lists, may, mine, take }: { t: Task; lists: Checklist[]; may: boolean; mine: boolean; take: () => void }) {
  const now = useNow();
  const zone = useZone();
  const name = useNames();
  const doer = useDoer();
  const dialog = useDialog();
  const open = isOpen(t);
  const due = ms(t.due_at);
  const late = isLate(t, now);
  const by = t.done_by === "allclear" ? "by itself" : t.done_by_name || name(t.done_by);
  const who = t.taken_by?.name ?? (open ? "" : by);
  return (
    <li className={css.card} data-late={(open && late) || undefined} draggable={open && may} onDragStart={(e) => { e.dataTransfer.setData("text/plain", t.id); e.dataTransfer.effectAllowed = "move"; }}>
      <button type="button" className={css.open} data-row data-task={open ? t.id : undefined} onClick={() => dialog("task", { task: t.id })} onKeyDown={aside}>
        <span className={css.title}>
          {!open && (t.state === "na" ? <IconMinus size={15} stroke={2.4} aria-label="not applicable" /> : <IconCheck size={15} stroke={2.4} aria-label="done" />)}
          {t.title}
        </span>
        <span className={css.facts}>
          {who && who !== "by itself" && <Avatar name={who} />}
          <span className="grow cut">{open ? (mine && !t.taken_by ? "Yours" : doer(t)) : by}</span>
          {open && due !== undefined && (late ? <Late>{limit(now - due)} late</Late> : <span className="faint">{due - now < 86_400_000 ? limit(due - now) : when(due, now, zone)}</span>)}
          {!open && <span className="faint">{when(ms(t.done_at) ?? now, now, zone)}</span>}
        </span>
        {(t.phase !== "BOARD" || t.gate) && <span className={css.phase}>{phaseName(lists, t)}{t.gate && open ? <> · <b>before {t.gate === "close" ? "closing" : "resolving"}</b></> : null}</span>}
        {!open && t.evidence && <span className={css.phase}>{answered(t.evidence)}</span>}
      </button>
      {open && may && !t.taken_by && <Button size="xs" className={`noprint ${css.take}`} onClick={take} aria-label={`Take: ${t.title}`}>Take</Button>}
      {open && t.taken_by && mine && <Chip colour="accent">you</Chip>}
    </li>
  );
}
