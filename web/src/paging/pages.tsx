// Pages of an incident: who was asked, why, and the trail of every attempt up
// to the phone that rang.
import { IconArrowRight } from "@tabler/icons-react";
import { Fragment } from "react";
import type { Delivery, PageCall } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { useNames } from "../ui/people";
import { Avatar, Chip, Empty, Time, type ChipColour } from "../ui/pieces";
import { exact, ms, span } from "../ui/time";
import { channelWord } from "../ui/words";
import css from "./pages.module.css";

export const deliveryColour = (state: string): ChipColour | undefined =>
  state === "sent" || state === "delivered" || state === "accepted" ? "green" : state === "failed" ? "red" : state === "cancelled" ? undefined : "amber";

export const deliveryWord = (state: string): string =>
  ({ queued: "waiting", attempting: "being sent", sent: "accepted by the provider", delivered: "delivered", failed: "failed", cancelled: "no longer needed" })[state] ?? state;

/** What became of a delivery: the provider's later word over its first. */
export const outcome = (d: Delivery): { word: string; long: string; colour: ChipColour | undefined } => {
  if (d.state === "sent" && d.confirmation === "delivered") return { word: "delivered", long: "delivered, the provider confirms", colour: "green" };
  if (d.state === "sent" && d.confirmation === "failed") return { word: "not delivered", long: "accepted, then not delivered", colour: "red" };
  return { word: d.state === "sent" ? "accepted" : d.state, long: deliveryWord(d.state), colour: deliveryColour(d.state) };
};

const pageState: Record<string, { word: string; colour?: ChipColour }> = {
  queued: { word: "about to go out", colour: "amber" },
  sent: { word: "waiting for an answer", colour: "amber" },
  acknowledged: { word: "answered", colour: "green" },
  cancelled: { word: "no longer needed" },
  failed: { word: "could not be reached", colour: "red" },
};

function reason(p: PageCall): string {
  if (p.reason === "chain" || (p.step > 0 && !p.reason)) return `Step ${p.step} of the chain${p.round > 0 ? `, round ${p.round + 1}` : ""}`;
  return p.reason.replaceAll("_", " ");
}

export function Pages({ list, start }: { list: PageCall[]; start: string }) {
  const name = useNames();
  const now = useNow();
  if (list.length === 0) return <Empty title="Nobody has been paged.">P3 and P4 page nobody by themselves. Press e to page a person.</Empty>;
  return (
    <ul className={css.list}>
      {list.map((p) => {
        const state = pageState[p.state] ?? { word: p.state };
        const who = p.to_name || name(p.to);
        const at = ms(p.at);
        const ended = ms(p.ended_at);
        const since = at === undefined ? "" : ended !== undefined ? `after ${span(ended - at)}` : `for ${span(now - at)}`;
        return (
          <li key={p.id} className="card">
            <div className="row wrap">
              <Avatar name={who} />
              <span className="grow"><b>{who}</b><small className={css.why}>{reason(p)} · <Time at={p.at} /> {p.clauses?.map((c) => <span key={c} className="mono faint">{c} </span>)}</small></span>
              <Chip colour={state.colour}>{state.word} {p.state === "queued" || p.state === "failed" ? "" : since}</Chip>
            </div>
            <Trail start={p.at || start} deliveries={p.deliveries ?? []} page={p} />
          </li>
        );
      })}
    </ul>
  );
}

/** From the page to each attempt to the answer, left to right. */
function Trail({ deliveries, page, start }: { deliveries: Delivery[]; page: PageCall; start: string }) {
  const zone = useZone();
  const from = ms(start);
  if (deliveries.length === 0) return <p className={`faint ${css.trail}`}>No attempt has been made yet.</p>;
  return (
    <ol className={css.trail} aria-label="Delivery trail">
      {deliveries.map((d, k) => {
        const at = ms(d.at);
        const done = ms(d.done_at);
        return (
          <Fragment key={d.id ?? k}>
            {k > 0 && <li aria-hidden className={css.arrow}><IconArrowRight size={14} /></li>}
            <li className={css.hop} data-state={d.confirmation === "failed" ? "failed" : d.state} title={at === undefined ? undefined : exact(at, zone)}>
              <b>{channelWord(d.channel)}</b> <span className="muted">{d.address}</span>
              <small className={d.state === "failed" || d.confirmation === "failed" ? "tone-over" : undefined}>
                {outcome(d).long}{d.confirmation === undefined && done !== undefined && at !== undefined && done - at < 10_000 ? ` in ${done - at} ms` : ""}
                {d.attempts > 1 ? `, ${d.attempts} attempts` : ""}
                {from !== undefined && at !== undefined && at - from >= 1000 ? `, ${span(at - from)} after the page` : ""}
                {d.last_error ? `: ${d.last_error}` : ""}
              </small>
            </li>
          </Fragment>
        );
      })}
      {page.state === "acknowledged" && (
        <>
          <li aria-hidden className={css.arrow}><IconArrowRight size={14} /></li>
          <li className={css.hop} data-state="sent"><b>answered</b><small><Time at={page.ended_at} /></small></li>
        </>
      )}
    </ol>
  );
}
