// Every call the console makes, one line each. n is an incident's number or
// its reference such as INC-42.
import { call, get, post, url, type Query } from "./client";
import type { AbsenceCalendar, AbsenceSheet, NewAbsenceCalendar } from "./away";
import type { AlertInFull, Announced, Maintenance, Plan, Rules } from "./detection";
import type { Component, Look } from "./statuspage";
import type { DeadEnd, Policy } from "./policies";
import type { HookPayload, IntegrationKey, SentTest, Source, Trial } from "./sources";
import type {
  Alert, CalendarFeed, Checklist, CoverRequest, Customer, Deadline, Delivery, Incident, IncidentSummary, Layout, Lines, Message, NewContact, Now, OnCall, OwnContact, Page, PageCall,
  Person, PersonLoad, PrivatePage, Procedure, PushSubscription as Device, Responder, Schedule, SendAnswer, Service, Session, Severity, SeverityPreview, Shift, Task, Team, Ticket, TimelineEntry, Weakness,
} from "./types";

export type Number = string | number;
const at = (n: Number, rest = "") => `/incidents/${encodeURIComponent(n)}${rest}`;

export const session = {
  read: () => get<Session>("/session"),
  open: (email: string, password: string) => call<Session>("POST", "/session", { body: { email, password } }),
  close: () => call<void>("DELETE", "/session"),
};

export const read = {
  now: (signal?: AbortSignal) => get<Now>("/now", undefined, signal),
  incidents: (q: Query, signal?: AbortSignal) => get<Page<IncidentSummary>>("/incidents", q, signal),
  incident: (n: Number, signal?: AbortSignal) => get<Incident>(at(n), undefined, signal),
  deadlines: (n: Number) => get<Page<Deadline>>(at(n, "/deadlines"), { limit: 500 }),
  timeline: (n: Number) => get<Page<TimelineEntry>>(at(n, "/timeline"), { limit: 500 }),
  pages: (n: Number) => get<Page<PageCall>>(at(n, "/pages"), { limit: 500 }),
  messages: (n: Number) => get<Page<Message>>(at(n, "/messages"), { limit: 500 }),
  checklists: (n: Number) => get<Page<Checklist>>(at(n, "/checklists"), { limit: 500 }),
  incidentAlerts: (n: Number) => get<Page<Alert>>(at(n, "/alerts"), { limit: 500 }),
  responders: (n: Number) => get<Page<Responder>>(at(n, "/responders")),
  preview: (n: Number, to: Severity) => get<SeverityPreview>(at(n, "/severity-preview"), { to }),
  alerts: (q: Query) => get<Page<Alert>>("/alerts", q),
  alert: (id: string) => get<AlertInFull>(`/alerts/${encodeURIComponent(id)}`),
  limits: () => get<Rules>("/metrics/rules"),
  maintenances: () => get<Page<Maintenance>>("/maintenances"),
  announced: () => get<Page<Announced>>("/maintenances/announced", { limit: 500 }),
  components: () => get<Page<Component>>("/components", { limit: 500 }),
  look: () => get<Look>("/status-page"),
  tickets: (q: Query) => get<Page<Ticket>>("/tickets", q),
  onCall: () => get<Page<OnCall>>("/oncall"),
  schedules: () => get<Page<Schedule>>("/schedules", { limit: 500 }),
  schedule: (id: string, from: string, until: string) => get<Schedule>(`/schedules/${encodeURIComponent(id)}`, { from, until }),
  lines: (id: string, from: string, until: string) => get<Lines>(`/schedules/${encodeURIComponent(id)}/shifts`, { from, until }),
  myShifts: (from: string, until: string) => get<Page<Shift>>("/me/shifts", { from, until }),
  coverRequests: () => get<Page<CoverRequest>>("/oncall/requests", { limit: 50 }),
  forecast: () => get<Page<Weakness>>("/oncall/forecast"),
  load: (from: string, until: string) => get<Page<PersonLoad>>("/oncall/load", { from, until }),
  calendars: () => get<Page<CalendarFeed>>("/calendars"),
  policies: () => get<Page<Policy>>("/escalation-policies", { limit: 500 }),
  deadEnds: () => get<Page<DeadEnd>>("/reachability"),
  services: () => get<Page<Service>>("/services", { limit: 500 }),
  people: () => get<Page<Person>>("/people", { limit: 500 }),
  teams: () => get<Page<Team>>("/teams", { limit: 500 }),
  customers: (q: Query) => get<Page<Customer>>("/customers", q),
  team: (id: string) => get<Team>(`/teams/${encodeURIComponent(id)}`),
  layout: (doc: object, from: string, until: string, signal?: AbortSignal) => call<Layout>("POST", "/schedules/preview", { body: { ...doc, from, until }, asks: true, signal }),
  deliveries: (q: Query) => get<Page<Delivery>>("/deliveries", q),
  procedure: () => get<Procedure>("/procedure"),
  keys: () => get<Page<IntegrationKey>>("/integration-keys", { limit: 500 }),
  payloads: (service: string) => get<Page<HookPayload>>("/hooks/payloads", { source: "generic", service, limit: 20 }),
  sources: () => get<Page<Source>>("/sources"),
  trial: (source: string, payload: string, mapping?: string, signal?: AbortSignal) => call<Trial>("POST", `/sources/${encodeURIComponent(source)}/test`, { body: { payload, ...(mapping ? { mapping } : {}) }, asks: true, signal }),
};

