// Escalation policies as the fake API keeps, shows and checks them: what the
// real one says about a mistake, with the same places.
import { people, schedules, teams } from "./catalogue.ts";
import { procedure } from "./procedure.ts";
import type { NewPolicy, Policy } from "../src/api/policies";
import type { ChainStep } from "../src/api/types";

type Doc = Record<string, unknown>;
type Stored = NewPolicy & { id: string };

export const policies: Stored[] = [
  {
    id: "exports", name: "Exports and reporting", description: "Nobody is woken for a report: the team by day, the duty executive when it drags on.",
    steps: [
      { after: "0s", to: ["team:applications", "person:marcus.johnson"], only: { business_hours: true } },
      { after: "30m", to: ["schedule:legal"], while: "unresolved", only: { severity: ["P1"] } },
      { after: "1h", to: ["schedule:duty-executive"], only: { severity: ["P1"], days: ["sat", "sun"], hours: { from: "22:00", to: "07:00", time_zone: "Europe/Berlin" } } },
    ],
  },
  {
    id: "front-door", name: "Front door", description: "What every customer sees first.",
    steps: [
      { after: "0s", to: ["schedule:primary", "team:platform"] },
      { after: "5m", to: ["schedule:secondary"] },
      { after: "10m", to: ["manager:area", "lead:owner"] },
      { after: "15m", to: ["role:cto"], while: "unresolved", only: { severity: ["P1"] } },
    ],
    repeat: { every: "10m", times: 3 }, ack_expires: "30m",
  },
  { id: "night-watch", name: "Night watch", steps: [{ after: "0s", to: ["schedule:secondary"] }] },
];

/** As GET tells it. */
export function shownPolicy(doc: Doc): Policy {
  const p = doc as unknown as Stored & { version: number };
  return {
    id: p.id, source: "catalogue", name: p.name, description: p.description, repeat_every: p.repeat?.every ?? "0s", repeat_times: p.repeat?.times, ack_expires: p.ack_expires,
    steps: p.steps.map((s, k) => ({ step: k + 1, after: s.after, target: s.to[0] ?? "", to: s.to, while: s.while ?? "unacknowledged", ...(s.only ? { only: s.only } : {}) })),
    levels: [], version: p.version, updated_at: "2026-02-20T08:05:00Z",
  };
}

/** The procedure's chain of each severity that has one. */
export function chains(): Policy[] {
  const chain = procedure.chain as { steps: ChainStep[]; repeat_every?: string };
  return ["P1", "P2"].map((sev) => ({
    id: sev, source: "procedure", name: `Escalation chain of ${sev}`, repeat_every: chain.repeat_every ?? "0s",
    steps: chain.steps.flatMap((s, k) => {
      const by = s.by[sev];
      return by ? [{ step: k + 1, after: s.after, target: s.target, to: [s.target], while: by.while as "always", ...(by.else ? { else: by.else } : {}), clause: s.clause }] : [];
    }),
    levels: [], version: 0, updated_at: "0001-01-01T00:00:00Z",
  }));
}

const span = /^(\d+(d|h|ms|m|s|bh|bm|bd))+$/;
const unit: Record<string, number> = { d: 1440, h: 60, m: 1, s: 1 / 60 };
const minutes = (s: string) => [...s.matchAll(/(\d+)([dhms])/g)].reduce((sum, [, n, u]) => sum + Number(n) * (unit[u ?? ""] ?? 0), 0);

export interface Mistake {
  location: string;
  message: string;
}

/** The schema's mistakes come first and alone, as in the program. */
export function mistakesOf(body: Doc): Mistake[] {
  const p = body as unknown as Stored;
  const steps = p.steps ?? [];
  const shape: Mistake[] = [];
  const timed = (location: string, v: string | undefined) => v !== undefined && !span.test(v) && shape.push({ location, message: "expected string to be a time such as 10m or 1h30m" });
  if (steps.length === 0) shape.push({ location: "body.steps", message: "expected array length >= 1" });
  steps.forEach((s, k) => {
    timed(`body.steps[${k}].after`, s.after);
    if (s.to.length === 0) shape.push({ location: `body.steps[${k}].to`, message: "expected array length >= 1" });
  });
  timed("body.repeat.every", p.repeat?.every);
  timed("body.ack_expires", p.ack_expires);
  if (shape.length > 0) return shape;

  const out: Mistake[] = [];
  if (!p.name) out.push({ location: "body.name", message: "is missing" });
  let before = 0;
  steps.forEach((s, k) => {
    if (minutes(s.after) < before) out.push({ location: `body.steps[${k}].after`, message: "comes before the step above: write the steps in order of time" });
    before = minutes(s.after);
    s.to.forEach((t, n) => {
      const [kind = "", id = ""] = t.split(":");
      const known = { schedule: schedules, team: teams.map((x) => x.id), person: people.map((x) => x.id) }[kind];
      if (known && !known.includes(id)) out.push({ location: `body.steps[${k}].to[${n}]`, message: `there is no ${kind} "${id}"` });
    });
    if (s.only?.hours?.from && !s.only.hours.to) out.push({ location: `body.steps[${k}].only.hours.to`, message: `"" is no time of day: write it as 09:00` });
  });
  const { every, times } = p.repeat ?? {};
  if (every && (minutes(every) < 1 || minutes(every) > 1440)) out.push({ location: "body.repeat.every", message: "must be from 1m0s to 24h0m0s" });
  if (every && !times) out.push({ location: "body.repeat.times", message: "say how many times" });
  if (times && !every) out.push({ location: "body.repeat.every", message: "must be from 1m0s to 24h0m0s" });
  return out;
}
