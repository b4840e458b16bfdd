package plug_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
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
