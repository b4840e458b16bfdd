// The incident: what is broken for whom, what is due next, what do I press?
import { Button, Menu, Tabs } from "@mantine/core";
import { IconDots, IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { act } from "../api/endpoints";
import { numberOf, q } from "../api/queries";
import type { Incident, Message } from "../api/types";
import { useCommands, type Command } from "../app/commands";
import { useNow } from "../app/moment";
import { useStore } from "../app/store";
import { waiting } from "../app/queue";
import { Messages, Waiting } from "../comms/messages";
import { AlertRows } from "../intake/alertlist";
import { Pages } from "../paging/pages";
import { useNames } from "../ui/people";
import { Reading, Sev, StatusChip, Time } from "../ui/pieces";
import { ms, span, stopwatch } from "../ui/time";
import { count, listing, plain } from "../ui/words";
import { can, useDialog, useDo, useTake } from "./act";
import { Dialogs } from "./dialogs";
import { Chain, WhoIsHit, Why } from "./hit";
import css from "./incident.module.css";
import { LaneChart } from "./lane";
import { Room } from "./room";
import { Snoozed } from "./snooze";
import { ClockStrip, ClockTable } from "./strip";
import { Checklists, DueNext } from "./tasks";
import { NoteLine, Timeline } from "./timeline";

export function IncidentScreen() {
  const { ref } = useParams({ from: "/app/incidents/$ref" });
  const n = numberOf(ref);
  const query = useQuery(q.incident(n));
  return <Reading query={query} rows={7}>{(i) => <Screen key={n} i={i} n={n} />}</Reading>;
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
  const tab = search.tab ?? "timeline";
  const actions = useActions(i, n);
  useCommands(actions.commands);
  useEffect(() => {
    document.title = `${i.ref} ${i.title} · Allclear`;
  }, [i.ref, i.title]);
  const go = (next: string | null) => void navigate({ search: (s) => ({ ...s, tab: next === "timeline" ? undefined : (next ?? undefined) }), replace: true });
  const tasks = lists.flatMap((c) => c.items).filter((t) => t.state === "open").length;
  const tabs: [string, string, number | undefined, () => ReactNode][] = [
    ["timeline", "Timeline", undefined, () => <><NoteLine n={n} allowed={can(i, "notes")} /><Timeline list={timeline} clock={(id) => deadlines.find((d) => d.clock === id)?.name ?? plain(id)} start={i.detected_at} all={search.show === "all"} onAll={(all) => void navigate({ search: (s) => ({ ...s, show: all ? "all" : undefined }), replace: true })} /></>],
    ["tasks", "Tasks", tasks, () => <Checklists i={i} lists={lists} />],
    ["messages", "Messages", messages.length, () => <Messages i={i} list={messages} may={can(i, "messages")} />],
    ["pages", "Pages", pages.length, () => <Pages list={pages} start={i.detected_at} />],
    ["alerts", "Alerts", alerts.length, () => <AlertRows list={alerts} />],
    ["clocks", "Clocks", undefined, () => <div className="card"><ClockTable list={deadlines} /></div>],
    ["lane", "Lanes", undefined, () => <LaneChart i={i} deadlines={deadlines} timeline={timeline} pages={pages} messages={messages} />],
  ];
  return (
    <>
      <Head i={i} actions={actions} />
      <Snoozed i={i} />
      <ClockStrip list={deadlines} />
      <Waiting i={i} list={messages} />
      <div className={css.grid}>
        <div className={`stack ${css.left}`}>
          <div className={css.next}><DueNext i={i} lists={lists} /></div>
          <div className={css.room}><Room i={i} /></div>
        </div>
        <div className={css.middle}>
          <Tabs value={tab} onChange={go} keepMounted={false} activateTabWithKeyboard={false}>
            <Tabs.List className={css.tabs} aria-label="Parts of the incident">
              {tabs.map(([id, name, k]) => <Tabs.Tab key={id} value={id}>{name}{k ? <span className={css.n}>{k}</span> : null}</Tabs.Tab>)}
            </Tabs.List>
            {tabs.map(([id, , , body]) => <Tabs.Panel key={id} value={id} pt={14}>{tab === id && body()}</Tabs.Panel>)}
          </Tabs>
        </div>
        <div className={`stack ${css.right}`}>
          <WhoIsHit i={i} />
          <Chain i={i} pages={pages} />
          <Why i={i} />
          <p className="faint small">Procedure {i.procedure.version} <span className="mono">{i.procedure.hash.slice(0, 8)}</span>, in force when it opened</p>
        </div>
      </div>
      <Dialogs i={i} messages={messages as Message[]} />
    </>
  );
}

interface Actions {
  commands: Command[];
  primary: Command | undefined;
  side: Command[];
  more: Command[];
}

/** What can be pressed now, and which of it is the one thing to press. */
function useActions(i: Incident, n: number): Actions {
  const take = useTake(i, n);
  const dialog = useDialog();
  const doit = useDo(n);
  const held = useStore(waiting).some((w) => w.incident === n && w.what === "acknowledge");
  const group = i.ref;
  const all: (Command & { if: boolean })[] = [
    { id: "ack", label: "Acknowledge", keys: "a", group, words: "take have it", if: can(i, "acknowledge") && !ms(i.acknowledged_at) && !held, run: () => void take("acknowledge") },
    { id: "engage", label: "Engage", keys: "w", group, words: "work on it start confirm", if: can(i, "engage") && !ms(i.engaged_at), run: () => void take("engage") },
    { id: "resolve", label: "Resolve", keys: "r", group, words: "done over end", if: can(i, "resolve"), run: () => dialog("resolve") },
    { id: "update", label: "Update customers", keys: "u", group, words: "message status post tell", if: can(i, "messages"), run: () => dialog("update") },
    { id: "escalate", label: "Escalate", keys: "e", group, words: "page someone call", if: can(i, "escalate"), run: () => dialog("escalate") },
    { id: "snooze", label: ms(i.snoozed_until) ? "Snooze for longer or shorter" : "Snooze", keys: "p", group, words: "pause pages later sleep hold", if: can(i, "snooze"), run: () => dialog("snooze") },
    { id: "wake", label: "Wake now", keys: "y", group, words: "end snooze unsnooze page again", if: can(i, "wake"), run: () => dialog("wake") },
    { id: "note", label: "Note", keys: "n", group, words: "write timeline decision", if: can(i, "notes"), run: () => focusNote(() => dialog(undefined, { tab: undefined })) },
    { id: "severity", label: "Change severity", keys: "s", group, words: "upgrade downgrade P1 P2 P3 P4", if: can(i, "severity"), run: () => dialog("severity") },
    { id: "role", label: "Hand over a role", keys: "o", group, words: "commander lead scribe assign", if: can(i, "roles"), run: () => dialog("role") },
    { id: "confirm", label: "Confirm and declare", group, if: can(i, "confirm") && !i.declared, run: () => void doit("The confirmation", () => act.confirm(n)) },
    { id: "mitigate", label: "Mark as mitigated", keys: "m", group, words: "workaround impact reduced", if: can(i, "mitigate") && !ms(i.mitigated_at), run: () => void doit("The mitigation", () => act.mitigate(n)) },
    { id: "close", label: "Close", group, if: can(i, "close") && i.status === "resolved", run: () => void doit("Closing", () => act.close(n)) },
    { id: "dismiss", label: "Dismiss as a false positive", keys: "d", group, if: can(i, "dismiss") && !i.declared, run: () => dialog("dismiss") },
    { id: "merge", label: "Merge into another incident", group, if: can(i, "merge"), run: () => dialog("merge") },
    { id: "split", label: "Split alerts off", group, if: can(i, "split") && i.alerts.total > 1, run: () => dialog("split") },
    { id: "restrict", label: "Restrict to a circle", group, words: "security secret", if: can(i, "restrict") && !i.restricted, run: () => dialog("restrict") },
  ];
  const now = all.filter((c) => c.if);
  const pick = (id: string) => now.find((c) => c.id === id);
  const primary = pick("ack") ?? pick("engage") ?? pick("resolve") ?? pick("close");
  const side = ["note", "escalate", primary?.id === "ack" ? "engage" : "update"].map(pick).filter((c) => c !== undefined);
  const more = now.filter((c) => c !== primary && !side.includes(c));
  return { commands: now, primary, side, more };
}

function focusNote(show: () => void): void {
  const field = document.getElementById("note");
  if (field) {
    field.focus();
    return;
  }
  show();
  setTimeout(() => document.getElementById("note")?.focus(), 60);
}

function Head({ i, actions }: { i: Incident; actions: Actions }) {
  const { primary, side, more } = actions;
  return (
    <header className={css.head}>
      <div>
        <div className={css.meta}>
          <Sev severity={i.severity} />
          <span>{i.ref}</span>
          <StatusChip status={i.status} declared={i.declared} />
          {i.restricted && <span className="chip amber"><IconLock size={13} aria-hidden /> restricted</span>}
          <Since i={i} />
        </div>
        <h1>{i.title}</h1>
        <Lead i={i} />
      </div>
      <div className={`acts desk ${css.acts}`}>
        {side.map((c) => <Button key={c.id} onClick={c.run} rightSection={c.keys ? <kbd>{c.keys}</kbd> : undefined}>{c.label}</Button>)}
        {more.length > 0 && <More list={more} />}
        {primary && <Button variant="filled" onClick={primary.run} rightSection={primary.keys ? <kbd>{primary.keys}</kbd> : undefined}>{primary.label}</Button>}
      </div>
      <div className="bottombar phone">
        {primary && primary.id !== "resolve" && <Button variant="filled" onClick={primary.run}>{primary.label}</Button>}
        {side.filter((c) => c.id === "escalate" || (c.id === "update" && primary?.id === "resolve")).reverse().map((c) => <Button key={c.id} variant={c.id === "update" && primary?.id === "resolve" ? "filled" : "default"} onClick={c.run}>{c.id === "update" ? "Update" : c.label}</Button>)}
        <More list={[...(primary?.id === "resolve" ? [primary] : []), ...side.filter((c) => c.id === "note" || c.id === "engage" || (c.id === "update" && primary?.id !== "resolve")), ...more]} word />
      </div>
    </header>
  );
}

function More({ list, word = false }: { list: Command[]; word?: boolean }) {
  return (
    <Menu position={word ? "top-end" : "bottom-end"} width={250}>
      <Menu.Target>{word ? <Button>More</Button> : <Button aria-label="More actions" px={9}><IconDots size={18} aria-hidden /></Button>}</Menu.Target>
      <Menu.Dropdown>{list.map((c) => <Menu.Item key={c.id} onClick={c.run} rightSection={c.keys && !word ? <kbd>{c.keys}</kbd> : undefined} py={word ? 12 : undefined}>{c.label}</Menu.Item>)}</Menu.Dropdown>
    </Menu>
  );
}

function Since({ i }: { i: Incident }) {
  const now = useNow();
  const ended = ms(i.resolved_at);
  const began = ms(i.detected_at) ?? now;
  if (ended !== undefined) return <span>lasted {span(ended - began)}, resolved <Time at={i.resolved_at} how="ago" /></span>;
  const declared = ms(i.declared_at);
  const from = declared ?? began;
  return <span>{declared === undefined ? "suspected" : "declared"} <time dateTime={i.declared_at ?? i.detected_at}>{now - from < 7_200_000 ? stopwatch(now - from) : span(now - from)}</time> ago</span>;
}

/** What is broken for whom, and who has it, in a sentence or two. */
function Lead({ i }: { i: Incident }) {
  const services = useQuery(q.services()).data ?? [];
  const name = useNames();
  const own = services.find((s) => s.id === i.service.id);
  const follow = services.filter((s) => s.depends_on?.includes(i.service.id)).map((s) => s.name);
  const a = i.affected;
  const regions = a.regions ?? i.regions ?? [];
  const held = ms(i.resolved_at) !== undefined ? null : ms(i.engaged_at) !== undefined ? null : ms(i.acknowledged_at) !== undefined ? <><b>{name(i.acknowledged_by)}</b> has it, nobody works on it yet. </> : <><b>Nobody has taken it yet.</b> </>;
  return (
    <p className={css.lead}>
      {held}
      {a.customers > 0 ? <><b>{count(a.customers, "customer")}</b> affected{a.vip ? `, ${a.vip} of them VIP` : ""}{regions.length > 0 ? `, in ${regions.length >= 4 ? "all regions" : listing(regions.map((r) => r.toUpperCase()))}` : ""}. </> : null}
      {i.service.name}{own?.restoration_rank ? <> is <b>{own.restoration_rank === 1 ? "first" : `number ${own.restoration_rank}`} in restoration order</b></> : ""}{follow.length > 0 ? `; ${listing(follow)} depend${follow.length === 1 ? "s" : ""} on it` : ""}.
      {ms(i.resolved_at) !== undefined && i.reason ? ` ${i.reason}` : ""}
    </p>
  );
}
