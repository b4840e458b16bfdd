// What can be said of each thing in the catalogue, as fields in the order in
// which somebody fills them in. The API decides what is right.
import type { components } from "../api/schema";

export type Collection = "people" | "teams" | "services" | "customers" | "vendors" | "feeds" | "checks" | "components" | "stakeholders" | "schedules" | "escalation-policies";

/** Where the choices of a field come from. */
export type Source = "people" | "teams" | "services" | "schedules" | "policies" | "zones" | "roles" | "areas" | "regions" | "products" | "regimes" | "targets" | "pageable" | "components" | { value: string; label: string }[];

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
  /** Shown only where it says something. */
  when?: (doc: Record<string, unknown>) => boolean;
}

export const noun: Record<Collection, string> = { people: "person", teams: "team", services: "service", customers: "customer", vendors: "vendor", feeds: "feed", checks: "check", components: "component", stakeholders: "stakeholder", schedules: "schedule", "escalation-policies": "policy" };

/** What the server tells of one beside the document, and does not take back. */
const told: Partial<Record<Collection, string[]>> = { vendors: ["status"], feeds: ["read_at", "succeeded_at", "error"], checks: ["state", "places"] };

/** What is read, as it is sent. */
export function sent(of: Collection, doc: Record<string, unknown>): Record<string, unknown> {
  const own = told[of] ?? [];
  return Object.fromEntries(Object.entries(doc).filter(([k]) => !own.includes(k)));
}

/** What a new one begins with. */
export const fresh: Record<Collection, Record<string, unknown>> = {
  people: { id: "", name: "" },
  teams: { id: "", name: "" },
  services: { id: "", name: "", restoration_rank: 6, critical_function: false },
  customers: { id: "", name: "", tier: "enterprise", vip: false, major_account: false },
  vendors: { id: "", name: "", feed: "statuspage", url: "" },
  feeds: { id: "", name: "", form: "rss", url: "" },
  checks: { id: "", name: "", service: "", type: "http", target: "", every: "1m" },
  components: { id: "", name: "", showcase: true },
  stakeholders: { id: "", name: "", group: "investor" },
  schedules: { id: "", time_zone: "UTC", layers: [] },
  "escalation-policies": { id: "", name: "", steps: [] },
};

/** Every way a person can be reached, as the API knows them; one without a word does not compile. */
const channelLabels: Record<components["schemas"]["Contact"]["channel"], string> = {
  email: "E-mail", sms: "Text message", voice: "Call", push: "Push", slack: "Slack", teams: "Teams", mattermost: "Mattermost", discord: "Discord", telegram: "Telegram", ntfy: "ntfy", webhook: "Webhook", pagerduty: "PagerDuty",
};
export const channels = Object.entries(channelLabels).map(([value, label]) => ({ value, label }));

/** Who a stakeholder can be, and the classes of incidents it can have a plan for. */
export const groups: { value: components["schemas"]["Stakeholder"]["group"]; label: string }[] = [
  { value: "investor", label: "Investor" }, { value: "partner", label: "Partner" }, { value: "regulator", label: "Regulator" },
  { value: "key_account", label: "Key account" }, { value: "insurer", label: "Insurer" }, { value: "other", label: "Other" },
];
export const classes: { value: components["schemas"]["StakeholderPlan"]["class"]; label: string }[] = [
  { value: "critical", label: "Critical incidents" }, { value: "extended", label: "Extended outages" }, { value: "security", label: "Security incidents" }, { value: "regulated", label: "Matters for regulators" },
];

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
  {
    title: "In an extended outage",
    help: "Other ways to deliver it. Once one is put to use, customers read its text on the status page without another approval.",
    fields: [
      {
        at: "alternatives", label: "Other ways", as: "rows", wide: true, one: "way", fresh: { id: "", name: "", text: "" },
        fields: [
          { at: "name", label: "Name", as: "text", placeholder: "Read-only mode" },
          { at: "id", label: "Id", as: "text", placeholder: "read-only" },
          { at: "how", label: "How we switch it on", as: "text", placeholder: "Runbook reporting-9" },
          { at: "text", label: "What customers read", as: "text", placeholder: "You can read your reports; changes wait." },
        ],
      },
    ],
  },
];

