package thirdparty_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/thirdparty"
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

// page is a vendor's status page that behaves as it is told.
type page struct {
	mu     sync.Mutex
	status int
	body   string
	etag   string
	wait   string
	asked  int
	same   int // answers of 304
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.wait != "" {
		w.Header().Set("Retry-After", p.wait)
	}
	if p.etag != "" {
		w.Header().Set("ETag", p.etag)
		if r.Header.Get("If-None-Match") == p.etag {
			p.same++
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(p.status)
	_, _ = w.Write([]byte(p.body))
}

func (p *page) says(status int, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.body, p.etag, p.wait, p.asked, p.same = status, body, "", "", 0, 0
}

const doc = `{"status":{"indicator":"none"},"components":[{"id":"c","name":"CDN","status":"STATE"},{"id":"d","name":"DNS","status":"operational"}],"incidents":[INC]}`

func state(s string) string { return strings.NewReplacer("STATE", s, "INC", "").Replace(doc) }

type world struct {
	t    *testing.T
	db   *store.DB
	p    *thirdparty.ThirdParty
	cat  *catalog.Catalog
	bus  *jobs.Bus
	page *page
	mu   sync.Mutex
	seen []event.Event
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, page: &page{}, bus: jobs.NewBus()}
		srv := httptest.NewTLSServer(w.page)
		t.Cleanup(srv.Close)
		roots := x509.NewCertPool()
		roots.AddCert(srv.Certificate())
		client := plug.NewHTTP(plug.HTTPOptions{Guard: plug.NewGuard(plugtest.Loopback()...), RootCAs: roots, Timeout: 2 * time.Second, Answer: 1 << 20})
		t.Cleanup(func() { _ = client.Close() })
		// checkout -> api -> auth, and the CDN is below api.
		w.cat = catalog.New(1,
			catalog.Service{ID: "auth", Name: "Auth", RestorationRank: 1},
			catalog.Service{ID: "api", Name: "API", RestorationRank: 1, DependsOn: []string{"auth"}},
			catalog.Service{ID: "checkout", Name: "Checkout", RestorationRank: 2, DependsOn: []string{"api"}},
			catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Standard, Services: []string{"checkout"}},
			catalog.Vendor{ID: "cdn", Name: "Example CDN", Feed: "statuspage", URL: srv.URL + "/api/v2/summary.json", Components: []string{"CDN"}, Services: []string{"api"}, Support: "https://support.example.net", Failover: "The second CDN."},
		)
		w.bus.Watch(func(e event.Event) { w.mu.Lock(); w.seen = append(w.seen, e); w.mu.Unlock() })
		w.p = thirdparty.New(db, w.bus, thirdparty.Options{
			Catalog: func(*store.Tx) (*catalog.Catalog, error) { return w.cat, nil },
			Fetch: func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error) {
				return client.Fetch(ctx, address, "application/json", seen)
			},
		})
		w.p.Wire()
		run(t, w)
	})
}

func (w *world) tick(now time.Time) {
	w.t.Helper()
	if _, err := w.p.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) status() thirdparty.Status {
	w.t.Helper()
	all, err := w.p.States(w.t.Context(), ana)
	if err != nil {
		w.t.Fatal(err)
	}
	return all["cdn"]
}

// open is an incident that opens on a service.
func (w *world) open(service string, now time.Time, change func(*incident.Incident)) ident.ID {
	w.t.Helper()
	inc := &incident.Incident{ServiceID: service, GroupKey: service, Title: "t", Status: incident.Triage, Severity: procedure.P3, Highest: procedure.P3, DetectedAt: now}
	if change != nil {
		change(inc)
	}
	err := w.db.Update(w.t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		if err := incidents.Insert(tx, inc, now); err != nil {
			return err
		}
		return w.bus.Emit(tx, now, event.Event{IncidentID: inc.ID, Kind: event.Opened})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return inc.ID
}

// notes are what an incident's timeline was told.
func (w *world) notes(id ident.ID) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.seen {
		if e.Kind == event.Noted && e.IncidentID == id {
			out = append(out, e.Data.Text)
		}
	}
	return out
}

// changes are the states told of, from the start.
func (w *world) changes() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, e := range w.seen {
		if e.Kind == event.VendorState {
			out = append(out, e.Data.From+">"+e.Data.Outcome)
		}
	}
	return strings.Join(out, " ")
}
