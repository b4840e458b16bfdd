// How vendors, checks and customers stand, in a sentence and in an order. Pure.
import type { Check, HealthCheck, Mention, Feed, UsageWarning, Vendor } from "../api/outside";
import { capital, count, listing, numberWord } from "../ui/words";

const worse: Vendor["status"]["state"][] = ["outage", "degraded", "unknown", "maintenance", "ok"];

export const inOrder = (all: Vendor[]): Vendor[] => [...all].sort((a, b) => worse.indexOf(a.status.state) - worse.indexOf(b.status.state) || a.name.localeCompare(b.name));

/** Up to three by name, more by number. */
const some = (names: string[], noun: string) => (names.length > 3 ? count(names.length, noun) : listing(names));

export function vendorsVerdict(all: Vendor[], service: (id: string) => string): string {
  const red = all.filter((v) => v.status.red);
  const blind = all.filter((v) => v.status.state === "unknown");
  const out: string[] = [];
  if (red.length > 0) {
    const hit = [...new Set(red.flatMap((v) => v.services ?? []))].map(service);
    out.push(`${some(red.map((v) => v.name), "vendor")} ${red.length === 1 ? "says it is" : "say they are"} in trouble; ${hit.length === 0 ? "nothing of ours is said to stand on " + (red.length === 1 ? "it" : "them") : `${some(hit, "service")} ${hit.length === 1 ? "stands" : "stand"} on ${red.length === 1 ? "it" : "them"}`}.`);
  } else if (blind.length < all.length) out.push(`${all.length - blind.length === 1 ? "One vendor says it is" : `${capital(numberWord(all.length - blind.length))} vendors say they are`} well.`);
  if (blind.length > 0) out.push(`Nothing is heard of ${some(blind.map((v) => v.name), "vendor")} now.`);
  return out.join(" ");
}

const rank: Record<Check["state"], number> = { down: 0, unknown: 1, up: 2, paused: 3 };

export const checksInOrder = (all: Check[]): Check[] => [...all].sort((a, b) => rank[a.state] - rank[b.state] || (a.name || a.id).localeCompare(b.name || b.id));

/** Whole days until the first certificate of a check ends; undefined where it has none. */
export function daysLeft(c: Check, now: number): number | undefined {
  const ends = c.places.map((p) => Date.parse(p.certificate_until ?? "")).filter((t) => !Number.isNaN(t));
  return ends.length === 0 ? undefined : Math.floor((Math.min(...ends) - now) / 86_400_000);
}

/** What a certificate's days mean: too few for the check, soon to be, or well. */
export function certificate(c: Check, now: number): "none" | "over" | "soon" | "well" {
  const days = daysLeft(c, now);
  if (days === undefined) return "none";
  if (days < Math.max(0, c.min_days ?? 0)) return "over";
  return days < 21 ? "soon" : "well";
}

export function checksVerdict(all: Check[], now: number): string {
  const of = (s: Check["state"]) => all.filter((c) => c.state === s);
  const [down, unknown, up, paused] = [of("down"), of("unknown"), of("up"), of("paused")];
  const out: string[] = [];
  if (down.length > 0) out.push(`${some(down.map((c) => c.name || c.id), "check")} ${down.length === 1 ? "fails" : "fail"}.`);
  if (up.length > 0) out.push(down.length > 0 ? `${capital(numberWord(up.length))} ${up.length === 1 ? "is" : "are"} up.` : `${up.length === 1 && all.length === 1 ? "The one check is" : up.length === all.length ? `All ${numberWord(up.length)} checks are` : count(up.length, "check is", "checks are")} up.`);
  if (unknown.length > 0) out.push(`Nothing is known of ${some(unknown.map((c) => c.name || c.id), "check")}.`);
  if (paused.length > 0) out.push(`${capital(numberWord(paused.length))} ${paused.length === 1 ? "is" : "are"} paused.`);
  const soon = all.filter((c) => c.state !== "paused" && ["soon", "over"].includes(certificate(c, now)));
  if (soon.length > 0) out.push(`The certificate of ${some(soon.map((c) => c.name || c.id), "check")} ends soon.`);
  return out.join(" ");
}

export interface Spike {
  feed: Feed | undefined;
  service: string;
  n: number;
  limit: number;
  within: number;
}

const span = (text: string | undefined, otherwise: number): number => {
  const parts = [...(text ?? "").matchAll(/(\d+)(d|h|m|s)/g)];
  return parts.length === 0 ? otherwise : parts.reduce((sum, [, n, u]) => sum + Number(n) * { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }[u as "d"], 0);
};

/** When it was written, or found where the place does not say. */
export const writtenAt = (m: Mention): number => Date.parse(m.at ?? m.found_at);

/** The most complaints about a service that fell within the time of its feed, in the last hour. */
export function spikes(feeds: Feed[], complaints: Mention[], now: number): Spike[] {
  const services = [...new Set(feeds.map((f) => f.service).filter((s): s is string => !!s))];
  return services.map((service) => {
    const feed = feeds.filter((f) => f.service === service).sort((a, b) => (a.spike || 10) - (b.spike || 10))[0];
    const within = span(feed?.spike_within, 300_000);
    const at = complaints.filter((m) => m.service === service && m.state !== "dismissed").map(writtenAt).filter((t) => t > now - 3_600_000).sort((a, b) => a - b);
    const n = at.reduce((most, t, k) => Math.max(most, at.slice(k).filter((u) => u - t <= within).length), 0);
    return { feed, service, n, limit: feed?.spike || 10, within };
  });
}

export function mentionsVerdict(open: number, more: boolean, loud: Spike[], name: (service: string) => string): string {
  const spike = loud.filter((s) => s.n >= s.limit);
  const waits = open === 0 ? "Nothing waits to be decided." : `${more ? "More than " : ""}${count(open, "mention waits", "mentions wait")} to be decided.`;
  if (spike.length === 0) return `No spike in the last hour. ${waits}`;
  return `${spike.map((s) => `${count(s.n, "complaint")} about ${name(s.service)} within ${s.within === 60_000 ? "a minute" : `${Math.round(s.within / 60_000)} minutes`}: a spike.`).join(" ")} ${waits}`;
}

const dueRank: Record<HealthCheck["state"], number> = { overdue: 0, asked: 1, planned: 2, done: 3 };

export const dueFirst = (all: HealthCheck[]): HealthCheck[] => [...all].sort((a, b) => dueRank[a.state] - dueRank[b.state] || (a.due_at ?? "").localeCompare(b.due_at ?? ""));

export function customersVerdict(warnings: UsageWarning[], checks: HealthCheck[], name: (customer: string) => string): string {
  const who = [...new Set(warnings.filter((w) => !w.ended_at).map((w) => w.customer))];
  const late = checks.filter((c) => c.state === "overdue").length;
  const asked = checks.filter((c) => c.state === "asked").length;
  const one = who.length === 0 ? "Every customer uses the product as before." : `${capital(some(who.map(name), "customer"))} ${who.length === 1 ? "uses" : "use"} the product unlike before.`;
  const two = late > 0 ? `${count(late, "health check is", "health checks are")} late${asked > 0 ? `, ${numberWord(asked)} more ${asked === 1 ? "is" : "are"} due` : ""}.` : asked > 0 ? `${count(asked, "health check is", "health checks are")} due.` : "No health check is due.";
  return `${one} ${two}`;
}
