// Where events come from, as the API answers it: keys, sources, trials, payloads.
import type { components } from "./schema";
import type { Instant } from "./types";

/** What became of a test event. */
export type SentTest = components["schemas"]["SentTestEvent"];
/** How the asking of a source goes, where it is asked too. */
export type SourcePull = components["schemas"]["SourcePull"];

/** A way in: what a source presents. Its value is shown once, when it is made. */
export interface IntegrationKey {
  id: string;
  kind: "events" | "hooks";
  service: string;
  name: string;
  mapping?: string;
  signed: boolean;
  created_by: string;
  created_at: Instant;
  sources: SourceHealth[];
  value?: string;
}

/** How a source fares: of one key, or of all. */
export interface SourceHealth {
  source: string;
  accepted_at?: Instant;
  refused_at?: Instant;
  reason?: string;
  accepted_24h: number;
  refused_24h: number;
}

/** One that events can come from, with what to do at the sender. */
export interface Source {
  name: string;
  title: string;
  docs: string;
  address: string;
  kind: "events" | "hooks";
  setup: string[];
  sample: string;
  max_body: number;
  mapped: boolean;
  tryable: boolean;
  health: SourceHealth;
  pull?: SourcePull;
}

export interface MappedSignal {
  action: string;
  dedup_key: string;
  summary: string;
  severity: string;
  origin?: string;
  component?: string;
  group?: string;
  class?: string;
  links?: { href: string; text?: string }[];
  started_at?: Instant;
}

export interface Trial {
  signals: MappedSignal[];
  skipped: number;
  notes: { where?: string; what: string }[];
  changes: { summary: string; origin?: string }[];
  tickets: { external_id: string; subject: string; priority?: string; name?: string }[];
  problem?: string;
  refused: { where?: string; what: string }[];
}

export interface HookPayload {
  id: string;
  source: string;
  service: string;
  received_at: Instant;
  dedup_key?: string;
  problem?: string;
  body: string;
  altered: boolean;
}
