package watch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/escalation"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/findings"
	"allclear/internal/store/incidents"
	"allclear/internal/store/pages"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
	"allclear/internal/store/timers"
	builtin "allclear/procedures"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// world is a product without loops: whatever is due stays due.
type world struct {
	t     *testing.T
	db    *store.DB
	w     *Watch
	hash  string
	shelf procedures.Shelf
	disk  Disk
	clock time.Time // of the database's server

	mu     sync.Mutex
	sent   []plug.Message
	refuse bool
	beats  []string // addresses that got a heartbeat
	dead   error    // what a call of a dead-man's switch ends with
}

func (w *world) Send(_ context.Context, m plug.Message) (plug.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse {
		return plug.Receipt{}, plug.Fail(plug.Retry, "503")
	}
	w.sent = append(w.sent, m)
	return plug.Receipt{}, nil
}

func (w *world) call(_ context.Context, url string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beats = append(w.beats, url)
	return w.dead
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { run(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, disk: Disk{Free: 50, Total: 100}}
	cat := catalog.New(1, catalog.Person{
		ID: "dee", Name: "Dee", Roles: []string{"director-platform-operations"},
		Contacts: []catalog.Contact{{Channel: "sms", Address: "+15550100"}, {Channel: "email", Address: "dee@example.com"}},
	})
	w.w = New(db, &w.shelf, func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }, Options{
		Node: "one", Disk: func() (Disk, error) { return w.disk, nil }, Call: w.call, ChainTimer: "chain",
		Clock:      func(context.Context) (time.Time, bool, error) { return w.clock, !w.clock.IsZero(), nil },
		Channels:   func(name string) (plug.Channel, bool) { return w, name != "push" },
		Heartbeats: []string{"https://switch.example/a", "https://switch.example/b"},
		Probes:     map[string]string{"sms": "+15550199"},
	})
	w.update(func(tx *store.Tx) (err error) {
		if w.hash, err = w.shelf.Put(tx, builtin.TechFlow, t0); err != nil {
			return err
		}
		return w.shelf.Activate(tx, w.hash, t0)
	})
	return w
}

func (w *world) update(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), store.PriorityRest, fn); err != nil {
		w.t.Fatal(err)
	}
}

// look ticks and returns what stands, by key.
func (w *world) look(at time.Time) []string {
	w.t.Helper()
	w.w.Tick(w.t.Context(), at)
	return w.standing()
}

func (w *world) standing() (out []string) {
	w.t.Helper()
	err := w.db.View(w.t.Context(), func(tx *store.Tx) error {
		fs, err := findings.Standing(tx)
		for _, f := range fs {
			out = append(out, f.Key)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func (w *world) want(got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("findings %q, want %q", got, want)
	}
}

// incident opens a P1 with a chain whose second step is to come.
func (w *world) incident() (id ident.ID) {
	w.t.Helper()
	i := &incident.Incident{ServiceID: "auth", Title: "secret words", Status: incident.Investigating, Severity: procedure.P1, Highest: procedure.P1, Procedure: w.hash, DetectedAt: t0}
	w.update(func(tx *store.Tx) error {
		if err := incidents.Insert(tx, i, t0); err != nil {
			return err
		}
		p, err := w.shelf.Get(tx, w.hash)
		if err != nil {
			return err
		}
		run, ok := escalation.Start(p, nil, procedure.P1, t0)
		if !ok {
			w.t.Error("the chain of a P1 does not start")
		}
		return pages.SaveChain(tx, i.ID, run)
	})
	return i.ID
}

// troubles are ways in which a page gets lost while everything looks alive.
var troubles = []struct {
	name, key string
	plant     func(w *world)
	heal      func(tx *store.Tx, now time.Time) error
}{
	{"B05, B12: a timer nobody fires", "timers", func(w *world) {
		w.update(func(tx *store.Tx) error {
			return timers.Set(tx, timers.Timer{Kind: "chain", Ref: "1", DueAt: t0.Add(-time.Minute)}, t0)
		})
	}, fireAll},
	{"B02: a page nobody takes up", "pages:unclaimed", func(w *world) { w.queue(0) }, cancelSend},
	{"B06: a lease that ended without an answer", "pages:lease", func(w *world) {
		w.queue(0)
		w.update(func(tx *store.Tx) error {
			_, err := deliveries.Claim(tx, urgentLane, t0, deliveries.Term{Lease: 30 * time.Second, Shared: t0}, 1)
			return err
		})
	}, cancelSend},
	{"B10: a page that waits for nothing", "pages:adrift", func(w *world) {
		w.update(func(tx *store.Tx) error {
			_, err := pages.Insert(tx, &message.Page{IncidentID: 7, To: "ana", Reason: "chain", Step: 1, Severity: procedure.P1, State: message.PageQueued, At: t0})
			return err
		})
	}, cancelPage},
	{"B05: an escalation without its timer", "chains:adrift", func(w *world) { w.incident() }, stopChains},
	{"B07: a timer whose handler always fails", "timers:failing", func(w *world) {
		w.update(func(tx *store.Tx) error {
			return timers.Fail(tx, timers.Timer{ID: 9, Kind: "odd", Ref: "1", Attempts: failing - 1}, t0.Add(time.Hour), "no handler for this kind here")
		})
	}, fireAll},
}

// What people and loops do to end a trouble.
func fireAll(tx *store.Tx, now time.Time) error {
	_, err := timers.Take(tx, now.Add(24*time.Hour), 100)
	return err
}

func cancelSend(tx *store.Tx, now time.Time) error {
	return deliveries.CancelOf(tx, message.KindPage, 1, now, "healed")
}

func cancelPage(tx *store.Tx, now time.Time) error {
	all, err := pages.Of(tx, 7)
	for _, p := range all {
		p.State, p.EndedAt = message.PageCancelled, now
		err = errors.Join(err, pages.Update(tx, p))
	}
	return err
}

func stopChains(tx *store.Tx, _ time.Time) error {
	all, err := pages.Unwatched(tx, "chain", 100)
	for _, c := range all {
		c.Run.Stopped = true
		err = errors.Join(err, pages.SaveChain(tx, c.IncidentID, c.Run))
	}
	return err
}

func (w *world) queue(priority int) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		return deliveries.Queue(tx, &message.Delivery{Key: "k", Kind: message.KindPage, RefID: 1, IncidentID: 1, Recipient: "ana", Channel: "sms", Address: "+1555", Priority: priority, DueAt: t0, CreatedAt: t0})
	})
}

