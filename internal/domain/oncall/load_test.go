package oncall

import (
	"testing"
	"time"

	"allclear/internal/base/recur"
)

// A week from Friday 09:00 in New York, over the change of the clock: 167
// hours, seven nights, and 47 hours of weekend.
// Clauses: TEAM-ROTATION
func TestLoadOfAWeek(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	cal := recur.Default()
	cal.Holidays = map[recur.Date]bool{{Year: 2026, Month: time.March, Day: 10}: true}
	var l Load
	nights := map[recur.Date]time.Duration{}
	start := time.Date(2026, 3, 6, 9, 0, 0, 0, loc)
	// In two pieces that meet in the middle of a night: it counts once.
	middle := time.Date(2026, 3, 9, 2, 0, 0, 0, loc)
	l.Add(Shift{Start: start, End: middle}, loc, cal, nights)
	l.Add(Shift{Start: middle, End: time.Date(2026, 3, 13, 9, 0, 0, 0, loc)}, loc, cal, nights)
	if l.OnCall != 167*time.Hour || l.Nights != 7 || l.Weekends != 47*time.Hour || l.Holidays != 24*time.Hour {
		t.Errorf("load is %+v", l)
	}
	l.Page(time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC), cal)
	l.Page(time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC), cal)
	if l.Pages != 2 || l.OffHours != 1 {
		t.Errorf("pages are %d, %d outside hours", l.Pages, l.OffHours)
	}
}

func TestHalfAnHourIsNoNight(t *testing.T) {
	var l Load
	start := time.Date(2026, 3, 4, 21, 0, 0, 0, time.UTC)
	l.Add(Shift{Start: start, End: start.Add(90 * time.Minute)}, time.UTC, recur.Default(), map[recur.Date]time.Duration{})
	if l.Nights != 0 || l.OnCall != 90*time.Minute || l.Weekends != 0 {
		t.Errorf("load is %+v", l)
	}
}
