// What became of a file of subscribers, in words. Pure.
import { count } from "../ui/words";

/** As the API takes it. */
export const mostBytes = 4_000_000;

export interface Taken {
  added: number;
  known: number;
  problems: { where: string; what: string }[];
}

/** What stops a file before it is sent; undefined for one that may go. */
export function unfit(file: { name: string; size: number } | null): string | undefined {
  if (!file) return undefined;
  if (file.size === 0) return "The file is empty.";
  if (file.size > mostBytes) return `The file has ${Math.ceil(file.size / 1_000_000)} MB; at most 4 MB are taken at once. Import it in parts.`;
  return /\.(csv|txt)$/i.test(file.name) ? undefined : "This is no CSV file.";
}

/** One sentence about an import. */
export function taken(r: Taken, consent: boolean): string {
  const out: string[] = [];
  if (r.added > 0) out.push(consent ? `${count(r.added, "subscriber")} ${r.added === 1 ? "is" : "are"} told from now on.` : `${count(r.added, "address", "addresses")} ${r.added === 1 ? "is" : "are"} asked whether they want it.`);
  if (r.known > 0) out.push(`${r.known.toLocaleString("en-GB")} ${r.known === 1 ? "was" : "were"} there already.`);
  if (r.problems.length > 0) out.push(`${count(r.problems.length, "line")} ${r.problems.length === 1 ? "was" : "were"} left out.`);
  return out.join(" ") || "Nothing was taken in.";
}
