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
	Version string
	Figures func() []Figure // read at each scrape
	Routes  *Routes         // how long requests take; may be nil
}

// Figure is one number, with one label or none.
type Figure struct {
	Name, Help   string
	Label, Value string
	Number       float64
	Counter      bool
}

const pingTimeout = 2 * time.Second

// Register adds /healthz, /readyz and /metrics.
func Register(mux *http.ServeMux, o Options) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), figures(o.Figures))
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "allclear_build_info", Help: "Always 1; the version is a label.", ConstLabels: prometheus.Labels{"version": o.Version}})
	build.Set(1)
	reg.MustRegister(build)
	if o.Routes != nil {
		reg.MustRegister(o.Routes.took)
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

// figures collects numbers whose labels come and go.
type figures func() []Figure

// Describe names nothing, which makes the collector unchecked: which findings
// there are is only known when they are there.
func (f figures) Describe(chan<- *prometheus.Desc) {}

// Collect reads the numbers.
func (f figures) Collect(out chan<- prometheus.Metric) {
	if f == nil {
		return
	}
	for _, g := range f() {
		kind := prometheus.GaugeValue
		if g.Counter {
			kind = prometheus.CounterValue
		}
		var names, values []string
		if g.Label != "" {
			names, values = []string{g.Label}, []string{g.Value}
		}
		m, err := prometheus.NewConstMetric(prometheus.NewDesc(g.Name, g.Help, names, nil), kind, g.Number, values...)
		if err != nil {
			m = prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), err)
		}
		out <- m
	}
}

// Routes measures requests by route pattern, never by path: paths hold keys and
// would be endless. Make it with NewRoutes.
type Routes struct{ took *prometheus.HistogramVec }

// NewRoutes returns an empty measure.
func NewRoutes() *Routes {
	return &Routes{took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "allclear_http_request_duration_seconds", Help: "How long requests took, by route and class of status.",
		Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
	}, []string{"route", "status"})}
}

// Observe notes one request. A route that no pattern matched is "other".
func (r *Routes) Observe(route string, status int, took time.Duration) {
	if route == "" {
		route = "other"
	}
	class := "5xx"
	switch {
	case status < http.StatusMultipleChoices:
		class = "2xx"
	case status < http.StatusBadRequest:
		class = "3xx"
	case status < http.StatusInternalServerError:
		class = "4xx"
	}
	r.took.WithLabelValues(route, class).Observe(took.Seconds())
}