/** What a person does about customers' tickets, with words that go on the record. */
export const desk = {
  escalate: (id: string, reason: string) => post<Ticket>(`/tickets/${encodeURIComponent(id)}/escalate`, { reason }),
  dismiss: (id: string, reason: string) => post<Ticket>(`/tickets/${encodeURIComponent(id)}/dismiss`, { reason }),
  forCustomer: (customer: string, text: string, service: string) => post<{ service: string; incident?: string }>(`/customers/${encodeURIComponent(customer)}/escalate`, { text, service }),
};

export const maintenance = {
  plan: (p: Plan) => post<Maintenance>("/maintenances", p),
  end: (id: string) => call<void>("DELETE", `/maintenances/${encodeURIComponent(id)}`),
  tell: (id: string, status: Announced["status"], text: string) => post<Announced>(`/maintenances/${encodeURIComponent(id)}/updates`, { status, text }),
};

/** How the public page looks, as a whole. */
export const paint = (look: Look) => call<Look>("PUT", "/status-page", { body: look });

export const ways = {
  create: (k: { kind: string; service: string; name: string; secret?: string }, key: string) => post<IntegrationKey>("/integration-keys", k, key),
  mapping: (id: string, mapping: string) => call<IntegrationKey>("PUT", `/integration-keys/${encodeURIComponent(id)}/mapping`, { body: { mapping } }),
  /** A test event by the key, as its source sends: it pages nobody. */
  test: (id: string, source: string) => post<SentTest>(`/integration-keys/${encodeURIComponent(id)}/test`, { source }),
  revoke: (id: string) => call<void>("DELETE", `/integration-keys/${encodeURIComponent(id)}`),
};

/** Where a browser fetches the load report as a file. */
export const loadFile = (from: string, until: string): string => url("/oncall/load.csv", { from, until });

export const calendars = {
  /** Another of the same subject ends the one before. */
  make: (kind: CalendarFeed["kind"], subject: string) => post<CalendarFeed>("/calendars", { kind, subject }),
  end: (id: string) => call<void>("DELETE", `/calendars/${encodeURIComponent(id)}`),
};

export const tenantPage = {
  read: (customer: string) => get<PrivatePage>(`/customers/${encodeURIComponent(customer)}/status-page`),
  make: (customer: string, key: string) => post<PrivatePage>(`/customers/${encodeURIComponent(customer)}/status-page`, undefined, key),
  end: (customer: string) => call<void>("DELETE", `/customers/${encodeURIComponent(customer)}/status-page`),
};

const sheet = (person: string, rest = "absences") => `/people/${encodeURIComponent(person)}/${rest}`;

export const absences = {
  of: (person: string) => get<AbsenceSheet>(sheet(person)),
  write: (person: string, a: { from: string; until: string; reason: string }) => post<void>(sheet(person), a),
  erase: (person: string, from: string, until: string) => call<void>("DELETE", sheet(person), { query: { from, until } }),
  add: (person: string, c: NewAbsenceCalendar) => post<AbsenceCalendar>(sheet(person, "absence-calendars"), c),
  remove: (person: string, id: string) => call<void>("DELETE", sheet(person, `absence-calendars/${encodeURIComponent(id)}`)),
};

