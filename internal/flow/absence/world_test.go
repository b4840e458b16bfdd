package absence_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/flow/absence"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	t0   = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	ana  = authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}
	bo   = authz.Actor{ID: "bo", Role: authz.Responder, Via: "session"}
	max_ = authz.Actor{ID: "max", Role: authz.Stakeholder, Via: "session"} // leads ana's team
	mia  = authz.Actor{ID: "mia", Role: authz.Responder, Via: "session"}   // ana's manager
	boss = authz.Actor{ID: "boss", Role: authz.Admin, Via: "session"}
)

// host is a server of calendars that behaves as it is told.
type host struct {
	mu       sync.Mutex
	answer   http.HandlerFunc
	requests []*http.Request
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.requests = append(h.requests, r)
	answer := h.answer
	h.mu.Unlock()
	answer(w, r)
}

func (h *host) says(f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer, h.requests = f, nil
}

// world is a company in memory, and a server that the product reads for real.
type world struct {
	t    *testing.T
	db   *store.DB
	a    *absence.Absences
	cat  *catalog.Catalog
	seen []event.Event
	host *host
	url  string
	mu   sync.Mutex
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, host: &host{}}
		srv := httptest.NewTLSServer(w.host)
		t.Cleanup(srv.Close)
		w.url = srv.URL
		roots := x509.NewCertPool()
		roots.AddCert(srv.Certificate())
		client := plug.NewHTTP(plug.HTTPOptions{Guard: plug.NewGuard(plugtest.Loopback()...), RootCAs: roots, Timeout: 2 * time.Second, Answer: 2 << 20})
		t.Cleanup(func() { _ = client.Close() })
		w.cat = catalog.New(1,
			catalog.Person{ID: "ana", Name: "Ana", TimeZone: "Europe/Berlin", Manager: "mia", Absent: []catalog.Absence{{From: at(20, 0), Until: at(21, 0), Reason: "by hand"}}},
			catalog.Person{ID: "bo", Name: "Bo"}, catalog.Person{ID: "max", Name: "Max"}, catalog.Person{ID: "mia", Name: "Mia"},
			catalog.Team{ID: "core", Lead: "max", Members: []string{"ana"}},
		)
		box, err := secret.NewBox([]byte(strings.Repeat("k", 32)))
		if err != nil {
			t.Fatal(err)
		}
		bus := jobs.NewBus()
		bus.Watch(func(e event.Event) { w.seen = append(w.seen, e) })
		w.a = absence.New(db, bus, absence.Options{
			Box: box,
			Fetch: func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error) {
				return client.Fetch(ctx, address, "text/calendar", seen)
			},
			Catalog: func(*store.Tx) (*catalog.Catalog, error) {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.cat, nil
			},
			Edit: w.edit,
		})
		run(t, w)
	})
}

func (w *world) edit(_ *store.Tx, _ authz.Actor, id string, _ time.Time, change func(*catalog.Person) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.cat.People[id]
	if !ok {
		return authz.NotFound("person", id)
	}
	if err := change(&p); err != nil {
		return err
	}
	w.cat = w.cat.With(p)
	return nil
}

func at(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }

// days is a calendar of whole days of March.
func days(list ...int) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
	for _, d := range list {
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d\r\nSUMMARY:A private matter\r\nDTSTART;VALUE=DATE:202603%02d\r\nEND:VEVENT\r\n", d, d)
	}
	return b.String() + "END:VCALENDAR\r\n"
}

func (w *world) tick(now time.Time) {
	w.t.Helper()
	if _, err := w.a.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
}

// away writes ana's absences by days of March, as the catalogue has them.
func (w *world) wantAway(what, want string) {
	w.t.Helper()
	var got []string
	p := w.cat.People["ana"]
	for _, a := range p.Absent {
		got = append(got, a.From.Format("2T15")+"-"+a.Until.Format("2T15")+" "+a.Source+a.Reason)
	}
	if s := strings.Join(got, ", "); s != want {
		w.t.Errorf("%s: away %q, want %q", what, s, want)
	}
}

func (w *world) only() absence.Calendar {
	w.t.Helper()
	s, err := w.a.Of(w.t.Context(), ana, "ana")
	if err != nil || len(s.Calendars) != 1 {
		w.t.Fatalf("calendars %+v, %v", s.Calendars, err)
	}
	return s.Calendars[0]
}

func (w *world) outcomes() string {
	var out []string
	for _, e := range w.seen {
		out = append(out, e.Data.Outcome)
	}
	w.seen = nil
	return strings.Join(out, " ")
}
