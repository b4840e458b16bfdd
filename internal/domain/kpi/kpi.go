// Package kpi computes the key figures of a procedure from what happened: means of
// the time between two moments, and shares. It says from which incidents a figure
// comes. It is pure, and must not know who may see which incident: it computes what
// it is given.
package kpi

import (
	"slices"
	"time"

	"allclear/internal/domain/action"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
)

// Case is an incident with what it does not know itself.
type Case struct {
	*incident.Incident
	PagedAt time.Time // its first page; zero: nobody was paged
}

// counts reports whether it was an incident of its own: neither dismissed as false
// nor merged into another.
func (c Case) counts() bool { return !c.FalsePositive && c.MergedInto == 0 }

// moment is when something of a case happened, by its name in the procedure.
func (c Case) moment(name string) time.Time {
	if name == "first_page" {
		return c.PagedAt
	}
	return c.Moment(name)
}

// Due is an action item with the number of its incident.
type Due struct {
	*action.Item
	Number int64
}

// Sample is what figures are computed from. Cases and items beyond the period do no
// harm.
type Sample struct {
	Cases []Case
	Items []Due
	Now   time.Time // what is due later is not due yet
}

// Part is an incident behind a figure.
type Part struct {
	Number int64
	Value  float64 // in the unit of the figure; of a share, what it adds to the part that is counted
}

// Figure is a key figure over a period.
type Figure struct {
	Value *float64 // nil: there was nothing to compute it from, or nothing is recorded yet
	Count int      // incidents, alerts or action items it is computed from
	Met   *bool    // on the right side of the target, strictly; nil without value or target
	Of    []Part   // the incidents behind it, the largest value first
}

// Compute computes one figure over [p.From, p.Until).
func Compute(k procedure.KPI, s Sample, p Period) Figure {
	var f Figure
	switch {
	case k.From != "" && k.To != "" && k.Unit == "min":
		f = mean(k, s, p)
	case k.ID == "false_positive_rate":
		f = falsePositives(s, p)
	case k.ID == "action_completion":
		f = actions(s, p)
	}
	if f.Value != nil && k.Target != nil {
		met := *f.Value < *k.Target
		if k.Better == ">" {
			met = *f.Value > *k.Target
		}
		f.Met = &met
	}
	slices.SortStableFunc(f.Of, func(a, b Part) int {
		switch {
		case a.Value > b.Value:
			return -1
		case a.Value < b.Value:
			return 1
		}
		return int(b.Number - a.Number)
	})
	return f
}

// mean is the mean of the minutes between two moments, over the incidents that were
// detected in the period. One to which either moment has not come is left out. What
// nobody acknowledged counts to its end.
func mean(k procedure.KPI, s Sample, p Period) (f Figure) {
	sum := time.Duration(0)
	for _, c := range s.Cases {
		if !c.counts() || !p.Holds(c.DetectedAt) || !k.Population.Has(c.Highest) {
			continue
		}
		begin, end := c.moment(k.From), c.moment(k.To)
		if k.To == "acknowledged" && end.IsZero() {
			end = c.ResolvedAt
		}
		if begin.IsZero() || end.IsZero() {
			continue
		}
		took := max(end.Sub(begin), 0)
		sum += took
		f.Count++
		f.Of = append(f.Of, Part{c.Number, took.Minutes()})
	}
	if f.Count > 0 {
		v := sum.Minutes() / float64(f.Count)
		f.Value = &v
	}
	return f
}

// falsePositives is the share of the alerts of incidents that were dismissed as
// false, among those of all that ended in the period (KPI-FALSE).
func falsePositives(s Sample, p Period) (f Figure) {
	wrong := 0
	for _, c := range s.Cases {
		end := c.ResolvedAt
		if end.IsZero() {
			end = c.ClosedAt
		}
		if c.MergedInto != 0 || end.IsZero() || !p.Holds(end) {
			continue
		}
		n := int(c.AlertCount)
		f.Count += n
		if c.FalsePositive && n > 0 {
			wrong += n
			f.Of = append(f.Of, Part{c.Number, float64(n)})
		}
	}
	f.Value = share(wrong, f.Count)
	return f
}

// actions is the share of the action items due in the period that were done by then
// (KPI-ACTIONS). Behind it stand the incidents with items that were not.
func actions(s Sample, p Period) (f Figure) {
	done, late := 0, map[int64]float64{}
	for _, d := range s.Items {
		if d.State == action.Cancelled || !p.Holds(d.DueAt) || d.DueAt.After(s.Now) {
			continue
		}
		f.Count++
		if !d.DoneAt.IsZero() && !d.DoneAt.After(d.DueAt) {
			done++
			continue
		}
		late[d.Number]++
	}
	for number, n := range late {
		f.Of = append(f.Of, Part{number, n})
	}
	f.Value = share(done, f.Count)
	return f
}

// share is a part of a whole in percent; nil of nothing.
func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	const percent = 100
	v := percent * float64(part) / float64(whole)
	return &v
}
