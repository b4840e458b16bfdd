// Customers' tickets: what waits, what paged, and why each is taken for what it
// is. A person has one page, takes it from its queue, or escalates for its
// customer.
import { Button, Drawer, SegmentedControl, Textarea } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { desk } from "../api/endpoints";
import { q } from "../api/queries";
import type { Severity, Ticket } from "../api/types";
import { useCommands, type Command } from "../app/commands";
import { useMe } from "../app/me";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { Find, has, useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { Chip, Empty, PageHead, Sev, Time, type ChipColour } from "../ui/pieces";
import css from "./tickets.module.css";

const states: Record<Ticket["state"], { word: string; colour?: ChipColour }> = {
  waiting: { word: "waiting" },
  raised: { word: "paged", colour: "red" },
  dismissed: { word: "dismissed" },
  solved: { word: "solved", colour: "green" },
};

const shown = { waiting: "Waiting", raised: "Paged", dismissed: "Dismissed", solved: "Solved", all: "All" };

const percent = (n: number) => `${Math.round(n * 100)} % sure`;
const whose = (t: Ticket) => t.customer_name || t.requester || "Unknown customer";

export function TicketsScreen() {
  const search = useSearch({ from: "/app/tickets" });
  const set = useFilters();
  const narrow = useMediaQuery("(max-width: 1000px)", false, { getInitialValueInEffect: false });
  const state = search.state ?? "waiting";
  const query = useInfiniteQuery(q.tickets({ queue: search.queue, state: state === "all" ? undefined : state }));
  const open = query.data?.pages.flatMap((p) => p.items ?? []).find((t) => t.id === search.open);
  const ask = (what: string | undefined) => set({ ask: what });
  const acts = useActs(open, ask);
  useCommands(acts.map(({ id, label, keys, run }): Command => ({ id: `ticket-${id}`, label, group: "Ticket", keys, run })));
  useEffect(() => {
    document.title = "Tickets · Allclear";
  }, []);
  return (
    <>
      <PageHead title="Tickets" lead="What customers write to support, judged by its words. What waits here has paged nobody." />
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Queue" value={search.queue ?? ""} onChange={(v) => set({ queue: v || undefined, open: undefined })} data={[{ value: "", label: "Both queues" }, { value: "urgent", label: "Urgent" }, { value: "normal", label: "Normal" }]} />
        <SegmentedControl size="xs" aria-label="State" value={state} onChange={(v) => set({ state: v === "waiting" ? undefined : v, open: undefined })} data={Object.entries(shown).map(([value, label]) => ({ value, label }))} />
        <Find label="Find in tickets" value={search.find} onChange={(find) => set({ find })} />
      </div>
      <div className={css.split}>
        <Listing query={query} noun="tickets">
          {(every) => {
            const list = every.filter((t) => has(`${t.subject} ${whose(t)} ${t.external_id} ${t.service}`, search.find));
            if (list.length === 0) return <div className="card"><Empty title={state === "waiting" ? "No ticket waits." : "No tickets."}>{search.queue || search.find || search.state ? "Nothing matches these filters." : "Tickets come in by a way in with the source zendesk. Those that page are under Paged."}</Empty></div>;
            return <ul className={css.list}>{list.map((t) => <Row key={t.id} t={t} open={t.id === search.open} />)}</ul>;
          }}
        </Listing>
        {!narrow && <aside className={css.detail} aria-label="The ticket in full">{open ? <div className="card"><Detail t={open} acts={acts} /></div> : <div className="card"><Empty title="Choose one to see why.">j and k move, Enter opens.</Empty></div>}</aside>}
      </div>
      {narrow && <Drawer opened={!!open && !search.ask} onClose={() => set({ open: undefined })} position="bottom" size="85%" title="Ticket">{open && <Detail t={open} acts={acts} />}</Drawer>}
      {open && <Question t={open} what={search.ask} onClose={() => ask(undefined)} />}
    </>
  );
}

function Row({ t, open }: { t: Ticket; open: boolean }) {
  const s = states[t.state];
  return (
    <li>
      <Link to="." search={((old: object) => ({ ...old, open: t.id })) as never} replace className={css.row} data-row aria-current={open || undefined}>
        <Sev severity={t.severity as Severity} />
        <span className="grow">
          <span className={css.subject}><b>{t.subject || "Without a subject"}</b></span>
          <small>{[whose(t), t.service, `${t.source} ${t.external_id}`, t.incident].filter(Boolean).join(" · ")}</small>
        </span>
        <span className={css.side}>
          <Chip colour={t.state === "waiting" && t.queue === "urgent" ? "amber" : s.colour}>{t.state === "waiting" ? t.queue : s.word}</Chip>
          <small><Time at={t.updated_at} how="ago" /></small>
        </span>
      </Link>
    </li>
  );
}

interface Act {
  id: string;
  label: string;
  keys: string;
  run: () => void;
}

/** What the caller may do to the ticket. */
function useActs(t: Ticket | undefined, ask: (what: string) => void): Act[] {
  const role = useMe()?.role;
  if (!t || !role || role === "auditor") return [];
  const may: (Act | false)[] = [
    (t.state === "waiting" || t.state === "dismissed") && { id: "escalate", label: "Page for it", keys: "e", run: () => ask("escalate") },
    t.state === "waiting" && role !== "stakeholder" && { id: "dismiss", label: "Dismiss", keys: "d", run: () => ask("dismiss") },
    !!t.customer && { id: "customer", label: "Escalate for the customer", keys: "v", run: () => ask("customer") },
  ];
  return may.filter((a) => a !== false);
}

function Detail({ t, acts }: { t: Ticket; acts: Act[] }) {
  return (
    <>
      <h2 className={css.subject}>{t.subject || "Without a subject"}</h2>
      <dl className={css.facts}>
        <dt>Suggested</dt><dd><Sev severity={t.severity as Severity} /> {percent(t.confidence)}</dd>
        <dt>State</dt><dd><Chip colour={states[t.state].colour}>{states[t.state].word}</Chip> {t.queue} queue</dd>
        <dt>Customer</dt><dd>{t.customer ? <Link to="/customers" search={{ find: t.customer }} className="link">{t.customer_name}</Link> : "not known"}</dd>
        {(t.requester || t.email) && <><dt>Written by</dt><dd>{[t.requester, t.email].filter(Boolean).join(", ")}</dd></>}
        <dt>Service</dt><dd>{t.service}</dd>
        {t.incident && <><dt>Belongs to</dt><dd><Link to="/incidents/$ref" params={{ ref: t.incident }} search={{}} className="link">{t.incident}</Link></dd></>}
        <dt>Source</dt><dd>{t.url ? <a href={t.url} target="_blank" rel="noreferrer" className="link">{t.source} {t.external_id}</a> : `${t.source} ${t.external_id}`}</dd>
        {(t.status || t.priority) && <><dt>Status there</dt><dd>{[t.status, t.priority && `priority ${t.priority}`].filter(Boolean).join(", ")}</dd></>}
        <dt>Came</dt><dd><Time at={t.created_at} /></dd>
        {t.by && <><dt>{t.state === "dismissed" ? "Dismissed" : "Escalated"}</dt><dd>by {t.by}: {t.reason}</dd></>}
      </dl>
      <h3 className={css.why}>Why</h3>
      <ul className="bullets">{t.reasons.map((r) => <li key={r}>{r}</li>)}</ul>
      {(t.text || t.comment) && <div className={css.text} tabIndex={0} role="region" aria-label="What the customer wrote">{t.comment || t.text}</div>}
      {acts.length > 0 && <div className={css.acts}>{acts.map((a, n) => <Button key={a.id} variant={n === 0 && a.id === "escalate" ? "filled" : undefined} onClick={a.run}>{a.label} <kbd className="desk" style={{ marginLeft: 6 }}>{a.keys}</kbd></Button>)}</div>}
    </>
  );
}

const questions: Record<string, { title: (t: Ticket) => string; verb: string; lead: string; field: string; hint: string; danger?: boolean; run: (t: Ticket, text: string) => Promise<unknown>; done: string }> = {
  escalate: { title: (t) => `Page for ticket ${t.external_id}?`, verb: "Page", lead: "An alert joins the incident of the service, or opens one; engineering on call is paged and the chain climbs.", field: "Why?", hint: "I see it too: exports fail for all", run: (t, text) => desk.escalate(t.id, text), done: "Engineering on call has been paged." },
  dismiss: { title: (t) => `Take ticket ${t.external_id} from its queue?`, verb: "Dismiss", lead: "It comes back by itself when the customer writes that it is worse.", field: "Why?", hint: "Their own network; answered", danger: true, run: (t, text) => desk.dismiss(t.id, text), done: "The ticket is out of its queue." },
  customer: { title: (t) => `Escalate for ${t.customer_name ?? "the customer"}?`, verb: "Escalate", lead: "At once pages engineering on call and the account manager on call, and tells the head of customer success.", field: "What is the customer's trouble?", hint: "They cannot close their quarter", run: (t, text) => desk.forCustomer(t.customer ?? "", text, t.service), done: "Engineering and the account manager on call have been paged." },
};

function Question({ t, what, onClose }: { t: Ticket; what: string | undefined; onClose: () => void }) {
  const of = what ? questions[what] : undefined;
  return of ? <Asked key={what} t={t} of={of} name={`${what}-${t.id}`} onClose={onClose} /> : null;
}

function Asked({ t, of, name, onClose }: { t: Ticket; of: (typeof questions)[string]; name: string; onClose: () => void }) {
  const [text, setText, clear] = useDraft(`ticket-${name}`);
  const client = useQueryClient();
  return (
    <Dialog
      title={of.title(t)}
      verb={of.verb}
      danger={of.danger}
      onClose={onClose}
      ready={text.trim() !== ""}
      onSubmit={async () => {
        await of.run(t, text.trim());
        clear();
        notifications.show({ message: of.done });
        await Promise.all([client.invalidateQueries({ queryKey: ["tickets"] }), client.invalidateQueries({ queryKey: ["now"] })]);
      }}
    >
      <p className="muted">{of.lead} Your words go on the record.</p>
      <Textarea label={of.field} placeholder={of.hint} autosize minRows={2} maxLength={1000} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
    </Dialog>
  );
}
