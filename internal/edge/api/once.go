package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"allclear/internal/base/fault"
	"allclear/internal/flow/access"
)

const (
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 255
	// replayedHeader marks an answer that was given before.
	replayedHeader = "Idempotency-Replayed"
)

// keptHeaders are what belongs to an answer besides its status and body.
var keptHeaders = []string{"Content-Type", "ETag", "Location", "Retry-After"}

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
	rec := &keeper{header: http.Header{}}
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
	if rec.repeatable() {
		finished = true
		if err := a.opt.Access.Finish(ctx, claim, rec.answer(e.Secret)); err != nil && a.opt.Log != nil {
			a.opt.Log.ErrorContext(ctx, "answer not kept", "route", e.Pattern, "error", err.Error())
		}
	}
	rec.copyTo(w)
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

// keeper holds an answer back until it is kept.
type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header { return k.header }

func (k *keeper) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *keeper) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}

// repeatable says that the same request would be answered alike: not when
// something broke or was busy, which may be over next time.
func (k *keeper) repeatable() bool {
	return k.status != 0 && k.status < http.StatusInternalServerError && k.status != http.StatusTooManyRequests
}

func (k *keeper) answer(secret bool) access.Answer {
	out := access.Answer{Status: k.status, Headers: map[string]string{}}
	if secret && k.status < http.StatusBadRequest {
		return out
	}
	out.Body = k.body.String()
	for _, name := range keptHeaders {
		if v := k.header.Get(name); v != "" {
			out.Headers[name] = v
		}
	}
	return out
}

func (k *keeper) copyTo(w http.ResponseWriter) {
	for name, values := range k.header {
		w.Header()[name] = values
	}
	if k.status == 0 {
		k.status = http.StatusOK
	}
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body.Bytes())
}
