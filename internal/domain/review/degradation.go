package review

import (
	"math"
	"time"

	"allclear/internal/domain/incident"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/procedure"
)

// Verdicts of whether a metric is back to what it was.
const (
	Back    = "back"
	NotBack = "not_back"
	Unknown = "unknown" // nothing was measured before or after
)

// tolerance is how much worse than before still counts as back.
const tolerance = 0.2

// Degradation is how a metric of a rule did before, during and after (PIR-IMM-IMP-3,
// MON-ENH-BASE).
type Degradation struct {
	Rule    string
	Name    string
	Service string
	Labels  map[string]string
	Unit    string
	Lower   bool    // the lower, the worse
	Before  Reading // the same hour a day before
	During  Reading
	After   Reading // the hour after resolution
	Verdict string
}

// Reading is what was measured in a stretch.
type Reading struct {
	N    int // values looked at; 0: nothing is known
	Mean float64
	Peak float64 // the worst
}

// Spans are the stretches that are compared.
type Spans struct{ Before, During, After incident.Span }

// SpansOf picks them: the hour after resolution, and the same hour of the last day
// that was over before the impact began.
func SpansOf(all []incident.Span, now time.Time) Spans {
	from, until := all[0].From, all[len(all)-1].Until
	after := incident.Span{From: until, Until: until.Add(time.Hour)}
	if after.Until.After(now) {
		after.Until = now
	}
	const day = 24 * time.Hour
	before := incident.Span{From: until.Add(-day), Until: until.Add(-day + time.Hour)}
	for before.Until.After(from) {
		before.From, before.Until = before.From.Add(-day), before.Until.Add(-day)
	}
	return Spans{before, incident.Span{From: from, Until: until}, after}
}

// looks bounds how often a stretch is looked at.
const looks = 60

// Degradations measures each rule over the stretches, by series. read lists the
// values of a rule's metrics in a stretch and what reaches into it.
func Degradations(rules []procedure.MetricRule, s Spans, read func(r *procedure.MetricRule, in incident.Span) ([]metric.Series, error)) ([]Degradation, error) {
	var out []Degradation
	for k := range rules {
		r := &rules[k]
		if r.Measure == procedure.Query || r.Measure == procedure.Burn {
			continue
		}
		found := map[string]*Degradation{}
		var order []string
		for _, part := range []struct {
			in incident.Span
			to func(*Degradation) *Reading
		}{
			{s.During, func(d *Degradation) *Reading { return &d.During }},
			{s.Before, func(d *Degradation) *Reading { return &d.Before }},
			{s.After, func(d *Degradation) *Reading { return &d.After }},
		} {
			series, err := read(r, part.in)
			if err != nil {
				return nil, err
			}
			step := max(part.in.Until.Sub(part.in.From)/looks, time.Minute)
			for at := part.in.From.Add(step); !at.After(part.in.Until); at = at.Add(step) {
				for _, x := range metric.Measure(r, series, at) {
					key := x.Service + metric.Canonical(x.Labels)
					d := found[key]
					if d == nil {
						d = &Degradation{Rule: r.ID, Name: r.Name, Service: x.Service, Labels: x.Labels, Unit: r.Unit, Lower: r.Below != nil}
						found[key], order = d, append(order, key)
					}
					part.to(d).add(x.Value, d.Lower)
				}
			}
		}
		for _, key := range order {
			d := found[key]
			d.Verdict = verdict(d)
			out = append(out, *d)
		}
	}
	return out, nil
}

func (r *Reading) add(v float64, lower bool) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	switch {
	case r.N == 0, lower && v < r.Peak, !lower && v > r.Peak:
		r.Peak = v
	}
	r.N++
	r.Mean += (v - r.Mean) / float64(r.N)
}

func verdict(d *Degradation) string {
	if d.Before.N == 0 || d.After.N == 0 {
		return Unknown
	}
	room := math.Abs(d.Before.Mean) * tolerance
	worse := d.After.Mean - d.Before.Mean
	if d.Lower {
		worse = -worse
	}
	if worse > room {
		return NotBack
	}
	return Back
}
