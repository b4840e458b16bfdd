package catalog

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/recur"
)

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// window is a stretch of the wall-clock day, on some days of the week; to at or
// before from runs into the next day.
type window struct {
	days     [7]bool // the window begins on
	from, to int     // seconds of the day
}

func newWindow(days []string, from, to string) (w window, err error) {
	if w.from, err = recur.ParseClock(from); err != nil {
		return w, err
	}
	if w.to, err = recur.ParseClock(to); err != nil {
		return w, err
	}
	for i := range w.days {
		w.days[i] = len(days) == 0
	}
	for _, d := range days {
		day, ok := weekdays[d]
		if !ok {
			return w, fmt.Errorf("%q is not a day; use mon, tue, wed, thu, fri, sat or sun", d)
		}
		w.days[day] = true
	}
	return w, nil
}

// end is when the window that holds at t is over; in is false when none does.
func (w window) end(t time.Time, loc *time.Location) (end time.Time, in bool) {
	today := recur.DateOf(t, loc)
	for n := -1; n <= 1; n++ { // a window of yesterday reaches into today, and clocks are set back over midnight
		if s, e := w.on(today.AddDays(n), loc); !t.Before(s) && t.Before(e) {
			end, in = later(end, e), true
		}
	}
	return end, in
}

// on is the window that begins on the date; it is empty where there is none.
func (w window) on(d recur.Date, loc *time.Location) (start, end time.Time) {
	if !w.days[d.Weekday()] {
		return start, end
	}
	last := d
	if w.to <= w.from {
		last = d.AddDays(1)
	}
	return d.At(w.from, loc), last.At(w.to, loc)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// hours checks a window of the day and its days.
func (c *checker) hours(where string, days []string, from, to string) {
	if _, err := recur.ParseClock(from); err != nil {
		c.add(where+"/from", "%v", err)
	}
	if _, err := recur.ParseClock(to); err != nil {
		c.add(where+"/to", "%v", err)
	}
	c.weekdays(where+"/days", days)
}

func (c *checker) weekdays(where string, days []string) {
	c.each(where, days, func(at, d string) {
		if _, ok := weekdays[d]; !ok {
			c.add(at, "%q is not a day; use %s", d, "mon, tue, wed, thu, fri, sat or sun")
		}
	})
	if len(days) > 7 {
		c.add(where, "a week has seven days")
	}
}

// holds reports whether t lies in the days and hours; without hours, whether it
// lies on one of the days.
func holds(t time.Time, days []string, from, to string, loc *time.Location) bool {
	if from == "" && to == "" {
		day := recur.DateOf(t, loc).Weekday()
		return len(days) == 0 || slices.ContainsFunc(days, func(d string) bool { return weekdays[d] == day })
	}
	w, err := newWindow(days, from, to)
	if err != nil {
		return true // a step that cannot be read pages rather than not
	}
	_, in := w.end(t, loc)
	return in
}
