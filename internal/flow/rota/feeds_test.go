package rota

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
)

// An address shows turns with ids that stay, follows an override, and ends
// when it is replaced or ended.
// Clauses: PLT-PD-SCHED
func TestCalendarFollowsTheScheduleB32(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, old, err := w.r.NewFeed(t.Context(), ana, "person", "ana", t0)
		if err != nil {
			t.Fatal(err)
		}
		f, token, err := w.r.NewFeed(t.Context(), ana, "person", "ana", t0)
		if err != nil {
			t.Fatal(err)
		}
		before, err := w.r.Calendar(t.Context(), token.Reveal(), t0)
		if err != nil || before.Name != "Ana on call" || len(before.Events) != 60 {
			t.Fatalf("%d turns in 90 days by two schedules: %v", len(before.Events), err)
		}
		w.ask(bo, Ask{Kind: oncall.TakeNow, Schedule: "primary", Span: oncall.Stretch{Until: at(2, 12)}}, t0.Add(time.Minute))
		after, err := w.r.Calendar(t.Context(), token.Reveal(), t0.Add(time.Hour))
		if err != nil || len(after.Events) != 61 {
			t.Fatalf("%d turns once somebody took over for a while: %v", len(after.Events), err)
		}
		if after.Events[1].UID != before.Events[1].UID && after.Events[2].UID != before.Events[1].UID {
			t.Errorf("a turn that stays has changed its id: %v", after.Events[:3])
		}
		for name, wrong := range map[string]string{"replaced": old.Reveal(), "made up": "acf_nonsense", "empty": ""} {
			if _, err := w.r.Calendar(t.Context(), wrong, t0); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := w.r.EndFeed(t.Context(), bo, f.ID, t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("ended by another: %v", err)
		}
		if err := w.r.EndFeed(t.Context(), ana, f.ID, t0); err != nil {
			t.Fatal(err)
		}
		if _, err := w.r.Calendar(t.Context(), token.Reveal(), t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("after its end: %v", err)
		}
	})
}
