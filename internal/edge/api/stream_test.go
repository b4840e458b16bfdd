package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/live"
	"allclear/internal/edge/api/route"
	"allclear/internal/store/storetest"
)

// listener reads a stream like a browser does: it may go away at any time.
type listener struct {
	mu     sync.Mutex
	text   strings.Builder
	heard  chan struct{}
	ended  chan struct{}
	leave  context.CancelFunc
	header http.Header
	code   int
}

func (l *listener) Header() http.Header { return l.header }
func (l *listener) WriteHeader(c int)   { l.code = c }
func (l *listener) Flush()              {}

func (l *listener) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.text.Write(b)
	select {
	case l.heard <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (l *listener) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// listen opens a stream.
func (w *world) listen(role authz.Role, query string, more ...credential) *listener {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, route.Prefix+"/stream"+query, nil)
	for _, m := range append(more, bearer(w.tokens[role])) {
		m(r)
	}
	l := &listener{heard: make(chan struct{}, 1), ended: make(chan struct{}), leave: cancel, header: http.Header{}}
	go func() {
		defer close(l.ended)
		w.http.ServeHTTP(l, r)
	}()
	w.t.Cleanup(l.close)
	return l
}

func (l *listener) close() {
	l.leave()
	<-l.ended
}

// until waits for an event of the kind, leaves, and returns all that was said.
func (l *listener) until(t *testing.T, kind string) string {
	t.Helper()
	for !strings.Contains(l.said(), `"kind":"`+kind+`"`) {
		select {
		case <-l.heard:
		case <-l.ended:
			t.Fatalf("the stream ended before %s: %d %s", kind, l.code, l.said())
		case <-time.After(20 * time.Second):
			t.Fatalf("no %s: %s", kind, l.said())
		}
	}
	l.close()
	return l.said()
}

// changesIn reads the events and checks their form.
func changesIn(t *testing.T, text string) (out []live.Change) {
	t.Helper()
	for block := range strings.SplitSeq(text, "\n\n") {
		var id string
		for line := range strings.SplitSeq(block, "\n") {
			if rest, ok := strings.CutPrefix(line, "id: "); ok {
				id = rest
			}
			if rest, ok := strings.CutPrefix(line, "data: "); ok {
				var c live.Change
				if err := json.Unmarshal([]byte(rest), &c); err != nil || c.ID != id || !strings.Contains(block, "event: change\n") {
					t.Errorf("%q: %v", block, err)
				}
				out = append(out, c)
			}
		}
	}
	return out
}

// A reader that comes back gets what it missed, all of it, once and in order.
//
// INV-R4
func TestStreamResumes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		l := w.listen(authz.Stakeholder, "")
		<-l.heard // it is open: what happens from here on is told
		w.signal(alert.Trigger, "k1", "critical")
		first := changesIn(t, l.until(t, "page.opened"))
		if l.header.Get("Content-Type") != "text/event-stream" || !strings.HasPrefix(l.said(), "retry: ") || first[0].Incident != "INC-1" {
			t.Errorf("%v %s", l.header, l.said())
		}
		w.step(authz.Responder, "1/acknowledge", "", http.StatusOK)
		w.step(authz.Responder, "1/engage", "", http.StatusOK)
		w.step(authz.Responder, "1/mitigate", "", http.StatusOK)

		all := changesIn(t, w.listen(authz.Stakeholder, "?after="+first[0].ID).until(t, "incident.mitigated"))
		last := first[len(first)-1].ID
		rest := changesIn(t, w.listen(authz.Stakeholder, "", header("Last-Event-ID", last)).until(t, "incident.mitigated"))
		if got := slices.Concat(first[1:], rest); !slices.Equal(got, all) || len(rest) < 4 {
			t.Errorf("in two parts %v\nat once %v", got, all)
		}
		if !slices.IsSortedFunc(all, func(a, b live.Change) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("out of order: %v", all)
		}
		whole := w.listen(authz.Stakeholder, "?after=0").until(t, "incident.mitigated")
		if strings.Contains(whole, "access.") || !strings.Contains(whole, "catalog.changed") {
			t.Errorf("from the first: %s", clip2(whole))
		}
		w.as(authz.Stakeholder, "GET", "/stream?after=nonsense", "").status(http.StatusUnprocessableEntity, "no id")
		w.as(authz.Stakeholder, "GET", "/stream", "", header("Last-Event-ID", "7")).status(http.StatusUnprocessableEntity, "no id")
	})
}

// A quiet stream shows that it lives every 15 seconds, and ends with the
// rights of its reader.
func TestStreamHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.Memory(t))
		l := w.listen(authz.Stakeholder, "")
		time.Sleep(31 * time.Second)
		if n := strings.Count(l.said(), ": still here\n\n"); n != 2 {
			t.Errorf("%d heartbeats in 31 seconds: %q", n, l.said())
		}
		if err := w.access.DisableAccount(t.Context(), w.now, w.who(authz.Admin), w.accounts[authz.Stakeholder].ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(15 * time.Second)
		select {
		case <-l.ended:
		default:
			t.Error("the stream outlived the account")
		}
	})
}

// slow is a reader whose line is full.
type slow struct {
	*httptest.ResponseRecorder
	deadline time.Time
	after    int
}

func (s *slow) SetWriteDeadline(t time.Time) error { s.deadline = t; return nil }

func (s *slow) Write(b []byte) (int, error) {
	if s.after--; s.after >= 0 {
		return s.ResponseRecorder.Write(b)
	}
	time.Sleep(time.Until(s.deadline))
	return 0, context.DeadlineExceeded
}

// A reader that does not read is dropped after ten seconds, and nobody waits
// for it meanwhile.
func TestStreamDropsTheSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.Memory(t))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, route.Prefix+"/stream", nil)
			bearer(w.tokens[authz.Stakeholder])(r)
			w.http.ServeHTTP(&slow{ResponseRecorder: httptest.NewRecorder(), after: 1}, r)
		}()
		synctest.Wait()
		w.as(authz.Admin, "POST", "/people", `{"id":"ana","name":"Ana"}`).status(http.StatusCreated, "a change")
		began := time.Now()
		<-ended
		if took := time.Since(began); took > live.Writing+live.Gathering || took < live.Writing {
			t.Errorf("dropped after %s", took)
		}
		if n := w.api.opt.Changes.Readers(); n != 0 {
			t.Errorf("%d readers are still told", n)
		}
	})
}