/** Whom to tell at somebody outside, and how each wants to be told. */
const outsiders: Section = {
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
};

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
    ...outsiders,
    fields: [
      ...outsiders.fields,
      { at: "slack_channel", label: "Their Slack channel", as: "text", placeholder: "C024BE7LR", help: "Id of a channel shared by Slack Connect. What is mailed to them is posted there, too." },
      { at: "teams_workflow", label: "Their Teams workflow", as: "text", placeholder: "northwind", help: "Its name in the settings of Teams, never its URL." },
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

const vendors: Section[] = [
  {
    title: "The vendor",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Northstar Cloud" },
      { at: "feed", label: "Kind of status page", as: "one", from: [{ value: "statuspage", label: "Statuspage (summary.json)" }, { value: "gcp", label: "Google Cloud (incidents.json)" }, { value: "aws", label: "AWS Health" }, { value: "rss", label: "RSS or Atom" }] },
      { at: "url", label: "Address that is read", as: "text", wide: true, placeholder: "https://status.northstar.example/api/v2/summary.json", help: "Read every minute. What it says is shown as theirs." },
      { at: "components", label: "Components we use", as: "tags", wide: true, placeholder: "All", help: "By their name there, or their id. Of RSS: words of the entries." },
    ],
  },
  {
    title: "What stands on it",
    fields: [
      { at: "services", label: "Services that depend on it", as: "many", from: "services", wide: true, help: "Their incidents say so while it is in trouble." },
      { at: "failover", label: "What takes its place", as: "long", wide: true, placeholder: "Switch DNS to the second provider: runbook network-7" },
    ],
  },
  {
    title: "For people",
    fields: [
      { at: "status_page", label: "Status page", as: "text", placeholder: "https://status.northstar.example" },
      { at: "support_url", label: "Where to open a case", as: "text", placeholder: "https://support.northstar.example" },
    ],
  },
];

const feeds: Section[] = [
  {
    title: "Where people write",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Community forum" },
      { at: "form", label: "Kind", as: "one", from: [{ value: "rss", label: "RSS or Atom" }, { value: "json", label: "JSON Feed" }, { value: "discourse", label: "Discourse forum" }, { value: "x", label: "Search on X" }] },
      { at: "url", label: "Address", as: "text", wide: true, placeholder: "https://forum.company.example/latest.json" },
      { at: "query", label: "Search", as: "text", wide: true, placeholder: "company OR @company -is:retweet", help: "Of X only, in its own language." },
    ],
  },
  {
    title: "What counts",
    fields: [
      { at: "keywords", label: "One of these words", as: "tags", wide: true, placeholder: "Every entry", help: "An entry without one of them is passed over." },
      {
        at: "complaint_words", label: "Words of complaints", as: "rows", wide: true, one: "word", fresh: { word: "", weight: 1 },
        fields: [{ at: "word", label: "Word", as: "text", placeholder: "cannot export" }, { at: "weight", label: "Weight", as: "number", min: -10, max: 10 }],
      },
    ],
  },
  {
    title: "When many complain at once",
    help: "A spike raises one alert on the service, and ties what was written to its incident.",
    fields: [
      { at: "service", label: "Service", as: "one", from: "services", placeholder: "None: no alert", wide: true },
      { at: "spike", label: "Complaints", as: "number", min: 0, max: 1000, placeholder: "10" },
      { at: "spike_within", label: "Within", as: "text", placeholder: "5m" },
      { at: "every", label: "Read every", as: "text", placeholder: "2m" },
    ],
  },
];

const ofType = (...types: string[]) => (doc: Record<string, unknown>) => types.includes(String(doc["type"]));

const minDays: Field = { at: "min_days", label: "Days the certificate must last", as: "number", min: 0, max: 365, placeholder: "0" };

