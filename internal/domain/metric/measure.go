package metric

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/procedure"
)

// Stale is how old the newest value may be to count as the present one, as in
// Prometheus.
const Stale = 5 * time.Minute

// Result is what a rule finds of one series, or of one group of them.
type Result struct {
	Service string
	Labels  map[string]string
	Value   float64
	Passed  bool // the limit is passed
}

// Reach is how far back the values of a rule must be read at one instant.
func Reach(r *procedure.MetricRule) time.Duration {
	switch r.Measure {
	case procedure.Consecutive:
		return time.Duration(max(r.Checks, 1)) * stale(r)
	case procedure.Latest:
		return stale(r)
	}
	return r.Window.Elapsed() + stale(r) // what came before the window says where a counter stood, and since when a value stands
}

// stale is Stale, or longer where a rule expects its values seldom: one may be late.
func stale(r *procedure.MetricRule) time.Duration {
	return max(Stale, r.Expected()*5/2)
}

// Measure judges the series of a rule's metric, and for a ratio of its total,
// at now. A series of which too little is known gives no result: what stood
// stands on. Values later than now are not looked at.
func Measure(r *procedure.MetricRule, all []Series, now time.Time) []Result {
	if r.Measure == procedure.Ratio || r.Measure == procedure.Burn {
		return shares(r, all, now)
	}
	var out []Result
	for i := range all {
		s := &all[i]
		if s.Name != r.Metric {
			continue
		}
		points := until(s.Points, now)
		if len(points) == 0 {
			continue
		}
		v, passed, ok := one(r, s.Kind, points, now)
		if ok {
			out = append(out, Result{Service: s.Service, Labels: s.Labels, Value: v, Passed: passed})
		}
	}
	return out
}

// until leaves out what is later than now.
func until(points []Point, now time.Time) []Point {
	n := len(points)
	for n > 0 && points[n-1].At.After(now) {
		n--
	}
	return points[:n]
}

// within is the part of points in (from, to].
func within(points []Point, from time.Time) []Point {
	i := slices.IndexFunc(points, func(p Point) bool { return p.At.After(from) })
	if i < 0 {
		return nil
	}
	return points[i:]
}

func one(r *procedure.MetricRule, kind Kind, points []Point, now time.Time) (v float64, passed, ok bool) {
	last := points[len(points)-1]
	switch r.Measure {
	case procedure.Latest:
		return last.Value, r.Passes(last.Value), now.Sub(last.At) < stale(r)
	case procedure.Consecutive:
		return consecutive(r, points, now)
	case procedure.Sustained:
		return sustained(r, points, now)
	case procedure.Mean:
		w := within(points, now.Add(-r.Window.Elapsed()))
		if len(w) == 0 {
			return 0, false, false
		}
		v = total(w) / float64(len(w))
		return v, r.Passes(v), true
	case procedure.Sum:
		w := within(points, now.Add(-r.Window.Elapsed()))
		if len(w) == 0 || len(w) == len(points) && r.Below != nil {
			return 0, false, false // too little would be found where nothing was counted yet
		}
		v = increase(kind, points, w)
		return v, r.Passes(v), true
	}
	return 0, false, false
}

func total(points []Point) (sum float64) {
	for _, p := range points {
		sum += p.Value
	}
	return sum
}

// consecutive judges the last checks of a row; one that was not made breaks it.
func consecutive(r *procedure.MetricRule, points []Point, now time.Time) (v float64, passed, ok bool) {
	last := points[len(points)-1]
	if now.Sub(last.At) >= stale(r) {
		return 0, false, false
	}
	for n := range r.Checks {
		i := len(points) - 1 - n
		if i < 0 || n > 0 && points[i+1].At.Sub(points[i].At) >= stale(r) || !r.Passes(points[i].Value) {
			return last.Value, false, true
		}
	}
	return last.Value, true, true
}

// sustained asks that every value since the window began is beyond the limit,
// that the first of them is as old as the window, that values have come until
// now, and that enough of the window is known.
func sustained(r *procedure.MetricRule, points []Point, now time.Time) (v float64, passed, ok bool) {
	last := points[len(points)-1]
	if now.Sub(last.At) >= stale(r) {
		return 0, false, false
	}
	if !r.Passes(last.Value) {
		return last.Value, false, true
	}
	first := len(points) - 1
	for first > 0 && r.Passes(points[first-1].Value) {
		first--
	}
	run, window := points[first:], r.Window.Elapsed()
	if now.Sub(run[0].At) < window {
		return last.Value, false, true
	}
	// Too little is known to say that it is beyond its limit all the time, and
	// nothing that says it is not: what stood stands on.
	enough := now.Sub(last.At) <= pace(run)*3/2 && covered(run, now, window, r.Expected()) >= r.Known()
	return last.Value, enough, enough
}

