package message

import (
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

func TestWorkGoesItsWay(t *testing.T) {
	w := &Work{ID: "w1", Title: "Database upgrade", From: minutes(60), To: minutes(120), CreatedAt: t0}
	say := func(s status.IncidentStatus, at int) error { return w.Tell(s, "text", string(s), minutes(at)) }
	if err := say(status.Scheduled, 0); err != nil {
		t.Fatal(err)
	}
	if s, next, ok := w.Due(minutes(59)); ok || !next.Equal(minutes(60)) {
		t.Errorf("before its time: %s %v %v", s, next, ok)
	}
	if s, next, ok := w.Due(minutes(60)); !ok || s != status.InProgress || !next.Equal(minutes(120)) {
		t.Errorf("at its time: %s %v %v", s, next, ok)
	}
	if s, _, ok := w.Due(minutes(500)); !ok || s != status.Completed {
		t.Errorf("after a long sleep: %s %v", s, ok)
	}
	if err := say(status.Verifying, 60); !fault.Is(err, fault.Conflict) {
		t.Errorf("verified before it began: %v", err)
	}
	for n, s := range []status.IncidentStatus{status.InProgress, status.Verifying, status.Completed} {
		if err := say(s, 61+n); err != nil || w.Running() != (s != status.Completed) {
			t.Errorf("%s: %v, running %v", s, err, w.Running())
		}
	}
	if err := say(status.InProgress, 70); !fault.Is(err, fault.Conflict) || w.Open() {
		t.Errorf("what is completed goes on: %v", err)
	}
	m := w.Public([]Component{{ID: "c1", Name: "Storage"}})
	if m.Status != status.Completed || len(m.Updates) != 4 || !m.StartedAt.Equal(minutes(61)) || !m.ResolvedAt.Equal(minutes(63)) || !m.ScheduledUntil.Equal(minutes(120)) {
		t.Errorf("%+v", m)
	}
	if a := m.Updates[1].Affected; len(a) != 1 || a[0].NewStatus != status.UnderMaintenance {
		t.Errorf("it begins without its component: %+v", a)
	}
	if a := m.Updates[3].Affected; len(a) != 1 || a[0].NewStatus != status.Operational {
		t.Errorf("it ends without its component: %+v", a)
	}
	if s, ok := w.Span(); !ok || !s.Start.Equal(minutes(61)) || !s.End.Equal(minutes(63)) {
		t.Errorf("span %+v", s)
	}
	byHand := &Work{From: minutes(0), To: minutes(1), ByHand: true}
	if _, _, ok := byHand.Due(minutes(500)); ok {
		t.Error("a person says when it begins, and it began by itself")
	}
}
