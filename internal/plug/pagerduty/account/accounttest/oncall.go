package accounttest

import (
	"time"

	"allclear/internal/plug/pagerduty/account"
)

// step is how finely schedules are laid out; what is tested is on its grid.
const step = 15 * time.Minute

// Render lays out who is on call, cut to the range.
func Render(s account.Schedule, since, until time.Time) []account.Override {
	out, at := []account.Override{}, OnCall(s)
	for t := since; t.Before(until); {
		next := t.Truncate(step).Add(step)
		if next.After(until) {
			next = until
		}
		if who := at(t); who != "" {
			if n := len(out) - 1; n >= 0 && out[n].User.ID == who && out[n].End.Equal(t) {
				out[n].End = next
			} else {
				out = append(out, account.Override{Start: t, End: next, User: account.Reference{ID: who, Type: "user_reference"}})
			}
		}
		t = next
	}
	return out
}

// OnCall answers for a schedule which user is on call at an instant, empty for
// nobody: an override, else the last layer that covers ("the lowest layer always
// takes precedence").
func OnCall(s account.Schedule) func(t time.Time) (who string) {
	loc, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return func(time.Time) string { return "" }
	}
	return func(t time.Time) string { return onCall(s, loc, t) }
}

func onCall(s account.Schedule, loc *time.Location, t time.Time) (who string) {
	for _, l := range s.Layers {
		if !t.Before(l.Start) && (l.End == nil || t.Before(*l.End)) && covers(l.Restrictions, t, loc) {
			who = l.Users[turn(l, t, loc)%len(l.Users)].User.ID
		}
	}
	for _, o := range s.Overrides {
		if !t.Before(o.Start) && t.Before(o.End) {
			who = o.User.ID
		}
	}
	return who
}

// wall counts the seconds a clock on the wall has gone through, as if it were
// never set.
func wall(t time.Time, loc *time.Location) int64 {
	_, offset := t.In(loc).Zone()
	return t.Unix() + int64(offset)
}

// turn counts turns since the virtual start: by the wall where they are whole
// days, else by the time that has gone by. It is kept above zero, so that a
// remainder of it is a place in the list.
func turn(l account.Layer, t time.Time, loc *time.Location) int {
	gone := t.Unix() - l.VirtualStart.Unix()
	if l.TurnSeconds%(24*3600) == 0 {
		gone = wall(t, loc) - wall(l.VirtualStart, loc)
	}
	round := l.TurnSeconds * int64(len(l.Users))
	return int(((gone % round) + round) % round / l.TurnSeconds)
}

// covers reports whether a restriction holds at t by the clock on the wall.
func covers(all []account.Restriction, t time.Time, loc *time.Location) bool {
	for _, r := range all {
		at, err := time.Parse("15:04:05", r.StartTime)
		if err != nil {
			return false
		}
		from := int64(at.Hour()*3600 + at.Minute()*60 + at.Second())
		period, now := int64(24*3600), wall(t, loc)
		if r.Type == "weekly_restriction" {
			period *= 7
			from += int64(r.StartDay-1) * 24 * 3600
			now += 3 * 24 * 3600 // the first of January 1970 was a Thursday, a week begins on Monday
		}
		if ((now-from)%period+period)%period < int64(r.Seconds) {
			return true
		}
	}
	return len(all) == 0
}
