package oncall

import (
	"time"

	"allclear/internal/base/recur"
)

// Load is what being on call cost one person in a stretch of time.
type Load struct {
	OnCall   time.Duration // with turns in two schedules at once counted once for each
	Nights   int           // dates whose night, 22:00 to 06:00, was on call for an hour or more
	Weekends time.Duration // of it on days that are never business days
	Holidays time.Duration // of it on holidays of the business calendar
	Pages    int
	OffHours int // pages outside business hours
}

// The night, in seconds of the wall-clock day.
const (
	nightFrom  = 22 * 3600
	nightUntil = 6 * 3600
	nightLeast = time.Hour
)

// Add counts a turn by the person's own days and nights, and the business
// calendar's weekends and holidays.
func (l *Load) Add(s Shift, loc *time.Location, cal *recur.Calendar, nights map[recur.Date]time.Duration) {
	l.OnCall += s.End.Sub(s.Start)
	for d := recur.DateOf(s.Start, loc).AddDays(-1); !d.At(0, loc).After(s.End); d = d.AddDays(1) {
		part := shared(s, d.At(0, loc), d.AddDays(1).At(0, loc))
		switch {
		case cal.Holidays[d]:
			l.Holidays += part
		case !cal.Days[d.Weekday()]:
			l.Weekends += part
		}
		if night := shared(s, d.At(nightFrom, loc), d.AddDays(1).At(nightUntil, loc)); night > 0 {
			if nights[d] < nightLeast && nights[d]+night >= nightLeast {
				l.Nights++
			}
			nights[d] += night
		}
	}
}

// Page counts a page that the person received.
func (l *Load) Page(at time.Time, cal *recur.Calendar) {
	l.Pages++
	if !cal.Open(at) {
		l.OffHours++
	}
}

func shared(s Shift, from, until time.Time) time.Duration {
	return max(recur.Earlier(s.End, until).Sub(recur.Later(s.Start, from)), 0)
}
