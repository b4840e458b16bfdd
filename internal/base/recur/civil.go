package recur

import (
	"fmt"
	"time"
)

// Date is a day on the wall calendar, in no zone. It is comparable, so it can
// be the key of a map of holidays.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the date a wall clock in loc shows at t.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{Year: y, Month: m, Day: d}
}

// ParseDate reads "2006-01-02".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("read date %q: want YYYY-MM-DD, a day that exists", s)
	}
	return DateOf(t, time.UTC), nil
}

// String returns "2006-01-02".
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// AddDays returns the date n days later (earlier when n is negative).
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC), time.UTC)
}

// Number counts the days from 1970-01-01, so that two dates can be subtracted.
func (d Date) Number() int64 {
	return floorDiv(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix(), 86400)
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(floorMod(d.Number()+int64(time.Thursday), 7))
}

// At returns the instant at which a wall clock in loc shows the date and the
// given second of the day, by the rule of Wall; 86400 is the next midnight.
func (d Date) At(second int, loc *time.Location) time.Time {
	return wall(loc, time.Date(d.Year, d.Month, d.Day, 0, 0, second, 0, time.UTC).Unix())
}

// Civil is what a wall clock shows: a date and a time of day, in no zone.
type Civil struct {
	Date
	Second int // of the day, 0..86399
}

// CivilOf returns what a wall clock in loc shows at t, without the fraction of
// the second.
func CivilOf(t time.Time, loc *time.Location) Civil {
	l := t.In(loc)
	h, m, s := l.Clock()
	return Civil{Date: DateOf(l, loc), Second: h*3600 + m*60 + s}
}

// ParseCivil reads "2006-01-02T15:04" or "2006-01-02T15:04:05".
func ParseCivil(s string) (Civil, error) {
	for _, layout := range [...]string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		// The length check refuses what time.Parse adds: fractions and
		// hours of one digit.
		if len(s) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return CivilOf(t, time.UTC), nil
		}
	}
	return Civil{}, fmt.Errorf("read wall-clock time %q: want YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS, without a zone", s)
}

// ParseClock reads a time of day, "15:04" or "15:04:05", as the second of the
// day. 24:00 is refused: write 00:00.
func ParseClock(s string) (int, error) {
	for _, layout := range [...]string{"15:04", "15:04:05"} {
		if len(s) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return CivilOf(t, time.UTC).Second, nil
		}
	}
	return 0, fmt.Errorf("read time of day %q: want HH:MM from 00:00 to 23:59", s)
}

// String returns "2006-01-02T15:04", with seconds only where they are not 0.
func (c Civil) String() string {
	s := fmt.Sprintf("%sT%02d:%02d", c.Date, c.Second/3600, c.Second/60%60)
	if c.Second%60 != 0 {
		s += fmt.Sprintf(":%02d", c.Second%60)
	}
	return s
}

// In returns the instant at which a wall clock in loc shows c, by the rule of
// Wall.
func (c Civil) In(loc *time.Location) time.Time { return c.At(c.Second, loc) }

// AddDays returns the same time of day n days later.
func (c Civil) AddDays(n int) Civil {
	return Civil{Date: c.Date.AddDays(n), Second: c.Second}
}

// AddMonths returns the same day and time n months later; in a month that is
// too short, its last day. Step from the original each time (n = 1, 2, 3 ...),
// not from the last result: then the 31st comes back after a short month.
func (c Civil) AddMonths(n int) Civil {
	first := time.Date(c.Year, c.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Civil{
		Date:   Date{Year: first.Year(), Month: first.Month(), Day: min(c.Day, last)},
		Second: c.Second,
	}
}

// Wall returns the instant at which a wall clock in loc shows the given date
// and time. A time the clock skips (spring, a day dropped at the date line)
// is the first instant after the gap; a time it shows twice is the first one.
// Values out of range carry over as in time.Date. Unlike time.Date, which
// promises no particular choice, the result never decreases when the wall
// clock time increases.
func Wall(loc *time.Location, y int, m time.Month, d, h, mi, sec int) time.Time {
	return wall(loc, time.Date(y, m, d, h, mi, sec, 0, time.UTC).Unix())
}

// wall is Wall for a wall-clock time given as if it were UTC, in Unix seconds.
// It walks the periods of constant offset from before the earliest instant the
// time could be (no zone is more than 26 h from UTC). In the first period that
// reaches the time, it either lies inside, or the clock jumped over it.
func wall(loc *time.Location, naive int64) time.Time {
	const reach = 26 * 3600
	at := time.Unix(naive-reach, 0).In(loc)
	for {
		_, offset := at.Zone()
		start, end := at.ZoneBounds()
		if !end.IsZero() && !end.After(at) {
			// Beyond a zone's table Go counts 365 days to a year, so on
			// 31 December of a leap year the period ends before it began.
			end = at.Truncate(24 * time.Hour).Add(24 * time.Hour)
		}
		t := naive - int64(offset)
		if !start.IsZero() && t < start.Unix() {
			return start
		}
		if end.IsZero() || t < end.Unix() {
			return time.Unix(t, 0).In(loc)
		}
		at = end
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - b*floorDiv(a, b) }
