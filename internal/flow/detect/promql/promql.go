// Package promql runs queries in PromQL over series that somebody else reads. It
// is the only place that knows the query engine, whose Go API changes with every
// release; it must not know where values are kept or what they mean.
package promql

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	engine "github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"allclear/internal/base/fault"
	"allclear/internal/domain/metric"
)

// Limits of one query.
const (
	maxSamples = 5_000_000
	maxTime    = 10 * time.Second
	maxText    = 4096
	// MaxSteps is how many instants a range may ask for.
	MaxSteps = 11_000
)

// Labels under which queries find what a series is called and whose it is.
const (
	metricName = "__name__"
	service    = "service"
)

// Read gets the values in [from, to] of all series of a name, or of all series
// for the empty one.
type Read func(ctx context.Context, name string, from, to time.Time) ([]metric.Series, error)

// Engine is safe for concurrent use. Make it with New.
type Engine struct{ e *engine.Engine }

// New returns an engine.
func New() *Engine {
	return &Engine{engine.NewEngine(engine.EngineOpts{
		MaxSamples: maxSamples, Timeout: maxTime, LookbackDelta: metric.Stale,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
		Parser:                   parser.NewParser(parser.Options{}),
	})}
}

// Check refuses what is no query.
func Check(query string) error {
	if len(query) > maxText {
		return fault.New(fault.Invalid, "the query is longer than %d bytes", maxText)
	}
	if _, err := parser.NewParser(parser.Options{}).ParseExpr(query); err != nil {
		return fault.New(fault.Invalid, "the query cannot be read: %s", err)
	}
	return nil
}

// At runs the query at one instant. Its results are series of one point each.
func (e *Engine) At(ctx context.Context, read Read, query string, at time.Time) ([]metric.Series, error) {
	if err := Check(query); err != nil {
		return nil, err
	}
	q, err := e.e.NewInstantQuery(ctx, queryable{read}, nil, query, at)
	if err != nil {
		return nil, refused(err)
	}
	return run(ctx, q)
}

// Over runs the query at each step from start to end.
func (e *Engine) Over(ctx context.Context, read Read, query string, start, end time.Time, step time.Duration) ([]metric.Series, error) {
	if err := Check(query); err != nil {
		return nil, err
	}
	if step < time.Second || end.Before(start) || end.Sub(start)/step > MaxSteps {
		return nil, fault.New(fault.Invalid, "the range is no use").With("step", fmt.Sprintf("must be at least a second and give at most %d points", MaxSteps))
	}
	q, err := e.e.NewRangeQuery(ctx, queryable{read}, nil, query, start, end, step)
	if err != nil {
		return nil, refused(err)
	}
	return run(ctx, q)
}

func run(ctx context.Context, q engine.Query) ([]metric.Series, error) {
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, refused(res.Err)
	}
	switch v := res.Value.(type) {
	case engine.Scalar:
		return []metric.Series{{Labels: map[string]string{}, Points: []metric.Point{{At: instant(v.T), Value: v.V}}}}, nil
	case engine.Vector:
		out := make([]metric.Series, 0, len(v))
		for _, s := range v {
			if s.H == nil {
				out = append(out, series(s.Metric, metric.Point{At: instant(s.T), Value: s.F}))
			}
		}
		return out, nil
	case engine.Matrix:
		out := make([]metric.Series, 0, len(v))
		for _, s := range v {
			points := make([]metric.Point, len(s.Floats))
			for i, p := range s.Floats {
				points[i] = metric.Point{At: instant(p.T), Value: p.F}
			}
			out = append(out, series(s.Metric, points...))
		}
		return out, nil
	}
	return nil, fault.New(fault.Invalid, "the query gives text, not values")
}

// refused tells what is wrong with a query from what went wrong here.
func refused(err error) error {
	var timeout engine.ErrQueryTimeout
	var many engine.ErrTooManySamples
	var broken engine.ErrStorage
	var ours *fault.Error
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &broken):
		return broken.Err
	case errors.As(err, &timeout):
		return fault.New(fault.Refused, "the query takes longer than %s: narrow it", maxTime)
	case errors.As(err, &many):
		return fault.New(fault.Refused, "the query reads too much: narrow it")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fault.New(fault.Invalid, "the query fails: %s", err)
}

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func series(l labels.Labels, points ...metric.Point) metric.Series {
	s := metric.Series{Labels: l.Map(), Points: points}
	s.Service, s.Name = s.Labels[service], s.Labels[metricName]
	delete(s.Labels, service)
	delete(s.Labels, metricName)
	return s
}

// queryable gives the engine what it asks for.
type queryable struct{ read Read }

func (q queryable) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{read: q.read, mint: mint, maxt: maxt}, nil
}

type querier struct {
	read       Read
	mint, maxt int64
}

func (q *querier) Select(ctx context.Context, _ bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	from, to := q.mint, q.maxt
	if hints != nil {
		from, to = hints.Start, hints.End
	}
	name := ""
	for _, m := range matchers {
		if m.Name == metricName && m.Type == labels.MatchEqual {
			name = m.Value
		}
	}
	all, err := q.read(ctx, name, instant(from), instant(to))
	if err != nil {
		return storage.ErrSeriesSet(err)
	}
	var out []storage.Series
	for i := range all {
		l := tags(&all[i])
		if matches(l, matchers) {
			out = append(out, storage.NewListSeries(l, floats(all[i].Points)))
		}
	}
	slices.SortFunc(out, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	return &set{all: out, at: -1}
}

func tags(s *metric.Series) labels.Labels {
	m := maps.Clone(s.Labels)
	if m == nil {
		m = map[string]string{}
	}
	m[metricName], m[service] = s.Name, s.Service
	return labels.FromMap(m)
}

func matches(l labels.Labels, matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

func (*querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (*querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (*querier) Close() error { return nil }

// set is a list of series as the engine walks it.
type set struct {
	all []storage.Series
	at  int
}

func (s *set) Next() bool                      { s.at++; return s.at < len(s.all) }
func (s *set) At() storage.Series              { return s.all[s.at] }
func (*set) Err() error                        { return nil }
func (*set) Warnings() annotations.Annotations { return nil }