const checks: Section[] = [
  {
    title: "The check",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Sign-in page" },
      { at: "service", label: "Service", as: "one", from: "services", help: "That its alerts are about." },
      { at: "type", label: "Kind", as: "one", from: [{ value: "http", label: "HTTP: a page or an API" }, { value: "tcp", label: "TCP: a port" }, { value: "dns", label: "DNS: a name" }, { value: "tls", label: "TLS: a certificate" }, { value: "script", label: "Script" }] },
      { at: "every", label: "Every", as: "text", placeholder: "1m", help: "10s to 24h." },
      { at: "target", label: "Target", as: "text", wide: true, placeholder: "https://app.company.example/healthz", help: "HTTP: an address. TCP and TLS: host:port. DNS: a name. Script: its file in the scripts folder." },
    ],
  },
  {
    title: "What is right",
    when: ofType("http"),
    fields: [
      { at: "method", label: "Method", as: "one", from: ["GET", "HEAD", "POST", "PUT", "OPTIONS"].map((value) => ({ value, label: value })), placeholder: "GET" },
      { at: "status", label: "Status", as: "tags", placeholder: "200-299" },
      { at: "contains", label: "The body has", as: "tags", placeholder: "Anything" },
      { at: "not_contains", label: "The body has not", as: "tags", placeholder: "Nothing" },
      { at: "headers", label: "Headers", as: "rows", wide: true, one: "header", fresh: { name: "", value: "" }, fields: [{ at: "name", label: "Name", as: "text", placeholder: "Accept" }, { at: "value", label: "Value", as: "text", placeholder: "application/json" }] },
      minDays,
    ],
  },
  {
    title: "What is right",
    when: ofType("dns"),
    fields: [
      { at: "record", label: "Record", as: "one", from: ["A", "AAAA", "CNAME", "MX", "NS", "TXT"].map((value) => ({ value, label: value })), placeholder: "A" },
      { at: "server", label: "Name server", as: "text", placeholder: "As the machine looks names up" },
      { at: "answers", label: "Each of these is answered", as: "tags", wide: true, placeholder: "Any answer will do" },
    ],
  },
  { title: "What is right", when: ofType("tls"), fields: [minDays] },
  { title: "The script", when: ofType("script"), fields: [{ at: "arguments", label: "Arguments", as: "tags", wide: true, placeholder: "None" }] },
  {
    title: "When it counts",
    fields: [
      { at: "retries", label: "Failures that do not count", as: "number", min: 0, max: 10, help: "In a row." },
      { at: "timeout", label: "Gives up after", as: "text", placeholder: "10s" },
      { at: "probes", label: "Made from", as: "tags", placeholder: "local", help: "local is this server; others run allclear probe." },
      { at: "quorum", label: "Places that must find it wrong", as: "number", min: 0, max: 20, placeholder: "More than half" },
      { at: "paused", label: "Paused", as: "flag", wide: true, help: "Not made, and raises nothing." },
    ],
  },
];

const components: Section[] = [
  {
    title: "What the public reads",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Sign-in" },
      { at: "description", label: "In a line", as: "text", wide: true, placeholder: "Log-in page, single sign-on and sessions" },
    ],
  },
  {
    title: "Where it stands",
    help: "Services name their component in their own record. A component that no service names is not shown.",
    fields: [
      { at: "group", label: "Below", as: "one", from: "components", help: "Which is a group thereby. Groups do not nest." },
      { at: "position", label: "Position", as: "number", min: 0, max: 10000, placeholder: "By restoration", help: "1 is first." },
    ],
  },
  {
    title: "How it is shown",
    fields: [
      { at: "showcase", label: "Its days of uptime", as: "flag" },
      { at: "only_show_if_degraded", label: "Only while something is wrong", as: "flag" },
      { at: "hidden", label: "Hidden, with what stands below it", as: "flag", wide: true },
    ],
  },
];

const stakeholders: Section[] = [
  {
    title: "The stakeholder",
    fields: [
      { at: "name", label: "Name", as: "text", placeholder: "Data protection authority" },
      { at: "group", label: "Is", as: "one", from: groups },
      { at: "owner", label: "Told by", as: "one", from: "pageable", placeholder: "As the procedure says", help: "Who keeps the relationship, and gets the task.", wide: true },
    ],
  },
  {
    title: "The account",
    when: (doc) => doc["group"] === "key_account" || !!doc["customer"],
    fields: [{ at: "customer", label: "Customer", as: "text", placeholder: "northwind", help: "Its id in the customer registry. It is told where this customer is affected.", wide: true }],
  },
  {
    title: "When it is told",
    help: "One plan for each class of incidents. Without a plan it is told of nothing.",
    fields: [
      {
        at: "plans", label: "Plans", as: "rows", wide: true, one: "plan", fresh: { class: "critical" },
        fields: [
          { at: "class", label: "Of", as: "one", from: classes },
          { at: "within", label: "Within", as: "text", placeholder: "As the procedure says" },
          { at: "how", label: "How", as: "text", placeholder: "by phone, then in writing" },
        ],
      },
    ],
  },
  outsiders,
  { title: "Notes", fields: [{ at: "notes", label: "What to know before calling", as: "long", wide: true, placeholder: "Asks for the number of affected EU residents first" }] },
];

/** What is changed in a dialog; the others have a screen each. */
export type Formed = Exclude<Collection, "schedules" | "escalation-policies">;

export const specs: Record<Formed, Section[]> = { people, teams, services, customers, vendors, feeds, checks, components, stakeholders };
