package recur

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// office is Monday to Friday, 09:00-17:00, with a holiday on Monday 2026-05-25.
func office(t testing.TB, name string) *Calendar {
	c := Default()
	c.Location = zone(t, name)
	c.Holidays = map[Date]bool{{2026, time.May, 25}: true}
	return c
}

func TestSpanFrom(t *testing.T) {
	for _, tc := range []struct{ name, from, span, want string }{
		// Clauses: SEV-P3-BDAY, SEV-P3-RESOLVE
		{"a business day is eight hours", "2026-03-02T14:00", "8bh", "2026-03-03T14:00"},
		{"over a weekend", "2026-03-06T14:00", "8bh", "2026-03-09T14:00"},
		{"over a holiday", "2026-05-22T14:00", "8bh", "2026-05-26T14:00"},
		// Clauses: SEV-P3-BH
		{"Saturday night counts from Monday", "2026-03-07T03:00", "8bh", "2026-03-09T17:00"},
		{"used up at closing is due at closing", "2026-03-02T09:00", "8bh", "2026-03-02T17:00"},
		{"used up at Friday's closing", "2026-03-06T16:00", "1bh", "2026-03-06T17:00"},
		{"at closing counts from the next opening", "2026-03-06T17:00", "1bh", "2026-03-09T10:00"},
		{"before opening", "2026-03-02T07:30", "90bm", "2026-03-02T10:30"},
		{"forty hours are a week", "2026-03-04T11:15", "40bh", "2026-03-11T11:15"},
		// Clauses: SEV-P3-ACK (the clock as the procedure words it, and the
		// wall-clock hour it is read as)
		{"business hour overnight", "2026-03-02T16:30", "1bh", "2026-03-03T09:30"},
		{"elapsed hour", "2026-03-02T16:30", "1h", "2026-03-02T17:30"},
		// Clauses: SEV-P4-RESOLVE
		{"five business days", "2026-03-06T12:00", "5bd", "2026-03-13T12:00"},
		{"five business days and a holiday", "2026-05-22T12:00", "5bd", "2026-06-01T12:00"},
		{"business days from a Sunday", "2026-03-08T12:00", "1bd", "2026-03-10T09:00"},
		{"business days from an evening", "2026-03-03T20:00", "2bd", "2026-03-06T09:00"},
		{"elapsed days ignore the calendar", "2026-03-06T12:00", "7d", "2026-03-13T12:00"},
		{"a day of hours", "2026-03-06T12:00", "24h", "2026-03-07T12:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			span, err := ParseSpan(tc.span)
			if err != nil {
				t.Fatal(err)
			}
			cal := office(t, "UTC")
			if got := CivilOf(span.From(civil(t, tc.from).In(cal.Location), cal), cal.Location).String(); got != tc.want {
				t.Errorf("%s + %s = %s, want %s", tc.from, tc.span, got, tc.want)
			}
		})
	}
}

// The hours of a day on which the clock jumps are those that really pass.
func TestBusinessTimeOverClockChange(t *testing.T) {
	cal := &Calendar{Location: zone(t, "America/New_York"), Days: [7]bool{true, true, true, true, true, true, true}, Start: 0, End: 360}
	for _, tc := range []struct {
		date string
		open time.Duration
	}{
		{"2026-03-08", 5 * time.Hour}, {"2026-03-09", 6 * time.Hour}, {"2026-11-01", 7 * time.Hour},
	} {
		d, err := ParseDate(tc.date)
		if err != nil {
			t.Fatal(err)
		}
		from := d.At(0, cal.Location)
		if got := cal.Between(from, d.AddDays(1).At(0, cal.Location)); got != tc.open {
			t.Errorf("%s is open %v, want %v", tc.date, got, tc.open)
		}
		if got := cal.Add(from, tc.open); !got.Equal(d.At(6*3600, cal.Location)) {
			t.Errorf("%s + %v = %v, want closing", tc.date, tc.open, got)
		}
	}
	// A business day later keeps the wall clock, although it is 23 h away.
	berlin := office(t, "Europe/Berlin")
	berlin.Days[time.Sunday], berlin.Days[time.Saturday] = true, true
	from := civil(t, "2026-03-28T12:00").In(berlin.Location)
	if got := berlin.AddDays(from, 1).Sub(from); got != 23*time.Hour {
		t.Errorf("a business day over the change took %v", got)
	}
}

