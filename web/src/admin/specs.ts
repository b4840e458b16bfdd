// What can be said of each thing in the catalogue, as fields in the order in
// which somebody fills them in. The API decides what is right.
import type { components } from "../api/schema";

export type Collection = "people" | "teams" | "services" | "customers" | "schedules" | "escalation-policies";

/** Where the choices of a field come from. */
export type Source = "people" | "teams" | "services" | "schedules" | "policies" | "zones" | "roles" | "areas" | "regions" | "products" | "regimes" | "targets" | "pageable" | { value: string; label: string }[];

export interface Field {
  at: string;
  label: string;
  /** What it is for; under the label. */
  help?: string;
  as: "text" | "long" | "number" | "flag" | "one" | "many" | "tags" | "order" | "instant" | "rows";
  from?: Source;
  placeholder?: string;
  min?: number;
  max?: number;
  step?: number;
  /** Takes the whole width. */
  wide?: boolean;
  /** Everybody may change it about themselves. */
  own?: boolean;
  /** Of a list: the fields of an entry, what one is called and what a new one begins with. */
  fields?: Field[];
  one?: string;
  fresh?: object;
}

export interface Section {
  title: string;
  help?: string;
  fields: Field[];
}

export const noun: Record<Collection, string> = { people: "person", teams: "team", services: "service", customers: "customer", schedules: "schedule", "escalation-policies": "policy" };

/** What a new one begins with. */
export const fresh: Record<Collection, Record<string, unknown>> = {
  people: { id: "", name: "" },
  teams: { id: "", name: "" },
  services: { id: "", name: "", restoration_rank: 6, critical_function: false },
  customers: { id: "", name: "", tier: "enterprise", vip: false, major_account: false },
  schedules: { id: "", time_zone: "UTC", layers: [] },
  "escalation-policies": { id: "", name: "", steps: [] },
};

/** Every way a person can be reached, as the API knows them; one without a word does not compile. */
const channelLabels: Record<components["schemas"]["Contact"]["channel"], string> = {
  email: "E-mail", sms: "Text message", voice: "Call", push: "Push", slack: "Slack", teams: "Teams", mattermost: "Mattermost", discord: "Discord", telegram: "Telegram", ntfy: "ntfy", webhook: "Webhook", pagerduty: "PagerDuty",
};
export const channels = Object.entries(channelLabels).map(([value, label]) => ({ value, label }));

const areas: Field = { at: "area", label: "Area", as: "tags", from: "areas", max: 1 };

const people: Section[] = [
  {
    title: "Who",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Maria Lopez" },
      { at: "title", label: "Title", as: "text", placeholder: "Platform engineer" },
      { at: "email", label: "E-mail", as: "text", placeholder: "maria@company.example", help: "Also a way to be paged, unless the contacts have another." },
      { at: "time_zone", label: "Time zone", as: "one", from: "zones" },
    ],
  },
  {
    title: "Place in the procedure",
    fields: [
      { at: "level", label: "Escalation level", as: "one", from: [{ value: "1", label: "1, engineers" }, { value: "2", label: "2, managers" }, { value: "3", label: "3, executives" }] },
      { ...areas, help: "Decides which incidents a manager is asked about." },
      { at: "teams", label: "Teams", as: "many", from: "teams" },
      { at: "roles", label: "Roles", as: "tags", from: "roles", help: "Of the procedure, such as vp-engineering." },
      { at: "deputy", label: "Deputy", as: "one", from: "people", help: "Is paged instead during absence." },
      { at: "manager", label: "Manager", as: "one", from: "people" },
    ],
  },
  {
    title: "Contacts",
    help: "In the order in which they are tried. Only a verified contact is paged.",
    fields: [
      {
        at: "contacts", label: "Contacts", as: "rows", own: true, wide: true, one: "contact", fresh: { channel: "sms", address: "" },
        fields: [
          { at: "channel", label: "Channel", as: "one", from: channels },
          { at: "address", label: "Address", as: "text", placeholder: "+15550100001" },
          { at: "label", label: "Label", as: "text", placeholder: "Mobile" },
          { at: "verified", label: "Verified", as: "flag" },
        ],
      },
    ],
  },
  {
    title: "Absences",
    help: "The deputy stands in from the first instant to the last. What a calendar says is changed in the calendar.",
    fields: [
      {
        at: "absent", label: "Absences", as: "rows", own: true, wide: true, one: "absence", fresh: { from: "", until: "" },
        fields: [
          { at: "from", label: "From", as: "instant" },
          { at: "until", label: "Back at", as: "instant" },
          { at: "reason", label: "Reason", as: "text", placeholder: "Holiday" },
        ],
      },
    ],
  },
];

