package api

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
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 255
	// replayedHeader marks an answer that was given before.
	replayedHeader = "Idempotency-Replayed"
)

// once lets the operation answer. A POST with an Idempotency-Key is carried out
// once and answered alike from then on.
func (a *API) once(w http.ResponseWriter, r *http.Request, e *entry, c Call, body []byte) {
	key := r.Header.Get(idempotencyHeader)
	if key == "" || r.Method != http.MethodPost || e.Policy.kind == public || e.stream {
		a.mux.ServeHTTP(w, r)
		return
	}
	if len(key) > maxIdempotencyKey || !plainText(key) {
		a.Refuse(w, r, fault.New(fault.Invalid, "validation failed").With("header."+idempotencyHeader, "at most 255 characters of text"))
		return
	}
	claim, before, err := a.opt.Access.Begin(r.Context(), c.Now, callerKey(c, key), requestHash(r, body))
	if err != nil {
		a.Refuse(w, r, err)
		return
	}
	if before != nil {
		a.replay(w, r, e, before)
		return
	}
	rec := wire.Hold()
	finished := false
	// What was claimed must be ended also when the client has gone, and when
	// the handler panics.
	ctx := context.WithoutCancel(r.Context())
	defer func() {
		if !finished {
			_ = a.opt.Access.Abandon(ctx, claim)
		}
	}()
	a.mux.ServeHTTP(rec, r)
	if rec.Repeatable() {
		finished = true
		if err := a.opt.Access.Finish(ctx, claim, rec.Answer(e.Secret)); err != nil && a.opt.Log != nil {
			a.opt.Log.ErrorContext(ctx, "answer not kept", "route", e.Pattern, "error", err.Error())
		}
	}
	rec.CopyTo(w)
}

// replay answers as the first time; an answer that showed a secret was not
// kept, so that the secret is stored nowhere (INV-A5).
func (a *API) replay(w http.ResponseWriter, r *http.Request, e *entry, before *access.Answer) {
	if e.Secret && before.Status < http.StatusBadRequest {
		a.Refuse(w, r, fault.New(fault.Conflict, "this was done before; its secret is shown only once"))
		return
	}
	for name, value := range before.Headers {
		w.Header().Set(name, value)
	}
	w.Header().Set(replayedHeader, "true")
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
