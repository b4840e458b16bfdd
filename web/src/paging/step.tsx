// One step of a policy being changed: when, whom, and in which cases only.
// Mistakes stand where the API found them.
import { Button, MultiSelect, Select, TextInput, type OptionsFilter } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { faultIn, withValue, type Faults } from "../admin/doc";
import { below, Movers, withOwn } from "../admin/inputs";
import { allZones, type Option } from "../admin/options";
import type { NewPolicyStep } from "../api/policies";
import { begins } from "../ui/filters";
import { target } from "../ui/words";
import { typedSpan } from "./rungs";
import { Stretch } from "./stretch";
import css from "./policy.module.css";

interface Props {
  n: number;
  of: number;
  step: NewPolicyStep;
  set: (s: NewPolicyStep) => void;
  move: (to: number) => void;
  remove: () => void;
  options: Option[];
  faults: Faults;
}

export function StepCard({ n, of, step: s, set, move, remove, options, faults }: Props) {
  const at = `steps[${n}]`;
  const title = `Step ${n + 1}`;
  const put = (path: string, value: unknown) => set(withValue(s, path, value));
  return (
    <section className={`card ${css.step}`} aria-label={title} data-step={n}>
      <header>
        <h2>{title}</h2>
        <div className={css.tools}><Movers what={title} n={n} of={of} move={move} remove={remove} /></div>
      </header>
      <div className={css.first}>
        <SpanInput label="After" name={`${title} pages after`} placeholder="10m" value={s.after} set={(after) => set({ ...s, after })} error={faults.get(`${at}.after`)} />
        <MultiSelect label="Pages" aria-label={`Pages in ${title}`} inputWrapperOrder={below} searchable filter={found} openOnFocus={false} hidePickedOptions limit={100} nothingFoundMessage="Nobody and nothing is called that"
          placeholder={s.to.length === 0 ? "A schedule, team, role or person" : undefined} data={grouped(withOwn(options, s.to))} value={s.to} onChange={(to) => set({ ...s, to })} error={faultIn(faults, `${at}.to`)} />
      </div>
      <div className={css.second}>
        <Select label="While" aria-label={`${title} pages while`} allowDeselect={false} data={states} value={s.while ?? "unacknowledged"} error={faults.get(`${at}.while`)} onChange={(v) => put("while", v === "unresolved" ? v : undefined)} />
        <Select label="Severity" aria-label={`Severity of ${title}`} allowDeselect={false} data={severities} value={s.only?.severity?.length === 1 ? (s.only.severity[0] ?? "") : ""} error={faultIn(faults, `${at}.only.severity`)} onChange={(v) => put("only.severity", v ? [v] : [])} />
        <Select label="Hours" aria-label={`Hours of ${title}`} allowDeselect={false} data={office} value={String(s.only?.business_hours ?? "")} onChange={(v) => put("only.business_hours", v ? v === "true" : undefined)} />
      </div>
      <Days s={s} put={put} set={set} at={`${at}.only`} title={title} faults={faults} />
    </section>
  );
}

const states = [{ value: "unacknowledged", label: "nobody has acknowledged" }, { value: "unresolved", label: "it is unresolved" }];
const severities = [{ value: "", label: "P1 and P2" }, { value: "P1", label: "P1 only" }, { value: "P2", label: "P2 only" }];
const office = [{ value: "", label: "at any time" }, { value: "true", label: "in business hours" }, { value: "false", label: "outside business hours" }];

function Days({ s, put, set, at, title, faults }: Pick<Props, "set" | "faults"> & { s: NewPolicyStep; put: (path: string, value: unknown) => void; at: string; title: string }) {
  const { days = [], hours } = s.only ?? {};
  if (days.length === 0 && !hours) {
    const begin = () => put("only.hours", { from: "18:00", to: "08:00", time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC" });
    return <div><Button size="xs" variant="subtle" leftSection={<IconPlus size={14} aria-hidden />} onClick={begin}>Days and hours</Button></div>;
  }
  return (
    <Stretch label={`the days and hours of ${title}`} days={days} from={hours?.from ?? ""} to={hours?.to ?? ""} remove={() => set(withValue(withValue(s, "only.hours", undefined), "only.days", []))}
      set={({ days: on, from, to }) => (on ? put("only.days", on) : from !== undefined ? put("only.hours.from", from) : put("only.hours.to", to))}
      faults={{ days: faultIn(faults, `${at}.days`), from: faults.get(`${at}.hours.from`), to: faults.get(`${at}.hours.to`) }}>
      <Select aria-label={`Time zone of ${title}`} searchable limit={60} allowDeselect={false} w={180} data={allZones()} value={hours?.time_zone ?? "UTC"} error={faults.get(`${at}.hours.time_zone`)} onChange={(v) => put("only.hours.time_zone", v)} />
    </Stretch>
  );
}

/** A length of time as the API writes one; "15" becomes 15m when it is left. */
export function SpanInput({ label, name, help, placeholder, value, set, error }: { label: string; name?: string; help?: string; placeholder: string; value: string; set: (v: string) => void; error?: string }) {
  return <TextInput label={label} aria-label={name} inputWrapperOrder={below} description={help} placeholder={placeholder} autoComplete="off" spellCheck={false} value={value} error={error} onChange={(e) => set(e.currentTarget.value)} onBlur={() => typedSpan(value) !== value && set(typedSpan(value))} />;
}

const groups: [string, string][] = [["schedule", "On call"], ["team", "Teams"], ["role", "Roles"], ["person", "People"], ["sme", "Experts"], ["", "By area, team and level"]];

const found: OptionsFilter = ({ options, search }) => options.flatMap((o) => {
  if (!("group" in o)) return [];
  const items = o.items.filter((i) => typeof i !== "string" && "label" in i && begins(String(i.label), search));
  return items.length > 0 ? [{ ...o, items }] : [];
}) as ReturnType<OptionsFilter>;

/** The choices under their kinds. Pure. */
function grouped(options: Option[]) {
  const kindOf = (o: Option) => groups.find(([kind]) => o.value.startsWith(`${kind}:`))?.[0] ?? "";
  return groups.map(([kind, group]) => ({ group, items: options.filter((o) => kindOf(o) === kind).map((o) => (o.label === o.value ? { ...o, label: target(o.value, (id) => id) } : o)) })).filter((g) => g.items.length > 0);
}
