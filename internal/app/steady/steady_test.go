package steady

import (
	"context"
	"errors"
	"testing"
	"time"
)

// machine is a machine whose clocks a test turns.
type machine struct {
	ran   time.Duration // what nobody can set
	day   time.Time     // the time of day
	slow  time.Duration // how long it takes to ask for the time of day
	fails error
}

func (m *machine) elapsed() time.Duration { return m.ran }

func (m *machine) reference(context.Context) (time.Time, error) {
	at := m.day
	m.pass(m.slow)
	return at, m.fails
}

func (m *machine) pass(d time.Duration) { m.ran, m.day = m.ran+d, m.day.Add(d) }

var steadyStart = time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC)

func newMachine(t *testing.T) (*machine, *Clock) {
	t.Helper()
	m := &machine{ran: 5 * time.Hour, day: steadyStart}
	s, err := New(t.Context(), m.elapsed, m.reference)
	if err != nil || !s.Now().Equal(steadyStart) || s.Now().Location() != time.UTC {
		t.Fatalf("began at %s, %v", s.Now(), err)
	}
	return m, s
}

// minutes lets time pass, looking at the clock each second: it never goes back.
func (m *machine) minutes(t *testing.T, s *Clock, n int) {
	t.Helper()
	last := s.Now()
	for i := range n * 60 {
		m.pass(time.Second)
		if i%10 == 0 {
			_ = s.steer(t.Context()) // a reference that fails is part of the story
		}
		now := s.Now()
		if step := now.Sub(last); step < 990*time.Millisecond || step > 1010*time.Millisecond {
			t.Fatalf("a second took %s", step)
		}
		last = now
	}
}

// R09: when the time of day is set, what is due in an hour is due in an hour, to
// a few seconds; twelve hours later the clock has come nearer.
func TestASetClockMovesNothing(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour, -30 * time.Second, 5 * time.Minute} {
		m, s := newMachine(t)
		m.minutes(t, s, 1)
		m.day = m.day.Add(by)
		m.minutes(t, s, 15)
		if off := s.Now().Sub(steadyStart.Add(16 * time.Minute)).Abs(); off > 2*time.Second {
			t.Errorf("set by %s: %s away after a quarter of an hour", by, off)
		}
		if off := (s.Skew() - s.Now().Sub(m.day)).Abs(); off > time.Second {
			t.Errorf("set by %s: the skew is %s away from what it is", by, off)
		}
		before := m.day.Sub(s.Now()).Abs()
		m.minutes(t, s, 60)
		if after := m.day.Sub(s.Now()).Abs(); after > before-6*time.Second {
			t.Errorf("set by %s: %s away, an hour later %s", by, before, after)
		}
	}
}

// A clock that is a little off comes right within minutes, and stays.
func TestASmallGapCloses(t *testing.T) {
	m, s := newMachine(t)
	m.day = m.day.Add(-200 * time.Millisecond)
	m.minutes(t, s, 4)
	if off := s.Now().Sub(m.day).Abs(); off > 5*time.Millisecond {
		t.Errorf("%s away", off)
	}
}

// A machine that slept finds the time at once: everything it missed is due.
func TestSleepCounts(t *testing.T) {
	m, s := newMachine(t)
	m.pass(8 * time.Hour)
	if off := s.Now().Sub(m.day).Abs(); off > time.Millisecond {
		t.Errorf("%s away after eight hours of sleep", off)
	}
}

// Without the reference, or with one that answers late, the clock goes on as it is.
func TestWithoutAReference(t *testing.T) {
	m, s := newMachine(t)
	m.day = m.day.Add(time.Hour)
	if err := s.steer(t.Context()); err != nil { // it has begun to go there
		t.Fatal(err)
	}
	m.fails = errors.New("no connection")
	m.minutes(t, s, 60)
	if off := s.Now().Sub(steadyStart.Add(time.Hour)).Abs(); off > 100*time.Millisecond {
		t.Errorf("without a reference: %s away", off)
	}
	m.fails, m.slow = nil, 2*time.Second
	if err := s.steer(t.Context()); !errors.Is(err, errSlow) {
		t.Errorf("a reference that needs two seconds: %v", err)
	}
}

// The clock the machine really has goes on, and nobody starts it at nought.
func TestTheRealClockGoesOn(t *testing.T) {
	s, err := New(t.Context(), Unsettable(), func(context.Context) (time.Time, error) { return time.Now(), nil })
	if err != nil {
		t.Fatal(err)
	}
	first := s.Now()
	if off := time.Since(first).Abs(); off > time.Second {
		t.Errorf("%s away from the time of day", off)
	}
	for range 1000 {
		next := s.Now()
		if next.Before(first) {
			t.Fatalf("went back by %s", first.Sub(next))
		}
		first = next
	}
}
