// The public page: its components and their groups, how it looks, how components
// follow alerts, and who subscribed.
import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import type { Component } from "../api/statuspage";
import { q } from "../api/queries";
import { useEditor } from "../admin/editor";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { useFilters } from "../ui/filters";
import { Chip, Empty, PageHead, Reading } from "../ui/pieces";
import { count, listing } from "../ui/words";
import { FollowingPart } from "./following";
import { LookForm } from "./look";
import { Subscribers } from "./subscribers";
import css from "./statuspage.module.css";

export function StatusPageScreen() {
  const search = useSearch({ strict: false }) as { component?: string; ask?: string; tab?: string };
  const set = useFilters();
  const query = useQuery(q.components());
  const services = useQuery(q.services()).data ?? [];
  const editor = useEditor("components", search.component);
  const role = useMe()?.role;
  const admin = role === "admin";
  const tabs = [{ value: "components", label: "Components" }, { value: "following", label: "Following alerts" }, ...(role && role !== "stakeholder" ? [{ value: "subscribers", label: "Subscribers" }] : [])];
  const tab = tabs.find((t) => t.value === search.tab)?.value ?? "components";
  const show = (v: string) => set({ tab: v === "components" ? undefined : v, ask: undefined, open: undefined, channel: undefined, state: undefined, find: undefined });
  const looks = () => set({ ask: "look" });
  useCommands([...tabs.map((t, k) => ({ id: `page-${t.value}`, label: `${t.label} of the status page`, group: "Status page", keys: String(k + 1), run: () => show(t.value) })), ...(admin ? [{ id: "page-look", label: "How the status page looks", group: "Status page", keys: "l", run: looks }] : [])]);
  useEffect(() => {
    document.title = "Status page · Allclear";
  }, []);
  const all = query.data ?? [];
  const words = [...new Set(services.map((s) => s.component ?? "").filter((c) => c !== "" && !all.some((k) => names(k, c))))].sort();
  const lead = words.length > 0 && all.length > 0 ? `${count(all.length, "component", "components")} here; ${listing(words)} ${words.length === 1 ? "is" : "are"} shown by name alone.` : "What the public sees of the product, and how it looks.";
  return (
    <>
      <PageHead title="Status page" lead={lead} actions={admin ? <><Button onClick={looks} rightSection={<kbd className="desk">l</kbd>}>How it looks</Button>{editor.add}</> : undefined} />
      {editor.dialog}
      {search.ask === "look" && admin && <LookForm onClose={() => set({ ask: undefined })} />}
      <div className="filters">
        <SegmentedControl size="xs" aria-label="What is shown" value={tab} onChange={show} data={tabs} />
      </div>
      {tab === "subscribers" && <Subscribers names={(id) => all.find((c) => c.id === id)?.name ?? id} />}
      {tab === "following" && <FollowingPart />}
      {tab === "components" && <Reading query={query}>
        {(list) => list.length === 0
          ? <div className="card"><Empty title="The page shows services by their public names.">{words.length > 0 ? <>Now these: {listing(words)}. </> : null}Add a component to give one a description, a group or a place of its own.</Empty></div>
          : <ul className={css.list}>{ordered(list).map((c) => <Row key={c.id} c={c} group={list.some((m) => m.group === c.id)} services={services.filter((s) => names(c, s.component)).map((s) => s.name)} edit={editor.edit} />)}</ul>}
      </Reading>}
    </>
  );
}

/** A service names its component by id or by its name. */
const names = (c: Component, word: string | undefined) => word === c.id || word === c.name;

const place = (c: Component) => c.position || 10_001;
const byPlace = (a: Component, b: Component) => place(a) - place(b) || a.name.localeCompare(b.name);

/** As the page has them: each group with its members below it. */
export function ordered(all: Component[]): Component[] {
  const inside = (c: Component) => c.group !== undefined && all.some((g) => g.id === c.group && !g.group);
  return all.filter((c) => !inside(c)).sort(byPlace).flatMap((c) => [c, ...all.filter((m) => inside(m) && m.group === c.id).sort(byPlace)]);
}

function Row({ c, group, services, edit }: { c: Component; group: boolean; services: string[]; edit: (id: string) => ReactNode }) {
  return (
    <li className={c.group ? css.member : undefined}>
      <span className="grow">
        <b>{c.name}</b>
        {c.description && <small>{c.description}</small>}
        <small>{services.length > 0 ? `Tells of ${listing(services)}` : group ? "A group" : "No service names it: it is not shown"}</small>
      </span>
      <span className={css.chips}>
        {c.hidden && <Chip colour="amber">hidden</Chip>}
        {c.only_show_if_degraded && <Chip>only while something is wrong</Chip>}
        {c.showcase === false && <Chip>no days of uptime</Chip>}
      </span>
      {edit(c.id)}
    </li>
  );
}
