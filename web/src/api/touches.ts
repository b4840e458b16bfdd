// Which parts of an incident a change can have touched, so that a note does not
// make every screen read everything anew. Pure.

const parts: Record<string, string[]> = {
  task: ["checklists", "outreach"],
  deadline: ["deadlines", ""],
  page: ["pages", ""],
  notice: ["pages"],
  delivery: ["pages", "messages", "told"],
  message: ["messages", "told", "outreach", ""],
  customers: ["messages", "told", ""],
  alert: ["alerts", ""],
  room: ["room", "notes"],
  outreach: ["outreach", "checklists"],
  inquiry: ["inquiry"],
  evidence: ["evidence"],
};

/** Whether a part ("" is the incident itself) is to be read again. What is not known for sure touches all. */
export function touches(kind: string, part: string): boolean {
  if (part === "timeline") return true;
  if (kind === "incident.noted") return false;
  const known = parts[kind.split(".")[0] ?? ""];
  return known === undefined || known.includes(part);
}
