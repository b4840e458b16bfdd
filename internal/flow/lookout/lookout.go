// Package lookout owns watching for dead ends: places where somebody is to be
// paged, now or in the days to come, and nobody can be. It tells the contact of
// last resort of each once. It must not page, nor decide what a dead end is.
package lookout

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/reach"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deadends"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/procedures"
)

// Lookout watches. Make it with New; it is safe for concurrent use.
type Lookout struct {
	db      *store.DB
	bus     *jobs.Bus
	shelf   *procedures.Shelf
	catalog func(*store.Tx) (*catalog.Catalog, error)
	usable  func(channel string) bool

	mu    sync.Mutex
	cat   *catalog.Catalog // what was looked at last
	proc  *procedure.Procedure
	at    time.Time
	found []reach.Finding
}

// New returns a lookout; usable says whether a provider serves a channel.
func New(db *store.DB, bus *jobs.Bus, shelf *procedures.Shelf, cat func(*store.Tx) (*catalog.Catalog, error), usable func(string) bool) *Lookout {
	return &Lookout{db: db, bus: bus, shelf: shelf, catalog: cat, usable: usable}
}

// every is how often is looked again although nothing has changed: time itself
// brings dead ends into sight.
const every = time.Hour

// Find lists the dead ends at now and in the days to come.
func (l *Lookout) Find(ctx context.Context, a authz.Actor, now time.Time) ([]reach.Finding, error) {
	if err := authz.Can(a, authz.Read, authz.Resource{}); err != nil {
		return nil, err
	}
	w, ok, err := l.world(ctx)
	if err != nil || !ok {
		return nil, err
	}
	return reach.Find(w, now, now.Add(reach.Horizon)), nil
}

// Standing lists what the last look has found and is not over, soonest first:
// it costs nothing to ask.
func (l *Lookout) Standing(now time.Time) []reach.Finding {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.DeleteFunc(slices.Clone(l.found), func(f reach.Finding) bool { return !now.Before(f.Until) })
	slices.SortStableFunc(out, func(a, b reach.Finding) int { return a.From.Compare(b.From) })
	return out
}

func (l *Lookout) world(ctx context.Context) (w reach.World, ok bool, err error) {
	err = l.db.View(ctx, func(tx *store.Tx) error {
		hash, err := l.shelf.Active(tx)
		if fault.Is(err, fault.Conflict) {
			return nil // without a procedure nobody is to be paged yet
		}
		if err != nil {
			return err
		}
		if w.Procedure, err = l.shelf.Get(tx, hash); err != nil {
			return err
		}
		w.Catalog, err = l.catalog(tx)
		ok = true
		return err
	})
	w.Usable = l.usable
	return w, ok, err
}

// Tick looks when the catalogue or the procedure has changed, and every hour.
// Judging takes no transaction, so that it holds up nobody who pages.
func (l *Lookout) Tick(ctx context.Context, now time.Time) error {
	w, ok, err := l.world(ctx)
	if err != nil || !ok {
		return err
	}
	l.mu.Lock()
	stale := l.cat != w.Catalog || l.proc != w.Procedure || !now.Before(l.at.Add(every))
	l.mu.Unlock()
	if !stale {
		return nil
	}
	found := reach.Find(w, now, now.Add(reach.Horizon))
	if err := l.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return l.keep(tx, w, found, now) }); err != nil {
		return fmt.Errorf("keep dead ends: %w", err)
	}
	l.mu.Lock()
	l.cat, l.proc, l.at, l.found = w.Catalog, w.Procedure, now, found
	l.mu.Unlock()
	return nil
}

// pause is how long after a change is looked at the latest; what is found has
// been told within a minute.
const pause = 10 * time.Second

// Run looks until ctx ends.
func (l *Lookout) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		if err := l.Tick(ctx, now()); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("lookout: %w", ctx.Err())
		case <-t.C:
		}
	}
}

// keep tells of what is new and remembers what was found.
func (l *Lookout) keep(tx *store.Tx, w reach.World, found []reach.Finding, now time.Time) error {
	known, err := deadends.All(tx)
	if err != nil {
		return err
	}
	var fresh []reach.Finding
	for _, f := range found {
		if !slices.ContainsFunc(known, func(k reach.Finding) bool { return sameAs(k, f) }) {
			fresh = append(fresh, f)
		}
	}
	if err := deadends.Replace(tx, found); err != nil || len(fresh) == 0 {
		return err
	}
	return l.tell(tx, w, fresh, now)
}

