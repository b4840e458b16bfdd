// Draws the fields of a document in sections, with what the API said at each.
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { faultIn, valueAt, withValue, type Doc, type Faults } from "./doc";
import { Input, moved, Movers } from "./inputs";
import { useOptions, type Option } from "./options";
import type { Field, Section, Source } from "./specs";
import css from "./form.module.css";

export interface FormProps {
  sections: Section[];
  doc: Doc;
  onChange: (doc: Doc) => void;
  faults: Faults;
  /** Only what is one's own may be changed. */
  ownOnly?: boolean;
}

export function Form({ sections, doc, onChange, faults, ownOnly }: FormProps) {
  const options = useOptions();
  return (
    <div className={css.form}>
      {sections.filter((s) => s.when?.(doc) ?? true).map((s, n) => (
        <section key={s.title + (s.fields[0]?.at ?? "")} aria-label={s.title}>
          <h3>{s.title}</h3>
          {s.help && <p className="muted small">{s.help}</p>}
          <div className={css.grid}>
            {s.fields.map((f, k) => (
              <div key={f.at} className={f.wide ? css.wide : undefined}>
                {f.as === "rows"
                  ? <Rows field={f} list={(valueAt(doc, f.at) as Doc[] | undefined) ?? []} set={(v) => onChange(withValue(doc, f.at, v))} faults={faults} options={options} disabled={ownOnly === true && !f.own} ownOnly={ownOnly} />
                  : <Input field={f} value={valueAt(doc, f.at)} set={(v) => onChange(withValue(doc, f.at, v))} options={options(f.from)} error={faultIn(faults, f.at)} disabled={ownOnly === true && !f.own} focus={n === 0 && k === 0} />}
              </div>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

interface RowsProps {
  field: Field;
  list: Doc[];
  set: (list: Doc[]) => void;
  faults: Faults;
  options: (from: Source | undefined) => Option[];
  disabled: boolean;
  ownOnly?: boolean;
}

/** Four fields stand in a line where the last is a switch, else in pairs. */
const shape = (f: Field) => (f.fields?.length === 4 && !f.fields.some((x) => x.as === "flag") ? "pairs" : f.fields?.length);

/** A list of small documents: added, changed, moved and removed in place. */
function Rows({ field, list, set, faults, options, disabled, ownOnly }: RowsProps) {
  const one = field.one ?? "entry";
  const place = (k: number) => `${one} ${k + 1}`;
  return (
    <>
      {list.length > 0 && (
        <ol className={css.rows}>
          {list.map((entry, k) => (
            <li key={k} className={css.entry} data-fields={shape(field)}>
              <div className={css.cells}>
                {field.fields?.map((f) => (
                  <Input key={f.at} field={f} row={place(k)} value={entry[f.at]} options={options(f.from)} error={faultIn(faults, `${field.at}[${k}].${f.at}`)} disabled={disabled || (ownOnly && f.at === "verified")}
                    set={(v) => set(list.map((old, n) => (n === k ? withValue(old, f.at, v) : old)))} />
                ))}
              </div>
              <div className={css.entryacts}>
                <Movers what={place(k)} n={k} of={list.length} disabled={disabled} move={(to) => set(moved(list, k, to))} remove={() => set(list.filter((_, n) => n !== k))} />
              </div>
              {faults.get(`${field.at}[${k}]`) && <p className={css.fault}>{faults.get(`${field.at}[${k}]`)}</p>}
            </li>
          ))}
        </ol>
      )}
      <Button size="xs" disabled={disabled} leftSection={<IconPlus size={14} aria-hidden />} onClick={() => set([...list, { ...field.fresh } as Doc])}>Add {one === "absence" ? "an" : "a"} {one}</Button>
    </>
  );
}
