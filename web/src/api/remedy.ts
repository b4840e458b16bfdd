// Putting an incident right: the recovery board, runs of actions, and cases with
// partners.
import { queryOptions } from "@tanstack/react-query";
import { call, get, post } from "./client";
import { items } from "./queries";
import type { components } from "./schema";
import type { Page } from "./types";

export type RecoveryBoard = components["schemas"]["RecoveryBoard"];
export type ServiceRecovery = components["schemas"]["ServiceRecovery"];
export type ActionChoice = components["schemas"]["ActionChoice"];
export type ActionRun = components["schemas"]["ActionRun"];
export type PartnerCase = components["schemas"]["PartnerCase"];
export type Partner = components["schemas"]["Partner"];

const at = (n: number, rest: string) => `/incidents/${n}${rest}`;

export const remedy = {
  restore: (n: number, service: string, state: ServiceRecovery["state"]) => call<RecoveryBoard>("PUT", at(n, "/recovery"), { body: { services: [{ service, state }] } }),
  run: (n: number, r: { action: string; values: Record<string, string>; dry_run: boolean; reason?: string }) => post<ActionRun>(at(n, "/runs"), r),
  approve: (run: string, plan?: string) => post<ActionRun>(`/runs/${encodeURIComponent(run)}/approve`, plan ? { plan } : {}),
  kill: (run: string) => post<ActionRun>(`/runs/${encodeURIComponent(run)}/kill`, {}),
  settle: (run: string, succeeded: boolean, text: string) => post<ActionRun>(`/runs/${encodeURIComponent(run)}/settle`, { succeeded, text }),
  ask: (n: number, c: { partner: string; text: string }) => post<PartnerCase>(at(n, "/cases"), c),
  opened: (id: string, number: string) => post<PartnerCase>(`/cases/${encodeURIComponent(id)}/opened`, { number }),
  caseNote: (id: string, text: string) => post<unknown>(`/cases/${encodeURIComponent(id)}/notes`, { text }),
  end: (id: string, reason: string) => post<PartnerCase>(`/cases/${encodeURIComponent(id)}/end`, { reason }),
};

export const rq = {
  board: (n: number) => queryOptions({ queryKey: ["incident", n, "recovery"], queryFn: () => get<RecoveryBoard>(at(n, "/recovery")) }),
  runs: (n: number) => queryOptions({ queryKey: ["incident", n, "runs"], queryFn: () => get<Page<ActionRun>>(at(n, "/runs"), { limit: 100 }), select: items }),
  actions: (n: number) => queryOptions({ queryKey: ["incident", n, "actions"], queryFn: () => get<Page<ActionChoice>>(at(n, "/actions"), { limit: 500 }), select: items, staleTime: 60_000 }),
  cases: (n: number) => queryOptions({ queryKey: ["incident", n, "cases"], queryFn: () => get<Page<PartnerCase>>(at(n, "/cases"), { limit: 100 }), select: items }),
  partners: () => queryOptions({ queryKey: ["partners"], queryFn: () => get<Page<Partner>>("/partners", { limit: 500 }), select: items, staleTime: 60_000 }),
};
