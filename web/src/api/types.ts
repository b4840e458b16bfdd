// The shapes of /api/v1 that the console reads. Instants are RFC 3339 strings;
// an instant that has not come is absent or empty. Lists may be absent when empty.

import type { DeadEnd } from "./policies";
import type { components } from "./schema";

export type Severity = "P1" | "P2" | "P3" | "P4";
export type Status = "triage" | "investigating" | "mitigated" | "monitoring" | "resolved" | "closed";
export type DeadlineState = "pending" | "warned" | "met" | "breached" | "waived";
export type Instant = string;

export interface Named {
  id: string;
  name: string;
}

/** A person as the API names one: its id, or id and name. */
export type PersonRef = string | Named;

export interface Page<T> {
  items: T[];
  next_cursor?: string;
}

export interface Account {
  id: string;
  email: string;
  role: "admin" | "responder" | "stakeholder" | "auditor";
  person_id?: string;
  name: string;
}

export interface Session {
  account?: Account; // absent for a machine's token
  actor?: string;
  role?: Account["role"];
}

export interface NextDeadline {
  clock: string;
  name: string;
  state: DeadlineState;
  due_at: Instant;
  started_at?: Instant;
  warn_at?: Instant;
}

export interface Affected {
  customers: number;
  enterprise?: number;
  vip?: number;
  major_account?: number;
  regions?: string[];
}

export interface IncidentSummary {
  id: string;
  number: number;
  ref: string;
  title: string;
  service: Named;
  severity: Severity;
  status: Status;
  restricted?: boolean;
  declared: boolean;
  declared_at?: Instant;
  detected_at: Instant;
  acknowledged_at?: Instant;
  acknowledged_by?: PersonRef;
  snoozed_until?: Instant;
  snoozed_by?: PersonRef;
  engaged_at?: Instant;
  mitigated_at?: Instant;
  resolved_at?: Instant;
  roles?: Record<string, PersonRef>;
  responders?: Responder[];
  affected?: Affected;
  open_alerts?: number;
  next_deadline?: NextDeadline;
}

export type ResponderState = "asked" | "joined" | "declined" | "unavailable" | "left";

export interface Responder {
  person: string;
  name: string;
  state: ResponderState | string;
  at: Instant;
}

export type Action =
  | "acknowledge" | "engage" | "snooze" | "wake" | "confirm" | "dismiss" | "severity" | "roles" | "notes" | "mitigate"
  | "resolve" | "close" | "escalate" | "merge" | "split" | "restrict" | "messages" | "tasks";

export interface Incident extends IncidentSummary {
  highest: Severity;
  reason?: string;
  false_positive?: boolean;
  regions?: string[];
  scenario?: string;
  flags?: string[];
  in_app_skip?: { by: string; at: string; reason: string };
  roles: Record<string, PersonRef>;
  responders: Responder[];
  why?: string[];
  alerts: { open: number; total: number };
  procedure: { hash: string; version: string };
  affected: Affected;
  downtime_seconds?: number;
  tenant?: string;
  scope?: components["schemas"]["Scope"];
  regressions?: components["schemas"]["Regression"][];
  merged_into?: string;
  allowed_actions: (Action | string)[];
}

export interface Deadline {
  id: string;
  clock: string;
  name: string;
  subject?: string;
  severity: Severity;
  state: DeadlineState;
  started_at: Instant;
  warn_at?: Instant;
  due_at: Instant;
  ended_at?: Instant;
  clauses?: string[];
  evidence?: { text?: string; actor?: string; late?: boolean; warned?: Instant[] };
}

export interface TimelineData {
  text?: string;
  rule?: string;
  clauses?: string[];
  to?: string;
  channel?: string;
  channels?: string[];
  step?: number;
  round?: number;
  clock?: string;
  severity?: string;
  from?: string;
  outcome?: string;
  status?: string;
  ref?: string;
  alert?: string;
  subject?: string;
  audience?: string;
  owner?: string;
  [more: string]: unknown;
}

export interface TimelineEntry {
  id: string;
  kind: string;
  actor: string;
  actor_name?: string;
  source?: string;
  at: Instant;
  recorded_at: Instant;
  text: string;
  data?: TimelineData;
}

export interface Delivery {
  id?: string;
  kind?: string;
  incident?: string | number;
  recipient?: string;
  channel: string;
  address: string;
  subject?: string;
  body?: string;
  state: string;
  attempts: number;
  at: Instant;
  done_at?: Instant;
  last_error?: string;
  clauses?: string[];
  /** The provider's later word on what it had accepted. */
  confirmation?: "delivered" | "failed";
  confirmed_at?: Instant;
}

