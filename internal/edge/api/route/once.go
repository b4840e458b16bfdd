package route

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"allclear/internal/base/fault"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/access"
)

const (
	IdempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 255
	// ReplayedHeader marks an answer that was given before.
	ReplayedHeader = "Idempotency-Replayed"
)

// once lets the operation answer. A POST with an Idempotency-Key is carried out
// once and answered alike from then on.
func (t *Table) once(w http.ResponseWriter, r *http.Request, e *Entry, c Call, body []byte) {
	key := r.Header.Get(IdempotencyHeader)
	if key == "" || r.Method != http.MethodPost || e.Policy.kind == public || e.Stream || e.Upload {
		t.mux.ServeHTTP(w, r)
		return
	}
	if len(key) > maxIdempotencyKey || !plainText(key) {
		t.Refuse(w, r, fault.New(fault.Invalid, "validation failed").With("header."+IdempotencyHeader, "at most 255 characters of text"))
		return
	}
	claim, before, err := t.o.Access.Begin(r.Context(), c.Now, callerKey(c, key), requestHash(r, body))
	if err != nil {
		t.Refuse(w, r, err)
		return
	}
	if before != nil {
		t.replay(w, r, e, before)
		return
	}
	rec := wire.Hold()
	finished := false
	// What was claimed must be ended also when the client has gone, and when
	// the handler panics.
	ctx := context.WithoutCancel(r.Context())
	defer func() {
		if !finished {
			_ = t.o.Access.Abandon(ctx, claim)
		}
	}()
	t.mux.ServeHTTP(rec, r)
	if rec.Repeatable() {
		finished = true
		if err := t.o.Access.Finish(ctx, claim, rec.Answer(e.Secret)); err != nil && t.o.Log != nil {
			t.o.Log.ErrorContext(ctx, "answer not kept", "route", e.Pattern, "error", err.Error())
		}
	}
	rec.CopyTo(w)
}

// replay answers as the first time; an answer that showed a secret was not
// kept, so that the secret is stored nowhere (INV-A5).
func (t *Table) replay(w http.ResponseWriter, r *http.Request, e *Entry, before *access.Answer) {
	if e.Secret && before.Status < http.StatusBadRequest {
		t.Refuse(w, r, fault.New(fault.Conflict, "this was done before; its secret is shown only once"))
		return
	}
	for name, value := range before.Headers {
		w.Header().Set(name, value)
	}
	w.Header().Set(ReplayedHeader, "true")
	w.WriteHeader(before.Status)
	_, _ = w.Write([]byte(before.Body))
}

// callerKey ties a key to its caller, so that nobody reads another's answer.
func callerKey(c Call, key string) string {
	return digest(c.Who.Account.String(), c.Who.Token.String(), c.Actor.ID, key)
}

func requestHash(r *http.Request, body []byte) string {
	return digest(r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("If-Match"), string(body))
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		_, _ = h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
