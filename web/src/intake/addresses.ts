// What to paste where a monitoring tool asks for an address or a key. Pure.
import type { Source, SourceHealth } from "../api/sources";

/** Where a source is called with the key; what is not known stays a word in brackets. */
export function addressOf(s: Pick<Source, "address">, key: string, origin: string): string {
  return origin + s.address.replace("{key}", key || "<key>");
}

/** A step with the address, the key and the secret in it. */
export function filled(step: string, s: Pick<Source, "address">, key: string, origin: string): string {
  return step.replaceAll("{url}", addressOf(s, key, origin)).replaceAll("{key}", key || "<key>").replaceAll("{secret}", "<secret>");
}

/** A step as a sentence, and what of it is to be pasted: what follows its first line. */
export function parts(step: string): { text: string; paste?: string } {
  const cut = step.indexOf("\n");
  return cut < 0 ? { text: step } : { text: step.slice(0, cut), paste: step.slice(cut + 1) };
}

/** Whether the last thing that came was refused. */
export function failing(h: SourceHealth | undefined): boolean {
  return !!h?.refused_at && (!h.accepted_at || Date.parse(h.refused_at) > Date.parse(h.accepted_at));
}

/** Where in the mapping a mistake is: "body.mapping/summary" is the field summary. */
export function mappingField(location: string | undefined): string {
  return (location ?? "").replace(/^body\.(mapping|payload)\/?/, "").replace(/\//g, ".");
}

/** The values of keys that were made since the page was loaded: they are shown once, and kept nowhere else. */
export const fresh = new Map<string, string>();

export const sample = `{
  "what": "Disk is full",
  "host": "db-1",
  "grade": 4,
  "nr": "disk-17",
  "over": false
}`;

export const example = `{
  "summary": "body.what + ' on ' + body.host",
  "severity": "body.grade >= 4 ? 'critical' : 'warning'",
  "dedup_key": "body.nr",
  "action": "body.over ? 'resolve' : 'trigger'"
}`;
