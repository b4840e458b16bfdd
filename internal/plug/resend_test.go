package plug_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"allclear/internal/plug"
)

// A kept connection that breaks after the message went out leaves open whether the
// peer has it. The transport does not send it again by itself, whatever the method
// and whatever key goes along: the delivery hears Unknown and decides.
func TestTheTransportSendsNothingTwice(t *testing.T) {
	for _, c := range []struct{ method, key string }{
		{http.MethodPost, "Idempotency-Key"},
		{http.MethodPost, "X-Idempotency-Key"},
		{http.MethodPut, "Idempotency-Key"},
		{http.MethodGet, "Idempotency-Key"}, // a gateway that sends text messages so
		{http.MethodPost, "X-Other"},
	} {
		t.Run(c.method+" "+c.key, func(t *testing.T) {
			// A connection that is hung up says nothing, so that nothing but the lock orders
			// what the peer noted before what is read here.
			var mu sync.Mutex
			var got []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || len(r.TransferEncoding) > 0 {
					t.Errorf("%v, sent in chunks: %v", err, r.TransferEncoding)
				}
				mu.Lock()
				defer mu.Unlock()
				got = append(got, r.Header.Get(c.key)+" "+string(body))
				if len(got) == 2 {
					conn, _, err := w.(http.Hijacker).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					_ = conn.Close()
				}
			}))
			defer srv.Close()
			h := client(plug.HTTPOptions{})
			r := plug.Request{Method: c.method, URL: srv.URL, Header: http.Header{c.key: {"k"}}, Body: []byte("m")}
			if c.method == http.MethodGet {
				r.Body = nil
			}
			if _, err := h.Do(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Do(t.Context(), r); err == nil || kindOf(err) != plug.Unknown {
				t.Errorf("the connection broke: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if want := []string{"k " + string(r.Body), "k " + string(r.Body)}; !slices.Equal(got, want) {
				t.Errorf("it arrived as %q, want %q", got, want)
			}
		})
	}
}

// The key that a peer may know goes along to wherever it says the message belongs,
// with the message.
func TestAKeyGoesAlongARedirect(t *testing.T) {
	var got string
	final := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Header.Get("Idempotency-Key") + " " + string(body)
	}))
	defer final.Close()
	first := httptest.NewServer(http.RedirectHandler(final.URL, http.StatusPermanentRedirect))
	defer first.Close()
	ans, err := client(plug.HTTPOptions{}).Do(t.Context(), plug.Request{URL: first.URL, Header: http.Header{"Idempotency-Key": {"k"}}, Body: []byte("m")})
	if err != nil || !ans.OK() || got != "k m" {
		t.Errorf("%v %d, arrived as %q", err, ans.Status, got)
	}
}
