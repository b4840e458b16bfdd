package detect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/detect/promql"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/firings"
	"allclear/internal/store/samples"
)

// silence is how long after the last value of a series its alert still stands.
const silence = time.Hour

// verdict is what one look has found of one rule.
type verdict struct {
	rule    *procedure.MetricRule
	results []metric.Result
	whole   bool // what gives no result keeps its limit, as in Prometheus
}

// Judge judges every rule at now and raises and ends alerts. The values are read
// and judged outside the writer; only what changes is written.
func (d *Detect) Judge(ctx context.Context, now time.Time) error {
	proc, watched, err := d.world(ctx, now)
	if err != nil || proc == nil {
		return err
	}
	var all []verdict
	failed := map[string]string{}
	for i := range proc.Metrics {
		r := &proc.Metrics[i]
		rs, err := d.results(ctx, r, watched, now)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			failed[r.ID] = err.Error()
			continue // a rule that cannot be judged keeps its alerts, and holds up no other
		}
		all = append(all, verdict{r, rs, r.Measure == procedure.Query})
	}
	d.mu.Lock()
	d.failed = failed
	d.mu.Unlock()
	return d.apply(ctx, all, failed, now)
}

func (d *Detect) world(ctx context.Context, now time.Time) (proc *procedure.Procedure, watched map[string]time.Time, err error) {
	err = d.db.View(ctx, func(tx *store.Tx) error {
		hash, err := d.o.Shelf.Active(tx)
		if fault.Is(err, fault.Conflict) {
			return nil
		}
		if err != nil {
			return err
		}
		if proc, err = d.o.Shelf.Get(tx, hash); err != nil {
			return err
		}
		watched, err = samples.Watched(tx, now)
		return err
	})
	return proc, watched, err
}

// results judges a rule: by itself, and by its sharper form where a service is
// being watched more closely.
func (d *Detect) results(ctx context.Context, r *procedure.MetricRule, watched map[string]time.Time, now time.Time) ([]metric.Result, error) {
	sharp := r.Sensitive()
	if r.Measure == procedure.Query {
		return d.asked(ctx, r, &sharp, watched, now)
	}
	var series []metric.Series
	names := slices.DeleteFunc([]string{r.Metric, r.Total}, func(n string) bool { return n == "" })
	err := d.db.View(ctx, func(tx *store.Tx) (err error) {
		if series, err = samples.Read(tx, samples.Filter{Names: names}, now.Add(-metric.Reach(r)), now); err != nil || r.Total == "" || len(series) == 0 {
			return err
		}
		// A part that was counted and has fallen silent is none, however long ago.
		known, err := samples.Series(tx, samples.Filter{Names: []string{r.Metric}}, maxListed)
		series = append(series, known...)
		return err
	})
	if err != nil || len(series) == 0 {
		return nil, err
	}
	out := metric.Measure(r, series, now)
	if len(watched) > 0 {
		near := func(service string) bool { return watched[service].After(now) }
		out = slices.DeleteFunc(out, func(x metric.Result) bool { return near(x.Service) })
		for _, x := range metric.Measure(&sharp, series, now) {
			if near(x.Service) {
				out = append(out, x)
			}
		}
	}
	metric.Sort(out)
	return out, nil
}

// asked runs a rule's query.
func (d *Detect) asked(ctx context.Context, r, sharp *procedure.MetricRule, watched map[string]time.Time, now time.Time) ([]metric.Result, error) {
	found, err := d.run(ctx, r.Query, now)
	if err != nil {
		return nil, err
	}
	var out []metric.Result
	for i := range found {
		s := &found[i]
		if s.Service == "" || len(s.Points) == 0 {
			continue
		}
		v, by := s.Points[len(s.Points)-1].Value, r
		if watched[s.Service].After(now) {
			by = sharp
		}
		out = append(out, metric.Result{Service: s.Service, Labels: s.Labels, Value: v, Passed: by.Passes(v)})
	}
	if len(found) > 0 && len(out) == 0 {
		return nil, fault.New(fault.Invalid, "the results of the query carry no label service")
	}
	metric.Sort(out)
	return out, nil
}

// ruleTime bounds the judging of one query over all services: rules are judged one
// after the other.
const ruleTime = 10 * time.Second

