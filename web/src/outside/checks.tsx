// Synthetic checks: what is asked of our services from outside, how each stands
// at each place, and how long the answers took.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { bare } from "../admin/doc";
import { useEditor } from "../admin/editor";
import { sent } from "../admin/specs";
import { around, replaceCheck } from "../api/around";
import type { Check, Place, Series } from "../api/outside";
import { q } from "../api/queries";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { present } from "../app/moment";
import { Find, has, useFilters } from "../ui/filters";
import { Chip, Empty, PageHead, Reading, Time, type ChipColour } from "../ui/pieces";
import { goSpan, span } from "../ui/time";
import { capital, count, listing } from "../ui/words";
import { dotsOf, took, type Dot } from "./chart";
import { Spark } from "./pieces";
import { certificate, checksInOrder, checksVerdict, daysLeft } from "./states";
import css from "./rows.module.css";

const states: Record<Check["state"], { word: string; colour?: ChipColour }> = { up: { word: "up", colour: "green" }, down: { word: "down", colour: "red" }, unknown: { word: "not known", colour: "amber" }, paused: { word: "paused" } };
const places: Record<Place["state"], { word: string; colour?: ChipColour }> = { up: { word: "up", colour: "green" }, failing: { word: "failing", colour: "red" }, overdue: { word: "overdue", colour: "amber" }, pending: { word: "not made yet" } };

const hours = 3;

const called = (c: Check) => c.name || c.id;

export function ChecksScreen() {
  const search = useSearch({ from: "/app/checks" });
  const set = useFilters();
  const query = useQuery(around.checks());
  const times = useQuery(around.took(hours)).data ?? [];
  const services = useQuery(q.services()).data ?? [];
  const editor = useEditor("checks", search.check);
  const admin = useMe()?.role === "admin";
  const pause = usePause();
  const chosen = query.data?.find((c) => c.id === search.check);
  useEffect(() => {
    document.title = "Checks · Allclear";
  }, []);
  useCommands(admin && chosen ? [{ id: "pause-check", label: `${chosen.paused ? "Go on with" : "Pause"} ${called(chosen)}`, group: "Checks", keys: "p", run: () => void pause(chosen) }] : []);
  const name = (id: string) => services.find((s) => s.id === id)?.name ?? id;
  return (
    <>
      <PageHead title="Checks" lead={query.data && query.data.length > 0 ? checksVerdict(query.data, present()) : undefined} actions={editor.add} />
      {editor.dialog}
      <Reading query={query} rows={5}>
        {(all) => {
          if (all.length === 0) return <div className="card"><Empty title="Nothing is asked from outside yet.">A check opens a page, a port, a name or a certificate every minute, from one place or from several, and raises an alert when most of them find it wrong.{admin ? <> Make the first with <kbd>a</kbd>: the sign-in page is a good one.</> : null}</Empty></div>;
          const list = checksInOrder(all.filter((c) => has(`${called(c)} ${c.id} ${c.target} ${name(c.service)}`, search.find)));
          return (
            <>
              <div className="filters"><Find label="Find a check" value={search.find} onChange={(find) => set({ find })} /></div>
              {list.length === 0 ? <div className="card"><Empty title="No check matches.">Try fewer letters.</Empty></div> : (
                <ul className={css.list}>{list.map((c) => <Row key={c.id} c={c} times={times} service={name(c.service)} chosen={c.id === search.check} acts={admin ? <>{editor.edit(c.id)} <Button size="xs" onClick={() => void pause(c)} aria-label={`${c.paused ? "Go on with" : "Pause"} ${called(c)}`}>{c.paused ? "Go on" : "Pause"}</Button></> : null} />)}</ul>
              )}
            </>
          );
        }}
      </Reading>
    </>
  );
}

/** Stops or goes on with a check, as it was read; somebody else's change is not lost. */
function usePause(): (c: Check) => Promise<void> {
  const client = useQueryClient();
  return async (c) => {
    try {
      await replaceCheck({ ...sent("checks", bare(c as never)), paused: !c.paused }, c.id, c.version);
      notifications.show({ message: c.paused ? `${called(c)} goes on.` : `${called(c)} is paused: it is not made, and raises nothing.` });
    } catch (err) {
      notifications.show({ message: err instanceof Error ? err.message : String(err), color: "red" });
    }
    await client.invalidateQueries({ queryKey: ["checks"] });
  };
}

function Tls({ c }: { c: Check }) {
  const days = daysLeft(c, present());
  if (days === undefined) return null;
  const how = certificate(c, present());
  return <Chip colour={how === "over" ? "red" : how === "soon" ? "amber" : undefined}>TLS {days < 0 ? "ended" : count(days, "day")}</Chip>;
}

