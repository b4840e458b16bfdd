package comms

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

var address = regexp.MustCompile(`^https://status\.example/t/([a-z2-7]{32})$`)

// handOut makes an address and returns its token.
func (w *world) handOut(customer string, now time.Time) string {
	w.t.Helper()
	p, err := w.c.NewTenantPage(w.t.Context(), office, customer, now)
	if err != nil {
		w.t.Fatal(err)
	}
	m := address.FindStringSubmatch(p.URL)
	if m == nil || !p.Since.Equal(now) {
		w.t.Fatalf("the address is %+v", p)
	}
	return m[1]
}

func (w *world) board() *Board { return &Board{Comms: w.c, Log: slog.New(slog.DiscardHandler)} }

func (w *world) tick(b *Board, now time.Time) {
	w.t.Helper()
	if err := b.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
}

// INV-S5
func TestAddressesAreMadeRenewedAndEnded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if p, err := w.c.TenantPage(ctx, ana, "bolt"); err != nil || p.URL != "" || !p.Since.IsZero() {
			t.Errorf("before the first: %+v, %v", p, err)
		}
		first, other := w.handOut("bolt", t0), w.handOut("acme", t0)
		second := w.handOut("bolt", t0.Add(time.Minute))
		if first == second || first == other || second == other {
			t.Errorf("addresses are not apart: %s %s %s", first, second, other)
		}
		if p, err := w.c.TenantPage(ctx, ana, "bolt"); err != nil || !strings.HasSuffix(p.URL, "/t/"+second) {
			t.Errorf("read again: %+v, %v", p, err)
		}
		b := w.board()
		shown := func(token string, now time.Time) bool {
			t.Helper()
			w.tick(b, now)
			_, ok := b.Tenant(secret.Hash(token))
			return ok
		}
		now := t0.Add(2 * time.Minute)
		if shown(first, now) || !shown(second, now) || !shown(other, now) || shown("", now) {
			t.Error("before the end: the old address answers, or the new one does not")
		}
		// Without a hint, as on another node, an end is seen by the next look.
		if err := w.c.EndTenantPage(ctx, office, "bolt", now); err != nil {
			t.Fatal(err)
		}
		if err := w.c.EndTenantPage(ctx, office, "bolt", now); err != nil {
			t.Fatal(err)
		}
		if now = now.Add(time.Second); shown(second, now) || !shown(other, now) {
			t.Error("an ended address answers, or another has ended with it")
		}
		if p, err := w.c.TenantPage(ctx, ana, "bolt"); err != nil || p.URL != "" || p.Since.IsZero() {
			t.Errorf("ended: %+v, %v", p, err)
		}
		third := w.handOut("bolt", now)
		if now = now.Add(time.Second); third == first || third == second || shown(first, now) || shown(second, now) || !shown(third, now) {
			t.Error("an address has come back")
		}
		var told []string
		for _, e := range w.kinds(event.TenantPageSet) {
			told = append(told, e.Data.Outcome+" "+e.Data.Subject+" by "+e.Actor)
		}
		if got := strings.Join(told, ", "); got != "made bolt by adm, made acme by adm, renewed bolt by adm, ended bolt by adm, made bolt by adm" {
			t.Errorf("the record says %s", got)
		}
		dump := storetest.Dump(t, w.db)
		for _, token := range []string{first, second, third, other} {
			if strings.Contains(dump, token) || strings.Contains(dump, secret.Hash(token)) {
				t.Error("the database holds an address")
			}
		}
	})
}

func TestWhoMayHandOutAddresses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if _, err := w.c.TenantPage(ctx, reader, "bolt"); !fault.Is(err, fault.Refused) {
			t.Errorf("a stakeholder reads an address: %v", err)
		}
		if _, err := w.c.NewTenantPage(ctx, ana, "bolt", t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a responder makes an address: %v", err)
		}
		if err := w.c.EndTenantPage(ctx, ana, "bolt", t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a responder ends an address: %v", err)
		}
		_, read := w.c.TenantPage(ctx, office, "nobody")
		_, made := w.c.NewTenantPage(ctx, office, "nobody", t0)
		for _, err := range []error{read, made, w.c.EndTenantPage(ctx, office, "nobody", t0)} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("no such customer: %v", err)
			}
		}
		w.c.page.Key = nil
		if _, err := w.c.NewTenantPage(ctx, office, "bolt", t0); !fault.Is(err, fault.Unavailable) {
			t.Errorf("an address without a key: %v", err)
		}
	})
}

