// How reviews and action items read. Pure.
import type { ActionItem, Review, ReviewSummary } from "../api/review";
import type { ChipColour } from "../ui/pieces";

export const reviewStates: Record<ReviewSummary["state"], { word: string; colour?: ChipColour }> = {
  open: { word: "open", colour: "amber" },
  ready: { word: "ready to sign off", colour: "accent" },
  signed_off: { word: "signed off", colour: "green" },
};

export const actionStates: Record<ActionItem["state"], { word: string; colour?: ChipColour }> = {
  open: { word: "open" },
  in_progress: { word: "in progress", colour: "accent" },
  blocked: { word: "blocked", colour: "red" },
  done: { word: "done, to be verified", colour: "amber" },
  verified: { word: "verified", colour: "green" },
  cancelled: { word: "cancelled" },
};

export const verdicts: Record<string, { word: string; colour?: ChipColour }> = {
  back: { word: "back to baseline", colour: "green" },
  not_back: { word: "not back to baseline", colour: "red" },
  unknown: { word: "nothing to compare with" },
};

/** Minutes as people say them. */
export function lasted(minutes: number): string {
  const m = Math.round(minutes);
  if (m < 60) return `${m} min`;
  const h = Math.floor(m / 60);
  return m % 60 === 0 ? `${h} h` : `${h} h ${m % 60} min`;
}

export const dollars = (n: number) => `$${Math.round(n).toLocaleString("en-GB")}`;

/** A figure with as many digits as say something. */
export const figure = (n: number) => Number(n.toPrecision(3)).toString();

/** How people spoke, in words. */
export function mood(v: Review["impact"]["mood"]["before"]): string {
  if (v.judged === 0) return "nothing that can be judged";
  const word = v.score < -0.3 ? "mostly complaint" : v.score > 0.3 ? "mostly praise" : "mixed";
  return `${word} (${v.score > 0 ? "+" : ""}${v.score.toFixed(2)})`;
}

/** The first line of a review: where it stands and what is next. */
export function lead(r: Review): string {
  if (r.state === "signed_off") return "Signed off. It stays as it is.";
  if (r.state === "ready") return "Nothing is missing. The owner can sign it off.";
  const n = r.missing.length;
  return `${n} ${n === 1 ? "thing is" : "things are"} missing before the sign-off.`;
}

/** The first line of the lists. */
export function actionsLead(list: ActionItem[]): string {
  const late = list.filter((a) => a.overdue).length;
  const blocked = list.filter((a) => a.state === "blocked").length;
  const parts = [late > 0 ? `${late} overdue` : "", blocked > 0 ? `${blocked} blocked` : ""].filter(Boolean);
  return parts.length > 0 ? `${parts.join(", ")} of ${list.length}.` : list.length === 0 ? "" : "Nothing is late.";
}
