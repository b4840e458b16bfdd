// Package intake owns the way from a signal to an alert to an incident:
// deduplicate, suggest a severity, join the open incident or open one. It must
// not page, set clocks or declare; those react to what it records.
package intake

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/recur"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/procedures"
	"allclear/internal/store/timers"
)

// Arrival is one request of a source: its raw payload and what a parser made
// of it, for one service. Without a Raw none is kept: the arrival is the rest
// of a payload that came in with an earlier one, or of our own making.
type Arrival struct {
	ServiceID string
	Source    string
	Raw       []byte
	Signals   []alert.Signal
	Changes   []alert.Change
	Now       time.Time
}

// Intake takes arrivals in. Make it with New.
type Intake struct {
	db       *store.DB
	bus      *jobs.Bus
	shelf    *procedures.Shelf
	catalog  func(*store.Tx) (*catalog.Catalog, error)
	group    *store.Group[Arrival, struct{}]
	refused  *store.Group[Rejected, struct{}]
	known    silenceCache
	compiled compiled
	totals   struct{ accepted, refused atomic.Int64 }
}

// TimerAlertEnds resolves an alert whose source did not refresh it in time.
const TimerAlertEnds = "alert_ends"

const (
	maxBatch = 512
	// maxHold bounds how long one batch keeps the writer from a page.
	maxHold = 20 * time.Millisecond
)

// New returns an intake.
func New(db *store.DB, bus *jobs.Bus, shelf *procedures.Shelf, cat func(*store.Tx) (*catalog.Catalog, error)) *Intake {
	i := &Intake{db: db, bus: bus, shelf: shelf, catalog: cat}
	i.group = store.NewGroup(db, store.PriorityIntake, maxBatch, maxHold, func(tx *store.Tx, batch []Arrival) ([]struct{}, error) {
		return make([]struct{}, len(batch)), i.accept(tx, batch)
	})
	i.refused = store.NewGroup(db, store.PriorityRest, maxRefused, maxHold, func(tx *store.Tx, batch []Rejected) ([]struct{}, error) {
		return make([]struct{}, len(batch)), keepRejected(tx, batch)
	})
	return i
}

// Accept returns when the arrival is durable, with everything that follows
// from it, in one transaction (INV-I1).
func (i *Intake) Accept(ctx context.Context, a Arrival) error {
	_, err := i.group.Submit(ctx, a)
	if err == nil {
		i.totals.accepted.Add(1)
	}
	return err
}

// Totals counts the arrivals taken and the payloads refused since the start.
func (i *Intake) Totals() (accepted, refused int64) {
	return i.totals.accepted.Load(), i.totals.refused.Load()
}

// AcceptNow is Accept without a group, for one caller at a time.
func (i *Intake) AcceptNow(ctx context.Context, a Arrival) error {
	return i.db.Update(ctx, store.PriorityIntake, func(tx *store.Tx) error { return i.accept(tx, []Arrival{a}) })
}

// Raise takes in what the product itself has seen, inside the transaction in
// which it was seen. Nothing of it is kept but the alerts.
func (i *Intake) Raise(tx *store.Tx, service, source string, signals []alert.Signal, now time.Time) error {
	return i.accept(tx, []Arrival{{ServiceID: service, Source: source, Signals: signals, Now: now}})
}

// begin reads what every batch needs.
func (i *Intake) begin(tx *store.Tx, now time.Time) (*batch, error) {
	cat, err := i.catalog(tx)
	if err != nil {
		return nil, err
	}
	hash, err := i.shelf.Active(tx)
	if err != nil {
		return nil, err
	}
	proc, err := i.shelf.Get(tx, hash)
	if err != nil {
		return nil, err
	}
	b := newBatch(i, tx, cat, proc, hash)
	b.now = now
	return b, nil
}

func (i *Intake) accept(tx *store.Tx, batch []Arrival) error {
	b, err := i.begin(tx, time.Time{})
	if err != nil {
		return err
	}
	return b.accept(batch)
}

func (b *batch) accept(batch []Arrival) error {
	if err := b.keep(batch); err != nil {
		return err
	}
	for k := range batch {
		for n := range batch[k].Signals {
			if err := b.take(&batch[k], &batch[k].Signals[n]); err != nil {
				return err
			}
		}
		if err := b.Intake.tell(b.tx, &batch[k]); err != nil {
			return err
		}
	}
	return b.finish()
}

// keep stores the raw payloads and reads the alerts the signals are about.
func (b *batch) keep(arrivals []Arrival) error {
	raws := make([]alerts.Raw, 0, len(arrivals))
	keys := make([]alerts.Key, 0, len(arrivals))
	seen := make(map[alerts.Key]bool, len(arrivals))
	for _, a := range arrivals {
		raw := alerts.Raw{Source: a.Source, ServiceID: a.ServiceID, ReceivedAt: a.Now, Body: a.Raw}
		for _, s := range a.Signals {
			raw.DedupKey = s.DedupKey
			k := alerts.Key{ServiceID: a.ServiceID, DedupKey: s.DedupKey}
			if !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
		if len(a.Raw) > 0 {
			raws = append(raws, raw)
		}
		b.now = recur.Later(b.now, a.Now)
	}
	if err := alerts.Keep(b.tx, raws); err != nil {
		return fault.Wrap(fault.Internal, err, "keep raw payloads")
	}
	slices.SortFunc(keys, alerts.Key.Compare)
	var err error
	b.alerts, err = alerts.Find(b.tx, keys)
	return err
}

// AlertEnds is the handler of TimerAlertEnds.
func (i *Intake) AlertEnds(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	a, err := alerts.Get(tx, id)
	if err != nil || !a.Open() && a.Status != alert.Suppressed {
		return err
	}
	s := alert.Signal{Source: a.Source, Action: alert.Resolve, DedupKey: a.DedupKey, Summary: "no longer refreshed by its source"}
	return i.accept(tx, []Arrival{{ServiceID: a.ServiceID, Source: a.Source, Signals: []alert.Signal{s}, Now: now}})
}

// Tell records a change event of a source.
func (i *Intake) Tell(ctx context.Context, service string, c alert.Change, now time.Time) error {
	return i.db.Update(ctx, store.PriorityIntake, func(tx *store.Tx) error {
		return i.tell(tx, &Arrival{ServiceID: service, Changes: []alert.Change{c}, Now: now})
	})
}

func (i *Intake) tell(tx *store.Tx, a *Arrival) error {
	for _, c := range a.Changes {
		if c.At.IsZero() {
			c.At = a.Now
		}
		if err := alerts.Tell(tx, a.ServiceID, c, a.Now); err != nil {
			return err
		}
		e := event.Event{Kind: event.ChangeTold, Actor: "source:" + c.Source, Source: "hook", At: c.At, Data: event.Data{Text: c.Summary, Subject: a.ServiceID}}
		if err := i.bus.Emit(tx, a.Now, e); err != nil {
			return err
		}
	}
	return nil
}
