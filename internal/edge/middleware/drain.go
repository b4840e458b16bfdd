package middleware

import (
	"io"
	"net/http"
)

// drained is how many bytes of a refused body are read and thrown away.
const drained = 8 << 20

// Drain reads what a handler left of the body, up to a bound: a sender that is
// still writing when its connection closes sees a reset instead of the answer
// that says why it was refused. The listener's time limit bounds how long.
func Drain() Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := r.Body // handlers wrap it in limits of their own
			next.ServeHTTP(w, r)
			if r.Header.Get("Expect") == "" { // else the sender waits for leave to write at all
				_, _ = io.CopyN(io.Discard, body, drained)
			}
		})
	}
}
