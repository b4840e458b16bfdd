// What the desk of messages reads and does beside the messages themselves, in the
// chunk of its screens.
import { queryOptions } from "@tanstack/react-query";
import { get, post } from "./client";
import type { components } from "./schema";
import type { Message, Page } from "./types";

type S = components["schemas"];
export type Proof = S["MessageProof"];
export type ProofWay = S["ProofWay"];
export type Template = S["MessageTemplate"];
export type Board = S["OutreachBoard"];
export type Contact = S["OutreachContact"];
export type Report = S["ToldReport"];
export type Fields = S["MessageFields"];
export type Outcome = S["OutreachOutcome"]["outcome"];

const at = (n: number, rest: string) => `/incidents/${n}${rest}`;

export const desk = {
  templates: (n: number) => queryOptions({ queryKey: ["incident", n, "templates"], queryFn: () => get<Page<Template>>(at(n, "/templates"), { limit: 100 }), select: (p) => p.items ?? [], staleTime: 60_000 }),
  proof: (n: number, f: Fields) => queryOptions({ queryKey: ["incident", n, "proof", f], queryFn: () => post<Proof>(at(n, "/messages/proof"), f), retry: false, staleTime: 5_000 }),
  proofOf: (n: number, id: string) => queryOptions({ queryKey: ["incident", n, "messages", id, "proof"], queryFn: () => get<Proof>(`/messages/${id}/proof`) }),
  outreach: (n: number) => queryOptions({ queryKey: ["incident", n, "outreach"], queryFn: () => get<Board>(at(n, "/outreach")) }),
  told: (n: number) => queryOptions({ queryKey: ["incident", n, "told"], queryFn: () => get<Report>(at(n, "/told")), refetchInterval: 60_000 }),
  toldFile: (n: number) => `/api/v1${at(n, "/told.csv")}`,
};

export const telling = {
  schedule: (id: string, when: string) => post<Message>(`/messages/${id}/schedule`, when ? { at: when } : {}),
  outcome: (id: string, o: { outcome: Outcome; note?: string; url?: string }) => post<Contact>(`/outreach/${id}/outcome`, o),
  /** Leaves the notices in the product out of an incident's messages, and takes that back. */
  skip: (n: number, reason: string) => post<S["InAppState"]>(at(n, "/in-app/skip"), { reason }),
  resume: (n: number) => post<S["InAppState"]>(at(n, "/in-app/resume"), {}),
  add: (n: number, c: S["NewOutreach"]) => post<Contact>(at(n, "/outreach"), c),
};
