// Who outside has to hear from us, in a sentence and in an order. Pure.
import type { Alternatives, AlternativeUse, Stakeholder } from "../api/registry";
import { classes, groups } from "../admin/specs";
import { capital, count, listing, numberWord } from "../ui/words";

export const groupWord = (g: string): string => groups.find((x) => x.value === g)?.label ?? g;
export const classWord = (c: string): string => classes.find((x) => x.value === c)?.label ?? c;

const rank = (s: Stakeholder) => groups.findIndex((g) => g.value === s.group);

/** By group, as they are asked for in the form, then by name. */
export const byGroup = (all: Stakeholder[]): Stakeholder[] => [...all].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));

/** What a stakeholder is told of: "critical incidents within 1h, extended outages". */
export function plansLine(s: Stakeholder): string {
  return listing((s.plans ?? []).map((p) => `${classWord(p.class).toLowerCase()}${p.within ? ` within ${p.within}` : ""}`));
}

const some = (names: string[]) => (names.length > 3 ? count(names.length, "stakeholder") : listing(names));

/** Whether everybody would be told: the first line of the register. */
export function circleVerdict(all: Stakeholder[]): string {
  const mute = all.filter((s) => (s.plans ?? []).length === 0);
  const unknown = all.filter((s) => s.contacts !== undefined && s.contacts.length === 0);
  const out = [`${capital(numberWord(all.length))} ${all.length === 1 ? "stakeholder is" : "stakeholders are"} told when it is serious.`];
  if (mute.length === all.length) return "Nobody of these is told of anything yet: no plan says when.";
  if (mute.length > 0) out[0] = `${capital(numberWord(all.length - mute.length))} of ${numberWord(all.length)} stakeholders are told when it is serious. ${some(mute.map((s) => s.name))} ${mute.length === 1 ? "has" : "have"} no plan.`;
  if (unknown.length > 0) out.push(`Of ${some(unknown.map((s) => s.name))} no contact is known.`);
  return out.join(" ");
}

/** What can still be put to use: a way that stands is not offered a second time. */
export function offersLeft(a: Alternatives): Alternatives["offers"] {
  const standing = new Set(a.used.filter((u) => !u.ended_at).map((u) => `${u.service}/${u.alternative}`));
  return a.offers.filter((o) => !standing.has(`${o.service}/${o.id}`));
}

/** In use first, then the newest. */
export const standingFirst = (used: AlternativeUse[]): AlternativeUse[] => [...used].sort((a, b) => Number(!!a.ended_at) - Number(!!b.ended_at) || b.at.localeCompare(a.at));
