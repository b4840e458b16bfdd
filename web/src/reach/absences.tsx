// When somebody is away: what was written by hand, and the calendars that say
// it, with how reading them went.
import { Button, FileInput, SegmentedControl, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { absences } from "../api/endpoints";
import { q } from "../api/queries";
import type { AbsenceCalendar, PersonAbsence } from "../api/away";
import { Dialog } from "../ui/dialog";
import { fromField } from "../ui/instant";
import { Card, Chip, Reading, Time } from "../ui/pieces";
import { useZone } from "../app/moment";
import { count } from "../ui/words";
import css from "./contacts.module.css";

type Open = { what: "write" | "calendar" } | { what: "erase"; absence: PersonAbsence } | { what: "remove"; calendar: AbsenceCalendar } | undefined;

export function Absences({ person, name }: { person: string; name?: string }) {
  const query = useQuery(q.absences(person));
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <Card title={name ? `When ${name} is away` : "When I am away"} aside="The deputy is paged" id="absences">
      <Reading query={query} rows={2}>
        {(sheet) => (
          <>
            <ul className={`lines ${css.list}`}>
              {sheet.absences.map((a) => (
                <li key={`${a.from} ${a.until} ${a.source ?? ""}`} data-row tabIndex={-1}>
                  <div className={css.who}>
                    <span className="row wrap"><b><Time at={a.from} /></b> {a.source === "calendar" && <Chip>from a calendar</Chip>}</span>
                    <span className="muted">back <Time at={a.until} />{a.reason ? ` · ${a.reason}` : ""}</span>
                  </div>
                  <div className={css.acts}>{a.source !== "calendar" && <Button size="xs" onClick={() => setOpen({ what: "erase", absence: a })} aria-label="Take the absence back">Take back</Button>}</div>
                </li>
              ))}
              {sheet.calendars.map((c) => <Calendar key={c.id} c={c} onRemove={() => setOpen({ what: "remove", calendar: c })} />)}
            </ul>
            {sheet.absences.length === 0 && <p className="muted">{sheet.calendars.length === 0 ? "Nothing is known. Write an absence down, or give a calendar that says it." : "No absence is in sight."}</p>}
            <div className={css.acts} style={{ marginTop: 12 }}>
              <Button onClick={() => setOpen({ what: "write" })}>Write an absence down</Button>
              <Button onClick={() => setOpen({ what: "calendar" })}>Add a calendar</Button>
            </div>
            {open?.what === "calendar" && <AddCalendar person={person} zone={sheet.time_zone} onClose={close} />}
          </>
        )}
      </Reading>
      {open?.what === "write" && <Write person={person} onClose={close} />}
      {open?.what === "erase" && <Erase person={person} absence={open.absence} onClose={close} />}
      {open?.what === "remove" && <Remove person={person} calendar={open.calendar} onClose={close} />}
    </Card>
  );
}

function useChanged(person: string): () => Promise<unknown> {
  const client = useQueryClient();
  return () => Promise.all([client.invalidateQueries({ queryKey: ["absences", person] }), client.invalidateQueries({ queryKey: ["people"] })]);
}

function Calendar({ c, onRemove }: { c: AbsenceCalendar; onRemove: () => void }) {
  return (
    <li data-row tabIndex={-1}>
      <div className={css.who}>
        <span className="row wrap">
          <b>{c.kind === "file" ? "File" : "Calendar"} {c.label}</b>
          {c.error && <Chip colour="amber" icon={<IconAlertTriangle size={12} aria-hidden />}>cannot be read</Chip>}
        </span>
        <span className="muted">
          {count(c.absences, "absence")}{c.words ? ` · only “${c.words}”` : ""}
          {c.succeeded_at ? <> · last read well <Time at={c.succeeded_at} how="ago" /></> : " · never read well"}
          {c.failing_since && <> · failing since <Time at={c.failing_since} />; what it said before holds</>}
        </span>
        {c.error && <span className="muted">{c.error}</span>}
        {(c.notes ?? []).map((n) => <span key={n} className="muted">{n}</span>)}
      </div>
      <div className={css.acts}><Button size="xs" onClick={onRemove} aria-label={`Remove ${c.label}`}>Remove</Button></div>
    </li>
  );
}

