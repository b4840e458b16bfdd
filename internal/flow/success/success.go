// Package success owns what those who look after customers watch between incidents:
// how much customers use the product, hour by hour, the early warnings when one of
// them uses it unlike before (CRI-CS-USAGE, CRI-CS-EWS), and regular health checks
// (CRI-CS-HEALTH). What comes of it are notices; this package must not raise an alert,
// open an incident or page.
package success

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	usual "allclear/internal/domain/usage"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
	"allclear/internal/store/usage"
)

// Limits of what is kept.
const (
	Keep       = 70 * 24 * time.Hour // eight weeks and some
	maxHours   = 5000                // of one push
	maxMetrics = 50                  // of one customer
	// fresh is how old an hour may be that still warns: an import of last month's
	// figures is history.
	fresh = 48 * time.Hour
)

// Otherwise is who is told where a customer has no account manager.
const Otherwise = "role:vp-customer-success"

// Options are what the flow stands on.
type Options struct {
	Shelf   *procedures.Shelf // says how notices are sent; nil: by e-mail
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	Usable  func(channel string) bool // whether something goes out there
}

// Success is safe for concurrent use. Make it with New.
type Success struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Success {
	return &Success{db: db, bus: bus, o: o}
}

// Hour is a value of one hour.
type Hour = usage.Hour

// Push keeps a customer's hours and judges the newest of each metric. All of them
// are kept, or none.
func (w *Success) Push(ctx context.Context, actor authz.Actor, customer string, all []Hour, now time.Time) error {
	if err := authz.Can(actor, authz.Respond, authz.Resource{Kind: string(catalog.KindCustomer), ID: customer}); err != nil {
		return err
	}
	hours, err := tidy(all, now)
	if err != nil {
		return err
	}
	return w.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		cat, err := w.o.Catalog(tx)
		if err != nil {
			return err
		}
		who, ok := cat.Customers[customer]
		if !ok {
			return authz.NotFound(string(catalog.KindCustomer), customer)
		}
		for part := range slices.Chunk(hours, 500) {
			if err := usage.Put(tx, customer, part); err != nil {
				return err
			}
		}
		n, err := usage.Metrics(tx, customer)
		if err != nil {
			return err
		}
		if n > maxMetrics {
			return fault.New(fault.Conflict, "%d metrics of a customer are the most", maxMetrics)
		}
		if err := usage.Forget(tx, now.Add(-Keep)); err != nil {
			return err
		}
		for _, h := range hours {
			// An hour that is not over has not seen all of its requests.
			if h.At.Add(time.Hour).After(now) || now.Sub(h.At) > fresh {
				continue
			}
			if err := w.judge(tx, cat, &who, h, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// tidy checks the hours and puts them in order, each once.
func tidy(all []Hour, now time.Time) ([]Hour, error) {
	if len(all) == 0 || len(all) > maxHours {
		return nil, fault.New(fault.Invalid, "validation failed").With("body.hours", fmt.Sprintf("from 1 to %d hours at once", maxHours))
	}
	out := slices.Clone(all)
	for i := range out {
		h := &out[i]
		if where, what := unfit(h, now); what != "" {
			return nil, fault.New(fault.Invalid, "validation failed").With(fmt.Sprintf("body.hours[%d].%s", i, where), what)
		}
		h.At = h.At.UTC().Truncate(time.Hour)
	}
	slices.SortStableFunc(out, func(a, b Hour) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), a.At.Compare(b.At))
	})
	for i := 1; i < len(out); i++ {
		if out[i].Metric == out[i-1].Metric && out[i].At.Equal(out[i-1].At) {
			return nil, fault.New(fault.Invalid, "validation failed").With("body.hours", fmt.Sprintf("%s of %s is given twice", out[i].Metric, out[i].At.Format(time.RFC3339)))
		}
	}
	return out, nil
}

// unfit says what is wrong with an hour, and with which part; empty: nothing.
func unfit(h *Hour, now time.Time) (where, what string) {
	switch {
	case !catalog.IsSlug(h.Metric):
		return "metric", "use 1 to 64 of a-z, 0-9, dot, underscore and hyphen"
	case math.IsNaN(h.Value) || math.IsInf(h.Value, 0) || h.Value < 0:
		return "value", "must be a number that is not negative"
	case h.At.After(now.Add(time.Hour)) || now.Sub(h.At) > Keep:
		return "hour", "lies in the future, or more than 70 days back"
	}
	return "", ""
}

// knows refuses a customer that is not in the catalogue.
func (w *Success) knows(ctx context.Context, customer string) error {
	return w.db.View(ctx, func(tx *store.Tx) error {
		cat, err := w.o.Catalog(tx)
		if err != nil {
			return err
		}
		if _, ok := cat.Customers[customer]; !ok {
			return authz.NotFound(string(catalog.KindCustomer), customer)
		}
		return nil
	})
}

