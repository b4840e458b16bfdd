// Package check owns the making of synthetic checks: which node makes which and
// when, what becomes of a result, and how each check stands at each place. What a
// result leads to, the metric rules of the procedure say. It must not ask a target
// itself (a plug-in does), nor hold a transaction while one is asked.
package check

import (
	"context"
	"fmt"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
	"allclear/internal/domain/metric"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/checks"
)

// Options are what the flow stands on.
type Options struct {
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Push keeps samples.
	Push func(ctx context.Context, all []metric.Sample, now time.Time) error
	// Ask runs a query over what is measured of a service.
	Ask func(ctx context.Context, service, query string, at time.Time) ([]metric.Series, error)
	// Try makes a check once; nil: this node makes none.
	Try func(ctx context.Context, c check.Check, now time.Time) check.Result
}

// Checks is safe for concurrent use. Make it with New.
type Checks struct {
	Beat func(now time.Time) // told on each pass of Run; may be nil

	db   *store.DB
	o    Options
	crew *jobs.Crew

	mu    sync.Mutex
	since time.Time // when this process began to take in results
	swept time.Time
}

// atOnce is how many checks are under way at once.
const atOnce = 32

// New returns the flow.
func New(db *store.DB, o Options) *Checks {
	return &Checks{db: db, o: o, crew: jobs.NewCrew(atOnce)}
}

// Tick makes every check that is due at now, waits for the results and returns how
// many it made.
func (f *Checks) Tick(ctx context.Context, now time.Time) (int, error) {
	return f.crew.Drain(func(failed func(error)) (int, error) {
		return f.round(ctx, func() time.Time { return now }, failed)
	})
}

// pause is how late a check may be.
const pause = time.Second

// Run makes checks until ctx ends, and waits for those under way.
func (f *Checks) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	return f.crew.Run(ctx, pause, nil, func(failed func(error)) (int, error) {
		if f.Beat != nil {
			f.Beat(now())
		}
		return f.round(ctx, now, failed)
	}, failed)
}

// round starts what is due, as far as there is room, and waits for nothing.
func (f *Checks) round(ctx context.Context, now func() time.Time, failed func(error)) (int, error) {
	at := now()
	if err := f.sweep(ctx, at); err != nil {
		return 0, err
	}
	if f.o.Try == nil {
		return 0, nil
	}
	due, err := f.claim(ctx, at, f.crew.Room())
	for _, c := range due {
		f.crew.Go(func() {
			if err := f.make(ctx, c, now); err != nil && ctx.Err() == nil {
				failed(fmt.Errorf("check %s: %w", c.ID, err))
			}
		})
	}
	return len(due), err
}

// claim takes what is due, so that one node makes it, and sets the next round.
func (f *Checks) claim(ctx context.Context, now time.Time, room int) (out []check.Check, err error) {
	some := false
	err = f.db.View(ctx, func(tx *store.Tx) error {
		some, err = checks.Any(tx, check.Local, now)
		return err
	})
	if err != nil || !some || room <= 0 {
		return nil, err
	}
	err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		out = out[:0]
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		rows, err := checks.Claim(tx, check.Local, now, room)
		if err != nil {
			return err
		}
		for i := range rows {
			c, ok := cat.Checks[rows[i].Check]
			own := check.Check(c)
			if !ok || !own.From(check.Local) { // the next sweep forgets it
				own.Every.Duration = check.MaxEvery
			} else {
				out = append(out, own)
			}
			if err := checks.Move(tx, rows[i].Check, check.Local, own.Next(now)); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// make makes one check outside of any transaction, and keeps what came of it.
func (f *Checks) make(ctx context.Context, c check.Check, now func() time.Time) error {
	r := f.o.Try(ctx, c, now())
	if err := ctx.Err(); err != nil {
		return err // we are stopping: that says nothing about the target
	}
	return f.take(ctx, &c, check.Local, r, now())
}

// take keeps a result and pushes what it measures.
func (f *Checks) take(ctx context.Context, c *check.Check, probe string, r check.Result, now time.Time) error {
	var all []check.Standing
	var own check.Standing
	err := f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		rows, err := checks.Lock(tx, c.ID)
		if err != nil {
			return err
		}
		all, own = all[:0], check.Standing{}
		for i := range rows {
			row := &rows[i]
			if row.Probe == probe {
				note(row, c, r, now)
				own = row.Standing
				if err := checks.Save(tx, row); err != nil {
					return err
				}
			}
			all = append(all, row.Standing)
		}
		return nil
	})
	if err != nil || own.Probe == "" { // taken away meanwhile
		return err
	}
	return f.o.Push(ctx, append(c.Measured(probe, r, own), c.State(all, f.span(now))...), now)
}

// note writes a result into its row.
func note(row *checks.Row, c *check.Check, r check.Result, now time.Time) {
	row.Standing = row.Take(c, r, now)
	switch {
	case r.Up:
		row.SucceededAt, row.Took = now, r.Took
	default:
		row.FailedAt = now
	}
	if row.Probe == check.Local && !r.Idle {
		row.DueAt = c.After(row.Streak, now)
	}
}

// span is the time in which this process has been taking in results.
func (f *Checks) span(now time.Time) check.Span {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.since.IsZero() {
		f.since = now
	}
	return check.Span{Since: f.since, Now: now}
}

// known finds a check of the catalogue that a place makes.
func known(cat *catalog.Catalog, id, probe string) (check.Check, error) {
	c, ok := cat.Checks[id]
	own := check.Check(c)
	switch {
	case !ok:
		return own, fault.New(fault.NotFound, "there is no check %q", id)
	case !own.From(probe):
		return own, fault.New(fault.Invalid, "check %s is not made from %s", id, probe)
	}
	return own, nil
}
