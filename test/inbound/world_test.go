package inbound

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/edge/hooks"
	"allclear/internal/flow/access"
	"allclear/internal/flow/intake"
	sourceflow "allclear/internal/flow/sources"
	"allclear/internal/flow/tickets"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/plug/alertmanager"
	"allclear/internal/plug/datadog"
	"allclear/internal/plug/events"
	"allclear/internal/plug/generic"
	"allclear/internal/plug/newrelic"
	"allclear/internal/plug/opsgenie"
	"allclear/internal/plug/pingdom"
	"allclear/internal/plug/zendesk"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
	"allclear/internal/store/timers"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const tiny = `
schema: 1
name: tiny
hints:
  critical: {critical_function: P1, other: P2}
  error: {critical_function: P2, other: P3}
  warning: {critical_function: P3, other: P3}
  info: {critical_function: P4, other: P4}
tickets:
  keywords: [{word: down, weight: 3}]
  strong: 2
  everybody: [everyone]
`

// The keys of the world: one of each kind, one hook with a secret, one with a
// mapping, and one of another service.
const (
	routingKey = "0123456789abcdef0123456789abcdef"
	hookKey    = "hook-of-api"
	signedKey  = "hook-with-secret"
	mappedKey  = "hook-with-mapping"
	otherKey   = "hook-of-reporting"
	theSecret  = "correct-horse-battery"
)

// world is a product that has ways in and nothing else.
type world struct {
	t      testing.TB
	db     *store.DB
	in     *intake.Intake
	desk   *tickets.Tickets
	fares  *sourceflow.Sources
	mux    *http.ServeMux
	now    time.Time
	ids    atomic.Int64
	accept func(context.Context, intake.Arrival) error // replaces Accept when set
	heard  []string                                    // what came to Answer and Confirm, in order
	wrong  error                                       // what they answer
	teller teller
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, mux: http.NewServeMux(), now: time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)}
	cat := catalog.New(1, catalog.Service{ID: "auth", Name: "Sign-in", CriticalFunction: true}, catalog.Service{ID: "api", Name: "API"}, catalog.Service{ID: "reporting", Name: "Reporting"}, catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Enterprise})
	shelf := &procedures.Shelf{}
	err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		hash, err := shelf.Put(tx, []byte(tiny), w.now)
		if err != nil {
			return err
		}
		return shelf.Activate(tx, hash, w.now)
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }
	w.in = intake.New(db, jobs.NewBus(), shelf, whole)
	w.desk = tickets.New(db, jobs.NewBus(), shelf, whole, tickets.Options{Raise: w.in.Raise})
	reg, err := plug.NewRegistry(events.Plugin(), alertmanager.Plugin(), generic.Plugin(), datadog.Plugin(), newrelic.Plugin(), pingdom.Plugin(), zendesk.Plugin(), opsgenie.Plugin())
	if err != nil {
		t.Fatal(err)
	}
	sources, err := reg.Hooks(reg.Bare)
	if err != nil {
		t.Fatal(err)
	}
	w.fares = sourceflow.New(sourceflow.Options{DB: db, Hooks: sources})
	sources = append(sources, plug.Hook{Name: "bell", MaxBody: 4096, Callback: bell{}}, plug.Hook{Name: "teller", MaxBody: 4096, Callback: &w.teller})
	hooks.New(hooks.Options{
		Sources: sources, Intake: w, Answers: w, PublicURL: "https://allclear.example/base", Silences: w.in, Tickets: w.desk, Keys: keys{}, Health: w.fares, Version: "test",
		Now:   func() time.Time { return w.now },
		NewID: func() string { return fmt.Sprintf("generated-%d", w.ids.Add(1)) },
	}).Register(w.mux)
	return w
}

func (w *world) Accept(ctx context.Context, a intake.Arrival) error {
	if w.accept != nil {
		return w.accept(ctx, a)
	}
	return w.in.Accept(ctx, a)
}

