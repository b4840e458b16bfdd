package comms

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/brand"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/messages"
	"allclear/internal/store/silences"
	"allclear/internal/store/timers"
)

func upgrade(change func(*alert.Maintenance)) *alert.Maintenance {
	m := &alert.Maintenance{
		ID: "m1", Title: "db-7 to 16.2", Reason: "CHG-1", Services: []string{"svc1"}, StartsAt: t0.Add(time.Hour), EndsAt: t0.Add(2 * time.Hour),
		Public: &alert.Announcement{Title: "Database upgrade", Text: "Signing in may fail for a minute.", Mail: true},
	}
	if change != nil {
		change(m)
	}
	return m
}

func (w *world) plan(m *alert.Maintenance, now time.Time) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		if err := silences.PutMaintenance(tx, m, now); err != nil {
			return err
		}
		return w.bus.Emit(tx, now, event.Event{Kind: event.MaintenanceSet, Actor: "ana", Data: event.Data{Ref: m.ID}})
	})
}

// fire runs what is due of announced work.
func (w *world) fire(now time.Time) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		due, err := timers.Take(tx, now, 10)
		for _, t := range due {
			if t.Kind == TimerWork && err == nil {
				err = w.c.WorkDue(tx, t, now)
			}
		}
		return err
	})
}

func (w *world) letters() (out []*message.Delivery) {
	w.t.Helper()
	err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		out, err = deliveries.List(tx, deliveries.Filter{Kind: message.KindWork, Limit: 500})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// The page announces a maintenance, tells that it has moved, begins and ends by
// itself at its instants, and its customers are mailed each time.
func TestMaintenanceIsAnnouncedAndFollowed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.plan(upgrade(nil), t0)
		s := w.page(t0)
		if len(s.Maintenances) != 1 {
			t.Fatalf("%d maintenances on the page", len(s.Maintenances))
		}
		m := s.Maintenances[0]
		if m.Name != "Database upgrade" || m.Status != status.Scheduled || !m.ScheduledFor.Equal(t0.Add(time.Hour)) || strings.Contains(text(s), "db-7") || strings.Contains(text(s), "CHG-1") {
			t.Errorf("announced: %s", text(m))
		}
		moved := upgrade(func(m *alert.Maintenance) { m.StartsAt, m.EndsAt = m.StartsAt.Add(time.Hour), m.EndsAt.Add(time.Hour) })
		w.plan(moved, t0.Add(time.Minute))
		w.plan(moved, t0.Add(2*time.Minute)) // nothing has changed
		m = w.page(t0.Add(3 * time.Minute)).Maintenances[0]
		if len(m.Updates) != 2 || !strings.Contains(m.Updates[1].Body, "from 2 March 2026, 12:00 UTC to 2 March 2026, 13:00 UTC") || !m.ScheduledFor.Equal(t0.Add(2*time.Hour)) {
			t.Errorf("moved: %s", text(m))
		}
		w.fire(t0.Add(time.Hour)) // the old instant
		if got := w.page(t0.Add(time.Hour)).Maintenances[0].Status; got != status.Scheduled {
			t.Errorf("it is %s at the old instant", got)
		}
		w.fire(t0.Add(2 * time.Hour))
		s = w.page(t0.Add(2 * time.Hour))
		if c := w.component(s, "Sign-in"); s.Maintenances[0].Status != status.InProgress || c.Status != status.UnderMaintenance {
			t.Errorf("at its beginning: %s, the component is %s", s.Maintenances[0].Status, c.Status)
		}
		if _, err := w.c.TellWork(t.Context(), reader, "m1", status.Verifying, "no", t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a reader speaks: %v", err)
		}
		if _, err := w.c.TellWork(t.Context(), ana, "m1", status.Verifying, "We look at what we did.", t0.Add(150*time.Minute)); err != nil {
			t.Error(err)
		}
		w.fire(t0.Add(3 * time.Hour))
		s = w.page(t0.Add(4 * time.Hour))
		if m = s.Maintenances[0]; m.Status != status.Completed || len(m.Updates) != 5 || w.component(s, "Sign-in").Status != status.Operational {
			t.Errorf("at its end: %s", text(m))
		}
		byWord := map[string]int{}
		for _, d := range w.letters() {
			if d.Channel == message.Email {
				byWord[strings.SplitN(d.Subject, ":", 2)[0]]++
			}
		}
		if n := byWord["Maintenance scheduled"]; n == 0 || n%2 != 0 || byWord["Maintenance in progress"] != n/2 || byWord["Maintenance completed"] != n/2 || byWord["Maintenance verifying"] != n/2 {
			t.Errorf("mails: %v", byWord)
		}
		told := 0
		for _, e := range w.seen {
			if e.Kind == event.MaintenanceTold {
				told++
			}
		}
		if told != 5 {
			t.Errorf("%d updates were emitted for subscribers, want 5", told)
		}
	})
}

