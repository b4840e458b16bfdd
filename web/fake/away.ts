// When somebody of the demonstration is away: by hand, and as two calendars say,
// one of which cannot be read today.
import type { AbsenceSheet } from "../src/api/away.ts";

export function sheet(now: number): AbsenceSheet {
  const at = (days: number) => new Date(now + days * 86_400_000).toISOString();
  return {
    time_zone: "Europe/Berlin",
    absences: [
      { from: at(3), until: at(4), reason: "Dentist" },
      { from: at(20), until: at(34), source: "calendar" },
    ],
    calendars: [
      { id: "c1", kind: "address", label: "calendar.example.com", added_by: "ana", created_at: at(-90), read_at: at(-0.01), succeeded_at: at(-0.01), absences: 1 },
      { id: "c2", kind: "address", label: "old.example.org", words: "vacation", added_by: "ana", created_at: at(-200), read_at: at(-0.01), succeeded_at: at(-2), failing_since: at(-2), error: "the server answered 404", absences: 0 },
    ],
  };
}