// run runs a rule's query for one service at a time where that gives the same, so
// that what it reads at once does not grow with the installation. What is too much
// even so is an error that says of which service: half a result would look like
// limits that are kept.
func (d *Detect) run(ctx context.Context, query string, now time.Time) (out []metric.Series, err error) {
	names, apart := promql.Apart(query)
	if !apart {
		return d.engine.At(ctx, d.reader(""), query, now)
	}
	var services []string
	if err := d.db.View(ctx, func(tx *store.Tx) (err error) {
		services, err = samples.Services(tx, names)
		return err
	}); err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, ruleTime)
	defer cancel()
	for i, service := range services {
		found, err := d.engine.At(bounded, d.reader(service), query, now)
		if bounded.Err() != nil && ctx.Err() == nil {
			return nil, fault.New(fault.Refused, "the query takes longer than %s: it came to service %d of %d, %s", ruleTime, i+1, len(services), service)
		}
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", service, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// place names what a firing is about.
type placed struct{ rule, service, labels string }

// apply compares what was found with what stands.
func (d *Detect) apply(ctx context.Context, all []verdict, failed map[string]string, now time.Time) error {
	found := map[placed]bool{}
	passed := false
	for _, v := range all {
		for _, x := range v.results {
			found[placed{v.rule.ID, x.Service, metric.Canonical(x.Labels)}] = x.Passed
			passed = passed || x.Passed
		}
	}
	if !passed {
		stands := false
		err := d.db.View(ctx, func(tx *store.Tx) error {
			some, err := firings.Any(tx)
			stands = some
			return err
		})
		if err != nil || !stands {
			return err
		}
	}
	return d.db.Update(ctx, store.PriorityIntake, func(tx *store.Tx) error {
		return d.change(tx, all, found, failed, now)
	})
}

func (d *Detect) change(tx *store.Tx, all []verdict, found map[placed]bool, failed map[string]string, now time.Time) error {
	standing, err := firings.Standing(tx)
	if err != nil {
		return err
	}
	stands := make(map[placed]*firings.Firing, len(standing))
	for i := range standing {
		f := &standing[i]
		stands[placed{f.Rule, f.Service, f.Labels}] = f
	}
	for _, v := range all {
		for _, x := range v.results {
			if !x.Passed {
				continue
			}
			key := placed{v.rule.ID, x.Service, metric.Canonical(x.Labels)}
			if f := stands[key]; f != nil {
				f.Value = x.Value
				if err := d.goesOn(tx, v.rule, x, f, now); err != nil {
					return err
				}
				continue
			}
			if err := d.begin(tx, v.rule, x, now); err != nil {
				return err
			}
		}
	}
	return d.end(tx, all, standing, found, failed, now)
}

// begin raises the alert of a limit that is passed now.
func (d *Detect) begin(tx *store.Tx, r *procedure.MetricRule, x metric.Result, now time.Time) error {
	f := firings.Firing{Rule: r.ID, Service: x.Service, Labels: metric.Canonical(x.Labels), DedupKey: dedup(r.ID, x.Labels), Value: x.Value}
	if ok, err := firings.Begin(tx, &f, now); err != nil || !ok {
		return err
	}
	s := signal(r, x, now)
	second, err := d.second(tx, r, &f)
	if err != nil {
		return err
	}
	if second {
		s.Suggests, s.Severity = r.Joined, words[r.Joined]
	}
	if err := d.o.Raise(tx, x.Service, Source, []alert.Signal{s}, now); err != nil {
		return fmt.Errorf("raise %s of %s: %w", r.ID, x.Service, err)
	}
	key := alerts.Key{ServiceID: x.Service, DedupKey: f.DedupKey}
	as, err := alerts.Find(tx, []alerts.Key{key})
	if err != nil || as[key] == nil {
		return err
	}
	f.Incident = as[key].IncidentID
	return firings.Saw(tx, &f, now)
}

// again is how long after somebody ended its alert a limit that is still passed
// raises it anew: ended too early is not ended.
const again = 10 * time.Minute

// goesOn sees to a limit that is passed still: that its alert stands, and that it is
// raised when another symptom has joined it (reading 6).
func (d *Detect) goesOn(tx *store.Tx, r *procedure.MetricRule, x metric.Result, f *firings.Firing, now time.Time) error {
	key := alerts.Key{ServiceID: f.Service, DedupKey: f.DedupKey}
	as, err := alerts.Find(tx, []alerts.Key{key})
	if err != nil {
		return err
	}
	a := as[key]
	s := signal(r, x, now)
	switch {
	case a == nil:
		return firings.Saw(tx, f, now)
	case a.Status == alert.Resolved && now.Sub(a.ResolvedAt) >= again:
	case a.Open() && r.Joined.Above(a.Severity):
		second, err := d.second(tx, r, f)
		if err != nil {
			return err
		}
		if !second {
			return firings.Saw(tx, f, now)
		}
		s.Suggests, s.Severity = r.Joined, words[r.Joined]
	default:
		return firings.Saw(tx, f, now)
	}
	if err := d.o.Raise(tx, f.Service, Source, []alert.Signal{s}, now); err != nil {
		return fmt.Errorf("raise %s of %s again: %w", r.ID, f.Service, err)
	}
	if as, err = alerts.Find(tx, []alerts.Key{key}); err != nil {
		return err
	}
	if a := as[key]; a != nil && a.IncidentID != 0 {
		f.Incident = a.IncidentID
	}
	return firings.Saw(tx, f, now)
}

// second reports whether another symptom stands on the service, where that makes a
// difference.
func (d *Detect) second(tx *store.Tx, r *procedure.MetricRule, f *firings.Firing) (bool, error) {
	if r.Joined == 0 {
		return false, nil
	}
	const some = 100
	as, err := alerts.Standing(tx, f.Service, some)
	if err != nil {
		return false, err
	}
	own := dedup(r.ID, nil)
	for _, a := range as {
		if a.Open() && a.DedupKey != own && !strings.HasPrefix(a.DedupKey, own+"/") {
			return true, nil // what it says may be nobody's to read here
		}
	}
	return false, nil
}

// end ends what keeps its limit again, what nobody measures any more, and what no
// rule asks for.
func (d *Detect) end(tx *store.Tx, all []verdict, standing []firings.Firing, found map[placed]bool, failed map[string]string, now time.Time) error {
	rules := map[string]verdict{}
	for _, v := range all {
		rules[v.rule.ID] = v
	}
	for i := range standing {
		f := &standing[i]
		if failed[f.Rule] != "" {
			continue
		}
		v, asked := rules[f.Rule]
		passed, known := found[placed{f.Rule, f.Service, f.Labels}]
		why := ""
		switch {
		case !asked:
			why = "the procedure has no such limit any more"
		case known && !passed, !known && v.whole:
			why = "within its limit again"
		case !known && now.Sub(f.SeenAt) >= silence:
			why = "no value has come for an hour"
		default:
			continue
		}
		if err := firings.End(tx, f.ID, now); err != nil {
			return err
		}
		s := alert.Signal{Source: Source, Action: alert.Resolve, DedupKey: f.DedupKey, Summary: why}
		if err := d.o.Raise(tx, f.Service, Source, []alert.Signal{s}, now); err != nil {
			return fmt.Errorf("end %s of %s: %w", f.Rule, f.Service, err)
		}
	}
	return nil
}

// words are severities as sources write them.
var words = map[procedure.Severity]string{procedure.P1: "critical", procedure.P2: "error", procedure.P3: "warning", procedure.P4: "info"}

// dedup is the key of the alert of a rule and a set of labels.
func dedup(rule string, labels map[string]string) string {
	if len(labels) == 0 {
		return "metric/" + rule
	}
	sum := sha256.Sum256([]byte(metric.Canonical(labels)))
	return "metric/" + rule + "/" + hex.EncodeToString(sum[:8])
}

// signal puts a passed limit in the words of a source.
func signal(r *procedure.MetricRule, x metric.Result, now time.Time) alert.Signal {
	limit, word := r.Limit()
	labels := maps.Clone(x.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels["rule"] = r.ID
	return alert.Signal{
		Source: Source, Action: alert.Trigger, DedupKey: dedup(r.ID, x.Labels), Summary: summary(r, x), Severity: words[r.Suggests], Suggests: r.Suggests,
		Class: r.ID, Component: r.Metric, Labels: labels, StartedAt: now,
		Details: map[string]any{"rule": r.Name, "condition": r.Condition(), "value": x.Value, "limit": limit, "beyond": word, "clauses": r.Clauses},
	}
}

func summary(r *procedure.MetricRule, x metric.Result) string {
	limit, _ := r.Limit()
	tags := make([]string, 0, len(x.Labels))
	for _, k := range slices.Sorted(maps.Keys(x.Labels)) {
		tags = append(tags, k+" "+x.Labels[k])
	}
	show := func(v float64) string {
		if r.Measure == procedure.Ratio {
			return short(v*100) + " %"
		}
		return strings.TrimSpace(short(v) + " " + r.Unit)
	}
	text := strings.NewReplacer("{{service}}", x.Service, "{{value}}", show(x.Value), "{{limit}}", show(limit), "{{labels}}", strings.Join(tags, ", ")).Replace(r.Text)
	const most = 1024 // characters of a summary
	if rs := []rune(text); len(rs) > most {
		text = string(rs[:most])
	}
	return strings.TrimSpace(text)
}

// short writes a value with as many digits as people read.
func short(v float64) string {
	const large = 1000
	if v >= large || v <= -large {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 5, 64)
}
