// What is done in an incident beside its plain steps, and what is read for it:
// scope and impact, briefs, cards, wall boards, the war room.
import { queryOptions } from "@tanstack/react-query";
import { call, get, post } from "./client";
import type { Number } from "./endpoints";
import type { Impact, Incident, IncidentNotes, Task, Wall, WallAddress, WarRoom } from "./types";

const at = (n: Number, rest: string) => `/incidents/${encodeURIComponent(n)}${rest}`;
const card = (id: string, rest: string) => `/tasks/${encodeURIComponent(id)}${rest}`;

export interface NewScope {
  services: string[];
  regions: string[];
  added: string[];
  spared: string[];
  reason?: string;
}

export const command = {
  scope: (n: Number, s: NewScope) => post<Incident>(at(n, "/scope"), s),
  consequence: (n: Number, consequence: string) => post<Incident>(at(n, "/impact"), { consequence }),
  findings: (n: Number, text: string) => post<Incident>(at(n, "/notes"), { text, findings: true }),
  role: (n: Number, role: string, person: string, handover?: string) => post<Incident>(at(n, "/roles"), { role, person, ...(handover ? { handover } : {}) }),
  respond: (n: Number, state: "joined" | "unavailable") => post<Incident>(at(n, "/responders"), { state }),
  reopen: (n: Number, reason: string) => post<Incident>(at(n, "/reopen"), { reason }),
  draftBrief: (n: Number) => get<{ text: string }>(at(n, "/brief")),
  brief: (n: Number, text: string) => post<Incident>(at(n, "/brief"), { text }),
  wall: (n: Number, lasting: string) => post<WallAddress>(at(n, "/wall"), { for: lasting }),
};

export const cards = {
  add: (n: Number, c: { title: string; owner?: string; due_in?: string }) => post<Task>(at(n, "/tasks"), c),
  take: (id: string) => post<Task>(card(id, "/take")),
  hand: (id: string, owner: string) => post<Task>(card(id, "/hand"), { owner }),
  done: (id: string, evidence: string) => post<Task>(card(id, "/done"), { evidence }),
  skip: (id: string, reason: string) => post<Task>(card(id, "/skip"), { reason }),
};

export const hall = {
  reserve: (n: Number) => post<WarRoom>(at(n, "/room/reserve"), {}),
  release: (n: Number) => post<WarRoom>(at(n, "/room/release"), {}),
  breakout: (n: Number, name: string) => post<WarRoom>(at(n, "/room/breakouts"), { name }),
  call: (n: Number, phone?: string) => post<WarRoom>(at(n, "/room/call"), phone ? { phone } : {}),
  retry: (n: Number, part: string) => post<WarRoom>(at(n, `/room/parts/${encodeURIComponent(part)}/retry`)),
  /** Written over exactly the version that was read. */
  write: (n: Number, version: number, text: string) => call<IncidentNotes>("PUT", at(n, "/room/notes"), { body: { text }, version: `v${version}` }),
};

export const cq = {
  /** Every affected account: read anew when the scope changes, not with each line of the timeline. */
  impact: (n: number) => queryOptions({ queryKey: ["impact", n], queryFn: () => get<Impact>(at(n, "/impact")), staleTime: 30_000, refetchInterval: 60_000, retry: false }),
  room: (n: number) => queryOptions({ queryKey: ["incident", n, "room"], queryFn: () => get<WarRoom>(at(n, "/room")), retry: false }),
  notes: (n: number) => queryOptions({ queryKey: ["incident", n, "notes"], queryFn: () => get<IncidentNotes>(at(n, "/room/notes")) }),
  wall: (token: string) => queryOptions({ queryKey: ["wall", token], queryFn: ({ signal }) => get<Wall>(`/wall/${encodeURIComponent(token)}`, undefined, signal), refetchInterval: 5_000, refetchIntervalInBackground: true, retry: false, staleTime: 0 }),
};
