package detect

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/detect/promql"
	"allclear/internal/store"
	"allclear/internal/store/firings"
	"allclear/internal/store/incidents"
	"allclear/internal/store/samples"
)

// Firing is a limit that is or was passed, as people ask for it.
type Firing struct {
	Rule     string
	Service  string
	Labels   map[string]string
	Value    float64
	Since    time.Time
	EndedAt  time.Time // zero while it stands
	Incident int64     // number; zero for none, or for one that the reader may not know of
}

// Rule is a metric rule with what has become of it.
type Rule struct {
	procedure.MetricRule
	Standing       []Firing
	Raised         int    // in the last 30 days
	FalsePositives int    // of them: its incident was dismissed as one
	Failing        string // why it cannot be judged; empty when it can
}

// count is how far back false alarms are counted.
const (
	countFor   = 30 * 24 * time.Hour
	maxFirings = 5000
)

// Rules lists the rules of the procedure in force, and the services that are
// under sharper limits with the end of that.
func (d *Detect) Rules(ctx context.Context, a authz.Actor, now time.Time) (out []Rule, watched map[string]time.Time, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "metric"}); err != nil {
		return nil, nil, err
	}
	proc, watched, err := d.world(ctx, now)
	if err != nil || proc == nil {
		return nil, nil, err
	}
	byRule := map[string]*Rule{}
	out = make([]Rule, len(proc.Metrics))
	d.mu.Lock()
	for i := range proc.Metrics {
		out[i] = Rule{MetricRule: proc.Metrics[i], Failing: d.failed[proc.Metrics[i].ID]}
		byRule[out[i].ID] = &out[i]
	}
	d.mu.Unlock()
	err = d.db.View(ctx, func(tx *store.Tx) error {
		all, err := firings.Of(tx, "", now.Add(-countFor), maxFirings)
		if err != nil {
			return err
		}
		for i := range all {
			r := byRule[all[i].Rule]
			if r == nil {
				continue
			}
			r.Raised++
			f, dismissed, err := seen(tx, &all[i], a)
			if err != nil {
				return err
			}
			if dismissed {
				r.FalsePositives++
			}
			if f.EndedAt.IsZero() {
				r.Standing = append(r.Standing, f)
			}
		}
		return nil
	})
	return out, watched, err
}

// seen is a firing as the actor may see it, and whether it was a false alarm.
func seen(tx *store.Tx, f *firings.Firing, a authz.Actor) (out Firing, dismissed bool, err error) {
	out = Firing{Rule: f.Rule, Service: f.Service, Value: f.Value, Since: f.Since, EndedAt: f.EndedAt}
	if err := json.Unmarshal([]byte(f.Labels), &out.Labels); err != nil {
		return out, false, fmt.Errorf("read firing %s: %w", f.ID, err)
	}
	if f.Incident == 0 {
		return out, false, nil
	}
	inc, err := incidents.Peek(tx, f.Incident)
	if fault.Is(err, fault.NotFound) {
		return out, false, nil
	}
	if err != nil {
		return out, false, err
	}
	if inc.VisibleTo(a.ID) {
		out.Incident = inc.Number
	}
	return out, inc.FalsePositive, nil
}

// Ask is what a rule is tried on: the values kept from From to Until.
type Ask struct {
	Rule      procedure.MetricRule
	From      time.Time
	Until     time.Time
	Sensitive bool // by its sharper form
}

// maxTrial is how much time one trial covers.
const maxTrial = 7 * 24 * time.Hour

