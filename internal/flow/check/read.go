package check

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/check"
	"allclear/internal/store"
	"allclear/internal/store/checks"
)

// Place is how a check stands at one place.
type Place struct {
	checks.Row
	Overdue time.Duration // how late the next result is
	P95     *float64      // seconds that 95 of 100 answers of the last day took at most; nil: none came
}

// Health is how a check stands.
type Health struct {
	Down   int  // places at which it fails, when they are enough
	Known  bool // false: places that are not heard of could make the difference
	Places []Place
}

// Health shows how a check stands at each place; times says that of the answers of
// the last day as well.
func (f *Checks) Health(ctx context.Context, a authz.Actor, id string, times bool, now time.Time) (h Health, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "check", ID: id}); err != nil {
		return h, err
	}
	var own check.Check
	var rows []checks.Row
	err = f.db.View(ctx, func(tx *store.Tx) error {
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		c, ok := cat.Checks[id]
		if !ok {
			return authz.NotFound("check", id)
		}
		own = check.Check(c)
		rows, err = checks.Of(tx, id)
		return err
	})
	if err != nil {
		return h, err
	}
	span := f.span(now)
	all := make([]check.Standing, len(rows))
	for i := range rows {
		all[i] = rows[i].Standing
		h.Places = append(h.Places, Place{Row: rows[i], Overdue: rows[i].Overdue(&own, span)})
	}
	h.Down, h.Known = check.Down(&own, all, span)
	if !times {
		return h, nil
	}
	return h, f.times(ctx, own.Service, id, h.Places, now)
}

func (f *Checks) times(ctx context.Context, service, id string, places []Place, now time.Time) error {
	found, err := f.o.Ask(ctx, service, fmt.Sprintf("quantile_over_time(0.95, %s{check=%q}[1d])", check.MetricDuration, id), now)
	if err != nil {
		return err
	}
	for _, s := range found {
		for i := range places {
			if places[i].Probe == s.Labels["probe"] && len(s.Points) > 0 {
				places[i].P95 = &s.Points[len(s.Points)-1].Value
			}
		}
	}
	return nil
}

// Reported is a result that another place has found.
type Reported struct {
	Check  string
	Result check.Result
}

// MaxReported is how many results one report may carry.
const MaxReported = 500

// Report takes in what another place has found. What cannot be used is told of as
// fault.Invalid, with its place; the rest is kept.
func (f *Checks) Report(ctx context.Context, a authz.Actor, probe string, results []Reported, now time.Time) error {
	if err := authz.Can(a, authz.Respond, authz.Resource{Kind: "check"}); err != nil {
		return err
	}
	switch {
	case probe == check.Local:
		return fault.New(fault.Invalid, "%s is the server itself: give the place another name", check.Local)
	case len(results) > MaxReported:
		return fault.New(fault.TooLarge, "more than %d results in one report", MaxReported)
	}
	bad := fault.New(fault.Invalid, "some results could not be used; the others are kept")
	for i := range results {
		err := f.reported(ctx, probe, &results[i], now)
		switch kind := fault.KindOf(err); {
		case err == nil:
		case kind == fault.Invalid, kind == fault.NotFound:
			bad = bad.With(fmt.Sprintf("/results/%d", i), err.Error())
		default:
			return err
		}
	}
	if len(bad.Details) > 0 {
		return bad
	}
	return nil
}

func (f *Checks) reported(ctx context.Context, probe string, r *Reported, now time.Time) error {
	var own check.Check
	err := f.db.View(ctx, func(tx *store.Tx) error {
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		own, err = known(cat, r.Check, probe)
		return err
	})
	if err != nil {
		return err
	}
	return f.take(ctx, &own, probe, r.Result, now)
}
