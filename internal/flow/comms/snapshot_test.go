package comms

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store/storetest"
)

func TestPageShowsTheProductInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.page(t0)
		var names []string
		for _, c := range s.Components {
			names = append(names, c.Name)
			if c.Status != status.Operational || c.Description != "" || c.StartDate != "2026-03-02" || len(c.Days) != status.HistoryDays || w.cat.Services[c.ID].ID != "" {
				t.Errorf("component: %+v", c)
			}
		}
		if got := strings.Join(names, ", "); got != "Sign-in, Dashboards, Pipelines, API, Reports, Administration" {
			t.Errorf("components: %s", got)
		}
		if s.Page.Name != "Acme" || s.Page.URL != "https://status.example" || len(s.Page.ID) != 12 || !s.GeneratedAt.Equal(t0) {
			t.Errorf("page: %+v", s.Page)
		}
		// A renamed component keeps its id, and services of one public name are
		// one component, in the worst of their states.
		shared := w.cat.Services["svc2"]
		shared.Component = "Sign-in"
		renamed := w.cat.Services["svc3"]
		renamed.Component = "Data"
		w.cat = w.cat.With(shared, renamed)
		inc := w.incident(func(i *incident.Incident) { i.ServiceID = "svc2" })
		w.want(inc, t0, nil)
		again := w.page(t0.AddDate(0, 0, 1))
		if len(again.Components) != 5 || w.component(again, "Data").ID != w.component(s, "Pipelines").ID {
			t.Errorf("components: %s", text(again.Components))
		}
		if c := w.component(again, "Sign-in"); c.Status != status.MajorOutage || c.ID != w.component(s, "Sign-in").ID || c.StartDate != "2026-03-02" {
			t.Errorf("shared component: %+v", c)
		}
		hidden := w.incident(func(i *incident.Incident) { i.ServiceID = "batch" })
		w.want(hidden, t0, func(d *event.Data) { d.Subject = "" })
		found := false
		for _, i := range w.page(t0).Incidents {
			found = found || i.Name == "Problem with our service" && len(i.ComponentIDs) == 0
		}
		if !found {
			t.Error("an incident of a service without a public name has no neutral title")
		}
	})
}

func TestOldPostsLeaveThePageOpenOnesStay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		over, open := w.incident(nil), w.incident(func(i *incident.Incident) { i.ServiceID = "svc2" })
		w.want(over, t0, nil)
		w.want(over, t0.Add(time.Hour), func(d *event.Data) { d.Rule, d.Status = "restored", "resolved" })
		w.want(open, t0, func(d *event.Data) { d.Subject = "Still there" })
		if n := len(w.page(t0.AddDate(0, 0, 80)).Incidents); n != 2 {
			t.Errorf("%d incidents after 80 days, want 2", n)
		}
		s := w.page(t0.AddDate(0, 0, status.KeptDays+1))
		if len(s.Incidents) != 1 || s.Incidents[0].Name != "Still there" {
			t.Errorf("after two years: %s", text(s.Incidents))
		}
	})
}

// One customer's outage is told on that customer's page alone (INV-S4).
//
// Clauses: COM-CUST-STATUS
func TestATenantsPostIsPrivate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(t0)
		named := w.incident(func(i *incident.Incident) { i.Tenant = "bolt" })
		w.want(named, t0, func(d *event.Data) {
			d.Subject, d.Channels = "Bolt cannot sign in", []string{message.StatusPage, message.Email, "social"}
		})
		unnamed := w.incident(func(i *incident.Incident) { i.ServiceID = "svc2" })
		w.want(unnamed, t0, func(d *event.Data) {
			d.Private, d.Subject, d.Channels = true, "Somebody cannot sign in", []string{message.StatusPage, message.Email}
		})
		turned := w.incident(func(i *incident.Incident) { i.ServiceID = "svc3" })
		w.want(turned, t0, func(d *event.Data) { d.Subject = "Slow pipelines" })
		if n := len(w.page(t0).Incidents); n != 1 {
			t.Errorf("%d public incidents, want 1", n)
		}
		w.change(turned, event.Noted, t0, func(i *incident.Incident) { i.Tenant = "acme" })
		w.want(turned, t0, func(d *event.Data) { d.Rule, d.Text = "more", "It is only you." })
		s := w.page(t0.Add(time.Minute))
		if len(s.Incidents) != 0 || w.component(s, "Sign-in").Status != status.Operational || w.component(s, "Sign-in").Days[89].DownMinutes != 0 {
			t.Errorf("a tenant's outage is public: %s", text(s))
		}
		for tenant, want := range map[string]string{"bolt": "Bolt cannot sign in", "acme": "Slow pipelines", "coop": "", "": ""} {
			s, err := w.c.TenantSnapshot(t.Context(), ana, tenant, t0.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, i := range s.Incidents {
				got += i.Name
			}
			if got != want {
				t.Errorf("%q reads %q, want %q", tenant, got, want)
			}
		}
		w.send(t0)
		if len(w.sent) != 1 || w.sent[0].Address != "b1@c.example" {
			t.Errorf("mails: %s", text(w.sent))
		}
		// It turns out to be everybody's: what was told in private stays so.
		w.change(named, event.Noted, t0, func(i *incident.Incident) { i.Tenant = "" })
		w.want(named, t0.Add(2*time.Minute), func(d *event.Data) { d.Rule = "wider" })
		s = w.page(t0.Add(3 * time.Minute))
		if len(s.Incidents) != 1 || strings.Contains(text(s), "Bolt") || len(s.Incidents[0].Updates) != 1 || !s.Incidents[0].StartedAt.Equal(t0.Add(2*time.Minute)) {
			t.Errorf("widened: %s", text(s.Incidents))
		}
	})
}

func TestBoardFollowsWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.Memory(t))
		var saved []*status.Snapshot
		b := &Board{Comms: w.c, Log: slog.New(slog.DiscardHandler), Save: func(s *status.Snapshot) error { saved = append(saved, s); return nil }}
		w.bus.Watch(b.Listen)
		if b.Source() != nil {
			t.Error("a snapshot before the first tick")
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.Run(ctx, time.Now) }()
		synctest.Wait()
		first := b.Source()
		if first == nil || len(first.Incidents) != 0 {
			t.Fatalf("first: %s", text(first))
		}
		time.Sleep(5 * time.Second)
		if b.Source() != first {
			t.Error("the pointer changes without a reason")
		}
		inc := w.incident(nil)
		w.want(inc, time.Now(), nil)
		synctest.Wait() // no time passes: the hint is enough
		if s := b.Source(); len(s.Incidents) != 1 {
			t.Errorf("not shown at once: %s", text(s.Incidents))
		}
		last := b.Source()
		time.Sleep(time.Minute)
		synctest.Wait()
		if s := b.Source(); s == last || time.Since(s.GeneratedAt) > 30*time.Second {
			t.Errorf("the heartbeat is %s old", time.Since(s.GeneratedAt))
		}
		if saved[len(saved)-1] != b.Source() {
			t.Error("what is shown is not what is kept")
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("run ends with %v", err)
		}
	})
}

// Another node has no hint: it looks.
func TestBoardSeesWhatAnotherNodePublished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := &Board{Comms: w.c, Log: slog.New(slog.DiscardHandler)}
		tick := func(now time.Time) *status.Snapshot {
			t.Helper()
			if err := b.Tick(t.Context(), now); err != nil {
				t.Fatal(err)
			}
			return b.Source()
		}
		first := tick(t0)
		if tick(t0.Add(time.Second)) != first {
			t.Error("nothing changed, and the pointer did")
		}
		inc := w.incident(nil)
		w.want(inc, t0, nil)
		if s := tick(t0.Add(2 * time.Second)); len(s.Incidents) != 1 {
			t.Error("a publication without a hint is not seen")
		}
		w.cat = w.cat.Without(catalog.KindService, "svc6")
		b.Listen(event.Event{Kind: event.CatalogChanged})
		if s := tick(t0.Add(3 * time.Second)); len(s.Components) != 5 {
			t.Error("a change of the catalogue is not seen")
		}
	})
}

// What people posted by hand while the application was away stays; what left
// the page does not come back with it.
func TestBoardCarriesWhatWasPostedByHand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(nil)
		w.want(inc, t0, nil)
		kept := w.page(t0)
		ours := kept.Incidents[0].ID
		hand := func(id, name string) {
			next, err := kept.Post(status.Post{IncidentID: id, UpdateID: newID(), Name: name, Status: status.Identified, Body: "By hand.", ByHand: true}, t0.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			kept = next
		}
		hand(ours, "")
		hand("byhand000001", "A fire")
		b := &Board{Comms: w.c, Log: slog.New(slog.DiscardHandler), Load: func() (*status.Snapshot, error) { return kept, nil }}
		if err := b.Tick(t.Context(), t0.Add(2*time.Minute)); err != nil {
			t.Fatal(err)
		}
		s := b.Source()
		if len(s.Incidents) != 2 || len(s.Incidents[0].Updates) != 2 || s.Incidents[1].Name != "A fire" {
			t.Errorf("carried: %s", text(s.Incidents))
		}
		w.change(inc, event.Noted, t0, func(i *incident.Incident) { i.Tenant = "bolt" })
		w.want(inc, t0.Add(3*time.Minute), func(d *event.Data) { d.Rule = "private" })
		if err := b.Tick(t.Context(), t0.Add(4*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if s := b.Source(); len(s.Incidents) != 1 || s.Incidents[0].Name != "A fire" {
			t.Errorf("what became private came back: %s", text(s.Incidents))
		}
		b.Load = func() (*status.Snapshot, error) { return nil, fault.New(fault.Invalid, "damaged") }
		b.Save = func(*status.Snapshot) error { return errors.New("disk full") }
		b.Poke()
		if err := b.Tick(t.Context(), t0.Add(5*time.Minute)); err == nil {
			t.Error("a full disk is silent")
		}
		if !b.Source().GeneratedAt.Equal(t0.Add(5 * time.Minute)) {
			t.Error("a full disk takes the page down")
		}
	})
}
