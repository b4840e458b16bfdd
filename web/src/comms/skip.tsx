// Leaving the notices in the product out of an incident's messages: who said so and
// why, and the way back.
import { Button, Textarea } from "@mantine/core";
import { IconEyeOff } from "@tabler/icons-react";
import { telling } from "../api/desk";
import type { Incident } from "../api/types";
import { useCommands } from "../app/commands";
import { useAct, useDialog, useDo } from "../command/act";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { useNames } from "../ui/people";
import { Time } from "../ui/pieces";
import css from "./messages.module.css";

/** The button beside those that write; what is skipped stands in a line of its own. */
export function useSkip(i: Incident, may: boolean): { button: React.ReactNode; line: React.ReactNode } {
  const dialog = useDialog();
  const undo = useDo(i.number);
  const name = useNames();
  const s = i.in_app_skip;
  const resume = () => void undo("Showing messages in the product again", () => telling.resume(i.number));
  useCommands(may ? [s
    ? { id: "in-app-resume", label: "Show messages in the product again", keys: ". s", group: i.ref, words: "in-app banner notice skip take back", run: resume }
    : { id: "in-app-skip", label: "Skip the notice in the product", keys: ". s", group: i.ref, words: "in-app banner leave out not appropriate", run: () => dialog("skip") }] : []);
  return {
    button: may && !s ? <Button onClick={() => dialog("skip")} rightSection={<kbd className="desk">. s</kbd>}>Not in the product</Button> : null,
    line: s ? (
      <div className={`card ${css.skipped}`} role="note">
        <IconEyeOff size={18} aria-hidden />
        <p className="grow"><b>Users are not told in the product.</b> {s.reason} <span className="muted">{name(s.by)}, <Time at={s.at} /></span></p>
        {may && <Button size="xs" onClick={resume} rightSection={<kbd className="desk">. s</kbd>}>Show them again</Button>}
      </div>
    ) : null,
  };
}

export function SkipDialog({ i, onClose }: { i: Incident; onClose: () => void }) {
  const doit = useAct(i.number);
  const [reason, setReason, clear] = useDraft(`skip-${i.number}`);
  return (
    <Dialog title="Skip the notice in the product?" verb="Skip it" onClose={onClose} ready={reason.trim() !== ""} onSubmit={async () => {
      await doit(() => telling.skip(i.number, reason.trim()));
      clear();
    }}>
      <Textarea label="Why are users better not told there?" placeholder="Only nightly exports fail: nobody who works in the product meets it" autosize minRows={2} maxLength={2000} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
      <p className="fact">From now on every message of {i.ref} leaves the product out, also those that wait and those that rules send. <b>Mail and the other channels go as before.</b> What users see already stays, and turns when the incident is over. It can be taken back, and your reason goes on the record.</p>
    </Dialog>
  );
}
