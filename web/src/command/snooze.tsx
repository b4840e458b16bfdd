// Snoozing: the pages that wait for an acknowledgement are held back for a
// while. What is snoozed says until when, and how to end it now.
import { Button, Radio, Textarea, TextInput } from "@mantine/core";
import { IconZzz } from "@tabler/icons-react";
import { useState } from "react";
import { act } from "../api/endpoints";
import type { Incident, IncidentSummary } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { fromField, toField } from "../ui/instant";
import { useNames } from "../ui/people";
import { Time } from "../ui/pieces";
import { ms, span, when } from "../ui/time";
import { can, useAct, useDialog } from "./act";
import css from "./incident.module.css";
import { choices, longest, shortest, spanOf, wrongEnd } from "./until";

interface Props {
  i: Incident;
  onClose: () => void;
}

/** Whether pages are held back now. */
export const snoozed = (i: IncidentSummary, now: number): boolean => (ms(i.snoozed_until) ?? 0) > now;

export function Snooze({ i, onClose }: Props) {
  const now = useNow();
  const zone = useZone();
  const doit = useAct(i.number);
  const [pick, setPick] = useState("1h");
  const [own, setOwn] = useState(() => toField(new Date(now + 2 * 3_600_000).toISOString(), zone));
  const [reason, setReason, clear] = useDraft(`snooze-${i.number}`);
  const all = choices(now, zone);
  const end = fromField(own, zone);
  const wrong = wrongEnd(end, now);
  const length = pick === "own" ? (end && !wrong ? Date.parse(end) - now : undefined) : all.find((c) => c.value === pick)?.length;
  return (
    <Dialog
      title={`Snooze ${i.ref}`}
      verb={length === undefined ? "Snooze" : `Snooze until ${when(now + length, now, zone)}`}
      onClose={onClose}
      ready={length !== undefined}
      onSubmit={async () => {
        await doit(() => act.snooze(i.number, spanOf(length ?? 0), reason.trim()));
        clear();
      }}
    >
      <p className="muted">Pages that wait for an acknowledgement are held back. Then nobody has it, and the chain pages anew. Clocks go on, and so do pages that the procedure demands until it is resolved.</p>
      <Radio.Group label="For how long?" value={pick} onChange={setPick}>
        {all.map((c, k) => <Radio key={c.value} mt={8} value={c.value} label={c.label} data-autofocus={k === 1 || undefined} />)}
        <Radio mt={8} value="own" label="Until another time" />
      </Radio.Group>
      {pick === "own" && (
        <TextInput type="datetime-local" label="Until" description={zone === "UTC" ? "UTC, at most 24 hours from now" : "Your time, at most 24 hours from now"} value={own} onChange={(e) => setOwn(e.currentTarget.value)} error={wrong}
          min={toField(new Date(now + shortest).toISOString(), zone)} max={toField(new Date(now + longest).toISOString(), zone)} />
      )}
      <Textarea label="Why?" placeholder="The vendor calls back at four; nothing can be done before" autosize minRows={2} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
    </Dialog>
  );
}

export function Wake({ i, onClose }: Props) {
  const doit = useAct(i.number);
  return (
    <Dialog title={`Wake ${i.ref} now?`} verb="Wake now" onClose={onClose} onSubmit={() => doit(() => act.wake(i.number))}>
      <p className="muted">The snooze ends at once: nobody has it, and the chain pages anew from its first step. Acknowledge it instead to take it yourself without paging anybody.</p>
    </Dialog>
  );
}

/** The line under the head of an incident whose pages are held back. */
export function Snoozed({ i }: { i: Incident }) {
  const now = useNow();
  const name = useNames();
  const dialog = useDialog();
  const until = ms(i.snoozed_until);
  if (until === undefined || until <= now) return null;
  return (
    <div className={css.snoozed} role="status">
      <IconZzz size={18} aria-hidden />
      <span className="grow"><b>Snoozed until <Time at={i.snoozed_until} /></b>{i.snoozed_by ? ` by ${name(i.snoozed_by)}` : ""}, {span(until - now)} more. Then nobody has it, and the chain pages anew.</span>
      {can(i, "wake") && <Button size="xs" onClick={() => dialog("wake")} rightSection={<kbd className="desk">y</kbd>}>Wake now</Button>}
    </div>
  );
}

/** The same in a row of a list. */
export function SnoozedWord({ i }: { i: IncidentSummary }) {
  const now = useNow();
  return snoozed(i, now) ? <span className="chip amber"><IconZzz size={13} aria-hidden /><Time at={i.snoozed_until} prefix="snoozed until " /></span> : null;
}