export interface Declaration {
  service: string;
  severity: Severity;
  title: string;
  scenario?: string;
  impact?: string;
  urgency?: string;
  regions?: string[];
  tenant?: string;
  flags?: string[];
}

export interface MessageDraft {
  audience: string;
  channels: string[];
  status?: string;
  subject?: string;
  text: string;
  publish?: boolean;
}

export interface Wish {
  kind: CoverRequest["kind"];
  schedule: string;
  from?: string;
  until: string;
  back_from?: string;
  back_until?: string;
  holder?: string;
  taker?: string;
  note?: string;
}

export const act = {
  ask: (w: Wish) => post<CoverRequest>("/oncall/requests", w),
  answerRequest: (id: string, to: "accept" | "decline" | "withdraw") => post<CoverRequest>(`/oncall/requests/${id}/${to}`, {}),
  override: (id: string, o: { from: string; until: string; person: string }) => post<Schedule>(`/schedules/${encodeURIComponent(id)}/overrides`, o),
  declare: (d: Declaration, key?: string) => post<Incident>("/incidents", d, key),
  acknowledge: (n: Number, key?: string) => post<Incident>(at(n, "/acknowledge"), {}, key),
  engage: (n: Number, key?: string) => post<Incident>(at(n, "/engage"), {}, key),
  snooze: (n: Number, span: string, reason: string) => post<Incident>(at(n, "/snooze"), reason ? { for: span, reason } : { for: span }),
  wake: (n: Number) => post<Incident>(at(n, "/wake")),
  confirm: (n: Number) => post<Incident>(at(n, "/confirm")),
  dismiss: (n: Number, reason: string) => post<Incident>(at(n, "/dismiss"), { reason }),
  severity: (n: Number, to: Severity, reason: string) => post<Incident>(at(n, "/severity"), { to, reason }),
  role: (n: Number, role: string, person: string) => post<Incident>(at(n, "/roles"), { role, person }),
  note: (n: Number, text: string, when?: string, key?: string) => post<unknown>(at(n, "/notes"), when ? { text, at: when } : { text }, key),
  mitigate: (n: Number) => post<Incident>(at(n, "/mitigate")),
  resolve: (n: Number, reason?: string, resolved_at?: string) =>
    post<Incident>(at(n, "/resolve"), { ...(reason ? { reason } : {}), ...(resolved_at ? { resolved_at } : {}) }),
  close: (n: Number) => post<Incident>(at(n, "/close")),
  escalate: (n: Number, to: string, text: string) => post<unknown>(at(n, "/escalate"), { to, text }),
  merge: (n: Number, into: string) => post<Incident>(at(n, "/merge"), { into }),
  split: (n: Number, alerts: string[], title: string) => post<Incident>(at(n, "/split"), { alerts, title }),
  restrict: (n: Number) => post<Incident>(at(n, "/restrict")),
  message: (n: Number, m: MessageDraft) => post<Message>(at(n, "/messages"), m),
  editMessage: (id: string, m: Partial<MessageDraft>) => call<Message>("PATCH", `/messages/${id}`, { body: m }),
  approve: (id: string, hash: string) => post<Message>(`/messages/${id}/approve`, { hash }),
  publish: (id: string) => post<Message>(`/messages/${id}/publish`),
  cancelMessage: (id: string) => post<Message>(`/messages/${id}/cancel`),
  done: (id: string, evidence: string) => post<Task>(`/tasks/${id}/done`, { evidence }),
  skip: (id: string, reason: string) => post<Task>(`/tasks/${id}/skip`, { reason }),
};

export const reach = {
  key: () => get<{ public_key: string }>("/push/key"),
  devices: () => get<Page<Device>>("/me/push-subscriptions"),
  subscribe: (s: { endpoint: string; keys: { p256dh: string; auth: string }; label: string }) => post<Device>("/me/push-subscriptions", s),
  unsubscribe: (id: string) => call<void>("DELETE", `/me/push-subscriptions/${encodeURIComponent(id)}`),
  contacts: () => get<Page<OwnContact>>("/me/contacts"),
  add: (c: NewContact) => post<SendAnswer>("/me/contacts", c),
  verify: (channel: string, address: string, code: string) => post<void>("/me/contacts/verify", { channel, address, code }),
  remove: (channel: string, address: string) => call<void>("DELETE", "/me/contacts", { query: { channel, address } }),
  test: (channel: string, address: string) => post<SendAnswer>("/me/test-page", { channel, address }),
};
