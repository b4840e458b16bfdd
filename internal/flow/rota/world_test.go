package rota

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/oncall"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
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
chain:
  steps:
    - {target: "schedule:primary", after: 0m, by: {P1: {while: always}}}
    - {target: "schedule:secondary", after: 10m, by: {P1: {while: unacknowledged}}}
paging: {channels: [sms], notices: [email], fallback: "person:max"}
`

// t0 is a Monday.
var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

var (
	ana   = authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}
	bo    = authz.Actor{ID: "bo", Role: authz.Responder, Via: "session"}
	cy    = authz.Actor{ID: "cy", Role: authz.Responder, Via: "session"}
	max_  = authz.Actor{ID: "max", Role: authz.Responder, Via: "session"} // leads the team
	guest = authz.Actor{ID: "gil", Role: authz.Stakeholder, Via: "session"}
)

// world is a team of three with two schedules, and a desk that keeps the
// catalogue in memory.
type world struct {
	t      *testing.T
	db     *store.DB
	bus    *jobs.Bus
	timers *jobs.Timers
	r      *Rota
	cat    *catalog.Catalog
	seen   []event.Event
	told   map[string]bool // keys of deliveries that were looked at
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, bus: jobs.NewBus(), cat: company(t), told: map[string]bool{}}
		shelf := &procedures.Shelf{}
		read := func(*store.Tx) (*catalog.Catalog, error) { return w.cat, nil }
		w.r = New(db, w.bus, shelf, Desk{Read: read, Lock: read, Cover: w.cover})
		w.timers = jobs.NewTimers(db, slog.New(slog.DiscardHandler))
		w.r.Wire(w.timers)
		w.bus.Watch(func(e event.Event) { w.seen = append(w.seen, e) })
		w.update(func(tx *store.Tx) error {
			hash, err := shelf.Put(tx, []byte(smallProcedure), t0)
			if err != nil {
				return err
			}
			return shelf.Activate(tx, hash, t0)
		})
		run(t, w)
	})
}

func person(id string) catalog.Person {
	return catalog.Person{ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Email: id + "@firm.example", Contacts: []catalog.Contact{{Channel: "sms", Address: "+1555010" + id}}}
}

// company has ana, bo and cy take turns of a day from 09:00, the secondary one
// day behind.
func company(t *testing.T) *catalog.Catalog {
	t.Helper()
	return catalog.New(1,
		person("ana"), person("bo"), person("cy"), person("max"), person("dee"),
		catalog.Team{ID: "core", Name: "Core", Lead: "max", Members: []string{"ana", "bo", "cy"}},
		daily(t, "primary", "2026-03-02T09:00", "ana", "bo", "cy"), daily(t, "secondary", "2026-03-01T09:00", "bo", "cy", "ana"),
	)
}

func daily(t *testing.T, id, start string, members ...string) catalog.Schedule {
	t.Helper()
	doc := &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: members, Start: start, Every: 1, Unit: "day"}}}
	if err := doc.Prepare(); err != nil {
		t.Fatal(err)
	}
	return catalog.Schedule{ID: id, Document: doc}
}

func (w *world) cover(_ *store.Tx, _ authz.Actor, id string, os []oncall.Override, _ time.Time) (int64, error) {
	doc := w.cat.Schedules[id]
	for _, o := range os {
		var err error
		if doc, err = doc.WithOverride(o); err != nil {
			return 0, err
		}
	}
	w.cat = w.cat.With(catalog.Schedule{ID: id, Document: doc})
	return 2, nil
}

func (w *world) update(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), store.PriorityRest, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tick(now time.Time) {
	w.t.Helper()
	if _, err := w.timers.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
}

// news lists what was queued since it was last asked, as "person: text".
func (w *world) news() []string {
	w.t.Helper()
	var all []*message.Delivery
	w.update(func(tx *store.Tx) (err error) {
		all, err = deliveries.List(tx, deliveries.Filter{Limit: 500})
		return err
	})
	out := []string{}
	for i := len(all) - 1; i >= 0; i-- {
		d := all[i]
		if !w.told[d.Key] {
			w.told[d.Key] = true
			out = append(out, d.Recipient+": "+d.Body)
		}
	}
	return out
}

func (w *world) wantNews(what string, want ...string) {
	w.t.Helper()
	got := w.news()
	ok := len(got) == len(want)
	for i := range got {
		ok = ok && strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		w.t.Errorf("%s: told\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (w *world) onCall(id string, at time.Time) string {
	w.t.Helper()
	return first(w.cat.Schedules[id].At(at))
}

func at(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }

func span(fromDay, fromHour, untilDay, untilHour int) oncall.Stretch {
	return oncall.Stretch{From: at(fromDay, fromHour), Until: at(untilDay, untilHour)}
}
