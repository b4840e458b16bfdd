// One field of a form, whatever it holds. It knows paths and words, no resource.
import { ActionIcon, MultiSelect, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useZone } from "../app/moment";
import { fromField, toField } from "../ui/instant";
import type { Option } from "./options";
import type { Field } from "./specs";
import css from "./form.module.css";

export interface Cell {
  field: Field;
  value: unknown;
  set: (value: unknown) => void;
  options: Option[];
  error?: string;
  disabled?: boolean;
  focus?: boolean;
  /** Of a row: its place, which makes the name unique for screen readers. */
  row?: string;
}

/** Help stands under the field, so that fields beside each other stand in line. */
export const below: ("label" | "input" | "description" | "error")[] = ["label", "input", "error", "description"];

const words = (v: unknown): string => (typeof v === "string" || typeof v === "number" ? String(v) : "");
const lists = (v: unknown): string[] => (Array.isArray(v) ? v.map(String) : []);

/** A value nobody offers any more is shown all the same. */
export function withOwn(options: Option[], values: string[]): Option[] {
  const missing = values.filter((v) => v !== "" && !options.some((o) => o.value === v));
  return missing.length === 0 ? options : [...options, ...missing.map((v) => ({ value: v, label: v }))];
}

export function Input({ field: f, value, set, options, error, disabled, focus, row }: Cell) {
  const zone = useZone();
  const common = {
    label: f.label, description: f.help, placeholder: f.placeholder, error, disabled,
    inputWrapperOrder: below, "data-autofocus": focus || undefined,
    ...(row ? { "aria-label": `${f.label} of ${row}` } : {}),
  };
  switch (f.as) {
    case "long":
      return <Textarea {...common} autosize minRows={2} maxRows={8} value={words(value)} onChange={(e) => set(e.currentTarget.value)} />;
    case "number":
      return <NumberInput {...common} min={f.min} max={f.max} step={f.step ?? 1} clampBehavior="none" hideControls={f.step !== undefined} value={typeof value === "number" ? value : words(value)} onChange={(v) => set(v === "" ? undefined : Number(v))} />;
    case "flag":
      return <Switch className={css.flag} label={f.label} description={f.help} error={error} disabled={disabled} color="dark" aria-label={row ? `${f.label}: ${row}` : undefined} checked={value === true} onChange={(e) => set(e.currentTarget.checked)} />;
    case "one":
      return <Select {...common} searchable={options.length > 8} clearable={!["tier", "channel", "type", "form", "feed", "group", "class"].includes(f.at)} clearButtonProps={{ "aria-label": `No ${f.label.toLowerCase()}` }} limit={100} nothingFoundMessage="Nobody and nothing is called that" data={withOwn(options, [words(value)])} value={words(value) || null} onChange={(v) => set(f.at === "level" ? (v === null ? undefined : Number(v)) : (v ?? undefined))} />;
    case "many":
      return <MultiSelect {...common} searchable clearable={false} hidePickedOptions limit={100} data={withOwn(options, lists(value))} value={lists(value)} onChange={set} placeholder={lists(value).length === 0 ? (f.placeholder ?? "None") : undefined} />;
    case "tags":
      return f.max === 1
        ? <TagsInput {...common} maxTags={1} data={options} value={value ? [words(value)] : []} onChange={(v) => set(v[0])} acceptValueOnBlur placeholder={value ? undefined : (f.placeholder ?? "None")} />
        : <TagsInput {...common} data={options} value={lists(value)} onChange={set} acceptValueOnBlur placeholder={lists(value).length === 0 ? (f.placeholder ?? "None") : undefined} />;
    case "instant":
      return <TextInput {...common} type="datetime-local" description={f.help ?? (zone === "UTC" ? "UTC" : "Your time")} value={toField(words(value), zone)} onChange={(e) => set(fromField(e.currentTarget.value, zone))} />;
    case "order":
      return <Order label={f.label} help={f.help} value={lists(value)} set={set} options={options} error={error} disabled={disabled} />;
    default:
      return <TextInput {...common} value={words(value)} onChange={(e) => set(e.currentTarget.value)} autoComplete="off" />;
  }
}

export interface Ordered {
  label: string;
  help?: string;
  value: string[];
  set: (value: string[]) => void;
  options: Option[];
  error?: string;
  disabled?: boolean;
  /** Whether somebody may stand in it twice. */
  again?: boolean;
  add?: string;
}

/** Moves one entry of a list; out of range stays where it is. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  if (to < 0 || to >= list.length) return list;
  const next = [...list];
  const [one] = next.splice(from, 1);
  next.splice(to, 0, one as T);
  return next;
}

interface Moving {
  what: string;
  n: number;
  of: number;
  move: (to: number) => void;
  remove: () => void;
  disabled?: boolean;
}

/** Up, down and away, for an entry of a list. */
export function Movers({ what, n, of, move, remove, disabled }: Moving) {
  return (
    <>
      <ActionIcon variant="subtle" size={28} disabled={disabled || n === 0} data-move="up" aria-label={`Move ${what} up`} onClick={() => move(n - 1)}><IconArrowUp size={16} aria-hidden /></ActionIcon>
      <ActionIcon variant="subtle" size={28} disabled={disabled || n === of - 1} data-move="down" aria-label={`Move ${what} down`} onClick={() => move(n + 1)}><IconArrowDown size={16} aria-hidden /></ActionIcon>
      <ActionIcon variant="subtle" size={28} disabled={disabled} aria-label={`Remove ${what}`} onClick={remove}><IconX size={16} aria-hidden /></ActionIcon>
    </>
  );
}

/** A list whose order means something: every entry can be moved without a pointer. */
export function Order({ label, help, value, set, options, error, disabled, again, add }: Ordered) {
  const name = (id: string) => options.find((o) => o.value === id)?.label ?? id;
  return (
    <fieldset className="plain" disabled={disabled}>
      <legend>{label}</legend>
      {help && <p className="muted small">{help}</p>}
      {value.length > 0 && (
        <ol className={css.order}>
          {value.map((id, k) => (
            <li key={`${id}${k}`}>
              <span className="faint">{k + 1}</span>
              <span className="grow cut">{name(id)}</span>
              <Movers what={name(id)} n={k} of={value.length} move={(to) => set(moved(value, k, to))} remove={() => set(value.filter((_, n) => n !== k))} />
            </li>
          ))}
        </ol>
      )}
      <Select aria-label={add ?? `Add to ${label.toLowerCase()}`} placeholder={add ?? "Add somebody"} searchable limit={100} data={again ? options : options.filter((o) => !value.includes(o.value))} value={null} onChange={(v) => v && set([...value, v])} error={error} nothingFoundMessage="Nobody is called that" mt={6} />
    </fieldset>
  );
}
