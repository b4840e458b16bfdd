// How a source is set up with a key: the steps with the address in them on the left,
// whether something arrives and what a payload would become on the right. Nothing
// that is tried is stored, and nobody is paged.
import { Button, PasswordInput, Select, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { read, ways } from "../api/endpoints";
import { q } from "../api/queries";
import type { IntegrationKey, SentTest, Source, SourcePull, Trial } from "../api/sources";
import { useCommands } from "../app/commands";
import { useDraft } from "../ui/draft";
import { useFilters } from "../ui/filters";
import { Card, Chip, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { count } from "../ui/words";
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
  const client = useQueryClient();
  const [sent, setSent] = useState<SentTest | { failed: string } | "under way">();
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
  async function send() {
    if (sent === "under way") return;
    setSent("under way");
    try {
      setSent(await ways.test(k.id, s.name));
    } catch (err) {
      setSent({ failed: err instanceof Error ? err.message : "That did not work." });
    }
    for (const queryKey of [["keys"], ["sources"], ["alerts"]]) void client.invalidateQueries({ queryKey });
  }
  async function copy() {
    await navigator.clipboard.writeText(address);
    notifications.show({ message: "The address is copied." });
  }
  useCommands([
    { id: "try", label: "Try the payload", group: "Set up", keys: "t", run: () => void attempt() },
    { id: "send", label: "Send a test event", group: "Set up", keys: "s", run: () => void send() },
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
              {s.pull && <Asked p={s.pull} />}
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
          <Card title="Send a test event" id="send">
            <div className="stack">
              <p className="muted">It goes the way of every event of this key, as if {s.title} had sent it, and is kept as an alert. That is over at once, opens no incident and pages nobody.</p>
              <div><Button loading={sent === "under way"} onClick={() => void send()} rightSection={<kbd className="desk">s</kbd>}>Send it</Button></div>
              <div aria-live="polite">{sent && sent !== "under way" && <Sent r={sent} />}</div>
            </div>
          </Card>
        </div>
      </div>
    </>
  );
}

/** The other way round: we ask the source, in case what it sends gets lost. */
function Asked({ p }: { p: SourcePull }) {
  return (
    <p className="fact">
      {p.problem ? <Chip colour="red">not answered</Chip> : p.asked_at ? <Chip colour="green">asked as well</Chip> : <Chip>not asked yet</Chip>}{" "}
      What it may have failed to send is asked for, on behalf of {p.service}{p.worked_at ? <>; it last answered <Time at={p.worked_at} how="ago" /></> : null}.{p.problem && <> {p.problem}{p.failures > 1 ? ` (${count(p.failures, "time")} in a row)` : ""}</>}
    </p>
  );
}

function Sent({ r }: { r: SentTest | { failed: string } }) {
  if ("failed" in r) return <p role="alert" className="wrong">{r.failed}</p>;
  return (
    <>
      <p><Chip colour="green">arrived</Chip> as <Link to="/alerts" search={{ status: r.status, find: r.summary }} className="link">{r.summary}</Link>, for {r.service}.</p>
      {r.problem && <p className="wrong" role="alert">This key would not read the source’s own sample: {r.problem}</p>}
    </>
  );
}

function Step({ text, paste }: { text: string; paste?: string }) {
  return <li>{text}{paste !== undefined && <Copied text={paste} label="what to paste" />}</li>;
}
