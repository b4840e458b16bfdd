// Key figures of a period in the API's shape. Dev only.
import type { Course, Figures, FigurePeriod } from "../src/api/figures";

const kinds: [string, string, string, string, number | null, number | null, "<" | ">", (number | null)[], string][] = [
  ["mttd", "Mean time to detection", "KPI-MTTD", "min", 2.8, 3, "<", [3.4, 3.1, 2.9, 2.8, 3.0, 2.5], "Mean over the incidents of the period. The start of impact may be set back by the commander."],
  ["mtta", "Mean time to acknowledgement", "KPI-MTTA", "min", 4.2, 5, "<", [6.1, 5.2, 4.8, 4.4, 4.1, 1.2], "Mean over incidents that paged somebody. An incident nobody has acknowledged counts from its end."],
  ["mttr_response", "Mean time to response", "KPI-MTTRESP", "min", 38, 45, "<", [12, 11.5, 9, null, 8.2, 4.083333333333333], "Mean to the first responder at work. The figure from the declaration stands beside it."],
  ["mttr_resolution", "Mean time to resolution", "KPI-MTTRESOLVE", "min", 42, 45, "<", [61, 52, 44, 47, 42, 48.5], "Mean to the proven end of impact. The figure from the declaration stands beside it."],
  ["recurrence_rate", "Recurrence rate", "KPI-RECUR", "%", 12, 8, "<", [null, null, null, null, null, null], "Share of incidents whose root cause or service and cause category came up again within 90 days."],
  ["csat", "Satisfaction with the response", "KPI-CSAT", "of 10", 7.8, 8.5, ">", [null, null, null, null, null, null], "Mean of the answers 0 to 10 to the survey after resolution."],
  ["action_completion", "Action items completed", "KPI-ACTIONS", "%", 85, 95, ">", [82, 85, 91, 92, 96, 95], "Items done by their due date over all items due in the period."],
  ["false_positive_rate", "False-positive rate", "KPI-FALSE", "%", 18, 10, "<", [18, 14, 15, 11, 9, 8.333333333333334], "Alerts of incidents dismissed as false over all alerts closed in the period."],
  ["churn_from_incidents", "Churn caused by incidents", "KPI-CHURN", "%", 0.3, 0.2, "<", [null, null, null, null, null, null], "Customers lost with an incident as the recorded reason over all customers."],
  ["revenue_impact_per_incident", "Revenue impact per incident", "KPI-REV", "USD", 15000, 10000, "<", [null, null, null, null, null, null], "Mean of credits plus recorded losses."],
  ["sla_compliance", "SLA compliance", "KPI-SLA", "%", 99.95, 99.97, ">", [null, null, null, null, null, null], "Mean availability over customers in the period."],
  ["brand_reputation", "Brand reputation", "KPI-BRAND", "index", null, null, ">", [null, null, null, null, null, null], "Index of 0 to 100 from the number and the mood of mentions and from review ratings."],
];

function period(at: Date, back: number, quarter: boolean): FigurePeriod {
  const size = quarter ? 3 : 1;
  const first = Math.floor(at.getUTCMonth() / size) * size - back * size;
  const [from, until] = [new Date(Date.UTC(at.getUTCFullYear(), first, 1)), new Date(Date.UTC(at.getUTCFullYear(), first + size, 1))];
  const name = quarter ? `${from.getUTCFullYear()}-Q${from.getUTCMonth() / 3 + 1}` : from.toISOString().slice(0, 7);
  return { name, from: from.toISOString(), until: until.toISOString() };
}

export function figuresOf(now: number, query: URLSearchParams, calm: boolean): Figures {
  const of = query.get("of") ?? "";
  const quarter = of.includes("Q") || (!of && query.get("length") === "quarter");
  const at = of ? new Date(quarter ? `${of.slice(0, 4)}-${String(Number(of.slice(6)) * 3).padStart(2, "0")}-02` : `${of}-02`) : new Date(now);
  const met = (v: number | null, target: number | null, better: string) => (v === null || target === null ? null : better === "<" ? v < target : v > target);
  const kpis = kinds.map(([id, name, clause, unit, baseline, target, better, trend, method]): Course => {
    const own = calm ? trend.map(() => null) : trend;
    const value = own[own.length - 1] ?? null;
    const behind: [number, number][] = id === "mttr_resolution" ? [[42, 71], [40, 26]] : id === "action_completion" ? [[40, 1]] : id === "false_positive_rate" ? [[39, 1]] : unit === "min" ? [[42, value ?? 0], [40, value ?? 0]] : [];
    return {
      id, name, clause, unit, baseline, target, better, method, value, met: met(value, target, better), count: value === null ? 0 : id === "action_completion" ? 20 : id === "false_positive_rate" ? 12 : 2,
      population: unit === "min" ? ["P1", "P2"].slice(0, id.includes("resolution") || id === "mttd" ? 1 : 2) : [],
      trend: own.map((v) => ({ value: v, count: v === null ? 0 : 2, met: met(v, target, better) })), of: value === null ? [] : behind.map(([number, v]) => ({ incident: `INC-${number}`, number, value: v })),
    };
  });
  const clock = (severity: "P1" | "P2" | "P3", id: string, name: string, kept: number, breached: string[], waived = 0, running = 0) => ({ severity, clock: id, name, met: kept, breached: breached.length, waived, running, breached_in: breached });
  const incident = (number: number, title: string, severity: "P1" | "P2" | "P3", service: string) => ({ incident: `INC-${number}`, number, title, severity, service, detected_at: new Date(now - number * 3_600_000).toISOString() });
  return {
    period: period(at, 0, quarter), before: [5, 4, 3, 2, 1].map((n) => period(at, n, quarter)), kpis,
    clocks: calm ? [] : [clock("P1", "acknowledge", "Acknowledgement", 2, []), clock("P1", "response", "First responder at work", 2, []), clock("P1", "executive_notice", "Executives told", 1, ["INC-42"]), clock("P1", "resolution", "Resolution", 1, ["INC-42"]), clock("P2", "acknowledge", "Acknowledgement", 4, []), clock("P2", "resolution", "Resolution", 3, ["INC-41"], 0, 1), clock("P3", "response", "First responder at work", 6, [], 1)],
    services: calm ? [] : [{ service: "auth", name: "Authentication", p1: 2, p2: 0, p3: 1, p4: 0, lasted_seconds: 7020, resolved: 3 }, { service: "exports", name: "Exports", p1: 0, p2: 1, p3: 0, p4: 0, lasted_seconds: 0, resolved: 0 }, { service: "search", name: "Search", p1: 0, p2: 0, p3: 2, p4: 1, lasted_seconds: 11_400, resolved: 3 }],
    incidents: calm ? [] : [incident(42, "Sign-in fails for all users", "P1", "Authentication"), incident(41, "Exports to spreadsheets fail in Frankfurt", "P2", "Exports"), incident(40, "Sign-in slow after a deployment", "P1", "Authentication"), incident(39, "Search results lag", "P3", "Search")],
  };
}
