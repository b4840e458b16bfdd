// What a schedule comes to, before it is saved: the next 14 days as the server
// lays them out, with holes shown as holes and who carries how much.
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { faultsOf, type Doc, type Faults } from "../admin/doc";
import { Problem } from "../api/client";
import { read } from "../api/endpoints";
import type { Layer, Layout } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { useNames } from "../ui/people";
import { Card } from "../ui/pieces";
import { span, when } from "../ui/time";
import { count } from "../ui/words";
import { addDays, dateText, midnight } from "./calendar";
import { pieces, Track } from "./lanes";
import { shares } from "./rota";
import css from "./schedule.module.css";

const weeks = 2;

export function Preview({ doc, onFaults }: { doc: Doc; onFaults: (f: Faults) => void }) {
  const now = useNow();
  const zone = useZone();
  const from = midnight(now, zone);
  const until = addDays(from, 7 * weeks, zone);
  const [asked] = useDebouncedValue(doc, 250);
  const layers = (asked["layers"] as Layer[] | undefined) ?? [];
  const nobody = layers.every((l) => l.members.length === 0) && !asked["overrides"];
  const query = useQuery({
    enabled: !nobody,
    queryKey: ["layout", asked, from, until],
    queryFn: ({ signal }) => read.layout(asked["id"] === "" ? { ...asked, id: undefined } : asked, new Date(from).toISOString(), new Date(until).toISOString(), signal),
    placeholderData: keepPreviousData, staleTime: 60_000, gcTime: 60_000, retry: false,
  });
  if (nobody) {
    return <Card title="The next 14 days" id="preview" className={css.preview}><p className="muted">Put somebody into a layer, and who is on call when stands here before you save.</p></Card>;
  }
  return <Laid query={query} from={from} until={until} onFaults={onFaults} />;
}

type Asked = UseQueryResult<Layout>;

function Laid({ query, from, until, onFaults }: { query: Asked; from: number; until: number; onFaults: (f: Faults) => void }) {
  const now = useNow();
  const zone = useZone();
  const name = useNames();
  const wrong = query.error instanceof Problem ? query.error : undefined;
  useEffect(() => {
    if (query.error instanceof Problem && query.error.status === 422) onFaults(faultsOf(query.error));
    else if (query.isSuccess && !query.isPlaceholderData) onFaults(new Map());
  }, [query.error, query.isSuccess, query.isPlaceholderData, query.dataUpdatedAt, onFaults]);
  const cut = useMemo(() => (query.data ? pieces(query.data.spans, from, until) : []), [query.data, from, until]);
  const holes = cut.filter((p) => !p.person && p.until > now);
  const share = shares(query.data?.spans ?? []);
  const most = share[0]?.hours ?? 1;
  const stale = wrong !== undefined || query.isPlaceholderData;
  return (
    <Card title="The next 14 days" id="preview" aside={zone === "UTC" ? "UTC" : "your time"} className={css.preview}>
      {wrong && <p className={css.broken} role="status">{wrong.status === 422 ? `${count(wrong.errors.length || 1, "thing")} to put right before this can be laid out.` : wrong.message}</p>}
      {!wrong && query.error ? <p className={css.broken} role="status">The server did not answer, so there is no picture of this yet.</p> : null}
      <div aria-busy={query.isFetching || undefined} style={stale ? { opacity: 0.45 } : undefined}>
        {Array.from({ length: weeks }, (_, w) => {
          const a = addDays(from, 7 * w, zone);
          const b = addDays(from, 7 * (w + 1), zone);
          return (
            <div key={w} className={css.week}>
              <div className={css.heads} aria-hidden>
                {Array.from({ length: 7 }, (_, k) => {
                  const d = addDays(a, k, zone);
                  const weekday = new Date(`${dateText(d, zone)}T12:00:00Z`).getUTCDay();
                  return <span key={k} className={`${weekday === 0 || weekday === 6 ? css.weekend : ""} ${dateText(d, zone) === dateText(now, zone) ? css.today : ""}`}><i>{["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][weekday]}</i> {Number(dateText(d, zone).slice(8))}</span>;
                })}
              </div>
              {query.data ? <Track list={pieces(query.data.spans, a, b)} from={a} until={b} now={now} label={`Week from ${dateText(a, zone)}`} /> : <span className={css.wait} />}
            </div>
          );
        })}
        {query.data && holes.length > 0 && (
          <ul className={css.holes}>
            {holes.slice(0, 4).map((p) => <li key={p.from}>Nobody from {when(Math.max(p.from, now), now, zone)} to {when(p.until, now, zone)}, {span(p.until - Math.max(p.from, now))}.</li>)}
            {holes.length > 4 && <li>And {count(holes.length - 4, "more hole")}.</li>}
          </ul>
        )}
        {query.data && holes.length === 0 && <p className={css.whole}>Somebody is on call all the time.</p>}
        {share.length > 0 && (
          <table className={css.shares}>
            <caption>Time on call in these 14 days</caption>
            <tbody>
              {share.slice(0, 8).map((s) => (
                <tr key={s.person}><th scope="row">{name(s.person)}</th><td><i style={{ width: `${(s.hours / most) * 100}%` }} /></td><td>{s.hours} h</td></tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Card>
  );
}
