// Maintenance: times in which alerts of services are expected and wake nobody.
import { Button, MultiSelect, Select, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Maintenance } from "../api/detection";
import { maintenance } from "../api/endpoints";
import { q } from "../api/queries";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { useNow, useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useFilters } from "../ui/filters";
import { fromField, toField } from "../ui/instant";
import { useNames } from "../ui/people";
import { Chip, Empty, PageHead, Reading, Time, type ChipColour } from "../ui/pieces";
import { count, listing } from "../ui/words";
import css from "./maintenance.module.css";

const states: Record<Maintenance["state"], ChipColour | undefined> = { active: "amber", planned: "accent", over: undefined };
const repeats = { daily: "every day", weekly: "every week", monthly: "every month" } as const;

export function MaintenanceScreen() {
  const search = useSearch({ strict: false }) as { do?: string; end?: string };
  const set = useFilters();
  const navigate = useNavigate();
  const query = useQuery(q.maintenances());
  const services = useQuery(q.services()).data ?? [];
  const role = useMe()?.role;
  const may = role === "admin" || role === "responder";
  const add = () => void navigate({ to: ".", search: ((old: object) => ({ ...old, do: "new" })) as never });
  useCommands(may ? [{ id: "new-maintenance", label: "Plan a maintenance", group: "Maintenance", keys: "a", run: add }] : []);
  useEffect(() => {
    document.title = "Maintenance · Allclear";
  }, []);
  const name = (id: string) => services.find((s) => s.id === id)?.name ?? id;
  const all = query.data ?? [];
  const on = all.filter((m) => m.state === "active");
  const lead = query.data && (on.length > 0 ? `${count(on.length, "maintenance is", "maintenances are")} on: alerts of ${listing([...new Set(on.flatMap((m) => m.services.map(name)))])} are held back.` : "Nothing is held back now. What is planned here wakes nobody while it lasts.");
  const ending = all.find((m) => m.id === search.end);
  return (
    <>
      <PageHead title="Maintenance" lead={lead} actions={may ? <Button onClick={add} rightSection={<kbd className="desk">a</kbd>}>Plan a maintenance</Button> : undefined} />
      {search.do === "new" && <New onClose={() => set({ do: undefined })} />}
      {ending && <End m={ending} onClose={() => set({ end: undefined })} />}
      <Reading query={query} rows={3}>
        {(list) => list.length === 0
          ? <div className="card"><Empty title="No maintenance is planned.">During one, alerts of its services are kept and wake nobody; when it is over, what still stands does.{may ? <> Plan the first with <kbd>a</kbd>.</> : null}</Empty></div>
          : <ul className={css.list}>{[...list].sort(byTime).map((m) => <Row key={m.id} m={m} name={name} may={may} onEnd={() => set({ end: m.id })} />)}</ul>}
      </Reading>
    </>
  );
}

const rank = { active: 0, planned: 1, over: 2 };
const byTime = (a: Maintenance, b: Maintenance) => rank[a.state] - rank[b.state] || Date.parse(a.next_from ?? a.starts_at) - Date.parse(b.next_from ?? b.starts_at);

function Row({ m, name, may, onEnd }: { m: Maintenance; name: (id: string) => string; may: boolean; onEnd: () => void }) {
  const person = useNames();
  return (
    <li>
      <Chip colour={states[m.state]}>{m.state === "active" ? "now" : m.state}</Chip>
      <div className="grow">
        <b className={css.title}>{m.title}</b>
        <p>{listing(m.services.map(name))}{(m.matchers ?? []).length > 0 ? `, only ${listing((m.matchers ?? []).map((x) => `${x.name} ${x.is_equal === false ? "other than" : "="} ${x.value}`))}` : ""}</p>
        <p className="muted small">
          {m.state === "over" ? <Time at={m.ended_at ?? m.ends_at} prefix="over since " /> : <><Time at={m.next_from} prefix={m.state === "active" ? "since " : "from "} /> <Time at={m.next_to} prefix="until " /></>}
          {m.repeat ? `, ${repeats[m.repeat]} (${m.time_zone ?? "UTC"})` : ""} · {m.reason} · by {person(m.created_by)}{m.ended_by ? `, ended by ${person(m.ended_by)}` : ""}
        </p>
      </div>
      {may && m.state !== "over" && <Button size="xs" onClick={onEnd} aria-label={`End ${m.title}`} data-row>{m.state === "active" ? "End now" : "Call off"}</Button>}
    </li>
  );
}

