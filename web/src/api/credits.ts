// What the screens of service credits read and do, in the chunks of those screens.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, get, post } from "./client";
import type { components } from "./schema";
import type { Page } from "./types";

type S = components["schemas"];
export type Memo = S["CreditMemo"];
export type MemoDetail = S["CreditDetail"];
export type Standing = S["CreditStanding"];
export type Plan = S["CreditPlan"];
export type Uptime = S["CustomerUptime"];
export type Ledger = S["IncidentLedger"];
export type LedgerRow = S["LedgerEntry"];

const memo = (id: string, rest = "") => `/credits/${encodeURIComponent(id)}${rest}`;

export const money = {
  memos: (filter: Record<string, string | undefined>) =>
    infiniteQueryOptions({
      queryKey: ["credits", "list", filter],
      queryFn: ({ pageParam }) => get<Page<Memo>>("/credits", { ...filter, limit: 100, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      placeholderData: keepPreviousData,
    }),
  memo: (id: string) => queryOptions({ queryKey: ["credits", "one", id], queryFn: () => get<MemoDetail>(memo(id)), retry: false }),
  standing: () => queryOptions({ queryKey: ["credits", "standing"], queryFn: () => get<Standing>("/credit-schedules") }),
  uptimes: (month: string | undefined) =>
    infiniteQueryOptions({
      queryKey: ["credits", "uptime", month ?? ""],
      queryFn: ({ pageParam }) => get<Page<Uptime>>("/availability", { month, limit: 100, cursor: pageParam || undefined }),
      initialPageParam: "",
      getNextPageParam: (last) => last.next_cursor || undefined,
      refetchInterval: 60_000,
    }),
  ledger: (n: number) => queryOptions({ queryKey: ["credits", "ledger", n], queryFn: () => get<Ledger>(`/incidents/${n}/ledger`), retry: false }),
};

export const crediting = {
  on: (id: string, what: "approve" | "sign" | "void" | "recompute" | "send" | "booked", body: object = {}) => post<MemoDetail>(memo(id, `/${what}`), body),
  confirm: (schedule: string, hash: string) => post<Standing>(`/credit-schedules/${encodeURIComponent(schedule)}/confirm`, { hash }),
  withdraw: (schedule: string) => call<void>("DELETE", `/credit-schedules/${encodeURIComponent(schedule)}/confirm`),
  judge: (n: number, body: object) => call<Ledger>("PUT", `/incidents/${n}/availability`, { body }),
  write: (n: number, body: object, key: string) => post<Ledger>(`/incidents/${n}/ledger`, body, key),
  strike: (id: string, reason: string) => post<void>(`/ledger-entries/${encodeURIComponent(id)}/withdraw`, { reason }),
  give: (n: number, body: object, key: string) => post<MemoDetail>(`/incidents/${n}/goodwill`, body, key),
};
