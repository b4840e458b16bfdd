// Alerts as rows: what fired, from where, how often, and whether it still does.
import { Link } from "@tanstack/react-router";
import type { Alert } from "../api/types";
import { Chip, Empty, Time, type ChipColour } from "../ui/pieces";
import { count, label } from "../ui/words";
import css from "./alertlist.module.css";

const colours: Record<string, ChipColour | undefined> = { triggered: "red", acknowledged: "amber", resolved: "green", suppressed: "accent" };

/** What an alert's state is called. */
export const stateWord: Record<string, string> = { suppressed: "held back" };

export function AlertRows({ list, incidents = false }: { list: Alert[]; incidents?: boolean }) {
  if (list.length === 0) return <Empty title="No alerts.">{incidents ? "Nothing fires. Point a monitoring tool at an integration key and its events appear here." : "A person declared this incident; no signal belongs to it."}</Empty>;
  return (
    <ul className={css.list} data-long={list.length > 100 || undefined}>
      {list.map((a) => {
        const n = a.incident === undefined || a.incident === "" ? undefined : String(a.incident).replace(/^INC-/, "");
        const inside = (
          <>
            <Chip colour={colours[a.status]}>{stateWord[a.status] ?? a.status}</Chip>
            <span className="grow">
              <span className={css.summary}>{a.summary}</span>
              <small>{[a.source, label(a.service), a.severity, count(a.count, "event"), a.cause && `likely a symptom of ${a.cause}`, a.flapping && "comes and goes"].filter(Boolean).join(" · ")}</small>
              {a.held_by && <small>by {a.held_by}</small>}
            </span>
            <small className={css.when}>{incidents && n ? <b>INC-{n}</b> : null} <Time at={a.last_at ?? a.created_at} how="ago" /></small>
          </>
        );
        return <li key={a.id} className={css.item}>{incidents && n ? <Link to="/incidents/$ref" params={{ ref: `INC-${n}` }} search={{ tab: "alerts" }} className={css.row} data-row>{inside}</Link> : <div className={css.row}>{inside}</div>}{incidents && <Link to="." search={((old: object) => ({ ...old, why: a.id })) as never} className={css.why} data-why aria-label={`Why? ${a.summary}`}>Why?</Link>}</li>;
      })}
    </ul>
  );
}
