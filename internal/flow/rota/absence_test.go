package rota

import (
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/store"
)

// heard is the word that somebody's calendar has for the rota.
func (w *world) heard(outcome string, now time.Time) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		return w.bus.Emit(tx, now, event.Event{Kind: event.AbsenceCalendar, Data: event.Data{Subject: "bo", Ref: "c1", Outcome: outcome, Text: "Your absence calendar could not be read."}})
	})
}

// An absence that a calendar brings is looked at when it comes, not an hour
// later, and told once to the person, the deputy and the schedule's lead.
// Clauses: ESC-L1-PRIMARY
func TestAbsenceOfCalendarIsToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.cat = w.cat.With(daily(t, "secondary", "2026-03-01T09:00", "dee"))
		w.start(t0)
		w.wantNews("nothing is weak")
		away := person("bo")
		away.Deputy, away.Absent = "cy", []catalog.Absence{{From: at(3, 12), Until: at(3, 14), Source: catalog.FromCalendar}}
		w.cat = w.cat.With(away)
		now := t0.Add(10 * time.Minute)
		w.heard("changed", now)
		w.tick(now)
		w.wantNews("at once", "max: Bo is on call by primary, Tue 3 Mar 12:00 to Tue 3 Mar 14:00 (UTC), but away; pages go to Cy.", "bo: Bo is on call", "cy: Bo is on call")
		for range 3 {
			now = now.Add(15 * time.Minute)
			w.heard("changed", now)
			w.tick(now)
		}
		w.tick(now.Add(2 * watchEvery))
		w.wantNews("once")
	})
}

func TestCalendarThatCannotBeReadIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.heard("unread", t0)
		w.wantNews("its owner", "bo: Your absence calendar could not be read.")
		w.heard("added", t0)
		w.wantNews("nobody else")
	})
}