const teams: Section[] = [
  {
    title: "The team",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Platform engineers" },
      { ...areas, help: "Such as platform or applications." },
      { at: "description", label: "What it looks after", as: "long", wide: true },
    ],
  },
  {
    title: "People",
    fields: [
      { at: "lead", label: "Lead", as: "one", from: "people", help: "Asked first when the team is." },
      { at: "members", label: "Members", as: "order", from: "people", wide: true, help: "People whose own record names this team belong to it too." },
    ],
  },
  {
    title: "When it can be reached",
    fields: [
      { at: "availability", label: "Availability", as: "one", from: [{ value: "always", label: "Always" }, { value: "business_hours", label: "In business hours" }, { value: "on_call", label: "Who is on call" }], placeholder: "Always" },
      { at: "otherwise", label: "Told instead outside them", as: "one", from: "targets", help: "Only for a team of business hours." },
    ],
  },
];

const services: Section[] = [
  {
    title: "The service",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Authentication" },
      { at: "component", label: "Name on the status page", as: "text", placeholder: "Not shown", help: "Empty: customers do not see it." },
      { at: "description", label: "What it does", as: "long", wide: true },
    ],
  },
  {
    title: "Ownership",
    fields: [
      { at: "owner_team", label: "Owner", as: "one", from: "teams" },
      { ...areas, help: "Decides the engineering manager." },
      { at: "escalation_policy", label: "Escalation policy", as: "one", from: "policies", placeholder: "The procedure’s chain", help: "Who is paged when.", wide: true },
      { at: "depends_on", label: "Depends on", as: "many", from: "services", wide: true, help: "What breaks it when it breaks." },
    ],
  },
  {
    title: "How serious it is",
    fields: [
      { at: "restoration_rank", label: "Restoration rank", as: "number", min: 1, max: 6, help: "1 is restored first." },
      { at: "max_severity", label: "Alerts suggest at most", as: "one", from: ["P1", "P2", "P3", "P4"].map((p) => ({ value: p, label: p })), placeholder: "No limit" },
      { at: "critical_function", label: "Critical function", as: "flag", wide: true, help: "A critical alert suggests P1 instead of P2." },
    ],
  },
  {
    title: "Who feels it",
    fields: [
      { at: "regions", label: "Regions", as: "tags", from: "regions", help: "Empty: all." },
      { at: "products", label: "Products", as: "tags", from: "products", help: "What customers buy that needs it." },
    ],
  },
];

const customers: Section[] = [
  {
    title: "The customer",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Northwind Industries" },
      { at: "region", label: "Region", as: "tags", from: "regions", max: 1 },
      { at: "tier", label: "Tier", as: "one", from: [{ value: "enterprise", label: "Enterprise" }, { value: "standard", label: "Standard" }] },
      { at: "account_manager", label: "Account manager", as: "one", from: "people" },
      { at: "vip", label: "VIP", as: "flag", help: "Told in person, and first." },
      { at: "major_account", label: "Major account", as: "flag" },
    ],
  },
  {
    title: "What it uses",
    help: "Neither products nor services: everything.",
    fields: [
      { at: "products", label: "Products", as: "tags", from: "products" },
      { at: "services", label: "Services used directly", as: "many", from: "services" },
      { at: "domains", label: "Mail domains", as: "tags", wide: true, placeholder: "northwind.example", help: "To know a sender by." },
    ],
  },
  {
    title: "Contacts",
    help: "Who is told, and how.",
    fields: [
      {
        at: "contacts", label: "Contacts", as: "rows", wide: true, one: "contact", fresh: { name: "", email: "" },
        fields: [
          { at: "name", label: "Name", as: "text", placeholder: "Operations desk" },
          { at: "email", label: "E-mail", as: "text" },
          { at: "phone", label: "Phone", as: "text", placeholder: "+15550100001" },
          { at: "channels", label: "Wanted ways", as: "many", from: [{ value: "email", label: "E-mail" }, { value: "sms", label: "Text message" }, { value: "in_app", label: "In the product" }, { value: "phone", label: "Phone" }], placeholder: "E-mail" },
        ],
      },
    ],
  },
  {
    title: "Contract",
    fields: [
      { at: "contract.uptime_percent", label: "Promised uptime per month, %", as: "number", min: 0, max: 100, step: 0.01 },
      { at: "contract.notify_within", label: "To be told within", as: "text", placeholder: "As the procedure says", help: "Of declaration, such as 15m or 1h." },
      { at: "contract.regimes", label: "Regimes", as: "tags", from: "regimes", help: "Such as gdpr or hipaa." },
      { at: "arr_usd", label: "Yearly revenue, US dollars", as: "number", min: 0 },
      { at: "contract.custom", label: "Custom contract", as: "flag", wide: true },
    ],
  },
];

/** What is changed in a dialog; the others have a screen each. */
export type Formed = Exclude<Collection, "schedules" | "escalation-policies">;

export const specs: Record<Formed, Section[]> = { people, teams, services, customers };
