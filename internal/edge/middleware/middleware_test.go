package middleware

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func request(t *testing.T, method, path string) *http.Request {
	return httptest.NewRequestWithContext(t.Context(), method, path, nil)
}

func logger() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), &b
}

func fixed() time.Time { return time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC) }

func TestPanicBecomesAProblem(t *testing.T) {
	log, text := logger()
	h := Console(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("canary") }), log, fixed)
	rec := serve(h, request(t, "GET", "/x"))
	var p map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != 500 || p["code"] != "internal" || p["request"] == "" {
		t.Errorf("%d %s: %v", rec.Code, rec.Body, err)
	}
	if strings.Contains(rec.Body.String(), "canary") {
		t.Error("the cause was shown")
	}
	for _, want := range []string{"cause=canary", "middleware_test.go", "status=500"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the log has no %q", want)
		}
	}
}

// An answer that broke in the middle must not look whole: the connection is cut.
func TestPanicAfterTheFirstByteCutsTheAnswer(t *testing.T) {
	log, text := logger()
	h := Console(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"items":[`)
		panic("canary")
	}), log, fixed)
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Error("the answer ended as if it were whole")
		}
		if !strings.Contains(text.String(), "cause=canary") {
			t.Error("the cause is not in the log")
		}
	}()
	serve(h, request(t, "GET", "/x"))
}

func TestAbortPassesThrough(t *testing.T) {
	log, text := logger()
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) || strings.Contains(text.String(), "panicked") {
			t.Error("a wanted abort was taken for a failure")
		}
	}()
	serve(Console(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), log, fixed), request(t, "GET", "/x"))
}

func TestLogNamesPatternsOnly(t *testing.T) {
	log, text := logger()
	h := Console(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		NoteRoute(r.Context(), "POST /hooks/{source}/{key}")
		NoteActor(r.Context(), "ana")
		w.WriteHeader(http.StatusTeapot)
	}), log, fixed)
	r := request(t, "POST", "/hooks/grafana/canary?token=canary")
	r.Header.Set("Authorization", "Bearer canary")
	r.Header.Set("Cookie", "allclear_session=canary")
	serve(h, r)
	got := text.String()
	if strings.Contains(got, "canary") || !strings.Contains(got, `route="POST /hooks/{source}/{key}"`) || !strings.Contains(got, "actor=ana") || !strings.Contains(got, "status=418") {
		t.Errorf("log: %s", got)
	}
}

func TestRequestIDIsOurs(t *testing.T) {
	seen := map[string]bool{}
	h := Identify()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen[RequestID(r.Context())] = true }))
	for range 100 {
		r := request(t, "GET", "/")
		r.Header.Set("X-Request-Id", "forged")
		if rec := serve(h, r); !seen[rec.Header().Get("X-Request-Id")] {
			t.Fatal("the answer names another id than the request has")
		}
	}
	if len(seen) != 100 || seen["forged"] || seen[""] {
		t.Errorf("%d different ids", len(seen))
	}
}

// What the console's page may load is this origin's, and nothing is inline but
// styles with this answer's nonce.
func TestPagePolicy(t *testing.T) {
	var nonces []string
	h := Stack(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { nonces = append(nonces, Nonce(r.Context())) }), Headers(), Page())
	for range 2 {
		rec := serve(h, request(t, "GET", "/"))
		nonce := nonces[len(nonces)-1]
		want := "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; connect-src 'self'; img-src 'self' data:; font-src 'self'; " +
			"manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
		if got := rec.Header().Values("Content-Security-Policy"); len(got) != 1 || got[0] != want {
			t.Errorf("policy %q", got)
		}
		if len(nonce) < 20 || rec.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("nonce %q, headers %v", nonce, rec.Header())
		}
	}
	if nonces[0] == nonces[1] {
		t.Error("two answers have one nonce")
	}
}

func TestSameSite(t *testing.T) {
	h := SameSite()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, tt := range []struct {
		method       string
		name, value  string
		bearer, pass bool
	}{
		{"POST", "Sec-Fetch-Site", "cross-site", false, false},
		{"DELETE", "Sec-Fetch-Site", "same-site", false, false},
		{"PATCH", "Origin", "https://evil.example", false, false},
		{"PUT", "Origin", "null", false, false},
		{"POST", "Sec-Fetch-Site", "cross-site", true, true},
		{"GET", "Sec-Fetch-Site", "cross-site", false, true},
		{"POST", "Sec-Fetch-Site", "same-origin", false, true},
		{"POST", "Origin", "http://example.com", false, true},
		{"POST", "X-Nothing", "", false, true},
	} {
		r := request(t, tt.method, "/")
		r.Header.Set(tt.name, tt.value)
		if tt.bearer {
			r.Header.Set("Authorization", "Bearer x")
		}
		rec := serve(h, r)
		if pass := rec.Code == http.StatusNoContent; pass != tt.pass || (!pass && rec.Code != http.StatusForbidden) {
			t.Errorf("%s with %s: %s, bearer %v: %d", tt.method, tt.name, tt.value, tt.bearer, rec.Code)
		}
	}
}

// A peer that sends its headers a byte at a time loses its connection.
func TestSlowHeadersLoseTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		l := &oneConn{conn: ours, done: make(chan struct{})}
		srv := Server(http.NotFoundHandler())
		go func() { _ = srv.Serve(l) }()
		began := time.Now()
		if _, err := io.WriteString(theirs, "GET / HTTP/1.1\r\nHost:"); err != nil {
			t.Fatal(err)
		}
		_, err := io.Copy(io.Discard, theirs)
		if took := time.Since(began); err != nil || took < 4*time.Second || took > 6*time.Second {
			t.Errorf("closed after %v: %v", took, err)
		}
		close(l.done)
		_ = srv.Close()
	})
}

// oneConn is a listener of one connection.
type oneConn struct {
	conn net.Conn
	done chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.done
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
