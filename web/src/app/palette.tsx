// The command palette: everything the screens offer, every place to go, and
// open incidents and people by name.
import { Spotlight, createSpotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { numberOf, q } from "../api/queries";
import { plain } from "../ui/words";
import { commands, type Command } from "./commands";

export const [paletteStore, palette] = createSpotlight();

interface Entry {
  group: string;
  command: Command;
}

function matches(c: Command, words: string[]): boolean {
  const text = `${c.label} ${c.hint ?? ""} ${c.words ?? ""}`.toLowerCase();
  return words.every((w) => text.includes(w));
}

export function Palette() {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [offered, setOffered] = useState<Command[]>([]);
  const now = useQuery({ ...q.now(), enabled: false }).data;
  const people = useQuery({ ...q.people(), enabled: false }).data;
  const services = useQuery({ ...q.services(), enabled: false }).data;
  const teams = useQuery({ ...q.teams(), enabled: false }).data;
  const schedules = useQuery({ ...q.schedules(), enabled: false }).data;
  const policies = useQuery({ ...q.policies(), enabled: false }).data;

  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const entries: Entry[] = offered.map((c) => ({ group: c.group, command: c }));
  for (const i of now?.incidents ?? []) {
    entries.push({ group: "Open incidents", command: { id: `i-${i.number}`, label: i.title, hint: `${i.severity} · ${i.ref}`, group: "", words: `${i.number} ${i.service.name}`, run: () => void navigate({ to: "/incidents/$ref", params: { ref: i.ref } }) } });
  }
  if (words.length > 0) {
    for (const p of people ?? []) entries.push({ group: "People", command: { id: `p-${p.id}`, label: p.name, hint: p.title, group: "", words: p.email, run: () => void navigate({ to: "/people", search: { person: p.id } }) } });
    for (const s of services ?? []) entries.push({ group: "Services", command: { id: `s-${s.id}`, label: s.name, hint: s.description, group: "", run: () => void navigate({ to: "/services", search: { service: s.id } }) } });
    for (const t of teams ?? []) entries.push({ group: "Teams", command: { id: `t-${t.id}`, label: t.name, hint: t.description, group: "", words: "team", run: () => void navigate({ to: "/teams/$id", params: { id: t.id }, search: {} }) } });
    for (const s of schedules ?? []) entries.push({ group: "Schedules", command: { id: `r-${s.id}`, label: plain(s.id), hint: "Schedule", group: "", words: "schedule rota on-call", run: () => void navigate({ to: "/schedules/$id", params: { id: s.id }, search: {} }) } });
    for (const p of policies ?? []) entries.push({ group: "Escalation policies", command: { id: `e-${p.id}`, label: p.name, hint: p.description || "Escalation policy", group: "", words: "escalation policy chain", run: () => void navigate({ to: "/policies/$id", params: { id: p.id }, search: {} }) } });
    const n = /^(?:inc-)?(\d+)$/.exec(text.trim().toLowerCase());
    if (n) entries.unshift({ group: "Incidents", command: { id: "number", label: `Open INC-${n[1]}`, group: "", words: text, run: () => void navigate({ to: "/incidents/$ref", params: { ref: `INC-${numberOf(text.trim())}` } }) } });
  }
  const found = entries.filter((e) => e.command.id === "number" || matches(e.command, words)).slice(0, 60);
  const groups = [...new Set(found.map((e) => e.group))];

  return (
    <Spotlight.Root
      store={paletteStore}
      query={text}
      onQueryChange={setText}
      onSpotlightOpen={() => setOffered(commands().filter((c) => c.id !== "palette"))}
      clearQueryOnClose
      shortcut={null}
      maxHeight={420}
      scrollable
      lockScroll={false}
      radius={12}
      size={620}
      centered={false}
      yOffset="12vh"
      overlayProps={{ blur: 0 }}
      attributes={{ content: { "aria-label": "Search and do anything" } } as never}
    >
      <Spotlight.Search placeholder="What do you want to do?" aria-label="What do you want to do?" leftSection={<IconSearch size={18} aria-hidden />} />
      <Spotlight.ActionsList>
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {found.filter((e) => e.group === group).map(({ command: c }) => (
              <Spotlight.Action key={c.id} label={c.label} description={c.hint} highlightQuery={false} onClick={c.run} rightSection={c.keys ? <kbd>{c.keys}</kbd> : undefined} />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {found.length === 0 && <Spotlight.Empty>Nothing is called “{text}”. Try a person, a service or an incident’s number.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
