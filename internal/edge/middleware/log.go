package middleware

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Log writes one line per request, when it ends: route pattern, not path or
// query, because these may hold keys. Headers and bodies are never logged.
func Log(log *slog.Logger, now func() time.Time) Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began := now()
			rec := &recorder{ResponseWriter: w}
			defer func() {
				n := noteOf(r.Context())
				if n == nil {
					n = &note{}
				}
				level := slog.LevelDebug
				if rec.status >= http.StatusInternalServerError {
					level = slog.LevelWarn
				}
				log.LogAttrs(r.Context(), level, "request",
					slog.String("id", n.id), slog.String("method", r.Method), slog.String("route", n.route), slog.String("actor", n.actor),
					slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", now().Sub(began)))
			}()
			next.ServeHTTP(rec, r)
		})
	}
}

// Measure tells of each request that ends: route pattern, status and time taken.
func Measure(observe func(route string, status int, took time.Duration), now func() time.Time) Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began := now()
			rec := &recorder{ResponseWriter: w}
			defer func() {
				route := r.Pattern // of the innermost mux
				if n := noteOf(r.Context()); n != nil && n.route != "" {
					route = n.route
				}
				observe(route, rec.status, now().Sub(began))
			}()
			next.ServeHTTP(rec, r)
		})
	}
}

// Recover turns a panic of a handler into a 500 and a line in the log; the
// process and its paging go on.
func Recover(log *slog.Logger) Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := &recorder{ResponseWriter: w}
			defer func() {
				thrown := recover()
				if thrown == nil {
					return
				}
				if err, ok := thrown.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(thrown)
				}
				log.ErrorContext(r.Context(), "handler panicked", "request", RequestID(r.Context()), "cause", thrown, "stack", string(debug.Stack()))
				if rec.status != 0 {
					panic(http.ErrAbortHandler) // a cut answer must not look whole
				}
				problem(rec, r, http.StatusInternalServerError, "internal", "something went wrong here; the log has more under this request's id")
			}()
			next.ServeHTTP(rec, r)
		})
	}
}
