// The timeline: what happened, newest first, and the line to write on it.
import { Button, SegmentedControl, Textarea } from "@mantine/core";
import { useRef, useState, type KeyboardEvent } from "react";
import { command } from "../api/command";
import { act } from "../api/endpoints";
import type { TimelineEntry } from "../api/types";
import { useElapsed, useNow, useZone } from "../app/moment";
import { useDraft } from "../ui/draft";
import { useNames } from "../ui/people";
import { Chip, Empty } from "../ui/pieces";
import { clockTime, exact, ms, span, stopwatch, when } from "../ui/time";
import { channelWord, listing, target } from "../ui/words";
import { useDo } from "./act";
import { fold, some, type Folded } from "./fold";
import { inStory, sentence } from "./kinds";
import css from "./timeline.module.css";

export function NoteLine({ n, allowed }: { n: number; allowed: boolean }) {
  const [text, setText, clear] = useDraft(`note-${n}`);
  const [busy, setBusy] = useState(false);
  const doit = useDo(n);
  const field = useRef<HTMLTextAreaElement>(null);
  if (!allowed) return null;
  async function send() {
    if (!text.trim() || busy) return;
    setBusy(true);
    const words = text.trim();
    // "Findings: ..." are the first findings that the second response step asks for.
    const found = /^(?:first )?findings?\s*:\s*/i.exec(words);
    if (await doit("The note", () => (found ? command.findings(n, words.slice(found[0].length)) : act.note(n, words)))) clear();
    setBusy(false);
    field.current?.focus();
  }
  const onKey = (e: KeyboardEvent) => {
    if (e.key === "Enter" && !e.shiftKey && !e.nativeEvent.isComposing) {
      e.preventDefault();
      void send();
    }
  };
  return (
    <div className={css.say}>
      <Textarea ref={field} id="note" aria-label="Write to the timeline" placeholder="Note, or Decision: ..., Findings: ..." autosize minRows={1} maxRows={8} variant="unstyled" className="grow" value={text} onChange={(e) => setText(e.currentTarget.value)} onKeyDown={onKey} />
      {!text && <kbd className="desk">n</kbd>}
      <Button onClick={() => void send()} loading={busy} disabled={!text.trim()}>Post</Button>
    </div>
  );
}

export function Timeline({ list, start, all, onAll, clock }: { list: TimelineEntry[]; start: string; all: boolean; onAll: (all: boolean) => void; clock: (id: string) => string }) {
  const shown = (all ? list : list.filter(inStory)).slice().sort((a, b) => (ms(b.at) ?? 0) - (ms(a.at) ?? 0) || String(b.id).localeCompare(String(a.id)));
  return (
    <>
      <div className={css.bar}>
        <SegmentedControl size="xs" value={all ? "all" : "story"} onChange={(v) => onAll(v === "all")} data={[{ value: "story", label: "The story" }, { value: "all", label: `Everything (${list.length})` }]} aria-label="How much to show" />
      </div>
      {shown.length === 0 && <Empty title="Nothing has happened yet.">Pages, messages, clocks and notes appear here by themselves, as they happen.</Empty>}
      <ol className={css.list} data-long={shown.length > 150 || undefined}>
        {(all ? shown.map((e) => ({ entry: e, all: [e] })) : fold(shown)).map((f) => (f.all.length > 1 ? <Many key={f.entry.id} f={f} start={ms(start)} clock={clock} /> : <Entry key={f.entry.id} e={f.entry} start={ms(start)} all={all} clock={clock} />))}
      </ol>
    </>
  );
}

function Stamp({ at, start }: { at: string; start: number | undefined }) {
  const elapsed = useElapsed();
  const zone = useZone();
  const t = ms(at);
  if (t === undefined) return <span />;
  const since = start === undefined ? 0 : t - start;
  const short = elapsed && start !== undefined ? (since < 0 ? `−${stopwatch(since)}` : since < 86_400_000 ? stopwatch(since) : span(since)) : clockTime(t, zone);
  return <time dateTime={at} title={exact(t, zone)}>{short}</time>;
}

function Entry({ e, start, all, clock }: { e: TimelineEntry; start: number | undefined; all: boolean; clock: (id: string) => string }) {
  const name = useNames();
  const zone = useZone();
  const now = useNow();
  const { word, rest, dot } = sentence(e, { person: name, clock });
  const who = e.actor_name || name(e.actor);
  const recorded = ms(e.recorded_at);
  const happened = ms(e.at);
  const back = recorded !== undefined && happened !== undefined && recorded - happened > 60_000;
  const self = e.actor === "allclear" || rest.startsWith(who) || e.actor.startsWith("source:");
  const d = e.data ?? {};
  const long = rest.length > 160;
  const message = e.kind === "message.published";
  const [head, body] = long ? cutSentence(rest) : [rest, ""];
  return (
    <li className={css[dot]}>
      <Stamp at={e.at} start={start} />
      <span className={css.dot} aria-hidden />
      <div className={css.text}>
        <p>
          <b>{word}</b> {message ? <q>{head}</q> : head}
          {!self && who && <span className="muted"> · {who}</span>}
          {d.channel && e.kind.startsWith("page.") && <> <Chip>{channelWord(d.channel)}</Chip></>}
          {message && d.channels?.map((c) => <span key={c}> <Chip colour="green">{channelWord(c)}</Chip></span>)}
          {back && recorded !== undefined && <span className="faint"> · written down {when(recorded, now, zone)}</span>}
          {all && d.clauses?.map((c) => <span key={c} className={css.clause}> {c}</span>)}
        </p>
        {body && <div className={css.quote}>{body}</div>}
      </div>
    </li>
  );
}

/** The same said to many at once: one line, and who they were. */
function Many({ f, start, clock }: { f: Folded; start: number | undefined; clock: (id: string) => string }) {
  const name = useNames();
  const e = f.entry;
  const { word, dot } = sentence(e);
  const names = f.all.map((x) => target(x.data?.to ?? x.data?.owner ?? x.data?.subject ?? "", (id) => name(id))).filter(Boolean);
  const tasks = e.kind === "task.opened";
  const own = e.kind.startsWith("deadline.") && e.data?.clock ? `${clock(e.data.clock)} of ` : "";
  const text = tasks || own ? "" : (e.text || e.data?.text || "").trim();
  const [head, body] = text.length > 160 ? cutSentence(text) : [text, ""];
  return (
    <li className={css[dot]}>
      <Stamp at={e.at} start={start} />
      <span className={css.dot} aria-hidden />
      <div className={css.text}>
        <details className={css.many}>
          <summary><b>{word}</b> {tasks ? `${f.all.length} tasks opened` : <>{own}{some(names)}{head ? `: ${head}` : ""}</>}</summary>
          <p className="muted">{tasks ? f.all.map((x) => x.text || x.data?.text).join("; ") : listing([...new Set(names)])}</p>
          {body && <div className={css.quote}>{body}</div>}
        </details>
      </div>
    </li>
  );
}

/** Cuts a long note after its first sentence. */
function cutSentence(text: string): [string, string] {
  const end = text.search(/[.!?]\s/);
  if (end < 0 || end > 160) return [text, ""];
  return [text.slice(0, end + 1), text.slice(end + 1).trim()];
}
