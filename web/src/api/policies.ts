// The shapes of escalation policies, and of the places where a page would reach nobody.
import type { components } from "./schema";
import type { Instant, Named } from "./types";

/** An escalation policy, or the procedure's chain of a severity, as it is read. */
export type Policy = components["schemas"]["EscalationPolicy"];
/** As it is written. */
export type NewPolicy = components["schemas"]["NewEscalationPolicy"];
export type NewPolicyStep = components["schemas"]["NewPolicyStep"];
export type StepOnly = components["schemas"]["StepOnly"];

/** A stretch of time in which a place leads to nobody. */
export interface DeadEnd {
  /** schedule:ID, chain/step N, policy:ID/step N, service:ID/P1 or fallback. */
  where: string;
  what: "nobody" | "unreachable" | "away" | "same_person";
  target?: string;
  people?: Named[];
  from: Instant;
  until: Instant;
}
