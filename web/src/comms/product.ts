// What whoever builds notices into the product copies, and how far that has come. Pure.
import type { InAppKey, InAppSession, InAppSetup } from "../api/product";
import { count } from "../ui/words";

/** How many keys count at once: one in use, its successor, and room for a mistake. */
export const mostKeys = 5;

/** The first line of the screen: whether anybody would be shown anything. */
export function productVerdict(keys: InAppKey[], setup: InAppSetup, sessions: InAppSession[]): string {
  if (keys.length === 0) return "Nobody is shown anything yet: without a key your product cannot say who its users are.";
  if (setup.origins.length === 0) return "A key is there, and no page may read with it: name the addresses of your product’s pages.";
  const users = sessions.reduce((n, s) => n + s.users, 0);
  if (users === 0) return "Ready. Nobody has asked for notices in the last five minutes.";
  return `${count(users, "user")} of ${count(sessions.filter((s) => s.users > 0).length, "customer")} would see a notice now.`;
}

/** What goes into the product's pages. */
export const scriptTag = (setup: Pick<InAppSetup, "script">): string => `<script src="${setup.script}"\n  data-token-url="/allclear-token" defer></script>`;

/** What the product's server signs; customer is whose user it is. */
export function tokenText(key: string, customer = "acme"): string {
  return `header  {"alg": "HS256", "typ": "JWT", "kid": "${key}"}\nclaims  {"tenant": "${customer}", "sub": "user-4711",\n         "exp": <an hour from now, in seconds>}`;
}

/** Of the content security policy of the product's pages. */
export function policyText(setup: Pick<InAppSetup, "script">): string {
  const origin = new URL(setup.script, "https://status.example.com").origin;
  return `script-src ${origin};\nconnect-src ${origin}`;
}

/** "2 hours", "90 minutes" */
export function lastingWord(seconds: number): string {
  return seconds % 3600 === 0 ? count(seconds / 3600, "hour") : count(Math.round(seconds / 60), "minute");
}
