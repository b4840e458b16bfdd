// Ways in: the keys by which monitoring tools send events, for which service
// each counts, and the address to paste where the tool asks for one.
import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { newKey } from "../api/client";
import { ways } from "../api/endpoints";
import { q } from "../api/queries";
import type { IntegrationKey } from "../api/sources";
import { useCommands } from "../app/commands";
import { Dialog } from "../ui/dialog";
import { useFilters } from "../ui/filters";
import { useNames } from "../ui/people";
import { Chip, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { count } from "../ui/words";
import { addressOf, fresh } from "./addresses";
import { Fares } from "./fares";
import { Copied } from "./copied";
import css from "./ways.module.css";

const kinds: Record<string, string> = { events: "Events API", hooks: "Webhooks" };

export function WaysScreen() {
  const search = useSearch({ strict: false }) as { do?: string; service?: string; revoke?: string };
  const set = useFilters();
  const navigate = useNavigate();
  const query = useQuery(q.keys());
  const services = useQuery(q.services()).data ?? [];
  const add = () => void navigate({ to: ".", search: ((old: object) => ({ ...old, do: "new" })) as never });
  useCommands([{ id: "new-key", label: "New way in", group: "Ways in", keys: "a", run: add }]);
  useEffect(() => {
    document.title = "Ways in · Allclear";
  }, []);
  const silent = services.filter((s) => query.data && !query.data.some((k) => k.service === s.id));
  const lead = query.data && `${count(query.data.length, "key")} let events in. ${silent.length === 0 ? "Every service has one." : `Nothing can raise an alert for ${silent.length > 3 ? count(silent.length, "service") : silent.map((s) => s.name).join(", ")} yet.`}`;
  const going = query.data?.find((k) => k.id === search.revoke);
  return (
    <>
      <PageHead title="Ways in" lead={lead} actions={<Button onClick={add} rightSection={<kbd className="desk">a</kbd>}>New way in</Button>} />
      {search.do === "new" && <NewKey onClose={() => set({ do: undefined })} />}
      {going && <Revoke k={going} onClose={() => set({ revoke: undefined })} />}
      <div className="filters"><Select aria-label="Service" placeholder="Every service" clearable w={240} data={services.map((s) => ({ value: s.id, label: s.name }))} value={search.service ?? null} onChange={(v) => set({ service: v ?? undefined })} clearButtonProps={{ "aria-label": "Every service" }} /></div>
      <Reading query={query} rows={4}>
        {(all) => {
          const list = all.filter((k) => !search.service || k.service === search.service);
          if (list.length === 0) return <div className="card"><Empty title={all.length === 0 ? "Nothing can come in yet." : "No key for this service."}>Make a key, paste its address into the monitoring tool, and its alerts arrive here. <kbd>a</kbd></Empty></div>;
          return <ul className={css.list}>{list.map((k) => <Row key={k.id} k={k} service={services.find((s) => s.id === k.service)?.name ?? k.service} onRevoke={() => set({ revoke: k.id })} />)}</ul>;
        }}
      </Reading>
    </>
  );
}

function Row({ k, service, onRevoke }: { k: IntegrationKey; service: string; onRevoke: () => void }) {
  const name = useNames();
  const called = k.name || "no name";
  const titles = new Map((useQuery(q.sources()).data ?? []).map((s) => [s.name, s.title]));
  return (
    <li className={css.row}>
      <span className={css.name}><b>{called}</b><small>for {service}</small></span>
      <span className={css.kind}>{kinds[k.kind] ?? k.kind}{k.mapping ? <Chip colour="accent">own mapping</Chip> : null}{k.signed ? <Chip colour="green">signed</Chip> : null}</span>
      <small className={css.made}><Time at={k.created_at} prefix="made " /> by {name(k.created_by)}</small>
      <span className={css.acts}>
        <Button size="xs" component={Link} {...({ to: "/ways-in/$id/setup", params: { id: k.id } } as object)} data-row aria-label={`Set up ${called}`}>Set up</Button>
        {k.kind === "hooks" && <Button size="xs" component={Link} {...({ to: "/ways-in/$id", params: { id: k.id } } as object)} aria-label={`Mapping of ${called}`}>Mapping</Button>}
        <Button size="xs" onClick={onRevoke} aria-label={`Revoke ${called}`}>Revoke</Button>
      </span>
      <span className={css.fares}>{k.sources.length === 0 ? <small><Fares h={undefined} /></small> : k.sources.map((h) => <small key={h.source}><b>{titles.get(h.source) ?? h.source}</b> <Fares h={h} /></small>)}</span>
    </li>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const services = useQuery(q.services()).data ?? [];
  const hooks = (useQuery(q.sources()).data ?? []).filter((s) => s.kind === "hooks");
  const client = useQueryClient();
  const [kind, setKind] = useState("hooks");
  const [service, setService] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [secret, setSecret] = useState("");
  const [intent] = useState(newKey);
  const [made, setMade] = useState<IntegrationKey>();
  if (made) return <Made k={made} onClose={onClose} />;
  return (
    <Dialog title="New way in" verb="Make the key" keep onClose={onClose} ready={!!service} onSubmit={async () => {
      const k = await ways.create({ kind, service: service ?? "", name: name.trim(), ...(secret ? { secret } : {}) }, intent);
      if (k.value) fresh.set(k.id, k.value);
      void client.invalidateQueries({ queryKey: ["keys"] });
      setMade(k);
    }}>
      <div>
        <SegmentedControl fullWidth aria-label="Kind" value={kind} onChange={setKind} data={[{ value: "hooks", label: "Webhooks" }, { value: "events", label: "Events API" }, { value: "beacon", label: "Browsers" }]} />
        <p className="muted small" style={{ marginTop: 6 }} aria-live="polite">{kind === "hooks" ? `For tools that call an address: ${hooks.length > 0 ? hooks.map((s) => s.title).join(", ") : "anything that sends JSON"}.` : kind === "beacon" ? "For beacons of web pages. Every visitor can read this key, so it opens nothing else." : "For tools that speak the PagerDuty Events API v2: they take a routing key."}</p>
      </div>
      <Select label="Service" placeholder="What the alerts are about" searchable data={services.map((s) => ({ value: s.id, label: s.name }))} value={service} onChange={setService} />
      <TextInput label="Name" placeholder="Prometheus, production" description="So that you know later what would fall silent." value={name} maxLength={100} onChange={(e) => setName(e.currentTarget.value)} data-autofocus />
      {kind === "hooks" && <TextInput label="Shared secret" description="Optional. When set, only requests that prove it get in." value={secret} autoComplete="off" onChange={(e) => setSecret(e.currentTarget.value)} />}
    </Dialog>
  );
}

/** The one time the key is seen. */
function Made({ k, onClose }: { k: IntegrationKey; onClose: () => void }) {
  const navigate = useNavigate();
  const all = (useQuery(q.sources()).data ?? []).filter((s) => s.kind === k.kind);
  const [chosen, setChosen] = useState<string>();
  const s = all.find((x) => x.name === chosen) ?? all.find((x) => x.mapped) ?? all[0];
  return (
    <Dialog title="Copy it now" verb="I have copied it" onClose={onClose} onSubmit={() => Promise.resolve()} size={640}
      extra={s && <Button onClick={() => void navigate({ to: "/ways-in/$id/setup", params: { id: k.id }, search: { source: s.name } } as never)}>Set it up, step by step</Button>}>
      <p>The key is shown this once. Whoever has it can raise alerts for {k.service}, so keep it like a password.</p>
      {s && <Select label="Source" searchable data={all.map((x) => ({ value: x.name, label: x.title }))} value={s.name} onChange={(v) => v && setChosen(v)} allowDeselect={false} />}
      {s && <div><b>Address</b><Copied text={addressOf(s, k.value ?? "", window.location.origin)} label="the address" /></div>}
      <div><b>{k.kind === "events" ? "Routing key" : "Key"}</b><Copied text={k.value ?? ""} label="the key" /></div>
    </Dialog>
  );
}

function Revoke({ k, onClose }: { k: IntegrationKey; onClose: () => void }) {
  const client = useQueryClient();
  const word = k.name || k.service;
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={`Revoke ${word}?`} verb="Revoke" danger onClose={onClose} ready={typed === word} onSubmit={async () => {
      await ways.revoke(k.id);
      notifications.show({ message: `${word} is revoked. What it sends is refused from now on.` });
      void client.invalidateQueries({ queryKey: ["keys"] });
    }}>
      <p>Whatever still uses this key is refused at once, and its alerts for {k.service} do not arrive. This cannot be undone.</p>
      <TextInput label={`Type ${word} to revoke it`} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} data-autofocus autoComplete="off" />
    </Dialog>
  );
}
