package recur

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("load zone %s: %v", name, err)
	}
	return loc
}

func civil(t testing.TB, s string) Civil {
	t.Helper()
	c, err := ParseCivil(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Clauses: TEAM-ROTATION
func TestWallAtTransitions(t *testing.T) {
	for _, tc := range []struct{ zone, wall, want string }{
		{"America/New_York", "2026-03-08T01:59:59", "2026-03-08T06:59:59Z"},
		{"America/New_York", "2026-03-08T02:00", "2026-03-08T07:00:00Z"}, // the gap's first minute
		{"America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"}, // twice: the first
		{"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"},
		{"Europe/Berlin", "2026-03-29T02:15", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T02:15", "2026-10-25T00:15:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30:00Z"}, // half an hour
		{"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"},
		{"Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30:00Z"}, // Ramadan: back at 03:00
		{"Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00:00Z"},
		{"Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00:00Z"}, // midnight does not exist
		{"Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00:00Z"}, // the day does not exist
		{"Asia/Kolkata", "2026-01-05T09:00", "2026-01-05T03:30:00Z"},
		{"Asia/Kathmandu", "2026-01-05T09:00", "2026-01-05T03:15:00Z"},
		{"America/New_York", "2090-03-12T02:30", "2090-03-12T07:00:00Z"}, // beyond the table, by its rule
		{"America/New_York", "2044-12-31T19:30", "2045-01-01T00:30:00Z"}, // the day Go's ZoneBounds forgets
		{"America/New_York", "2044-12-31T12:00", "2044-12-31T17:00:00Z"},
		{"Australia/Sydney", "2044-12-31T12:00", "2044-12-31T01:00:00Z"},
		{"UTC", "2024-02-29T00:00", "2024-02-29T00:00:00Z"},
	} {
		got := civil(t, tc.wall).In(zone(t, tc.zone))
		if s := got.UTC().Format(time.RFC3339); s != tc.want {
			t.Errorf("%s %s = %s, want %s", tc.zone, tc.wall, s, tc.want)
		}
	}
}

func TestWallCarriesOver(t *testing.T) {
	got := Wall(time.UTC, 2026, time.February, 29, 25, 61, 0)
	if want := time.Date(2026, 3, 2, 2, 1, 0, 0, time.UTC); !got.Equal(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

var zones = []string{
	"UTC", "America/New_York", "Europe/Berlin", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca",
	"Africa/Cairo", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns", "America/Havana", "Asia/Gaza", "Antarctica/Troll",
}

func drawCivil(t *rapid.T, label string) Civil {
	return Civil{
		Date:   Date{Year: 2005, Month: time.January, Day: 1}.AddDays(rapid.IntRange(0, 365*60).Draw(t, label+" day")),
		Second: rapid.IntRange(0, 86399).Draw(t, label+" second"),
	}
}

// Every wall-clock time comes back unless it was skipped, and then the instant
// is the first one after a jump; later times never come earlier.
func TestWallProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		a := drawCivil(t, "a")
		at := a.In(loc)
		if got := CivilOf(at, loc); got != a {
			before := CivilOf(at.Add(-time.Second), loc)
			if !(before.AddDays(0).String() < a.String() && a.String() < got.String()) {
				t.Fatalf("%v became %v with %v a second before: not a gap", a, got, before)
			}
		}
		for _, shift := range []time.Duration{30 * time.Minute, time.Hour, 24 * time.Hour} {
			if CivilOf(at.Add(-shift), loc) == a {
				t.Fatalf("%v also happened %v earlier", a, shift)
			}
		}
		b := drawCivil(t, "b")
		if (a.Number() < b.Number() || a.Number() == b.Number() && a.Second < b.Second) && b.In(loc).Before(at) {
			t.Fatalf("%v is before %v but comes later", a, b)
		}
	})
}

func TestStepping(t *testing.T) {
	at := civil(t, "2024-01-31T09:30")
	for n, want := range map[int]string{
		0: "2024-01-31T09:30", 1: "2024-02-29T09:30", 2: "2024-03-31T09:30", 3: "2024-04-30T09:30",
		13: "2025-02-28T09:30", -2: "2023-11-30T09:30", -12: "2023-01-31T09:30",
	} {
		if got := at.AddMonths(n).String(); got != want {
			t.Errorf("%d months: %s, want %s", n, got, want)
		}
	}
	if got := civil(t, "2024-02-28T23:59:58").AddDays(2).String(); got != "2024-03-01T23:59:58" {
		t.Errorf("two days over the leap day: %s", got)
	}
	if got := civil(t, "2024-02-29T08:00").AddMonths(12).String(); got != "2025-02-28T08:00" {
		t.Errorf("a year from the leap day: %s", got)
	}
}

func TestParseWallClock(t *testing.T) {
	for _, bad := range []string{
		"", "2026-01-05", "2026-02-30T09:00", "2026-01-05 09:00", "2026-01-05T9:00", "2026-01-05T24:00",
		"2026-01-05T09:00Z", "2026-01-05T09:00:60", "2026-01-05T09:00:00.5", "2026-13-05T09:00",
	} {
		if c, err := ParseCivil(bad); err == nil {
			t.Errorf("%q read as %v", bad, c)
		}
	}
	for _, bad := range []string{"", "9:00", "24:00", "09:60", "0900", "09:00:60", "-1:00", "09:00Z"} {
		if c, err := ParseClock(bad); err == nil {
			t.Errorf("%q read as second %d", bad, c)
		}
	}
	if s, err := ParseClock("23:59:59"); err != nil || s != 86399 {
		t.Errorf("23:59:59 = %d, %v", s, err)
	}
	if _, err := ParseDate("2025-02-29"); err == nil {
		t.Error("29 February 2025 was accepted")
	}
	if d, err := ParseDate("1969-12-28"); err != nil || d.Number() != -4 || d.Weekday() != time.Sunday {
		t.Errorf("1969-12-28 = %v day %d %v, %v", d, d.Number(), d.Weekday(), err)
	}
}