// INV-P1, INV-P6: what would silently keep a page from somebody is found within
// thirty seconds, told past the queue, shown, and over when it is healed.
func TestTroubleIsFoundAndTold(t *testing.T) {
	for _, trouble := range troubles {
		t.Run(trouble.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.want(w.look(t0.Add(40 * time.Second)))
				trouble.plant(w)
				at := t0.Add(45 * time.Second)
				w.want(w.look(at)) // once may be chance
				w.want(w.look(at.Add(Every)), trouble.key)
				if n := len(w.sent); n != 2 {
					t.Fatalf("the contact of last resort got %d messages, want one on each of 2 channels", n)
				}
				if m := w.sent[0]; m.Kind != plug.Page || !strings.Contains(m.Text, "Allclear") || strings.Contains(m.Text+m.Subject, "secret") {
					t.Errorf("the alarm says %+v", m)
				}
				w.look(at.Add(2 * Every))
				if len(w.sent) != 2 {
					t.Error("it is told twice within ten minutes")
				}
				w.look(at.Add(Every + tellEvery))
				if len(w.sent) != 4 {
					t.Error("what still stands is not told again")
				}
				w.update(func(tx *store.Tx) error { return trouble.heal(tx, at) })
				w.want(w.look(at.Add(2*Every + tellEvery)))
			})
		})
	}
}

// A restart, or another node, does not tell again what was told (B15, B19).
func TestAnotherProcessDoesNotTellAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.queue(0)
		at := t0.Add(time.Minute)
		w.look(at)
		w.look(at.Add(Every))
		if len(w.sent) != 2 {
			t.Fatalf("%d messages", len(w.sent))
		}
		other := New(w.db, &w.shelf, w.w.catalog, w.w.o)
		for i := range 3 {
			other.Tick(t.Context(), at.Add(time.Duration(i+2)*Every))
		}
		if len(w.sent) != 2 {
			t.Error("the other process told it again")
		}
	})
}

// An alarm that no provider took is tried again soon.
func TestARefusedAlarmIsToldAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.refuse = true
		w.queue(0)
		at := t0.Add(time.Minute)
		w.look(at)
		w.look(at.Add(Every))
		w.refuse = false
		w.look(at.Add(2 * Every))
		if len(w.sent) != 0 {
			t.Error("it is tried without a pause")
		}
		w.look(at.Add(Every + tellAgain))
		if len(w.sent) != 2 {
			t.Errorf("%d messages after the providers came back, want 2", len(w.sent))
		}
	})
}

// R20: the heartbeat stops with the first critical finding, and with an auditor
// that no longer looks; warnings do not stop it.
func TestHeartbeatIsWithheld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		beat := func(at time.Time, want int) {
			t.Helper()
			w.beats = nil
			w.w.Heartbeat(t.Context(), at)
			if len(w.beats) != want {
				t.Errorf("%d heartbeats at %s, want %d", len(w.beats), at.Sub(t0), want)
			}
		}
		beat(t0, 0) // nobody has looked yet
		w.look(t0)
		beat(t0.Add(time.Second), 2)
		beat(t0.Add(stale+time.Second), 0)
		w.disk = Disk{Free: 10, Total: 100}
		w.want(w.look(t0.Add(time.Minute)), "disk@one")
		beat(t0.Add(time.Minute), 2)
		w.disk = Disk{Free: 1, Total: 100}
		w.want(w.look(t0.Add(61*time.Second)), "disk@one")
		beat(t0.Add(61*time.Second), 0)
		w.disk = Disk{Free: 50, Total: 100}
		w.want(w.look(t0.Add(62 * time.Second)))
		w.dead = errors.New("503")
		for i := range missedBeats {
			beat(t0.Add(time.Duration(63+i)*time.Second), 2)
		}
		w.want(w.look(t0.Add(70*time.Second)), "heartbeat:1@one", "heartbeat:2@one")
		w.dead = nil
		beat(t0.Add(71*time.Second), 2)
		w.want(w.look(t0.Add(72 * time.Second)))
	})
}

