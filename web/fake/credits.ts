// Service credits, in the fake: memos in every state, a schedule nobody has confirmed,
// and what INC-40 costs. State is kept as far as the console changes it.
import type { Ledger, Memo, MemoDetail, Standing, Uptime } from "../src/api/credits";

const minute = 60_000;
const hour = 60 * minute;

export class Money {
  private sure = false;
  private readonly done = new Map<string, Partial<Memo>>();

  standing(): Standing {
    return {
      billing: true, approval_customer_usd: 1000, approval_incident_usd: 10_000,
      schedules: [{ id: "standard", hash: "5f2c", cap_percent: 50, customers: 1204, confirmed: this.sure, confirmed_by: this.sure ? "ana" : undefined, confirmed_at: this.sure ? "2026-03-02T03:20:00Z" : undefined, bands: [{ below_percent: 99.95, percent: 10 }, { below_percent: 99, percent: 25 }, { below_percent: 95, percent: 50 }] }],
    };
  }

  memos(now: number): Memo[] {
    const at = (h: number) => new Date(now - h * hour).toISOString();
    const of = (n: number, state: Memo["state"], cents: number, more: Partial<Memo> = {}): Memo => ({
      id: `0pmw9m9w00g0${n}`, type: "contract", state, customer: `customer-000${n}`, customer_name: `Customer 000${n}`, month: "2026-02", amount_cents: cents, currency: "USD", incidents: ["INC-40"], words: [],
      idempotency_key: `credit-0pmw9m9w00g0${n}`, created_at: at(30), may_approve: false, may_sign: false, ...more, ...this.done.get(`0pmw9m9w00g0${n}`),
    });
    return [
      of(1, "calculated", 61_667, this.sure ? { wait: "the month is not over", month: "2026-03" } : { wait: "nobody has confirmed the credit schedule \"standard\"" }),
      of(2, "pending", 250_000, { type: "goodwill", reason: "Their launch fell into the outage; agreed on the phone with their CTO.", asked_by: "bo", may_approve: true, words: [{ need: "executive", why: "it is above 1000 for one customer, off the formula" }, { need: "legal", why: "it is above 1000 for one customer, off the formula", by: "legal-counsel-1", at: at(2), note: "annex 2 allows it" }] }),
      of(3, "pending", 48_333, { words: [{ need: "legal", why: "the contract is a custom one" }] }),
      of(4, "processed", 91_000, { problem: "billing answers 422: unknown customer number", outreach_at: at(20) }),
      of(5, "exported", 35_417, { reference: "CN-2026-0117", outreach_at: at(20) }),
      of(6, "exported", -12_500, { type: "adjustment", reference: "CN-2026-0120" }),
      of(7, "void", 20_000, { type: "goodwill", reason: "asked for twice", asked_by: "bo" }),
    ];
  }

  memo(now: number, id: string): MemoDetail | undefined {
    const m = this.memos(now).find((x) => x.id === id);
    if (!m) return undefined;
    const words = { outreach_subject: "A credit on your invoice for February 2026", outreach_text: `Dear customer,\n\nin February 2026 our service was less available than we promised you. As agreed we credit ${m.customer_name} with ${m.amount_cents / 100} USD; you will find it on your next invoice and need not do anything.` };
    const detail: MemoDetail = { ...m, ...words, recomputed_cents: m.amount_cents, steps: [{ at: m.created_at, by: "allclear", what: "calculated", amount_cents: m.amount_cents }] };
    if (m.type === "goodwill") return detail;
    const fee = Math.round(m.amount_cents * 10);
    return {
      ...detail,
      inputs: {
        formula: 1, time_zone: "UTC", promise_percent: 99.95, degradation_counts: false, fees: [{ cents: fee }], month_ms: 28 * 24 * hour, capped: false,
        schedule: { id: "standard", cap_percent: 50, bands: this.standing().schedules?.[0]?.bands ?? [] },
        hits: [{ incident: "INC-40", kind: "outage", product: "dashboards", spans: [{ from: "2026-02-24T09:12:00Z", until: "2026-02-24T10:26:00Z" }], maintenance: [{ from: "2026-02-24T10:00:00Z", until: "2026-02-24T10:20:00Z" }] }],
        lines: [{ down_ms: 54 * minute, uptime_percent: 99.866, below_promise: true, share_percent: 10, fee_cents: fee, credit_cents: m.amount_cents }],
      },
    };
  }

  uptimes(): Uptime[] {
    const of = (n: number, down: number, going = false): Uptime => {
      const allowed = 22.32 * minute;
      return { customer: `customer-000${n}`, customer_name: `Customer 000${n}`, month: "2026-03", time_zone: "UTC", promise_percent: 99.95, uptime_percent: Math.floor((1 - down / (744 * 60)) * 1e6) / 1e4, down_ms: down * minute, allowed_ms: allowed, left_ms: allowed - down * minute, below_promise: down > 22.32, going_on: going, lines: [], incidents: going ? ["INC-42", "INC-40"] : ["INC-40"] };
    };
    return [of(1, 41, true), of(2, 20, true), of(3, 9)];
  }

  ledger(now: number, number: number): Ledger {
    const memos = number === 40 ? this.memos(now).filter((m) => m.state !== "void").slice(0, 5) : [];
    const by = { id: "ana", name: "Ana" };
    const credits = memos.reduce((sum, m) => sum + m.amount_cents, 0);
    return {
      incident: `INC-${number}`, impact: "outage", verdict: { reason: "The access log shows the last refused sign-in at 10:26.", by, at: "2026-02-24T14:00:00Z", until: "2026-02-24T10:26:00Z" },
      memos, parts: memos.map((m) => ({ memo: m.id, amount_cents: m.amount_cents })),
      entries: [
        { id: "0pmw9n9w00g01", type: "refund", amount_cents: 120_000, currency: "USD", text: "Two days of the add-on, to Customer 0009", reference: "RF-88", by, at: "2026-02-25T09:00:00Z" },
        { id: "0pmw9n9w00g02", type: "cost", amount_cents: 45_050, currency: "USD", text: "=Overtime of the night shift", by, at: "2026-02-25T09:05:00Z" },
        { id: "0pmw9n9w00g03", type: "cost", amount_cents: 99_900, currency: "USD", text: "Taxi", by, at: "2026-02-25T09:06:00Z", withdrawn: "it was of another night" },
      ],
      sums: [{ currency: "USD", credits_cents: credits, entries_cents: { refund: 120_000, cost: 45_050 }, total_cents: credits + 165_050 }],
    };
  }

  /** What a person does; undefined: there is no such memo. */
  act(now: number, method: string, parts: string[], body: Record<string, unknown>): unknown {
    if (parts[0] === "credit-schedules") {
      this.sure = method === "POST";
      return this.standing();
    }
    const m = this.memo(now, parts[1] ?? "");
    if (!m) return undefined;
    const words = m.words?.map((w) => ((parts[2] === "approve" && w.need === "executive") || (parts[2] === "sign" && w.need === "legal") ? { ...w, by: "ana", at: new Date(now).toISOString(), note: String(body["note"] ?? "") } : w));
    const change: Partial<Memo> = parts[2] === "void" ? { state: "void", reason: String(body["reason"]) } : parts[2] === "booked" ? { state: "exported", reference: String(body["reference"]), problem: undefined } : { words, may_approve: false, may_sign: false, ...(words?.every((w) => w.by) && words.length > 0 ? { state: "processed" as const } : {}) };
    this.done.set(m.id, { ...this.done.get(m.id), ...change });
    return this.memo(now, m.id);
  }
}
