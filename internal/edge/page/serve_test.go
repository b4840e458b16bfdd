package page

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/domain/status"
)

func TestMethods(t *testing.T) {
	h := handler(sample())
	for _, m := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(m, "/", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s / = %d, Allow %q; want 405 and GET, HEAD", m, w.Code, w.Header().Get("Allow"))
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/", nil))
	full := get(t, h, "/")
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != full.Header().Get("Content-Length") {
		t.Errorf("HEAD / = %d with %d bytes, Content-Length %q; want that of GET and no body", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

func TestUnknownAddresses(t *testing.T) {
	h := handler(sample())
	for _, path := range []string{"/incidents/nothing-here", "/incidents/", "/admin", "/../etc/passwd", "/page/snapshot.json"} {
		if w := get(t, h, path); w.Code != 404 || !strings.Contains(w.Body.String(), "There is nothing at this address") {
			t.Errorf("GET %s = %d; want the 404 page", path, w.Code)
		}
	}
	if w := get(t, h, "/api/v2/people.json"); w.Code != 404 || w.Header().Get("Content-Type") != jsonType {
		t.Errorf("unknown API document = %d %s; want 404 in JSON", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestConditionalAndGzip(t *testing.T) {
	h := handler(sample())
	for _, path := range []string{"/", "/history", "/history.atom", "/history.rss", "/api/v2/summary.json"} {
		plain := get(t, h, path)
		zipped := get(t, h, path, "Accept-Encoding", "br, gzip")
		if zipped.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(zipped.Header().Get("Vary"), "Accept-Encoding") {
			t.Fatalf("%s: gzip not used or Vary missing: %v", path, zipped.Header())
		}
		zr, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(zr); string(b) != plain.Body.String() {
			t.Errorf("%s: gzip holds something else than the plain body", path)
		}
		if get(t, h, path, "Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: gzip;q=0 was not respected", path)
		}
		if plain.Header().Get("Etag") == zipped.Header().Get("Etag") {
			t.Errorf("%s: both encodings share a strong entity tag", path)
		}
		for _, tag := range []string{plain.Header().Get("Etag"), zipped.Header().Get("Etag"), `"other", W/` + plain.Header().Get("Etag"), "*"} {
			if w := get(t, h, path, "If-None-Match", tag); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("Etag") == "" {
				t.Errorf("%s with If-None-Match %s = %d, %d bytes; want 304", path, tag, w.Code, w.Body.Len())
			}
		}
		if w := get(t, h, path, "If-None-Match", `"other"`); w.Code != 200 {
			t.Errorf("%s with a foreign tag = %d, want 200", path, w.Code)
		}
	}
}

func TestStaleBanner(t *testing.T) {
	s := sample()
	clock := s.GeneratedAt.Add(StaleAfter)
	h := New(Options{Source: func() *status.Snapshot { return s }, Now: func() time.Time { return clock }})
	const words = "This page may be out of date."
	fresh := get(t, h, "/")
	json := get(t, h, "/api/v2/status.json").Body.String()
	if strings.Contains(fresh.Body.String(), words) {
		t.Fatal("banner at exactly 60 s; want it after")
	}
	clock = clock.Add(time.Second)
	for _, path := range pages() {
		w := get(t, h, path)
		if n := strings.Count(w.Body.String(), words); n != 1 {
			t.Errorf("%s: %d stale banners, want 1", path, n)
		}
		if !strings.Contains(w.Body.String(), `<time datetime="2026-05-14T10:14:25Z">14 May 2026, 10:14 UTC</time>`) {
			t.Errorf("%s: the banner does not say when the last update was", path)
		}
	}
	if get(t, h, "/").Header().Get("Etag") == fresh.Header().Get("Etag") {
		t.Error("the stale page has the fresh page's entity tag")
	}
	if got := get(t, h, "/api/v2/status.json").Body.String(); got != json {
		t.Errorf("JSON changed with age: %s", got)
	}
	next := *s
	next.GeneratedAt = clock
	s = &next
	if strings.Contains(get(t, h, "/").Body.String(), words) {
		t.Error("the banner stays after a new heartbeat")
	}
}

func TestHeartbeatKeepsEntityTags(t *testing.T) {
	var p atomic.Pointer[status.Snapshot]
	s := sample()
	p.Store(s)
	h := New(Options{Source: p.Load, Now: func() time.Time { return now }})
	tag := get(t, h, "/").Header().Get("Etag")
	beat := *s
	beat.GeneratedAt = s.GeneratedAt.Add(4 * time.Second)
	p.Store(&beat)
	if got := get(t, h, "/").Header().Get("Etag"); got != tag {
		t.Errorf("a heartbeat changed the page: %s, was %s", got, tag)
	}
}

func TestNewSnapshotIsSeenByTheNextReader(t *testing.T) {
	var p atomic.Pointer[status.Snapshot]
	p.Store(sample())
	h := New(Options{Source: p.Load, Now: func() time.Time { return now }})
	next, err := p.Load().Post(status.Post{IncidentID: "q7xk2m9vd4ra", UpdateID: "u9", Status: status.Resolved, Body: "Everyone can sign in again."}, now)
	if err != nil {
		t.Fatal(err)
	}
	p.Store(next)
	if !strings.Contains(get(t, h, "/").Body.String(), "Everyone can sign in again.") {
		t.Error("the update is not on the page")
	}
}

func TestBadSnapshotKeepsTheLastGoodPage(t *testing.T) {
	var p atomic.Pointer[status.Snapshot]
	p.Store(sample())
	h := New(Options{Source: p.Load, Now: func() time.Time { return now }})
	before := get(t, h, "/").Body.String()
	bad := sample().Clone()
	bad.Incidents[0].Impact = "terrible"
	p.Store(bad)
	for range 2 {
		if h.Tick(now) == nil {
			t.Fatal("Tick accepted an impact that does not exist")
		}
	}
	if got := get(t, h, "/"); got.Code != 200 || got.Body.String() != before {
		t.Errorf("GET / = %d; want the last good page", got.Code)
	}
}

func TestWithoutSnapshot(t *testing.T) {
	h := handler(nil)
	for _, path := range []string{"/", "/history", "/api/v2/status.json", "/healthz"} {
		if w := get(t, h, path); w.Code != http.StatusServiceUnavailable {
			t.Errorf("GET %s = %d, want 503", path, w.Code)
		}
	}
	if w := get(t, handler(sample()), "/healthz"); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("healthz = %d %q, want ok", w.Code, w.Body.String())
	}
}
