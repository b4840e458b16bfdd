// The first lines of an incident: what is broken for whom, who has it, and what
// to press.
import { Button, Menu } from "@mantine/core";
import { IconDots, IconLock, IconRefreshAlert } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { q } from "../api/queries";
import type { Incident } from "../api/types";
import type { Command } from "../app/commands";
import { useMe } from "../app/me";
import { useNow } from "../app/moment";
import { useNames } from "../ui/people";
import { Sev, StatusChip, Time } from "../ui/pieces";
import { ms, span, stopwatch } from "../ui/time";
import { count, idOf, listing } from "../ui/words";
import type { Actions } from "./actions";
import css from "./incident.module.css";
import { some } from "./fold";

export function Head({ i, actions }: { i: Incident; actions: Actions }) {
  const { primary, side, more } = actions;
  const back = i.regressions?.length ?? 0;
  return (
    <header className={css.head}>
      <div>
        <div className={css.meta}>
          <Sev severity={i.severity} />
          <span>{i.ref}</span>
          <StatusChip status={i.status} declared={i.declared} />
          {i.restricted && <span className="chip amber"><IconLock size={13} aria-hidden /> restricted</span>}
          {back > 0 && <span className="chip red"><IconRefreshAlert size={13} aria-hidden /> came back{back > 1 ? ` ${back} times` : ""}</span>}
          <Since i={i} />
        </div>
        <h1>{i.title}</h1>
        <Lead i={i} />
      </div>
      <div className={`acts desk noprint ${css.acts}`}>
        {side.map((c) => <Button key={c.id} onClick={c.run} rightSection={c.keys ? <kbd>{c.keys}</kbd> : undefined}>{c.label}</Button>)}
        {more.length > 0 && <More list={more} />}
        {primary && <Button variant="filled" onClick={primary.run} rightSection={primary.keys ? <kbd>{primary.keys}</kbd> : undefined}>{primary.label}</Button>}
      </div>
      <div className="bottombar phone noprint">
        {primary && primary.id !== "resolve" && <Button variant="filled" onClick={primary.run}>{primary.label}</Button>}
        {side.filter((c) => c.id === "escalate" || c.id === "reopen" || (c.id === "update" && primary?.id === "resolve")).reverse().map((c) => <Button key={c.id} variant={c.id === "update" && primary?.id === "resolve" ? "filled" : "default"} onClick={c.run}>{c.id === "update" ? "Update" : c.label}</Button>)}
        <More list={[...(primary?.id === "resolve" ? [primary] : []), ...side.filter((c) => c.id === "note" || c.id === "engage" || (c.id === "update" && primary?.id !== "resolve")), ...more]} word />
      </div>
    </header>
  );
}

function More({ list, word = false }: { list: Command[]; word?: boolean }) {
  return (
    <Menu position={word ? "top-end" : "bottom-end"} width={260}>
      <Menu.Target>{word ? <Button>More</Button> : <Button aria-label="More actions" px={9}><IconDots size={18} aria-hidden /></Button>}</Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: "auto" }}>{list.map((c) => <Menu.Item key={c.id} onClick={c.run} rightSection={c.keys && !word ? <kbd>{c.keys}</kbd> : undefined} py={word ? 12 : undefined}>{c.label}</Menu.Item>)}</Menu.Dropdown>
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
  const me = useMe()?.person_id;
  const touched = i.scope?.services.length ? i.scope.services : [i.service];
  const ids = new Set(touched.map((s) => s.id));
  const own = services.find((s) => s.id === i.service.id);
  const follow = services.filter((s) => !ids.has(s.id) && s.depends_on?.some((d) => ids.has(d))).map((s) => s.name);
  const a = i.affected;
  const regions = a.regions ?? i.regions ?? [];
  const over = ms(i.resolved_at) !== undefined;
  const commander = i.roles["incident_commander"];
  const commands = idOf(commander) === "" ? null : idOf(commander) === me ? <><b>You command.</b> </> : <><b>{name(commander)}</b> commands. </>;
  const held = over ? null : ms(i.engaged_at) !== undefined ? commands ?? (i.declared && (i.severity === "P1" || i.severity === "P2") ? <><b>Nobody commands yet.</b> </> : null)
    : ms(i.acknowledged_at) !== undefined ? <><b>{name(i.acknowledged_by)}</b> has it, nobody works on it yet. </> : <><b>Nobody has taken it yet.</b> </>;
  return (
    <p className={css.lead}>
      {a.customers > 0 ? <><b>{count(a.customers, "customer")}</b> affected{a.vip ? `, ${a.vip} of them VIP` : ""}{regions.length > 0 ? `, in ${regions.length >= 4 ? "all regions" : listing(regions.map((r) => r.toUpperCase()))}` : ""}. </> : null}
      {some(touched.map((s) => s.name), 3)}{own?.restoration_rank && touched.length === 1 ? <> is <b>{own.restoration_rank === 1 ? "first" : `number ${own.restoration_rank}`} in restoration order</b></> : touched.length > 1 ? " are touched" : ""}{follow.length > 0 ? `; ${some(follow, 3)} depend${follow.length === 1 ? "s" : ""} on it` : ""}.{" "}
      {held}
      {over && i.reason ? i.reason : ""}
    </p>
  );
}
