// What the screens read, as one cache of server state. Keys begin with the
// resource, then the incident's number, so that a change refreshes what it touches.
import { QueryClient, queryOptions, infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { Problem } from "./client";
import { absences, reach, read, session, tenantPage } from "./endpoints";
import { touches } from "./touches";
import type { Change, Page } from "./types";

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000, // the stream says earlier when something changed
        retry: (count, err) => !(err instanceof Problem && err.status < 500) && count < 2,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
}

export const items = <T>(p: Page<T>): T[] => p.items ?? [];

/** INC-42, inc-42 and 42 are one incident. */
export function numberOf(ref: string | number): number {
  return Number(String(ref).replace(/^inc-/i, ""));
}

export const q = {
  session: () => queryOptions({ queryKey: ["session"], queryFn: () => session.read(), staleTime: 300_000, retry: false }),
  now: () => queryOptions({ queryKey: ["now"], queryFn: ({ signal }) => read.now(signal), refetchInterval: 60_000 }),
  incidents: (filter: Record<string, string | undefined>) =>
    infiniteQueryOptions({
      queryKey: ["incidents", filter],
      queryFn: ({ pageParam, signal }) => read.incidents({ ...filter, limit: 50, cursor: pageParam || undefined }, signal),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  incident: (n: number) => queryOptions({ queryKey: ["incident", n], queryFn: ({ signal }) => read.incident(n, signal) }),
  deadlines: (n: number) => queryOptions({ queryKey: ["incident", n, "deadlines"], queryFn: () => read.deadlines(n), select: items }),
  timeline: (n: number) => queryOptions({ queryKey: ["incident", n, "timeline"], queryFn: () => read.timeline(n), select: items }),
  pages: (n: number) => queryOptions({ queryKey: ["incident", n, "pages"], queryFn: () => read.pages(n), select: items }),
  messages: (n: number) => queryOptions({ queryKey: ["incident", n, "messages"], queryFn: () => read.messages(n), select: items }),
  checklists: (n: number) => queryOptions({ queryKey: ["incident", n, "checklists"], queryFn: () => read.checklists(n), select: items }),
  incidentAlerts: (n: number) => queryOptions({ queryKey: ["incident", n, "alerts"], queryFn: () => read.incidentAlerts(n), select: items }),
  alerts: (filter: Record<string, string | undefined>) =>
    infiniteQueryOptions({
      queryKey: ["alerts", filter],
      queryFn: ({ pageParam }) => read.alerts({ ...filter, limit: 100, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  alert: (id: string) => queryOptions({ queryKey: ["alerts", "one", id], queryFn: () => read.alert(id) }),
  limits: () => queryOptions({ queryKey: ["limits"], queryFn: () => read.limits(), refetchInterval: 30_000 }),
  maintenances: () => queryOptions({ queryKey: ["maintenances"], queryFn: () => read.maintenances(), select: items, refetchInterval: 60_000 }),
  announced: () => queryOptions({ queryKey: ["announced"], queryFn: () => read.announced(), select: items, refetchInterval: 60_000 }),
  components: () => queryOptions({ queryKey: ["components"], queryFn: () => read.components(), select: items, staleTime: 300_000 }),
  look: () => queryOptions({ queryKey: ["look"], queryFn: () => read.look(), staleTime: 300_000 }),
  tickets: (filter: Record<string, string | undefined>) =>
    infiniteQueryOptions({
      queryKey: ["tickets", filter],
      queryFn: ({ pageParam }) => read.tickets({ ...filter, limit: 100, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  onCall: () => queryOptions({ queryKey: ["oncall"], queryFn: () => read.onCall(), select: items }),
  schedules: () => queryOptions({ queryKey: ["schedules"], queryFn: () => read.schedules(), select: items, staleTime: 300_000 }),
  schedule: (id: string, from: string, until: string) =>
    queryOptions({ queryKey: ["schedules", id, from, until], queryFn: () => read.schedule(id, from, until), staleTime: 60_000 }),
  lines: (id: string, from: string, until: string) =>
    queryOptions({ queryKey: ["schedules", id, "lines", from, until], queryFn: () => read.lines(id, from, until), staleTime: 60_000 }),
  myShifts: (from: string, until: string) => queryOptions({ queryKey: ["oncall", "mine", from, until], queryFn: () => read.myShifts(from, until), select: items }),
  coverRequests: () => queryOptions({ queryKey: ["oncall", "requests"], queryFn: () => read.coverRequests(), select: items }),
  forecast: () => queryOptions({ queryKey: ["oncall", "forecast"], queryFn: () => read.forecast(), select: items, staleTime: 300_000 }),
  load: (from: string, until: string) => queryOptions({ queryKey: ["oncall", "load", from, until], queryFn: () => read.load(from, until), select: items, staleTime: 300_000 }),
  calendars: () => queryOptions({ queryKey: ["calendars"], queryFn: () => read.calendars(), select: items }),
  policies: () => queryOptions({ queryKey: ["policies"], queryFn: () => read.policies(), select: items, staleTime: 300_000 }),
  deadEnds: () => queryOptions({ queryKey: ["deadends"], queryFn: () => read.deadEnds(), select: items, staleTime: 60_000 }),
  services: () => queryOptions({ queryKey: ["services"], queryFn: () => read.services(), select: items, staleTime: 300_000 }),
  people: () => queryOptions({ queryKey: ["people"], queryFn: () => read.people(), select: items, staleTime: 300_000 }),
  teams: () => queryOptions({ queryKey: ["teams"], queryFn: () => read.teams(), select: items, staleTime: 300_000 }),
  team: (id: string) => queryOptions({ queryKey: ["teams", id], queryFn: () => read.team(id), staleTime: 300_000 }),
  customers: (filter: Record<string, string | undefined>) =>
    infiniteQueryOptions({
      queryKey: ["customers", filter],
      queryFn: ({ pageParam }) => read.customers({ ...filter, limit: 100, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  tenantPage: (customer: string) => queryOptions({ queryKey: ["tenantpage", customer], queryFn: () => tenantPage.read(customer), gcTime: 0 }),
  deliveries: (filter: Record<string, string | undefined>) =>
    infiniteQueryOptions({
      queryKey: ["deliveries", filter],
      queryFn: ({ pageParam }) => read.deliveries({ ...filter, limit: 100, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  keys: () => queryOptions({ queryKey: ["keys"], queryFn: () => read.keys(), select: items, staleTime: 10_000, refetchInterval: 30_000 }),
  sources: () => queryOptions({ queryKey: ["sources"], queryFn: () => read.sources(), select: items, staleTime: 300_000 }),
  payloads: (service: string) => queryOptions({ queryKey: ["payloads", service], queryFn: () => read.payloads(service), select: items, staleTime: 30_000 }),
  contacts: () => queryOptions({ queryKey: ["contacts"], queryFn: () => reach.contacts(), select: items }),
  devices: () => queryOptions({ queryKey: ["devices"], queryFn: () => reach.devices(), select: items }),
  absences: (person: string) => queryOptions({ queryKey: ["absences", person], queryFn: () => absences.of(person) }),
  procedure: () => queryOptions({ queryKey: ["procedure"], queryFn: () => read.procedure(), staleTime: 300_000 }),
};

const catalogue = ["services", "components", "people", "teams", "customers", "schedules", "policies", "deadends", "oncall", "contacts", "devices", "absences"];

/** What the stream may call an incident: its number, its reference, or the id that only the incident itself tells. */
function ids(client: QueryClient, n: unknown, data: unknown): Set<string> {
  const id = (data as { id?: string } | undefined)?.id ?? client.getQueryData<{ id?: string }>(["incident", n])?.id;
  return new Set([String(n), `INC-${String(n)}`, ...(id === undefined ? [] : [id])]);
}

/** Refreshes what a batch of changes may have touched. */
export function refresh(client: QueryClient, changes: Change[]): void {
  const touched = new Set(changes.map((c) => String(c.incident ?? "")).filter(Boolean));
  const kinds = changes.map((c) => c.kind.split(".")[0] ?? "");
  const has = (...subjects: string[]) => kinds.some((k) => subjects.includes(k) || k === "unknown");
  void client.invalidateQueries({
    predicate: ({ queryKey: [resource, n, part], state }) => {
      switch (resource) {
        case "now":
        case "incidents":
          return true;
        case "incident": {
          if (touched.size === 0) return has("unknown");
          const mine = changes.filter((c) => c.incident !== undefined && ids(client, n, state.data).has(String(c.incident)));
          return mine.some((c) => touches(c.kind, String(part ?? "")));
        }
        case "impact":
          return kinds.length > 0 && changes.some((c) => c.kind === "incident.scope" || c.kind === "unknown");
        case "alerts":
          return has("alert", "incident");
        case "tickets":
          return has("ticket", "incident");
        case "limits":
          return has("alert");
        case "look":
          return has("page");
        case "announced":
        case "maintenances":
          return has("maintenance");
        case "deliveries":
          return has("delivery", "page", "notice", "message");
        case "map":
          return has("catalog", "vendor", "incident");
        case "vendors":
          return has("catalog", "vendor");
        case "mentions":
        case "feeds":
          return has("catalog", "mention");
        case "checks":
          return has("catalog", "alert");
        case "warnings":
          return has("usage");
        case "healthchecks":
          return has("customer");
        case "procedure":
          return has("procedure");
        default:
          return catalogue.includes(String(resource)) && has("catalog", "oncall");
      }
    },
  });
}