// Try tells when a rule would have raised alerts, judged as often as in earnest.
// Nothing is stored and nobody is paged.
func (d *Detect) Try(ctx context.Context, a authz.Actor, ask Ask, now time.Time) ([]Firing, error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "metric"}); err != nil {
		return nil, err
	}
	if !ask.From.Before(ask.Until) || ask.Until.Sub(ask.From) > maxTrial || ask.Until.After(now.Add(time.Minute)) {
		return nil, fault.New(fault.Invalid, "the time is no use").With("/from", "must be before until, which is not in the future, by at most 7 days")
	}
	r := ask.Rule
	if err := r.Check(); err != nil {
		return nil, err
	}
	if ask.Sensitive {
		r = r.Sensitive()
	}
	if r.Measure == procedure.Query {
		return d.tryQuery(ctx, &r, ask)
	}
	var series []metric.Series
	err := d.db.View(ctx, func(tx *store.Tx) (err error) {
		names := slices.DeleteFunc([]string{r.Metric, r.Total}, func(n string) bool { return n == "" })
		series, err = samples.Read(tx, samples.Filter{Names: names}, ask.From.Add(-metric.Reach(&r)), ask.Until)
		return err
	})
	if err != nil {
		return nil, err
	}
	t := trial{rule: &r, open: map[string]int{}}
	for at := ask.From; !at.After(ask.Until); at = at.Add(Every) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.look(metric.Measure(&r, clip(series, at.Add(-metric.Reach(&r))), at), at, false)
	}
	return t.out, nil
}

// clip leaves out values before from, so that a look sees what it would have read.
func clip(all []metric.Series, from time.Time) []metric.Series {
	out := make([]metric.Series, 0, len(all))
	for _, s := range all {
		i, _ := slices.BinarySearchFunc(s.Points, from, func(p metric.Point, t time.Time) int { return p.At.Compare(t) })
		if s.Points = s.Points[i:]; len(s.Points) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func (d *Detect) tryQuery(ctx context.Context, r *procedure.MetricRule, ask Ask) ([]Firing, error) {
	step := Every
	for ask.Until.Sub(ask.From)/step > promql.MaxSteps {
		step *= 2
	}
	found, err := d.engine.Over(ctx, d.reader(""), r.Query, ask.From, ask.Until, step)
	if err != nil {
		return nil, err
	}
	byTime := map[time.Time][]metric.Result{}
	for i := range found {
		for _, p := range found[i].Points {
			byTime[p.At] = append(byTime[p.At], metric.Result{Service: found[i].Service, Labels: found[i].Labels, Value: p.Value, Passed: r.Passes(p.Value)})
		}
	}
	t := trial{rule: r, open: map[string]int{}}
	for at := ask.From; !at.After(ask.Until); at = at.Add(step) {
		t.look(byTime[at.UTC().Truncate(time.Millisecond)], at, true)
	}
	return t.out, nil
}

// trial collects what a rule would have raised.
type trial struct {
	rule *procedure.MetricRule
	open map[string]int // place in out, by what it is about
	out  []Firing
}

// look takes the results of one instant.
func (t *trial) look(results []metric.Result, at time.Time, whole bool) {
	known := map[string]bool{}
	for _, x := range results {
		key := x.Service + "\x00" + metric.Canonical(x.Labels)
		known[key] = true
		i, stands := t.open[key]
		switch {
		case x.Passed && !stands && len(t.out) < maxFirings:
			t.open[key] = len(t.out)
			t.out = append(t.out, Firing{Rule: t.rule.ID, Service: x.Service, Labels: x.Labels, Value: x.Value, Since: at})
		case !x.Passed && stands:
			t.out[i].EndedAt = at
			delete(t.open, key)
		}
	}
	for key, i := range t.open {
		if whole && !known[key] {
			t.out[i].EndedAt = at
			delete(t.open, key)
		}
	}
}

// Query runs PromQL over the values kept, from start to end.
func (d *Detect) Query(ctx context.Context, a authz.Actor, query string, start, end time.Time, step time.Duration) ([]metric.Series, error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "metric"}); err != nil {
		return nil, err
	}
	return d.engine.Over(ctx, d.reader(""), query, start, end, step)
}

// Ask runs PromQL at one instant over what is measured of a service. The caller has
// authorised it.
func (d *Detect) Ask(ctx context.Context, service, query string, at time.Time) ([]metric.Series, error) {
	return d.engine.At(ctx, d.reader(service), query, at)
}

// maxListed is how many series one list shows.
const maxListed = 5000

// Series lists what is measured, of one service or, for the empty one, of all.
func (d *Detect) Series(ctx context.Context, a authz.Actor, service string) (out []metric.Series, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "metric"}); err != nil {
		return nil, err
	}
	err = d.db.View(ctx, func(tx *store.Tx) error {
		out, err = samples.Series(tx, samples.Filter{Service: service}, maxListed)
		return err
	})
	return out, err
}
