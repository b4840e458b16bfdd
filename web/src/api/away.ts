// The shapes of absences and of the calendars that say them.
import type { Instant } from "./types";

export interface PersonAbsence {
  from: Instant;
  until: Instant;
  reason?: string;
  source?: "calendar";
}

export interface AbsenceCalendar {
  id: string;
  kind: "address" | "file";
  label: string;
  words?: string;
  added_by: string;
  created_at: Instant;
  read_at?: Instant;
  succeeded_at?: Instant;
  failing_since?: Instant;
  error?: string;
  notes?: string[];
  absences: number;
}

export interface AbsenceSheet {
  time_zone: string;
  absences: PersonAbsence[];
  calendars: AbsenceCalendar[];
}

export interface NewAbsenceCalendar {
  address?: string;
  file?: string;
  name?: string;
  words?: string;
}