// judge compares an hour with the weeks before. A warning stands until an hour is
// as usual again; meanwhile nobody is told a second time.
func (w *Success) judge(tx *store.Tx, cat *catalog.Catalog, who *catalog.Customer, h Hour, now time.Time) error {
	before, err := usage.Same(tx, who.ID, h.Metric, usual.Before(h.At))
	if err != nil {
		return err
	}
	base, ok := usual.Usual(before)
	if !ok {
		return nil
	}
	v := usual.Judge(h.Value, base)
	stands, err := usage.Standing(tx, who.ID, h.Metric)
	if err != nil {
		return err
	}
	switch {
	case stands == nil && v.Kind == "", stands != nil && h.At.Before(stands.Since):
		return nil
	case stands != nil && v.Kind == stands.Kind:
		stands.Value, stands.Usual, stands.Change, stands.Score = h.Value, base.Median, v.Change, v.Score
		return usage.Save(tx, stands)
	case stands != nil:
		stands.EndedAt = now
		if err := usage.Save(tx, stands); err != nil || v.Kind == "" {
			return err
		}
	}
	last, err := usage.Warnings(tx, who.ID)
	if err != nil || slices.ContainsFunc(last, func(o *usage.Warning) bool { return o.Metric == h.Metric && !o.Since.Before(h.At) }) {
		return err // the same hour was pushed again
	}
	warning := &usage.Warning{Customer: who.ID, Metric: h.Metric, Kind: v.Kind, Since: h.At, Value: h.Value, Usual: base.Median, Change: v.Change, Score: v.Score}
	warning.Text = fmt.Sprintf("%s: %s %s: %.4g in the hour from %s, usually %.4g (median of %d weeks)", who.Name, h.Metric, v, h.Value, h.At.Format("Mon 2 Jan 15:04 MST"), base.Median, base.Weeks)
	if err := usage.Warn(tx, warning, now); err != nil {
		return err
	}
	return w.tell(tx, cat, who, warning, now)
}

// people are those who look after a customer.
func people(cat *catalog.Catalog, who *catalog.Customer, otherwise string, now time.Time) []string {
	if _, ok := cat.People[who.AccountManager]; ok {
		return []string{who.AccountManager}
	}
	ids, err := cat.Resolve(otherwise, catalog.TargetContext{At: now})
	if err != nil {
		return nil // the list and the record stay
	}
	return ids
}

func (w *Success) tell(tx *store.Tx, cat *catalog.Catalog, who *catalog.Customer, warning *usage.Warning, now time.Time) error {
	warning.Told = people(cat, who, Otherwise, now)
	e := event.Event{Kind: event.UsageWarning, Source: rule, Data: event.Data{
		Rule: rule, Ref: warning.ID.String(), Subject: who.ID, Outcome: warning.Kind, Text: warning.Text, Targets: warning.Told, Clauses: []string{"CRI-CS-EWS"},
	}}
	if err := w.bus.Emit(tx, now, e); err != nil {
		return err
	}
	if err := usage.Save(tx, warning); err != nil {
		return err
	}
	order, err := w.order(tx)
	if err != nil {
		return err
	}
	return w.send(tx, cat, order, warning.Told, message.Delivery{
		Kind: message.KindWarning, RefID: warning.ID, Subject: "Early warning: " + who.Name, Body: warning.Text, Clauses: []string{"CRI-CS-EWS"}, Headers: message.Headers{Rule: rule},
	}, now)
}

// Point is an hour and what is usual in it.
type Point struct {
	Hour
	Usual usual.Baseline // no weeks: too few to say
}

// Of shows a customer's hours of [from, until) with their baselines.
func (w *Success) Of(ctx context.Context, actor authz.Actor, customer string, from, until time.Time) (out []Point, err error) {
	if err := authz.Can(actor, authz.ReadCustomers, authz.Resource{Kind: string(catalog.KindCustomer), ID: customer}); err != nil {
		return nil, err
	}
	if until.Sub(from) > Keep {
		return nil, fault.New(fault.Invalid, "validation failed").With("query.from", "at most 70 days at once")
	}
	err = w.db.View(ctx, func(tx *store.Tx) error {
		cat, err := w.o.Catalog(tx)
		if err != nil {
			return err
		}
		if _, ok := cat.Customers[customer]; !ok {
			return authz.NotFound(string(catalog.KindCustomer), customer)
		}
		all, err := usage.Hours(tx, customer, from.Add(-usual.Weeks*usual.Week), until)
		if err != nil {
			return err
		}
		values := map[string]map[int64]float64{}
		for _, h := range all {
			if values[h.Metric] == nil {
				values[h.Metric] = map[int64]float64{}
			}
			values[h.Metric][h.At.Unix()] = h.Value
		}
		for _, h := range all {
			if h.At.Before(from) {
				continue
			}
			p := Point{Hour: h}
			var before []float64
			for _, t := range usual.Before(h.At) {
				if v, ok := values[h.Metric][t.Unix()]; ok {
					before = append(before, v)
				}
			}
			if b, ok := usual.Usual(before); ok {
				p.Usual = b
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// Warning is an early warning.
type Warning = usage.Warning

// Warnings lists a customer's warnings, the newest first; of nobody: all that stand.
func (w *Success) Warnings(ctx context.Context, actor authz.Actor, customer string) (out []*Warning, err error) {
	if err := authz.Can(actor, authz.ReadCustomers, authz.Resource{Kind: string(catalog.KindCustomer), ID: customer}); err != nil {
		return nil, err
	}
	err = w.db.View(ctx, func(tx *store.Tx) error {
		out, err = usage.Warnings(tx, customer)
		return err
	})
	return out, err
}
