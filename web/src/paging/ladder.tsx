// Who is paged when, drawn as a ladder: along the page in a list, down it where
// one policy is looked at. A step that would reach nobody says why, and where
// that is mended.
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMe } from "../app/me";
import { useNow, useZone } from "../app/moment";
import { useHolders, useNames } from "../ui/people";
import { goSpan } from "../ui/time";
import { target } from "../ui/words";
import { mend, says, time, type Cause } from "./causes";
import { condition, type Flaws, type Rung } from "./rungs";
import css from "./ladder.module.css";

interface Props {
  steps: Rung[];
  flaws: Flaws;
  label: string;
  along?: boolean;
}

export function Ladder({ steps, flaws, label, along }: Props) {
  const name = useNames();
  const holder = useHolders();
  return (
    <>
      <ol className={`${css.ladder} ${along ? css.along : ""}`} aria-label={label}>
        {steps.map((s, k) => {
          const more = condition(s);
          return (
            <li key={k} className={flaws.has(k) ? css.bad : undefined}>
              <span className={css.at}>{goSpan(s.after) || "when?"}</span>
              {s.to.length === 0 && <span className="muted">nobody yet</span>}
              {s.to.map((t) => {
                const who = holder(t);
                return <span key={t} className={css.to}>{target(t, (p) => name(p))}{who && <small> {who}</small>}</span>;
              })}
              {more && <small>{more}</small>}
              {!along && flaws.get(k)?.map((c) => <Flaw key={c.key} c={c} />)}
            </li>
          );
        })}
      </ol>
      {along && steps.flatMap((s, k) => (flaws.get(k) ?? []).map((c) => <Flaw key={`${k}${c.key}`} c={c} at={s.after} />))}
    </>
  );
}

function Flaw({ c, at }: { c: Cause; at?: string }) {
  const now = useNow();
  const zone = useZone();
  const me = useMe();
  const { label, ...where } = mend(c, me?.person_id, me?.role === "admin");
  return (
    <p className={css.flaw}>
      <IconAlertTriangle size={14} aria-hidden />
      <span>{at !== undefined && <b>{goSpan(at)}: </b>}{says(c)}, {time(c, now, zone)}. <Link {...(where as { to: "/" })} className="link">{label}</Link></span>
    </p>
  );
}
