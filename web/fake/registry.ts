// The registry of customers beside the catalogue: one customer whole, who is at risk,
// where messages come back, an import. Dev only.
import type { AccountAtRisk, Customer, CustomerAddress, CustomerImport, CustomerIncident, RevenueAtRisk } from "../src/api/registry";
import type { Answer } from "./api.ts";
import { customers } from "./catalogue.ts";

const list = (items: unknown[]): Answer => ({ status: 200, body: { items, next_cursor: "" } });
const ok = (body: unknown): Answer => ({ status: 200, body });
const ago = (now: number, hours: number) => new Date(now - hours * 3_600_000).toISOString();

const shaky = "customer-0034";

function whole(id: string): Customer | undefined {
  const c = customers.find((x) => x.id === id);
  if (!c) return undefined;
  return {
    ...c, external_id: `CRM-${id.slice(-4)}`, status: "active", products: ["analytics", "exports"], arr_usd: c.vip ? 480_000 : 62_000, churn_risk: id === shaky ? "high" : "low", version: 3, updated_at: "2026-03-02T10:15:00Z",
    contract: { uptime_percent: 99.95, notify_within: "15m", regimes: ["gdpr"], custom: c.vip === true },
    ...(id === shaky && { slack_channel: "C024BE7LR", teams_workflow: id }),
    contacts: [
      { name: "Lena Fox", email: `lena.fox@${id}.example`, phone: `+1555013${id.slice(-4)}`, channels: ["email", "sms"] },
      { name: "Operations desk", email: `operations@${id}.example` },
    ],
  } as Customer;
}

function addressesOf(now: number, id: string): CustomerAddress[] {
  const bad = id === shaky;
  return [
    { contact: "Lena Fox", channel: "email", address: `lena.fox@${id}.example`, wanted: true, opted_out: bad, bounces: false, ...(bad && { opted_out_at: ago(now, 50), opted_out_by: "reader" }) },
    { contact: "Lena Fox", channel: "sms", address: `+1555013${id.slice(-4)}`, wanted: true, opted_out: false, bounces: false },
    { contact: "Operations desk", channel: "email", address: `operations@${id}.example`, wanted: true, opted_out: false, bounces: bad, ...(bad && { bounce: "550 5.1.1 no such user here", bounced_at: ago(now, 20) }) },
    ...(bad ? [
      { contact: "Customer 0034", channel: "slack" as const, address: "C024BE7LR", wanted: true, opted_out: false, bounces: false },
      { contact: "Customer 0034", channel: "teams" as const, address: id, wanted: true, opted_out: true, bounces: false, opted_out_at: ago(now, 30), opted_out_by: "amanda.rodriguez" },
    ] : []),
  ];
}

const atRisk = (now: number): AccountAtRisk[] => [
  { customer: shaky, score: 72, since: ago(now, 30), due_at: ago(now, -18), owner: "account-manager-2", incidents: ["INC-42", "INC-40"], why: ["two P1 incidents in 30 days", "the CRM says its risk of leaving is high"] },
  { customer: "customer-0001", score: 55, since: ago(now, 200), due_at: ago(now, 150), owner: "account-manager-1", incidents: ["INC-42"], why: ["below the promised availability"], plan: "A call each week with their head of data until the renewal in May.", plan_by: "account-manager-1", plan_at: ago(now, 160) },
];

const touched = (now: number): CustomerIncident[] => [
  { incident: "INC-42", title: "Sign-in fails for all users", severity: "P1", status: "investigating", from: ago(now, 0.4) },
  { incident: "INC-40", title: "Search answers slowly", severity: "P2", status: "closed", from: ago(now, 300), until: ago(now, 297) },
];

const revenue = (now: number): RevenueAtRisk => ({
  accounts: 240, arr_usd: 18_240_000, secured_usd: 480_000,
  incidents: [{ incident: "INC-42", title: "Sign-in fails for all users", severity: "P1", since: ago(now, 0.4), accounts: 240, arr_usd: 18_240_000, mitigations: [{ id: "mt1", text: "The renewal is confirmed by phone", customer: "Customer 0001", amount_usd: 480_000, by: "amanda.rodriguez", at: ago(now, 0.1) }] }],
});

const trial: CustomerImport = {
  dry_run: true, rows: 7, created: 2, changed: 2, unchanged: 1, refused: 2, ignored_columns: ["favourite_colour"],
  customers: [
    { id: "northwind", line: 2, action: "create", fields: [] },
    { id: "contoso", line: 3, action: "create", fields: [] },
    { id: "customer-0001", line: 4, action: "update", fields: [{ path: "/arr_usd", before: 480_000, after: 520_000 }, { path: "/contract/uptime_percent", before: 99.95, after: 99.99 }] },
    { id: "customer-0034", line: 5, action: "update", fields: [{ path: "/account_manager", before: "account-manager-2", after: "account-manager-5" }] },
  ],
  problems: [{ line: 7, column: "tier", reason: "is \"gold\", which is none of enterprise, standard" }, { line: 8, reason: "names the external id CRM-0001 a second time" }],
};

/** undefined: something else is asked. */
export function registryOf(now: number, calm: boolean, method: string, parts: string[], query: URLSearchParams): Answer | undefined {
  const [kind, id = "", what] = parts;
  if (kind === "accounts-at-risk") return list(calm ? [] : atRisk(now));
  if (kind === "incidents" && what === "revenue-at-risk") return ok(revenue(now));
  if (kind !== "customers") return undefined;
  if (method === "POST" && id === "import") return ok(query.get("dry_run") ? trial : { ...trial, dry_run: false });
  if (method === "POST" && what === "retention-plan") return ok(atRisk(now)[0]);
  if (what === "addresses") return list(addressesOf(now, id));
  if (what === "incidents") return list(touched(now));
  if (method !== "GET" || !id || what) return undefined;
  const c = whole(id);
  return c && ok(c);
}
