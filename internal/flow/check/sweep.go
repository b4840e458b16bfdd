package check

import (
	"context"
	"slices"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
	"allclear/internal/domain/metric"
	"allclear/internal/store"
	"allclear/internal/store/checks"
)

// sweepEvery is how often the rows are compared with the catalogue and how all
// checks stand is said again.
const sweepEvery = 30 * time.Second

// changes are what the rows lack to be as the catalogue says.
type changes struct {
	add  []checks.Row
	drop []checks.Row
	move []checks.Row
}

// sweep has a row for every check and place, none for others, and says how every
// check stands. Several nodes may do it at once: they do the same.
func (f *Checks) sweep(ctx context.Context, now time.Time) error {
	f.mu.Lock()
	due := now.Sub(f.swept) >= sweepEvery || now.Before(f.swept)
	f.mu.Unlock()
	if !due {
		return nil
	}
	var rows []checks.Row
	var cat *catalog.Catalog
	err := f.db.View(ctx, func(tx *store.Tx) (err error) {
		if cat, err = f.o.Catalog(tx); err == nil {
			rows, err = checks.All(tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	c := compare(cat, rows, now)
	if len(c.add)+len(c.drop)+len(c.move) > 0 {
		err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) (err error) {
			if cat, err = f.o.Catalog(tx); err != nil {
				return err
			}
			if rows, err = checks.All(tx); err != nil {
				return err
			}
			c = compare(cat, rows, now)
			return c.write(tx)
		})
		if err != nil {
			return err
		}
	}
	if err := f.say(ctx, cat, rows, c, now); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.swept = now
	return nil
}

func compare(cat *catalog.Catalog, rows []checks.Row, now time.Time) (out changes) {
	have := map[[2]string]bool{}
	for i := range rows {
		r := &rows[i]
		c, ok := cat.Checks[r.Check]
		own := check.Check(c)
		if !ok || !own.From(r.Probe) || own.Service != r.Service {
			out.drop = append(out.drop, *r)
			continue
		}
		have[[2]string{r.Check, r.Probe}] = true
		if r.Probe == check.Local && r.DueAt.Sub(now) > own.Every.Elapsed() { // it was made less often before
			r.DueAt = own.Next(now)
			out.move = append(out.move, *r)
		}
	}
	for id, c := range cat.Checks {
		own := check.Check(c)
		for _, probe := range own.Places() {
			if own.From(probe) && !have[[2]string{id, probe}] {
				out.add = append(out.add, checks.Row{
					Check: id, Service: own.Service, DueAt: own.First(now),
					Standing: check.Standing{Probe: probe, ExpectedAt: now.Add(own.Patience())},
				})
			}
		}
	}
	return out
}

func (c *changes) write(tx *store.Tx) error {
	for i := range c.drop {
		if err := checks.Drop(tx, c.drop[i].Check, c.drop[i].Probe); err != nil {
			return err
		}
	}
	for i := range c.move {
		if err := checks.Move(tx, c.move[i].Check, c.move[i].Probe, c.move[i].DueAt); err != nil {
			return err
		}
	}
	for i := range c.add {
		if err := checks.Insert(tx, &c.add[i]); err != nil {
			return err
		}
	}
	return nil
}

// say pushes how every check stands, and ends what stood of what is made no more.
func (f *Checks) say(ctx context.Context, cat *catalog.Catalog, rows []checks.Row, c changes, now time.Time) error {
	var all []metric.Sample
	span := f.span(now)
	by := map[string][]check.Standing{}
	for i := range rows {
		if !slices.ContainsFunc(c.drop, func(d checks.Row) bool { return d.Check == rows[i].Check && d.Probe == rows[i].Probe }) {
			by[rows[i].Check] = append(by[rows[i].Check], rows[i].Standing)
		}
	}
	for i := range c.drop {
		d := &c.drop[i]
		if _, ok := cat.Services[d.Service]; ok {
			was := check.Check{ID: d.Check, Service: d.Service}
			stands := cat.Checks[d.Check]
			all = append(all, was.Gone(d.Probe, len(by[d.Check]) == 0 || stands.Service != d.Service, now)...)
		}
	}
	for id, standing := range by {
		own := check.Check(cat.Checks[id])
		all = append(all, own.State(standing, span)...)
	}
	if len(all) == 0 {
		return nil
	}
	return f.o.Push(ctx, all, now)
}
