// The words of the product's glossary, in sentence case.
import type { Named, PersonRef, Severity, Status } from "../api/types";

export function statusWord(status: Status, declared = true): string {
  if (status === "triage") return declared ? "Triage" : "Suspected";
  return status.charAt(0).toUpperCase() + status.slice(1);
}

const severityNames: Record<Severity, string> = { P1: "critical", P2: "high", P3: "medium", P4: "low" };
export const severityName = (s: Severity): string => severityNames[s];

/** "incident_commander" and "incident-commander" as people say them. */
export function plain(id: string): string {
  const text = id.replace(/[_-]+/g, " ").trim().replace(/\b(vip|vp|cto|ceo|api|sla|sms|kpi)\b/gi, (w) => w.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The same within a sentence; what is an abbreviation stays one. */
export function inText(id: string): string {
  const text = plain(id);
  return /^\p{Lu}{2}/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

const channels: Record<string, string> = {
  sms: "text message", voice: "call", email: "e-mail", push: "push", chat: "chat", slack: "Slack", teams: "Teams", mattermost: "Mattermost", discord: "Discord", telegram: "Telegram", webhook: "webhook",
  status_page: "status page", in_app: "in the product", social: "social media",
};
export const channelWord = (c: string): string => channels[c] ?? c.replaceAll("_", " ");

/** schedule:primary, manager:area, a person: who is asked, in every form the procedure and a policy know. */
export function target(id: string, name: (person: string) => string): string {
  const [kind, rest] = id.includes(":") ? (id.split(":", 2) as [string, string]) : ["person", id];
  switch (kind) {
    case "schedule": return `${plain(rest)} on call`;
    case "role": return plain(rest);
    case "team": return `${plain(rest)} team`;
    case "level": return `Everybody of level ${rest}`;
    case "manager": return rest === "area" ? "Manager of the area" : `Manager of ${inText(rest)}`;
    case "lead": return "Lead of the owning team";
    case "sme": return `${plain(rest)} expert`;
    default: return name(rest);
  }
}

export function initials(name: string): string {
  const parts = name.replace(/[^\p{L}\p{N} ]/gu, " ").split(/\s+/).filter(Boolean);
  const first = parts[0] ?? "?";
  const last = parts.length > 1 ? (parts[parts.length - 1] ?? "") : "";
  return (last ? first.charAt(0) + last.charAt(0) : first.slice(0, 2)).toUpperCase();
}

export const idOf = (p: PersonRef | undefined): string => (typeof p === "string" ? p : (p?.id ?? ""));

/** A named thing, or its id where the API gives only that. */
export const label = (n: Named | string | undefined): string => (typeof n === "string" ? n : (n?.name ?? n?.id ?? ""));

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;
}

/** a, b and c */
export function listing(words: string[], and = "and"): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} ${and} ${words[words.length - 1]}`;
}

/** What a task was answered with; the instant that a rule put behind it stands beside it already. */
export const answered = (evidence: string | undefined): string => (evidence ?? "").replace(/ at \d{4}-\d\d-\d\dT[\d:.]+Z$/, "");

const small = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
export const numberWord = (n: number): string => small[n] ?? n.toLocaleString("en-GB");
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
