package check_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
	"allclear/internal/domain/metric"
	flow "allclear/internal/flow/check"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	t0  = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	ops = authz.Actor{ID: "ana", Role: authz.Responder}
)

func span(s string) recur.Span {
	out, err := recur.ParseSpan(s)
	if err != nil {
		panic(err)
	}
	return out
}

// world is what several nodes share: a database, a catalogue and what was tried.
type world struct {
	t   *testing.T
	db  *store.DB
	mu  sync.Mutex
	cat *catalog.Catalog
	// what is tried answers
	answer func(ctx context.Context, c check.Check) check.Result
	tried  map[string]int
	pushed []metric.Sample
}

func begin(t *testing.T, db *store.DB, all ...check.Check) *world {
	t.Helper()
	w := &world{t: t, db: db, tried: map[string]int{}, answer: func(context.Context, check.Check) check.Result { return check.Result{Up: true, Took: time.Second} }}
	w.says(all...)
	return w
}

func (w *world) says(all ...check.Check) {
	w.mu.Lock()
	defer w.mu.Unlock()
	es := []catalog.Entity{catalog.Service{ID: "api"}, catalog.Service{ID: "auth"}}
	for _, c := range all {
		es = append(es, catalog.SyntheticCheck(c))
	}
	w.cat = catalog.New(1, es...)
}

func (w *world) node() *flow.Checks {
	return flow.New(w.db, flow.Options{
		Catalog: func(*store.Tx) (*catalog.Catalog, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.cat, nil
		},
		Push: func(_ context.Context, all []metric.Sample, _ time.Time) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.pushed = append(w.pushed, all...)
			return nil
		},
		Ask: func(context.Context, string, string, time.Time) ([]metric.Series, error) { return nil, nil },
		Try: func(ctx context.Context, c check.Check, _ time.Time) check.Result {
			w.mu.Lock()
			w.tried[c.ID]++
			answer := w.answer
			w.mu.Unlock()
			if err := w.db.View(ctx, func(*store.Tx) error { return nil }); err != nil && ctx.Err() == nil { // refused inside a transaction
				w.t.Errorf("a check is made inside a transaction: %v", err)
			}
			return answer(ctx, c)
		},
	})
}

func (w *world) tick(n *flow.Checks, at time.Time) {
	w.t.Helper()
	if _, err := n.Tick(w.t.Context(), at); err != nil {
		w.t.Fatal(err)
	}
}

// last is the newest value of a metric of a check.
func (w *world) last(name, id string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.pushed) - 1; i >= 0; i-- {
		if s := w.pushed[i]; s.Name == name && s.Labels["check"] == id {
			return fmt.Sprint(s.Service, " ", s.Value)
		}
	}
	return "none"
}

func some(n int) (out []check.Check) {
	for i := range n {
		out = append(out, check.Check{ID: fmt.Sprintf("c%02d", i), Service: "api", Type: check.TCP, Target: "example.com:1", Every: span("1m")})
	}
	return out
}

// Each round is made by one node of two, and by each of them now and then; one that
// dies costs its round at most.
func TestOneNodeOfTwoMakesARound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db, some(40)...)
		a, b := w.node(), w.node()
		w.tick(a, t0)
		for s := time.Second; s <= 10*time.Minute; s += 5 * time.Second {
			var wg sync.WaitGroup
			for _, n := range []*flow.Checks{a, b} {
				wg.Go(func() { w.tick(n, t0.Add(s)) })
			}
			wg.Wait()
		}
		for id, n := range w.tried {
			if n < 10 || n > 12 { // soon after it was made, and then each minute
				t.Errorf("%s was made %d times in ten minutes", id, n)
			}
		}
		dead, stop := context.WithCancel(t.Context())
		w.answer = func(ctx context.Context, _ check.Check) check.Result { stop(); return check.Result{} }
		before := w.tried["c00"]
		_, _ = a.Tick(dead, t0.Add(11*time.Minute+30*time.Second)) // what it claimed nobody hears of
		w.answer = func(context.Context, check.Check) check.Result { return check.Result{Up: true} }
		w.tick(b, t0.Add(12*time.Minute+31*time.Second))
		if n := w.tried["c00"] - before; n != 2 {
			t.Errorf("c00 was made %d times after a node died", n)
		}
		if got := w.last(check.MetricDown, "c00"); got != "api 0" {
			t.Errorf("a dead node's round is taken for a failure: %s", got)
		}
	})
}

