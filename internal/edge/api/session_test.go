package api

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/authn"
	"allclear/internal/store/storetest"
)

func TestSessionOverHTTP(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.api.opt.PersonName = func(_ context.Context, id string) string { return map[string]string{"responder": "Renate"}[id] }
		g := w.do("POST", route.Prefix+"/session", `{"email":"responder@example.com","password":"`+pass+`"}`).status(http.StatusOK, "sign in")
		if m := decode[Session](g); m.Actor != "responder" || m.Role != authz.Responder || m.Via != "session" || m.Account == nil || m.Account.Email != "responder@example.com" || m.Account.PersonID != "responder" || m.Account.Name != "Renate" || !m.Expires.Equal(start.Add(7*24*time.Hour)) {
			t.Errorf("me: %+v", m)
		}
		cookies := g.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%d cookies", len(cookies))
		}
		c := cookies[0]
		if c.Name != authn.Cookie || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure || c.MaxAge != 7*24*3600 {
			t.Errorf("cookie: %+v", c)
		}
		if strings.Contains(g.Body.String(), c.Value) || strings.Contains(w.log.String(), c.Value) {
			t.Error("the session is in the body or in the log")
		}
		w.do("GET", route.Prefix+"/session", "", cookie(c.Value)).status(http.StatusOK, "who am I")
		w.do("HEAD", route.Prefix+"/session", "", cookie(c.Value)).status(http.StatusOK, "who am I, briefly")
		out := w.do("DELETE", route.Prefix+"/session", "", cookie(c.Value)).status(http.StatusNoContent, "sign out")
		if gone := out.Result().Cookies(); len(gone) != 1 || gone[0].MaxAge >= 0 || gone[0].Value != "" {
			t.Errorf("clearing: %+v", gone)
		}
		w.do("GET", route.Prefix+"/session", "", cookie(c.Value)).status(http.StatusUnauthorized, "after signing out")
		w.do("DELETE", route.Prefix+"/session", "", bearer(w.tokens[authz.Admin])).status(http.StatusConflict, "a token signs out")
		m := decode[Session](w.do("GET", route.Prefix+"/session", "", bearer(w.tokens[authz.Auditor])).status(http.StatusOK, "a token's"))
		if m.Via != "token" || m.Actor != "auditor" || !m.Expires.IsZero() {
			t.Errorf("a token is %+v", m)
		}
	})
}

func TestCookieIsSecureOverTLS(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	in := `{"email":"admin@example.com","password":"` + pass + `"}`
	g := w.do("POST", route.Prefix+"/session", in, func(r *http.Request) { r.TLS = &tls.ConnectionState{} })
	if c := g.Result().Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("over TLS: %+v", c)
	}
	w.api.opt.Authn = authn.New(w.access, true)
	if c := w.do("POST", route.Prefix+"/session", in).Result().Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("behind a proxy that ends TLS: %+v", c)
	}
}

// Wrong passwords are 401 and then 429 with the time to wait; a session that
// exists goes on.
func TestGuessingOverHTTP(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	in := `{"email":"responder@example.com","password":"wrong"}`
	for range 10 {
		w.do("POST", route.Prefix+"/session", in).status(http.StatusUnauthorized, "a guess")
	}
	g := w.do("POST", route.Prefix+"/session", in).status(http.StatusTooManyRequests, "one too many")
	if g.Header().Get("Retry-After") != "900" {
		t.Errorf("told to wait %q seconds", g.Header().Get("Retry-After"))
	}
	w.do("GET", route.Prefix+"/session", "", cookie(w.sessions[authz.Responder])).status(http.StatusOK, "the session that exists")
}

// Everything that is not a page says so, is not kept by caches and names its
// request.
func TestHeadersOfAnswers(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	for _, g := range []got{
		w.do("GET", route.Prefix+"/session", "", bearer(w.tokens[authz.Admin])),
		w.do("GET", route.Prefix+"/session", ""),
		w.do("GET", route.Prefix+"/nothing", ""),
	} {
		h := g.Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
		} {
			if h.Get(name) != want {
				t.Errorf("%d: %s is %q", g.Code, name, h.Get(name))
			}
		}
		if g.Code != http.StatusNotFound && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%d: Cache-Control is %q", g.Code, h.Get("Cache-Control"))
		}
		if h.Get("X-Request-Id") == "" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%d: %v", g.Code, h)
		}
	}
}

// The log names route and person, and holds no credential.
func TestLogHasNoSecrets(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.do("GET", route.Prefix+"/accounts?cursor=canary", "", bearer(w.tokens[authz.Admin]), header("X-Request-Id", "forged"))
	w.do("GET", route.Prefix+"/accounts/canary", "", cookie(w.sessions[authz.Admin]))
	log := w.log.String()
	for _, want := range []string{"GET /api/v1/accounts/{id}", "actor=admin", "status=404"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q:\n%s", want, log)
		}
	}
	for _, canary := range []string{"canary", "forged", w.tokens[authz.Admin], w.sessions[authz.Admin]} {
		if strings.Contains(log, canary) {
			t.Errorf("the log has %.10s...", canary)
		}
	}
}
