package leak

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/edge/page"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/subscribe"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
)

// desk is what the application puts behind the forms of the page.
type desk struct {
	*subscribe.Subscribe
	*listen.Listen
}

// readers is a marked world with a page that takes subscriptions, and a sender that
// keeps what it sends.
type readers struct {
	*world
	s    *subscribe.Subscribe
	h    *page.Handler
	sent []message.Delivery
	run  *jobs.Sender
}

func newReaders(t *testing.T, db *store.DB) *readers {
	w := &readers{world: &world{t: t, db: db, bus: jobs.NewBus()}}
	var shelf procedures.Shelf
	cat := marked()
	w.c = comms.New(db, w.bus, &shelf, func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }, comms.Page{Name: "Acme", URL: "https://status.example", Key: []byte("a key for tests")})
	w.c.Wire()
	w.s = subscribe.New(db, w.bus, subscribe.Options{
		Key: []byte("another key"), Name: "Acme", URL: "https://status.example", Offered: w.c.Offered, Told: w.c.Told, ToldWork: w.c.ToldWork, Tenant: w.c.TenantBy, Usable: func(string) bool { return true },
	})
	w.s.Wire(jobs.NewTimers(db, slog.New(slog.DiscardHandler)))
	w.do(func(tx *store.Tx) (err error) {
		w.hash, err = shelf.Put(tx, []byte("schema: 1\nname: "+mark("procedure")+"\n"), now)
		return err
	})
	board := &comms.Board{Comms: w.c, Log: slog.New(slog.DiscardHandler)}
	if err := board.Tick(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	heard := listen.New(db, w.bus, listen.Options{Catalog: func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }, ServiceOf: w.c.ServiceOf, Key: []byte("a third key")})
	w.h = page.New(page.Options{Source: func() *status.Snapshot { return board.Source() }, Desk: desk{w.s, heard}, Now: func() time.Time { return now }})
	w.run = &jobs.Sender{
		DB: db, Log: slog.New(slog.DiscardHandler), Lane: deliveries.Lane{From: 3, To: 9}, Workers: 1, Lease: time.Minute, Mind: w.s,
		Carry: func(_ context.Context, d *message.Delivery) jobs.Carried {
			w.sent = append(w.sent, *d)
			return jobs.Carried{}
		},
	}
	return w
}

func (w *readers) send() []message.Delivery {
	w.t.Helper()
	w.sent = nil
	if _, err := w.s.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.run.Tick(w.t.Context(), now); err != nil {
		w.t.Fatal(err)
	}
	return w.sent
}

// post sends a form from an address of the network.
func (w *readers) post(path, from string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = from + ":1"
	got := httptest.NewRecorder()
	w.h.ServeHTTP(got, r)
	return got
}

// Score S13: nothing internal stands in what subscribers are sent, on any channel:
// neither of an unpublished draft, nor of one tenant, nor of a restricted incident.
func TestNothingInternalReachesASubscriber(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newReaders(t, db)
		office := authz.Actor{ID: "adm", Role: authz.Admin}
		csv := "channel,address\nemail,reader@x.example\nsms,+15550100200\nwebhook,https://hooks.x.example/in\n"
		if got, err := w.s.Import(t.Context(), office, strings.NewReader(csv), true, now); err != nil || got.Added != 3 {
			t.Fatalf("%+v, %v", got, err)
		}
		w.fill()
		out := w.send()
		// Two updates of one incident, the one that Legal let out, and the maintenance that
		// is announced: that it is planned, and that it has begun.
		told := []string{"Investigating: Sign-in", "Investigating: Sign-in", "Scheduled: Database upgrade", "In progress: Database upgrade", "Investigating: Notice about our service"}
		if len(out) != 3*len(told) {
			t.Fatalf("%d letters, want %d", len(out), 3*len(told))
		}
		for i, d := range out {
			if got := strings.TrimPrefix(d.Subject, "[Acme] "); got != told[i/3] {
				t.Errorf("letter %d is %q, want %q", i, got, told[i/3])
			}
			look(t, d.Channel, fmt.Sprint(d.Subject, d.Body, d.Headers.Headers, d.Key))
		}
	})
}