export interface PageCall {
  id: string;
  to: string;
  to_name?: string;
  reason: string;
  step: number;
  round: number;
  channel: string;
  state: "queued" | "sent" | "acknowledged" | "cancelled" | "failed" | string;
  at: Instant;
  ended_at?: Instant;
  clauses?: string[];
  deliveries?: Delivery[];
}

export interface Message {
  id: string;
  audience: string;
  purpose: string;
  channels: string[];
  /** Left out when it went, because the incident skips them. */
  skipped?: string[];
  status?: string;
  subject: string;
  text: string;
  state: "draft" | "approved" | "published" | "cancelled" | string;
  author: string;
  approved_by?: string;
  created_at: Instant;
  published_at?: Instant;
  recipients?: number;
  tally?: Record<string, number>;
  clauses?: string[];
  words?: string;
  corrects?: string;
  retracts?: boolean;
  publish_at?: Instant;
  hash: string;
}

export interface Task {
  id: string;
  title: string;
  owner?: string;
  state: "open" | "done" | "na" | string;
  due_at?: Instant;
  done_at?: Instant;
  done_by?: string;
  evidence?: string;
  clauses?: string[];
  gate?: boolean | string;
  phase?: string;
  owner_people?: Named[];
  opened_at?: Instant;
  taken_at?: Instant;
  taken_by?: Named;
  done_by_name?: string;
}

export interface Checklist {
  phase: string;
  name: string;
  items: Task[];
}

export interface Alert {
  id: string;
  status: "triggered" | "acknowledged" | "resolved" | "suppressed";
  dedup_key: string;
  severity: string;
  hint?: string;
  summary: string;
  count: number;
  source?: string;
  service?: Named | string;
  incident?: string | number;
  first_at?: Instant;
  last_at?: Instant;
  created_at?: Instant;
  links?: { href: string; text?: string }[];
  held_by?: string; // while something holds it back
  cause?: string; // the incident it is likely a symptom of
  flapping?: boolean;
}

export type Ticket = components["schemas"]["Ticket"];

export interface OnCall {
  schedule: string;
  person?: string;
  name?: string;
  until?: Instant;
  next?: PersonRef;
}

export interface Due {
  kind: string;
  incident?: string | number;
  title: string;
  owner?: string;
  owner_people?: { id: string; name?: string }[];
  due_at: Instant;
  state: string;
}

export interface Now {
  at: Instant;
  incidents: IncidentSummary[];
  on_call: OnCall[];
  due: Due[];
  outbox: { failed: number; waiting: number };
  watch?: { finding: string; text: string; critical: boolean; since: Instant }[];
  warnings?: DeadEnd[];
}

/** How much one person was on call and interrupted. */
export interface PersonLoad {
  person: string;
  name: string;
  hours: number;
  nights: number;
  weekend_hours: number;
  holiday_hours: number;
  pages: number;
  pages_off_hours: number;
}

/** A calendar that can be subscribed to; path is shown once, when it is made. */
export interface CalendarFeed {
  id: string;
  kind: "person" | "schedule";
  subject: string;
  created_at: Instant;
  path?: string;
}

export interface Span {
  from: Instant;
  until: Instant;
  person?: string;
  name?: string;
  override?: boolean;
  layer?: number;
}

export interface Restriction {
  days: string[];
  from: string;
  to: string;
}

export interface Layer {
  members: string[];
  start: string;
  every: number;
  unit: "hour" | "day" | "week" | "month" | string;
  only?: Restriction[];
}

export interface Schedule {
  id: string;
  name?: string;
  time_zone?: string;
  layers?: Layer[];
  overrides?: { from: Instant; until: Instant; person: string }[];
  spans?: Span[];
  gaps?: Span[];
  on_call?: string[];
  until?: Instant;
  next?: Named;
  version?: number;
  updated_at?: Instant;
}

/** What a schedule that is not saved would come to. */
export interface Layout {
  spans: Span[];
  gaps: Span[];
}

export interface Service {
  id: string;
  name: string;
  description?: string;
  component?: string;
  owner_team?: string;
  area?: string;
  restoration_rank?: number;
  critical_function?: boolean;
  depends_on?: string[];
  regions?: string[];
  products?: string[];
  /** Who is paged when; absent: the procedure's chain. */
  escalation_policy?: string;
}

