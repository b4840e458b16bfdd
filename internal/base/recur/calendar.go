package recur

import (
	"errors"
	"math"
	"time"
)

// Calendar says when a team works: one window a day, on some days of the week,
// in one zone, but not on holidays. Durations of business time are elapsed open
// time, so a window in which the clock jumps counts what really passes.
type Calendar struct {
	Location *time.Location
	Days     [7]bool // business days by time.Weekday, Sunday first
	Start    int     // opening, in minutes of the wall-clock day
	End      int     // closing, in minutes of the day; 1440 is midnight
	Holidays map[Date]bool
}

// Default is the calendar of the demo and of a team that set none: Monday to
// Friday, 09:00-17:00 UTC, no holidays. Each call returns a new one.
func Default() *Calendar {
	return &Calendar{
		Location: time.UTC,
		Days:     [7]bool{false, true, true, true, true, true, false},
		Start:    9 * 60, End: 17 * 60,
	}
}

// Validate refuses a calendar that is never open or that has no zone.
func (c *Calendar) Validate() error {
	switch {
	case c.Location == nil:
		return errors.New("check business calendar: no time zone")
	case c.Start < 0 || c.End > 24*60 || c.Start >= c.End:
		return errors.New("check business calendar: opening must come before closing, both within 00:00-24:00")
	case c.Days == [7]bool{}:
		return errors.New("check business calendar: no business day in the week")
	}
	return nil
}

// window returns the open interval of date d, false when there is none.
func (c *Calendar) window(d Date) (opening, closing time.Time, ok bool) {
	if !c.Days[d.Weekday()] || c.Holidays[d] || c.Start >= c.End {
		return opening, closing, false
	}
	opening, closing = d.At(c.Start*60, c.zone()), d.At(c.End*60, c.zone())
	return opening, closing, opening.Before(closing)
}

func (c *Calendar) zone() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}

// next returns the first window that closes after t, and its date; false when
// there is none within ten years. It starts a day early because a clock set
// back over midnight shows a date twice.
func (c *Calendar) next(t time.Time) (d Date, opening, closing time.Time, ok bool) {
	d = DateOf(t, c.zone()).AddDays(-1)
	for range patience {
		if o, e, open := c.window(d); open && t.Before(e) {
			return d, o, e, true
		}
		d = d.AddDays(1)
	}
	return d, opening, closing, false
}

// Open reports whether t is business time.
func (c *Calendar) Open(t time.Time) bool {
	_, opening, _, ok := c.next(t)
	return ok && !t.Before(opening)
}

// NextOpen returns t when it is business time, otherwise the next opening, or
// Never.
func (c *Calendar) NextOpen(t time.Time) time.Time {
	_, opening, _, ok := c.next(t)
	if !ok {
		return Never
	}
	return Later(t, opening)
}

// EndOfDay returns the closing time of the business day that is running at t,
// or of the next one when none is; or Never.
func (c *Calendar) EndOfDay(t time.Time) time.Time {
	_, _, closing, ok := c.next(t)
	if !ok {
		return Never
	}
	return closing
}

// Add returns the instant at which d of business time has passed since t. Time
// outside business hours counts from the next opening; time that is used up
// exactly at closing is due at closing, not at the next opening. A d of 0 or
// less gives NextOpen(t). The result is Never when the calendar stops opening.
func (c *Calendar) Add(t time.Time, d time.Duration) time.Time {
	date, opening, _, ok := c.next(t)
	if !ok {
		return Never
	}
	t, d = Later(t, opening), max(d, 0)
	for closed := 0; closed < patience; date = date.AddDays(1) {
		opening, closing, ok := c.window(date)
		if !ok {
			closed++
			continue
		}
		closed = 0
		t = Later(t, opening)
		if left := closing.Sub(t); d <= left {
			return t.Add(d)
		} else if left > 0 {
			d -= left
		}
	}
	return Never
}

// AddDays returns the same wall-clock time n business days after t. A t outside
// business hours counts from the next opening; an n of 0 or less gives
// NextOpen(t). The result is Never when the calendar stops opening.
func (c *Calendar) AddDays(t time.Time, n int) time.Time {
	date, opening, _, ok := c.next(t)
	if !ok {
		return Never
	}
	if t = Later(t, opening); n <= 0 {
		return t
	}
	clock := CivilOf(t, c.zone()).Second
	for closed := 0; closed < patience; {
		date = date.AddDays(1)
		if _, _, ok := c.window(date); !ok {
			closed++
			continue
		}
		closed = 0
		if n--; n == 0 {
			return date.At(clock, c.zone()).Add(time.Duration(t.Nanosecond()))
		}
	}
	return Never
}

// Between returns the business time from a to b, negative when b is earlier.
// More than a time.Duration holds is cut to what it holds.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	for {
		_, opening, closing, ok := c.next(a)
		if !ok || !opening.Before(b) {
			return sum
		}
		open := Earlier(closing, b).Sub(Later(a, opening))
		if sum > math.MaxInt64-open {
			return math.MaxInt64
		}
		sum += open
		a = closing
	}
}

// Later is the later of two instants.
func Later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Earlier is the earlier of two instants.
func Earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Bounds lists the instants in [from, until) at which business time begins or
// ends, in order.
func (c *Calendar) Bounds(from, until time.Time) []time.Time {
	var out []time.Time
	last := DateOf(until, c.zone()).AddDays(1)
	for d := DateOf(from, c.zone()).AddDays(-1); d.Number() <= last.Number(); d = d.AddDays(1) {
		opening, closing, ok := c.window(d)
		for _, t := range []time.Time{opening, closing} {
			if ok && !t.Before(from) && t.Before(until) {
				out = append(out, t)
			}
		}
	}
	return out
}
