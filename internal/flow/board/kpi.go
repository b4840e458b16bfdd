package board

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/kpi"
	"allclear/internal/domain/procedure"
	"allclear/internal/store/actionitems"
	"allclear/internal/store/incidents"
	"allclear/internal/store/pages"
)

// KPI is a key figure of the procedure over a period.
type KPI struct {
	procedure.KPI
	kpi.Figure
}

// longest is how long a period may be.
const (
	longest   = 400 * 24 * time.Hour
	kpiPage   = 500
	openSince = 90 * 24 * time.Hour // how much earlier than its number an incident can have been detected
)

// KPIs computes the key figures over [from, until) as of now, from the incidents that
// the reader may know of: a mean of one would give away a restricted incident, and so
// would a count (reading 18).
func (b *Board) KPIs(ctx context.Context, a authz.Actor, from, until, now time.Time) (out []KPI, err error) {
	if !from.Before(until) || until.Sub(from) > longest {
		return nil, fault.New(fault.Invalid, "the period is no use").With("query.from", "must be before until, by at most 400 days")
	}
	err = b.look(ctx, a, func(s *sight) error {
		out = nil
		p, err := s.inForce()
		if err != nil {
			return err
		}
		sample, err := s.sample(from, until, now)
		if err != nil {
			return err
		}
		for _, k := range p.KPIs {
			out = append(out, KPI{k, kpi.Compute(k, sample, kpi.Period{From: from, Until: until})})
		}
		return nil
	})
	return out, err
}

// inForce is the procedure in force.
func (s *sight) inForce() (*procedure.Procedure, error) {
	hash, err := s.b.shelf.Active(s.tx)
	if err != nil {
		return nil, err
	}
	return s.b.shelf.Get(s.tx, hash)
}

// sample reads what figures over [from, until) are computed from.
func (s *sight) sample(from, until, now time.Time) (out kpi.Sample, err error) {
	out.Now = now
	all, err := s.detected(from, until)
	if err != nil {
		return out, err
	}
	for chunk := range slices.Chunk(all, kpiPage) {
		first, err := pages.FirstOf(s.tx, ids(chunk))
		if err != nil {
			return out, err
		}
		for _, i := range chunk {
			out.Cases = append(out.Cases, kpi.Case{Incident: i, PagedAt: first[i.ID]})
		}
	}
	out.Items, err = s.due(from, until)
	return out, err
}

func ids(all []*incident.Incident) []ident.ID {
	out := make([]ident.ID, len(all))
	for k, i := range all {
		out[k] = i.ID
	}
	return out
}

// detected lists the incidents that were detected from some time before a period
// until its end, the newest first. What ended in the period was detected before.
func (s *sight) detected(from, until time.Time) (out []*incident.Incident, err error) {
	for before := int64(0); ; {
		page, err := incidents.List(s.tx, incidents.Filter{Before: before, Except: s.hidden, Limit: kpiPage})
		if err != nil {
			return nil, err
		}
		for _, i := range page {
			if i.DetectedAt.Before(until) {
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

// due lists the action items that fall due in [from, until), of incidents that the
// reader may know of.
func (s *sight) due(from, until time.Time) (out []kpi.Due, err error) {
	all, err := actionitems.DueBetween(s.tx, from, until)
	if err != nil {
		return nil, err
	}
	hidden := map[ident.ID]bool{}
	for _, id := range s.hidden {
		hidden[id] = true
	}
	for chunk := range slices.Chunk(all, kpiPage) {
		var of []ident.ID
		for _, i := range chunk {
			of = append(of, i.IncidentID)
		}
		numbers, err := incidents.Numbers(s.tx, of)
		if err != nil {
			return nil, err
		}
		for _, i := range chunk {
			if !hidden[i.IncidentID] {
				out = append(out, kpi.Due{Item: i, Number: numbers[i.IncidentID]})
			}
		}
	}
	return out, nil
}