export interface Contact {
  channel: string;
  address: string;
  verified?: boolean;
  label?: string;
}

export interface Person {
  id: string;
  name: string;
  title?: string;
  email?: string;
  level?: number;
  area?: string;
  roles?: string[];
  skills?: string[];
  deputy?: string;
  manager?: string;
  time_zone?: string;
  contacts?: Contact[];
  teams?: string[];
  no_handover_notices?: boolean;
  absent?: { from: Instant; until: Instant; reason?: string }[];
}

export interface Team {
  id: string;
  name: string;
  description?: string;
  area?: string;
  lead?: string;
  members?: string[];
  availability?: "always" | "business_hours" | "on_call";
  otherwise?: string;
}

/** The private status page of a customer. */
export interface PrivatePage {
  /** Empty: it has no address. */
  url: string;
  since?: Instant;
}

export interface Customer {
  id: string;
  name: string;
  tier?: string;
  vip?: boolean;
  major_account?: boolean;
  region?: string;
  account_manager?: string;
}

export interface SeverityPreview {
  duration_seconds: number;
  downtime_month_seconds: number;
  clocks: { clock: string; name?: string; due_at: Instant }[];
}

export interface ClockRule {
  id: string;
  name: string;
  from: string;
  until: string;
  by: Record<string, { within: string; warn_at?: string[]; clauses?: string[] }>;
}

export interface ChainStep {
  clause?: string;
  target: string;
  after: string;
  by: Record<string, { while: string; else?: string }>;
}

export interface Level {
  level: number;
  name: string;
  members: string[];
  response: Record<string, string>;
}

export interface Finding {
  severity: "error" | "warning" | "info" | string;
  code: string;
  line: number;
  column: number;
  message: string;
  fix?: string;
}

export interface Procedure {
  document: Record<string, unknown> & { title?: string; version?: string; company?: string };
  hash: string;
  source: string;
  clocks: ClockRule[];
  chain: ChainStep[] | { steps: ChainStep[]; repeat_every?: string };
  levels: Level[];
  roles?: RoleRule[];
  findings: Finding[];
}

export type RoleRule = components["schemas"]["RoleRule"];
export type Impact = components["schemas"]["Impact"];
export type Wall = components["schemas"]["Wall"];
export type WallAddress = components["schemas"]["WallAddress"];
export type WarRoom = components["schemas"]["WarRoom"];
export type RoomPart = components["schemas"]["RoomPart"];
export type IncidentNotes = components["schemas"]["IncidentNotes"];

/** One line of the event stream. */
export interface Change {
  id: string;
  kind: string;
  incident?: string | number;
}

/** A browser of mine that takes pushes; its id is the address of the contact. */
export interface PushSubscription {
  id: string;
  label: string;
  host: string;
  created_at: Instant;
  succeeded_at?: Instant;
  gone_at?: Instant;
}

export interface OwnContact {
  channel: string;
  address: string;
  label?: string;
  verified: boolean;
  implied?: boolean;
  code_by?: Instant;
}

export interface NewContact {
  channel: string;
  address: string;
  label?: string;
}

/** What a provider said to a code or a test page. */
export interface SendAnswer {
  accepted: boolean;
  answer: string;
  kept?: boolean;
  again?: boolean;
  gone?: boolean;
}

/** A stretch of a schedule's line; without a person it is a gap. */
export interface Shift {
  schedule?: string;
  from: Instant;
  until: Instant;
  person?: string;
  name?: string;
  layer: number;
  override: boolean;
}

export interface Lines {
  schedule: string;
  time_zone: string;
  final: Shift[];
  gaps: Shift[];
  layers: Shift[][];
  overrides: { from: Instant; until: Instant; person: string }[];
}

/** Somebody's wish to change who is on call. */
export interface CoverRequest {
  id: string;
  kind: "cover" | "offer" | "swap" | "take";
  schedule: string;
  state: "open" | "accepted" | "declined" | "withdrawn" | "expired";
  from: Instant;
  until: Instant;
  back_from?: Instant;
  back_until?: Instant;
  holder: string;
  holder_name: string;
  taker?: string;
  taker_name?: string;
  answerer?: string;
  asker: string;
  note?: string;
  reason?: string;
}

/** Something weak about who will be on call. */
export interface Weakness {
  kind: "gap" | "unreachable" | "absent" | "same";
  schedule: string;
  other?: string;
  person?: string;
  name?: string;
  deputy_name?: string;
  from: Instant;
  until: Instant;
}
