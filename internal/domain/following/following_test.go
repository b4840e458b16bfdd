package following

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/status"
)

var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

const ok, slow, down = status.Operational, status.DegradedPerformance, status.MajorOutage

// PLT-SP-AUTO: alerts degrade a component and their end restores it, each after its time.
func TestAComponentFollowsAfterItsTime(t *testing.T) {
	for _, mode := range []Mode{Auto, Approve, Off} {
		r := Default()
		r.Mode = mode
		var s State
		for _, c := range []struct {
			at      time.Duration
			seen    status.ComponentStatus
			shown   status.ComponentStatus
			changed bool
			next    time.Duration
		}{
			{0, slow, ok, false, time.Minute},
			{30 * time.Second, ok, ok, false, 0}, // it flapped
			{time.Minute, slow, ok, false, 2 * time.Minute},
			{2 * time.Minute, slow, slow, true, 0},
			{3 * time.Minute, down, slow, false, 4 * time.Minute},
			{4 * time.Minute, down, down, true, 0},
			{5 * time.Minute, ok, down, false, 10 * time.Minute},
			{6 * time.Minute, down, down, false, 0},
			{7 * time.Minute, ok, down, false, 12 * time.Minute},
			{12 * time.Minute, ok, ok, true, 0},
		} {
			now := t0.Add(c.at)
			changed, next := s.Observe(r, c.seen, now)
			if mode == Approve && changed {
				if s.Draft == "" {
					t.Errorf("approve at %s: nothing waits", c.at)
				}
				if err := s.Answer(true, now); err != nil {
					t.Fatal(err)
				}
			}
			want := c.shown
			if mode == Off {
				want, c.changed, c.next = ok, false, 0
			}
			got, _ := s.Status()
			if got != want || changed != c.changed || !next.IsZero() != (c.next != 0) || c.next != 0 && !next.Equal(t0.Add(c.next)) {
				t.Errorf("%s at %s: %s, %v, %v; want %+v", mode, c.at, got, changed, next, c)
			}
		}
	}
}

func TestWhatWaitsIsShownOnlyWhenApproved(t *testing.T) {
	r := Default()
	r.Mode = Approve
	var s State
	s.Observe(r, slow, t0)
	s.Observe(r, slow, t0.Add(time.Minute))
	if got, _ := s.Status(); got != ok || s.Draft != slow {
		t.Fatalf("%+v", s)
	}
	if err := s.Answer(false, t0); err != nil {
		t.Fatal(err)
	}
	if changed, _ := s.Observe(r, ok, t0.Add(2*time.Minute)); changed || s.Draft != "" {
		t.Errorf("%+v", s)
	}
	if err := s.Answer(true, t0); !fault.Is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
	s.Hand = &Hand{Status: down}
	s.Observe(Default(), ok, t0.Add(time.Hour))
	if got, byHand := s.Status(); got != down || !byHand {
		t.Errorf("a person's state: %s, %v", got, byHand)
	}
}

func TestRulesAreRefusedThatMeanNothing(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Rules){
		"mode":  func(r *Rules) { r.Mode = "maybe" },
		"after": func(r *Rules) { r.After = recur.Span{Duration: 48 * time.Hour} },
		"word":  func(r *Rules) { r.States = map[string]status.ComponentStatus{"bad": slow} },
		"state": func(r *Rules) { r.States = map[string]status.ComponentStatus{"error": status.UnderMaintenance} },
	} {
		r := Default()
		change(&r)
		if err := r.Validate(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
