// Who was told in time: the first post, and each affected customer by the procedure or
// by contract.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { desk, type Report } from "../api/desk";
import type { Incident } from "../api/types";
import { Card, Chip, Reading, Time, type ChipColour } from "../ui/pieces";
import { channelWord, count } from "../ui/words";
import css from "./desk.module.css";

const colour: Record<string, ChipColour | undefined> = { in_time: "green", late: "amber", missed: "red", waiting: undefined };
const word: Record<string, string> = { in_time: "in time", late: "too late", missed: "not told", waiting: "not yet" };

export function Told({ i }: { i: Incident }) {
  return <Reading query={useQuery(desk.told(i.number))} rows={2}>{(r) => <ToldCard i={i} r={r} />}</Reading>;
}

const few = 8;

function ToldCard({ i, r }: { i: Incident; r: Report }) {
  const [all, setAll] = useState(false);
  if (!r.declared_at) return null;
  const shown = all ? r.customers : r.customers.slice(0, few);
  return (
    <Card title="Told in time" aside={<a href={desk.toldFile(i.number)} download>As a table</a>}>
      <dl className={css.figures}>
        <div><dt>First status post</dt><dd>{r.post ? <Chip colour={colour[r.post]}>{word[r.post]}</Chip> : "not promised"} {r.posted_at ? <Time at={r.posted_at} /> : r.post_due_at ? <span className="muted">due <Time at={r.post_due_at} /></span> : null}</dd></div>
        <div><dt>Customers told in time</dt><dd>{r.judged > 0 ? <b>{r.percent} %</b> : "none judged yet"} {r.judged > 0 && <span className="muted">{r.in_time} of {r.judged}</span>}</dd></div>
        {r.next_update_at && <div><dt>Next update promised</dt><dd><Time at={r.next_update_at} /></dd></div>}
      </dl>
      {r.customers.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Customers and when they were told">
          <table className="list">
            <thead><tr><th>Customer</th><th>State</th><th>By when</th><th>Told</th><th>Failed</th></tr></thead>
            <tbody>
              {shown.map((c) => (
                <tr key={c.id}>
                  <td>{c.name}{c.contract && <span className="muted"> · by contract</span>}</td>
                  <td><Chip colour={colour[c.state]}>{word[c.state]}</Chip></td>
                  <td><Time at={c.due_at} /></td>
                  <td className={css.told}>{c.told_at ? <><Time at={c.told_at} /> <span className="muted">{channelWord(c.by ?? "")}</span></> : <span className="faint">{c.contacts === 0 ? "has no contact" : ""}</span>}</td>
                  <td>{c.failed > 0 ? <span className="tone-over">{c.failed}</span> : ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {r.customers.length > few && <button type="button" className={css.more} aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Fewer" : `All ${count(r.customers.length, "customer")}`}</button>}
    </Card>
  );
}
