package board

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
)

// KPI is a key figure of the procedure over a period.
type KPI struct {
	procedure.KPI
	Value *float64 // nil: nothing to compute it from, or nobody computes it yet
	Count int      // incidents it is computed from
	Met   *bool    // whether the value is on the right side of the target, strictly; nil without both
}

// longest is how long a period may be.
const (
	longest   = 400 * 24 * time.Hour
	kpiPage   = 500
	openSince = 90 * 24 * time.Hour // how much earlier than its number an incident can have been detected
)

// KPIs computes the key figures over the incidents detected in [from, until): those
// that are the mean time from one moment of an incident to another. Incidents that
// were dismissed as false or merged away count in none, and one to which either
// moment has not come is left out. Everybody's incidents count, also those that the
// reader may not see: a mean names nobody.
func (b *Board) KPIs(ctx context.Context, a authz.Actor, from, until time.Time) (out []KPI, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "kpi"}); err != nil {
		return nil, err
	}
	if !from.Before(until) || until.Sub(from) > longest {
		return nil, fault.New(fault.Invalid, "the period is no use").With("query.from", "must be before until, by at most 400 days")
	}
	err = b.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		hash, err := b.shelf.Active(tx)
		if err != nil {
			return err
		}
		p, err := b.shelf.Get(tx, hash)
		if err != nil {
			return err
		}
		all, err := detectedIn(tx, from, until)
		if err != nil {
			return err
		}
		for _, k := range p.KPIs {
			out = append(out, figure(k, all))
		}
		return nil
	})
	return out, err
}

func detectedIn(tx *store.Tx, from, until time.Time) (out []*incident.Incident, err error) {
	for before := int64(0); ; {
		page, err := incidents.List(tx, incidents.Filter{Before: before, Limit: kpiPage})
		if err != nil {
			return nil, err
		}
		for _, i := range page {
			if !i.DetectedAt.Before(from) && i.DetectedAt.Before(until) && !i.FalsePositive && i.MergedInto == 0 {
				out = append(out, i)
			}
		}
		// Numbers grow with time, so that what follows is older still.
		if len(page) < kpiPage || page[len(page)-1].DetectedAt.Before(from.Add(-openSince)) {
			return out, nil
		}
		before = page[len(page)-1].Number
	}
}

func figure(k procedure.KPI, all []*incident.Incident) KPI {
	out := KPI{KPI: k}
	sum := time.Duration(0)
	for _, i := range all {
		begin, end := i.Moment(k.From), i.Moment(k.To)
		if begin.IsZero() || end.IsZero() || !k.Population.Has(i.Highest) {
			continue
		}
		sum += max(end.Sub(begin), 0)
		out.Count++
	}
	if out.Count == 0 || k.Unit != "min" {
		return out
	}
	mean := sum.Minutes() / float64(out.Count)
	out.Value = &mean
	if k.Target != nil {
		met := mean < *k.Target
		if k.Better == ">" {
			met = mean > *k.Target
		}
		out.Met = &met
	}
	return out
}
