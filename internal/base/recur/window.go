package recur

import (
	"fmt"
	"time"
)

// weekdays are the days as documents name them.
var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// ParseWeekday reads mon to sun.
func ParseWeekday(name string) (time.Weekday, error) {
	day, ok := weekdays[name]
	if !ok {
		return 0, fmt.Errorf("%q is not a day; use mon, tue, wed, thu, fri, sat or sun", name)
	}
	return day, nil
}

// Window is a stretch of the wall-clock day on some days of the week.
type Window struct {
	days     [7]bool // it begins on
	from, to int     // seconds of the day; to at or before from is on the next
	whole    bool    // no hours: all of those days
}

// NewWindow reads days (none: all of them) and a time of day from and to; to at
// or before from runs into the next day, and without both it is the whole day.
func NewWindow(days []string, from, to string) (w Window, err error) {
	if from == "" && to == "" {
		w.whole = true
	} else {
		if w.from, err = ParseClock(from); err != nil {
			return w, err
		}
		if w.to, err = ParseClock(to); err != nil {
			return w, err
		}
	}
	for i := range w.days {
		w.days[i] = len(days) == 0
	}
	for _, name := range days {
		day, err := ParseWeekday(name)
		if err != nil {
			return w, err
		}
		w.days[day] = true
	}
	return w, nil
}

// Holds reports whether t lies in the window.
func (w Window) Holds(t time.Time, loc *time.Location) bool {
	_, in := w.End(t, loc)
	return in
}

// End is when the window that holds at t is over; in is false when none does.
func (w Window) End(t time.Time, loc *time.Location) (end time.Time, in bool) {
	today := DateOf(t, loc)
	for n := -1; n <= 1; n++ { // yesterday's may reach into today, and clocks are set back over midnight
		if s, e := w.on(today.AddDays(n), loc); !t.Before(s) && t.Before(e) {
			end, in = Later(end, e), true
		}
	}
	return end, in
}

// Bounds lists the instants in [from, until) at which the window begins or
// ends, in no order.
func (w Window) Bounds(from, until time.Time, loc *time.Location) []time.Time {
	var out []time.Time
	last := DateOf(until, loc).AddDays(1)
	for d := DateOf(from, loc).AddDays(-1); d.Number() <= last.Number(); d = d.AddDays(1) {
		s, e := w.on(d, loc)
		for _, t := range []time.Time{s, e} {
			if !t.Before(from) && t.Before(until) {
				out = append(out, t)
			}
		}
	}
	return out
}

// on is the window that begins on the date; it is empty where there is none.
func (w Window) on(d Date, loc *time.Location) (start, end time.Time) {
	switch {
	case !w.days[d.Weekday()]:
		return start, end
	case w.whole:
		return d.At(0, loc), d.AddDays(1).At(0, loc)
	case w.to <= w.from:
		return d.At(w.from, loc), d.AddDays(1).At(w.to, loc)
	}
	return d.At(w.from, loc), d.At(w.to, loc)
}