// sameAs reports whether both are the same dead end, seen at two times.
func sameAs(k, f reach.Finding) bool {
	return k.Where == f.Where && k.What == f.What && slices.Equal(k.People, f.People) && k.From.Before(f.Until) && f.From.Before(k.Until)
}

const rule = "reachability"

// told is how many dead ends one notice writes out.
const told = 20

func (l *Lookout) tell(tx *store.Tx, w reach.World, fresh []reach.Finding, now time.Time) error {
	subject := fmt.Sprintf("Nobody can be reached: %d places", len(fresh))
	if len(fresh) == 1 {
		subject = "Nobody can be reached: " + fresh[0].Where
	}
	var lines []string
	for _, f := range fresh[:min(len(fresh), told)] {
		lines = append(lines, Say(w.Catalog, f))
	}
	if more := len(fresh) - told; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	text := strings.Join(lines, "\n")
	ref := tx.NewID(now)
	e := event.Event{Kind: event.DeadEnd, Source: rule, Data: event.Data{Rule: rule, Ref: ref.String(), Subject: subject, Text: text, Clauses: []string{"ESC-L1-PRIMARY"}}}
	if err := l.bus.Emit(tx, now, e); err != nil {
		return err
	}
	people, err := w.Catalog.Resolve(w.Procedure.Paging.Fallback, catalog.TargetContext{At: now, Standby: w.Procedure.Standby(false)})
	if err != nil {
		people = nil // the banner and the record stay
	}
	for _, id := range people {
		d := &message.Delivery{
			Kind: message.KindDeadEnd, RefID: ref, Recipient: id, Subject: subject, Body: text, Priority: 1, DueAt: now, CreatedAt: now,
			Clauses: e.Data.Clauses, Headers: message.Headers{Rule: rule, Name: w.Catalog.People[id].Name},
		}
		if _, err := l.queue(tx, w, d, 0); err != nil {
			return err
		}
	}
	return nil
}

// queue sends on the person's nth contact that has a provider; ok is false when
// there is none.
func (l *Lookout) queue(tx *store.Tx, w reach.World, d *message.Delivery, n int) (ok bool, err error) {
	order := append(slices.Clone(w.Procedure.Paging.Notices), w.Procedure.Paging.Channels...)
	rungs := catalog.Ladder(catalog.Person{ID: d.Recipient, Email: w.Catalog.People[d.Recipient].Email, Contacts: w.Catalog.People[d.Recipient].Contacts}, catalog.High, order)
	rungs = slices.DeleteFunc(rungs, func(r catalog.Rung) bool { return !l.usable(r.Channel) })
	if n >= len(rungs) {
		return false, nil
	}
	d.Channel, d.Address, d.Headers.Rung = rungs[n].Channel, rungs[n].Address, n
	d.Key = fmt.Sprintf("%s/%s/%s/%d", rule, d.RefID, d.Recipient, n+1)
	return true, deliveries.Queue(tx, d)
}

// Wanted is what a sender asks before a notice of a dead end goes out.
func (l *Lookout) Wanted(*store.Tx, *message.Delivery, time.Time) (ok bool, why string, err error) {
	return true, "", nil
}

// Outcome goes to the next contact when one refuses.
func (l *Lookout) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	if d.State != message.Failed {
		return nil
	}
	hash, err := l.shelf.Active(tx)
	if err != nil {
		return err
	}
	w := reach.World{Usable: l.usable}
	if w.Procedure, err = l.shelf.Get(tx, hash); err != nil {
		return err
	}
	if w.Catalog, err = l.catalog(tx); err != nil {
		return err
	}
	next := *d
	next.State, next.Attempts, next.LastError, next.DueAt, next.CreatedAt, next.DoneAt = message.Queued, 0, "", now, now, time.Time{}
	ok, err := l.queue(tx, w, &next, d.Headers.Rung+1)
	if err != nil || ok {
		return err
	}
	return l.bus.Emit(tx, now, event.Event{Kind: event.Undelivered, Source: rule, Data: event.Data{To: d.Recipient, Rule: rule, Outcome: "failed", Text: d.Recipient + ": no channel is left", Phase: message.KindDeadEnd}})
}
