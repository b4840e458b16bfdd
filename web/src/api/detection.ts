// The shapes of limits, of what passes them, and of maintenances.
import type { components } from "./schema";

export type MetricRule = components["schemas"]["Rule"];
export type Firing = components["schemas"]["Firing"];
export type Rules = components["schemas"]["Rules"];
export type Maintenance = components["schemas"]["Maintenance"];
/** One time of a maintenance as the status page tells it. */
export type Announced = components["schemas"]["Announced"];
export type Plan = components["schemas"]["Plan"];
/** An alert by itself, with what was decided about it. */
export type AlertInFull = components["schemas"]["Alert"];
