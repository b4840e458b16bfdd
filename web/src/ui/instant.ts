// Instants as the fields of a form have them: the wall clock of the reader's
// zone, without a zone of its own. Pure.
import type { Zone } from "./time";

const two = (n: number) => String(n).padStart(2, "0");

/** 2026-03-02T09:00 in the zone; empty for no instant. */
export function toField(at: string | undefined, zone: Zone): string {
  const t = Date.parse(at ?? "");
  if (Number.isNaN(t)) return "";
  const d = new Date(t);
  return zone === "UTC"
    ? d.toISOString().slice(0, 16)
    : `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** The instant of a wall clock; empty when it is not whole yet. */
export function fromField(text: string, zone: Zone): string {
  const t = Date.parse(zone === "UTC" ? `${text}Z` : text);
  return text.length < 16 || Number.isNaN(t) ? "" : new Date(t).toISOString().replace(".000Z", "Z");
}
