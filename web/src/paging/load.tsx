// The load report: who carried how much, in hours, nights, weekends and pages,
// and whether that was fair. It prints, and it leaves as a file.
import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { loadFile } from "../api/endpoints";
import { q } from "../api/queries";
import type { PersonLoad } from "../api/types";
import { useCommands } from "../app/commands";
import { useNow, useZone } from "../app/moment";
import { useFilters } from "../ui/filters";
import { Empty, PageHead, Reading } from "../ui/pieces";
import { addDays, midnight } from "./calendar";
import { columns, equal, figure, isColumn, sorted, total, verdict, type Column } from "./share";
import css from "./load.module.css";

export function LoadScreen() {
  const search = useSearch({ from: "/app/on-call/load" });
  const set = useFilters();
  const now = useNow();
  const zone = useZone();
  const days = search.days === "90" ? 90 : 30;
  const by = isColumn(search.by) ? search.by : "hours";
  const end = midnight(now, zone);
  const [from, until] = [new Date(addDays(end, -days, zone)).toISOString(), new Date(end).toISOString()];
  const query = useQuery(q.load(from, until));
  const file = loadFile(from, until);
  const range = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: zone === "UTC" ? "UTC" : undefined }).formatRange(Date.parse(from), end - 1);
  useEffect(() => {
    document.title = "Load report · Allclear";
  }, []);
  useCommands([
    { id: "print", label: "Print the report", group: "Load report", keys: "p", run: () => window.print() },
    { id: "file", label: "Save the report as CSV", group: "Load report", keys: "v", words: "download spreadsheet export", run: () => window.location.assign(file) },
    { id: "days", label: days === 30 ? "Look back 90 days" : "Look back 30 days", group: "Load report", keys: "l", run: () => set({ days: days === 30 ? "90" : undefined }) },
  ]);
  return (
    <>
      <p className="small noprint"><Link to="/on-call" search={{}} className="link">On-call</Link></p>
      <PageHead title="Load report" lead={query.data ? verdict(query.data) : undefined}
        actions={<span className="acts noprint"><Button component="a" href={file} download rightSection={<kbd className="desk">v</kbd>}>Save as CSV</Button><Button onClick={() => window.print()} rightSection={<kbd className="desk">p</kbd>} className="desk">Print</Button></span>} />
      <div className={css.range}>
        <SegmentedControl className="noprint" size="xs" aria-label="Time" value={String(days)} onChange={(v) => set({ days: v === "30" ? undefined : v })} data={[{ value: "30", label: "Last 30 days" }, { value: "90", label: "Last 90 days" }]} />
        <span className="muted">{range}</span>
      </div>
      <Reading query={query} rows={6}>{(list) => (list.length === 0 ? <div className="card"><Empty title="Nobody was on call in this time.">Turns and pages are counted from the schedules and from what went out.</Empty></div> : <Table list={sorted(list, by)} by={by} onSort={(c) => set({ by: c === "hours" ? undefined : c })} />)}</Reading>
      <p className={`faint small ${css.note}`}>Turns are what the schedules, as they stand now, give for this time; two schedules at once count for each. A night is an hour or more between 22:00 and 06:00 where the person lives. Off hours: pages outside business hours.</p>
    </>
  );
}

function Table({ list, by, onSort }: { list: PersonLoad[]; by: Column; onSort: (c: Column) => void }) {
  return (
    <div className={`card ${css.card}`}>
      <table className={css.table} role="table">
        <caption className="sr">Load by person, sorted by {columns.find((c) => c.id === by)?.label.toLowerCase()}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Person</th>
            {columns.map((c) => (
              <th key={c.id} role="columnheader" scope="col" aria-sort={c.id === by ? "descending" : "none"}>
                <button type="button" onClick={() => onSort(c.id)}>{c.label}{c.unit && <span className="faint"> {c.unit}</span>}<i aria-hidden>{c.id === by ? " ↓" : ""}</i></button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {list.map((l) => (
            <tr key={l.person} role="row" data-row tabIndex={-1}>
              <th role="rowheader" scope="row">{l.name}</th>
              {columns.map((c) => <Cell key={c.id} n={l[c.id]} label={c.label} unit={c.unit} most={Math.max(...list.map((x) => x[c.id]))} even={equal(list, c.id)} />)}
            </tr>
          ))}
        </tbody>
        <tfoot role="rowgroup">
          <tr role="row">
            <th role="rowheader" scope="row">Together</th>
            {columns.map((c) => <td key={c.id} role="cell"><span className={css.label}>{c.label}</span><b>{figure(total(list, c.id))}{c.unit && <span className={css.unit}> {c.unit}</span>}</b></td>)}
          </tr>
        </tfoot>
      </table>
      <p className={`faint small ${css.key}`} aria-hidden><i /> an equal share <s /> more than one and a half times that</p>
    </div>
  );
}

/** A figure with its bar; the mark is where everybody would stand if all carried the same. */
function Cell({ n, label, unit, most, even }: { n: number; label: string; unit: string; most: number; even: number }) {
  const heavy = even > 0 && n > even * 1.5;
  return (
    <td role="cell">
      <span className={css.label}>{label}</span>
      <b data-zero={n === 0 || undefined}>{figure(n)}{unit && <span className={css.unit}> {unit}</span>}</b>
      <span className={css.bar} aria-hidden>
        {most > 0 && <><i data-heavy={heavy || undefined} style={{ width: `${(n / most) * 100}%` }} /><u style={{ left: `${(even / most) * 100}%` }} /></>}
      </span>
    </td>
  );
}
