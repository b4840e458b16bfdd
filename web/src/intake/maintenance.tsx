// Maintenance: times in which alerts of services are expected and wake nobody.
import { Button, Checkbox, MultiSelect, Select, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Announced, Maintenance } from "../api/detection";
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
  const search = useSearch({ strict: false }) as { do?: string; end?: string; tell?: string };
  const set = useFilters();
  const navigate = useNavigate();
  const query = useQuery(q.maintenances());
  const announced = (useQuery(q.announced()).data ?? []).filter((w) => w.status !== "completed");
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
  const telling = announced.find((w) => w.maintenance === search.tell);
  const ending = all.find((m) => m.id === search.end);
  return (
    <>
      <PageHead title="Maintenance" lead={lead} actions={may ? <Button onClick={add} rightSection={<kbd className="desk">a</kbd>}>Plan a maintenance</Button> : undefined} />
      {search.do === "new" && <New onClose={() => set({ do: undefined })} />}
      {telling && <Tell w={telling} onClose={() => set({ tell: undefined })} />}
      {ending && <End m={ending} onClose={() => set({ end: undefined })} />}
      <Reading query={query} rows={3}>
        {(list) => list.length === 0
          ? <div className="card"><Empty title="No maintenance is planned.">During one, alerts of its services are kept and wake nobody; when it is over, what still stands does.{may ? <> Plan the first with <kbd>a</kbd>.</> : null}</Empty></div>
          : <ul className={css.list}>{[...list].sort(byTime).map((m) => <Row key={m.id} m={m} name={name} may={may} told={announced.find((w) => w.maintenance === m.id)} onTell={() => set({ tell: m.id })} onEnd={() => set({ end: m.id })} />)}</ul>}
      </Reading>
    </>
  );
}

const rank = { active: 0, planned: 1, over: 2 };
const byTime = (a: Maintenance, b: Maintenance) => rank[a.state] - rank[b.state] || Date.parse(a.next_from ?? a.starts_at) - Date.parse(b.next_from ?? b.starts_at);

const said: Record<Announced["status"], string> = { scheduled: "Scheduled", in_progress: "In progress", verifying: "Verifying", completed: "Completed" };

function Row({ m, name, may, told, onTell, onEnd }: { m: Maintenance; name: (id: string) => string; may: boolean; told?: Announced; onTell: () => void; onEnd: () => void }) {
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
        {told && <p className="small">On the status page: <b>{said[told.status]}</b>, “{told.title}”{told.automatic ? "" : "; a person says when it begins and ends"}</p>}
      </div>
      {may && told && <Button size="xs" onClick={onTell} aria-label={`Tell the public about ${m.title}`} data-row>Tell the public</Button>}
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
  const [open, setOpen] = useState(false);
  const [headline, setHeadline] = useState("");
  const [text, setText] = useState("");
  const [byHand, setByHand] = useState(false);
  const [mail, setMail] = useState(true);
  const start = fromField(from, zone);
  const end = fromField(to, zone);
  const wrong = start && end && Date.parse(end) <= Date.parse(start) ? "It must end after it begins." : undefined;
  const clock = zone === "UTC" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Dialog title="Plan a maintenance" verb="Plan it" onClose={onClose} ready={title.trim() !== "" && reason.trim() !== "" && on.length > 0 && !!start && !!end && !wrong && (!open || (headline.trim() !== "" && text.trim() !== ""))} onSubmit={async () => {
      await maintenance.plan({ title: title.trim(), reason: reason.trim(), services: on, starts_at: start, ends_at: end, ...(repeat ? { repeat: repeat as "weekly", time_zone: clock } : {}), ...(open ? { public: { title: headline.trim(), text: text.trim(), by_hand: byHand, mail } } : {}) });
      void client.invalidateQueries({ queryKey: ["maintenances"] });
      void client.invalidateQueries({ queryKey: ["announced"] });
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
      <Checkbox label="Announce it on the status page" description="Only what you write here is public. The page says by itself that it begins and ends, and uptime leaves it out." checked={open} onChange={(e) => setOpen(e.currentTarget.checked)} />
      {open && (
        <>
          <TextInput label="Title for the public" placeholder="Database upgrade" value={headline} maxLength={300} onChange={(e) => setHeadline(e.currentTarget.value)} />
          <Textarea label="What customers should know" placeholder="Signing in may fail for a minute. Nothing is lost." autosize minRows={3} maxRows={10} value={text} onChange={(e) => setText(e.currentTarget.value)} />
          <Checkbox label="Mail the customers of these services" checked={mail} onChange={(e) => setMail(e.currentTarget.checked)} />
          <Checkbox label="I say when it begins and ends" checked={byHand} onChange={(e) => setByHand(e.currentTarget.checked)} />
        </>
      )}
    </Dialog>
  );
}

const next: Record<Announced["status"], Announced["status"][]> = { scheduled: ["scheduled", "in_progress", "completed"], in_progress: ["in_progress", "verifying", "completed"], verifying: ["in_progress", "verifying", "completed"], completed: [] };

function Tell({ w, onClose }: { w: Announced; onClose: () => void }) {
  const client = useQueryClient();
  const [status, setStatus] = useState(w.status);
  const [text, setText] = useState("");
  return (
    <Dialog title={`Tell the public about “${w.title}”`} verb="Publish" onClose={onClose} ready={text.trim() !== ""} onSubmit={async () => {
      await maintenance.tell(w.maintenance, status, text.trim());
      void client.invalidateQueries({ queryKey: ["announced"] });
      void client.invalidateQueries({ queryKey: ["maintenances"] });
      notifications.show({ message: "It is on the status page." });
    }}>
      <Select label="The page says" data={next[w.status].map((value) => ({ value, label: said[value] }))} value={status} onChange={(v) => setStatus((v as Announced["status"] | null) ?? w.status)} allowDeselect={false} />
      <Textarea label="Text" description="Plain words for people outside." autosize minRows={3} maxRows={10} value={text} onChange={(e) => setText(e.currentTarget.value)} data-autofocus />
      {status === "completed" && <p className="fact">{w.status === "scheduled" ? "It is called off: nothing is held back for it." : "It is over with that: alerts that still stand page at once."}</p>}
    </Dialog>
  );
}

function End({ m, onClose }: { m: Maintenance; onClose: () => void }) {
  const client = useQueryClient();
  return (
    <Dialog title={m.state === "active" ? `End ${m.title} now?` : `Call off ${m.title}?`} verb={m.state === "active" ? "End now" : "Call it off"} onClose={onClose} onSubmit={async () => {
      await maintenance.end(m.id);
      void client.invalidateQueries({ queryKey: ["maintenances"] });
      void client.invalidateQueries({ queryKey: ["announced"] });
    }}>
      <p className="muted">{m.state === "active" ? "Alerts that it holds back and that still stand page at once." : "Nothing of it will be held back."}{m.repeat ? " All times to come are called off with it." : ""}</p>
    </Dialog>
  );
}
