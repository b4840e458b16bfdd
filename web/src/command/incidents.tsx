// All incidents: open ones, past ones, by severity and service.
import { Chip as Toggle, SegmentedControl, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import type { IncidentSummary } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { readNext } from "../ui/clock";
import { Find, has, useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { useNames } from "../ui/people";
import { Empty, PageHead, Sev, StatusChip, Time, ToneIcon } from "../ui/pieces";
import { ms, span } from "../ui/time";
import { count } from "../ui/words";
import css from "./incidents.module.css";
import { SnoozedWord } from "./snooze";

const severities = ["P1", "P2", "P3", "P4"];

export function IncidentsScreen() {
  const search = useSearch({ from: "/app/incidents" });
  const set = useFilters();
  const status = search.status ?? "open";
  const query = useInfiniteQuery(q.incidents({ status: status === "all" ? undefined : status, severity: search.severity, service: search.service }));
  const services = useQuery(q.services()).data ?? [];
  useEffect(() => {
    document.title = "Incidents · Allclear";
  }, []);
  const chosen = search.severity?.split(",").filter(Boolean) ?? [];
  return (
    <>
      <PageHead title="Incidents" />
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Status" value={status} onChange={(v) => set({ status: v === "open" ? undefined : v })} data={[{ value: "open", label: "Open" }, { value: "resolved,closed", label: "Past" }, { value: "all", label: "All" }]} />
        <Toggle.Group multiple value={chosen} onChange={(v) => set({ severity: [...v].sort().join(",") || undefined })}>
          <div className="row" role="group" aria-label="Severity">{severities.map((s) => <Toggle key={s} value={s} size="xs" radius="md" color="dark" variant="outline">{s}</Toggle>)}</div>
        </Toggle.Group>
        <Select aria-label="Service" placeholder="Every service" clearable data={services.map((s) => ({ value: s.id, label: s.name }))} value={search.service ?? null} onChange={(v) => set({ service: v ?? undefined })} w={180} clearButtonProps={{ "aria-label": "Every service" }} />
        <Find label="Find in titles" value={search.find} onChange={(find) => set({ find })} />
      </div>
      <Listing query={query} noun="incidents">
        {(all) => {
          const list = all.filter((i) => has(`${i.title} ${i.ref}`, search.find));
          if (list.length === 0) return <div className="card"><Empty title={status === "open" ? "Nothing is open." : "Nothing matches."}>{status === "open" ? "Incidents open by themselves from alerts, or when somebody declares one with c." : "Try fewer filters."}</Empty></div>;
          return <ul className={css.list}>{list.map((i) => <Row key={i.id} i={i} />)}</ul>;
        }}
      </Listing>
    </>
  );
}

function Row({ i }: { i: IncidentSummary }) {
  const now = useNow();
  const zone = useZone();
  const name = useNames();
  const next = i.next_deadline && readNext(i.next_deadline, now, zone);
  const began = ms(i.detected_at) ?? now;
  const ended = ms(i.resolved_at);
  const commander = i.roles?.["incident_commander"];
  return (
    <li>
      <Link to="/incidents/$ref" params={{ ref: i.ref }} search={{}} className={css.row} data-row>
        <Sev severity={i.severity} />
        <span className={css.title}>
          <strong>{i.title}</strong>
          <small>{[i.ref, i.service.name, i.affected?.customers ? count(i.affected.customers, "customer") : "", commander ? name(commander) : ""].filter(Boolean).join(" · ")}</small>
          <SnoozedWord i={i} />
        </span>
        <span className={css.status}><StatusChip status={i.status} declared={i.declared} /></span>
        <span className={css.clock}>
          {ended === undefined && next && i.next_deadline ? <><b className={`row tone-${next.tone}`}><ToneIcon tone={next.tone} size={15} />{next.figure}</b><small>{i.next_deadline.name.toLowerCase()}</small></> : ended !== undefined ? <><b>{span(ended - began)}</b><small>detected to resolved</small></> : null}
        </span>
        <small className={css.when}><Time at={i.detected_at} how={now - began < 86_400_000 ? "ago" : "when"} /></small>
      </Link>
    </li>
  );
}
