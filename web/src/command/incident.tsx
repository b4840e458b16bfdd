// The incident: what is broken for whom, who does what, what is due next, what
// do I press? One page; its parts are tabs, and which one is in the address.
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, type ReactNode } from "react";
import { numberOf, q } from "../api/queries";
import type { Incident } from "../api/types";
import { useCommands, type Command } from "../app/commands";
import { Messages, Waiting } from "../comms/messages";
import { AlertRows } from "../intake/alertlist";
import { Pages } from "../paging/pages";
import { Loading, Reading } from "../ui/pieces";
import { plain } from "../ui/words";
import { can } from "./act";
import { useActions } from "./actions";
import { Head } from "./head";
import { CameBack, Chain, WhoIsHit, Why } from "./hit";
import css from "./incident.module.css";
import { Room, YourPart } from "./room";
import { Snoozed } from "./snooze";
import { ClockStrip, ClockTable } from "./strip";
import { Checklists, DueNext } from "./tasks";
import { NoteLine, Timeline } from "./timeline";

// What is not needed at first sight comes when it is asked for.
const Dialogs = lazy(() => import("./dialogs").then((m) => ({ default: m.Dialogs })));
const Board = lazy(() => import("./board").then((m) => ({ default: m.Board })));
const LaneChart = lazy(() => import("./lane").then((m) => ({ default: m.LaneChart })));
const ImpactPart = lazy(() => import("./impact").then((m) => ({ default: m.ImpactPart })));
const Recovery = lazy(() => import("./recovery").then((m) => ({ default: m.Recovery })));
const Cases = lazy(() => import("./cases").then((m) => ({ default: m.Cases })));
const Investigation = lazy(() => import("../inquiry/tab").then((m) => ({ default: m.Investigation })));
const Hall = lazy(() => import("./hall").then((m) => ({ default: m.Hall })));

export function IncidentScreen() {
  const { ref } = useParams({ from: "/app/incidents/$ref" });
  const n = numberOf(ref);
  const query = useQuery(q.incident(n));
  return <Reading query={query} rows={7}>{(i) => <Screen key={n} i={i} n={n} />}</Reading>;
}

interface Part {
  id: string;
  name: string;
  n?: number;
  body: () => ReactNode;
}

function Screen({ i, n }: { i: Incident; n: number }) {
  const deadlines = useQuery(q.deadlines(n)).data ?? [];
  const timeline = useQuery(q.timeline(n)).data ?? [];
  const lists = useQuery(q.checklists(n)).data ?? [];
  const messages = useQuery(q.messages(n)).data ?? [];
  const pages = useQuery(q.pages(n)).data ?? [];
  const alerts = useQuery(q.incidentAlerts(n)).data ?? [];
  const search = useSearch({ from: "/app/incidents/$ref" });
  const navigate = useNavigate({ from: "/incidents/$ref" });
  const actions = useActions(i, n);
  useEffect(() => {
    document.title = `${i.ref} ${i.title} · Allclear`;
  }, [i.ref, i.title]);
  const go = (next: string | null) => void navigate({ search: (s) => ({ ...s, tab: next === "timeline" ? undefined : (next ?? undefined), task: undefined }), replace: true });
  const open = lists.flatMap((c) => c.items).filter((t) => t.state === "open").length;
  const parts: Part[] = [
    { id: "timeline", name: "Command", body: () => (
      <div className={css.grid}>
        <div className={`stack ${css.left}`}>
          <div className={css.next}><DueNext i={i} lists={lists} /></div>
          <div className={`stack ${css.room}`}><YourPart i={i} /><Room i={i} /></div>
        </div>
        <div className={css.middle}>
          <NoteLine n={n} allowed={can(i, "notes")} />
          <Timeline list={timeline} clock={(id) => deadlines.find((d) => d.clock === id)?.name ?? plain(id)} start={i.detected_at} all={search.show === "all"} onAll={(all) => void navigate({ search: (s) => ({ ...s, show: all ? "all" : undefined }), replace: true })} />
        </div>
        <div className={`stack ${css.right}`}>
          <CameBack i={i} />
          <WhoIsHit i={i} />
          <Chain i={i} pages={pages} />
          <Why i={i} />
          <p className="faint small">Procedure {i.procedure.version} <span className="mono">{i.procedure.hash.slice(0, 8)}</span>, in force when it opened</p>
        </div>
      </div>
    ) },
    { id: "tasks", name: "Tasks", n: open, body: () => <Checklists i={i} lists={lists} /> },
    { id: "investigation", name: "Investigation", body: () => <Investigation i={i} /> },
    { id: "board", name: "Board", body: () => <Board i={i} lists={lists}><LaneChart i={i} deadlines={deadlines} timeline={timeline} pages={pages} messages={messages} /></Board> },
    { id: "messages", name: "Messages", n: messages.length, body: () => <Messages i={i} list={messages} may={can(i, "messages")} /> },
    { id: "room", name: "Room", body: () => <Hall i={i} /> },
    { id: "recovery", name: "Recovery", body: () => <Recovery i={i} /> },
    { id: "partners", name: "Partners", body: () => <Cases i={i} /> },
    { id: "impact", name: "Impact", body: () => <ImpactPart i={i} /> },
    { id: "pages", name: "Pages", n: pages.length, body: () => <Pages list={pages} start={i.detected_at} /> },
    { id: "alerts", name: "Alerts", n: alerts.length, body: () => <AlertRows list={alerts} /> },
    { id: "clocks", name: "Clocks", body: () => <div className="card"><ClockTable list={deadlines} /></div> },
  ];
  const asked = search.tab === "lane" ? "board" : search.tab;
  const tab = parts.find((p) => p.id === asked)?.id ?? "timeline";
  // On a phone the part that is open may stand outside of the bar.
  useEffect(() => {
    const on = document.querySelector<HTMLElement>("[data-parts] [aria-selected='true']");
    const bar = on?.parentElement;
    if (on && bar) bar.scrollLeft = on.offsetLeft - (bar.clientWidth - on.offsetWidth) / 2;
  }, [tab]);
  useCommands([...actions.commands, ...parts.map((p, k): Command => ({ id: `part-${p.id}`, label: `${p.name} of ${i.ref}`, keys: "1234567890-="[k], group: "Parts of the incident", words: "tab show open", run: () => go(p.id) }))]);
  return (
    <>
      <Head i={i} actions={actions} />
      <Snoozed i={i} />
      <ClockStrip list={deadlines} />
      <Waiting i={i} list={messages} />
      <Tabs value={tab} onChange={go} keepMounted={false} activateTabWithKeyboard={false}>
        <Tabs.List className={`noprint ${css.tabs}`} aria-label="Parts of the incident" data-parts>
          {parts.map((p) => <Tabs.Tab key={p.id} value={p.id}>{p.name}{p.n ? <span className={css.n}>{p.n}</span> : null}</Tabs.Tab>)}
        </Tabs.List>
        {parts.map((p) => <Tabs.Panel key={p.id} value={p.id} pt={16}>{tab === p.id && <Suspense fallback={<Loading rows={4} />}>{p.body()}</Suspense>}</Tabs.Panel>)}
      </Tabs>
      {search.do && <Suspense fallback={null}><Dialogs i={i} messages={messages} /></Suspense>}
    </>
  );
}
