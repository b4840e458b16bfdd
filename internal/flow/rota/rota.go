// Package rota owns schedules in life: who asks whom to take a turn, who takes
// over now, what is weak in the weeks ahead, telling people that their turn
// begins or ends, calendars to subscribe to, and how the load was shared. Who
// is on call at an instant is said by domain/oncall; this package must not
// page anybody, and it changes a schedule by overrides alone.
package rota

import (
	"strings"
	"sync/atomic"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
)

// Desk is the catalogue as this flow needs it; the app gives it the one that
// owns the catalogue.
type Desk struct {
	Read func(tx *store.Tx) (*catalog.Catalog, error)
	// Lock reads the catalogue and keeps it from changing until the transaction ends.
	Lock func(tx *store.Tx) (*catalog.Catalog, error)
	// Cover adds overrides to a schedule and returns its version.
	Cover func(tx *store.Tx, actor authz.Actor, schedule string, os []oncall.Override, now time.Time) (int64, error)
}

// Rota is safe for concurrent use. Make it with New and wire it before use.
type Rota struct {
	db       *store.DB
	bus      *jobs.Bus
	shelf    *procedures.Shelf
	desk     Desk
	watching atomic.Bool
	weak     atomic.Int64
}

// New returns a rota.
func New(db *store.DB, bus *jobs.Bus, shelf *procedures.Shelf, d Desk) *Rota {
	return &Rota{db: db, bus: bus, shelf: shelf, desk: d}
}

// Wire hangs the flow on the bus and the timers.
func (r *Rota) Wire(timers *jobs.Timers) {
	r.bus.On(event.CatalogChanged, r.onCatalog)
	r.bus.On(event.AbsenceCalendar, r.onAbsence)
	timers.Handle(TimerWatch, r.watch)
	timers.Handle(TimerHandover, r.handover)
}

// Weak is how many findings the last forecast of this process had.
func (r *Rota) Weak() int64 { return r.weak.Load() }

// view is the installation as one transaction sees it.
type view struct {
	r    *Rota
	tx   *store.Tx
	cat  *catalog.Catalog
	proc *procedure.Procedure
	now  time.Time
}

func (r *Rota) look(tx *store.Tx, read func(*store.Tx) (*catalog.Catalog, error), now time.Time) (*view, error) {
	cat, err := read(tx)
	if err != nil {
		return nil, err
	}
	v := &view{r: r, tx: tx, cat: cat, proc: &procedure.Procedure{}, now: now}
	hash, err := r.shelf.Active(tx)
	if fault.Is(err, fault.Conflict) { // no procedure yet: schedules have their say all the same
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	v.proc, err = r.shelf.Get(tx, hash)
	return v, err
}

// outlook is what a forecast looks at: the chain's schedules must differ in
// person, and the channels are those of a page.
func (v *view) outlook(from, until time.Time) catalog.Outlook {
	o := catalog.Outlook{From: from, Until: until, Channels: v.proc.Paging.Channels}
	if len(o.Channels) == 0 {
		o.Channels = catalog.Channels
	}
	for _, s := range v.proc.Chain.Steps {
		if id, ok := strings.CutPrefix(s.Target, "schedule:"); ok {
			o.Backups = append(o.Backups, id)
		}
	}
	return o
}

func (v *view) schedule(id string) (*oncall.Schedule, error) {
	doc, ok := v.cat.Schedules[id]
	if !ok {
		return nil, authz.NotFound(string(catalog.KindSchedule), id)
	}
	return doc, nil
}

func (v *view) name(person string) string {
	if p, ok := v.cat.People[person]; ok && p.Name != "" {
		return p.Name
	}
	return person
}

func onSchedule(id string) authz.Resource {
	return authz.Resource{Kind: string(catalog.KindSchedule), ID: id}
}
