// What the screens of what stands around us read and do. Beside the other queries
// and calls, and in the chunks of those screens, so that the first load does not carry it.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, get, post, type Query } from "./client";
import { read } from "./endpoints";
import type { Check, Feed, HealthCheck, Mention, NewHealthCheck, NewMention, Series, ServiceMap, UsagePoint, UsageWarning, Vendor } from "./outside";
import { items } from "./queries";
import type { Customer, Page } from "./types";

const ask = {
  map: () => get<ServiceMap>("/services/map"),
  vendors: () => get<Page<Vendor>>("/vendors", { limit: 500 }),
  mentions: (q: Query) => get<Page<Mention>>("/mentions", q),
  feeds: () => get<Page<Feed>>("/feeds", { limit: 500 }),
  checks: () => get<Page<Check>>("/checks", { limit: 500 }),
  check: (id: string) => get<Check>(`/checks/${encodeURIComponent(id)}`),
  measured: (query: string, from: string, step: number) => get<Page<Series>>("/metrics/query", { query, from, step }),
  warnings: (customer?: string) => get<Page<UsageWarning>>("/early-warnings", { customer }),
  healthChecks: (customer?: string) => get<Page<HealthCheck>>("/health-checks", { customer }),
  usage: (customer: string, from: string) => get<Page<UsagePoint>>(`/customers/${encodeURIComponent(customer)}/usage`, { from }),
};

/** What a person decides about what somebody wrote in public. */
export const listening = {
  write: (m: NewMention, key: string) => post<Mention>("/mentions", m, key),
  dismiss: (id: string, reason: string) => post<Mention>(`/mentions/${encodeURIComponent(id)}/dismiss`, { reason }),
  link: (id: string, incident: number) => post<Mention>(`/mentions/${encodeURIComponent(id)}/link`, { incident }),
};

export const writeHealthCheck = (customer: string, c: NewHealthCheck, key: string) => post<HealthCheck>(`/customers/${encodeURIComponent(customer)}/health-checks`, c, key);

/** Replaces a check as it was read, so that nobody's change is lost. */
export const replaceCheck = (doc: object, id: string, version: number) => call<Check>("PUT", `/checks/${encodeURIComponent(id)}`, { body: doc, version });

export const around = {
  map: () => queryOptions({ queryKey: ["map"], queryFn: () => ask.map(), refetchInterval: 60_000 }),
  vendors: () => queryOptions({ queryKey: ["vendors"], queryFn: () => ask.vendors(), select: items, refetchInterval: 60_000 }),
  mentions: (filter: Record<string, string | undefined>) =>
    infiniteQueryOptions({
      queryKey: ["mentions", filter],
      queryFn: ({ pageParam }) => ask.mentions({ ...filter, limit: 100, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  complaints: () => queryOptions({ queryKey: ["mentions", "complaints"], queryFn: () => ask.mentions({ complaints: true, limit: 500 }), select: items, refetchInterval: 60_000 }),
  feeds: () => queryOptions({ queryKey: ["feeds"], queryFn: () => ask.feeds(), select: items, refetchInterval: 60_000 }),
  checks: () => queryOptions({ queryKey: ["checks"], queryFn: () => ask.checks(), select: items, refetchInterval: 30_000 }),
  check: (id: string) => queryOptions({ queryKey: ["checks", "one", id], queryFn: () => ask.check(id), refetchInterval: 30_000 }),
  /** How long checks took, the last hours; the key has no instant, so that it is one answer read again. */
  took: (hours: number) =>
    queryOptions({ queryKey: ["checks", "took", hours], queryFn: () => ask.measured("check_duration_seconds", new Date(Date.now() - hours * 3_600_000).toISOString(), hours * 60), select: items, refetchInterval: 60_000 }),
  warnings: (customer?: string) => queryOptions({ queryKey: ["warnings", customer ?? ""], queryFn: () => ask.warnings(customer), select: items, refetchInterval: 300_000 }),
  healthChecks: (customer?: string) => queryOptions({ queryKey: ["healthchecks", customer ?? ""], queryFn: () => ask.healthChecks(customer), select: items, refetchInterval: 300_000 }),
  usage: (customer: string) => queryOptions({ queryKey: ["warnings", "usage", customer], queryFn: () => ask.usage(customer, new Date(Date.now() - 8 * 86_400_000).toISOString()), select: items }),
  /** Names of all customers by id; there may be more than one page of them. */
  customerNames: () =>
    queryOptions({
      queryKey: ["customers", "names"],
      staleTime: 300_000,
      queryFn: async () => {
        const names = new Map<string, string>();
        for (let cursor: string | undefined = ""; cursor !== undefined; ) {
          const page: Page<Customer> = await read.customers({ limit: 500, cursor: cursor || undefined });
          for (const c of items(page)) names.set(c.id, c.name);
          cursor = page.next_cursor || undefined;
        }
        return names;
      },
    }),
};
