package inapp_test

import (
	"bytes"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	domain "allclear/internal/domain/inapp"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/inapp"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
	"allclear/internal/store/notices"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	t0     = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	office = authz.Actor{ID: "adm", Role: authz.Admin, Via: "session"}
	ana    = authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}
)

type world struct {
	t   *testing.T
	db  *store.DB
	bus *jobs.Bus
	f   *inapp.InApp
}

func each(t *testing.T, run func(w *world)) {
	t.Helper()
	cat := catalog.New(1,
		catalog.Service{ID: "auth", Name: "Sign-in", Component: "Sign-in", RestorationRank: 1},
		catalog.Service{ID: "batch", Name: "Batch", RestorationRank: 2},
		catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Enterprise, VIP: true, Services: []string{"auth"}},
		catalog.Customer{ID: "bolt", Name: "Bolt", Tier: catalog.Standard, Services: []string{"auth"}},
		catalog.Customer{ID: "coop", Name: "Coop", Tier: catalog.Standard, Services: []string{"batch"}},
	)
	box, err := secret.NewBox(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, bus: jobs.NewBus()}
		w.f = inapp.New(db, w.bus, inapp.Options{Box: box, Catalog: func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }})
		w.f.Wire()
		run(w)
	})
}

func (w *world) update(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), store.PriorityRest, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) incident(tenant string) *incident.Incident {
	i := &incident.Incident{ServiceID: "auth", GroupKey: tenant, Tenant: tenant, Title: "5xx on edge-3", Status: incident.Investigating, Severity: procedure.P1, Highest: procedure.P1, DetectedAt: t0, Declared: true, DeclaredAt: t0}
	w.update(func(tx *store.Tx) error { return incidents.Insert(tx, i, t0) })
	return i
}

func (w *world) publish(i *incident.Incident, audience, status, text string, at time.Time) *message.Message {
	m := &message.Message{IncidentID: i.ID, State: message.Published, CreatedAt: at, Private: i.Tenant != "", Content: message.Content{Audience: audience, Channels: []string{message.InApp}, Status: status, Subject: "Sign-in", Text: text}}
	w.update(func(tx *store.Tx) error {
		if err := messages.Insert(tx, m); err != nil {
			return err
		}
		return w.bus.Emit(tx, at, event.Event{IncidentID: i.ID, Kind: event.MessagePublished, Data: event.Data{Ref: m.ID.String(), Channels: m.Channels}})
	})
	return m
}

func (w *world) shows(tenant, user string, at time.Time) []domain.Notice {
	w.t.Helper()
	if err := w.f.Tick(w.t.Context(), at); err != nil {
		w.t.Fatal(err)
	}
	return w.f.For(domain.Reader{Tenant: tenant, User: user}, at)
}

// Users of affected customers are shown a notice and others are not; what is one
// tenant's stays with it; a resolution turns the notice and ends it two hours later;
// how many users were told is counted.
//
// Clauses: COM-CUST-INAPP, FUP-IMM-INAPP, PLT-CN-INAPP, INT-INAPP
func TestAffectedUsersAreShownANotice(t *testing.T) {
	each(t, func(w *world) {
		inc, own := w.incident(""), w.incident("bolt")
		m := w.publish(inc, message.Customers, "investigating", "We are looking into it.", t0)
		w.publish(own, message.Customers, "investigating", "Only you see this.", t0.Add(time.Second))
		for range 2 {
			if got := w.shows("acme", "u1", t0.Add(time.Minute)); len(got) != 1 || got[0].Text != "We are looking into it." || got[0].Status != "investigating" {
				w.t.Fatalf("acme: %+v", got)
			}
		}
		w.shows("acme", "u2", t0.Add(time.Minute))
		if got := w.shows("bolt", "u1", t0.Add(time.Minute)); len(got) != 2 {
			w.t.Errorf("bolt: %+v", got)
		}
		for _, other := range []string{"coop", "nobody", "", "acme\x00u1"} {
			if got := w.shows(other, "u1", t0.Add(time.Minute)); len(got) != 0 {
				w.t.Errorf("%q: %+v", other, got)
			}
		}
		changed, stop := w.f.Changed()
		defer stop()
		end := t0.Add(time.Hour)
		w.update(func(tx *store.Tx) error {
			inc.Status, inc.ResolvedAt = incident.Resolved, end.Add(-10*time.Minute)
			if err := incidents.Update(tx, inc, end); err != nil {
				return err
			}
			return w.bus.Emit(tx, end, event.Event{IncidentID: inc.ID, Kind: event.ResolvedKind})
		})
		w.publish(inc, message.VIP, "resolved", "All well.", end)
		if got := w.shows("acme", "u1", end); len(got) != 1 || got[0].Status != "resolved" || got[0].Text != "All well." || !got[0].ExpiresAt.Equal(end.Add(2*time.Hour)) {
			w.t.Errorf("resolved: %+v", got)
		}
		select {
		case <-changed:
		default:
			w.t.Error("nobody was told of the change")
		}
		if got := w.shows("acme", "u1", end.Add(2*time.Hour)); len(got) != 0 {
			w.t.Errorf("two hours later: %+v", got)
		}
		var n int
		w.update(func(tx *store.Tx) (err error) { n, err = notices.CountTold(tx, m.ID); return err })
		if n != 3 {
			w.t.Errorf("%d users were told", n)
		}
	})
}

// What becomes restricted is shown no more.
func TestARestrictedIncidentIsShownNoMore(t *testing.T) {
	each(t, func(w *world) {
		inc := w.incident("")
		w.publish(inc, message.Customers, "investigating", "We are looking into it.", t0)
		w.update(func(tx *store.Tx) error {
			inc.Restricted = true
			return incidents.Update(tx, inc, t0)
		})
		if got := w.shows("acme", "u1", t0); len(got) != 0 {
			w.t.Errorf("shown: %+v", got)
		}
	})
}

// A key counts from when it is made until it is ended, beside others, and only
// administrators make one.
func TestKeysAreChanged(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		if _, err := w.f.NewKey(ctx, ana, t0); err == nil {
			w.t.Error("a responder makes a key")
		}
		var made []inapp.Key
		for range 5 {
			k, err := w.f.NewKey(ctx, office, t0)
			if err != nil || len(k.Secret) != 43 {
				w.t.Fatalf("%+v %v", k, err)
			}
			made = append(made, k)
		}
		if _, err := w.f.NewKey(ctx, office, t0); !fault.Is(err, fault.Conflict) {
			w.t.Errorf("a sixth: %v", err)
		}
		if err := w.f.EndKey(ctx, office, made[0].ID, t0); err != nil {
			w.t.Fatal(err)
		}
		if err := w.f.EndKey(ctx, office, made[0].ID, t0); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("ended twice: %v", err)
		}
		all, err := w.f.Keys(ctx, office)
		if err != nil || len(all) != 4 || all[0].Secret != "" {
			w.t.Errorf("%+v %v", all, err)
		}
	})
}
