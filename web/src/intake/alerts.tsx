// Alerts: deduplicated signals, each of which belongs to an incident.
import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import { Find, has, useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { PageHead } from "../ui/pieces";
import { label } from "../ui/words";
import { AlertRows } from "./alertlist";

export function AlertsScreen() {
  const search = useSearch({ from: "/app/alerts" });
  const set = useFilters();
  const status = search.status ?? "triggered";
  const query = useInfiniteQuery(q.alerts({ status: status === "all" ? undefined : status }));
  useEffect(() => {
    document.title = "Alerts · Allclear";
  }, []);
  return (
    <>
      <PageHead title="Alerts" lead="Signals from monitoring, tickets and mail, one row per problem. Every alert belongs to an incident." />
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Status" value={status} onChange={(v) => set({ status: v === "triggered" ? undefined : v })} data={[{ value: "triggered", label: "Firing" }, { value: "acknowledged", label: "Acknowledged" }, { value: "resolved", label: "Recovered" }, { value: "all", label: "All" }]} />
        <Find label="Find in alerts" value={search.find} onChange={(find) => set({ find })} />
      </div>
      <Listing query={query} noun="alerts">{(list) => <AlertRows incidents list={list.filter((a) => has(`${a.summary} ${a.source ?? ""} ${label(a.service)} ${a.dedup_key}`, search.find))} />}</Listing>
    </>
  );
}
