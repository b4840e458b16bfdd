// The technical track: triage, cause and solution with their time boxes. A step
// is answered by a press; some are answered by what is done on this tab.
import { IconAlertTriangle, IconCheck, IconCircle, IconMinus } from "@tabler/icons-react";
import type { Checklist, Incident } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { Chip } from "../ui/pieces";
import { span, when } from "../ui/time";
import { useDialog } from "../command/act";
import { isLate, isOpen } from "../command/phases";
import { boxes } from "./logic";
import css from "./inquiry.module.css";

export function Track({ i, lists }: { i: Incident; lists: Checklist[] }) {
  const now = useNow();
  const zone = useZone();
  const dialog = useDialog();
  const all = boxes(lists, now);
  if (all.length === 0) return <p className="muted">{i.declared ? `The procedure asks for no technical track at ${i.severity}.` : "The technical track and its time boxes begin with the declaration."}</p>;
  return (
    <ol className={css.track} aria-label="Technical track">
      {all.map((b) => {
        const over = b.done === b.all;
        return (
          <li key={b.id} className="card" data-state={over ? "done" : b.late > 0 ? "late" : undefined}>
            <div className={css.box}>
              <h2>{b.name}</h2>
              <span className="faint small">{b.done} of {b.all}</span>
              {over ? <Chip colour="green" icon={<IconCheck size={12} aria-hidden />}>done</Chip> : b.due === undefined ? null : b.late > 0 ? <Chip colour="red" icon={<IconAlertTriangle size={12} aria-hidden />}>{span(now - b.due)} over</Chip> : <Chip colour={b.due - now < 5 * 60_000 ? "amber" : undefined}>{span(b.due - now)} left, until {when(b.due, now, zone)}</Chip>}
            </div>
            <ul>
              {b.items.map((t) => (
                <li key={t.id} data-done={!isOpen(t) || undefined} data-late={(isOpen(t) && isLate(t, now)) || undefined}>
                  <button type="button" data-task={t.id} onClick={() => dialog("task", { task: t.id })}>
                    {isOpen(t) ? <IconCircle size={14} aria-hidden /> : t.state === "na" ? <IconMinus size={14} aria-hidden /> : <IconCheck size={14} aria-hidden />}
                    <span>{t.title}<span className="sr">{isOpen(t) ? (isLate(t, now) ? ", open and late" : ", open") : t.state === "na" ? ", not applicable" : ", done"}</span></span>
                  </button>
                </li>
              ))}
            </ul>
          </li>
        );
      })}
    </ol>
  );
}
