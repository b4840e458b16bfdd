import type { AccountAtRisk, CustomerImport } from "../api/registry";
import { count } from "../ui/words";

/** One sentence about an import, or about what it would do. */
export function summary(r: Pick<CustomerImport, "dry_run" | "created" | "changed" | "unchanged" | "refused">): string {
  const would = r.dry_run ? "would be " : "";
  const parts = [`${count(r.created, "customer")} ${would}made`, `${r.changed.toLocaleString("en-GB")} changed`, `${r.unchanged.toLocaleString("en-GB")} stay as they are`];
  const refused = r.refused === 0 ? "no row is refused" : r.refused === 1 ? "1 reason to refuse a row" : `${r.refused.toLocaleString("en-GB")} reasons to refuse rows`;
  return `${parts.join(", ")}; ${refused}.`;
}

/** Whether the plan to keep an account is written, due or late. */
export function planState(a: Pick<AccountAtRisk, "plan" | "due_at">, now: number): "planned" | "late" | "due" {
  if (a.plan) return "planned";
  return Date.parse(a.due_at) <= now ? "late" : "due";
}

export const dollars = (n: number) => `$${Math.round(n).toLocaleString("en-GB")}`;
