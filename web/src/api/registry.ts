// The customer registry: import, what touched a customer, and who is at risk. Beside
// the other queries and calls, in the chunks of its screens.
import { queryOptions } from "@tanstack/react-query";
import { base, call, get, post, Problem, Unreachable, url } from "./client";
import type { components } from "./schema";
import { items } from "./queries";
import type { Page } from "./types";

export type Customer = components["schemas"]["Customer"];
export type CustomerAddress = components["schemas"]["CustomerAddress"];
export type CustomerImport = components["schemas"]["CustomerImport"];
export type CustomerIncident = components["schemas"]["CustomerIncident"];
export type AccountAtRisk = components["schemas"]["AccountAtRisk"];
export type RevenueAtRisk = components["schemas"]["RevenueAtRisk"];
export type Alternatives = components["schemas"]["Alternatives"];
export type AlternativeUse = components["schemas"]["AlternativeUse"];
export type Stakeholder = components["schemas"]["Stakeholder"];

const at = (id: string | number) => encodeURIComponent(String(id));

/** Sends a table of customers; a dry run changes nothing. It may take longer than other calls. */
export async function importCustomers(file: File, dryRun: boolean): Promise<CustomerImport> {
  const kind = file.name.toLowerCase().endsWith(".json") ? "application/json" : "text/csv";
  let res: Response;
  try {
    res = await fetch(url("/customers/import", { dry_run: dryRun || undefined }), { method: "POST", headers: { Accept: "application/json", "Content-Type": kind }, body: file, credentials: "same-origin", signal: AbortSignal.timeout(120_000) });
  } catch {
    throw new Unreachable();
  }
  if (!res.ok) {
    const said = (await res.json().catch(() => ({}))) as { title?: string; detail?: string; errors?: Problem["errors"] };
    throw new Problem(res.status, said.title ?? res.statusText, said.detail ?? "", said.errors ?? []);
  }
  return (await res.json()) as CustomerImport;
}

export const exportAddress = `${base}/customers.csv`;

export const registry = {
  customer: (id: string) => queryOptions({ queryKey: ["customers", "one", id], queryFn: () => get<Customer>(`/customers/${at(id)}`) }),
  addresses: (id: string) => queryOptions({ queryKey: ["customers", "addresses", id], queryFn: () => get<Page<CustomerAddress>>(`/customers/${at(id)}/addresses`, { limit: 100 }), select: items }),
  incidents: (id: string) => queryOptions({ queryKey: ["incidents", "of", id], queryFn: () => get<Page<CustomerIncident>>(`/customers/${at(id)}/incidents`), select: items }),
  atRisk: () => queryOptions({ queryKey: ["atrisk"], queryFn: () => get<Page<AccountAtRisk>>("/accounts-at-risk"), select: items, refetchInterval: 300_000 }),
  stakeholders: () => queryOptions({ queryKey: ["stakeholders"], queryFn: () => get<Page<Stakeholder>>("/stakeholders", { limit: 500 }), select: items }),
  revenue: (incident: number) => queryOptions({ queryKey: ["incident", incident, "revenue"], queryFn: () => get<RevenueAtRisk>(`/incidents/${at(incident)}/revenue-at-risk`) }),
  alternatives: (incident: number) => queryOptions({ queryKey: ["incident", incident, "alternatives"], queryFn: () => get<Alternatives>(`/incidents/${at(incident)}/alternatives`) }),
};

/** What somebody there said of an address: wants no messages, wants them again; or it works again. */
export const changeAddress = (customer: string, a: Pick<CustomerAddress, "channel" | "address">, change: { opted_out?: boolean; bounces?: false }) => call<Page<CustomerAddress>>("PATCH", `/customers/${at(customer)}/addresses`, { body: { channel: a.channel, address: a.address, ...change } });
export const planRetention = (customer: string, plan: string) => call<AccountAtRisk>("POST", `/customers/${at(customer)}/retention-plan`, { body: { plan } });
export const mitigate = (incident: number, body: { text: string; customer?: string; amount_usd?: number }, key: string) => post(`/incidents/${at(incident)}/mitigations`, body, key);

/** Other ways to deliver a service while it is away. */
export const ways = {
  use: (incident: number, body: { service: string; alternative: string; reason: string }, key: string) => post<AlternativeUse>(`/incidents/${at(incident)}/alternatives`, body, key),
  end: (incident: number, use: string, reason: string) => call<AlternativeUse>("POST", `/incidents/${at(incident)}/alternatives/${at(use)}/end`, { body: { reason } }),
};
