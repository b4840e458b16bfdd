package plug_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

func client(o plug.HTTPOptions) *plug.HTTP {
	o.Guard = plug.NewGuard(plugtest.Loopback()...)
	return plug.NewHTTP(o)
}

func kindOf(err error) plug.FailureKind { return plug.FailureOf(err).Kind }

func TestAnswerIsCapped(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.Copy(w, io.LimitReader(endless{}, 1<<20))
	}))
	defer srv.Close()
	ans, err := client(plug.HTTPOptions{}).Do(t.Context(), plug.Request{URL: srv.URL})
	if err != nil || len(ans.Body) != plug.MaxAnswer {
		t.Fatalf("got %d bytes and %v, want %d", len(ans.Body), err, plug.MaxAnswer)
	}
	if n := len([]rune(ans.Brief())); n != plug.MaxEcho {
		t.Errorf("the brief has %d characters, want %d", n, plug.MaxEcho)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte("ab\x00\r\n\xff "), len(p)/7+1))
	return len(p), nil
}

func TestRedirectRules(t *testing.T) {
	var got []string
	final := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+string(body)+" auth="+r.Header.Get("Authorization")+" key="+r.Header.Get("X-Api-Key")+" ref="+r.Referer()+" sig="+r.Header.Get("Webhook-Signature"))
	}))
	defer final.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/1", "/2", "/3":
			http.Redirect(w, r, "/"+string(r.URL.Path[1]+1), http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		case "/see-other":
			http.Redirect(w, r, final.URL, http.StatusSeeOther)
		case "/away":
			http.Redirect(w, r, final.URL+"/x", http.StatusPermanentRedirect)
		}
	}))
	defer first.Close()
	h := client(plug.HTTPOptions{})
	do := func(method, path string) (plug.Answer, error) {
		return h.Do(t.Context(), plug.Request{
			Method: method, URL: first.URL + path, Body: []byte("m"),
			Header: http.Header{"Authorization": {"Bearer s"}, "X-Api-Key": {"s"}, "Webhook-Signature": {"v1,x"}},
		})
	}
	if ans, err := do("POST", "/1"); err != nil || !ans.OK() {
		t.Errorf("three redirects: %v %v", ans.Status, err)
	}
	if _, err := do("POST", "/loop"); err == nil || kindOf(err) != plug.Permanent {
		t.Errorf("loop: %v", err)
	}
	if _, err := do("POST", "/see-other"); err == nil || kindOf(err) != plug.Permanent || len(got) != 0 {
		t.Errorf("POST must not become GET: %v %v", err, got)
	}
	if _, err := do("POST", "/away"); err != nil {
		t.Fatal(err)
	}
	if want := "POST m auth= key= ref= sig=v1,x"; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTLSRules(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the message arrived without encryption") }))
	defer plain.Close()
	srv := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusTemporaryRedirect))
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	if _, err := client(plug.HTTPOptions{RootCAs: roots}).Do(t.Context(), plug.Request{URL: srv.URL}); !errors.Is(err, plug.ErrForbidden) || kindOf(err) != plug.Permanent {
		t.Errorf("downgrade: %v", err)
	}
	if _, err := client(plug.HTTPOptions{}).Do(t.Context(), plug.Request{URL: srv.URL}); err == nil || kindOf(err) != plug.Retry {
		t.Errorf("certificate of a stranger: %v", err)
	}
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.Config.ErrorLog = nil
	old.StartTLS()
	defer old.Close()
	roots.AddCert(old.Certificate())
	if _, err := client(plug.HTTPOptions{RootCAs: roots}).Do(t.Context(), plug.Request{URL: old.URL}); err == nil || kindOf(err) != plug.Retry {
		t.Errorf("TLS 1.1: %v", err)
	}
}

func TestProxyOfTheEnvironmentIsIgnored(t *testing.T) {
	asked := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer proxy.Close()
	for _, k := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(k, proxy.URL)
	}
	g, _ := trap(hosts)
	_, err := plug.NewHTTP(plug.HTTPOptions{Guard: g}).Do(t.Context(), plug.Request{URL: "http://good.example/"})
	if !errors.Is(err, errDialled) || asked {
		t.Errorf("got %v, proxy asked: %v", err, asked)
	}
}

// TestErrorsNameTheHostOnly: tokens in path and query stay out of errors.
func TestErrorsNameTheHostOnly(t *testing.T) {
	const token = "T0123456789abcdefTOKEN"
	g, _ := trap(hosts)
	h := plug.NewHTTP(plug.HTTPOptions{Guard: g})
	for _, u := range []string{"http://good.example/services/" + token, "http://good.example/?key=" + token, "http://10.0.0.1/" + token, "http://nowhere.example/" + token, "http://good.example/%zz" + token} {
		_, err := h.Do(t.Context(), plug.Request{URL: u})
		if err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", u, err)
		}
	}
}

func TestTimeLimit(t *testing.T) {
	quit := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-quit }))
	defer srv.Close()
	defer close(quit)
	_, err := client(plug.HTTPOptions{Timeout: 50 * time.Millisecond}).Do(t.Context(), plug.Request{URL: srv.URL})
	if err == nil || kindOf(err) != plug.Unknown {
		t.Errorf("after the request went out: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(plug.HTTPOptions{}).Do(ctx, plug.Request{URL: srv.URL}); err == nil || kindOf(err) != plug.Retry {
		t.Errorf("before anything went out: %v", err)
	}
}

func TestClean(t *testing.T) {
	long := strings.Repeat("日", 400)
	for _, c := range []struct{ in, secret, want string }{
		{"token abcd1234 here", "abcd1234", "token •••• here"},
		{"a%2Fb%3Dsecret", "a/b=secret", "••••"},
		{"Basic dXNlcjpwYXNzd29yZA==", "user:password", "Basic ••••"},
		{"line\r\none\x00\x1b[31m\u202e", "", "line one [31m"},
		{"short abc", "abc", "short abc"},
		{long, "", strings.Repeat("日", plug.MaxEcho-1) + "…"},
		{strings.Repeat("日", plug.MaxEcho-1), "", strings.Repeat("日", plug.MaxEcho-1)},
		{"bad \xff utf8", "", "bad utf8"},
	} {
		if got := plug.Clean(c.in, secret.String(c.secret)); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
	if got := plug.Redact("abcd1234efgh", "abcd1234", "abcd1234efgh"); got != "••••" {
		t.Errorf("a longer secret leaks its end: %q", got)
	}
}

// A peer that somebody else named sends us nowhere.
func TestStillFollowsNoRedirect(t *testing.T) {
	followed := false
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path == "/there"
		http.Redirect(w, r, "/there", http.StatusFound)
	}))
	defer srv.Close()
	ans, err := client(plug.HTTPOptions{}).Do(t.Context(), plug.Request{Method: http.MethodGet, URL: srv.URL, Still: true})
	if err != nil || ans.Status != http.StatusFound || followed {
		t.Errorf("%v %d, followed: %v", err, ans.Status, followed)
	}
}
