package absence_test

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/absence"
)

// Who may: oneself, the manager, the lead, administrators. INV-A3
func TestWhoMayKeepAbsences(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.host.says(serve(days(10), `"1"`))
		for _, c := range []struct {
			actor authz.Actor
			may   bool
		}{{ana, true}, {mia, true}, {max_, true}, {boss, true}, {bo, false}, {authz.Actor{ID: "x", Role: authz.System}, false}} {
			away := catalog.Absence{From: t0, Until: t0.Add(time.Hour)}
			_, read := w.a.Of(t.Context(), c.actor, "ana")
			added, add := w.a.Add(t.Context(), c.actor, "ana", absence.NewCalendar{Address: secret.String(w.url)}, t0)
			write := w.a.Write(t.Context(), c.actor, "ana", away, t0)
			erase := w.a.Erase(t.Context(), c.actor, "ana", away.From, away.Until, t0)
			remove := w.a.Remove(t.Context(), c.actor, "ana", added.ID, t0)
			for what, err := range map[string]error{"read": read, "add": add, "write": write, "erase": erase, "remove": remove} {
				if c.may && err != nil || !c.may && !fault.Is(err, fault.Refused) {
					t.Errorf("%s by %s: %v", what, c.actor.ID, err)
				}
			}
		}
		mine, err := w.a.Add(t.Context(), ana, "ana", absence.NewCalendar{Address: secret.String(w.url)}, t0)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.a.Remove(t.Context(), bo, "bo", mine.ID, t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("a foreign calendar: %v", err)
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, in := range []absence.NewCalendar{
			{}, {Address: "https://a.example/x", File: "both"}, {Address: "http://a.example/x"}, {Address: "https://user:pass@a.example/x"}, {Address: "https://"}, {Address: "ftp://a.example"},
		} {
			if _, err := w.a.Add(t.Context(), ana, "ana", in, t0); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v: %v", in.Address.Reveal(), err)
			}
		}
		if err := w.a.Write(t.Context(), ana, "ana", catalog.Absence{From: at(1, 0), Until: at(2, 0)}, t0); !fault.Is(err, fault.Invalid) {
			t.Errorf("in the past: %v", err)
		}
		w.host.says(serve(days(10), `"1"`))
		for range 5 {
			w.add("/a")
		}
		if _, err := w.a.Add(t.Context(), ana, "ana", absence.NewCalendar{Address: secret.String(w.url)}, t0); !fault.Is(err, fault.Conflict) {
			t.Errorf("a sixth: %v", err)
		}
		// What a calendar says cannot be taken back by hand.
		if err := w.a.Erase(t.Context(), ana, "ana", at(9, 23), at(10, 23), t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("erase what a calendar says: %v", err)
		}
	})
}