func (w *world) Reject(ctx context.Context, r intake.Rejected) error { return w.in.Reject(ctx, r) }

type keys struct{}

func (keys) Find(_ context.Context, kind, key string) (*access.Key, error) {
	switch kind + " " + key {
	case hooks.KindEvents + " " + routingKey:
		return &access.Key{ID: 1, ServiceID: "auth"}, nil
	case hooks.KindHooks + " " + hookKey:
		return &access.Key{ID: 2, ServiceID: "api"}, nil
	case hooks.KindHooks + " " + signedKey:
		return &access.Key{ID: 3, ServiceID: "api", Secret: "old-secret-still-valid " + theSecret}, nil
	case hooks.KindHooks + " " + mappedKey:
		return &access.Key{ID: 4, ServiceID: "api", Mapping: `{"items": "body.problems", "summary": "item.what + ' at ' + item.where", "dedup_key": "item.nr", "severity": "item.grade >= 4 ? 'critical' : 'warning'", "action": "item.over ? 'resolve' : 'trigger'"}`}, nil
	case hooks.KindHooks + " " + otherKey:
		return &access.Key{ID: 5, ServiceID: "reporting"}, nil
	}
	return nil, fault.New(fault.NotFound, "no such key")
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
}

func (w *world) send(method, path, body string, header ...string) answer {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	out, err := io.ReadAll(rec.Result().Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{status: rec.Code, header: rec.Header(), body: string(out)}
}

func (w *world) post(path, body string, header ...string) answer {
	w.t.Helper()
	return w.send(http.MethodPost, path, body, header...)
}

// must sends and fails the test when the answer has another status.
func (w *world) must(status int, method, path, body string) answer {
	w.t.Helper()
	a := w.send(method, path, body)
	if a.status != status {
		w.t.Fatalf("%s %s: got %d %s, want %d", method, path, a.status, a.body, status)
	}
	return a
}

func (w *world) alerts() []*alert.Alert {
	w.t.Helper()
	var out []*alert.Alert
	err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		out, err = alerts.List(tx, alerts.Filter{Limit: 100_000})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// alert is the only one with the key.
func (w *world) alert(key string) *alert.Alert {
	w.t.Helper()
	var found *alert.Alert
	for _, a := range w.alerts() {
		if a.DedupKey != key {
			continue
		}
		if found != nil {
			w.t.Fatalf("two alerts have the key %q", key)
		}
		found = a
	}
	if found == nil {
		w.t.Fatalf("no alert has the key %q", key)
	}
	return found
}

func (w *world) incidents() []*incident.Incident {
	w.t.Helper()
	var out []*incident.Incident
	err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		out, err = incidents.List(tx, incidents.Filter{Limit: 1000})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

type raw struct{ source, service, body, problem string }

func (w *world) raws() []raw {
	w.t.Helper()
	var out []raw
	err := w.db.View(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query("select source, service_id, body, problem from signals order by id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r raw
			var body []byte
			if err := rows.Scan(&r.source, &r.service, &body, &r.problem); err != nil {
				return err
			}
			r.body = string(body)
			out = append(out, r)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// until lets the time pass and fires the timers on the way.
func (w *world) until(at time.Time) {
	w.t.Helper()
	for {
		fired := false
		err := w.db.Update(w.t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			due, ok, err := timers.Next(tx)
			if err != nil || !ok || due.After(at) {
				return err
			}
			fired = true
			w.now = due
			list, err := timers.Take(tx, due, 1)
			if err != nil {
				return err
			}
			for _, t := range list {
				switch t.Kind {
				case intake.TimerAlertEnds:
					err = w.in.AlertEnds(tx, t, due)
				case intake.TimerSilence:
					err = w.in.SilenceEnds(tx, t, due)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if !fired {
			w.now = at
			return
		}
	}
}

func (w *world) after(d time.Duration) { w.t.Helper(); w.until(w.now.Add(d)) }

// each runs the test on both engines, each with a world of its own.
func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { run(t, newWorld(t, db)) })
}
