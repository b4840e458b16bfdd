// Escalation policies: what is read as what is sent, how a step and an end are
// said, and what follows when steps are added and moved. Pure.
import type { Doc } from "../admin/doc";
import { moved } from "../admin/inputs";
import type { DeadEnd, NewPolicyStep, Policy, StepOnly } from "../api/policies";
import type { Service } from "../api/types";
import { goSpan } from "../ui/time";
import { capital } from "../ui/words";
import { causes, type Cause } from "./causes";
import { dayRange } from "./rota";

/** A step as a ladder draws it, of the procedure's chain or of a policy. */
export interface Rung {
  after: string;
  to: string[];
  while?: string;
  else?: string;
  only?: StepOnly;
  /** Its number in the chain, where a severity leaves some out. */
  step?: number;
}

export interface End {
  every?: string;
  times?: number;
  expires?: string;
}

const never = (s: string | undefined) => s === undefined || s === "" || s === "0s";

/** What the API tells of a policy, as it takes one back. */
export function asSent(shown: Doc): Doc {
  if (shown["source"] === undefined) return shown;
  const p = shown as unknown as Policy;
  return {
    id: p.id, name: p.name, ...(p.description ? { description: p.description } : {}),
    steps: p.steps.map(({ after, to, while: state, only }) => ({ after: after === "0s" ? "0m" : after, to, ...(state === "unresolved" ? { while: state } : {}), ...(only ? { only } : {}) })),
    ...(never(p.repeat_every) ? {} : { repeat: { every: p.repeat_every, times: p.repeat_times } }),
    ...(never(p.ack_expires) ? {} : { ack_expires: p.ack_expires }),
    version: p.version,
  };
}

/** "P1, Sat and Sun 22:00 to 07:00 (Europe/Berlin), outside business hours". */
export function onlyText(o: StepOnly | undefined): string {
  if (!o) return "";
  const { from, to, time_zone } = o.hours ?? {};
  const window = [o.days && o.days.length > 0 ? dayRange(o.days) : "", from || to ? `${from || "?"} to ${to || "?"}` : ""].filter(Boolean).join(" ");
  return [
    o.severity?.length === 1 ? o.severity[0] : "",
    window && `${window} (${time_zone || "UTC"})`,
    o.business_hours === undefined ? "" : o.business_hours ? "in business hours" : "outside business hours",
  ].filter(Boolean).join(", ");
}

/** What narrows or widens a step beside its time: nothing for the usual one. */
export function condition(r: Rung): string {
  const only = onlyText(r.only);
  return capital([only && `only ${only}`, r.while === "unresolved" ? "even when acknowledged" : "", r.else === "notice" ? "otherwise told without a page" : ""].filter(Boolean).join("; "));
}

/** What happens after the last step. chain: of the procedure, which repeats without end. */
export function endText({ every, times, expires }: End, chain = false): string {
  const then = chain
    ? never(every) ? "" : `While nobody has acknowledged, everybody is paged again every ${goSpan(every ?? "")}.`
    : never(every) || !times
      ? "If nobody acknowledges within 10 min of the last step, the fallback contact is paged."
      : `While nobody has acknowledged, everybody is paged again every ${goSpan(every ?? "")}, ${times === 1 ? "once" : `${times} times`}; then the fallback contact.`;
  return [then, never(expires) ? "" : `An acknowledgement expires after ${goSpan(expires ?? "")} unless somebody engages.`].filter(Boolean).join(" ");
}

export const endOf = (p: Policy): string => endText({ every: p.repeat_every, times: p.repeat_times, expires: p.ack_expires }, p.source === "procedure");

/** "15" and "1 h 30 min" as the API reads them; what is no time stays as it was typed. */
export function typedSpan(text: string): string {
  const t = text.trim().toLowerCase().replace(/\s+/g, "").replace(/min(utes?)?/g, "m").replace(/hours?/g, "h").replace(/days?/g, "d");
  return /^\d+$/.test(t) ? `${t}m` : /^(\d+[dhms])+$/.test(t) ? t : text;
}

const minutes = (after: string): number => [...after.matchAll(/(\d+)([dhms])/g)].reduce((sum, [, n, u]) => sum + Number(n) * ({ d: 1440, h: 60, m: 1, s: 1 / 60 }[u ?? ""] ?? 0), 0);

/** A step that comes as long after the last as that came after the one before. */
export function nextStep(steps: NewPolicyStep[]): NewPolicyStep {
  const last = steps.at(-1);
  if (!last) return { after: "0m", to: [] };
  const gap = minutes(last.after) - minutes(steps.at(-2)?.after ?? "0m");
  return { after: `${Math.round(minutes(last.after) + (gap > 0 ? gap : 10))}m`, to: [] };
}

/** Who is paged changes places; the times stay where they are, for they only rise. */
export function reordered(steps: NewPolicyStep[], from: number, to: number): NewPolicyStep[] {
  return moved(steps, from, to).map((s, k) => ({ ...s, after: steps[k]?.after ?? s.after }));
}

/** The services that are paged by it: those that name it, or for the chain those that name none. */
export const usedBy = (services: Service[], p: Pick<Policy, "id" | "source">): Service[] => services.filter((s) => (p.source === "procedure" ? !s.escalation_policy : s.escalation_policy === p.id));

/** By the place of the step. */
export type Flaws = ReadonlyMap<number, Cause[]>;

/** Where a step would reach nobody. A step that was changed since is not judged. */
export function flawsOf(list: DeadEnd[], p: Pick<Policy, "id" | "source">, steps: Rung[]): Flaws {
  const out = new Map<number, Cause[]>();
  steps.forEach((s, k) => {
    const where = `${p.source === "procedure" ? "chain" : `policy:${p.id}`}/step ${s.step ?? k + 1}`;
    const found = causes(list.filter((d) => d.where === where && (d.target ?? "") === s.to.join(", ")));
    if (found.length > 0) out.set(k, found);
  });
  return out;
}
