// One schedule: its layers and covers, changed in place, with what they come to
// beside them. Those who may not change it see the same, still.
import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { noFaults, type Doc, type Faults } from "../admin/doc";
import { useDocument, type Document } from "../admin/document";
import { below, moved } from "../admin/inputs";
import { allZones, useOptions } from "../admin/options";
import { DocumentPage, DocumentScreen } from "../admin/page";
import type { Layer, Schedule } from "../api/types";
import { useMe } from "../app/me";
import { present, useZone } from "../app/moment";
import { fromField, toField } from "../ui/instant";
import { useNames } from "../ui/people";
import { Card, PageHead } from "../ui/pieces";
import { plain } from "../ui/words";
import { Feeds } from "./feeds";
import { LayerCard } from "./layer";
import { Preview } from "./preview";
import { layerText, newLayer } from "./rota";
import css from "./schedule.module.css";

const begin = (): Doc => ({ id: "", time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC", layers: [newLayer(present())] });

export function NewScheduleScreen() {
  const [fresh] = useState(begin);
  return <Screen id="" d={useDocument("schedules", "", fresh)} />;
}

export function ScheduleScreen() {
  const { id } = useParams({ from: "/app/schedules/$id" });
  return <Screen key={id} id={id} d={useDocument("schedules", id)} />;
}

function Screen({ id, d }: { id: string; d: Document }) {
  const title = d.isNew ? "New schedule" : plain(id);
  const admin = useMe()?.role === "admin";
  return <DocumentScreen d={d} title={title} list="/schedules" back="Schedules">{(doc) => (admin ? <Edit id={id} title={title} d={d} doc={doc} /> : <Still id={id} title={title} doc={doc} />)}</DocumentScreen>;
}

function Edit({ id, title, d, doc }: { id: string; title: string; d: Document; doc: Doc }) {
  const [live, setLive] = useState<Faults>(noFaults);
  const onLive = useCallback((f: Faults) => setLive((old) => (old.size === 0 && f.size === 0 ? old : f)), []);
  const layers = (doc["layers"] as Layer[] | undefined) ?? [];
  const addLayer = () => d.set({ ...doc, layers: [...layers, newLayer(present())] });
  const addCover = () => d.set({ ...doc, overrides: [...((doc["overrides"] as object[] | undefined) ?? []), nextHours()] });
  // An untouched form is not told off.
  const faults: Faults = d.changed ? new Map([...live, ...d.faults]) : d.faults;
  return (
    <DocumentPage d={d} id={id} title={title} called={plain} noun="schedule" list="/schedules"
      lead="Later layers win over earlier ones, covers win over all of them." unsaved="Not saved yet: pages still follow the schedule as it was." saved="Pages follow it from now on."
      gone={<p>Nobody is paged by it from then on. A procedure that names <span className="mono">schedule:{id}</span> would reach nobody at that step.</p>}
      commands={[
        { id: "layer", label: "Add a layer", group: "Schedule", keys: "l", run: addLayer },
        { id: "cover", label: "Add a cover", group: "Schedule", keys: "v", run: addCover },
      ]}
      fields={<Fields d={d} doc={doc} layers={layers} faults={faults} addLayer={addLayer} addCover={addCover} />}
      beside={<><Preview doc={doc} onFaults={onLive} />{!d.isNew && <Feeds of={{ kind: "schedule", subject: id }} />}</>}
    />
  );
}

/** A cover of the coming eight hours, to be changed. */
function nextHours() {
  const at = Math.ceil(present() / 3_600_000) * 3_600_000;
  const iso = (t: number) => new Date(t).toISOString().replace(".000Z", "Z");
  return { from: iso(at), until: iso(at + 8 * 3_600_000), person: "" };
}

interface FieldsProps {
  d: Document;
  doc: Doc;
  layers: Layer[];
  faults: Faults;
  addLayer: () => void;
  addCover: () => void;
}

function Fields({ d, doc, layers, faults, addLayer, addCover }: FieldsProps) {
  const people = useOptions()("people");
  const put = (next: Layer[]) => d.set({ ...doc, layers: next });
  const zone = String(doc["time_zone"] ?? "UTC");
  return (
    <>
      <div className={css.top}>
        {d.isNew && <TextInput label="Name" inputWrapperOrder={below} description="Lower case, as the procedure names it: schedule:primary." placeholder="primary" autoComplete="off" spellCheck={false} value={String(doc["id"] ?? "")} error={faults.get("id")} onChange={(e) => d.set({ ...doc, id: e.currentTarget.value.toLowerCase().replace(/\s+/g, "-") })} data-autofocus />}
        <Select label="Time zone" inputWrapperOrder={below} description="Of every handoff and window below." searchable limit={60} allowDeselect={false} data={allZones()} value={zone} error={faults.get("time_zone")} onChange={(v) => d.set({ ...doc, time_zone: v ?? "UTC" })} />
      </div>
      {layers.map((l, n) => (
        <LayerCard key={n} n={n} of={layers.length} layer={l} people={people} faults={faults} zone={zone}
          set={(next) => put(layers.map((o, k) => (k === n ? next : o)))} move={(to) => put(moved(layers, n, to))} remove={() => put(layers.filter((_, k) => k !== n))} />
      ))}
      <div><Button leftSection={<IconPlus size={16} aria-hidden />} onClick={addLayer} rightSection={<kbd className="desk">l</kbd>}>Add a layer</Button></div>
      <Covers d={d} doc={doc} faults={faults} add={addCover} />
    </>
  );
}

function Covers({ d, doc, faults, add }: { d: Document; doc: Doc; faults: Faults; add: () => void }) {
  const zone = useZone();
  const people = useOptions()("people");
  const list = (doc["overrides"] as NonNullable<Schedule["overrides"]> | undefined) ?? [];
  const put = (next: typeof list) => {
    const { overrides: _, ...rest } = doc;
    d.set(next.length > 0 ? { ...rest, overrides: next } : rest);
  };
  const change = (k: number, part: Partial<(typeof list)[number]>) => put(list.map((o, n) => (n === k ? { ...o, ...part } : o)));
  return (
    <Card title="Covers" id="covers" aside={zone === "UTC" ? "UTC" : "your time"}>
      {list.length === 0 && <p className="muted" style={{ marginBottom: 10 }}>None. A cover puts one person on call for a while, whatever the layers say.</p>}
      {list.length > 0 && (
        <ol className={css.covers}>
          {list.map((o, k) => (
            <li key={k}>
              <Select label="Who" aria-label={`Who covers, cover ${k + 1}`} searchable limit={100} data={people} value={o.person || null} error={faults.get(`overrides[${k}].person`)} onChange={(v) => change(k, { person: v ?? "" })} />
              <TextInput label="From" type="datetime-local" aria-label={`From, cover ${k + 1}`} value={toField(o.from, zone)} error={faults.get(`overrides[${k}].from`)} onChange={(e) => change(k, { from: fromField(e.currentTarget.value, zone) })} />
              <TextInput label="Until" type="datetime-local" aria-label={`Until, cover ${k + 1}`} value={toField(o.until, zone)} error={faults.get(`overrides[${k}].until`)} onChange={(e) => change(k, { until: fromField(e.currentTarget.value, zone) })} />
              <ActionIcon variant="subtle" size={28} aria-label={`Remove cover ${k + 1}`} onClick={() => put(list.filter((_, n) => n !== k))}><IconX size={16} aria-hidden /></ActionIcon>
            </li>
          ))}
        </ol>
      )}
      <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={add} rightSection={<kbd className="desk">v</kbd>}>Add a cover</Button>
    </Card>
  );
}

/** The schedule for those who may look and not change. */
function Still({ id, title, doc }: { id: string; title: string; doc: Doc }) {
  const name = useNames();
  const layers = (doc["layers"] as Layer[] | undefined) ?? [];
  return (
    <>
      <PageHead title={title} lead={`In ${String(doc["time_zone"])}. An administrator can change it; you can see its turns under On-call.`} />
      <div className="stack">
        <Card title="Layers" id="layers"><ol className="lines">{layers.map((l, n) => <li key={n}>{layerText(l, (p) => name(p))}</li>)}</ol></Card>
        <Feeds of={{ kind: "schedule", subject: id }} />
      </div>
    </>
  );
}
