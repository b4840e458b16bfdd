// The outbox: every page, mail, text message, call, chat and status post as it
// went out or would have, with its state and its full text.
import { Drawer, SegmentedControl, Select } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconBrowser, IconChecks, IconDeviceMobile, IconMail, IconMessage, IconPhone, IconSend, IconWorld } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { channels } from "../admin/specs";
import { q } from "../api/queries";
import type { Delivery } from "../api/types";
import { useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { useNames } from "../ui/people";
import { Chip, Empty, PageHead, Time } from "../ui/pieces";
import { channelWord, plain } from "../ui/words";
import css from "./outbox.module.css";
import { deliveryColour, deliveryWord, outcome } from "./pages";

const icons: Record<string, typeof IconMail> = { email: IconMail, sms: IconDeviceMobile, push: IconDeviceMobile, voice: IconPhone, chat: IconMessage, slack: IconMessage, status_page: IconWorld, in_app: IconBrowser };

function ChannelIcon({ channel }: { channel: string }) {
  const Icon = icons[channel] ?? IconSend;
  return <Icon size={17} aria-hidden className={css.icon} />;
}

const ways = [...channels, { value: "chat", label: "Chat" }, { value: "status_page", label: "Status page" }, { value: "in_app", label: "In the product" }];

const keyOf = (d: Delivery, k: number) => d.id ?? String(k);
const short = (n: string | number | undefined) => (n === undefined || n === "" ? "" : `INC-${String(n).replace(/^INC-/, "")}`);

export function OutboxScreen() {
  const search = useSearch({ from: "/app/outbox" });
  const set = useFilters();
  const narrow = useMediaQuery("(max-width: 1000px)", false, { getInitialValueInEffect: false });
  const query = useInfiniteQuery(q.deliveries({ kind: search.kind, incident: search.incident }));
  useEffect(() => {
    document.title = "Outbox · Allclear";
  }, []);
  const wanted = (d: Delivery) => (!search.channel || d.channel === search.channel) && (!search.state || d.state === search.state || (search.state === "queued" && d.state === "attempting") || (search.state === "failed" && d.confirmation === "failed"));
  // State and channel are filtered here: read on while a filter leaves the screen half empty.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const few = (search.channel || search.state) && (query.data?.pages.flatMap((p) => p.items ?? []).filter(wanted).length ?? 0) < 20 && (query.data?.pages.length ?? 0) < 30;
  useEffect(() => {
    if (few && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [few, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const all = query.data?.pages.flatMap((p) => p.items ?? []) ?? [];
  const open = all.find((d, k) => keyOf(d, k) === search.open);
  return (
    <>
      <PageHead title="Outbox" lead="Everything that went out, to whom, over what, and what became of it." />
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Kind" value={search.kind ?? ""} onChange={(v) => set({ kind: v || undefined, open: undefined })} data={[{ value: "", label: "All" }, { value: "page", label: "Pages" }, { value: "notice", label: "Notices" }, { value: "message", label: "Messages" }]} />
        <SegmentedControl size="xs" aria-label="State" value={search.state ?? ""} onChange={(v) => set({ state: v || undefined, open: undefined })} data={[{ value: "", label: "Any state" }, { value: "queued", label: "Waiting" }, { value: "failed", label: "Failed" }]} />
        <Select aria-label="Channel" placeholder="Every channel" clearable w={170} data={ways} value={search.channel ?? null} onChange={(v) => set({ channel: v ?? undefined, open: undefined })} clearButtonProps={{ "aria-label": "Every channel" }} />
        {search.incident && <Chip colour="accent">{short(search.incident)} <button type="button" className="link" aria-label="Every incident" onClick={() => set({ incident: undefined })}>×</button></Chip>}
      </div>
      <div className={css.split}>
        <Listing query={query} noun="deliveries">
          {(every) => { const list = every.filter(wanted); return list.length === 0 ? <div className="card"><Empty title="Nothing went out.">{search.kind || search.state || search.channel ? "Nothing matches these filters." : "Pages, mails and posts appear here as they leave, also when no provider is configured."}</Empty></div> : (
            <ul className={css.list}>{list.map((d, k) => <Row key={keyOf(d, k)} d={d} id={keyOf(d, k)} open={search.open === keyOf(d, k)} />)}</ul>
          ); }}
        </Listing>
        {!narrow && <aside className={css.detail} aria-label="The delivery in full">{open ? <Detail d={open} /> : <div className="card"><Empty title="Choose one to read it in full.">j and k move, Enter opens.</Empty></div>}</aside>}
      </div>
      {narrow && <Drawer opened={!!open} onClose={() => set({ open: undefined })} position="bottom" size="80%" title="Delivery">{open && <Detail d={open} bare />}</Drawer>}
    </>
  );
}

function Row({ d, id, open }: { d: Delivery; id: string; open: boolean }) {
  const name = useNames();
  return (
    <li>
      <Link to="." search={((s: object) => ({ ...s, open: id })) as never} replace className={css.row} data-row aria-current={open || undefined}>
        <ChannelIcon channel={d.channel} />
        <span className="grow">
          <span className="cut" style={{ display: "block" }}><b>{d.recipient ? name(d.recipient) : d.address}</b> <span className="muted">{d.subject || d.body}</span></span>
          <small>{[plain(d.kind ?? ""), channelWord(d.channel), d.address, short(d.incident)].filter(Boolean).join(" · ")}</small>
        </span>
        <span className={css.side}>
          <Chip colour={outcome(d).colour} icon={d.confirmation === "delivered" ? <IconChecks size={13} aria-hidden /> : undefined}>{outcome(d).word}</Chip>
          <small><Time at={d.at} how="ago" /></small>
        </span>
      </Link>
    </li>
  );
}

function Detail({ d, bare = false }: { d: Delivery; bare?: boolean }) {
  const name = useNames();
  return (
    <div className={bare ? "" : "card"}>
      <dl className={css.facts}>
        <dt>To</dt><dd><b>{d.recipient ? name(d.recipient) : d.address}</b></dd>
        <dt>Over</dt><dd>{channelWord(d.channel)}, {d.address}</dd>
        <dt>State</dt><dd><Chip colour={deliveryColour(d.state)}>{deliveryWord(d.state)}</Chip> {d.attempts > 1 ? `${d.attempts} attempts` : ""}</dd>
        {d.state === "sent" && <><dt>Confirmed</dt><dd>{d.confirmation ? <><Chip colour={outcome(d).colour}>{d.confirmation === "delivered" ? "it arrived" : "it did not arrive"}</Chip> <Time at={d.confirmed_at} /></> : <span className="muted">The provider has not said whether it arrived. Not every provider does.</span>}</dd></>}
        <dt>When</dt><dd><Time at={d.at} /></dd>
        {d.last_error && <><dt>Error</dt><dd className="tone-over">{d.last_error}</dd></>}
        {d.incident !== undefined && d.incident !== "" && <><dt>For</dt><dd><Link to="/incidents/$ref" params={{ ref: short(d.incident) }} search={{ tab: d.kind === "message" ? "messages" : "pages" }} className="link">{short(d.incident)}</Link></dd></>}
        {d.clauses && d.clauses.length > 0 && <><dt>Clauses</dt><dd className="mono">{d.clauses.join(", ")}</dd></>}
      </dl>
      {d.subject && <p className={css.subject}>{d.subject}</p>}
      <div className={`prose ${css.body}`}>{d.body || "No text was kept for this delivery."}</div>
    </div>
  );
}