// Another customer with the id of one that was removed is not read at the old
// address.
func TestARemovedCustomersAddressEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		token, kept := w.handOut("bolt", t0), w.handOut("acme", t0)
		all := w.cat
		w.cat = w.cat.Without(catalog.KindCustomer, "bolt")
		w.update(func(tx *store.Tx) error {
			return w.bus.Emit(tx, t0, event.Event{Kind: event.CatalogChanged, Actor: "adm", Source: "session", Data: event.Data{
				Subject: "customer", Outcome: "deleted", Targets: []string{"bolt", "coop"},
			}})
		})
		w.cat = all
		b := w.board()
		w.tick(b, t0)
		if _, ok := b.Tenant(secret.Hash(token)); ok {
			t.Error("the address answers")
		}
		if _, ok := b.Tenant(secret.Hash(kept)); !ok {
			t.Error("another customer's address has ended")
		}
	})
}

// A tenant's page is the public one until something is told to that tenant
// alone, and what it is told reaches no other page: INV-S4, INV-S5.
//
// Clauses: COM-CUST-STATUS
func TestATenantIsToldOnItsOwnPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bolt, acme := secret.Hash(w.handOut("bolt", t0)), secret.Hash(w.handOut("acme", t0))
		public := w.incident(func(i *incident.Incident) { i.ServiceID = "svc2" })
		w.want(public, t0, func(d *event.Data) { d.Subject = "Slow dashboards" })
		named := w.incident(func(i *incident.Incident) { i.Tenant = "bolt" })
		w.want(named, t0, func(d *event.Data) {
			d.Subject, d.Channels = "Bolt cannot sign in", []string{message.StatusPage}
		})
		kept := w.page(t0)
		kept, err := kept.Post(status.Post{IncidentID: "byhand000001", UpdateID: newID(), Name: "A fire", Status: status.Identified, Body: "By hand.", ByHand: true}, t0)
		if err != nil {
			t.Fatal(err)
		}
		var saved map[string]*status.Snapshot
		b := w.board()
		b.Load = func() (*status.Snapshot, error) { return kept, nil }
		b.SaveTenants = func(p map[string]*status.Snapshot) error { saved = p; return nil }
		w.tick(b, t0.Add(time.Minute))
		if s, ok := b.Tenant(acme); s != nil || !ok {
			t.Errorf("nothing was told to acme alone: %s", text(s))
		}
		own, ok := b.Tenant(bolt)
		if !ok || own == nil {
			t.Fatal("bolt has no page of its own")
		}
		names := func(s *status.Snapshot) (out string) {
			for _, i := range s.Incidents {
				out += i.Name + ". "
			}
			return out
		}
		if got := names(own); got != "Slow dashboards. Bolt cannot sign in. A fire. " {
			t.Errorf("bolt reads %s", got)
		}
		if w.component(own, "Sign-in").Status != status.MajorOutage || own.Validate() != nil || !own.GeneratedAt.Equal(t0.Add(time.Minute)) {
			t.Errorf("bolt's page: %s", text(own.Components))
		}
		if got := names(b.Source()); got != "Slow dashboards. A fire. " || w.component(b.Source(), "Sign-in").Status != status.Operational {
			t.Errorf("the public reads %s", got)
		}
		if len(saved) != 2 || saved[bolt] != own || saved[acme] != nil {
			t.Errorf("what is kept is not what is shown: %s", text(saved))
		}
		w.change(named, event.Dismissed, t0.Add(2*time.Minute), func(*incident.Incident) {})
		w.tick(b, t0.Add(2*time.Minute))
		if s, _ := b.Tenant(bolt); s == nil || w.component(s, "Sign-in").Status != status.Operational {
			t.Errorf("a false alarm stays on bolt's page: %s", text(s))
		}
	})
}
