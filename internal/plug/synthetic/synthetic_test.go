package synthetic_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/check"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/synthetic"
)

func loopback() *plug.Guard { return plug.NewGuard(netip.MustParsePrefix("127.0.0.0/8")) }

func span(t *testing.T, s string) recur.Span {
	t.Helper()
	out, err := recur.ParseSpan(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func try(t *testing.T, o synthetic.Options, c check.Check) check.Result {
	t.Helper()
	if o.Guard == nil {
		o.Guard = loopback()
	}
	c.Every = span(t, "1m")
	if c.Timeout.IsZero() {
		c.Timeout = span(t, "1s")
	}
	return synthetic.New(o).Try(t.Context(), c, time.Now())
}

// wants compares a result: why empty means up.
func wants(t *testing.T, name string, r check.Result, why string) {
	t.Helper()
	if r.Up != (why == "") || !strings.Contains(r.Why, why) || why == "" && r.Why != "" {
		t.Errorf("%s: up %v, %q, want %q", name, r.Up, r.Why, why)
	}
}

// Clauses: PLT-APP-API
func TestWebAddresses(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "all is well, %s %s %s", r.Method, r.Header.Get("Accept-Language"), r.UserAgent())
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "it is broken", http.StatusServiceUnavailable)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	})
	mux.HandleFunc("/late", func(http.ResponseWriter, *http.Request) { <-time.After(300 * time.Millisecond) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/inside", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	for _, tt := range []struct {
		path   string
		change func(c *check.Check)
		why    string
	}{
		{"/ok", nil, ""},
		{"/ok", func(c *check.Check) {
			c.Has, c.Headers = []string{"GET de Allclear/"}, []check.Header{{Name: "Accept-Language", Value: "de"}}
		}, ""},
		{"/ok", func(c *check.Check) { c.Method, c.Has = "PUT", []string{"PUT"} }, ""},
		{"/ok", func(c *check.Check) { c.Lacks = []string{"well"} }, `the body has "well"`},
		{"/ok", func(c *check.Check) { c.Has = []string{"better"} }, `the body lacks "better"`},
		{"/ok", func(c *check.Check) { c.Status = []string{"404"} }, "the answer is 200 OK, want 404"},
		{"/none", func(c *check.Check) { c.Status = []string{"404"} }, ""},
		{"/broken", nil, "the answer is 503 Service Unavailable, want 200-299"},
		{"/slow", nil, "no answer within 1s"},
		{"/moved", func(c *check.Check) { c.Has = []string{"well"} }, ""},
		{"/inside", nil, "not allowed"},
		{"/endless", func(c *check.Check) { c.Has = []string{"x"} }, `the body lacks "x", as far as it was read: 1048576 bytes`},
	} {
		c := check.Check{ID: "c", Type: check.HTTP, Target: srv.URL + tt.path}
		if tt.change != nil {
			tt.change(&c)
		}
		r := try(t, synthetic.Options{}, c)
		wants(t, tt.path, r, tt.why)
		if r.Took <= 0 || r.Took > 3*time.Second {
			t.Errorf("%s took %v", tt.path, r.Took)
		}
	}
	if r := try(t, synthetic.Options{}, check.Check{ID: "c", Type: check.HTTP, Target: srv.URL + "/late"}); !r.Up || r.Took < 300*time.Millisecond {
		t.Errorf("late by 300 ms: %+v", r)
	}
	r := try(t, synthetic.Options{Guard: plug.NewGuard()}, check.Check{ID: "c", Type: check.HTTP, Target: srv.URL + "/ok"})
	wants(t, "without --allow-outbound", r, "not allowed")
	srv.Close()
	wants(t, "nobody there", try(t, synthetic.Options{}, check.Check{ID: "c", Type: check.HTTP, Target: srv.URL}), "refused")
}

func TestConnections(t *testing.T) {
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := check.Check{ID: "c", Type: check.TCP, Target: l.Addr().String()}
	wants(t, "open", try(t, synthetic.Options{}, c), "")
	wants(t, "forbidden", try(t, synthetic.Options{Guard: plug.NewGuard()}, c), "not allowed")
	l.Close()
	wants(t, "closed", try(t, synthetic.Options{}, c), "refused")
}

func TestCertificates(t *testing.T) {
	const day = 24 * time.Hour
	serve := func(left time.Duration) (string, *x509.CertPool) {
		cert, pool := plugtest.Certificate(t, x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-100 * day), NotAfter: time.Now().Add(left)})
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		srv.StartTLS()
		t.Cleanup(srv.Close)
		return strings.TrimPrefix(srv.URL, "https://"), pool
	}
	at, pool := serve(10*day + time.Hour)
	for _, typ := range []string{check.TLS, check.HTTP} {
		c := check.Check{ID: "c", Type: typ, Target: map[string]string{check.TLS: at, check.HTTP: "https://" + at}[typ]}
		r := try(t, synthetic.Options{RootCAs: pool}, c)
		wants(t, typ, r, "")
		if left := time.Until(r.Until); left < 10*day || left > 11*day {
			t.Errorf("%s: certificate ends in %v", typ, left)
		}
		c.MinDays = 10
		wants(t, typ, try(t, synthetic.Options{RootCAs: pool}, c), "")
		c.MinDays = 11
		wants(t, typ, try(t, synthetic.Options{RootCAs: pool}, c), "the certificate ends in 10 days, want 11")
		wants(t, typ+" of an unknown authority", try(t, synthetic.Options{}, c), "unknown authority")
	}
	at, pool = serve(-time.Hour)
	wants(t, "over", try(t, synthetic.Options{RootCAs: pool}, check.Check{ID: "c", Type: check.TLS, Target: at}), "expired")
}

func TestNames(t *testing.T) {
	at := nameserver(t)
	for _, tt := range []struct {
		name, record string
		answers      []string
		why          string
	}{
		{"www.example.com", "", nil, ""},
		{"www.example.com", "A", []string{"192.0.2.1"}, ""},
		{"www.example.com", "A", []string{"192.0.2.1", "192.0.2.9"}, `the answers lack "192.0.2.9": got 192.0.2.1`},
		{"www.example.com", "TXT", []string{"v=spf1 -all"}, ""},
		{"www.example.com", "TXT", []string{"V=SPF1 -ALL"}, "the answers lack"},
		{"none.example.com", "A", nil, "there is no such record"},
	} {
		c := check.Check{ID: "c", Type: check.DNS, Target: tt.name, Record: tt.record, Answers: tt.answers, Server: at}
		wants(t, tt.name+" "+tt.record, try(t, synthetic.Options{}, c), tt.why)
	}
	c := check.Check{ID: "c", Type: check.DNS, Target: "www.example.com", Server: at}
	wants(t, "forbidden", try(t, synthetic.Options{Guard: plug.NewGuard()}, c), "not allowed")
}

// What is asked while the program stops says nothing about the target, and ends.
func TestStopping(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r := synthetic.New(synthetic.Options{Guard: loopback()}).Try(ctx, check.Check{ID: "c", Type: check.TCP, Target: "127.0.0.1:9", Every: span(t, "1m")}, time.Now())
	if r.Up {
		t.Errorf("%+v", r)
	}
}
