package listen_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/listen"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	t0  = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	ana = authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}
)

const token = "a-bearer-token-of-ours"

// host serves documents by path, for real.
type host struct {
	mu     sync.Mutex
	answer map[string]http.HandlerFunc
	asked  []*http.Request
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.asked = append(h.asked, r)
	f := h.answer[r.URL.Path]
	h.mu.Unlock()
	if f == nil {
		http.NotFound(w, r)
		return
	}
	f(w, r)
}

func (h *host) says(path string, f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer[path] = f
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s)) }
}

// raised is what was handed to intake.
type raised struct {
	service string
	alert.Signal
}

type world struct {
	t    *testing.T
	db   *store.DB
	l    *listen.Listen
	cat  *catalog.Catalog
	bus  *jobs.Bus
	host *host
	url  string

	mu     sync.Mutex
	raised []raised
	seen   []event.Event
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, host: &host{answer: map[string]http.HandlerFunc{}}, bus: jobs.NewBus()}
		srv := httptest.NewTLSServer(w.host)
		t.Cleanup(srv.Close)
		w.url = srv.URL
		roots := x509.NewCertPool()
		roots.AddCert(srv.Certificate())
		client := plug.NewHTTP(plug.HTTPOptions{Guard: plug.NewGuard(plugtest.Loopback()...), RootCAs: roots, Timeout: 2 * time.Second, Answer: 1 << 20})
		t.Cleanup(func() { _ = client.Close() })
		w.cat = catalog.New(1,
			catalog.Service{ID: "auth", Name: "Auth", RestorationRank: 1},
			catalog.Service{ID: "api", Name: "API", RestorationRank: 1, DependsOn: []string{"auth"}},
		)
		w.bus.Watch(func(e event.Event) { w.mu.Lock(); w.seen = append(w.seen, e); w.mu.Unlock() })
		w.l = listen.New(db, w.bus, listen.Options{
			Catalog: func(*store.Tx) (*catalog.Catalog, error) { return w.cat, nil },
			Raise: func(_ *store.Tx, service, _ string, signals []alert.Signal, _ time.Time) error {
				for _, s := range signals {
					w.raised = append(w.raised, raised{service, s})
				}
				return nil
			},
			Fetch: func(ctx context.Context, address, bearer secret.String, seen plug.Seen) (plug.Fetched, error) {
				return client.FetchAs(ctx, address, bearer, "*/*", seen)
			},
			Token: token, Key: []byte("0123456789abcdef0123456789abcdef"),
			ServiceOf: func(_ *store.Tx, component string) (string, error) {
				return map[string]string{"signin": "auth", "api": "api"}[component], nil
			},
		})
		run(t, w)
	})
}

func (w *world) follow(f catalog.Feed) {
	f.URL = w.url + f.URL
	w.cat = w.cat.With(f)
}

func (w *world) tick(now time.Time) {
	w.t.Helper()
	if _, err := w.l.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) list(f listen.Filter) []listen.Mention {
	w.t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	all, err := w.l.List(w.t.Context(), ana, f)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) failing(id string) string {
	w.t.Helper()
	all, err := w.l.Feeds(w.t.Context(), ana)
	if err != nil {
		w.t.Fatal(err)
	}
	return all[id].Error
}

func (w *world) open(service string, s procedure.Severity, change func(*incident.Incident)) int64 {
	w.t.Helper()
	inc := &incident.Incident{ServiceID: service, GroupKey: service + s.String(), Title: "t", Status: incident.Investigating, Severity: s, Highest: s, DetectedAt: t0}
	if change != nil {
		change(inc)
	}
	err := w.db.Update(w.t.Context(), store.PriorityRest, func(tx *store.Tx) error { return incidents.Insert(tx, inc, t0) })
	if err != nil {
		w.t.Fatal(err)
	}
	return inc.Number
}

func rss(items ...string) string {
	return `<rss version="2.0"><channel><title>t</title>` + strings.Join(items, "") + `</channel></rss>`
}

func item(id, title string, at time.Time) string {
	return "<item><guid>" + id + "</guid><title>" + title + "</title><link>https://r.example/" + id + "</link><pubDate>" + at.Format(time.RFC1123Z) + "</pubDate></item>"
}
