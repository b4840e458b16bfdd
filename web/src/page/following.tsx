// How components follow alerts: what each shows and why, what waits for a person, and
// the rules.
import { Button, Checkbox, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { readers, reading, type FollowedComponent, type Following, type FollowingRules } from "../api/readers";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { Dialog } from "../ui/dialog";
import { useFilters } from "../ui/filters";
import { useNames } from "../ui/people";
import { Chip, Reading, Time, type ChipColour } from "../ui/pieces";
import { plain } from "../ui/words";
import css from "./statuspage.module.css";

const states = ["operational", "degraded_performance", "partial_outage", "major_outage"].map((value) => ({ value, label: plain(value) }));
const colour: Record<string, ChipColour | undefined> = { operational: "green", degraded_performance: "amber", partial_outage: "amber", major_outage: "red" };
const modes = { off: "Components do not follow alerts: posts and people alone change them.", approve: "What alerts say of a component waits for a person.", auto: "Components follow alerts by themselves." };
const asks = (c: FollowedComponent) => c.draft !== undefined && c.draft !== "";

export function FollowingPart() {
  const query = useQuery(readers.following());
  return <Reading query={query} rows={6}>{(f) => <Whole f={f} />}</Reading>;
}

function Whole({ f }: { f: Following }) {
  const search = useSearch({ strict: false }) as { ask?: string; open?: string };
  const set = useFilters();
  const client = useQueryClient();
  const role = useMe()?.role;
  const may = role === "admin" || role === "responder"; // who publishes
  const name = useNames();
  const first = f.components.find(asks);
  async function run(what: string, call: () => Promise<unknown>) {
    try {
      await call();
      await client.invalidateQueries({ queryKey: ["following"] });
    } catch (err) {
      notifications.show({ color: "red", title: `${what} did not work`, message: err instanceof Error ? err.message : "", autoClose: false });
    }
  }
  const answer = (c: FollowedComponent, yes: boolean) => void run("Your answer", () => reading.answer(c.service, yes));
  useCommands([
    ...(role === "admin" ? [{ id: "follow-rules", label: "How components follow alerts", group: "Status page", keys: "r", run: () => set({ ask: "rules" }) }] : []),
    ...(may && first ? [{ id: "follow-yes", label: `Show ${first.name} as ${plain(first.draft ?? "").toLowerCase()}`, group: "Status page", keys: "y", run: () => answer(first, true) }, { id: "follow-no", label: `Leave ${first.name} as it is`, group: "Status page", keys: "n", run: () => answer(first, false) }] : []),
  ]);
  const open = f.components.find((c) => c.service === search.open);
  return (
    <>
      <div className={`row wrap ${css.rules}`}>
        <span className="grow muted">{modes[f.rules.mode]} {f.rules.mode !== "off" && `Worse after ${f.rules.after}, better after ${f.rules.restore}.`}</span>
        {role === "admin" && <Button size="xs" onClick={() => set({ ask: "rules" })} rightSection={<kbd className="desk">r</kbd>}>Rules</Button>}
      </div>
      <ul className={css.list}>
        {f.components.map((c) => (
          <li key={c.service}>
            <span className="grow">
              <b>{c.name}</b>
              {c.set_by ? <small>Set by {name(c.set_by)}{c.since && <>, <Time at={c.since} /></>}{c.reason ? `: ${c.reason}` : ""}. Alerts say {plain(c.alerts).toLowerCase()}.</small> : <small>Alerts say {plain(c.alerts).toLowerCase()}{c.since && <>, <Time at={c.since} prefix="since " /></>}.</small>}
            </span>
            <span className={css.chips}>{asks(c) && <Chip colour="accent">{plain(c.draft ?? "").toLowerCase()} waits for you</Chip>}<Chip colour={colour[c.status]}>{plain(c.status).toLowerCase()}</Chip></span>
            {may && (
              <span className={css.chips}>
                {asks(c) && <Button size="xs" variant="filled" onClick={() => answer(c, true)} aria-label={`Show ${c.name} as ${plain(c.draft ?? "").toLowerCase()}`} rightSection={c === first ? <kbd className="desk">y</kbd> : undefined}>Show it</Button>}
                {asks(c) && <Button size="xs" onClick={() => answer(c, false)} aria-label={`Leave ${c.name} as it is`} rightSection={c === first ? <kbd className="desk">n</kbd> : undefined}>Leave it</Button>}
                {c.set_by && <Button size="xs" onClick={() => void run("Releasing it", () => reading.release(c.service))} aria-label={`Release ${c.name}`}>Release</Button>}
                <Button size="xs" onClick={() => set({ ask: "set", open: c.service })} aria-label={`Set ${c.name} by hand`}>Set</Button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {search.ask === "rules" && role === "admin" && <Rules rules={f.rules} onClose={() => set({ ask: undefined })} />}
      {search.ask === "set" && may && open && <ByHand c={open} onClose={() => set({ ask: undefined, open: undefined })} />}
    </>
  );
}

function ByHand({ c, onClose }: { c: FollowedComponent; onClose: () => void }) {
  const client = useQueryClient();
  const [status, setStatus] = useState(c.status);
  const [reason, setReason] = useState(c.reason ?? "");
  return (
    <Dialog title={`Set ${c.name} by hand`} verb="Set it" onClose={onClose} onSubmit={async () => {
      await reading.set(c.service, status, reason.trim());
      await client.invalidateQueries({ queryKey: ["following"] });
    }}>
      <Select label="The page shows" data={states} value={status} onChange={(v) => setStatus(v ?? "operational")} allowDeselect={false} data-autofocus />
      <TextInput label="Why" description="For colleagues. It stands, whatever alerts and posts say, until it is released." maxLength={500} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
    </Dialog>
  );
}

const words = ["critical", "error", "warning", "info"];

function Rules({ rules, onClose }: { rules: FollowingRules; onClose: () => void }) {
  const client = useQueryClient();
  const [r, setRules] = useState(rules);
  const put = (change: Partial<FollowingRules>) => setRules({ ...r, ...change });
  const means = (word: string, v: string | null) => put({ states: Object.fromEntries(Object.entries({ ...r.states, [word]: v ?? "" }).filter(([, s]) => s !== "")) });
  return (
    <Dialog title="How components follow alerts" verb="Save" size={640} onClose={onClose} onSubmit={async () => {
      client.setQueryData(readers.following().queryKey, await reading.rules(r));
    }}>
      <Select label="Mode" data={[{ value: "auto", label: "By themselves" }, { value: "approve", label: "When a person approves it" }, { value: "off", label: "Not at all" }]} value={r.mode} onChange={(v) => put({ mode: (v ?? "off") as FollowingRules["mode"] })} allowDeselect={false} data-autofocus />
      <div className={css.two}>
        <TextInput label="Worse once alerts have said so for" placeholder="1m" value={r.after} onChange={(e) => put({ after: e.currentTarget.value })} />
        <TextInput label="Better once they have for" placeholder="5m" value={r.restore} onChange={(e) => put({ restore: e.currentTarget.value })} />
      </div>
      <fieldset className={css.means}>
        <legend>What an alert makes of its component</legend>
        <div className={css.two}>{words.map((w) => <Select key={w} label={plain(w)} placeholder="Nothing" clearable data={states} value={r.states[w] ?? null} onChange={(v) => means(w, v)} clearButtonProps={{ "aria-label": `Nothing for ${w}` }} />)}</div>
      </fieldset>
      <Checkbox label="Before the incident is declared, too" description="Otherwise nothing leaves the on-call circle until somebody has declared it." checked={r.early ?? false} onChange={(e) => put({ early: e.currentTarget.checked })} />
    </Dialog>
  );
}
