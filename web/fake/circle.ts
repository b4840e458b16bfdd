// Stakeholders, other ways of delivery and notices in the product, in the API's
// shapes. Dev only.
import type { InAppKey, InAppSession, InAppSetup } from "../src/api/product";
import type { Alternatives, AlternativeUse, Stakeholder } from "../src/api/registry";
import type { Answer } from "./api.ts";

const list = (items: unknown[]): Answer => ({ status: 200, body: { items, next_cursor: "" } });
const ok = (body: unknown, status = 200): Answer => ({ status, body });
const ago = (now: number, hours: number) => new Date(now - hours * 3_600_000).toISOString();
const no = (status: number, detail: string, errors: unknown[] = []): Answer => ({ status, body: { type: "about:blank", title: "", status, detail, errors } });

export const stakeholders: Stakeholder[] = [
  {
    id: "north-fund", name: "North Fund", group: "investor", owner: "role:ceo", plans: [{ class: "critical", within: "4h", how: "by phone" }, { class: "extended", within: "1h", how: "by phone, then in writing" }],
    contacts: [{ name: "Ingrid Vale", phone: "+15550170001", email: "ingrid.vale@north-fund.example", channels: ["phone", "email"] }], version: 1, updated_at: "2026-02-10T09:00:00Z",
  },
  { id: "harbour-hosting", name: "Harbour Hosting", group: "partner", owner: "role:vp-engineering", plans: [{ class: "critical", how: "in the shared channel" }], contacts: [], version: 1, updated_at: "2026-02-10T09:00:00Z" },
  {
    id: "data-protection-authority", name: "Data protection authority", group: "regulator", owner: "schedule:legal", plans: [{ class: "regulated", within: "72h", how: "by the form on its site" }, { class: "security", within: "24h" }],
    contacts: [{ name: "Reporting desk", email: "breach@dpa.example" }], notes: "Asks for the number of affected residents first. The form times out after twenty minutes: have the answers ready.", version: 1, updated_at: "2026-02-10T09:00:00Z",
  },
  { id: "customer-one", name: "Customer 0001, executive sponsor", group: "key_account", customer: "customer-0001", plans: [{ class: "critical", within: "1h", how: "by phone" }], contacts: [{ name: "Omar Reyes", phone: "+15550101077" }], version: 1, updated_at: "2026-02-10T09:00:00Z" },
  { id: "keystone-insurance", name: "Keystone Insurance", group: "insurer", contacts: [{ name: "Claims", email: "claims@keystone.example" }], version: 1, updated_at: "2026-02-10T09:00:00Z" },
];

/** What one fake keeps of them. */
export class Circle {
  private used: AlternativeUse[] | undefined;
  private keys: InAppKey[] | undefined;

  private ways(now: number): Alternatives {
    this.used ??= [
      { id: "w2", service: "auth", alternative: "links", name: "Sign-in links by mail", reason: "Payroll runs tonight and nobody can sign in", by: "ana", at: ago(now, 0.2) },
      { id: "w1", service: "auth", alternative: "sessions", name: "Longer sessions", reason: "Who is signed in stays so for now", by: "david.kim", at: ago(now, 0.35), ended_at: ago(now, 0.1), ended_by: "ana", ended: "It held back a fix of the session store" },
    ];
    return {
      offers: [
        { service: "auth", id: "links", name: "Sign-in links by mail", how: "Runbook auth-12: switch the flag magic-links on", text: "You can sign in with a link that we mail to you." },
        { service: "auth", id: "sessions", name: "Longer sessions", how: "Runbook auth-3", text: "Whoever is signed in stays so for 24 hours." },
        { service: "auth", id: "read-only", name: "Read-only mode", how: "Runbook auth-9: point the edge at the cached profile store", text: "You can read reports without signing in, by the address that your administrator has." },
      ],
      used: this.used,
    };
  }

  /** undefined: something else is asked. */
  handle(now: number, calm: boolean, method: string, parts: string[], body: Record<string, unknown>): Answer | undefined {
    const [kind, id = "", what, use] = parts;
    if (kind === "incidents" && what === "alternatives") {
      if (!/42$/.test(id)) return ok({ offers: [], used: [] });
      const all = this.ways(now);
      if (method === "GET") return ok(all);
      if (use) return ok(Object.assign(all.used.find((u) => u.id === use) ?? {}, { ended_at: ago(now, 0), ended_by: "ana", ended: body["reason"] }));
      const o = all.offers.find((x) => x.id === body["alternative"]);
      if (!o) return no(422, "validation failed", [{ location: "body.alternative", message: "is not in the catalogue" }]);
      const made = { id: `w${all.used.length + 1}`, service: o.service, alternative: o.id, name: o.name, reason: String(body["reason"]), by: "ana", at: ago(now, 0) };
      all.used.unshift(made);
      return ok(made, 201);
    }
    if (kind === "stakeholders" && method === "GET" && id === "" && calm) return list([]);
    if (kind !== "in-app") return undefined;
    this.keys ??= calm ? [] : [{ id: "ik-4bq7m2zx9k1c", created_at: ago(now, 9000), created_by: "david.kim" }, { id: "ik-h3v8p5tw6r2d", created_at: ago(now, 30), created_by: "ana" }];
    if (id === "setup") return ok({ script: "https://status.techflowsolutions.com/in-app/v1/banner.js", notices: "https://status.techflowsolutions.com/in-app/v1/notices", origins: calm ? [] : ["https://app.techflowsolutions.com", "https://eu.techflowsolutions.com"], lasting_seconds: 7200 } satisfies InAppSetup);
    if (id === "sessions") return list(calm ? [] : ([{ customer: "customer-0001", users: 412 }, { customer: "customer-0034", users: 96 }, { customer: "customer-0067", users: 7 }] satisfies InAppSession[]));
    if (method === "POST") {
      if (this.keys.length >= 5) return no(409, "there are 5 keys already: end one that is not used any more");
      const k = { id: `ik-new${this.keys.length}`, created_at: ago(now, 0), created_by: "ana" };
      this.keys.push(k);
      return ok({ ...k, secret: "mB3y0Vq6cN1tXw8Zr5Lk2Hd9Fj4Gs7Pa0Eu6Io3Ty1U" }, 201);
    }
    if (method === "DELETE") {
      this.keys = this.keys.filter((k) => k.id !== what);
      return { status: 204 };
    }
    return list(this.keys);
  }
}