// pace is how far apart the values of a run usually are.
func pace(run []Point) time.Duration {
	gaps := make([]time.Duration, 0, len(run))
	for i := 1; i < len(run); i++ {
		gaps = append(gaps, run[i].At.Sub(run[i-1].At))
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// covered is the share of the window's stretches, each as long as a value is
// expected to take, in which one came. A value at the very beginning speaks for
// the first.
func covered(run []Point, now time.Time, window, every time.Duration) float64 {
	n := max(1, int(window/every))
	known := make([]bool, n)
	for _, p := range run {
		age := now.Sub(p.At)
		if i := int(age / every); age <= window {
			known[min(i, n-1)] = true
		}
	}
	k := 0
	for _, ok := range known {
		if ok {
			k++
		}
	}
	return float64(k) / float64(n)
}

// increase is what was counted in the part w of points. What Prometheus writes
// without saying what it is, is a total if anybody adds it up.
func increase(kind Kind, points, w []Point) (sum float64) {
	if kind != Counter && kind != Untold {
		return total(w)
	}
	before := len(points) - len(w) - 1
	for i, p := range w {
		var prev float64
		switch {
		case i > 0:
			prev = w[i-1].Value
		case before >= 0:
			prev = points[before].Value
		default:
			continue // where a counter stood before it was first seen nobody knows
		}
		if p.Value < prev {
			prev = 0 // it was started anew
		}
		sum += p.Value - prev
	}
	return sum
}

// group is one ratio: the series of the part and those of the total.
type group struct {
	service string
	labels  map[string]string
	part    []*Series
	whole   []*Series
	seen    bool // the part is counted by somebody, or was
}

func shares(r *procedure.MetricRule, all []Series, now time.Time) []Result {
	groups := map[string]*group{}
	for i := range all {
		s := &all[i]
		if s.Name != r.Metric && s.Name != r.Total {
			continue
		}
		labels := map[string]string{}
		for _, k := range r.By {
			if v := s.Labels[k]; v != "" {
				labels[k] = v
			}
		}
		key := s.Service + "\x00" + Canonical(labels)
		g := groups[key]
		if g == nil {
			g = &group{service: s.Service, labels: labels}
			groups[key] = g
		}
		g.seen = g.seen || s.Name == r.Metric
		if len(until(s.Points, now)) == 0 {
			continue // it is known and says nothing any more
		}
		if s.Name == r.Metric {
			g.part = append(g.part, s)
		}
		if s.Name == r.Total {
			g.whole = append(g.whole, s)
		}
	}
	var out []Result
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		if v, passed, ok := groups[key].judge(r, now); ok {
			out = append(out, Result{Service: groups[key].service, Labels: groups[key].labels, Value: v, Passed: passed})
		}
	}
	return out
}

// counted is what came in the span before now, and nothing later than end.
func counted(all []*Series, now, end time.Time, span time.Duration) (sum float64) {
	for _, s := range all {
		points := until(s.Points, end)
		sum += increase(s.Kind, points, within(points, now.Add(-span)))
	}
	return sum
}

func newest(all []*Series, now time.Time) (at time.Time) {
	for _, s := range all {
		if p := until(s.Points, now); p[len(p)-1].At.After(at) {
			at = p[len(p)-1].At
		}
	}
	return at
}

// known reports whether any series began before the span.
func known(all []*Series, from time.Time) bool {
	return slices.ContainsFunc(all, func(s *Series) bool { return !s.Points[0].At.After(from) })
}

// judge compares the share, or how fast the budget of errors burns. Part and total
// come in separate samples: what came of one and not yet of the other is left for
// the next look, for as long as it can be on its way. Where a part has come before
// and none comes any more, it is zero. Where none ever came, it is zero only for an
// upper limit: successes that nobody counts are no failures.
func (g *group) judge(r *procedure.MetricRule, now time.Time) (v float64, passed, ok bool) {
	if len(g.whole) == 0 || !g.seen && r.Below != nil {
		return 0, false, false
	}
	end := now
	if len(g.part) > 0 {
		p, w := newest(g.part, now), newest(g.whole, now)
		if first := recur.Earlier(p, w); recur.Later(p, w).Sub(first) <= 2*r.Expected() {
			end = first
		}
	}
	share := func(span time.Duration) (float64, bool) {
		whole := counted(g.whole, now, end, span)
		return counted(g.part, now, end, span) / whole, whole > 0 && whole >= r.AtLeast
	}
	v, ok = share(r.Window.Elapsed())
	if !ok || r.Measure != procedure.Burn {
		return v, ok && r.Passes(v), ok
	}
	if !known(g.whole, now.Add(-r.Window.Elapsed()+r.Expected())) {
		return 0, false, false // a minute of errors is no hour of them
	}
	lately, some := share(r.Short.Elapsed())
	v = burning(v, r.Goal)
	return v, some && r.Passes(v) && r.Passes(burning(lately, r.Goal)), true
}

// burning is how many times faster errors come than the objective allows;
// rounded so far that floating point does not decide at the limit.
func burning(errors, goal float64) float64 {
	const digits = 1e9
	b := errors / (1 - goal) * digits
	return float64(int64(b+0.5)) / digits
}

// Sort orders results by service and labels.
func Sort(all []Result) {
	slices.SortFunc(all, func(a, b Result) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(Canonical(a.Labels), Canonical(b.Labels)))
	})
}
