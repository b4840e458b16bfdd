package subscribe_test

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/domain/subscription"
	"allclear/internal/flow/subscribe"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	t0     = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	office = authz.Actor{ID: "adm", Role: authz.Admin, Via: "session"}
	ana    = authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}
	reader = authz.Actor{ID: "sam", Role: authz.Stakeholder, Via: "session"}
	audit  = authz.Actor{ID: "au", Role: authz.Auditor, Via: "session"}
)

const pageURL = "https://status.example"

// world is the flow with a sender that keeps what it sends.
type world struct {
	t      *testing.T
	db     *store.DB
	bus    *jobs.Bus
	timers *jobs.Timers
	s      *subscribe.Subscribe
	sender *jobs.Sender
	sent   []message.Delivery
	fail   map[string]jobs.Carried // by address
	seen   []event.Event
	told   map[ident.ID]subscription.Notice
	works  map[string]subscription.Notice
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, bus: jobs.NewBus(), fail: map[string]jobs.Carried{}, told: map[ident.ID]subscription.Notice{}, works: map[string]subscription.Notice{}}
		w.timers = jobs.NewTimers(db, slog.New(slog.DiscardHandler))
		w.s = subscribe.New(db, w.bus, subscribe.Options{
			Key: []byte("a key for tests"), Name: "TechFlow", URL: pageURL, SMSPerDay: 5,
			Offered: func(*store.Tx) ([]message.Component, error) {
				return []message.Component{{ID: "api", Name: "API"}, {ID: "web", Name: "Web"}}, nil
			},
			Told: func(_ *store.Tx, id ident.ID) (subscription.Notice, bool, error) {
				n, ok := w.told[id]
				return n, ok, nil
			},
			ToldWork: func(_ *store.Tx, id string) (subscription.Notice, bool, error) {
				n, ok := w.works[id]
				return n, ok, nil
			},
			Tenant: func(_ *store.Tx, token string) (string, bool, error) { return "acme", token == "acme-token", nil },
			Usable: func(string) bool { return true },
		})
		w.s.Wire(w.timers)
		w.bus.Watch(func(e event.Event) { w.seen = append(w.seen, e) })
		w.sender = &jobs.Sender{
			DB: db, Log: slog.New(slog.DiscardHandler), Lane: deliveries.Lane{From: 2, To: 9}, Workers: 1, Lease: time.Minute, Mind: w.s,
			Carry: func(_ context.Context, d *message.Delivery) jobs.Carried {
				if c, ok := w.fail[d.Headers.Target.Reveal()]; ok {
					return c
				}
				w.sent = append(w.sent, *d)
				return jobs.Carried{Receipt: "250 ok"}
			},
		}
		run(t, w)
	})
}

func (w *world) update(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), store.PriorityRest, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// tick does what is due at now and returns what went out.
func (w *world) tick(now time.Time) []message.Delivery {
	w.t.Helper()
	w.sent = nil
	if _, err := w.timers.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.s.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.sender.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
	return w.sent
}

func (w *world) enter(c subscription.Channel, address string, now time.Time, change ...func(*subscribe.Ask)) {
	w.t.Helper()
	in := subscribe.Ask{Channel: c, Address: address, From: "192.0.2." + address[:1]}
	for _, f := range change {
		f(&in)
	}
	w.must(w.s.Enter(w.t.Context(), in, now))
}

var linkIn = regexp.MustCompile(pageURL + `/subscriptions/([a-z]+)/([a-z2-7]+)`)

// link finds the token of a purpose in what was sent.
func (w *world) link(d message.Delivery, p subscription.Purpose) string {
	w.t.Helper()
	for _, m := range linkIn.FindAllStringSubmatch(d.Body+d.Headers.Headers["List-Unsubscribe"], -1) {
		if m[1] == string(p) {
			if _, err := url.Parse(m[0]); err != nil {
				w.t.Fatal(err)
			}
			return m[2]
		}
	}
	w.t.Fatalf("no link to %s in %q", p, d.Body)
	return ""
}

// reader subscribes by mail and confirms.
func (w *world) reader(address string, now time.Time, change ...func(*subscribe.Ask)) {
	w.t.Helper()
	w.enter(subscription.Email, address, now, change...)
	out := w.tick(now)
	if len(out) != 1 {
		w.t.Fatalf("%d letters", len(out))
	}
	if _, err := w.s.Confirm(w.t.Context(), w.link(out[0], subscription.ToConfirm), now); err != nil {
		w.t.Fatal(err)
	}
}

func notice(id string, parts ...string) subscription.Notice {
	n := subscription.Notice{Kind: subscription.Incidents, ID: id, Post: "post1", Name: "API is slow", Status: status.Investigating, Impact: status.ImpactMajor, Body: "We look into it.", StartedAt: t0, At: t0}
	for _, p := range parts {
		n.Parts = append(n.Parts, subscription.Part{ID: p, Name: strings.ToUpper(p)})
	}
	return n
}

// publish emits what comms emits when it publishes.
func (w *world) publish(n subscription.Notice, now time.Time) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		id := tx.NewID(now)
		w.told[id] = n
		return w.bus.Emit(tx, now, event.Event{Kind: event.MessagePublished, Data: event.Data{Ref: id.String()}})
	})
}

func to(all []message.Delivery) (out []string) {
	for _, d := range all {
		out = append(out, d.Headers.Target.Reveal())
	}
	return out
}

var refused = jobs.Carried{Err: errors.New("550 no such mailbox"), Permanent: true}
