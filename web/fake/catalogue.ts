// The people, services and rotas of the demonstration, as the API would tell
// them. For development, unit tests and pictures only; never bundled.
import type { Customer, Person, Service, Team } from "../src/api/types";

const person = (id: string, name: string, title: string, more: Partial<Person> = {}): Person => ({
  id, name, title, email: `${id}@techflowsolutions.com`, time_zone: "UTC", ...more,
});

function numbered(id: string, title: string, n: number, more: Partial<Person> = {}): Person[] {
  return Array.from({ length: n }, (_, i) => person(`${id}-${i + 1}`, `${title} ${i + 1}`, title, more));
}

export const people: Person[] = [
  person("ana", "Ana", "On-call engineer", { level: 1, deputy: "bo", manager: "sarah.liu" }),
  person("bo", "Bo", "On-call engineer", { level: 1, deputy: "ana", manager: "marcus.johnson" }),
  person("david.kim", "David Kim", "Director of Platform Operations", { level: 2, deputy: "sarah.liu", roles: ["director-platform-operations", "document-owner"], manager: "rachel.torres" }),
  person("sarah.liu", "Sarah Liu", "Engineering Manager - Platform", { level: 2, area: "platform", deputy: "marcus.johnson", roles: ["engineering-manager"], manager: "rachel.torres" }),
  person("marcus.johnson", "Marcus Johnson", "Engineering Manager - Applications", { level: 2, area: "applications", deputy: "sarah.liu", roles: ["engineering-manager"], manager: "rachel.torres" }),
  person("rachel.torres", "Rachel Torres", "VP of Engineering", { level: 3, deputy: "michael.chen", roles: ["vp-engineering", "executive"] }),
  person("michael.chen", "Michael Chen", "CTO", { level: 3, deputy: "rachel.torres", roles: ["cto", "executive"] }),
  person("jennifer.walsh", "Jennifer Walsh", "CEO", { level: 3, deputy: "michael.chen", roles: ["ceo", "executive"] }),
  person("amanda.rodriguez", "Amanda Rodriguez", "VP of Customer Success", { roles: ["vp-customer-success"] }),
  person("robert.park", "Robert Park", "VP of Sales", { roles: ["vp-sales"] }),
  person("sarah.chen", "Sarah Chen", "VP of Marketing", { roles: ["vp-marketing"] }),
  ...numbered("platform-engineer", "Platform engineer", 3, { level: 1, area: "platform", manager: "sarah.liu" }),
  ...numbered("application-engineer", "Application engineer", 3, { level: 1, area: "applications", manager: "marcus.johnson" }),
  ...numbered("security-engineer", "Security engineer", 2, { area: "platform", roles: ["security"] }),
  ...numbered("legal-counsel", "Legal counsel", 2, { roles: ["legal-counsel"] }),
  ...numbered("communications-lead", "Communications lead", 2, { roles: ["communications-lead"] }),
  ...numbered("customer-success-manager", "Customer success manager", 3, { roles: ["customer-success-manager"] }),
  ...numbered("account-manager", "Enterprise account manager", 8, { roles: ["account-manager"] }),
].map((p, i) => ({
  ...p,
  contacts: [
    { channel: "email", address: p.email ?? "", verified: true, label: "Work" },
    { channel: "sms", address: `+1555010${String(i + 1).padStart(4, "0")}`, verified: true, label: "Mobile" },
    { channel: "voice", address: `+1555010${String(i + 1).padStart(4, "0")}`, verified: i !== 4, label: "Mobile" },
  ],
}));

export const nameOf = (id: string): string => people.find((p) => p.id === id)?.name ?? id;

export const teams: Team[] = [
  { id: "platform", name: "Platform Engineers", description: "Infrastructure", lead: "sarah.liu", members: ["platform-engineer-1", "platform-engineer-2", "platform-engineer-3"] },
  { id: "applications", name: "Application Engineers", description: "Software and application problems", lead: "marcus.johnson", members: ["application-engineer-1", "application-engineer-2", "application-engineer-3"] },
  { id: "operations", name: "Operations Team", lead: "david.kim", members: ["ana", "bo"] },
  { id: "security", name: "Security", lead: "security-engineer-1", members: ["security-engineer-1", "security-engineer-2"] },
];

