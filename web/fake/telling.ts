// The desk of messages beside the messages: proofs, calls and who was told in time, in
// the API's shapes. Dev only.
import type { Board, Contact, Proof, Report, Template } from "../src/api/desk";
import type { Message } from "../src/api/types";
import type { Whole } from "./story.ts";

const at = (w: Whole, min: number) => new Date(Date.parse(w.incident.declared_at ?? w.incident.detected_at ?? "") + min * 60_000).toISOString();

export function proofOf(m: Pick<Message, "audience" | "channels" | "status" | "subject" | "text">): Proof {
  const one = m.text.replaceAll("{{name}}", "Marta Weiss");
  return {
    audience: m.audience, ...(m.status && { status: m.status }), hash: "4be1c02f9a77d0c1a4d2e6f0", warnings: m.text.includes("INC-") ? ["names something internal: INC-42"] : [],
    ...(m.text.includes("(to be written)") && { unripe: "the text is not finished" }),
    ways: m.channels.map((channel) => {
      const personal = channel === "email" || channel === "sms";
      const open = ["social", "forum", "press"].includes(channel);
      return {
        channel, subject: m.subject, text: open ? `${one}\nhttps://status.techflowsolutions.com` : one, by_hand: channel === "forum" || channel === "press", count: personal ? 3612 : 0, missed: personal ? 2 : 0,
        ...(channel === "social" && { weight: 214, limit: 280 }),
        readers: personal ? [{ id: "customer-0001", name: "Customer 0001", contact: "Marta Weiss", address: "marta.weiss@customer-0001.example" }, { id: "customer-0002", name: "Customer 0002", contact: "Jon Field", address: "jon.field@customer-0002.example" }] : [],
        skipped: personal ? [{ id: "customer-0009", name: "Customer 0009", contact: "Ida Lund", why: "wants sms instead" }, { id: "customer-0014", name: "Customer 0014", why: "has no contact" }] : [],
      };
    }),
  };
}

export const templatesOf = (w: Whole): Template[] => [
  { name: "holding_p1", audience: "public", channels: ["status_page"], status: "investigating", subject: `Problem with ${w.incident.service.name}`, text: `We are investigating a serious problem with ${w.incident.service.name}. We will write again within 30 minutes.` },
  { name: "social_outage", audience: "public", channels: ["social"], status: "investigating", subject: "", text: `We are working on a problem with ${w.incident.service.name}. Our status page has the latest news.` },
  { name: "press_statement", audience: "public", channels: ["press"], status: "investigating", subject: "Statement", text: "Some functions have not been available. Our engineers are working on it." },
];

export function boardOf(w: Whole): Board {
  const call = (id: string, name: string, person: string, phone: string, change: Partial<Contact> = {}): Contact => ({
    id, kind: "account", list: "outreach-vip", party: name.toLowerCase().replace(" ", "-"), name, person, phone, owner: "account-manager-1", due_at: at(w, 30), late: false, done: false, tries: [], clauses: ["COM-CUST-VIP"],
    script: `Hello ${person}, I am calling about ${w.incident.service.name}: you may not be able to use it. Our engineers are working on it. What does it mean for you at the moment?`, ...change,
  });
  const done = { done: true, done_at: at(w, 14), tries: [{ at: at(w, 14), by: "account-manager-1", outcome: "reached" as const, note: "They sign in by another way until noon." }] };
  return {
    done: 2, all: 5, percent: 40,
    groups: [
      { owner: "account-manager-1", name: "Nadia Brandt", done: 1, all: 2, late: 0, contacts: [call("c2", "Customer 0034", "Lena Fox", "+15550134001", { tries: [{ at: at(w, 12), by: "account-manager-1", outcome: "no_answer" }] }), call("c1", "Customer 0001", "Marta Weiss", "+15550101001", done)] },
      { owner: "account-manager-4", name: "Paul Okoye", done: 0, all: 1, late: 1, contacts: [call("c3", "Customer 0067", "Ravi Shah", "+15550167001", { late: true, due_at: at(w, 10) })] },
      { owner: "schedule:communications", name: "schedule:communications", done: 1, all: 2, late: 0, contacts: [
        { id: "c4", kind: "press", list: "press", party: "Daily News", name: "Daily News", person: "Jo Kern", owner: "schedule:communications", late: false, done: false, script: "Is customer data lost?", tries: [{ at: at(w, 16), by: "ana", outcome: "follow_up", note: "statement promised by noon" }], clauses: ["COM-PUB-PRESS"] },
        { id: "c5", kind: "post", list: "m1", party: "forum", name: "Post in the community forum", owner: "schedule:communications", late: false, done: true, done_at: at(w, 11), tries: [{ at: at(w, 11), by: "ana", outcome: "posted", url: "https://community.techflowsolutions.com/t/4711" }], clauses: ["COM-PUB-FORUM"] },
      ] },
    ],
  };
}

export function toldOf(w: Whole): Report {
  const one = (n: string, state: "in_time" | "late" | "missed" | "waiting", told: number | undefined, change = {}) => ({
    id: `customer-${n}`, name: `Customer ${n}`, due_at: at(w, 15), contract: false, state, contacts: 2, accepted: told === undefined ? 0 : 2, failed: 0, ...(told !== undefined && { told_at: at(w, told), by: "email" }), ...change,
  });
  return {
    incident: w.incident.ref, severity: w.incident.severity, declared_at: at(w, 0), post_due_at: at(w, 15), posted_at: at(w, 9), post: "in_time", next_update_at: at(w, 39), judged: 1204, in_time: 1202, percent: 99.8,
    customers: [one("0034", "missed", undefined, { contract: true, failed: 1 }), one("0099", "waiting", undefined, { due_at: at(w, 60), contract: true }), one("0012", "late", 17), ...["0001", "0002", "0003", "0004", "0005", "0006", "0007"].map((n) => one(n, "in_time", 10, { contract: n === "0001" }))],
  };
}
