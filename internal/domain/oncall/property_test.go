package oncall

import (
	"iter"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func pull(s *Schedule, from, until time.Time) (next func() Shift, stop func()) {
	n, stop := iter.Pull(s.Timeline(from, until))
	return func() Shift { p, _ := n(); return p }, stop
}

var hardZones = []string{
	"UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo",
	"Asia/Kolkata", "Pacific/Apia", "America/Havana", "America/St_Johns", "Asia/Gaza", "Antarctica/Troll", "Europe/Dublin",
	"America/Sao_Paulo", "Asia/Pyongyang", "Asia/Kathmandu",
}

// turningPoints are instants where calendars are difficult.
var turningPoints = []string{
	"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z",
	"2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z", "2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z",
	"2011-12-30T10:00:00Z", "2024-02-29T12:00:00Z", "2025-02-28T23:30:00Z", "2026-01-31T09:00:00Z",
	"2044-12-31T12:00:00Z", "2060-03-28T12:00:00Z", "2017-10-15T03:00:00Z", "2026-04-23T22:00:00Z",
}

func drawSchedule(t *rapid.T) (*Schedule, time.Time) {
	zone := rapid.SampledFrom(hardZones).Draw(t, "zone")
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	near, err := time.Parse(time.RFC3339, rapid.SampledFrom(turningPoints).Draw(t, "near"))
	if err != nil {
		t.Fatal(err)
	}
	choose := func(low, high int) int { return rapid.IntRange(low, high).Draw(t, "n") }
	return randomSchedule(choose, zone, loc, near), near
}

// Clauses: TEAM-ROTATION
func TestAgreesWithTheWallClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, near := drawSchedule(t)
		compare(t, s, near.Add(-9*time.Hour), near.Add(30*time.Hour))
	})
}

// Shifts and gaps share out the range, NextChange is the first difference, and
// the same person twice is found at exactly the instants it happens.
// Clauses: TEAM-ROTATION, ESC-L1-SECONDARY
func TestRangesAgreeWithInstants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, near := drawSchedule(t)
		b, _ := drawSchedule(t)
		if a.Prepare() != nil || b.Prepare() != nil {
			t.Fatal("random schedule refused")
		}
		from, until := near.Add(-9*time.Hour), near.Add(9*time.Hour)
		shifts, gaps, same := a.Shifts(from, until), a.Gaps(from, until), Same(a, b, from, until)
		change, changes := a.NextChange(from)
		was := a.At(from)
		for at := from; at.Before(until); at = at.Add(time.Minute) {
			on, other := a.At(at), b.At(at)
			if got := names(shifts, at); !equal(got, on) {
				t.Fatalf("%v: shifts say %v, at says %v", at, got, on)
			}
			if got := names(gaps, at); (len(got) == 1) != (len(on) == 0) {
				t.Fatalf("%v: on call %v but gaps %v", at, on, got)
			}
			if got := names(same, at); (len(got) == 1) != (len(on) == 1 && equal(on, other)) {
				t.Fatalf("%v: %v and %v but same %v", at, on, other, got)
			}
			if (!changes || at.Before(change)) && !equal(on, was) {
				t.Fatalf("%v: changed from %v to %v before %v", at, was, on, change)
			}
		}
		if changes && equal(a.At(change), a.At(change.Add(-time.Nanosecond))) {
			t.Fatalf("nothing changes at %v", change)
		}
	})
}

// names returns the person of each stretch that holds at t.
func names(in []Shift, t time.Time) []string {
	out := []string{}
	for _, s := range in {
		if !t.Before(s.Start) && t.Before(s.End) {
			out = append(out, s.Person)
		}
	}
	return out
}

func equal(a, b []string) bool {
	return len(a) == len(b) && (len(a) == 0 || a[0] == b[0])
}

// Turns far in the future are those counted one by one from the start.
func TestDecadesLater(t *testing.T) {
	for _, unit := range []string{"day", "week", "month"} {
		s := &Schedule{TimeZone: "America/New_York", Layers: []Layer{{
			Members: []string{"ana", "bo", "cy"}, Start: "2001-01-31T02:30", Every: 1, Unit: unit,
		}}}
		for _, year := range []int{2044, 2060, 2099} {
			from := time.Date(year, 12, 30, 0, 0, 0, 0, time.UTC)
			compare(t, s, from, from.Add(72*time.Hour))
		}
	}
}

func BenchmarkAt(b *testing.B) {
	for name, only := range map[string][]Restriction{
		"plain":      nil,
		"restricted": {{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "09:00", To: "17:00"}},
	} {
		b.Run(name, func(b *testing.B) {
			s := &Schedule{TimeZone: "America/New_York", Layers: []Layer{{
				Members: []string{"ana", "bo", "cy"}, Start: "2006-01-02T09:00", Every: 1, Unit: "week", Only: only,
			}}}
			if err := s.Prepare(); err != nil {
				b.Fatal(err)
			}
			at := time.Date(2046, 7, 1, 12, 0, 0, 0, time.UTC)
			b.ReportAllocs()
			for b.Loop() {
				s.At(at)
			}
		})
	}
}
