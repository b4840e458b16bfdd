package comms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const smallProcedure = `
schema: 1
name: small
severities:
  P1: {name: Critical, impact: critical}
  P2: {name: High, impact: major}
  P3: {name: Medium, impact: minor}
  P4: {name: Low, impact: none}
clocks:
  - {id: status_update, name: Next update, from: update, until: updated, by: {P1: {within: 30m}, P2: {within: 60m}}}
texts:
  retraction: {subject: "False alarm: {{service}}", body: "There was no problem with {{service}}."}
`

var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

var (
	ana    = authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}
	lea    = authz.Actor{ID: "lea.law", Role: authz.Responder, Via: "session"} // Legal
	reader = authz.Actor{ID: "sam", Role: authz.Stakeholder, Via: "session"}
	office = authz.Actor{ID: "adm", Role: authz.Admin, Via: "session"}
)

// world is a small installation: six public services, a hidden one, customers
// in two regions and a sender that keeps what it sends.
type world struct {
	t     *testing.T
	db    *store.DB
	bus   *jobs.Bus
	c     *Comms
	cat   *catalog.Catalog
	hash  string
	shelf procedures.Shelf
	mu    sync.Mutex
	seen  []event.Event
	sent  []message.Delivery
	fail  map[string]bool // addresses the provider refuses for good
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { run(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, bus: jobs.NewBus(), cat: people(), fail: map[string]bool{}}
	w.c = New(db, w.bus, &w.shelf, func(*store.Tx) (*catalog.Catalog, error) { return w.cat, nil }, Page{Name: "Acme", URL: "https://status.example", Key: []byte("a key for tests")})
	w.c.Wire()
	w.bus.Watch(func(e event.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen = append(w.seen, e)
	})
	w.update(func(tx *store.Tx) (err error) {
		if w.hash, err = w.shelf.Put(tx, []byte(smallProcedure), t0); err != nil {
			return err
		}
		return w.shelf.Activate(tx, w.hash, t0)
	})
	return w
}

func people(more ...catalog.Entity) *catalog.Catalog {
	all := []catalog.Entity{
		catalog.Person{ID: "ana", Name: "Ana Ruiz"},
		catalog.Person{ID: "lea.law", Name: "Lea Law", Roles: []string{roleLegal}},
		catalog.Service{ID: "batch", Name: "Nightly batch", RestorationRank: 6},
	}
	for i, name := range []string{"Sign-in", "Dashboards", "Pipelines", "API", "Reports", "Administration"} {
		id := fmt.Sprintf("svc%d", i+1)
		s := catalog.Service{ID: id, Name: "internal " + id, Description: "secret " + id, Component: name, RestorationRank: i + 1, Products: []string{id}}
		if i > 0 {
			s.DependsOn = []string{"svc1"}
		}
		all = append(all, s)
	}
	contact := func(name string, channels ...string) catalog.CustomerContact {
		return catalog.CustomerContact{Name: name, Email: strings.ToLower(name) + "@c.example", Phone: "+15550100", Channels: channels}
	}
	all = append(all, more...)
	return catalog.New(1, append(all,
		catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Enterprise, VIP: true, MajorAccount: true, Region: "us", Products: []string{"svc1", "svc2"}, Contacts: []catalog.CustomerContact{contact("A1"), contact("A2", "email", "sms"), contact("A3", "in_app")}},
		catalog.Customer{ID: "bolt", Name: "Bolt", Tier: catalog.Standard, Region: "eu", Products: []string{"svc1"}, Contacts: []catalog.CustomerContact{contact("B1", "email")}},
		catalog.Customer{ID: "coop", Name: "Coop", Tier: catalog.Enterprise, Region: "eu", Products: []string{"svc2"}, Contacts: []catalog.CustomerContact{contact("C1")}},
	)...)
}

func (w *world) update(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), store.PriorityRest, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) view(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.View(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// incident opens a declared P1 on svc1, changed before it is stored.
func (w *world) incident(change func(i *incident.Incident)) *incident.Incident {
	w.t.Helper()
	i := &incident.Incident{
		ServiceID: "svc1", Title: "5xx rate above 20% on edge-3", Status: incident.Investigating, Severity: procedure.P1, Highest: procedure.P1,
		Procedure: w.hash, DetectedAt: t0, Declared: true, DeclaredAt: t0, AcknowledgedBy: "ana",
	}
	if change != nil {
		change(i)
	}
	w.update(func(tx *store.Tx) error { return incidents.Insert(tx, i, t0) })
	return i
}

// change edits the stored incident and emits an entry about it.
func (w *world) change(i *incident.Incident, k event.Kind, now time.Time, edit func(i *incident.Incident)) {
	w.t.Helper()
	edit(i)
	w.update(func(tx *store.Tx) error {
		if err := incidents.Update(tx, i, now); err != nil {
			return err
		}
		return w.bus.Emit(tx, now, event.Event{IncidentID: i.ID, Kind: k, Restricted: i.Restricted})
	})
}

// want is what a rule asks for; change alters the usual holding statement.
func (w *world) want(i *incident.Incident, now time.Time, change func(d *event.Data)) {
	w.t.Helper()
	d := event.Data{
		Rule: "holding", Audience: message.Public, Channels: []string{message.StatusPage}, Subject: "Problems with signing in",
		Text: "We are looking into problems with signing in.", Status: "investigating", Clauses: []string{"SEV-P1-CUST"},
	}
	if change != nil {
		change(&d)
	}
	w.update(func(tx *store.Tx) error {
		return w.bus.Emit(tx, now, event.Event{IncidentID: i.ID, Kind: event.MessageWanted, Source: "rule", Restricted: i.Restricted, Data: d})
	})
}

func (w *world) of(i *incident.Incident) (out []*message.Message) {
	w.t.Helper()
	w.view(func(tx *store.Tx) (err error) { out, err = messages.Of(tx, i.ID); return err })
	return out
}

func (w *world) outbox(m *message.Message) (out []*message.Delivery) {
	w.t.Helper()
	w.view(func(tx *store.Tx) (err error) { out, err = deliveries.Of(tx, message.KindMessage, m.ID); return err })
	return out
}

// kinds lists the recorded entries of the kinds, in order.
func (w *world) kinds(kinds ...event.Kind) (out []event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.seen {
		for _, k := range kinds {
			if e.Kind == k {
				out = append(out, e)
			}
		}
	}
	return out
}

func (w *world) page(now time.Time) *status.Snapshot {
	w.t.Helper()
	s, err := w.c.Snapshot(w.t.Context(), now)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Validate(); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) component(s *status.Snapshot, name string) status.Component {
	w.t.Helper()
	for _, c := range s.Components {
		if c.Name == name {
			return c
		}
	}
	w.t.Fatalf("no component %s on the page", name)
	return status.Component{}
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// carry makes the world the provider of everything.
func (w *world) carry(_ context.Context, d *message.Delivery) jobs.Carried {
	if w.fail[d.Address] {
		return jobs.Carried{Err: errors.New("550 no such mailbox"), Permanent: true}
	}
	w.sent = append(w.sent, *d)
	return jobs.Carried{Receipt: "250"}
}

// send empties the outbox.
func (w *world) send(now time.Time) {
	w.t.Helper()
	s := jobs.Sender{
		DB: w.db, Log: slog.New(slog.DiscardHandler), Lane: deliveries.Lane{From: priority, To: priority}, Workers: 50, Lease: time.Minute,
		Carry: w.carry, Mind: w.c,
	}
	if _, err := s.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
}
