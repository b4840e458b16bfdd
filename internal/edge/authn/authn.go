// Package authn owns how a request says who makes it: the session cookie of the
// console and the bearer token of programs. It must not decide what the caller
// may do, and it never falls back from one credential to another.
package authn

import (
	"net/http"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/flow/access"
)

// Cookie is the name of the console's session cookie.
const Cookie = "allclear_session"

// Authn resolves callers. Make it with New.
type Authn struct {
	access *access.Access
	secure bool
}

// New returns an Authn. Secure says that browsers reach the console by https
// alone, so that the cookie must never travel otherwise; without it the cookie
// is secure whenever the request came by TLS.
func New(a *access.Access, secure bool) *Authn { return &Authn{access: a, secure: secure} }

// Identify says who makes the request. An Authorization header counts alone:
// when it is wrong, the cookie is not asked. The error is of kind
// fault.Unauthenticated, also when there is no credential.
func (a *Authn) Identify(r *http.Request, now time.Time) (access.Identity, error) {
	if values := r.Header.Values("Authorization"); len(values) > 0 {
		scheme, token, _ := strings.Cut(values[0], " ")
		if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") {
			return access.Identity{}, fault.New(fault.Unauthenticated, "send one Authorization header: Bearer and a token")
		}
		return a.access.ByToken(r.Context(), now, strings.TrimSpace(token))
	}
	token := Session(r)
	if token == "" {
		return access.Identity{}, fault.New(fault.Unauthenticated, "sign in, or send an API token as Authorization: Bearer")
	}
	return a.access.BySession(r.Context(), now, token)
}

// Session returns the session token of the request's cookie, empty without one
// or with two, of which nobody knows which was set by us.
func Session(r *http.Request) string {
	cookies := r.CookiesNamed(Cookie)
	if len(cookies) != 1 {
		return ""
	}
	return cookies[0].Value
}

// Set returns the cookie that keeps a session in the browser.
func (a *Authn) Set(r *http.Request, s *access.Session, now time.Time) *http.Cookie {
	c := a.cookie(r)
	c.Value = s.Token.Reveal()
	c.Expires = s.Expires
	c.MaxAge = int(s.Expires.Sub(now) / time.Second)
	return c
}

// Clear returns the cookie that makes the browser forget its session.
func (a *Authn) Clear(r *http.Request) *http.Cookie {
	c := a.cookie(r)
	c.MaxAge = -1
	return c
}

func (a *Authn) cookie(r *http.Request) *http.Cookie {
	return &http.Cookie{
		Name: Cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: a.secure || r.TLS != nil,
	}
}