function Row({ c, times, service, chosen, acts }: { c: Check; times: Series[]; service: string; chosen: boolean; acts: ReactNode }) {
  const now = present();
  const series = dotsOf(times, c.id);
  const all = series.flatMap((s) => s.dots).sort((a, b) => a.t - b.t);
  const last = [...c.places].filter((p) => p.succeeded_at).sort((a, b) => (b.succeeded_at ?? "").localeCompare(a.succeeded_at ?? ""))[0];
  const wrong = c.places.filter((p) => p.state === "failing" || p.state === "overdue");
  return (
    <li>
      <Link to="." search={((old: object) => ({ ...old, check: chosen ? undefined : c.id })) as never} replace className={css.row} data-row aria-expanded={chosen}>
        <span className="grow">
          <b>{called(c)}</b>
          <small>{c.state !== "paused" && wrong.length > 0 ? `${listing(wrong.map((p) => p.probe))}: ${wrong[0]?.error || places[wrong[0]?.state ?? "failing"].word}` : `${service} · ${c.target}`}</small>
        </span>
        <span className={css.tls}><Tls c={c} /></span>
        <span className={css.chart}>{all.length > 1 && <Spark label={`Times of ${called(c)} in the last ${hours} hours, at most ${took(Math.max(...all.map((d) => d.v)))}`} dots={series[0]?.dots ?? []} from={now - hours * 3_600_000} until={now} gap={900_000} bad={c.state === "down"} />}</span>
        <span className={css.stat}>{last && last.seconds > 0 ? <>{took(last.seconds)}<small><Time at={last.at} how="ago" /></small></> : null}</span>
        <span className={`${css.side} ${css.stands}`}><Chip colour={states[c.state].colour}>{states[c.state].word}</Chip><small>{c.places.length > 1 ? `${c.places.filter((p) => p.state === "up").length} of ${c.places.length} places` : `every ${goSpan(c.every)}`}</small></span>
      </Link>
      {chosen && <Detail c={c} series={series} service={service} acts={acts} />}
    </li>
  );
}

function Detail({ c, series, service, acts }: { c: Check; series: { probe: string; dots: Dot[] }[]; service: string; acts: ReactNode }) {
  const full = useQuery(around.check(c.id)).data;
  const now = present();
  return (
    <>
      <div className={css.places}>
        <div className="scroll-x" tabIndex={0} role="region" aria-label={`${called(c)} at each place`}>
          <table className="list">
            <thead><tr><th>Place</th><th>Stands</th><th>Last {hours} hours</th><th className="num">Last</th><th className="num">95 % within</th><th>Last result</th></tr></thead>
            <tbody>
              {c.places.map((p) => {
                const dots = series.find((s) => s.probe === p.probe)?.dots ?? [];
                const p95 = full?.places.find((x) => x.probe === p.probe)?.p95_seconds;
                return (
                  <tr key={p.probe}>
                    <td><b>{p.probe}</b></td>
                    <td><Chip colour={places[p.state].colour}>{places[p.state].word}</Chip>{p.failures > 0 && <small className="muted"> {p.failures} in a row</small>}</td>
                    <td>{dots.length > 1 ? <Spark label={`${p.probe}: ${took(Math.min(...dots.map((d) => d.v)))} to ${took(Math.max(...dots.map((d) => d.v)))}`} dots={dots} from={now - hours * 3_600_000} until={now} gap={900_000} width={160} /> : <span className="muted">not enough yet</span>}</td>
                    <td className="num">{p.seconds > 0 ? took(p.seconds) : "–"}</td>
                    <td className="num">{p95 ? took(p95) : "–"}</td>
                    <td>{p.at ? <Time at={p.at} how="ago" /> : "–"}{p.state === "overdue" && <span className="muted">, was due <Time at={p.expected_at} /></span>}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </div>
      <dl className={css.facts}>
        {c.places.filter((p) => p.error && p.state !== "up").map((p) => <Said key={p.probe} p={p} several={c.places.length > 1} />)}
        <dt>Asks</dt><dd>{c.type.toUpperCase()} <span className="mono">{c.target}</span>, every {goSpan(c.every)}{c.timeout ? `, gives up after ${goSpan(c.timeout)}` : ""}</dd>
        <dt>Service</dt><dd><Link to="/services" search={{ service: c.service }} className="link">{service}</Link></dd>
        <dt>Counts</dt><dd>{c.retries ? `from failure ${c.retries + 1} in a row on` : "from its first failure on"}{c.places.length > 1 ? `, at ${c.quorum ? count(c.quorum, "place") : "more than half of the places"}` : ""}</dd>
        {daysLeft(c, now) !== undefined && <><dt>Certificate</dt><dd>good for {span(Math.max(0, Math.min(...c.places.map((p) => Date.parse(p.certificate_until ?? "")).filter((t) => !Number.isNaN(t))) - now))}{c.min_days ? `, must be for ${count(c.min_days, "day")}` : ""}</dd></>}
        {acts && <><dt>Change</dt><dd className={css.chips}>{acts}</dd></>}
      </dl>
    </>
  );
}

function Said({ p, several }: { p: Place; several: boolean }) {
  return <><dt>{several ? capital(p.probe) : "Wrong"}</dt><dd className={p.state === "failing" ? css.failing : undefined}>{p.error}{p.failed_at && <span className="muted">, <Time at={p.failed_at} how="ago" /></span>}</dd></>;
}
