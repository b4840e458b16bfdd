package middleware

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
)

// Note is what the layers below tell the log about a request.
type note struct {
	id    string
	route string
	actor string
}

type noteKey struct{}

// idHeader carries the request's id to the caller.
const idHeader = "X-Request-Id"

// Identify gives each request an id of its own. An id sent by the caller is
// ignored: it could be made to look like somebody else's.
func Identify() Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var b [9]byte
			_, _ = rand.Read(b[:])
			n := &note{id: base64.RawURLEncoding.EncodeToString(b[:])}
			w.Header().Set(idHeader, n.id)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), noteKey{}, n)))
		})
	}
}

func noteOf(ctx context.Context) *note {
	n, _ := ctx.Value(noteKey{}).(*note)
	return n
}

// RequestID returns the request's id, empty outside of Identify.
func RequestID(ctx context.Context) string {
	if n := noteOf(ctx); n != nil {
		return n.id
	}
	return ""
}

// NoteRoute tells the log which route answers. Call it on the request's own
// goroutine, with the pattern and never with the path: paths may hold keys.
func NoteRoute(ctx context.Context, pattern string) {
	if n := noteOf(ctx); n != nil {
		n.route = pattern
	}
}

// NoteActor tells the log who asks: an id, never a credential.
func NoteActor(ctx context.Context, id string) {
	if n := noteOf(ctx); n != nil {
		n.actor = id
	}
}
