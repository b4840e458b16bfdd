// Days of the week and hours of the day, as a schedule's windows and a policy's
// steps have them.
import { ActionIcon, Chip, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { days } from "./rota";
import css from "./stretch.module.css";

export interface Times {
  days: string[];
  from: string;
  to: string;
}

interface Props extends Times {
  /** Names it for screen readers, such as "window 1". */
  label: string;
  set: (change: Partial<Times>) => void;
  remove: () => void;
  faults: { [k in keyof Times]?: string };
  children?: ReactNode;
}

export function Stretch({ label, days: on, from, to, set, remove, faults, children }: Props) {
  return (
    <div className={css.stretch}>
      <Chip.Group multiple value={on} onChange={(d) => set({ days: days.filter((x) => d.includes(x)) })}>
        <div className={css.days} role="group" aria-label={`Days of ${label}`}>
          {days.map((d) => <Chip key={d} value={d} size="xs" radius="md" color="dark" variant="outline">{d.charAt(0).toUpperCase() + d.slice(1)}</Chip>)}
        </div>
      </Chip.Group>
      <div className={css.hours}>
        <TextInput type="time" aria-label={`Start of ${label}`} value={from} error={faults.from} onChange={(e) => set({ from: e.currentTarget.value })} />
        <span className="muted">to</span>
        <TextInput type="time" aria-label={`End of ${label}`} value={to} error={faults.to} onChange={(e) => set({ to: e.currentTarget.value })} />
        {children}
        <ActionIcon variant="subtle" size={28} aria-label={`Remove ${label}`} onClick={remove}><IconX size={16} aria-hidden /></ActionIcon>
      </div>
      {faults.days && <p className={css.fault}>{faults.days}</p>}
    </div>
  );
}
