package procedure_test

import (
	"slices"
	"testing"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/procedure"
)

const (
	monday   = "2026-03-02T" // and so on to Sunday, 2026-03-08
	friday   = "2026-03-06T"
	saturday = "2026-03-07T"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Clauses: SEV-P1-ACK, SEV-P1-RESP, SEV-P1-RESOLVE, SEV-P1-WAR, SEV-P1-EXEC, SEV-P1-CUST, SEV-P1-COMM, COM-CUST-STATUS, COM-CUST-EMAIL, OBJ-COMM100,
// SEV-P2-ACK, SEV-P2-ONCALL, SEV-P2-RESP, SEV-P2-RESOLVE, SEV-P2-LEAD, SEV-P2-CUST, SEV-P2-COMM, SEV-P2-UPDATES,
// SEV-P3-ACK, SEV-P3-RESP, SEV-P3-RESOLVE, SEV-P3-BDAY, SEV-P3-BH, SEV-P3-ASSIGN, SEV-P3-COMM, SEV-P4-ACK, SEV-P4-RESP, SEV-P4-RESOLVE, SEV-P4-COMM
func TestClocksAreDueWhenTheDocumentSays(t *testing.T) {
	p := techflow(t)
	for _, c := range []struct {
		clock  string
		sev    procedure.Severity
		start  string
		due    string
		warns  []string
		clause string
	}{
		// P1 and P2 by the wall clock, at night and at weekends.
		{"acknowledge", procedure.P1, saturday + "03:00:00", saturday + "03:05:00", []string{saturday + "03:04:00"}, "SEV-P1-ACK"},
		{"response", procedure.P1, saturday + "03:00:00", saturday + "03:10:00", []string{saturday + "03:08:00"}, "SEV-P1-RESP"},
		{"resolution", procedure.P1, saturday + "03:00:00", saturday + "03:45:00", []string{saturday + "03:30:00", saturday + "03:40:00"}, "SEV-P1-RESOLVE"},
		{"war_room", procedure.P1, monday + "10:00:00", monday + "10:10:00", []string{monday + "10:08:00"}, "SEV-P1-WAR"},
		{"executive_notice", procedure.P1, monday + "10:00:00", monday + "10:15:00", []string{monday + "10:12:00"}, "SEV-P1-EXEC"},
		{"status_page", procedure.P1, monday + "10:00:00", monday + "10:15:00", []string{monday + "10:10:00"}, "COM-CUST-STATUS"},
		{"customer_email", procedure.P1, monday + "10:00:00", monday + "10:15:00", []string{monday + "10:10:00"}, "SEV-P1-CUST"},
		{"status_update", procedure.P1, monday + "10:00:00", monday + "10:30:00", []string{monday + "10:25:00"}, "SEV-P1-COMM"},
		{"acknowledge", procedure.P2, friday + "23:50:00", saturday + "00:05:00", []string{saturday + "00:02:00"}, "SEV-P2-ACK"},
		{"response", procedure.P2, friday + "23:50:00", saturday + "00:10:00", []string{saturday + "00:06:00"}, "SEV-P2-RESP"},
		{"resolution", procedure.P2, friday + "23:00:00", saturday + "01:00:00", []string{saturday + "00:36:00"}, "SEV-P2-RESOLVE"},
		{"team_lead_notice", procedure.P2, monday + "10:00:00", monday + "10:20:00", []string{monday + "10:16:00"}, "SEV-P2-LEAD"},
		{"commander", procedure.P2, monday + "10:00:00", monday + "10:20:00", []string{monday + "10:16:00"}, "WAR-SCOPE"},
		{"status_page", procedure.P2, monday + "10:00:00", monday + "10:15:00", []string{monday + "10:10:00"}, "OBJ-COMM100"},
		{"customer_email", procedure.P2, monday + "10:00:00", monday + "10:30:00", []string{monday + "10:24:00"}, "SEV-P2-CUST"},
		{"status_update", procedure.P2, monday + "10:00:00", monday + "11:00:00", []string{monday + "10:48:00"}, "SEV-P2-UPDATES"},

		// P3: one hour by the wall clock, the rest in business time.
		{"acknowledge", procedure.P3, saturday + "03:00:00", saturday + "04:00:00", []string{saturday + "03:48:00"}, "SEV-P3-ACK"},
		{"assignment", procedure.P3, saturday + "03:00:00", saturday + "04:00:00", []string{saturday + "03:48:00"}, "SEV-P3-ASSIGN"},
		{"response", procedure.P3, saturday + "03:00:00", "2026-03-09T11:00:00", []string{"2026-03-09T10:36:00"}, "SEV-P3-RESP"},
		{"response", procedure.P3, friday + "16:00:00", "2026-03-09T10:00:00", []string{"2026-03-09T09:36:00"}, "SEV-P3-RESP"},
		{"resolution", procedure.P3, monday + "14:00:00", "2026-03-03T14:00:00", []string{"2026-03-03T12:24:00"}, "SEV-P3-BDAY"},
		{"resolution", procedure.P3, monday + "09:00:00", monday + "17:00:00", []string{monday + "15:24:00"}, "SEV-P3-RESOLVE"},
		{"resolution", procedure.P3, saturday + "03:00:00", "2026-03-09T17:00:00", []string{"2026-03-09T15:24:00"}, "SEV-P3-RESOLVE"},
		{"status_update", procedure.P3, friday + "12:00:00", "2026-03-09T12:00:00", []string{"2026-03-09T10:24:00"}, "SEV-P3-COMM"},

		// P4 in business days (reading 8).
		{"acknowledge", procedure.P4, friday + "12:00:00", "2026-03-09T12:00:00", []string{"2026-03-09T10:24:00"}, "SEV-P4-ACK"},
		{"response", procedure.P4, friday + "12:00:00", "2026-03-10T12:00:00", []string{"2026-03-09T16:48:00"}, "SEV-P4-RESP"},
		{"resolution", procedure.P4, friday + "12:00:00", "2026-03-13T12:00:00", []string{"2026-03-12T12:00:00"}, "SEV-P4-RESOLVE"},
		{"resolution", procedure.P4, saturday + "12:00:00", "2026-03-16T09:00:00", []string{"2026-03-12T17:00:00"}, "SEV-P4-RESOLVE"},
	} {
		clock, ok := p.Clock(c.clock)
		if !ok {
			t.Fatalf("no clock %s", c.clock)
		}
		due, warns, clauses, ok := clock.Due(c.sev, at(t, c.start), p.Calendar())
		if !ok || !due.Equal(at(t, c.due)) || !slices.Contains(clauses, c.clause) {
			t.Errorf("%s of %s from %s: due %v, %v, want %s (%s)", c.clock, c.sev, c.start, due, clauses, c.due, c.clause)
		}
		var got []string
		for _, w := range warns {
			got = append(got, w.Format("2006-01-02T15:04:05"))
		}
		if !slices.Equal(got, c.warns) {
			t.Errorf("%s of %s from %s warns at %v, want %v", c.clock, c.sev, c.start, got, c.warns)
		}
		for _, w := range warns {
			if !w.After(at(t, c.start)) || !w.Before(due) {
				t.Errorf("%s of %s warns at %v, outside %s to %v", c.clock, c.sev, w, c.start, due)
			}
		}
	}
}

// Clauses: SEV-P3-RESOLVE
func TestHolidaysMoveBusinessClocks(t *testing.T) {
	p := techflow(t)
	cal := p.Calendar()
	cal.Holidays[recur.DateOf(at(t, "2026-03-03T12:00:00"), time.UTC)] = true
	clock, _ := p.Clock("resolution")
	if due, _, _, _ := clock.Due(procedure.P3, at(t, monday+"14:00:00"), cal); !due.Equal(at(t, "2026-03-04T14:00:00")) {
		t.Errorf("due %v, want the holiday passed over", due)
	}
}

// Clauses: SEV-P4-COMM, SEV-P4-NOEMERG
func TestSeveritiesWithoutAPromiseHaveNoClock(t *testing.T) {
	p := techflow(t)
	for clock, none := range map[string][]procedure.Severity{
		"status_update": {procedure.P4}, "war_room": {procedure.P2, procedure.P3, procedure.P4}, "executive_notice": {procedure.P2, procedure.P3, procedure.P4},
		"team_lead_notice": {procedure.P1, procedure.P3, procedure.P4}, "status_page": {procedure.P3, procedure.P4}, "customer_email": {procedure.P3, procedure.P4},
		"assignment": {procedure.P1, procedure.P2, procedure.P4}, "commander": {procedure.P1, procedure.P3, procedure.P4},
	} {
		c, ok := p.Clock(clock)
		if !ok {
			t.Fatalf("no clock %s", clock)
		}
		for _, s := range none {
			if due, _, _, ok := c.Due(s, at(t, monday+"10:00:00"), p.Calendar()); ok {
				t.Errorf("%s of %s is due at %v", clock, s, due)
			}
		}
	}
}

// Reading 2: eight minutes to confirm or dismiss.
func TestASuspicionDeclaresItselfAfterEightMinutes(t *testing.T) {
	if got := techflow(t).DeclareAfter(at(t, saturday+"03:00:00")); !got.Equal(at(t, saturday+"03:08:00")) {
		t.Errorf("%v", got)
	}
}
