// Mentions: what people write about us in public, until somebody has decided
// what follows from it; and where we listen.
import { Autocomplete, Button, Checkbox, Drawer, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { newKey } from "../api/client";
import { around, listening } from "../api/around";
import type { Mention, NewMention } from "../api/outside";
import { q } from "../api/queries";
import { useCommands, type Command } from "../app/commands";
import { useMe } from "../app/me";
import { present, useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { Find, has, useFilters } from "../ui/filters";
import { fromField, toField } from "../ui/instant";
import { Listing } from "../ui/more";
import { useNames } from "../ui/people";
import { Chip, Empty, PageHead, Time, type ChipColour } from "../ui/pieces";
import { clockTime } from "../ui/time";
import { count } from "../ui/words";
import { binned } from "./chart";
import { FeedList } from "./feeds";
import { Bars } from "./pieces";
import { mentionsVerdict, spikes, writtenAt } from "./states";
import css from "./mentions.module.css";

export const sources: Record<NewMention["source"], string> = { status_page: "Status page", x: "X", review: "Review", forum: "Forum", social: "Social network", other: "Elsewhere" };
const where = (m: Mention, feed: (id: string) => string) => (m.feed ? feed(m.feed) : (sources[m.source as NewMention["source"]] ?? m.source));
const states: Record<Mention["state"], { word: string; colour?: ChipColour }> = { new: { word: "new", colour: "accent" }, linked: { word: "linked", colour: "green" }, dismissed: { word: "dismissed" } };
const shown = { new: "New", linked: "Linked", dismissed: "Dismissed", all: "All" };
const headOf = (m: Mention) => m.title || m.text || m.url || "Without words";

export function MentionsScreen() {
  const search = useSearch({ from: "/app/mentions" });
  const set = useFilters();
  const feeds = useQuery(around.feeds()).data ?? [];
  const services = useQuery(q.services()).data ?? [];
  const complaints = useQuery(around.complaints()).data;
  const fresh = useInfiniteQuery(around.mentions({ state: "new" })).data;
  const role = useMe()?.role;
  const may = role === "admin" || role === "responder";
  useEffect(() => {
    document.title = "Mentions · Allclear";
  }, []);
  const name = (id: string) => services.find((s) => s.id === id)?.name ?? id;
  const lead = fresh && complaints ? mentionsVerdict(fresh.pages.reduce((n, p) => n + p.items.length, 0), !!fresh.pages.at(-1)?.next_cursor, spikes(feeds, complaints, present()), name) : undefined;
  const write = () => set({ ask: "write" });
  const tab = search.tab === "feeds" ? "feeds" : "mentions";
  return (
    <>
      <PageHead title="Mentions" lead={lead} actions={may && tab === "mentions" ? <Button onClick={write} rightSection={<kbd className="desk">a</kbd>}>Write one down</Button> : undefined} />
      {search.ask === "write" && <Write onClose={() => set({ ask: undefined })} />}
      <div className="filters">
        <SegmentedControl size="xs" aria-label="What is shown" value={tab} onChange={(v) => set({ tab: v === "feeds" ? v : undefined, open: undefined })} data={[{ value: "mentions", label: "What was written" }, { value: "feeds", label: "Where we listen" }]} />
      </div>
      {tab === "feeds" ? <FeedList /> : <Inbox may={may} write={write} />}
    </>
  );
}

function Inbox({ may, write }: { may: boolean; write: () => void }) {
  const search = useSearch({ from: "/app/mentions" });
  const set = useFilters();
  const narrow = useMediaQuery("(max-width: 1000px)", false, { getInitialValueInEffect: false });
  const feeds = useQuery(around.feeds()).data ?? [];
  const state = search.state ?? "new";
  const query = useInfiniteQuery(around.mentions({ state: state === "all" ? undefined : state, feed: search.feed, complaints: search.complaints }));
  const open = query.data?.pages.flatMap((p) => p.items).find((m) => m.id === search.open);
  const feed = (id: string) => feeds.find((f) => f.id === id)?.name ?? id;
  const acts: Command[] = may && open ? [
    { id: "mention-link", label: open.state === "linked" ? "Tie it to another incident" : "Tie it to an incident", group: "Mention", keys: "l", run: () => set({ ask: "link" }) },
    ...(open.state === "new" ? [{ id: "mention-dismiss", label: "Dismiss", group: "Mention", keys: "d", run: () => set({ ask: "dismiss" }) }] : []),
  ] : [];
  useCommands([...(may ? [{ id: "mention-write", label: "Write down a mention", group: "Mentions", keys: "a", run: write }] : []), ...acts]);
  return (
    <>
      <Day feed={search.feed} />
      <div className="filters">
        <SegmentedControl size="xs" aria-label="State" value={state} onChange={(v) => set({ state: v === "new" ? undefined : v, open: undefined })} data={Object.entries(shown).map(([value, label]) => ({ value, label }))} />
        <Select aria-label="Feed" placeholder="Everywhere" clearable w={200} data={feeds.map((f) => ({ value: f.id, label: f.name }))} value={search.feed ?? null} onChange={(v) => set({ feed: v ?? undefined, open: undefined })} clearButtonProps={{ "aria-label": "Everywhere" }} />
        <Checkbox size="xs" label="Complaints only" checked={search.complaints === "true"} onChange={(e) => set({ complaints: e.currentTarget.checked ? "true" : undefined, open: undefined })} />
        <Find label="Find in mentions" value={search.find} onChange={(find) => set({ find })} />
      </div>
      <div className={css.split}>
        <Listing query={query} noun="mentions">
          {(all) => {
            const list = all.filter((m) => has(`${m.title ?? ""} ${m.text ?? ""} ${m.author ?? ""}`, search.find));
            if (list.length === 0) return <div className="card"><Empty title={state === "new" ? "Nothing waits to be decided." : "No mentions."}>{search.feed || search.complaints || search.find ? "Nothing matches these filters." : feeds.length === 0 ? <>Nobody is listening yet: add a forum, a review site or a search under <Link to="." search={((old: object) => ({ ...old, tab: "feeds" })) as never} className="link">where we listen</Link>, or write down what you have read.</> : "What is found, and what people answer on the status page, arrives here."}</Empty></div>;
            return <ul className={css.list}>{list.map((m) => <Row key={m.id} m={m} where={where(m, feed)} open={m.id === search.open} />)}</ul>;
          }}
        </Listing>
        {!narrow && <aside className={css.detail} aria-label="The mention in full"><div className="card">{open ? <Detail m={open} where={where(open, feed)} acts={acts} /> : <Empty title="Choose one to read it.">j and k move, Enter opens.</Empty>}</div></aside>}
      </div>
      {narrow && <Drawer opened={!!open && !search.ask} onClose={() => set({ open: undefined })} position="bottom" size="80%" title="Mention">{open && <Detail m={open} where={where(open, feed)} acts={acts} />}</Drawer>}
      {open && search.ask === "dismiss" && <Dismiss key={open.id} m={open} onClose={() => set({ ask: undefined })} />}
      {open && search.ask === "link" && <Tie key={open.id} m={open} onClose={() => set({ ask: undefined })} />}
    </>
  );
}

const hour = 3_600_000;

/** The last day by the hour; what complains is the loud part. */
function Day({ feed }: { feed: string | undefined }) {
  const zone = useZone();
  const all = useInfiniteQuery(around.mentions({ feed })).data?.pages.flatMap((p) => p.items) ?? [];
  const until = Math.ceil(present() / hour) * hour;
  const bars = binned(all.map((m) => ({ at: writtenAt(m), loud: m.complaint })), until, hour, 24);
  const sum = bars.reduce((n, b) => n + b.all, 0);
  const loud = bars.reduce((n, b) => n + b.loud, 0);
  if (sum === 0) return null;
  const most = bars.reduce((a, b) => (b.all > a.all ? b : a));
  return (
    <div className={`card ${css.day}`}>
      <div className={css.dayhead}><span><b>{count(sum, "mention")}</b> in 24 hours{loud > 0 && <>, {loud === sum ? "all of them" : loud} {loud === 1 ? "complains" : "complain"}</>}</span><span className="muted small"><i className={css.swatch} aria-hidden /> complaints</span></div>
      <Bars label={`Mentions by the hour in the last day: ${sum} in all, ${loud} of them complaints; the most, ${most.all}, from ${clockTime(most.at, zone)}`} bars={bars.map((b) => ({ all: b.all, loud: b.loud, title: `${clockTime(b.at, zone)} to ${clockTime(b.at + hour, zone)}: ${count(b.all, "mention")}, ${count(b.loud, "complaint")}` }))} />
      <div className={`${css.axis} faint small`}><span>{clockTime(until - 24 * hour, zone)}</span><span>{clockTime(until - 12 * hour, zone)}</span><span>now</span></div>
    </div>
  );
}

function Row({ m, where: place, open }: { m: Mention; where: string; open: boolean }) {
  return (
    <li>
      <Link to="." search={((old: object) => ({ ...old, open: m.id })) as never} replace className={css.row} data-row aria-current={open || undefined}>
        <span className="grow">
          <span className={css.text}><b>{headOf(m)}</b>{m.title && m.text ? <span className="muted"> {m.text}</span> : null}</span>
          <small>{[place, m.author, m.incident].filter(Boolean).join(" · ")}</small>
        </span>
        <span className={css.side}>
          {m.complaint ? <Chip colour="amber">complaint</Chip> : m.state === "new" ? null : <Chip colour={states[m.state].colour}>{states[m.state].word}</Chip>}
          <small><Time at={m.at ?? m.found_at} how="ago" /></small>
        </span>
      </Link>
    </li>
  );
}

function Detail({ m, where: place, acts }: { m: Mention; where: string; acts: Command[] }) {
  const name = useNames();
  const services = useQuery(q.services()).data ?? [];
  return (
    <>
      {m.title && <h2 className={css.title}>{m.title}</h2>}
      {m.text && <div className={css.words} tabIndex={0} role="region" aria-label="What was written">{m.text}</div>}
      <dl className={css.facts}>
        <dt>Where</dt><dd>{m.url ? <a href={m.url} target="_blank" rel="noreferrer" className="link">{place}</a> : place}{m.author ? `, by ${m.author}` : ""}</dd>
        <dt>Written</dt><dd>{m.at ? <Time at={m.at} /> : "the place does not say"}; found <Time at={m.found_at} how="ago" />{m.by ? `, written down by ${name(m.by)}` : ""}</dd>
        <dt>Judged</dt><dd>{m.complaint ? <Chip colour="amber">complaint</Chip> : "no complaint"} <span className="muted">{(m.words ?? []).length > 0 ? `${m.score} points: ${m.words?.join(", ")}` : "no word speaks for one"}</span></dd>
        {m.service && <><dt>About</dt><dd><Link to="/services" search={{ service: m.service }} className="link">{services.find((s) => s.id === m.service)?.name ?? m.service}</Link></dd></>}
        {m.incident && <><dt>Incident</dt><dd><Link to="/incidents/$ref" params={{ ref: m.incident }} search={{}} className="link">{m.incident}</Link>{m.state === "new" && <span className="muted">, as it seems</span>}</dd></>}
        {m.decided_by && <><dt>{m.state === "dismissed" ? "Dismissed" : "Tied"}</dt><dd>by {name(m.decided_by)}, <Time at={m.decided_at} how="ago" />{m.reason ? `: ${m.reason}` : ""}</dd></>}
      </dl>
      {acts.length > 0 && <div className={css.acts}>{acts.map((a) => <Button key={a.id} variant={a.id === "mention-link" && m.state === "new" ? "filled" : undefined} onClick={a.run}>{a.label} <kbd className="desk" style={{ marginLeft: 6 }}>{a.keys}</kbd></Button>)}</div>}
    </>
  );
}

function useDone(): (said: string) => Promise<void> {
  const client = useQueryClient();
  return async (said) => {
    notifications.show({ message: said });
    await client.invalidateQueries({ queryKey: ["mentions"] });
  };
}

function Dismiss({ m, onClose }: { m: Mention; onClose: () => void }) {
  const [why, setWhy, clear] = useDraft(`mention-${m.id}`);
  const done = useDone();
  return (
    <Dialog title="Does nothing follow from it?" verb="Dismiss" onClose={onClose} onSubmit={async () => {
      await listening.dismiss(m.id, why.trim());
      clear();
      await done("It is dismissed, and no longer counts for a spike.");
    }}>
      <p className={css.quote}>{headOf(m)}</p>
      <Textarea label="Why?" description="Optional. Your words go on the record." placeholder="An old post; answered there" autosize minRows={2} maxLength={500} data-autofocus value={why} onChange={(e) => setWhy(e.currentTarget.value)} />
    </Dialog>
  );
}

/** INC-42, 42, or a line of the choices. */
export const incidentNumber = (text: string): number | undefined => {
  const n = /^\s*(?:inc-)?(\d+)\b/i.exec(text)?.[1];
  return n ? Number(n) : undefined;
};

function Tie({ m, onClose }: { m: Mention; onClose: () => void }) {
  const open = useQuery(q.now()).data?.incidents ?? [];
  const [text, setText] = useState(m.incident ?? "");
  const done = useDone();
  const n = incidentNumber(text);
  return (
    <Dialog title="Which incident is it about?" verb="Tie it" onClose={onClose} ready={n !== undefined} onSubmit={async () => {
      await listening.link(m.id, n ?? 0);
      await done(`It belongs to INC-${n}.`);
    }}>
      <p className={css.quote}>{headOf(m)}</p>
      <Autocomplete label="Incident" placeholder="INC-42" description="An open one from the list, or any by its number." data={open.map((i) => `${i.ref} ${i.title}`)} value={text} onChange={setText} data-autofocus comboboxProps={{ withinPortal: false }} />
    </Dialog>
  );
}

function Write({ onClose }: { onClose: () => void }) {
  const services = useQuery(q.services()).data ?? [];
  const zone = useZone();
  const [source, setSource] = useState<NewMention["source"]>("social");
  const [text, setText, clear] = useDraft("mention-new");
  const [url, setUrl] = useState("");
  const [author, setAuthor] = useState("");
  const [service, setService] = useState<string | null>(null);
  const [at, setAt] = useState("");
  const [intent] = useState(newKey);
  const done = useDone();
  return (
    <Dialog title="What did somebody write?" verb="Write it down" onClose={onClose} ready={text.trim() !== "" || url.trim() !== ""} onSubmit={async () => {
      const m = await listening.write({ source, ...(text.trim() ? { text: text.trim() } : {}), ...(url.trim() ? { url: url.trim() } : {}), ...(author.trim() ? { author: author.trim() } : {}), ...(service ? { service } : {}), ...(at ? { at } : {}) }, intent);
      clear();
      await done(m.incident ? `It is written down, and seems to be about ${m.incident}.` : "It is written down.");
    }}>
      <Textarea label="Their words" placeholder="Nobody here can sign in since nine" autosize minRows={3} maxLength={4000} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
      <div className={css.two}>
        <Select label="Where" allowDeselect={false} data={Object.entries(sources).map(([value, label]) => ({ value, label }))} value={source} onChange={(v) => v && setSource(v as NewMention["source"])} />
        <TextInput label="By" placeholder="@dana" value={author} maxLength={100} onChange={(e) => setAuthor(e.currentTarget.value)} autoComplete="off" />
        <Select label="About" placeholder="Not known" clearable clearButtonProps={{ "aria-label": "Not known" }} data={services.map((s) => ({ value: s.id, label: s.name }))} value={service} onChange={setService} />
        <TextInput label="Written" type="datetime-local" description={zone === "UTC" ? "UTC. Empty: now." : "Your time. Empty: now."} inputWrapperOrder={["label", "input", "description"]} value={toField(at, zone)} onChange={(e) => setAt(fromField(e.currentTarget.value, zone))} />
      </div>
      <TextInput label="Address" placeholder="https://" description="The same one twice is one mention." inputWrapperOrder={["label", "input", "description"]} value={url} maxLength={2048} onChange={(e) => setUrl(e.currentTarget.value)} autoComplete="off" />
    </Dialog>
  );
}
