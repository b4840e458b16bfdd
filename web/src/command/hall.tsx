// The war room: where people meet, how each part of it stands, what serves
// instead when a service is down, and the incident's own notes.
import { Button, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../api/client";
import { cq, hall } from "../api/command";
import type { Incident, IncidentNotes, RoomPart, WarRoom } from "../api/types";
import { useCommands } from "../app/commands";
import { useNow, useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { useNames } from "../ui/people";
import { Card, Chip, Empty, Reading, Time, type ChipColour } from "../ui/pieces";
import { ms, when } from "../ui/time";
import { capital } from "../ui/words";
import { can, useDialog, useDo } from "./act";
import css from "./hall.module.css";

const kinds: Record<RoomPart["kind"], string> = { chat: "Chat channel", video: "Video room", notes: "Shared notes", physical: "Conference room", breakout: "Breakout room", call: "Telephone conference" };
const states: Record<RoomPart["state"], [string, ChipColour | undefined]> = { wanted: ["being opened", "amber"], open: ["open", "green"], fallback: ["something else serves", "amber"], failed: ["given up", "red"], closing: ["closing", undefined], closed: ["closed", undefined] };

export function Hall({ i }: { i: Incident }) {
  const query = useQuery(cq.room(i.number));
  return <Reading query={query} rows={4}>{(r) => <Whole i={i} r={r} />}</Reading>;
}

function Whole({ i, r }: { i: Incident; r: WarRoom }) {
  const doit = useDo(i.number);
  const dialog = useDialog();
  const may = can(i, "notes") && i.status !== "closed";
  const physical = r.parts.find((p) => p.kind === "physical" && p.state !== "closed" && p.state !== "closing");
  const reserve = () => void doit("The reservation", () => hall.reserve(i.number));
  useCommands(may ? [
    { id: "room-reserve", label: "Reserve a conference room", group: "War room", run: reserve },
    { id: "room-breakout", label: "Open a breakout room", group: "War room", run: () => dialog("breakout") },
    ...(r.can_call ? [{ id: "room-call", label: "Call me into the conference", group: "War room", run: () => void doit("The call", () => hall.call(i.number)) }] : []),
  ] : []);
  return (
    <div className={css.hall}>
      <div className="stack">
        {r.parts.length === 0 ? <Empty title={r.kind === "none" ? "The procedure opens no war room for this severity." : "The war room opens with the declaration."}>Everything is on this page, and so are its notes.</Empty> : r.parts.map((p) => <Part key={p.id} p={p} i={i} may={may} />)}
        {r.bridge && <Card title="Bridge line"><p className={css.address}>{r.bridge}</p></Card>}
        {may && (
          <div className="row wrap noprint">
            {r.can_call && <Button variant="filled" onClick={() => void doit("The call", () => hall.call(i.number))}>Call me</Button>}
            {(!physical || physical.state === "fallback" || physical.state === "failed") && <Button onClick={reserve}>Reserve a conference room</Button>}
            {physical?.state === "open" && <Button onClick={() => void doit("Giving the room back", () => hall.release(i.number))}>Give the room back</Button>}
            <Button onClick={() => dialog("breakout")}>Breakout room</Button>
          </div>
        )}
      </div>
      <Notes i={i} version={r.notes.version} may={may} />
    </div>
  );
}

function Part({ p, i, may }: { p: RoomPart; i: Incident; may: boolean }) {
  const doit = useDo(i.number);
  const now = useNow();
  const zone = useZone();
  const [word, colour] = states[p.state];
  const retry = ms(p.retry_at);
  return (
    <Card title={p.label ? `${kinds[p.kind]}: ${p.label}` : kinds[p.kind]} aside={<Chip colour={colour}>{p.provider && p.state === "open" ? p.provider : word}</Chip>}>
      {p.url ? <p><a href={p.url} target="_blank" rel="noreferrer" className={`link ${css.go}`}>{p.name || p.url}</a>{p.private ? " · by invitation" : ""}</p> : p.name ? <p><b>{p.name}</b></p> : null}
      {p.dial_in && p.dial_in.length > 0 && <p className={css.address}>{p.dial_in.map((d) => <a key={d} href={`tel:${d.replace(/[^+\d]/g, "")}`} className="link">{d}</a>)}{p.pin ? <span className="muted"> PIN {p.pin}</span> : null}</p>}
      {p.note && <p className="muted">{p.note}</p>}
      {p.problem && p.state !== "open" && <p className="muted">{capital(p.problem)}.{p.instead ? <> Instead: <b>{p.instead.what}</b>.</> : null}</p>}
      {p.problem && p.state === "open" && <p className="tone-due small">Last trouble: {p.problem}</p>}
      {retry !== undefined && retry > now && p.state !== "open" && <p className="faint small">Next try {when(retry, now, zone)}.</p>}
      {p.present && p.present.length > 0 && <p className={css.people}>{p.present.map((x) => <Chip key={x.name} colour="green">{x.name}</Chip>)}</p>}
      {p.unknown && p.unknown.length > 0 && <p className="muted small">Not known there: {p.unknown.map((x) => x.name).join(", ")}. Ask them by another way.</p>}
      {p.state === "failed" && may && <Button size="xs" mt={8} onClick={() => void doit("Trying again", () => hall.retry(i.number, p.id))}>Try again</Button>}
    </Card>
  );
}

/** The incident's own notes: written over exactly what was read, and nothing of two writers is lost. */
function Notes({ i, version, may }: { i: Incident; version: number; may: boolean }) {
  const query = useQuery(cq.notes(i.number));
  return (
    <Reading query={query} rows={3}>{(read) => <Sheet i={i} read={read} newest={version} may={may} again={() => void query.refetch()} />}</Reading>
  );
}

function Sheet({ i, read, newest, may, again }: { i: Incident; read: IncidentNotes; newest: number; may: boolean; again: () => void }) {
  const [draft, setDraft, clear] = useDraft(`notes-${i.number}`);
  const [base, setBase] = useState<number>();
  const [theirs, setTheirs] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const name = useNames();
  const client = useQueryClient();
  const editing = base !== undefined || draft !== "";
  const over = base ?? read.version;
  const text = editing ? draft : read.text;
  async function save() {
    setBusy(true);
    setWrong("");
    try {
      const kept = await hall.write(i.number, over, draft);
      client.setQueryData(cq.notes(i.number).queryKey, kept);
      clear();
      setBase(undefined);
      setTheirs(undefined);
    } catch (err) {
      if (err instanceof Problem && err.status === 412) {
        const now = await client.fetchQuery({ ...cq.notes(i.number), staleTime: 0 });
        setTheirs(now.text);
        setBase(now.version);
      } else setWrong(err instanceof Error ? err.message : "That did not work.");
    }
    setBusy(false);
  }
  return (
    <Card title="Notes" aside={read.version > 0 ? <>{name(read.updated_by)}, <Time at={read.updated_at} how="ago" /></> : "nobody has written yet"} className={css.notes}>
      {theirs !== undefined && (
        <div className="fact" role="alert">
          <b>Somebody wrote meanwhile.</b> Theirs is below. Put what is missing into yours, then save.
          <pre>{theirs}</pre>
        </div>
      )}
      {!editing && newest > read.version && <p className="fact">There is a newer version. <button type="button" className="link" onClick={again}>Read it</button></p>}
      {may ? (
        <>
          <Textarea aria-label="Notes of the incident" placeholder="What the room knows and decides. Markdown. Every version is kept." autosize minRows={12} maxRows={32} value={text} onChange={(e) => { if (base === undefined) setBase(read.version); setDraft(e.currentTarget.value); }} onKeyDown={(e) => { if (e.key === "Enter" && (e.metaKey || e.ctrlKey) && editing) void save(); }} />
          {wrong && <p className="wrong" role="alert">{wrong}</p>}
          {editing && (
            <div className={`row wrap noprint ${css.save}`}>
              <span className="faint small desk grow"><kbd>Ctrl</kbd> <kbd>Enter</kbd></span>
              <Button onClick={() => { clear(); setBase(undefined); setTheirs(undefined); }}>Discard</Button>
              <Button variant="filled" loading={busy} onClick={() => void save()}>Save the notes</Button>
            </div>
          )}
        </>
      ) : <p className="prose">{read.text || "Nothing was written."}</p>}
    </Card>
  );
}

export function Breakout({ i, onClose }: { i: Incident; onClose: () => void }) {
  const [name, setName] = useState("");
  const doit = useDo(i.number);
  return (
    <Dialog title="Open a breakout room" verb="Open" onClose={onClose} ready={name.trim() !== ""} onSubmit={() => doit("The breakout room", () => hall.breakout(i.number, name.trim()))}>
      <TextInput label="What is it for?" placeholder="Database" data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
    </Dialog>
  );
}
