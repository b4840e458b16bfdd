// Limits, maintenances and what was decided about alerts, in the fake.
import type { Announced, Maintenance, Rules } from "../src/api/detection";
import type { Alert } from "../src/api/types";

export function limitsOf(now: number, calm: boolean): Rules {
  const ago = (min: number) => new Date(now - min * 60_000).toISOString();
  const rule = (id: string, name: string, condition: string, clauses: string[], more: Partial<Rules["items"][number]>): Rules["items"][number] => ({
    id, name, condition, clauses, suggests: "P3", measure: "latest", standing: [], raised: 0, false_positives: 0, false_positive_rate: 0, ...more,
  });
  return {
    next_cursor: "",
    ...(calm ? {} : { watched: { dashboard: new Date(now + 5 * 3_600_000).toISOString() } }),
    items: [
      rule("availability", "API availability", "api_requests_succeeded of api_requests over 5m below 99%", ["DET-MET-03"], { suggests: "P1", measure: "ratio", raised: 4, false_positives: 1, false_positive_rate: 0.25, standing: calm ? [] : [{ rule: "availability", service: "auth", value: 0.91, since: ago(18), incident: 42 }] }),
      rule("response-time", "application response time", "app_response_time above 5 s in 3 checks in a row", ["DET-MET-01"], { suggests: "P2", measure: "consecutive", raised: 2 }),
      rule("memory", "memory", "memory_utilization above 85% for 10m", ["DET-MET-04"], { joined: "P2", measure: "sustained", raised: 7, false_positives: 0, standing: calm ? [] : [{ rule: "memory", service: "ingestion", labels: { host: "ing-7" }, value: 92.4, since: ago(44) }] }),
      rule("queue-depth", "queue depth", "queue_depth above 10000 messages", ["DET-MET-07"], { joined: "P2" }),
      rule("slower-than-usual", "response time against the week before", "avg_over_time(app_response_time[10m]) / avg_over_time(app_response_time[7d] offset 1h) above 3 times as long as in the week before", ["SEV-P2-EX3"], { suggests: "P2", measure: "query", ...(calm ? {} : { failing: "the query takes longer than 10s: narrow it" }) }),
    ],
  };
}

export function maintenancesOf(now: number, calm: boolean): Maintenance[] {
  if (calm) return [];
  const at = (min: number) => new Date(now + min * 60_000).toISOString();
  return [
    { id: "m1", title: "Database upgrade", services: ["reporting"], starts_at: at(-20), ends_at: at(40), next_from: at(-20), next_to: at(40), state: "active", reason: "CHG-1042", created_by: "david.kim", created_at: at(-900) },
    { id: "m2", title: "Certificates are renewed", services: ["auth", "api"], matchers: [{ name: "class", value: "TlsExpiry", is_equal: true }], starts_at: at(1440), ends_at: at(1500), next_from: at(1440), next_to: at(1500), repeat: "monthly", time_zone: "Europe/Paris", state: "planned", reason: "Each first Sunday", created_by: "ana", created_at: at(-9000) },
    { id: "m3", title: "Cache move", services: ["dashboard"], starts_at: at(-4000), ends_at: at(-3900), ended_at: at(-3950), ended_by: "ana", state: "over", reason: "CHG-1031", created_by: "ana", created_at: at(-9000) },
  ];
}

export function announcedOf(now: number, calm: boolean): Announced[] {
  if (calm) return [];
  const at = (min: number) => new Date(now + min * 60_000).toISOString();
  return [{ id: "w1dbupgrade00", maintenance: "m1", title: "Database upgrade", status: "in_progress", scheduled_for: at(-20), scheduled_until: at(40), automatic: true, begun_at: at(-20), updates: [{ at: at(-900), status: "scheduled", text: "Reports may be late." }] }];
}

/** The alert by itself: with what was decided about it. */
export function inFull(a: Alert): object {
  return {
    ...a,
    why: [
      { at: a.first_at, text: "opened INC-42: datadog says critical: Authentication suggests P1. A P1 pages." },
      { at: a.last_at, text: "raised from P2 to P1: its source says critical now" },
    ],
  };
}
