// Possible causes: named, confirmed or ruled out, each with what speaks for it.
import { Button } from "@mantine/core";
import { IconCheck, IconHelp, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { iq, type Hypothesis, type InquiryFile } from "../api/inquiry";
import type { Incident } from "../api/types";
import { Card, Chip, Time, type ChipColour } from "../ui/pieces";
import { useDialog } from "../command/act";
import { tree } from "./logic";
import { ProofLines } from "./proof";
import css from "./inquiry.module.css";

const states: Record<Hypothesis["state"], [string, ChipColour | undefined, typeof IconCheck]> = {
  open: ["possible", "amber", IconHelp], confirmed: ["the cause", "green", IconCheck], ruled_out: ["ruled out", undefined, IconX],
};

export function Causes({ f, may, i }: { f: InquiryFile; may: boolean; i: Incident }) {
  const dialog = useDialog();
  const files = useQuery(iq.evidence(i.number)).data ?? [];
  return (
    <Card id="causes" title="Possible causes" aside={may && <button type="button" className="link noprint" onClick={() => dialog("cause")}>Add</button>}>
      {f.hypotheses.length === 0 ? <p className="muted">Name what could be behind it, then confirm it or rule it out with what you saw. What changed just before is a good start.</p> : (
        <ol className={css.rows}>
          {tree(f.hypotheses).map(({ h, depth }) => {
            const [word, colour, Icon] = states[h.state];
            return (
              <li key={h.id} data-row tabIndex={-1} data-cause={h.id} data-out={h.state === "ruled_out" || undefined} data-depth={Math.min(depth, 4) || undefined}>
                <div className={css.line}>
                  <span className="grow"><b>{h.text}</b></span>
                  <Chip colour={colour} icon={<Icon size={12} aria-hidden stroke={2.2} />}>{word}</Chip>
                </div>
                <ProofLines p={h.evidence} files={files} />
                <div className={css.foot}>
                  <span className="faint small grow">{h.judged_by ? <>{h.judged_by.name}, <Time at={h.judged_at} how="ago" /></> : <>{h.by.name}, <Time at={h.at} how="ago" /></>}</span>
                  {may && (
                    <span className={`row wrap noprint ${css.small}`}>
                      {h.state === "open" ? (
                        <>
                          <Button size="xs" onClick={() => dialog("confirm", { entry: h.id })}>Confirm</Button>
                          <Button size="xs" onClick={() => dialog("rule-out", { entry: h.id })}>Rule out</Button>
                          <Button size="xs" variant="subtle" onClick={() => dialog("cause", { entry: h.id })}>Why?</Button>
                        </>
                      ) : <Button size="xs" variant="subtle" onClick={() => dialog("open-again", { entry: h.id })}>Open again</Button>}
                    </span>
                  )}
                </div>
              </li>
            );
          })}
        </ol>
      )}
    </Card>
  );
}
