// What the screens of reviews read and do, in the chunks of those screens.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, get, post } from "./client";
import type { components } from "./schema";
import type { Page } from "./types";

type S = components["schemas"];
export type Review = S["Review"];
export type ReviewSummary = S["ReviewSummary"];
export type ActionItem = S["ActionItem"];
export type NewActionItem = S["NewActionItem"];

const of = (n: number, rest = "") => `/incidents/${n}/review${rest}`;
const item = (id: string, rest = "") => `/action-items/${encodeURIComponent(id)}${rest}`;

export const looking = {
  reviews: (open: boolean) =>
    infiniteQueryOptions({
      queryKey: ["reviews", open],
      queryFn: ({ pageParam }) => get<Page<ReviewSummary>>("/reviews", { open: open || undefined, limit: 50, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  actions: (filter: Record<string, string | undefined>) =>
    infiniteQueryOptions({
      queryKey: ["actions", filter],
      queryFn: ({ pageParam }) => get<Page<ActionItem>>("/action-items", { ...filter, limit: 100, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  review: (n: number) => queryOptions({ queryKey: ["review", n], queryFn: () => get<Review>(of(n)), refetchInterval: 60_000, retry: false }),
};

/** What a person writes down of a review; each answers with the review as it is then. */
export const reviewing = {
  open: (n: number) => post<Review>(of(n)),
  put: (n: number, part: string, body: object) => call<Review>("PUT", of(n, `/${part}`), { body }),
  change: (n: number, body: object) => call<Review>("PATCH", of(n), { body }),
  add: (n: number, part: string, body: object) => post<Review>(of(n, `/${part}`), body),
};

export const acting = {
  create: (body: NewActionItem, key: string) => post<ActionItem>("/action-items", body, key),
  change: (id: string, body: object) => call<ActionItem>("PATCH", item(id), { body }),
  verify: (id: string, note: string) => post<ActionItem>(item(id, "/verify"), { note }),
  checkIn: (id: string, note: string) => post<ActionItem>(item(id, "/check-in"), { note }),
};
