// How a source is set up with a key: the steps with the address in them on the left,
// whether something arrives and what a payload would become on the right. Nothing
// that is tried is stored, and nobody is paged.
import { Button, PasswordInput, Select, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { read } from "../api/endpoints";
import { q } from "../api/queries";
import type { IntegrationKey, Source, Trial } from "../api/sources";
import { useCommands } from "../app/commands";
import { useDraft } from "../ui/draft";
import { useFilters } from "../ui/filters";
import { Card, Empty, PageHead, Reading } from "../ui/pieces";
import { addressOf, filled, fresh, parts } from "./addresses";
import { Copied } from "./copied";
import { Fares } from "./fares";
import { Outcome } from "./outcome";
import css from "./ways.module.css";

export function SetupScreen() {
  const { id } = useParams({ from: "/app/ways-in/$id/setup" });
  const keys = useQuery(q.keys());
  const sources = useQuery(q.sources());
  return (
    <>
      <p className="small"><Link to="/ways-in" search={{}} className="link">Ways in</Link></p>
      <Reading query={keys} rows={6}>
        {(list) => {
          const k = list.find((x) => x.id === id);
          return k ? <Reading query={sources} rows={6}>{(all) => <Screen key={k.id} k={k} all={all.filter((s) => s.kind === k.kind)} />}</Reading> : <div className="card"><Empty title="There is no such key.">It may have been revoked.</Empty></div>;
        }}
      </Reading>
    </>
  );
}

function Screen({ k, all }: { k: IntegrationKey; all: Source[] }) {
  const search = useSearch({ strict: false }) as { source?: string };
  const set = useFilters();
  const last = [...k.sources].sort((a, b) => (b.accepted_at ?? "").localeCompare(a.accepted_at ?? ""))[0]?.source;
  const s = all.find((x) => x.name === (search.source ?? last)) ?? all.find((x) => x.mapped) ?? all[0];
  if (!s) return <div className="card"><Empty title="Nothing can send with this key.">No source of this installation takes keys of its kind.</Empty></div>;
  return <Chosen key={s.name} k={k} s={s} all={all} onChoose={(name) => set({ source: name })} />;
}

function Chosen({ k, s, all, onChoose }: { k: IntegrationKey; s: Source; all: Source[]; onChoose: (name: string) => void }) {
  const [value, setValue] = useState(fresh.get(k.id) ?? "");
  const [payload, setPayload] = useDraft(`try-${s.name}`, s.sample);
  const [tried, setTried] = useState<Trial>();
  const [wrong, setWrong] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const called = k.name || k.service;
  const origin = window.location.origin;
  const address = addressOf(s, value, origin);
  const health = k.sources.find((h) => h.source === s.name);
  useEffect(() => {
    document.title = `Set up ${s.title} · Allclear`;
  }, [s]);
  async function attempt() {
    if (busy || !s.tryable) return;
    setBusy(true);
    setWrong(undefined);
    try {
      setTried(await read.trial(s.name, payload, s.mapped ? k.mapping : undefined));
    } catch (err) {
      setTried(undefined);
      setWrong(err);
    } finally {
      setBusy(false);
    }
  }
  async function copy() {
    await navigator.clipboard.writeText(address);
    notifications.show({ message: "The address is copied." });
  }
  useCommands([
    { id: "try", label: "Try the payload", group: "Set up", keys: "t", run: () => void attempt() },
    { id: "sample", label: "Take the sample again", group: "Set up", keys: "x", run: () => setPayload(s.sample) },
    { id: "copy", label: "Copy the address", group: "Set up", keys: "c", run: () => void copy() },
  ]);
  return (
    <>
      <PageHead title={`Set up ${called}`} lead={<><b>{s.title}</b> for {k.service}: <Fares h={health} /></>} />
      <div className={css.split}>
        <div className="stack">
          <Card title="At the sender" id="steps">
            <div className="stack">
              <Select label="Source" searchable data={all.map((x) => ({ value: x.name, label: x.title }))} value={s.name} onChange={(v) => v && onChoose(v)} allowDeselect={false} />
              {fresh.get(k.id) === undefined && <PasswordInput label="Key" description="It was shown when it was made. Pasted here it fills in the steps, and goes no further." value={value} onChange={(e) => setValue(e.currentTarget.value.trim())} autoComplete="off" />}
              <div>
                <b>Address</b>
                <Copied text={address} label="the address" />
              </div>
              <ol className={css.steps}>{s.setup.map((step) => <Step key={step} {...parts(filled(step, s, value, origin))} />)}</ol>
              <p className="muted small">{k.signed ? "<secret> is the shared secret of this key." : "This key has no shared secret: leave out what speaks of <secret>."} More in <span className="mono">{s.docs}</span>.</p>
            </div>
          </Card>
        </div>
        <div className="stack">
          <Card title="Try it" id="try">
            {s.tryable ? (
              <div className="stack">
                <Textarea label="Payload" description="As the sender writes it. Nothing is stored and nobody is paged." autosize minRows={6} maxRows={16} spellCheck={false} value={payload} onChange={(e) => setPayload(e.currentTarget.value)} styles={{ input: { fontFamily: "var(--mono)", fontSize: 13, lineHeight: "19px" } }} />
                <div className="row wrap"><Button variant="filled" loading={busy} onClick={() => void attempt()} rightSection={<kbd className="desk">t</kbd>}>Try it</Button>{payload !== s.sample && <Button onClick={() => setPayload(s.sample)}>Take the sample again</Button>}</div>
                {wrong !== undefined && <p role="alert" className="wrong">{wrong instanceof Error ? wrong.message : "That did not work."}</p>}
              </div>
            ) : <p className="muted">A sample cannot be tried: {s.title} is judged by its signature, and a sample has none. Send a test from there; whether it arrived is shown above.</p>}
          </Card>
          {tried && <Outcome data={tried} error={undefined} waits="" />}
        </div>
      </div>
    </>
  );
}

function Step({ text, paste }: { text: string; paste?: string }) {
  return <li>{text}{paste !== undefined && <Copied text={paste} label="what to paste" />}</li>;
}