const regions = ["us", "eu", "uk", "apac"];

export const services: Service[] = [
  { id: "auth", name: "Authentication", description: "Sign-in and user access", component: "Sign-in", owner_team: "platform", area: "platform", restoration_rank: 1, critical_function: true, regions },
  { id: "dashboard", name: "Dashboards", description: "Core dashboards and visualisation", component: "Dashboards", owner_team: "applications", area: "applications", restoration_rank: 2, depends_on: ["auth", "api"], regions, escalation_policy: "front-door" },
  { id: "ingestion", name: "Data ingestion", description: "Data ingestion and processing pipelines", component: "Data pipelines", owner_team: "platform", area: "platform", restoration_rank: 3, regions },
  { id: "api", name: "API", description: "API endpoints and integrations", component: "API", owner_team: "applications", area: "applications", restoration_rank: 4, depends_on: ["auth"], regions, escalation_policy: "front-door" },
  { id: "reporting", name: "Reporting", description: "Reporting and export", component: "Reports and exports", owner_team: "applications", area: "applications", restoration_rank: 5, depends_on: ["auth", "ingestion"], regions, escalation_policy: "exports" },
  { id: "admin", name: "Administration", description: "Administrative and configuration tools", component: "Administration", owner_team: "platform", area: "platform", restoration_rank: 6, depends_on: ["auth"], regions },
];

export const customers: Customer[] = Array.from({ length: 240 }, (_, i) => ({
  id: `customer-${String(i + 1).padStart(4, "0")}`, name: `Customer ${String(i + 1).padStart(4, "0")}`, tier: "enterprise",
  vip: i % 33 === 0, major_account: i % 33 === 0 || i % 20 === 19, region: regions[i % 4] ?? "us", account_manager: `account-manager-${(i % 8) + 1}`,
}));

const rota: Record<string, string[]> = {
  primary: ["ana", "bo"],
  secondary: ["bo", "ana"],
  communications: ["communications-lead-1", "communications-lead-2"],
  "customer-success": ["customer-success-manager-1", "customer-success-manager-2", "customer-success-manager-3"],
  security: ["security-engineer-1", "security-engineer-2"],
  legal: ["legal-counsel-1", "legal-counsel-2"],
  "vip-account-managers": Array.from({ length: 8 }, (_, i) => `account-manager-${i + 1}`),
  "duty-executive": ["rachel.torres", "michael.chen", "jennifer.walsh"],
};

export const schedules = Object.keys(rota);

const week = 7 * 86_400_000;
const first = Date.parse("2015-01-05T09:00:00Z");

export interface Turn {
  from: string;
  until: string;
  person?: string;
  name?: string;
  override?: boolean;
}

/** Who is on call for a schedule between two instants; security has a hole on Saturdays. */
export function turns(id: string, from: number, until: number): Turn[] {
  const members = rota[id] ?? [];
  const out: Turn[] = [];
  for (let k = Math.floor((from - first) / week); first + k * week < until; k++) {
    const a = first + k * week;
    const who = members[((k % members.length) + members.length) % members.length] ?? "";
    const cut = id === "security" ? [[a, a + 5 * 86_400_000, who], [a + 5 * 86_400_000, a + 6 * 86_400_000, ""], [a + 6 * 86_400_000, a + week, who]] as const : [[a, a + week, who]] as const;
    for (const [s, e, person] of cut) {
      if (e <= from || s >= until) continue;
      out.push({ from: new Date(Math.max(s, from)).toISOString(), until: new Date(Math.min(e, until)).toISOString(), ...(person ? { person, name: nameOf(person) } : {}) });
    }
  }
  return out;
}

/** The current holder of a schedule with the end of the turn and who follows. */
export function holder(id: string, now: number) {
  const k = Math.floor((now - first) / week);
  const members = rota[id] ?? [];
  const who = members[((k % members.length) + members.length) % members.length] ?? "";
  const next = members[(((k + 1) % members.length) + members.length) % members.length] ?? "";
  return { schedule: id, person: who, name: nameOf(who), until: new Date(first + (k + 1) * week).toISOString(), next: { id: next, name: nameOf(next) } };
}
