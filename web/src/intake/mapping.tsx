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
import type { IntegrationKey, MappedSignal, Trial } from "../api/types";
import { useCommands } from "../app/commands";
import { useNow, useZone } from "../app/moment";
import { useDraft } from "../ui/draft";
import { Card, Chip, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { when } from "../ui/time";
import { count } from "../ui/words";
import { example, mappingField, sample } from "./addresses";
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
  const button = <Button variant="filled" loading={busy} disabled={!changed || mistakes(trial.error, "mapping").length > 0} onClick={() => void save()} rightSection={<kbd className="desk">w</kbd>}>Save mapping</Button>;
  return (
    <>
      <PageHead title={`Mapping of ${k.name || k.service}`} lead={changed ? "Not saved yet: payloads are still read as before." : saved ? "Payloads of this key are read by these expressions; what they leave out is read by the common names." : "Payloads of this key are read by the names tools commonly use. Write expressions where that is not enough."} actions={<span className="desk">{button}</span>} />
      {wrong !== undefined && <p role="alert" className="wrong" style={{ marginBottom: 16 }}>{wrong instanceof Error ? wrong.message : "That did not work."}</p>}
      <div className={css.split}>
        <div className="stack">
          <Code label="Mapping" description="A JSON object: a field of the alert, and an expression over body or item." value={mapping} onChange={setMapping} rows={8} errors={mistakes(trial.error, "mapping")}
            aside={mapping === "" ? <button type="button" className="link" onClick={() => setMapping(example)}>Begin with an example</button> : undefined} />
          <Code label="Payload" description="As the tool sends it: JSON or a form." value={body} onChange={setBody} rows={10} errors={mistakes(trial.error, "body")} aside={<Arrived service={k.service} onPick={setBody} />} />
        </div>
        <Result trial={trial} />
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
  const query = useQuery({ queryKey: ["trial", asked], queryFn: ({ signal }) => read.trial(m, b, signal), placeholderData: keepPreviousData, retry: false, gcTime: 60_000, staleTime: Infinity });
  return { data: query.data, error: query.error, stale: query.isPlaceholderData || query.error !== null };
}

function mistakes(err: unknown, of: "mapping" | "body"): string[] {
  if (!(err instanceof Problem) || err.status !== 422) return [];
  const list = err.errors.filter((e) => (e.location ?? "").startsWith(`body.${of}`)).map((e) => [mappingField(e.location), e.message].filter(Boolean).join(": "));
  return list.length === 0 && err.errors.length === 0 && of === "body" ? [err.message] : list;
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

function Result({ trial }: { trial: Tried }) {
  const t = trial.data;
  return (
    <section className={css.result} aria-label="Result" aria-live="polite">
      <Card title="What the intake would take" id="result" aside={t ? count(t.signals.length, "event") : undefined}>
        {!t ? <p className="muted">{trial.error ? "Nothing yet: put the left side right first." : "Reading …"}</p> : (
          <div className="stack" style={trial.stale ? { opacity: 0.45 } : undefined}>
            {t.signals.length === 0 && <p className="muted">No event comes out of this payload.</p>}
            {t.signals.slice(0, 20).map((s, n) => <Signal key={n} s={s} />)}
            {t.signals.length > 20 && <p className="muted">And {count(t.signals.length - 20, "more event")}.</p>}
            {t.skipped > 0 && <p><Chip>{count(t.skipped, "item")} left out</Chip> <span className="muted">by the expression when.</span></p>}
            {t.notes.length > 0 && (
              <div>
                <b>Worth a look</b>
                <ul className="bullets">{t.notes.map((x, n) => <li key={n}>{x.where ? <span className="mono">{x.where.replace(/^\//, "")}</span> : null} {x.what}</li>)}</ul>
              </div>
            )}
          </div>
        )}
      </Card>
    </section>
  );
}

function Signal({ s }: { s: MappedSignal }) {
  const facts = ([["Key", s.dedup_key], ["Host", s.origin], ["Component", s.component], ["Group", s.group], ["Class", s.class], ["Link", s.links?.[0]?.href]] as const).filter(([, v]) => v);
  return (
    <div className={css.signal}>
      <p className="row wrap"><Chip colour={s.action === "resolve" ? "green" : s.action === "trigger" ? "red" : "accent"}>{s.action}</Chip><Chip>{s.severity || "severity unknown"}</Chip><b>{s.summary || "no summary"}</b></p>
      <dl>{facts.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}{s.started_at && <div><dt>Began</dt><dd><Time at={s.started_at} /></dd></div>}</dl>
    </div>
  );
}
