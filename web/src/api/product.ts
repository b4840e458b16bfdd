// Notices in the product: the keys it signs with, and what is built into it. In the
// chunk of that screen.
import { queryOptions } from "@tanstack/react-query";
import { call, get, post } from "./client";
import type { components } from "./schema";
import { items } from "./queries";
import type { Page } from "./types";

type S = components["schemas"];
export type InAppKey = S["InAppKey"];
export type InAppSetup = S["InAppSetup"];
export type InAppSession = S["InAppSessions"];

export const product = {
  keys: () => queryOptions({ queryKey: ["inapp", "keys"], queryFn: () => get<Page<InAppKey>>("/in-app/keys", { limit: 100 }), select: items }),
  setup: () => queryOptions({ queryKey: ["inapp", "setup"], queryFn: () => get<InAppSetup>("/in-app/setup"), staleTime: 300_000 }),
  sessions: () => queryOptions({ queryKey: ["inapp", "sessions"], queryFn: () => get<Page<InAppSession>>("/in-app/sessions", { limit: 500 }), select: items, refetchInterval: 60_000 }),
};

export const productKeys = {
  make: (intent: string) => post<InAppKey>("/in-app/keys", undefined, intent),
  end: (id: string) => call<void>("DELETE", `/in-app/keys/${encodeURIComponent(id)}`),
};
