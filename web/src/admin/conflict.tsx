// Somebody else saved first: what they changed, what was typed here, and the
// choice. Nothing is overwritten without it.
import { Button } from "@mantine/core";
import { capital, count, listing, plain } from "../ui/words";
import type { Clash } from "./document";
import css from "./form.module.css";

function said(v: unknown): string {
  if (v === undefined || v === null || v === "") return "nothing";
  if (typeof v === "boolean") return v ? "yes" : "no";
  if (typeof v === "string" || typeof v === "number") return String(v);
  if (Array.isArray(v) && v.every((x) => typeof x === "string")) return listing(v as string[]);
  return Array.isArray(v) ? `${count(v.length, "entry", "entries")}: ${JSON.stringify(v)}` : JSON.stringify(v);
}

export function Conflict({ clash, onSettle }: { clash: Clash; onSettle: (how: "mine" | "theirs") => void }) {
  const fields = [...clash.both, ...clash.theirs];
  return (
    <div role="alert" className={css.conflict}>
      <p>
        <b>Somebody else saved this while you were typing.</b> Nothing of yours is saved yet, and nothing of theirs is lost.
        {clash.both.length > 0 ? ` You both changed ${listing(clash.both.map((k) => plain(k).toLowerCase()))}.` : " You changed different things, so both can stand."}
      </p>
      {fields.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="What differs">
          <table>
            <thead><tr><th>Field</th><th>When you opened it</th><th>Saved now</th><th>Yours</th></tr></thead>
            <tbody>
              {fields.map((k) => (
                <tr key={k}><td><b>{capital(plain(k))}</b></td><td>{said(clash.base[k])}</td><td>{said(clash.other[k])}</td><td>{clash.both.includes(k) ? said(clash.mine[k]) : <span className="muted">as they have it</span>}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="acts">
        <Button onClick={() => onSettle("theirs")}>Take theirs, drop mine</Button>
        <Button variant="filled" onClick={() => onSettle("mine")} data-autofocus>Put mine on top of theirs</Button>
      </div>
    </div>
  );
}