// What is called off is completed on the page; what repeats is announced again when
// one time of it is over; what a person ends is theirs to end.
func TestMaintenanceRepeatsAndIsCalledOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		weekly := upgrade(func(m *alert.Maintenance) { m.Repeat, m.Zone, m.Public.Mail = "weekly", "Etc/UTC", false })
		w.plan(weekly, t0)
		w.fire(t0.Add(time.Hour))
		w.fire(t0.Add(2 * time.Hour))
		s := w.page(t0.Add(3 * time.Hour))
		if len(s.Maintenances) != 2 {
			t.Fatalf("after the first time: %s", text(s.Maintenances))
		}
		next := s.Maintenances[0]
		if next.Status == status.Completed {
			next = s.Maintenances[1]
		}
		if !next.ScheduledFor.Equal(t0.Add(time.Hour).AddDate(0, 0, 7)) || next.Status != status.Scheduled {
			t.Errorf("the next time: %s", text(next))
		}
		weekly.EndedAt = t0.Add(4 * time.Hour)
		w.plan(weekly, t0.Add(4*time.Hour))
		for _, m := range w.page(t0.Add(5 * time.Hour)).Maintenances {
			if m.Status != status.Completed {
				t.Errorf("called off: %s", text(m))
			}
			if m.ID == next.ID && m.Updates[1].Body != workCalled {
				t.Errorf("it says %q", m.Updates[1].Body)
			}
		}
		hand := upgrade(func(m *alert.Maintenance) { m.ID, m.Public.ByHand = "m2", true })
		w.plan(hand, t0)
		w.fire(t0.Add(90 * time.Minute))
		if _, err := w.c.TellWork(t.Context(), ana, "m2", status.InProgress, "We begin.", t0.Add(95*time.Minute)); err != nil {
			t.Fatal(err)
		}
		w.fire(t0.Add(5 * time.Hour))
		for _, m := range w.page(t0.Add(5 * time.Hour)).Maintenances {
			if m.Name == "Database upgrade" && m.Status == status.InProgress && len(m.Updates) == 2 {
				return
			}
		}
		t.Error("what a person ends was ended by the clock")
	})
}

// Recorded downtime, minute by minute, is what the page shows for each month, and a
// maintenance takes nothing from it.
//
// PLT-SP-HIST
func TestMonthlyUptimeIsComputedDowntime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(t0) // the page begins
		begins := t0.AddDate(0, 0, 20)
		m := upgrade(func(m *alert.Maintenance) { m.StartsAt, m.EndsAt = begins, begins.Add(30*time.Minute) })
		w.plan(m, begins.Add(-time.Hour))
		w.fire(begins)
		w.fire(begins.Add(30 * time.Minute))
		down := func(service string, from time.Time, minutes int) {
			w.update(func(tx *store.Tx) error {
				p := &message.Post{ID: newID(), IncidentID: tx.NewID(from), Title: "Down", Services: []string{service}, CreatedAt: from, StartedAt: from}
				p.Tell(message.Turn{At: from, Status: status.Investigating, Impact: status.ImpactCritical, UpdateID: newID(), Body: "down"})
				p.Tell(message.Turn{At: from.Add(time.Duration(minutes) * time.Minute), Status: status.Resolved, Impact: status.ImpactCritical, UpdateID: newID(), Body: "up"})
				return messages.SavePost(tx, p, from)
			})
		}
		down("svc1", t0.AddDate(0, 0, 5), 47)
		down("svc1", begins.Add(-10*time.Minute), 50)                    // 10 before, 30 in and 10 after the maintenance
		down("svc1", time.Date(2026, 3, 31, 23, 40, 0, 0, time.UTC), 60) // 20 in March, 40 in April
		now := time.Date(2026, 4, 30, 23, 59, 30, 0, time.UTC)
		c := w.component(w.page(now), "Sign-in")
		for month, want := range map[string]status.Uptime{
			"2026-03": {Total: 30 * 24 * 60, Down: 47 + 20 + 20}, // from the 2nd on
			"2026-04": {Total: 30 * 24 * 60, Down: 40},
		} {
			if got := c.Uptime(month, now); got != want {
				t.Errorf("%s: %+v (%s %%), want %+v", month, got, got, want)
			}
		}
		if got := c.Uptime("2026-04", now).String(); got != "99.907" {
			t.Errorf("April reads %s", got)
		}
		if got := w.component(w.page(now), "API").Uptime("", now); got.Down != 0 {
			t.Errorf("another component: %+v", got)
		}
	})
}

func TestComponentsAndLooksReachThePage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		no := false
		one, two := w.cat.Services["svc1"], w.cat.Services["svc2"]
		one.Component, two.Component = "sign-in", "panels"
		w.cat = w.cat.With(one, two,
			catalog.Component{ID: "portal", Name: "Portal", Position: 1}, catalog.Component{ID: "sign-in", Name: "Sign-in", Description: "SSO", Group: "portal", Showcase: &no},
			catalog.Component{ID: "panels", Name: "Dashboards", Group: "portal", OnlyShowIfDegraded: true})
		s := w.page(t0)
		g, c, p := w.component(s, "Portal"), w.component(s, "Sign-in"), w.component(s, "Dashboards")
		if !g.Group || g.Position != 1 || c.GroupID != g.ID || c.Showcase || c.Description != "SSO" || !p.OnlyShowIfDegraded || len(g.Days) != 0 || strings.Contains(text(s), "svc1") {
			t.Errorf("%s\n%s\n%s", text(g), text(c), text(p))
		}
		inc := w.incident(nil)
		w.want(inc, t0, nil)
		if s = w.page(t0.Add(time.Minute)); s.GroupStatus(g.ID) != status.MajorOutage {
			t.Errorf("the group is %s", s.GroupStatus(g.ID))
		}
		look := brand.Brand{Name: "Acme Cloud", Accent: "#1f51c0", Footer: "Acme Ltd"}
		if _, err := w.c.SetBrand(t.Context(), reader, look, t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a reader paints: %v", err)
		}
		if _, err := w.c.SetBrand(t.Context(), office, brand.Brand{Accent: "#ffff00"}, t0); !fault.Is(err, fault.Invalid) {
			t.Errorf("yellow on white: %v", err)
		}
		if _, err := w.c.SetBrand(t.Context(), office, look, t0); err != nil {
			t.Fatal(err)
		}
		if s = w.page(t0.Add(2 * time.Minute)); s.Page.Name != "Acme Cloud" || s.Page.Brand.Footer != "Acme Ltd" {
			t.Errorf("the page is %+v", s.Page)
		}
	})
}
