package plug_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// A document is fetched whole or not at all, and only when it is another.
func TestFetch(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 03:00:00 GMT")
		w.Header().Set("ETag", `"`+strings.Repeat("e", 600)+`"`)
		switch {
		case r.Header.Get("If-Modified-Since") != "":
			w.WriteHeader(http.StatusNotModified)
		case r.URL.Path == "/never":
			w.WriteHeader(http.StatusNotModified)
		case r.URL.Path == "/gone":
			http.Error(w, "no such "+r.URL.String(), http.StatusGone)
		case r.URL.Path == "/long":
			_, _ = w.Write([]byte(strings.Repeat("x", 101)))
		default:
			_, _ = w.Write([]byte(r.Header.Get("Accept")))
		}
	}))
	defer srv.Close()
	h := client(plug.HTTPOptions{Answer: 100})
	get := func(path string, seen plug.Seen) (plug.Fetched, error) {
		return h.Fetch(t.Context(), secret.String(srv.URL+path), "text/calendar", seen)
	}
	got, err := get("/a", plug.Seen{})
	if err != nil || string(got.Body) != "text/calendar" || got.Unchanged || got.Seen.Modified == "" || got.Seen.ETag != "" {
		t.Errorf("first: %+v, %v", got, err)
	}
	if again, err := get("/a", got.Seen); err != nil || !again.Unchanged || again.Seen != got.Seen {
		t.Errorf("again: %+v, %v", again, err)
	}
	for path, says := range map[string]string{"/gone?key=short": "410 Gone", "/long": "longer than 100 bytes", "/never": "304"} {
		if _, err := get(path, plug.Seen{}); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "key=") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A token to sign in with is sent, is in no error, and goes to no other host; a
// server that asks for patience is waited for, in either way of asking.
func TestFetchSignsIn(t *testing.T) {
	const token = "0123456789abcdef-token"
	var got []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Header.Get("Authorization")) }))
	defer other.Close()
	answers := map[string]func(http.ResponseWriter){
		"/ok":  func(w http.ResponseWriter) {},
		"/401": func(w http.ResponseWriter) { http.Error(w, token, http.StatusUnauthorized) },
		"/after": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "300")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"/reset": func(w http.ResponseWriter) {
			w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(time.Now().Add(10*time.Minute).Unix(), 10))
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"/away": func(w http.ResponseWriter) {
			w.Header().Set("Location", strings.Replace(other.URL, "127.0.0.1", "localhost", 1))
			w.WriteHeader(http.StatusFound)
		},
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			t.Errorf("%s: signed in with %q", r.URL.Path, r.Header.Get("Authorization"))
		}
		answers[r.URL.Path](w)
	}))
	defer srv.Close()
	h := plug.NewHTTP(plug.HTTPOptions{Guard: plug.NewGuard(plugtest.Loopback()...)})
	for path, want := range map[string]plug.Failure{
		"/401": {Kind: plug.Permanent, Ours: true}, "/after": {Kind: plug.Retry, RetryAfter: 5 * time.Minute}, "/reset": {Kind: plug.Retry, RetryAfter: 10 * time.Minute},
	} {
		_, err := h.FetchAs(t.Context(), secret.String(srv.URL+path), token, "*/*", plug.Seen{})
		f := plug.FailureOf(err)
		if f == nil || f.Kind != want.Kind || f.Ours != want.Ours || (f.RetryAfter-want.RetryAfter).Abs() > 2*time.Second || strings.Contains(f.Error(), token) {
			t.Errorf("%s: %+v", path, f)
		}
	}
	for _, path := range []string{"/ok", "/away"} {
		if _, err := h.FetchAs(t.Context(), secret.String(srv.URL+path), token, "*/*", plug.Seen{}); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if len(got) != 1 || got[0] != "" {
		t.Errorf("elsewhere: %q", got)
	}
}