function New({ onClose }: { onClose: () => void }) {
  const now = useNow();
  const zone = useZone();
  const client = useQueryClient();
  const services = useQuery(q.services()).data ?? [];
  const [title, setTitle] = useState("");
  const [reason, setReason] = useState("");
  const [on, setOn] = useState<string[]>([]);
  const [from, setFrom] = useState(() => toField(new Date(Math.ceil(now / 3_600_000) * 3_600_000).toISOString(), zone));
  const [to, setTo] = useState(() => toField(new Date(Math.ceil(now / 3_600_000) * 3_600_000 + 3_600_000).toISOString(), zone));
  const [repeat, setRepeat] = useState<string | null>(null);
  const start = fromField(from, zone);
  const end = fromField(to, zone);
  const wrong = start && end && Date.parse(end) <= Date.parse(start) ? "It must end after it begins." : undefined;
  const clock = zone === "UTC" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Dialog title="Plan a maintenance" verb="Plan it" onClose={onClose} ready={title.trim() !== "" && reason.trim() !== "" && on.length > 0 && !!start && !!end && !wrong} onSubmit={async () => {
      await maintenance.plan({ title: title.trim(), reason: reason.trim(), services: on, starts_at: start, ends_at: end, ...(repeat ? { repeat: repeat as "weekly", time_zone: clock } : {}) });
      void client.invalidateQueries({ queryKey: ["maintenances"] });
      notifications.show({ message: `${title.trim()} is planned.` });
    }}>
      <p className="muted">Alerts that begin meanwhile wake nobody. Those that stand when it begins and nobody has in hand are held back too. What still stands at the end pages then.</p>
      <TextInput label="What is done" placeholder="Database upgrade" value={title} maxLength={200} onChange={(e) => setTitle(e.currentTarget.value)} data-autofocus />
      <MultiSelect label="Services" placeholder={on.length === 0 ? "Whose alerts are expected" : ""} searchable data={services.map((s) => ({ value: s.id, label: s.name }))} value={on} onChange={setOn} />
      <div className={css.two}>
        <TextInput type="datetime-local" label="From" description={zone === "UTC" ? "UTC" : "Your time"} value={from} onChange={(e) => setFrom(e.currentTarget.value)} />
        <TextInput type="datetime-local" label="Until" description={zone === "UTC" ? "UTC" : "Your time"} value={to} error={wrong} onChange={(e) => setTo(e.currentTarget.value)} />
      </div>
      <Select label="Again" placeholder="Once" clearable data={Object.entries(repeats).map(([value, label]) => ({ value, label }))} value={repeat} onChange={setRepeat} clearButtonProps={{ "aria-label": "Once" }} />
      <Textarea label="Why?" placeholder="CHG-1042" autosize minRows={2} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
    </Dialog>
  );
}

function End({ m, onClose }: { m: Maintenance; onClose: () => void }) {
  const client = useQueryClient();
  return (
    <Dialog title={m.state === "active" ? `End ${m.title} now?` : `Call off ${m.title}?`} verb={m.state === "active" ? "End now" : "Call it off"} onClose={onClose} onSubmit={async () => {
      await maintenance.end(m.id);
      void client.invalidateQueries({ queryKey: ["maintenances"] });
    }}>
      <p className="muted">{m.state === "active" ? "Alerts that it holds back and that still stand page at once." : "Nothing of it will be held back."}{m.repeat ? " All times to come are called off with it." : ""}</p>
    </Dialog>
  );
}
