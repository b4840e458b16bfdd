package oncall

import (
	"time"

	"allclear/internal/base/recur"
)

type unit uint8

const (
	hour unit = iota
	day
	week
	month
)

var units = map[string]unit{"hour": hour, "day": day, "week": week, "month": month}

// rota is one compiled layer.
type rota struct {
	loc      *time.Location
	members  []string
	start    recur.Civil // wall clock of the first handoff
	first    time.Time   // the instant of the first handoff
	every    int
	unit     unit
	windows  []window // empty: always
	constant bool     // one person only: handoffs change nothing
}

// distant is later than any instant a schedule is asked about.
var distant = time.Unix(1<<42, 0)

// handoff returns the instant of handoff k, counted from 0. Each one is placed
// from the first, never from the one before: so a handoff that fell into a gap
// or on a short month does not shift those after it.
func (r *rota) handoff(k int64) time.Time {
	n := int(k) * r.every
	switch r.unit {
	case day:
		return r.start.AddDays(n).In(r.loc)
	case week:
		return r.start.AddDays(7 * n).In(r.loc)
	case month:
		return r.start.AddMonths(n).In(r.loc)
	default:
		return time.Unix(r.first.Unix()+int64(n)*3600, 0)
	}
}

// turn returns the number of the last handoff at or before t, which must not
// be before the first, and when the next one is. It estimates from the date
// and corrects, so a date decades on costs no more than tomorrow.
func (r *rota) turn(t time.Time) (k int64, next time.Time) {
	k = max(r.estimate(t), 0)
	for k > 0 && r.handoff(k).After(t) {
		k--
	}
	for next = r.handoff(k + 1); !next.After(t); next = r.handoff(k + 1) {
		k++
	}
	return k, next
}

func (r *rota) estimate(t time.Time) int64 {
	if r.unit == hour {
		return (t.Unix() - r.first.Unix()) / (int64(r.every) * 3600)
	}
	date := recur.DateOf(t, r.loc)
	if r.unit == month {
		return int64((date.Year-r.start.Year)*12+int(date.Month-r.start.Month)) / int64(r.every)
	}
	days := (date.Number() - r.start.Number()) / int64(r.every)
	if r.unit == week {
		return days / 7
	}
	return days
}

// at returns who the layer puts on call at t, "" when it does not cover, and an
// instant after t up to which that holds. It may hold longer.
func (r *rota) at(t time.Time) (person string, until time.Time) {
	if t.Before(r.first) {
		return "", r.first
	}
	until = distant
	if len(r.windows) > 0 {
		var covered bool
		if covered, until = coverage(r.windows, t, r.loc); !covered {
			return "", until
		}
	}
	if r.constant {
		return r.members[0], until
	}
	k, next := r.turn(t)
	return r.members[k%int64(len(r.members))], recur.Earlier(until, next)
}

// window is one compiled restriction. Seconds are of the wall-clock day.
type window struct {
	days     [7]bool
	from, to int
}

// span returns the window that starts on date d; it is empty where the clock
// jumps over it.
func (w window) span(d recur.Date, loc *time.Location) (start, end time.Time) {
	last := d
	if w.to <= w.from {
		last = d.AddDays(1)
	}
	return d.At(w.from, loc), last.At(w.to, loc)
}

// coverage reports whether a window covers t, and an instant after t up to
// which that holds. Windows of the day before reach into a day, and those of the day
// after may have begun where the clock was then set back over midnight.
func coverage(windows []window, t time.Time, loc *time.Location) (covered bool, until time.Time) {
	today := recur.DateOf(t, loc)
	for n := -1; n <= 1; n++ {
		d := today.AddDays(n)
		for _, w := range windows {
			if !w.days[d.Weekday()] {
				continue
			}
			if s, e := w.span(d, loc); !s.After(t) && t.Before(e) {
				covered, until = true, recur.Later(until, e)
			}
		}
	}
	if covered {
		return true, until
	}
	return false, nextWindow(windows, t, today, loc)
}

// nextWindow returns the first start of a window after t. Starts never go back
// from one date to the next, so the first date that has one decides. A week has
// every day; when all of its windows fell into gaps, its end is returned and
// the caller asks again from there.
func nextWindow(windows []window, t time.Time, today recur.Date, loc *time.Location) time.Time {
	const days = 9
	for n := -1; n < days; n++ {
		d, found := today.AddDays(n), distant
		for _, w := range windows {
			if !w.days[d.Weekday()] {
				continue
			}
			if s, e := w.span(d, loc); s.After(t) && s.Before(e) {
				found = recur.Earlier(found, s)
			}
		}
		if found.Before(distant) {
			return found
		}
	}
	return today.AddDays(days).At(0, loc)
}
