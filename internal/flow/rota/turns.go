package rota

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
)

// MaxRange is the longest stretch that is laid out at once.
const MaxRange = 370 * 24 * time.Hour

// Lines are a schedule laid out: what counts in the end, and where it comes
// from.
type Lines struct {
	Schedule  string
	TimeZone  string
	Final     []oncall.Shift // who is on call, gaps included with an empty person
	Layers    [][]oncall.Shift
	Overrides []oncall.Override // that touch the range
}

// Lines lays a schedule out over [from, until), at most MaxRange.
func (r *Rota) Lines(ctx context.Context, actor authz.Actor, id string, from, until, now time.Time) (out Lines, err error) {
	if err := authz.Can(actor, authz.Read, onSchedule(id)); err != nil {
		return out, err
	}
	err = r.reading(ctx, now, func(v *view) error {
		doc, err := v.schedule(id)
		if err != nil {
			return err
		}
		if err := bounded(from, until); err != nil {
			return err
		}
		out = Lines{Schedule: id, TimeZone: doc.TimeZone, Final: slices.Collect(doc.Timeline(from, until))}
		for i := range doc.Layers {
			out.Layers = append(out.Layers, doc.Alone(i, from, until))
		}
		for _, o := range doc.Overrides {
			if (oncall.Stretch{From: from, Until: until}).Overlaps(oncall.Stretch{From: o.From, Until: o.Until}) {
				out.Overrides = append(out.Overrides, o)
			}
		}
		return nil
	})
	return out, err
}

func (r *Rota) reading(ctx context.Context, now time.Time, fn func(v *view) error) error {
	return r.db.View(ctx, func(tx *store.Tx) error {
		v, err := r.look(tx, r.desk.Read, now)
		if err != nil {
			return err
		}
		return fn(v)
	})
}

func bounded(from, until time.Time) error {
	if !from.Before(until) || until.Sub(from) > MaxRange {
		return fault.New(fault.Invalid, "lay out a stretch: until must be after from, by at most %d days", MaxRange/(24*time.Hour))
	}
	return nil
}

// Turn is a shift with the schedule it is of.
type Turn struct {
	Schedule string
	oncall.Shift
}

// Turns lists when a person is on call by any schedule in [from, until), in
// order of time.
func (r *Rota) Turns(ctx context.Context, actor authz.Actor, person string, from, until, now time.Time) (out []Turn, err error) {
	if err := authz.Can(actor, authz.Read, authz.Resource{Kind: string(catalog.KindPerson), ID: person}); err != nil {
		return nil, err
	}
	if err := bounded(from, until); err != nil {
		return nil, err
	}
	err = r.reading(ctx, now, func(v *view) error {
		out = v.turns(person, from, until)
		return nil
	})
	return out, err
}

func (v *view) turns(person string, from, until time.Time) []Turn {
	out := []Turn{}
	for id, doc := range v.cat.Schedules {
		for _, s := range doc.Shifts(from, until) {
			if s.Person == person {
				out = append(out, Turn{Schedule: id, Shift: s})
			}
		}
	}
	slices.SortFunc(out, func(a, b Turn) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		if a.Schedule < b.Schedule {
			return -1
		}
		return 1
	})
	return out
}
