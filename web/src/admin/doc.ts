// A document of the catalogue as a form sees it: values by path, what differs,
// what the API said about which field. Pure.
import type { Problem } from "../api/client";
import { capital } from "../ui/words";

export type Doc = Record<string, unknown>;

/** What the server keeps about a document and does not take back. */
const kept = ["version", "updated_at", "on_call", "until", "next", "spans", "gaps"];

export function bare(doc: Doc): Doc {
  return Object.fromEntries(Object.entries(doc).filter(([k]) => !kept.includes(k)));
}

export const text = (doc: Doc): string => JSON.stringify(bare(doc), null, 2);

/** "contacts[0].address" as its steps. */
export function steps(path: string): (string | number)[] {
  return [...path.matchAll(/[^.[\]]+/g)].map(([s]) => (/^\d+$/.test(s) ? Number(s) : s));
}

export function valueAt(doc: unknown, path: string): unknown {
  return steps(path).reduce<unknown>((at, s) => (at === null || typeof at !== "object" ? undefined : (at as Record<string | number, unknown>)[s]), doc);
}

const nothing = (v: unknown) => v === undefined || v === null || v === "" || (typeof v === "object" && Object.keys(v).length === 0);

/** The document with one value changed; what is left empty is left out. */
export function withValue<T>(doc: T, path: string, value: unknown): T {
  const put = (at: unknown, [s, ...rest]: (string | number)[]): unknown => {
    if (s === undefined) return value;
    if (typeof s === "number") {
      const list = Array.isArray(at) ? [...(at as unknown[])] : [];
      list[s] = put(list[s], rest);
      return list;
    }
    const next: Doc = { ...((at ?? {}) as Doc) };
    const inner = put(next[s], rest);
    if (nothing(inner)) delete next[s];
    else next[s] = inner;
    return next;
  };
  return put(doc, steps(path)) as T;
}

/** The same content gives the same text, whatever the order of keys. */
function canonical(v: unknown): string {
  if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
  if (v !== null && typeof v === "object") {
    return `{${Object.entries(v).filter(([, x]) => x !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, x]) => `${JSON.stringify(k)}:${canonical(x)}`).join(",")}}`;
  }
  return JSON.stringify(v) ?? "null";
}

export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** The fields, at the top, in which two documents differ. */
export function differing(a: Doc, b: Doc): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((k) => !kept.includes(k) && !same(a[k], b[k])).sort();
}

export interface Rebased {
  doc: Doc;
  /** Changed by the other only: taken over. */
  theirs: string[];
  /** Changed by both, and not to the same: somebody has to choose. */
  both: string[];
}

/** What was typed, on top of what somebody else has saved meanwhile. */
export function rebase(base: Doc, mine: Doc, other: Doc): Rebased {
  const changed = new Set(differing(base, mine));
  const moved = differing(base, other);
  const doc: Doc = bare(other);
  for (const k of changed) {
    if (mine[k] === undefined) delete doc[k];
    else doc[k] = mine[k];
  }
  return { doc, theirs: moved.filter((k) => !changed.has(k)), both: moved.filter((k) => changed.has(k) && !same(mine[k], other[k])) };
}

export type Faults = ReadonlyMap<string, string>;
export const noFaults: Faults = new Map();

/** The words of a JSON Schema as a form says them. */
function inWords(message: string): string {
  if (/^expected array length >= 1$/.test(message)) return "choose at least one";
  if (/^expected length >= 1$/.test(message)) return "is missing";
  if (/RFC 3339|date-time/.test(message)) return "needs a whole date and time";
  return message.replace(/^expected (?:value|string) to be /, "must be ").replace(/^expected number (>=|<=) /, (_, op: string) => (op === ">=" ? "must be at least " : "must be at most ")).replace(/^expected length <= (\d+)$/, "is longer than $1 characters");
}

/** What the API said about each field, by the path a form knows it under. */
export function faultsOf(p: Problem): Faults {
  const out = new Map<string, string>();
  for (const e of p.errors) {
    // A mistake of the schema says "body" and names the property in its words.
    const named = /property (\S+) to be present/.exec(e.message)?.[1];
    const at = (e.location ?? "").replace(/^body\.?/, "");
    const path = named ? (at ? `${at}.${named}` : named) : at;
    if (path && !out.has(path)) out.set(path, named ? "is missing" : inWords(e.message));
  }
  return out;
}

/** "steps[0].only.days" as people say it: "Step 1, only, days". */
export function placeText(path: string): string {
  const said = steps(path).flatMap((s, k, all) => {
    const next = all[k + 1];
    return typeof s === "number" ? [] : [typeof next === "number" ? `${s.replace(/s$/, "")} ${next + 1}` : s];
  });
  return capital(said.join(", ").replaceAll("_", " "));
}

/** What was said about a field or about anything in it, for one that is not drawn in parts. */
export function faultIn(faults: Faults, path: string): string | undefined {
  const own = faults.get(path);
  if (own) return own;
  for (const [at, what] of faults) if (at.startsWith(`${path}[`) || at.startsWith(`${path}.`)) return what;
  return undefined;
}

/** An id out of a name: "Maria López" becomes maria.lopez or maria-lopez. */
export function slug(name: string, between: "." | "-" = "-"): string {
  return name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, between).replace(/^[.-]+|[.-]+$/g, "").slice(0, 64);
}

/** What is typed into a new document: its id follows the name until somebody types one. */
export function named(doc: Doc, next: Doc, between: "." | "-" = "-"): Doc {
  const of = (d: Doc) => slug(String(d["name"] ?? ""), between);
  return (doc["id"] ?? "") === of(doc) ? { ...next, id: of(next) } : next;
}
