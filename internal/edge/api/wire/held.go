package wire

import (
	"bytes"
	"net/http"

	"allclear/internal/flow/access"
)

// keptHeaders are what belongs to an answer besides its status and body.
var keptHeaders = []string{"Content-Type", "ETag", "Location", "Retry-After"}

// Held holds an answer back until it is kept.
type Held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Hold begins an answer.
func Hold() *Held { return &Held{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (k *Held) Header() http.Header { return k.header }

// WriteHeader implements http.ResponseWriter.
func (k *Held) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

// Write implements http.ResponseWriter.
func (k *Held) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}

// Repeatable says that the same request would be answered alike: not when
// something broke or was busy, which may be over next time.
func (k *Held) Repeatable() bool {
	return k.status != 0 && k.status < http.StatusInternalServerError && k.status != http.StatusTooManyRequests
}

// Answer is what is kept; of an answer that shows a secret only the status.
func (k *Held) Answer(secret bool) access.Answer {
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

// CopyTo gives the answer to its reader.
func (k *Held) CopyTo(w http.ResponseWriter) {
	for name, values := range k.header {
		w.Header()[name] = values
	}
	if k.status == 0 {
		k.status = http.StatusOK
	}
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body.Bytes())
}
