// Package middleware owns what every request of the console's listener passes
// first: its id, its line in the log, recovery from panics, headers that keep
// browsers safe, the refusal of cross-site requests, and the listener's time
// limits. It must not know routes, accounts or rules.
package middleware

import (
	"log/slog"
	"net/http"
	"time"
)

// Layer wraps a handler.
type Layer func(http.Handler) http.Handler

// Stack applies layers so that the first one given sees the request first.
func Stack(h http.Handler, layers ...Layer) http.Handler {
	for i := len(layers) - 1; i >= 0; i-- {
		h = layers[i](h)
	}
	return h
}

// Console is the whole stack of the console's listener, except for the headers
// of pages (see Page): id, log, the rest of refused bodies, more, recovery,
// headers, cross-site refusal.
func Console(h http.Handler, log *slog.Logger, now func() time.Time, more ...Layer) http.Handler {
	layers := append([]Layer{Identify(), Log(log, now), Drain()}, more...)
	return Stack(h, append(layers, Recover(log), Headers(), SameSite())...)
}

// Server returns a listener's settings: bounds on headers, reading, writing and
// idling, so that slow peers do not hold connections. A handler that streams
// lifts the deadlines of its own connection with http.ResponseController, for
// reading and writing both.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
}
