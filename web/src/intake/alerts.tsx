// Alerts: deduplicated signals, each of which belongs to an incident.
import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import { useCommands } from "../app/commands";
import { Find, has, useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { PageHead } from "../ui/pieces";
import { label } from "../ui/words";
import { AlertRows } from "./alertlist";
import { Why } from "./why";

/** Asks about the row that has the focus, or the first. */
function askWhy(): void {
  const row = document.activeElement?.closest("main li") ?? document.querySelector("main li");
  row?.querySelector<HTMLElement>("[data-why]")?.click();
}

export function AlertsScreen() {
  const search = useSearch({ from: "/app/alerts" });
  const set = useFilters();
  const status = search.status ?? "triggered";
  const query = useInfiniteQuery(q.alerts({ status: status === "all" ? undefined : status }));
  useCommands([{ id: "alert-why", label: "Why did this alert page, or not?", group: "Alerts", keys: "w", run: askWhy }]);
  useEffect(() => {
    document.title = "Alerts · Allclear";
  }, []);
  return (
    <>
      {search.why && <Why id={search.why} onClose={() => set({ why: undefined })} />}
      <PageHead title="Alerts" lead="Signals from monitoring, tickets and mail, one row per problem. Every alert belongs to an incident." />
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Status" value={status} onChange={(v) => set({ status: v === "triggered" ? undefined : v })} data={[{ value: "triggered", label: "Firing" }, { value: "acknowledged", label: "Acknowledged" }, { value: "suppressed", label: "Held back" }, { value: "resolved", label: "Recovered" }, { value: "all", label: "All" }]} />
        <Find label="Find in alerts" value={search.find} onChange={(find) => set({ find })} />
      </div>
      <Listing query={query} noun="alerts">{(list) => <AlertRows incidents list={list.filter((a) => has(`${a.summary} ${a.source ?? ""} ${label(a.service)} ${a.dedup_key}`, search.find))} />}</Listing>
    </>
  );
}