function Write({ person, onClose }: { person: string; onClose: () => void }) {
  const changed = useChanged(person);
  const zone = useZone();
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [reason, setReason] = useState("");
  const span = { from: fromField(from, zone), until: fromField(until, zone) };
  const hint = zone === "UTC" ? "UTC" : "Your time";
  return (
    <Dialog title="Write an absence down" verb="Write it down" onClose={onClose} onSubmit={() => absences.write(person, { ...span, reason: reason.trim() }).then(changed)} ready={span.from !== "" && span.until > span.from}>
      <TextInput type="datetime-local" label="From" description={hint} value={from} onChange={(e) => setFrom(e.currentTarget.value)} data-autofocus />
      <TextInput type="datetime-local" label="Back at" description={hint} value={until} onChange={(e) => setUntil(e.currentTarget.value)} />
      <TextInput label="Reason" description="Optional." value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={500} />
    </Dialog>
  );
}

function Erase({ person, absence: a, onClose }: { person: string; absence: PersonAbsence; onClose: () => void }) {
  const changed = useChanged(person);
  return (
    <Dialog title="Take this absence back?" verb="Take back" danger onClose={onClose} onSubmit={() => absences.erase(person, a.from, a.until).then(changed)}>
      <p>From <Time at={a.from} /> pages go to the person again, not to the deputy.</p>
    </Dialog>
  );
}

function Remove({ person, calendar: c, onClose }: { person: string; calendar: AbsenceCalendar; onClose: () => void }) {
  const changed = useChanged(person);
  return (
    <Dialog title="Remove this calendar?" verb="Remove" danger onClose={onClose} onSubmit={() => absences.remove(person, c.id).then(changed)}>
      <p>What {c.label} says no longer counts: {count(c.absences, "absence")} {c.absences === 1 ? "ends" : "end"}. What was written by hand stays.</p>
    </Dialog>
  );
}

function AddCalendar({ person, zone, onClose }: { person: string; zone: string; onClose: () => void }) {
  const changed = useChanged(person);
  const [how, setHow] = useState("address");
  const [address, setAddress] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [words, setWords] = useState("");
  const [read, setRead] = useState<AbsenceCalendar>();
  async function submit() {
    const rest = words.trim() ? { words: words.trim() } : {};
    const c = await absences.add(person, how === "address" ? { address: address.trim(), ...rest } : { file: await file!.text(), name: file!.name.slice(0, 100), ...rest });
    await changed();
    if (c.error) setRead(c);
    else onClose();
  }
  if (read) {
    return (
      <Dialog title="It cannot be read yet" verb="Keep it" onClose={onClose} onSubmit={() => Promise.resolve()} extra={<Button onClick={() => void absences.remove(person, read.id).then(changed).then(onClose)}>Remove it</Button>}>
        <p>The address is kept and tried again every 15 minutes. It said: <span className="mono">{read.error}</span></p>
      </Dialog>
    );
  }
  return (
    <Dialog title="Add a calendar" verb="Add and read it" onClose={onClose} onSubmit={submit} keep ready={how === "address" ? address.trim() !== "" : file !== null}>
      <SegmentedControl value={how} onChange={setHow} data={[{ value: "address", label: "Address" }, { value: "file", label: "File" }]} aria-label="How it is given" />
      {how === "address" ? (
        <TextInput label="Secret address in iCal format" description="It is sealed and not shown again; read every 15 minutes." placeholder="https://" value={address} onChange={(e) => setAddress(e.currentTarget.value)} type="password" autoComplete="off" data-autofocus />
      ) : (
        <FileInput label="File (.ics)" description="Up to 2 MiB." accept=".ics,text/calendar" value={file} onChange={setFile} clearable />
      )}
      <TextInput label="Only events with one of these words" description="Optional, separated by commas. Without words: out-of-office events, and busy ones of whole days." placeholder="vacation, out of office" value={words} onChange={(e) => setWords(e.currentTarget.value)} maxLength={200} />
      <p className="fact">Whole days are read in the time zone {zone.replaceAll("_", " ")}. Titles are not kept.</p>
    </Dialog>
  );
}
