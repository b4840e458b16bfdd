// A message as it will leave: on each channel its final words, who gets it, and who
// does not and why.
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import type { Proof, ProofWay } from "../api/desk";
import { Chip } from "../ui/pieces";
import { capital, channelWord, count } from "../ui/words";
import css from "./desk.module.css";

export function ProofView({ proof }: { proof: Proof }) {
  const [open, setOpen] = useState(proof.ways[0]?.channel ?? "");
  const way = proof.ways.find((w) => w.channel === open) ?? proof.ways[0];
  return (
    <section className={css.proof} aria-label="As it will leave">
      {proof.warnings.map((w) => <p key={w} className={css.warn}><IconAlertTriangle size={16} aria-hidden />{capital(w)}</p>)}
      {proof.unripe && <p className={css.warn}><IconAlertTriangle size={16} aria-hidden />{capital(proof.unripe)}</p>}
      <div className={css.ways} role="group" aria-label="Channel">
        {proof.ways.map((w) => (
          <button key={w.channel} type="button" aria-pressed={w === way} onClick={() => setOpen(w.channel)}>
            {capital(channelWord(w.channel))}<span className="faint"> {reachOf(w)}</span>
          </button>
        ))}
      </div>
      {way && <Way w={way} />}
    </section>
  );
}

function reachOf(w: ProofWay): string {
  if (w.nowhere) return "nowhere";
  if (w.by_hand) return "by hand";
  if (w.limit) return `${w.weight} of ${w.limit}`;
  return w.count || w.missed ? w.count.toLocaleString("en-GB") : "";
}

function Way({ w }: { w: ProofWay }) {
  return (
    <>
      <div className={css.paper}>
        {w.subject && w.limit === undefined && <h3>{w.subject}</h3>}
        <p className="prose">{w.text}</p>
      </div>
      {w.nowhere && <p className="fact">It goes nowhere here: {w.nowhere}.</p>}
      {w.by_hand && <p className="fact">No integration serves {channelWord(w.channel)}. Once it is published, somebody posts it and writes down where it stands.</p>}
      {(w.count > 0 || w.missed > 0) && (
        <details className={css.readers}>
          <summary>{count(w.count, "reader")}{w.missed > 0 ? `, ${w.missed.toLocaleString("en-GB")} left out` : ""}</summary>
          <ul>
            {w.readers.slice(0, 100).map((r, k) => <li key={`${r.id}-${k}`}><b>{r.name || r.contact}</b> <span className="muted">{r.name ? r.contact : ""}</span> <span className="mono faint">{r.address}</span></li>)}
            {w.count > 100 && <li className="muted">and {(w.count - 100).toLocaleString("en-GB")} more</li>}
            {w.skipped.slice(0, 50).map((r, k) => <li key={`s${r.id}-${k}`}><Chip colour="amber">left out</Chip> <b>{r.name || r.contact}</b> <span className="muted">{r.name && r.contact ? `${r.contact}: ` : ""}{r.why}</span></li>)}
            {w.missed > 50 && <li className="muted">and {(w.missed - 50).toLocaleString("en-GB")} more left out</li>}
          </ul>
        </details>
      )}
    </>
  );
}
