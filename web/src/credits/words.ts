// How service credits read. Pure.
import type { Memo, Standing } from "../api/credits";
import type { ChipColour } from "../ui/pieces";

export const states: Record<Memo["state"], { word: string; colour?: ChipColour }> = {
  calculated: { word: "calculated" },
  pending: { word: "waits for people", colour: "amber" },
  approved: { word: "approved", colour: "accent" },
  processed: { word: "on its way to billing", colour: "accent" },
  exported: { word: "billing has it", colour: "green" },
  void: { word: "void" },
};

export const types: Record<Memo["type"], string> = { contract: "by contract", adjustment: "adjustment", goodwill: "goodwill" };
export const needs: Record<"executive" | "legal", string> = { executive: "an executive", legal: "Legal" };
export const impacts: Record<string, string> = { outage: "complete outage", degradation: "degradation", none: "nothing that counts" };
export const rows: Record<string, string> = { refund: "Refund", lost_revenue: "Lost revenue", billing_adjustment: "Billing adjustment", cost: "Other cost" };
export const currencies = ["USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "SGD", "INR", "BRL", "MXN"];

/** Hundredths of a currency as people write them. */
export function amount(cents: number, currency: string): string {
  return `${cents < 0 ? "−" : ""}${(Math.abs(cents) / 100).toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${currency}`;
}

/** What somebody typed, such as "1,250.5", in hundredths; undefined where it is no amount. */
export function cents(typed: string): number | undefined {
  const m = /^(-?)(\d{1,9}|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?$/.exec(typed.trim());
  if (!m) return undefined;
  const n = Number((m[2] ?? "").replaceAll(",", "")) * 100 + Number((m[3] ?? "").padEnd(2, "0"));
  return m[1] ? -n : n;
}

/** Milliseconds as people say them, to the second. */
export function span(ms: number): string {
  const s = Math.round(Math.abs(ms) / 1000);
  const parts = [[Math.floor(s / 86_400), "d"], [Math.floor(s / 3600) % 24, "h"], [Math.floor(s / 60) % 60, "min"], [s % 60, "s"]] as const;
  return parts.filter(([n]) => n > 0).slice(0, 3).map(([n, unit]) => `${n} ${unit}`).join(" ") || "0 min";
}

/** A percentage with as many digits as it has, of four. */
export const percent = (p: number) => `${Number(p.toFixed(4))} %`;

export function monthName(m: string): string {
  const [y, n] = m.split("-").map(Number);
  return new Date(Date.UTC(y ?? 0, (n ?? 1) - 1, 1)).toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
}

/** This month and those before, newest first. */
export function months(now: number, count = 13): string[] {
  const d = new Date(now);
  return Array.from({ length: count }, (_, k) => new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() - k, 1)).toISOString().slice(0, 7));
}

/** Why a memo is where it is, in a sentence; empty where its state says all. */
export function why(m: Memo): string {
  const missing = (m.words ?? []).filter((w) => !w.by).map((w) => needs[w.need]);
  if (m.state === "pending" && missing.length > 0) return `waits for ${missing.join(" and ")}`;
  if (m.problem) return m.problem;
  if (m.state === "void") return m.reason ?? "";
  return m.wait ?? "";
}

/** The schedules by which nothing is processed. */
export const unsure = (s: Standing) => (s.schedules ?? []).filter((p) => !p.confirmed);
