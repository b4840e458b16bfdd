// Package detect owns the product's own detection: it keeps what senders measure,
// judges it twice a minute by the metric rules of the procedure, and raises and
// ends their alerts (DET-MET-*). It must not page, nor say what an alert means:
// intake does that with every alert alike.
package detect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/metric"
	"allclear/internal/flow/detect/promql"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/samples"
)

// Source is the source of every alert from here.
const Source = "metrics"

// Every is how often the rules are judged.
const Every = 30 * time.Second

// Options are what the flow stands on.
type Options struct {
	Shelf   *procedures.Shelf
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Raise takes signals in, in the transaction in which they were seen.
	Raise func(tx *store.Tx, service, source string, signals []alert.Signal, now time.Time) error
	// Queriers are the stores of values of vendors that can be asked, by plug-in.
	Queriers map[string]plug.Querier
	// Most is how many values a query may read at once; 0: as many as the store
	// allows.
	Most int
}

// Detect is safe for concurrent use. Make it with New.
type Detect struct {
	Beat func(now time.Time) // told on each pass of Run; may be nil

	db     *store.DB
	o      Options
	engine *promql.Engine
	writes *store.Group[write, []problem]

	mu     sync.Mutex
	swept  ident.ID                 // the series that was last rid of old values
	series map[string]samples.Known // by key, of what came lately
	judged time.Time                // when the rules were judged last
	forgot time.Time                // when the series were forgotten here last
	failed map[string]string        // rules that could not be judged, and why
}

// Limits of writing.
const (
	maxBatch = 64                    // pushes in one transaction
	maxHold  = 10 * time.Millisecond // that it keeps the writer from a page
	maxKnown = 50_000                // series remembered here
)

// New returns the flow.
func New(db *store.DB, o Options) *Detect {
	d := &Detect{db: db, o: o, engine: promql.New(), series: map[string]samples.Known{}, failed: map[string]string{}}
	d.writes = store.NewGroup(db, store.PriorityRest, maxBatch, maxHold, d.write)
	return d
}

// watchFor is how long monitoring is more sensitive after an incident.
const watchFor = 24 * time.Hour

// Wire has the flow hear what it must know.
func (d *Detect) Wire(bus *jobs.Bus) { bus.On(event.ResolvedKind, d.resolved) }

// resolved puts the service of an incident that was a P1 or P2 under sharper
// limits (MON-ENH-24H, reading 20).
func (d *Detect) resolved(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	if !inc.Declared || !inc.Highest.Pages() {
		return nil
	}
	for _, service := range inc.Services() {
		if err := samples.Watch(tx, service, e.At.Add(watchFor), e.At); err != nil {
			return err
		}
	}
	return nil
}

// Tick judges the rules when it is time to. It answers whether it did, and tells
// of rules that cannot be judged after it has judged the others.
func (d *Detect) Tick(ctx context.Context, now time.Time) (bool, error) {
	d.mu.Lock()
	due := now.Sub(d.judged) >= Every || now.Before(d.judged)
	d.mu.Unlock()
	if !due {
		return false, nil
	}
	if err := d.Judge(ctx, now); err != nil {
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.judged = now
	if now.Sub(d.forgot) > time.Hour { // one that has had no values for weeks is gone from the database
		d.forgot = now
		clear(d.series)
	}
	errs := make([]error, 0, len(d.failed))
	for _, rule := range slices.Sorted(maps.Keys(d.failed)) {
		errs = append(errs, fmt.Errorf("judge metric rule %s: %s", rule, d.failed[rule]))
	}
	return true, errors.Join(errs...)
}

// pause is how often the loop looks whether it is time.
const pause = time.Second

// Run judges until ctx ends, and forgets what is too old.
func (d *Detect) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		if d.Beat != nil {
			d.Beat(now())
		}
		judged, err := d.Tick(ctx, now())
		if judged {
			_, old := d.Forget(ctx, now())
			err = errors.Join(err, old)
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// Keep is how long values are kept.
const Keep = 15 * 24 * time.Hour

// Forget removes values that are older than Keep, of a part of the series at once;
// more says whether others are left for the next call.
func (d *Detect) Forget(ctx context.Context, now time.Time) (more bool, err error) {
	const part = 100
	d.mu.Lock()
	after := d.swept
	d.mu.Unlock()
	err = d.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		var err error
		after, err = samples.Forget(tx, now.Add(-Keep), after, part)
		return err
	})
	if err != nil {
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.swept = after
	return after != 0, nil
}

// reader reads values for a query.
func (d *Detect) reader(service string) promql.Read {
	return func(ctx context.Context, name string, from, to time.Time) (out []metric.Series, err error) {
		f := samples.Filter{Service: service, Most: d.o.Most}
		if name != "" {
			f.Names = []string{name}
		}
		err = d.db.View(ctx, func(tx *store.Tx) error {
			out, err = samples.Read(tx, f, from, to)
			return err
		})
		return out, err
	}
}
