// One layer of a schedule being changed: who takes turns, from when, how long,
// and at which times only. Mistakes stand where the API found them.
import { ActionIcon, Button, Chip, NumberInput, Select, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import { faultIn, same, type Faults } from "../admin/doc";
import { below, Order } from "../admin/inputs";
import type { Option } from "../admin/options";
import type { Layer, Restriction } from "../api/types";
import { useNames } from "../ui/people";
import { days, layerText, presets } from "./rota";
import css from "./schedule.module.css";

interface Props {
  n: number;
  of: number;
  layer: Layer;
  set: (l: Layer) => void;
  move: (by: -1 | 1) => void;
  remove: () => void;
  people: Option[];
  faults: Faults;
  zone: string;
}

export function LayerCard({ n, of, layer: l, set, move, remove, people, faults, zone }: Props) {
  const at = `layers[${n}]`;
  const name = useNames();
  const title = `Layer ${n + 1}`;
  return (
    <section className={`card ${css.layer}`} aria-label={title}>
      <header>
        <h2>{title}{of > 1 && <span className="faint"> {n === 0 ? "the base" : "wins over those above it"}</span>}</h2>
        <div className={css.tools}>
          <ActionIcon variant="subtle" size={28} disabled={n === 0} aria-label={`Move ${title} up`} onClick={() => move(-1)}><IconArrowUp size={16} aria-hidden /></ActionIcon>
          <ActionIcon variant="subtle" size={28} disabled={n === of - 1} aria-label={`Move ${title} down`} onClick={() => move(1)}><IconArrowDown size={16} aria-hidden /></ActionIcon>
          <ActionIcon variant="subtle" size={28} aria-label={`Remove ${title}`} onClick={remove}><IconX size={16} aria-hidden /></ActionIcon>
        </div>
      </header>
      <p className={css.says}>{layerText(l, (id) => name(id))}</p>
      <Order label="In order" add={`Add somebody to ${title.toLowerCase()}`} value={l.members} set={(members) => set({ ...l, members })} options={people} again error={faultIn(faults, `${at}.members`)} />
      <div className={css.turn}>
        <TextInput type="datetime-local" label="First handoff" inputWrapperOrder={below} description={zone} aria-label={`First handoff of ${title}`} value={l.start.slice(0, 16)} error={faults.get(`${at}.start`)} onChange={(e) => set({ ...l, start: e.currentTarget.value })} />
        <NumberInput label="A turn lasts" inputWrapperOrder={below} description="how many" aria-label={`A turn of ${title} lasts`} min={1} max={10_000} clampBehavior="none" value={l.every} error={faults.get(`${at}.every`)} onChange={(v) => set({ ...l, every: Number(v) || 0 })} />
        <Select label="Unit" inputWrapperOrder={below} description="of the wall clock" aria-label={`Unit of ${title}`} allowDeselect={false} data={[{ value: "hour", label: "hours" }, { value: "day", label: "days" }, { value: "week", label: "weeks" }, { value: "month", label: "months" }]} value={l.unit} error={faults.get(`${at}.unit`)} onChange={(v) => set({ ...l, unit: v ?? "week" })} />
      </div>
      <Windows l={l} set={set} at={at} faults={faults} title={title} />
    </section>
  );
}

function Windows({ l, set, at, faults, title }: { l: Layer; set: (l: Layer) => void; at: string; faults: Faults; title: string }) {
  const only = l.only ?? [];
  const put = (next: Restriction[]) => {
    const { only: _, ...rest } = l;
    set(next.length > 0 ? { ...rest, only: next } : rest);
  };
  const chosen = presets.find((p) => same(p.only ?? [], only))?.label;
  return (
    <fieldset className="plain">
      <legend>On call at these times</legend>
      <div className={css.presets} role="group" aria-label={`When ${title} covers`}>
        {presets.map((p) => <Button key={p.label} size="xs" variant={chosen === p.label ? "filled" : "default"} aria-pressed={chosen === p.label} onClick={() => put(p.only ?? [])}>{p.label}</Button>)}
        {chosen === undefined && <span className="muted small">times of its own</span>}
      </div>
      {only.length > 0 && (
        <ol className={css.windows}>
          {only.map((r, k) => (
            <li key={k}>
              <Chip.Group multiple value={r.days} onChange={(d) => put(only.map((o, m) => (m === k ? { ...o, days: days.filter((x) => d.includes(x)) } : o)))}>
                <div className={css.days} role="group" aria-label={`Days of window ${k + 1}`}>
                  {days.map((d) => <Chip key={d} value={d} size="xs" radius="md" color="dark" variant="outline">{d.charAt(0).toUpperCase() + d.slice(1)}</Chip>)}
                </div>
              </Chip.Group>
              <div className={css.hours}>
                <TextInput type="time" aria-label={`Window ${k + 1} from`} value={r.from} error={faults.get(`${at}.only[${k}].from`)} onChange={(e) => put(only.map((o, m) => (m === k ? { ...o, from: e.currentTarget.value } : o)))} />
                <span className="muted">to</span>
                <TextInput type="time" aria-label={`Window ${k + 1} to`} value={r.to} error={faults.get(`${at}.only[${k}].to`)} onChange={(e) => put(only.map((o, m) => (m === k ? { ...o, to: e.currentTarget.value } : o)))} />
                <ActionIcon variant="subtle" size={28} aria-label={`Remove window ${k + 1}`} onClick={() => put(only.filter((_, m) => m !== k))}><IconX size={16} aria-hidden /></ActionIcon>
              </div>
              {faultIn(faults, `${at}.only[${k}].days`) && <p className={css.fault}>{faultIn(faults, `${at}.only[${k}].days`)}</p>}
            </li>
          ))}
        </ol>
      )}
      {only.length > 0 && <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => put([...only, { days: ["sat", "sun"], from: "09:00", to: "17:00" }])}>Add a window</Button>}
    </fieldset>
  );
}
