package told

import (
	"testing"
	"time"
)

var due = time.Date(2026, 3, 2, 3, 15, 0, 0, time.UTC)

// OBJ-COMM100: a post at 14 minutes is in time, none at 15 is not.
func TestPromise(t *testing.T) {
	for _, c := range []struct {
		at, now time.Time
		want    State
	}{
		{due.Add(-time.Minute), due.Add(time.Hour), InTime},
		{due, due.Add(time.Hour), InTime},
		{due.Add(time.Second), due.Add(time.Hour), Late},
		{time.Time{}, due, Waiting},
		{time.Time{}, due.Add(time.Second), Missed},
	} {
		if got := (Promise{due, c.at}).State(c.now); got != c.want {
			t.Errorf("at %v, now %v: %s", c.at, c.now, got)
		}
	}
}

// OBJ-COMM100: 100 % are all, not nearly all.
func TestPercent(t *testing.T) {
	for _, c := range []struct {
		s    Share
		want float64
	}{{Share{}, 100}, {Share{2, 2}, 100}, {Share{1, 3}, 33.3}, {Share{99999, 100000}, 99.9}, {Share{0, 1}, 0}} {
		if got := c.s.Percent(); got != c.want {
			t.Errorf("%+v: %v", c.s, got)
		}
	}
	var s Share
	for _, x := range []State{InTime, Late, Missed, Waiting} {
		s.Add(x)
	}
	if s != (Share{1, 3}) {
		t.Errorf("%+v", s)
	}
}
