package metric

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"allclear/internal/base/fault"
)

// Span is one step of a request through the systems (OpenTelemetry).
type Span struct {
	Service string            `json:"service"`  // of the catalogue
	Trace   string            `json:"trace_id"` // 32 hexadecimal digits
	ID      string            `json:"span_id"`  // 16
	Parent  string            `json:"parent_span_id,omitempty"`
	Name    string            `json:"name"`
	Program string            `json:"program,omitempty"` // service.name of its sender
	Entry   bool              `json:"entry,omitempty"`   // a request that came in: server or consumer
	Start   time.Time         `json:"start"`
	Took    time.Duration     `json:"duration_ns"`
	Failed  bool              `json:"failed,omitempty"`
	Message string            `json:"message,omitempty"`
	Tags    map[string]string `json:"attributes,omitempty"`
}

// Names of what is measured of spans that came in.
const (
	spanCount  = "trace_requests"
	spanFailed = "trace_requests_failed"
	spanTime   = "trace_duration" // seconds, on average
)

// Measured is what entry spans say of their programs: how many requests, how many
// of them failed, and how long they took.
func Measured(all []Span, now time.Time) []Sample {
	type sum struct {
		service, program string
		n, failed        int
		took             time.Duration
	}
	sums := map[[2]string]*sum{}
	for i := range all {
		s := &all[i]
		if !s.Entry {
			continue
		}
		k := [2]string{s.Service, s.Program}
		if sums[k] == nil {
			sums[k] = &sum{service: s.Service, program: s.Program}
		}
		x := sums[k]
		x.n++
		x.took += s.Took
		if s.Failed {
			x.failed++
		}
	}
	var out []Sample
	for _, x := range sums {
		labels := map[string]string{"program": x.program}
		out = append(out,
			Sample{Service: x.service, Name: spanCount, Labels: labels, Kind: Count, At: now, Value: float64(x.n)},
			Sample{Service: x.service, Name: spanFailed, Labels: labels, Kind: Count, At: now, Value: float64(x.failed)},
			Sample{Service: x.service, Name: spanTime, Labels: labels, At: now, Value: x.took.Seconds() / float64(x.n)},
		)
	}
	slices.SortFunc(out, func(a, b Sample) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Labels["program"], b.Labels["program"]))
	})
	return out
}

// SlowQuery is a statement of a database and what it costs.
type SlowQuery struct {
	Query  string  `json:"query"`
	Calls  int64   `json:"calls"`
	MeanMS float64 `json:"mean_ms"`
	MaxMS  float64 `json:"max_ms,omitempty"`
}

// TopQueries is how many slow queries of a service are kept.
const TopQueries = 50

// Slowest checks slow queries and keeps the most expensive, by what they cost in
// all; the second result is the average over all calls, in seconds.
func Slowest(all []SlowQuery) (top []SlowQuery, mean float64, err error) {
	const maxText = 4096
	bad := fault.New(fault.Invalid, "the queries cannot be kept")
	var calls int64
	var took float64
	for i, q := range all {
		if q.Query == "" || len(q.Query) > maxText || q.Calls < 0 || !(q.MeanMS >= 0) || q.MeanMS > 1e9 {
			return nil, 0, bad.With("/queries/"+strconv.Itoa(i), "needs a query of at most 4096 bytes, calls, and mean_ms that is not negative")
		}
		calls += q.Calls
		took += float64(q.Calls) * q.MeanMS
	}
	top = slices.Clone(all)
	slices.SortStableFunc(top, func(a, b SlowQuery) int {
		return cmp.Compare(float64(b.Calls)*b.MeanMS, float64(a.Calls)*a.MeanMS)
	})
	if calls > 0 {
		mean = took / float64(calls) / 1000
	}
	return top[:min(len(top), TopQueries)], mean, nil
}
