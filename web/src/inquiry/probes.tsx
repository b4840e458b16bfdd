// Measurements of the way to the service: name, connection, certificate, answer,
// each with what it took and where it broke.
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { Loader } from "@mantine/core";
import { useState } from "react";
import type { InquiryFile, Probe } from "../api/inquiry";
import { useDialog } from "../command/act";
import { Card, Chip, Time } from "../ui/pieces";
import { count } from "../ui/words";
import { millis, stepName, ways } from "./logic";
import css from "./inquiry.module.css";

export function Probes({ f, may }: { f: InquiryFile; may: boolean }) {
  const dialog = useDialog();
  const [all, setAll] = useState(false);
  const newest = [...f.probes].reverse();
  return (
    <Card id="probes" title="Measurements" aside={may && <button type="button" className="link noprint" onClick={() => dialog("measure")}>Measure</button>}>
      {newest.length === 0 ? <p className="muted">Nothing has been measured. A measurement asks for the name, the connection, the certificate and the answer of the service's own targets, and puts what each took on the record.</p> : (
        <ol className={css.rows}>{(all ? newest : newest.slice(0, 2)).map((p) => <One key={p.id} p={p} />)}</ol>
      )}
      {newest.length > 2 && <button type="button" className="link small" onClick={() => setAll(!all)}>{all ? "The newest alone" : `All ${newest.length} measurements`}</button>}
    </Card>
  );
}

function One({ p }: { p: Probe }) {
  return (
    <li>
      <div className={css.line}>
        <span className="grow faint small">{p.by.name}, <Time at={p.at} how="ago" />, {count(p.times, "try", "tries")} of each step</span>
        {p.state === "waiting" ? <Chip icon={<Loader size={10} color="gray" aria-hidden />}>being measured</Chip> : p.state === "ok" ? <Chip colour="green" icon={<IconCheck size={12} aria-hidden />}>all came through</Chip> : <Chip colour="red" icon={<IconAlertTriangle size={12} aria-hidden />}>something fails</Chip>}
      </div>
      {ways(p).map((w) => (
        <div key={w.address} className={css.way}>
          <p><span className="mono">{w.address}</span>{w.median !== undefined && !w.failed ? <b> {millis(w.median)}</b> : null}</p>
          {w.steps.length > 0 && (
            <div className="scroll-x" tabIndex={0} role="region" aria-label={`Steps to ${w.address}`}>
              <table className={`list ${css.times}`}>
                <thead><tr><th scope="col">Step</th><th scope="col" className="num">Usual</th><th scope="col" className="num">95 %</th><th scope="col" className="num">Longest</th><th scope="col" className="num">Failed</th></tr></thead>
                <tbody>
                  {w.steps.map((s) => (
                    <tr key={s.step} data-failed={s.failed > 0 || undefined}>
                      <td>{stepName[s.step]}{s.certificate_until && <small className="faint">valid until <Time at={s.certificate_until} /></small>}{s.why && <small className="tone-over">{s.why}</small>}</td>
                      {s.failed < s.times ? <><td className="num">{millis(s.median_ms)}</td><td className="num">{millis(s.p95_ms)}</td><td className="num">{millis(s.max_ms)}</td></> : <><td className="num">–</td><td className="num">–</td><td className="num">–</td></>}
                      <td className="num">{s.failed > 0 ? `${s.failed} of ${s.times}` : "none"}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </div>
      ))}
    </li>
  );
}
