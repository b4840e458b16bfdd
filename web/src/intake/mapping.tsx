// How payloads of a key are read: the mapping and a payload on the left, what
// the intake would make of it on the right, as it is typed. Nothing is stored
// and nobody is paged until the mapping is saved.
import { Button, Select, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Problem } from "../api/client";
import { read, ways } from "../api/endpoints";
import { q } from "../api/queries";
import type { IntegrationKey, Trial } from "../api/sources";
import { useCommands } from "../app/commands";
import { useNow, useZone } from "../app/moment";
import { useDraft } from "../ui/draft";
import { Empty, PageHead, Reading } from "../ui/pieces";
import { when } from "../ui/time";
import { example, mappingField, sample } from "./addresses";
import { Outcome } from "./outcome";
import css from "./ways.module.css";

export function MappingScreen() {
  const { id } = useParams({ from: "/app/ways-in/$id" });
  const query = useQuery(q.keys());
  return (
    <>
      <p className="small"><Link to="/ways-in" search={{}} className="link">Ways in</Link></p>
      <Reading query={query} rows={6}>
        {(list) => {
          const k = list.find((x) => x.id === id);
          return k ? <Screen key={k.id} k={k} /> : <div className="card"><Empty title="There is no such key.">It may have been revoked.</Empty></div>;
        }}
      </Reading>
    </>
  );
}

function Screen({ k }: { k: IntegrationKey }) {
  const client = useQueryClient();
  const saved = k.mapping ?? "";
  const [mapping, setMapping] = useDraft(`mapping-${k.id}`, saved);
  const [body, setBody] = useDraft(`payload-${k.id}`, sample);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<unknown>();
  const trial = useTrial(mapping, body);
  useEffect(() => {
    document.title = `Mapping of ${k.name || k.service} · Allclear`;
  }, [k]);
  const changed = mapping !== saved;
  useEffect(() => {
    if (mapping === saved) setMapping(saved); // what is saved is no draft any more
  }, [mapping, saved, setMapping]);
  async function save() {
    if (busy || !changed) return;
    setBusy(true);
    setWrong(undefined);
    try {
      const next = await ways.mapping(k.id, mapping);
      await client.invalidateQueries({ queryKey: ["keys"] });
      setMapping(next.mapping ?? "");
      notifications.show({ message: "Saved. It counts from the next payload on." });
    } catch (err) {
      setWrong(err);
    } finally {
      setBusy(false);
    }
  }
  useCommands([
    { id: "save", label: "Save the mapping", group: "Mapping", keys: "w", run: () => void save() },
    { id: "example", label: "Begin with an example", group: "Mapping", keys: "x", run: () => setMapping(example) },
  ]);
  const button = <Button variant="filled" loading={busy} disabled={!changed || mistakes(trial.error).length > 0} onClick={() => void save()} rightSection={<kbd className="desk">w</kbd>}>Save mapping</Button>;
  return (
    <>
      <PageHead title={`Mapping of ${k.name || k.service}`} lead={changed ? "Not saved yet: payloads are still read as before." : saved ? "Payloads of this key are read by these expressions; what they leave out is read by the common names." : "Payloads of this key are read by the names tools commonly use. Write expressions where that is not enough."} actions={<span className="desk">{button}</span>} />
      {wrong !== undefined && <p role="alert" className="wrong" style={{ marginBottom: 16 }}>{wrong instanceof Error ? wrong.message : "That did not work."}</p>}
      <div className={css.split}>
        <div className="stack">
          <Code label="Mapping" description="A JSON object: a field of the alert, and an expression over body or item." value={mapping} onChange={setMapping} rows={8} errors={mistakes(trial.error)}
            aside={mapping === "" ? <button type="button" className="link" onClick={() => setMapping(example)}>Begin with an example</button> : undefined} />
          <Code label="Payload" description="As the tool sends it: JSON or a form." value={body} onChange={setBody} rows={10} errors={refusals(trial.data)} aside={<Arrived service={k.service} onPick={setBody} />} />
        </div>
        <Outcome data={trial.data} error={trial.error} stale={trial.stale} waits="Reading …" />
      </div>
      <div className="bottombar phone">{button}</div>
    </>
  );
}

interface Tried {
  data: Trial | undefined;
  error: unknown;
  stale: boolean;
}

function useTrial(mapping: string, body: string): Tried {
  const [asked] = useDebouncedValue(`${mapping}\u0000${body}`, 300);
  const [m = "", b = ""] = asked.split("\u0000");
  const query = useQuery({ queryKey: ["trial", asked], queryFn: ({ signal }) => read.trial("generic", b, m, signal), placeholderData: keepPreviousData, retry: false, gcTime: 60_000, staleTime: Infinity });
  return { data: query.data, error: query.error, stale: query.isPlaceholderData || query.error !== null };
}

/** What is wrong with the payload itself. */
function refusals(t: Trial | undefined): string[] {
  if (!t?.problem) return [];
  return t.refused.length === 0 ? [t.problem] : t.refused.map((e) => [e.where?.replace(/^\//, ""), e.what].filter(Boolean).join(": "));
}

function mistakes(err: unknown): string[] {
  if (!(err instanceof Problem) || err.status !== 422) return [];
  const list = err.errors.filter((e) => (e.location ?? "").startsWith("body.mapping")).map((e) => [mappingField(e.location), e.message].filter(Boolean).join(": "));
  return list;
}

function Code({ label, description, value, onChange, rows, errors, aside }: { label: string; description: string; value: string; onChange: (v: string) => void; rows: number; errors: string[]; aside?: React.ReactNode }) {
  return (
    <div>
      <Textarea label={label} description={description} autosize minRows={rows} maxRows={22} spellCheck={false} value={value} onChange={(e) => onChange(e.currentTarget.value)} error={errors.length > 0 ? errors.join("; ") : undefined}
        styles={{ input: { fontFamily: "var(--mono)", fontSize: 13, lineHeight: "19px" } }} />
      {aside && <div className={css.aside}>{aside}</div>}
    </div>
  );
}

/** What really came in lately, to try the mapping on. */
function Arrived({ service, onPick }: { service: string; onPick: (body: string) => void }) {
  const list = useQuery(q.payloads(service)).data ?? [];
  const now = useNow();
  const zone = useZone();
  if (list.length === 0) return <span className="faint small">Nothing has come in for this service yet.</span>;
  return <Select aria-label="Take a payload that came in" placeholder="Take one that came in" value={null} data={list.map((p) => ({ value: p.id, label: `${when(Date.parse(p.received_at), now, zone)} ${p.problem ? `refused: ${p.problem}` : (p.dedup_key ?? "")}` }))} onChange={(v) => onPick(list.find((p) => p.id === v)?.body ?? "")} />;
}
