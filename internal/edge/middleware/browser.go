package middleware

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// Headers sets what is right for answers that are data and never a page.
func Headers() Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
			common(h)
			next.ServeHTTP(w, r)
		})
	}
}

func common(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
}

type nonceKey struct{}

// Page sets the headers of the console's own pages: scripts, styles, fonts and
// data from this origin alone, nothing inline. The component library writes
// <style> elements at run time, so each answer carries a fresh nonce for those;
// the page hands it on (see Nonce). Styles set through the DOM need none.
func Page() Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var b [16]byte
			_, _ = rand.Read(b[:])
			nonce := base64.RawStdEncoding.EncodeToString(b[:])
			h := w.Header()
			h.Set("Content-Security-Policy", strings.Join([]string{
				"default-src 'none'",
				"script-src 'self'",
				"style-src 'self' 'nonce-" + nonce + "'",
				"connect-src 'self'",
				"img-src 'self' data:",
				"font-src 'self'",
				"manifest-src 'self'",
				"worker-src 'self'",
				"frame-ancestors 'none'",
				"base-uri 'none'",
				"form-action 'self'",
			}, "; "))
			common(h)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), nonceKey{}, nonce)))
		})
	}
}

// Nonce returns what a page writes into <meta name="csp-nonce" content="...">
// for its script to give to the component library; empty outside of Page. A
// page that holds it must not be cached.
func Nonce(ctx context.Context) string {
	s, _ := ctx.Value(nonceKey{}).(string)
	return s
}

// SameSite refuses requests that change something and come from another site's
// page. Requests with an Authorization header are let through: a browser adds
// none by itself. Methods that change nothing pass, and so do callers that are
// no browser (no Origin and no Sec-Fetch-Site).
func SameSite() Layer {
	guard := http.NewCrossOriginProtection()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				if err := guard.Check(r); err != nil {
					problem(w, r, http.StatusForbidden, "cross_site", "this request comes from another site's page")
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// problem writes the shape of all errors (RFC 9457) where no route has begun.
func problem(w http.ResponseWriter, r *http.Request, status int, code, detail string) {
	body, err := json.Marshal(map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status,
		"code": code, "detail": detail, "request": RequestID(r.Context()),
	})
	if err != nil {
		body = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
