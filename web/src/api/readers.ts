// Who subscribed to the status page, and how its components follow alerts, in the
// chunk of that screen.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, file, get } from "./client";
import type { components } from "./schema";
import { items } from "./queries";
import type { Page } from "./types";

type S = components["schemas"];
export type Subscriber = S["Subscriber"];
export type SubscriberCount = S["SubscriberCount"];
export type SubscriberSend = S["SubscriberSend"];
export type Following = S["Following"];
export type FollowedComponent = S["FollowedComponent"];
export type FollowingRules = S["FollowingRules"];

const at = encodeURIComponent;

export const readers = {
  list: (filter: { address?: string; channel?: string; state?: string }) => infiniteQueryOptions({
    queryKey: ["subscribers", "list", filter], initialPageParam: "",
    queryFn: ({ pageParam }) => get<Page<Subscriber>>("/subscribers", { ...filter, limit: 100, cursor: pageParam || undefined }),
    getNextPageParam: (last) => last.next_cursor || undefined,
  }),
  counts: () => queryOptions({ queryKey: ["subscribers", "counts"], queryFn: () => get<Page<SubscriberCount>>("/subscribers/counts", { limit: 100 }), select: items }),
  sent: (id: string) => queryOptions({ queryKey: ["subscribers", "sent", id], queryFn: () => get<Page<SubscriberSend>>(`/subscribers/${at(id)}/deliveries`, { limit: 20 }), select: items }),
  following: () => queryOptions({ queryKey: ["following"], queryFn: () => get<Following>("/component-following"), refetchInterval: 30_000 }),
};

export const reading = {
  /** Puts on the record that it was taken out. */
  file: () => file("POST", "/subscribers/export"),
  /** consent: each of them has agreed, and is told from now on. */
  take: (csv: string, consent: boolean) => call<S["ImportedSubscribers"]>("POST", "/subscribers/import", { body: { csv, consent } }),
  forget: (address: string) => call<S["ErasedSubscribers"]>("POST", "/subscribers/erase", { body: { address } }),
  end: (id: string) => call<void>("DELETE", `/subscribers/${at(id)}`),
  rules: (r: FollowingRules) => call<Following>("PUT", "/component-following", { body: r }),
  answer: (service: string, approve: boolean) => call<Following>("POST", `/component-following/${at(service)}/answer`, { body: { approve } }),
  set: (service: string, status: string, reason: string) => call<Following>("PUT", `/component-following/${at(service)}/status`, { body: { status, ...(reason && { reason }) } }),
  release: (service: string) => call<void>("DELETE", `/component-following/${at(service)}/status`),
};