// A check that is changed, moved to another service, paused or taken away.
func TestTheCatalogueIsFollowed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := some(1)[0]
		c.Every = span("24h")
		w := begin(t, db, c)
		w.answer = func(context.Context, check.Check) check.Result { return check.Result{Why: "refused"} }
		n := w.node()
		now := t0
		pass := func(d time.Duration) {
			for until := now.Add(d); now.Before(until); {
				now = now.Add(10 * time.Second)
				w.tick(n, now)
			}
		}
		pass(time.Minute)
		if w.tried["c00"] != 1 || w.last(check.MetricDown, "c00") != "api 1" {
			t.Fatalf("tried %d times, %s", w.tried["c00"], w.last(check.MetricDown, "c00"))
		}
		c.Every = span("1m")
		w.says(c)
		pass(3 * time.Minute)
		if w.tried["c00"] < 3 {
			t.Errorf("it is still made every day: %d times", w.tried["c00"])
		}
		c.Service = "auth"
		w.says(c)
		w.pushed = nil
		pass(30 * time.Second)
		if s := w.pushed[0]; s.Service != "api" {
			t.Errorf("what stood of the service before does not end: %+v", w.pushed)
		}
		pass(2 * time.Minute)
		if got := w.last(check.MetricDown, "c00"); got != "auth 1" {
			t.Errorf("got %s", got)
		}
		c.Paused = true
		w.says(c)
		before := w.tried["c00"]
		pass(3 * time.Minute)
		if got := w.last(check.MetricDown, "c00"); got != "auth 0" || w.tried["c00"] != before {
			t.Errorf("paused: %s, made %d times", got, w.tried["c00"]-before)
		}
		h, err := n.Health(t.Context(), ops, "c00", false, now)
		if err != nil || len(h.Places) != 0 {
			t.Errorf("%+v %v", h, err)
		}
		w.says()
		if _, err := n.Health(t.Context(), ops, "c00", false, now); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// What other places report: what is no use is refused with its place, and the rest
// is kept.
func TestReports(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := some(1)[0]
		c.Probes = []string{"eu"}
		w := begin(t, db, append([]check.Check{c}, check.Check{ID: "own", Service: "api", Type: check.TCP, Target: "example.com:1", Every: span("1m")})...)
		n := w.node()
		w.tick(n, t0)
		err := n.Report(t.Context(), ops, "eu", []flow.Reported{
			{Check: "nope", Result: check.Result{Up: true}},
			{Check: "own", Result: check.Result{Up: true}},
			{Check: "c00", Result: check.Result{Up: true, Samples: []metric.Sample{{Name: "orders", Value: 3, Labels: map[string]string{"check": "another"}}}}},
		}, t0)
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Details) != 2 || f.Details[0].Where != "/results/0" || !strings.Contains(f.Details[1].What, "check own is not made from eu") {
			t.Errorf("got %+v", f)
		}
		if got := w.last("orders", "c00"); got != "api 3" {
			t.Errorf("the value of a script: %s", got)
		}
		if w.tried["c00"] != 0 {
			t.Error("the server makes what only another place is to make")
		}
		if err := n.Report(t.Context(), ops, check.Local, nil, t0); !fault.Is(err, fault.Invalid) {
			t.Errorf("in the server's name: %v", err)
		}
		if err := n.Report(t.Context(), authz.Actor{ID: "x", Role: authz.Stakeholder}, "eu", nil, t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a stakeholder: %v", err)
		}
		if err := n.Report(t.Context(), ops, "eu", make([]flow.Reported, flow.MaxReported+1), t0); !fault.Is(err, fault.TooLarge) {
			t.Errorf("too many: %v", err)
		}
	})
}

// More checks hang than can be under way at once: the loop stays alive, and goes on
// when they end.
func TestHungChecksHoldUpNoLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Memory(t)
		w := begin(t, db, some(50)...)
		w.answer = func(ctx context.Context, _ check.Check) check.Result {
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Second):
			}
			return check.Result{Why: "no answer"}
		}
		n := w.node()
		var beats atomic.Int64
		n.Beat = func(time.Time) { beats.Add(1) }
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = n.Run(ctx, func() time.Time { return time.Now().UTC() }, func(err error) { t.Error(err) })
		})
		time.Sleep(45 * time.Second)
		w.mu.Lock()
		under := len(w.tried)
		w.mu.Unlock()
		if under != 32 || beats.Load() < 44 {
			t.Errorf("%d checks under way, %d beats", under, beats.Load())
		}
		time.Sleep(time.Minute)
		w.mu.Lock()
		if len(w.tried) != 50 {
			t.Errorf("%d of 50 checks were made", len(w.tried))
		}
		w.mu.Unlock()
		stop()
		wg.Wait()
	})
}