func TestCalendarZoneIsItsOwn(t *testing.T) {
	cal := office(t, "America/New_York")
	// 21:30 UTC is 16:30 in New York: the argument's zone does not matter.
	got := cal.Add(time.Date(2026, 3, 2, 21, 30, 0, 0, time.UTC), time.Hour)
	if want := civil(t, "2026-03-03T09:30").In(cal.Location); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOpenAndEdges(t *testing.T) {
	cal := office(t, "UTC")
	for _, tc := range []struct {
		at         string
		open       bool
		next, ends string
	}{
		{"2026-03-02T09:00", true, "2026-03-02T09:00", "2026-03-02T17:00"},
		{"2026-03-02T16:59:59", true, "2026-03-02T16:59:59", "2026-03-02T17:00"},
		{"2026-03-02T17:00", false, "2026-03-03T09:00", "2026-03-03T17:00"},
		{"2026-03-07T03:00", false, "2026-03-09T09:00", "2026-03-09T17:00"},
		{"2026-05-25T12:00", false, "2026-05-26T09:00", "2026-05-26T17:00"},
	} {
		at := civil(t, tc.at).In(time.UTC)
		if got := cal.Open(at); got != tc.open {
			t.Errorf("open at %s: %v", tc.at, got)
		}
		if got := CivilOf(cal.NextOpen(at), time.UTC).String(); got != tc.next {
			t.Errorf("next opening after %s: %s, want %s", tc.at, got, tc.next)
		}
		if got := CivilOf(cal.EndOfDay(at), time.UTC).String(); got != tc.ends {
			t.Errorf("end of day after %s: %s, want %s", tc.at, got, tc.ends)
		}
	}
}

func TestNeverOpen(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for name, cal := range map[string]*Calendar{
		"no days":  {Location: time.UTC, Start: 540, End: 1020},
		"no hours": {Location: time.UTC, Days: Default().Days, Start: 540, End: 540},
		"no zone":  {Days: Default().Days, Start: 540, End: 500},
	} {
		if err := cal.Validate(); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if cal.Open(at) || cal.Add(at, time.Hour) != Never || cal.AddDays(at, 1) != Never ||
			cal.NextOpen(at) != Never || cal.EndOfDay(at) != Never || cal.Between(at, at.AddDate(1, 0, 0)) != 0 {
			t.Errorf("%s: opened", name)
		}
	}
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestCalendarProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		start := rapid.IntRange(0, 1439).Draw(t, "start")
		cal := &Calendar{Location: loc, Start: start, End: rapid.IntRange(start+1, 1440).Draw(t, "end")}
		for i := range cal.Days {
			cal.Days[i] = rapid.Bool().Draw(t, "day")
		}
		cal.Days[rapid.IntRange(0, 6).Draw(t, "open day")] = true
		at := drawCivil(t, "at").In(loc)
		d := time.Duration(rapid.IntRange(1, 40*3600).Draw(t, "d")) * time.Second
		due := cal.Add(at, d)
		if got := cal.Between(at, due); got != d {
			t.Fatalf("%v + %v = %v, but %v lies between", at, d, due, got)
		}
		// Due is the first such instant: a second earlier is not enough.
		if got := cal.Between(at, due.Add(-time.Second)); got != d-time.Second {
			t.Fatalf("the second before %v was not business time", due)
		}
		if open := cal.NextOpen(at); open.Before(at) || !cal.Open(open) || cal.Between(at, open) != 0 {
			t.Fatalf("next opening after %v is %v", at, open)
		}
		if split := cal.Add(cal.Add(at, d/2), d-d/2); !split.Equal(due) {
			t.Fatalf("in two steps %v, in one %v", split, due)
		}
	})
}
