// Package health owns what machines ask about the process: alive, ready, and
// its figures for Prometheus. It must not tell anything about incidents beyond
// numbers, since no account is asked for.
package health

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Options are what is asked.
type Options struct {
	Ping    func(ctx context.Context) error // the database answers
	Ready   func() bool                     // the loops have caught up
	Figures map[string]Figure               // by metric name
}

// Figure is one gauge.
type Figure struct {
	Help string
	Read func() float64
}

const pingTimeout = 2 * time.Second

// Register adds /healthz, /readyz and /metrics.
func Register(mux *http.ServeMux, o Options) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for name, f := range o.Figures {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: f.Help}, f.Read))
	}
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, true) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
		defer cancel()
		say(w, o.Ready() && o.Ping(ctx) == nil)
	})
}

func say(w http.ResponseWriter, ok bool) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	text := "ok\n"
	if !ok {
		w.WriteHeader(http.StatusServiceUnavailable)
		text = "not ready\n"
	}
	_, _ = w.Write([]byte(text))
}
