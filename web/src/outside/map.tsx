// The service map: what stands on what, what is in trouble, and how far that
// reaches. A drawing where there is room, the same as a table for everybody.
import { ActionIcon, Drawer, SegmentedControl } from "@mantine/core";
import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { IconArrowsMaximize, IconMinus, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { around } from "../api/around";
import type { MapNode, ServiceMap } from "../api/outside";
import { q } from "../api/queries";
import type { IncidentSummary, Service } from "../api/types";
import { useCommands } from "../app/commands";
import { useFilters } from "../ui/filters";
import { Chip, Empty, PageHead, Reading, Sev, Time } from "../ui/pieces";
import { count, listing } from "../ui/words";
import { box, laid } from "./layout";
import { HealthChip, HealthIcon, healthWord } from "./pieces";
import { atRisk, byHealth, isBad, keyOf, verdict, walk, type Step } from "./walk";
import css from "./map.module.css";

interface Known {
  map: ServiceMap;
  services: Service[];
  open: IncidentSummary[];
  chosen: MapNode | undefined;
}

const ranked = (k: Known, n: MapNode) => (n.kind === "service" ? k.services.find((s) => s.id === n.id)?.restoration_rank : undefined);
const worst = (k: Known, n: MapNode) => k.open.filter((i) => n.incidents?.includes(i.ref)).sort((a, b) => a.severity.localeCompare(b.severity))[0];
const called = (n: MapNode) => `${n.name}${n.kind === "vendor" ? ", a vendor" : ""}`;
const search = (key: string | undefined) => ((old: object) => ({ ...old, node: key })) as never;

export function MapScreen() {
  const at = useSearch({ from: "/app/services/map" });
  const set = useFilters();
  const navigate = useNavigate();
  const narrow = useMediaQuery("(max-width: 1100px)", false, { getInitialValueInEffect: false });
  const query = useQuery(around.map());
  const services = useQuery(q.services()).data ?? [];
  const open = useQuery(q.now()).data?.incidents ?? [];
  const chosen = query.data?.nodes.find((n) => keyOf(n) === at.node);
  const phone = useMediaQuery("(max-width: 720px)", false, { getInitialValueInEffect: false });
  const table = (at.as ?? (phone ? "table" : "map")) === "table";
  useEffect(() => {
    document.title = "Service map · Allclear";
  }, []);
  useCommands([
    { id: "map-as", label: table ? "Draw the map" : "The map as a table", group: "Service map", keys: "v", run: () => set({ as: table ? "map" : "table" }) },
    ...(chosen ? [
      { id: "map-open", label: `Go to ${chosen.name}`, group: "Service map", keys: "o", run: () => void navigate(chosen.kind === "vendor" ? { to: "/vendors", search: { vendor: chosen.id } } : { to: "/services", search: { service: chosen.id } }) },
      { id: "map-none", label: "Show the whole map", group: "Service map", keys: "x", run: () => set({ node: undefined }) },
    ] : []),
  ]);
  return (
    <>
      <PageHead title="Service map" lead={query.data && query.data.nodes.length > 0 ? verdict(query.data) : undefined}
        actions={<SegmentedControl size="xs" aria-label="Show as" value={table ? "table" : "map"} onChange={(v) => set({ as: v })} data={[{ value: "map", label: "Map" }, { value: "table", label: "Table" }]} />} />
      <Reading query={query} rows={6}>
        {(map) => {
          if (map.nodes.length === 0) return <div className="card"><Empty title="There is nothing to draw yet.">A <Link to="/services" search={{}} className="link">service</Link> says what it depends on, a <Link to="/vendors" search={{}} className="link">vendor</Link> which services stand on it. Both are drawn here as soon as they are there.</Empty></div>;
          const k: Known = { map, services, open, chosen };
          return (
            <div className={css.split}>
              <div className={css.left}>
                {table ? <Table k={k} /> : <Drawing k={k} />}
                {map.edges.length === 0 && <p className="muted small">No line is drawn because nothing says what it depends on. Edit a <Link to="/services" search={{}} className="link">service</Link> and fill in “Depends on”.</p>}
              </div>
              {!narrow && <aside className={css.detail} aria-label="What is chosen"><div className="card">{chosen ? <Detail k={k} n={chosen} /> : <Empty title="Choose one to see how far it reaches.">j and k move, Enter chooses. Trouble spreads from left to right.</Empty>}</div></aside>}
              {narrow && <Drawer opened={!!chosen} onClose={() => set({ node: undefined })} position="bottom" size="75%" title={chosen?.kind === "vendor" ? "Vendor" : "Service"}>{chosen && <Detail k={k} n={chosen} />}</Drawer>}
            </div>
          );
        }}
      </Reading>
    </>
  );
}

const steps = [0.5, 0.65, 0.8, 1, 1.25];

/** As much as fits beside what is chosen, but never too small to be read. */
const fitted = (wide: number, room: number) => (room <= 0 || wide <= room ? 1 : Math.max(0.72, room / wide));

const edge = 16; // of the drawing, on each side

function Drawing({ k }: { k: Known }) {
  const { map, chosen } = k;
  const plan = useMemo(() => laid(map), [map]);
  const { ref, width } = useElementSize();
  const [zoom, setZoom] = useState<number>();
  const z = zoom ?? fitted(plan.width, width - 2 * edge);
  const to = (by: 1 | -1) => setZoom(by > 0 ? (steps.find((s) => s > z + 0.01) ?? z) : ([...steps].reverse().find((s) => s < z - 0.01) ?? z));
  const lit = useMemo(() => {
    if (!chosen) return undefined;
    const w = walk(map, keyOf(chosen));
    return new Set([keyOf(chosen), ...w.needs.map((s) => keyOf(s.node)), ...w.carries.map((s) => keyOf(s.node))]);
  }, [map, chosen]);
  const health = new Map(map.nodes.map((n) => [keyOf(n), n.health]));
  // Read in the order of the eye, so that j and k go down one column after the other.
  const order = [...map.nodes].sort((a, b) => (plan.at.get(keyOf(a))?.x ?? 0) - (plan.at.get(keyOf(b))?.x ?? 0) || (plan.at.get(keyOf(a))?.y ?? 0) - (plan.at.get(keyOf(b))?.y ?? 0));
  return (
    <div className={`card ${css.card}`}>
      <div className={css.tools}>
        <span className="muted small grow">needed <span aria-hidden>→</span><span className="sr">stands left of</span> what needs it</span>
        <ActionIcon variant="subtle" size={28} aria-label="Smaller" disabled={z <= steps[0]!} onClick={() => to(-1)}><IconMinus size={16} aria-hidden /></ActionIcon>
        <ActionIcon variant="subtle" size={28} aria-label="Larger" disabled={z >= steps.at(-1)!} onClick={() => to(1)}><IconPlus size={16} aria-hidden /></ActionIcon>
        <ActionIcon variant="subtle" size={28} aria-label="Fit the map" disabled={zoom === undefined} onClick={() => setZoom(undefined)}><IconArrowsMaximize size={16} aria-hidden /></ActionIcon>
      </div>
      <div ref={ref} className={css.scroll} tabIndex={0} role="region" aria-label="Service map">
        <div style={{ width: plan.width * z, height: plan.height * z }}>
          <div className={css.plane} style={{ width: plan.width, height: plan.height, transform: `scale(${z})` }}>
            <svg width={plan.width} height={plan.height} aria-hidden className={css.lines}>
              {plan.lines.map((l) => {
                const bad = isBad(health.get(l.to) ?? "ok");
                const on = lit && lit.has(l.from) && lit.has(l.to);
                return <path key={`${l.from} ${l.to}`} d={l.path} className={[bad ? css.hot : css.edge, lit && !on ? css.dim : "", on ? css.on : ""].join(" ")} />;
              })}
            </svg>
            <ul>
              {order.map((n) => {
                const p = plan.at.get(keyOf(n));
                return p && <li key={keyOf(n)} className={css.place} style={{ left: p.x, top: p.y, width: box.width, height: box.height }}><Box k={k} n={n} dim={lit !== undefined && !lit.has(keyOf(n))} /></li>;
              })}
            </ul>
          </div>
        </div>
      </div>
    </div>
  );
}

function Box({ k, n, dim }: { k: Known; n: MapNode; dim: boolean }) {
  const here = k.chosen !== undefined && keyOf(k.chosen) === keyOf(n);
  const inc = worst(k, n);
  const risk = atRisk(k.map, n);
  const rank = ranked(k, n);
  const what = inc ? `${inc.severity} ${inc.ref}` : isBad(n.health) || n.health === "maintenance" ? healthWord(n.health) : risk ? "on something in trouble" : n.health === "unknown" ? "not known" : n.customers > 0 ? count(n.customers, "customer") : n.kind === "vendor" ? "vendor" : "";
  return (
    <Link to="." search={search(here ? undefined : keyOf(n))} replace data-row aria-current={here || undefined}
      className={[css.box, n.kind === "vendor" ? css.vendor : "", n.health === "outage" ? css.red : n.health === "degraded" ? css.amber : risk ? css.risk : "", dim ? css.faded : ""].join(" ")}
      aria-label={`${called(n)}: ${inc ? `${what}, ` : ""}${risk ? "stands on something in trouble" : healthWord(n.health)}${n.affects.length > 0 ? `, carries ${count(n.affects.length, "service")}` : ""}${rank ? `, restoration rank ${rank}` : ""}`}>
      <span className={css.top}><b className="cut">{n.name}</b>{rank !== undefined && <span className={css.rank} title="Restoration rank">{rank}</span>}</span>
      <span className={css.what}><HealthIcon health={risk && n.health === "ok" ? "degraded" : n.health} size={12} /> <span className="cut">{n.kind === "vendor" ? `vendor · ${n.health === "ok" ? "well" : what}` : what || "well"}</span></span>
    </Link>
  );
}

function Table({ k }: { k: Known }) {
  const on = (n: MapNode) => walk(k.map, keyOf(n)).needs.filter((s) => s.far === 1).map((s) => s.node.name);
  return (
    <div className={`card ${css.tablecard}`}>
      <table className={css.table} role="table">
        <caption className="sr">What stands on what, the worst first</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Name</th><th role="columnheader" scope="col">Health</th><th role="columnheader" scope="col" className={css.num}>Rank</th><th role="columnheader" scope="col">Stands on</th><th role="columnheader" scope="col" className={css.num}>Carries</th><th role="columnheader" scope="col" className={css.num}>Customers</th></tr></thead>
        <tbody role="rowgroup">
          {[...k.map.nodes].sort(byHealth).map((n) => {
            const inc = worst(k, n);
            const here = k.chosen !== undefined && keyOf(k.chosen) === keyOf(n);
            return (
              <tr role="row" key={keyOf(n)} className={here ? css.chosen : undefined}>
                <th role="rowheader" scope="row"><Link to="." search={search(here ? undefined : keyOf(n))} replace data-row aria-current={here || undefined} className="link">{n.name}</Link>{n.kind === "vendor" && <> <Chip>vendor</Chip></>}</th>
                <td role="cell"><span className={css.cell}>{inc ? <><Sev severity={inc.severity} /> {inc.ref}</> : <HealthChip health={n.health} />}{atRisk(k.map, n) && <Chip colour="amber">at risk</Chip>}</span></td>
                <td role="cell" className={`${css.num} ${ranked(k, n) === undefined ? css.nothing : ""}`} data-label="Rank">{ranked(k, n) ?? "–"}</td>
                <td role="cell" data-label="Stands on">{listing(on(n)) || "nothing here"}</td>
                <td role="cell" className={css.num} data-label="Carries">{n.affects.length}</td>
                <td role="cell" className={css.num} data-label="Customers">{n.customers.toLocaleString("en-GB")}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Detail({ k, n }: { k: Known; n: MapNode }) {
  const w = walk(k.map, keyOf(n));
  const rank = ranked(k, n);
  const mine = k.open.filter((i) => n.incidents?.includes(i.ref));
  const hidden = (n.incidents ?? []).filter((ref) => !mine.some((i) => i.ref === ref));
  return (
    <section aria-label={n.name}>
      <div className={css.head}><h2>{n.name}</h2>{n.kind === "vendor" ? <Chip>vendor</Chip> : null}<HealthChip health={n.health} /></div>
      {(n.what || n.since) && <p className="muted">{n.what}{n.since && <Time at={n.since} prefix={n.what ? ", since " : "Since "} />}</p>}
      {mine.map((i) => <Link key={i.id} to="/incidents/$ref" params={{ ref: i.ref }} search={{}} className={css.inc}><Sev severity={i.severity} /> <span>{i.ref} {i.title}</span></Link>)}
      {hidden.length > 0 && <p>{hidden.map((ref) => <Link key={ref} to="/incidents/$ref" params={{ ref }} search={{}} className="link">{ref}</Link>)}</p>}
      <dl className={css.facts}>
        {rank !== undefined && <><dt>Restored</dt><dd>{rank === 1 ? "first" : `as number ${rank}`}</dd></>}
        <dt>Customers</dt><dd>{n.customers > 0 ? `${n.customers.toLocaleString("en-GB")} use it or what stands on it` : "none that are known"}</dd>
      </dl>
      <Walked title="What suffers with it" steps={w.carries} none="Nothing stands on it." />
      <Walked title="What it needs" steps={w.needs} none={n.kind === "vendor" ? "A vendor is as far as the map goes." : "Nothing that is known here."} />
      <p className={css.go}>
        {n.kind === "vendor"
          ? <Link to="/vendors" search={{ vendor: n.id }} className="link">Go to the vendor</Link>
          : <Link to="/services" search={{ service: n.id }} className="link">Go to the service</Link>} <kbd className="desk">o</kbd>
      </p>
    </section>
  );
}

function Walked({ title, steps: all, none }: { title: string; steps: Step[]; none: string }) {
  const line = (list: Step[]): ReactNode => list.map((s) => (
    <li key={keyOf(s.node)}>
      <Link to="." search={search(keyOf(s.node))} replace className={css.step}><span className="grow cut">{s.node.name}</span>{s.node.kind === "vendor" && <Chip>vendor</Chip>}{s.node.health !== "ok" && <HealthChip health={s.node.health} />}</Link>
    </li>
  ));
  const direct = all.filter((s) => s.far === 1);
  const through = all.filter((s) => s.far > 1);
  return (
    <>
      <h3 className={css.walk}>{title}</h3>
      {all.length === 0 ? <p className="muted">{none}</p> : <ul>{line(direct)}</ul>}
      {through.length > 0 && <><p className="muted small">through {direct.length === 1 ? "it" : "them"}</p><ul>{line(through)}</ul></>}
    </>
  );
}
