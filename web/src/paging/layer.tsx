// One layer of a schedule being changed: who takes turns, from when, how long,
// and at which times only. Mistakes stand where the API found them.
import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { faultIn, same, type Faults } from "../admin/doc";
import { below, Movers, Order } from "../admin/inputs";
import type { Option } from "../admin/options";
import type { Layer, Restriction } from "../api/types";
import { useNames } from "../ui/people";
import { layerText, presets } from "./rota";
import { Stretch } from "./stretch";
import css from "./schedule.module.css";

interface Props {
  n: number;
  of: number;
  layer: Layer;
  set: (l: Layer) => void;
  move: (to: number) => void;
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
          <Movers what={title} n={n} of={of} move={move} remove={remove} />
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
              <Stretch label={`window ${k + 1}`} {...r} set={(c) => put(only.map((o, m) => (m === k ? { ...o, ...c } : o)))} remove={() => put(only.filter((_, m) => m !== k))}
                faults={{ days: faultIn(faults, `${at}.only[${k}].days`), from: faults.get(`${at}.only[${k}].from`), to: faults.get(`${at}.only[${k}].to`) }} />
            </li>
          ))}
        </ol>
      )}
      {only.length > 0 && <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => put([...only, { days: ["sat", "sun"], from: "09:00", to: "17:00" }])}>Add a window</Button>}
    </fieldset>
  );
}
