// A procedure as GET /procedure tells it, shortened. Dev only.
import type { Procedure } from "../src/api/types";

const by = (rows: Record<string, string>, clause: string) =>
  Object.fromEntries(Object.entries(rows).map(([s, within]) => [s, { within, clauses: [`SEV-${s}-${clause}`] }]));

export const procedure: Procedure = {
  document: {
    title: "Incident Management Procedures", subtitle: "Comprehensive Framework for Service Reliability and Business Continuity", company: "TechFlow Solutions", department: "Operations",
    version: "3.2", date: "2025-01-08", next_review: "2025-04-01", owner: "david.kim", prepared_by: "david.kim", reviewed_by: "rachel.torres", approved_by: "jennifer.walsh",
    approval_status: "approved", distribution: ["operations", "engineering", "customer-success", "executive-leadership"], confidentiality: "Internal Use Only",
  },
  hash: "9f2c41d07be1a3", source: "schema: 1\nname: techflow\ndocument:\n  title: Incident Management Procedures\n  version: \"3.2\"\n  owner: david.kim\n  next_review: 2025-04-01\nclocks:\n  - id: acknowledge\n    name: Acknowledge\n    from: began\n    until: acknowledged\n    by:\n      P1: {within: 5m, clauses: [SEV-P1-ACK]}\n      P2: {within: 15m, clauses: [SEV-P2-ACK]}\n",
  clocks: [
    { id: "acknowledge", name: "Acknowledge", from: "began", until: "acknowledged", by: by({ P1: "5m", P2: "15m", P3: "1h", P4: "1bd" }, "ACK") },
    { id: "response", name: "Response", from: "began", until: "engaged", by: by({ P1: "10m", P2: "20m", P3: "2bh", P4: "2bd" }, "RESP") },
    { id: "resolution", name: "Resolution", from: "began", until: "resolved", by: by({ P1: "45m", P2: "2h", P3: "8bh", P4: "5bd" }, "RES") },
    { id: "war_room", name: "War room", from: "declared", until: "room_ready", by: by({ P1: "10m" }, "WAR") },
    { id: "executive_notice", name: "Executive notice", from: "declared", until: "executives_told", by: by({ P1: "15m" }, "EXEC") },
    { id: "status_page", name: "First status post", from: "declared", until: "status_posted", by: by({ P1: "15m", P2: "15m" }, "STATUS") },
    { id: "customer_email", name: "Customer e-mail", from: "declared", until: "customers_mailed", by: by({ P1: "15m", P2: "30m" }, "EMAIL") },
    { id: "status_update", name: "Next customer update", from: "update", until: "updated", by: by({ P1: "30m", P2: "60m", P3: "1bd" }, "COM") },
  ],
  chain: {
    repeat_every: "10m",
    steps: [
      { clause: "ESC-CHAIN-1", target: "schedule:primary", after: "0m", by: { P1: { while: "always" }, P2: { while: "always" } } },
      { clause: "ESC-CHAIN-2", target: "schedule:secondary", after: "10m", by: { P1: { while: "unacknowledged" }, P2: { while: "unacknowledged" } } },
      { clause: "ESC-CHAIN-3", target: "role:engineering-manager", after: "20m", by: { P1: { while: "unacknowledged" }, P2: { while: "unacknowledged" } } },
      { clause: "ESC-CHAIN-4", target: "role:director-platform-operations", after: "30m", by: { P1: { while: "unresolved" }, P2: { while: "unacknowledged", else: "notice" } } },
      { clause: "ESC-CHAIN-5", target: "role:vp-engineering", after: "45m", by: { P1: { while: "unresolved" } } },
    ],
  },
  levels: [
    { level: 1, name: "On-Call Engineering Team", members: ["schedule:primary", "schedule:secondary", "team:platform", "team:applications"], response: { P1: "5m", P2: "15m", P3: "30m" } },
    { level: 2, name: "Engineering Management", members: ["david.kim", "sarah.liu", "marcus.johnson"], response: { P1: "15m", P2: "30m" } },
    { level: 3, name: "Senior Leadership", members: ["rachel.torres", "michael.chen", "jennifer.walsh"], response: { P1: "30m", P2: "60m" } },
  ],
  roles: [
    { id: "incident_commander", title: "Incident commander", duties: [
      { clause: "WAR-IC-COORD", text: "Coordinate the response and take the decisions, with their reasons" }, { clause: "WAR-IC-EXEC", text: "Tell executives and key stakeholders where it stands" },
      { clause: "WAR-IC-RES", text: "Decide who is needed, and escalate" }, { clause: "WAR-IC-PIR", text: "See the review through" }] },
    { id: "technical_lead", title: "Technical lead", duties: [
      { clause: "WAR-TL-FIX", text: "Direct troubleshooting and the fix" }, { clause: "WAR-TL-COORD", text: "Coordinate the engineering teams and experts" },
      { clause: "WAR-TL-DECIDE", text: "Take the technical decisions and watch over their execution" }, { clause: "WAR-TL-INFORM", text: "Give the commander the technical detail" }] },
    { id: "customer_communications_lead", title: "Customer communications lead", duties: [{ clause: "WAR-CCL-NOTIFY", text: "Tell customers and keep them informed" }, { clause: "WAR-CCL-STATUS", text: "Keep the status page current and watch what is said in public" }] },
    { id: "scribe", title: "Scribe", duties: [{ clause: "WAR-SCR-TIMELINE", text: "Write the timeline and the actions as they happen" }] },
  ],
  findings: [
    { severity: "warning", code: "review-overdue", line: 8, column: 16, message: "The review of this document was due on 1 April 2025.", fix: "Review the procedure and set next_review." },
    { severity: "warning", code: "calendar-default", line: 1, column: 1, message: "Business hours, zone and holidays are not in the document; 09:00-17:00 UTC, Monday to Friday applies.", fix: "Set business_hours per team before activation." },
    { severity: "warning", code: "clock-mismatch", line: 12, column: 7, message: "P1 response and acknowledge start at the same moment; the document gives two names for one milestone.", fix: "Keep both; the reading is recorded." },
  ],
};
