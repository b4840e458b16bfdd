package absence_test

import (
	"testing"
	"time"

	"allclear/internal/domain/absence"
)

// Whatever comes from an address, reading it ends, and what it finds is in
// order, apart, inside the window and within the limits.
func FuzzAbsences(f *testing.F) {
	for _, seed := range []string{google, outlook, "", "BEGIN:VCALENDAR\nEND:VCALENDAR", calendar(event("DTSTART;VALUE=DATE:20260304", "RRULE:FREQ=YEARLY;BYDAY=53MO;BYSETPOS=-1", "RDATE:20260304T000000Z/P1D", "EXDATE:20260304"))} {
		f.Add([]byte(seed), "")
	}
	loc := zone(f, "Australia/Lord_Howe")
	f.Fuzz(func(t *testing.T, body []byte, words string) {
		until := t0.Add(absence.Horizon)
		found, err := absence.Read(body, absence.Rule{Zone: loc, Words: words}, t0, until)
		if err != nil {
			return
		}
		if found.Events > absence.MaxEvents || len(found.Away) > absence.MaxInstances {
			t.Fatalf("%d events, %d absences", found.Events, len(found.Away))
		}
		last := time.Time{}
		for _, s := range found.Away {
			if s.Empty() || !s.From.Before(until) || !s.Until.After(t0) || !s.From.After(last) {
				t.Fatalf("%v after %v", s, last)
			}
			last = s.Until
		}
	})
}
