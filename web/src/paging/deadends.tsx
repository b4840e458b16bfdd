// The banner of dead ends: where a page would reach nobody, and where that is
// mended. It can be put aside for this session only, and what is new shows again.
import { ActionIcon, Button } from "@mantine/core";
import { IconAlertTriangle, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { q } from "../api/queries";
import { useMe } from "../app/me";
import { useNow, useZone } from "../app/moment";
import { useKept } from "../ui/draft";
import { capital, count } from "../ui/words";
import { causes, mend, says, spoils, time, type Cause } from "./causes";
import css from "./deadends.module.css";

/** What every screen counts alike. */
function useCauses(): Cause[] {
  return causes(useQuery(q.now()).data?.warnings ?? []);
}

const head = (n: number) => `${count(n, "dead end")} in the next 14 days`;

export function DeadEnds({ limit = 3 }: { limit?: number }) {
  const all = useCauses();
  const me = useMe()?.id ?? "";
  const [aside, setAside] = useKept<string[]>(`dead-ends-${me}`);
  const [whole, setWhole] = useState(false);
  const list = all.filter((c) => !aside?.includes(c.key));
  if (list.length === 0) return null;
  const shown = whole ? list : list.slice(0, limit);
  return (
    <section className={css.banner} aria-labelledby="dead-ends">
      <header>
        <IconAlertTriangle size={18} aria-hidden />
        <h2 id="dead-ends">{head(list.length)}</h2>
        <span className="muted grow desk">Places where a page would reach nobody</span>
        <ActionIcon variant="subtle" size={28} aria-label="Put aside for this session" title="Put aside for this session" onClick={() => setAside(all.map((c) => c.key))}><IconX size={16} aria-hidden /></ActionIcon>
      </header>
      <Causes list={shown} />
      {list.length > limit && <button type="button" className="link" aria-expanded={whole} onClick={() => setWhole(!whole)}>{whole ? "Show fewer" : `Show ${list.length - limit} more`}</button>}
    </section>
  );
}

/** The same number where schedules are looked at, with the list behind it. */
export function DeadEndCount() {
  const list = useCauses();
  const [open, setOpen] = useState(false);
  if (list.length === 0) return null;
  return (
    <section className={css.banner} aria-labelledby="dead-ends">
      <header>
        <IconAlertTriangle size={18} aria-hidden />
        <h2 id="dead-ends" className="grow">{head(list.length)}</h2>
        <Button size="xs" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Hide them" : "See which"}</Button>
      </header>
      {open && <Causes list={list} />}
    </section>
  );
}

function Causes({ list }: { list: Cause[] }) {
  const now = useNow();
  const zone = useZone();
  const me = useMe();
  return (
    <ul>
      {list.map((c) => {
        const { label, ...where } = mend(c, me?.person_id, me?.role === "admin");
        const broken = spoils(c);
        return (
          <li key={c.key}>
            <span>
              <b>{capital(says(c))}</b>, {time(c, now, zone)}.
              {broken && <small>Spoils {broken}.</small>}
            </span>
            <Link {...(where as { to: "/" })} className={css.mend}>{label}</Link>
          </li>
        );
      })}
    </ul>
  );
}
