package rota

import (
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
)

func (w *world) start(now time.Time) {
	w.t.Helper()
	if err := w.r.Start(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
	w.tick(now)
}

// Each weakness is told once, however often the forecast looks, and again when
// it comes back after having been repaired.
// Clauses: ESC-L1-PRIMARY, ESC-L1-SECONDARY
func TestWeaknessIsToldOnceB30(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		holes := &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{
			Members: []string{"ana"}, Start: "2026-03-01T09:00", Every: 1, Unit: "week",
			Only: []oncall.Restriction{{Days: []string{"mon", "tue", "wed", "thu", "fri", "sun"}, From: "00:00", To: "00:00"}},
		}}}
		if err := holes.Prepare(); err != nil {
			t.Fatal(err)
		}
		w.cat = w.cat.With(catalog.Schedule{ID: "primary", Document: holes}, daily(t, "secondary", "2026-03-01T09:00", "dee"))
		w.start(t0)
		w.wantNews("two Saturdays", "max: Nobody is on call by primary, Sat 7 Mar 00:00 to Sun 8 Mar 00:00 (UTC).", "max: Nobody is on call by primary, Sat 14 Mar 00:00 to Sun 15 Mar 00:00 (UTC).")
		if w.r.Weak() != 2 {
			t.Errorf("the figure is %d", w.r.Weak())
		}
		for now := t0; now.Before(at(8, 3)); now = now.Add(watchEvery) {
			w.tick(now)
		}
		w.wantNews("a week later", "ana: On call by primary now: nobody. Nothing is open.",
			"max: Nobody is on call by primary, Sat 21 Mar 00:00 to Sun 22 Mar 00:00 (UTC).", "ana: Ana, you are on call by primary, Sun 8 Mar 00:00 to Sat 14 Mar 00:00 (UTC), after nobody.")
		found, err := w.r.Forecast(t.Context(), guest, at(8, 3))
		if err != nil || len(found) != 2 || found[0].Kind != catalog.NobodyOnCall {
			t.Errorf("forecast: %+v, %v", found, err)
		}
	})
}

// Clauses: ESC-L1-SECONDARY
func TestAbsenceAndSamePersonAreTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		away := person("bo")
		away.Deputy, away.Absent = "dee", []catalog.Absence{{From: at(3, 12), Until: at(3, 14)}}
		w.cat = w.cat.With(away, daily(t, "secondary", "2026-03-01T09:00", "dee"))
		w.start(t0)
		w.wantNews("away", "max: Bo is on call by primary, Tue 3 Mar 12:00 to Tue 3 Mar 14:00 (UTC), but away; pages go to Dee.", "bo: Bo is on call", "dee: Bo is on call")
		w.cat = w.cat.With(daily(t, "secondary", "2026-03-01T09:00", "ana", "ana", "dee"))
		w.tick(t0.Add(watchEvery))
		if news := w.news(); len(news) < 2 || news[1] != "ana: Ana is on call by both primary and secondary, Mon 2 Mar 11:00 to Tue 3 Mar 09:00 (UTC): there is no backup." {
			t.Errorf("told %q", news)
		}
	})
}

// Clauses: TEAM-ROTATION
func TestHandoverIsToldB32(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		quiet := person("cy")
		quiet.NoHandoverNotices = true
		w.cat = w.cat.With(quiet, daily(t, "secondary", "2026-03-01T09:00", "dee"))
		w.start(t0)
		w.update(func(tx *store.Tx) error {
			for _, i := range []*incident.Incident{
				{ServiceID: "auth", Title: "Sign-in fails", Status: incident.Investigating, Severity: procedure.P1, DetectedAt: t0},
				{ServiceID: "db", Title: "Leak", Status: incident.Investigating, Severity: procedure.P1, DetectedAt: t0, Restricted: true},
			} {
				if err := incidents.Insert(tx, i, t0); err != nil {
					return err
				}
			}
			return nil
		})
		w.tick(at(3, 9).Add(-time.Second))
		w.wantNews("not yet")
		w.tick(at(3, 9))
		w.wantNews("ana to bo", "bo: Bo, you are on call by primary, Tue 3 Mar 09:00 to Wed 4 Mar 09:00 (UTC), after Ana.\nOpen:\nINC-1 P1, investigating: Sign-in fails", "ana: On call by primary now: Bo.\nOpen:\nINC-1")
		// Somebody takes over: the schedule has changed, and so has the handover.
		now := at(3, 12)
		if _, err := w.r.Ask(t.Context(), ana, Ask{Kind: oncall.TakeNow, Schedule: "primary", Span: oncall.Stretch{Until: at(3, 15)}}, now); err != nil {
			t.Fatal(err)
		}
		w.update(func(tx *store.Tx) error {
			return w.bus.Emit(tx, now, event.Event{Kind: event.CatalogChanged, Data: event.Data{Subject: "schedule", Targets: []string{"primary"}}})
		})
		w.news()
		w.tick(at(3, 15))
		w.wantNews("back to bo", "bo: Bo, you are on call by primary", "ana: On call by primary now: Bo.")
		w.tick(at(4, 9))
		w.wantNews("cy wants no notices", "bo: On call by primary now: Cy.")
		w.tick(at(6, 9)) // after a stop of two days: the handover of the 5th is no news any more
		for _, e := range w.seen {
			if e.Kind == event.HandedOver && e.At.Equal(at(5, 9)) {
				t.Errorf("a handover that is past was told: %+v", e)
			}
		}
	})
}
