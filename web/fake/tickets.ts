// Customers' tickets of the fake, as the program judges them.
import type { Ticket } from "../src/api/types";

export function ticketsOf(now: number): Ticket[] {
  const ago = (min: number) => new Date(now - min * 60_000).toISOString();
  const of = (n: number, min: number, more: Partial<Ticket>): Ticket => ({
    id: `0pmw5r5w00g0${n}`, source: "zendesk", external_id: String(35430 + n), url: `https://example.zendesk.com/agent/tickets/${35430 + n}`, subject: "", service: "reporting", queue: "urgent", state: "waiting",
    status: "new", priority: "normal", tags: [], severity: "P3", confidence: 0.65, reasons: [], written: true, created_at: ago(min), updated_at: ago(min), ...more,
  });
  return [
    of(1, 3, { subject: "Export gives an error since this morning", customer: "customer-0007", customer_name: "Customer 0007", requester: "Dana Field", email: "dana@customer-0007.example", text: "Since nine each export to CSV ends with an error.\nIt worked on Friday.", confidence: 0.55, reasons: ["says \"error\" (1)", "customer is an enterprise account", "no strong keyword: it waits in the urgent queue"] }),
    of(2, 8, { subject: "The whole site is down for us", requester: "Sam", email: "sam@small.example", text: "We see a blank page.", confidence: 0.65, reasons: ["says \"down\" (3)", "the customer is not known", "neither an account that pages nor a word for everybody: it waits in the urgent queue"] }),
    of(3, 12, { subject: "How do I drill down into a quarterly report and keep the filters of the dashboard that I came from?", queue: "normal", severity: "P4", confidence: 0.5, customer: "customer-0012", customer_name: "Customer 0012", text: "I would like to drill down.", reasons: ["\"drill down\" does not count", "customer is an enterprise account", "no keyword counts"] }),
    of(4, 20, { subject: "Nobody can log in", service: "auth", state: "raised", severity: "P1", confidence: 0.95, incident: "INC-42", customer: "customer-0034", customer_name: "Customer 0034", priority: "urgent", text: "Outage: nobody at our company can log in.", reasons: ["says \"outage\" (3)", "customer is VIP", "says \"nobody\": it is about everybody", "3 other customers say it too", "INC-42 is open on the service"] }),
    of(5, 90, { subject: "Invoice of January", queue: "normal", severity: "P4", state: "dismissed", by: "ana", reason: "Answered by billing", customer: "customer-0020", customer_name: "Customer 0020", reasons: ["customer is a major account", "no keyword counts"] }),
  ];
}