// B08: a loop that stops, and one that never began.
func TestLoopsAreWatched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		beat := w.w.Loop("timers", "nothing fires", 20*time.Second, t0)
		w.w.Loop("pager", "no page goes out", 30*time.Second, t0)
		for s := range 6 {
			beat(t0.Add(time.Duration(s) * Every))
		}
		w.want(w.look(t0.Add(25 * time.Second)))
		w.want(w.look(t0.Add(35*time.Second)), "loop:pager@one")
		w.want(w.look(t0.Add(50*time.Second)), "loop:pager@one", "loop:timers@one")
		beat(t0.Add(51 * time.Second))
		w.want(w.look(t0.Add(52*time.Second)), "loop:pager@one")
	})
}

// A test page goes the way of a page; what becomes of it is a figure, and a
// finding when it does not get through. Nodes queue one between them.
func TestProbes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		probes := func() (out []*message.Delivery) {
			t.Helper()
			err := w.db.View(t.Context(), func(tx *store.Tx) (err error) { out, err = deliveries.Probes(tx); return err })
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		finish := func(at time.Time, state message.DeliveryState) {
			t.Helper()
			w.update(func(tx *store.Tx) error {
				ds, err := deliveries.Claim(tx, urgentLane, at, deliveries.Term{Lease: 30 * time.Second, Shared: at}, 1)
				if err != nil || len(ds) != 1 {
					t.Fatalf("claimed %d, %v", len(ds), err)
				}
				ds[0].State, ds[0].DoneAt, ds[0].LastError = state, at, "the provider refused"
				_, err = deliveries.Finish(tx, ds[0])
				return err
			})
		}
		w.w.Probe(t.Context(), t0)
		w.w.Probe(t.Context(), t0.Add(time.Second))
		if ps := probes(); len(ps) != 1 || ps[0].Address != "+15550199" {
			t.Fatalf("probes %+v", ps)
		}
		finish(t0.Add(200*time.Millisecond), message.Accepted)
		w.want(w.look(t0.Add(10 * time.Second)))
		if got := w.figure("allclear_probe_latency_seconds"); got != 0.2 {
			t.Errorf("latency %v", got)
		}
		next := t0.Add(probeEvery)
		w.w.Probe(t.Context(), next)
		finish(next.Add(time.Second), message.Failed)
		w.want(w.look(next.Add(10*time.Second)), "probe:sms")
		w.w.Heartbeat(t.Context(), next.Add(11*time.Second))
		if len(w.beats) != 2 {
			t.Error("a channel that fails stops the heartbeat of a product that pages")
		}
		last := next.Add(probeEvery)
		w.w.Probe(t.Context(), last)
		w.want(w.look(last.Add(5*time.Second)), "probe:sms")
		finish(last.Add(6*time.Second), message.Accepted)
		w.want(w.look(last.Add(10 * time.Second)))
		w.w.Probe(t.Context(), last.Add(4*probeEvery))
		if ps := probes(); len(ps) != 1 {
			t.Errorf("%d old test pages are kept", len(ps))
		}
	})
}

func (w *world) figure(name string) float64 {
	w.t.Helper()
	for _, f := range w.w.Figures(t0) {
		if f.Name == name {
			return f.Number
		}
	}
	w.t.Fatalf("no figure %s", name)
	return 0
}

// A node whose clock has run away pages at the wrong time.
func TestClockIsCompared(t *testing.T) {
	w := newWorld(t, storetest.Memory(t))
	for _, c := range []struct {
		off     time.Duration
		found   bool
		healthy bool
	}{{time.Second, false, true}, {-5 * time.Second, true, true}, {time.Hour, true, false}, {-time.Hour, true, false}} {
		w.clock = t0.Add(c.off)
		got := w.look(t0)
		if (len(got) == 1) != c.found || w.w.Healthy(t0) != c.healthy {
			t.Errorf("%s off: findings %q, healthy %v", c.off, got, w.w.Healthy(t0))
		}
	}
}

// A database that has gone is found, told by what is remembered, and stops the
// heartbeat.
func TestADeadDatabaseIsTold(t *testing.T) {
	w := newWorld(t, storetest.Memory(t))
	w.look(t0)
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	w.w.Tick(t.Context(), t0.Add(Every))
	if len(w.sent) != 2 || !strings.Contains(w.sent[0].Text, "database") {
		t.Errorf("told: %+v", w.sent)
	}
	w.w.Tick(t.Context(), t0.Add(2*Every))
	if len(w.sent) != 2 {
		t.Error("told again at once")
	}
	w.beats = nil
	if w.w.Heartbeat(t.Context(), t0.Add(2*Every)); len(w.beats) != 0 {
		t.Error("a heartbeat without a database")
	}
}
