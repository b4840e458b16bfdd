package status

import (
	"slices"
	"strconv"
	"time"
)

// HistoryDays is how many days of uptime a page shows.
const HistoryDays = 90

// KeptDays is how long what was told stays on the page, month by month.
const KeptDays = 730

const dayMinutes = 24 * 60

// Day is one UTC day of a component. Minutes are whole; a started minute
// counts, so that the page never shows less downtime than there was.
type Day struct {
	Date            string `json:"date"` // YYYY-MM-DD
	DownMinutes     int    `json:"down_minutes"`
	DegradedMinutes int    `json:"degraded_minutes,omitempty"`
}

// Span is a time during which a component was in a state. A zero End means
// that it still is.
type Span struct {
	Start, End time.Time
	Status     ComponentStatus
}

type interval struct{ from, to time.Time }

// DaysFrom turns one component's spans into the n UTC days that end with
// until's, oldest first. Overlaps count once and the worse state wins; only
// outages are downtime (ComponentStatus.Down). Time under maintenance is neither,
// whatever else the component was meanwhile (reading 21).
func DaysFrom(spans []Span, until time.Time, n int) []Day {
	until = until.UTC()
	var down, bad, work []interval
	for _, s := range spans {
		end := s.End
		if end.IsZero() || end.After(until) {
			end = until
		}
		if !s.Start.Before(end) || s.Status == Operational {
			continue
		}
		if s.Status == UnderMaintenance {
			work = append(work, interval{s.Start, end})
			continue
		}
		bad = append(bad, interval{s.Start, end})
		if s.Status.Down() {
			down = append(down, interval{s.Start, end})
		}
	}
	work = union(work)
	down, bad = without(union(down), work), without(union(bad), work)
	midnight := until.Truncate(24 * time.Hour)
	days := make([]Day, 0, n)
	for k := n - 1; k >= 0; k-- {
		from := midnight.AddDate(0, 0, -k)
		to := from.AddDate(0, 0, 1)
		d, b := within(down, from, to), within(bad, from, to)
		days = append(days, Day{Date: from.Format(time.DateOnly), DownMinutes: minutes(d), DegradedMinutes: minutes(b - d)})
	}
	return days
}

func union(in []interval) []interval {
	slices.SortFunc(in, func(a, b interval) int { return a.from.Compare(b.from) })
	var out []interval
	for _, i := range in {
		if n := len(out); n > 0 && !i.from.After(out[n-1].to) {
			if i.to.After(out[n-1].to) {
				out[n-1].to = i.to
			}
			continue
		}
		out = append(out, i)
	}
	return out
}

// without takes the times of cut out of those of in; both are unions.
func without(in, cut []interval) []interval {
	var out []interval
	for _, i := range in {
		for _, c := range cut {
			if !c.to.After(i.from) || !i.to.After(c.from) {
				continue
			}
			if i.from.Before(c.from) {
				out = append(out, interval{i.from, c.from})
			}
			i.from = c.to
		}
		if i.from.Before(i.to) {
			out = append(out, i)
		}
	}
	return out
}

func within(in []interval, from, to time.Time) time.Duration {
	var sum time.Duration
	for _, i := range in {
		a, b := i.from, i.to
		if a.Before(from) {
			a = from
		}
		if b.After(to) {
			b = to
		}
		if a.Before(b) {
			sum += b.Sub(a)
		}
	}
	return sum
}

func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

// Uptime is a share of time without outage. Total is zero when nothing is
// known about the time asked for.
type Uptime struct {
	Total, Down int // minutes
}

// Known reports whether there is anything to say.
func (u Uptime) Known() bool { return u.Total > 0 }

// String returns the percentage with three decimals, cut and not rounded: one
// minute of outage never reads 100.000.
func (u Uptime) String() string {
	if !u.Known() {
		return "no data"
	}
	up := max(0, u.Total-u.Down)
	milli := up * 100_000 / u.Total
	frac := strconv.Itoa(milli%1000 + 1000)[1:]
	return strconv.Itoa(milli/1000) + "." + frac
}

// Uptime sums the component's days whose date starts with prefix ("" for all,
// "2026-05" for a month). Days before StartDate are left out, and the day of
// until counts only as far as it has passed.
func (c Component) Uptime(prefix string, until time.Time) Uptime {
	until = until.UTC()
	today := until.Format(time.DateOnly)
	var u Uptime
	for _, d := range c.Days {
		if !c.Counts(d) || len(d.Date) < len(prefix) || d.Date[:len(prefix)] != prefix {
			continue
		}
		total := dayMinutes
		if d.Date == today {
			total = until.Hour()*60 + until.Minute() + 1
		}
		u.Total += total
		u.Down += min(d.DownMinutes, total)
	}
	return u
}

// Counts reports whether the day belongs to the component's recorded life.
func (c Component) Counts(d Day) bool { return c.StartDate == "" || d.Date >= c.StartDate }