// Score S13: subscriber enumeration 0. Whatever is known of an address, the answer to
// whoever enters it is the same, byte for byte.
func TestTheFormTellsNothingOfAnAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newReaders(t, db)
		office := authz.Actor{ID: "adm", Role: authz.Admin}
		if _, err := w.s.Import(t.Context(), office, strings.NewReader("channel,address\nemail,known@x.example\nsms,+15550100200\nwebhook,https://hooks.x.example/known\n"), true, now); err != nil {
			t.Fatal(err)
		}
		n := 0
		answer := func(channel, address string) string {
			n++
			got := w.post("/subscribe", fmt.Sprintf("198.51.100.%d", n), url.Values{"channel": {channel}, "address": {address}})
			if got.Code != http.StatusAccepted {
				t.Errorf("%s: %d %s", address, got.Code, got.Body)
			}
			// The form for the code shows the number that was entered, and only that.
			return fmt.Sprint(got.Header()) + strings.ReplaceAll(got.Body.String(), strings.ReplaceAll(address, "+", "&#43;"), "")
		}
		for channel, all := range map[string][]string{
			"email":   {"known@x.example", "fresh@x.example", "fresh@x.example", "known@x.example", "known@x.example", "known@x.example", "fresh@x.example"},
			"sms":     {"+15550100200", "+15550100201", "+15550100201", "+15550100200"},
			"webhook": {"https://hooks.x.example/known", "https://hooks.x.example/fresh", "https://hooks.x.example/known"},
		} {
			first := answer(channel, all[0])
			for _, address := range all[1:] {
				if got := answer(channel, address); got != first {
					t.Errorf("%s: the answer to %s differs:\n%s\n%s", channel, address, first, got)
				}
			}
		}
		codes := map[string]string{}
		for _, number := range []string{"+15550100200", "+15550100201", "+15550100299"} {
			got := w.post("/subscribe/code", "198.51.100.77", url.Values{"address": {number}, "code": {"000000"}})
			codes[fmt.Sprint(got.Code, strings.ReplaceAll(got.Body.String(), strings.ReplaceAll(number, "+", "&#43;"), ""))] = number
		}
		if len(codes) != 1 {
			t.Errorf("a wrong code is answered in %d ways", len(codes))
		}
	})
}

// Bug classes of forms: what is entered becomes neither a header, a line of mail, nor
// markup, and a program that follows links in mails ends nothing (RFC 8058).
func TestWhatIsEnteredStaysText(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newReaders(t, db)
		for _, address := range []string{"a@x.example\r\nBcc: b@x.example", "a@x.example\nSubject: x", "<script>alert(1)</script>@x.example", "javascript:alert(1)", "https://127.0.0.1/", "http://x.example/", "https://169.254.169.254/"} {
			for _, channel := range []string{"email", "sms", "webhook", "fax\r\nX: 1"} {
				got := w.post("/subscribe", "198.51.100.1", url.Values{"channel": {channel}, "address": {address}})
				if got.Code != http.StatusBadRequest || strings.Contains(got.Body.String(), "<script>") || got.Header().Get("X") != "" {
					t.Errorf("%s %q: %d", channel, address, got.Code)
				}
			}
		}
		if got := w.post("/subscribe", "198.51.100.2", url.Values{"channel": {"email"}, "address": {"a@x.example"}, "component": {"nope"}}); got.Code != http.StatusBadRequest {
			t.Errorf("a component that is not there: %d", got.Code)
		}
		if got := w.post("/subscribe", "198.51.100.2", url.Values{"channel": {"email"}, "address": {strings.Repeat("a", 40<<10)}}); got.Code != http.StatusBadRequest {
			t.Errorf("a large form: %d", got.Code)
		}
		if got := w.post("/subscribe", "198.51.100.3", url.Values{"channel": {"email"}, "address": {"a@x.example"}}); got.Code != http.StatusAccepted || !strings.Contains(got.Header().Get("Content-Security-Policy"), "form-action 'self'") || strings.Contains(got.Header().Get("Content-Security-Policy"), "script-src") {
			t.Errorf("%d %v", got.Code, got.Header())
		}
		out := w.send()
		confirm := between(out[0].Body, "https://status.example", "\n")
		for range 2 { // a GET confirms nothing
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, confirm, nil)
			got := httptest.NewRecorder()
			w.h.ServeHTTP(got, r)
			if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "Confirm your subscription") || got.Header().Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%d %s", got.Code, got.Body)
			}
		}
		if got := w.post(confirm, "198.51.100.3", nil); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "It is confirmed") {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		w.fill()
		end := strings.Trim(w.send()[0].Headers.Headers["List-Unsubscribe"], "<>")
		end = strings.TrimPrefix(end, "https://status.example")
		for _, one := range []struct {
			path string
			want int
		}{{end, 200}, {end, 200}, {end[:len(end)-1] + "a", 404}, {"/subscriptions/end/" + strings.Repeat("a", 39), 404}, {strings.Replace(end, "/end/", "/manage/", 1), 404}} {
			if got := w.post(one.path, "198.51.100.4", url.Values{"List-Unsubscribe": {"One-Click"}}); got.Code != one.want && !strings.HasSuffix(end, "a") {
				t.Errorf("%s: %d, want %d", one.path, got.Code, one.want)
			}
		}
	})
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
