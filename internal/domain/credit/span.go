package credit

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
)

// Span is a stretch of time: From belongs to it, Until does not.
type Span struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

func (s Span) empty() bool { return !s.From.Before(s.Until) }

// union sorts spans and joins those that meet, without the empty ones.
func union(spans []Span) (out []Span) {
	sorted := slices.DeleteFunc(slices.Clone(spans), Span.empty)
	slices.SortFunc(sorted, func(a, b Span) int { return a.From.Compare(b.From) })
	for _, s := range sorted {
		if n := len(out); n > 0 && !s.From.After(out[n-1].Until) {
			if s.Until.After(out[n-1].Until) {
				out[n-1].Until = s.Until
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// both is the time that lies in a and in b.
func both(a, b []Span) (out []Span) {
	b = union(b)
	for _, x := range union(a) {
		for _, y := range b {
			s := Span{later(x.From, y.From), x.Until}
			if y.Until.Before(s.Until) {
				s.Until = y.Until
			}
			if !s.empty() {
				out = append(out, s)
			}
		}
	}
	return out
}

// without is the time of a that does not lie in b.
func without(a, b []Span) (out []Span) {
	out = union(a)
	for _, y := range union(b) {
		var next []Span
		for _, x := range out {
			for _, s := range [...]Span{{x.From, earlier(x.Until, y.From)}, {later(x.From, y.Until), x.Until}} {
				if !s.empty() {
					next = append(next, s)
				}
			}
		}
		out = union(next)
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// total is how long joined spans are together, in whole milliseconds.
func total(spans []Span) (ms int64) {
	var sum time.Duration
	for _, s := range union(spans) {
		sum += s.Until.Sub(s.From)
	}
	return sum.Milliseconds()
}

// Month is a calendar month, written "2026-03".
type Month string

// MonthOf is the month that t falls into in a zone.
func MonthOf(t time.Time, zone *time.Location) Month { return Month(t.In(zone).Format("2006-01")) }

// ParseMonth reads "2026-03".
func ParseMonth(s string) (Month, error) {
	if _, err := time.Parse("2006-01", s); err != nil || len(s) != len("2006-01") {
		return "", fault.New(fault.Invalid, "%q is no month", s).With("month", "write it as 2026-03")
	}
	return Month(s), nil
}

// In is the month's time by the wall clock of a zone. Where the clocks change it is an
// hour longer or shorter than its days.
func (m Month) In(zone *time.Location) Span {
	first, err := time.ParseInLocation("2006-01", string(m), zone)
	if err != nil {
		return Span{}
	}
	return Span{first.UTC(), time.Date(first.Year(), first.Month()+1, 1, 0, 0, 0, 0, zone).UTC()}
}

// Words is the month as people write it: "March 2026".
func (m Month) Words() string {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return string(m)
	}
	return t.Format("January 2006")
}

// Next is the month after.
func (m Month) Next() Month {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return m
	}
	return Month(t.AddDate(0, 1, 0).Format("2006-01"))
}

// Zone finds a time zone by its IANA name; empty is UTC.
func Zone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if name == "Local" {
		return nil, fault.New(fault.Invalid, "time zone %q is not known", name)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.New(fault.Invalid, "time zone %q is not known", name).With("time_zone", fmt.Sprintf("use an IANA name such as %s", "Europe/Paris"))
	}
	return z, nil
}
