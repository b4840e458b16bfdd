// Package room owns the war room of an incident: it wants its parts when the
// procedure says so, has vendors open them outside of any transaction, keeps them
// up to date and closes them, and keeps the incident's notes. A vendor that fails is
// a line on the record and something else to use, never a blocked incident. It must
// not know a vendor, decide a severity, or page anybody.
package room

import (
	"context"
	"errors"
	"sync"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/room"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/rooms"
)

// Vendor is a plug-in that can open parts; what it cannot is nil.
type Vendor struct {
	Name     string // of the plug-in
	Title    string // for people
	Handles  string // channel whose addresses are its users; empty for none
	Chat     plug.Chat
	Meeting  plug.Meeting
	Document plug.Document
	Call     plug.Conference
}

// Options are what the flow stands on.
type Options struct {
	Shelf   *procedures.Shelf
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// RoleOf is what a person's account may do; fault.Refused or fault.NotFound: nothing.
	// Without it nothing that is said in a channel reaches the record.
	RoleOf  func(ctx context.Context, person string) (authz.Role, error)
	Vendors []Vendor                  // in the order in which they are asked
	URL     string                    // of an incident in the console, before its number; may be empty
	From    string                    // mail address that invitations come from; may be empty
	Usable  func(channel string) bool // whether messages can go out there
	// Patience is how long one call of a vendor may take; five seconds when zero.
	Patience time.Duration
}

const (
	patience = 5 * time.Second
	// lease is how long a part that is worked on is left alone; it outlasts all calls
	// of one turn.
	lease = 45 * time.Second
	turn  = 30 * time.Second
)

// Room is safe for concurrent use. Make it with New and wire it before use.
type Room struct {
	db   *store.DB
	bus  *jobs.Bus
	o    Options
	poke chan struct{}

	mu    sync.Mutex
	known map[string]profile // users of vendors that were looked up
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Room {
	if o.Patience == 0 {
		o.Patience = patience
	}
	return &Room{db: db, bus: bus, o: o, poke: make(chan struct{}, 1), known: map[string]profile{}}
}

// Wire hangs the flow on the bus.
func (r *Room) Wire() {
	for _, k := range []event.Kind{
		event.Declared, event.SeverityChanged, event.RoleTaken, event.Joined, event.Acknowledged, event.Engaged, event.Mitigated, event.Monitoring,
		event.Relapsed, event.ResolvedKind, event.Closed, event.Dismissed, event.Merged, event.Restricted, event.MessagePublished,
		event.DeadlineBreached, event.Noted, event.Scoped, event.Reopened,
	} {
		r.bus.On(k, r.onChange)
	}
}

// hall is the war room of one incident inside a transaction.
type hall struct {
	*Room
	tx    *store.Tx
	inc   *incident.Incident
	proc  *procedure.Procedure
	cat   *catalog.Catalog
	parts []*room.Part
	dirty map[*room.Part]bool
	now   time.Time
	by    string // who set it off
	via   string
}

func (r *Room) hall(tx *store.Tx, inc *incident.Incident, by, via string, now time.Time) (*hall, error) {
	h := &hall{Room: r, tx: tx, inc: inc, now: now, by: by, via: via, dirty: map[*room.Part]bool{}}
	var err error
	if h.proc, err = r.o.Shelf.Get(tx, inc.Procedure); err != nil {
		return nil, err
	}
	if h.cat, err = r.o.Catalog(tx); err != nil {
		return nil, err
	}
	if h.parts, err = rooms.Of(tx, inc.ID); err != nil {
		return nil, err
	}
	return h, nil
}

// save writes the parts that were touched.
func (h *hall) save() error {
	for _, p := range h.parts {
		if !h.dirty[p] {
			continue
		}
		if err := rooms.Save(h.tx, p); err != nil {
			return err
		}
		h.hint(p)
	}
	clear(h.dirty)
	return nil
}

// hint wakes whoever works, once the part is committed.
func (h *hall) hint(p *room.Part) {
	if !p.DueAt.IsZero() {
		h.tx.AfterCommit(h.Poke)
	}
}

// Poke hints that something may be due earlier than thought.
func (r *Room) Poke() {
	select {
	case r.poke <- struct{}{}:
	default:
	}
}

// live is the part of a kind that is of use now; nil when there is none.
func (h *hall) live(k room.Kind) *room.Part {
	for i := len(h.parts) - 1; i >= 0; i-- {
		if p := h.parts[i]; p.Kind == k && p.Live() {
			return p
		}
	}
	return nil
}

// onChange follows what happens to an incident.
func (r *Room) onChange(tx *store.Tx, e *event.Event) error {
	if e.Kind == event.Noted && !r.syncs() {
		return nil // nobody keeps a document that it would go to
	}
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	h, err := r.hall(tx, inc, e.Actor, e.Source, e.RecordedAt)
	if err != nil {
		return err
	}
	switch e.Kind {
	case event.Declared, event.SeverityChanged, event.Reopened:
		err = h.want()
	case event.Restricted:
		err = h.enclose()
	case event.ResolvedKind:
		err = h.settle()
	case event.Closed, event.Dismissed, event.Merged:
		h.tell(e) // the last word
		return errors.Join(h.endAll(), h.save())
	default:
	}
	if err != nil || len(h.parts) == 0 {
		return err
	}
	h.tell(e)
	return h.save()
}

// syncs reports whether a vendor keeps documents.
func (r *Room) syncs() bool {
	for _, v := range r.o.Vendors {
		if v.Document != nil {
			return true
		}
	}
	return false
}

// tell has the channel and the document learn of an entry, and whoever works look at
// what is pinned and who is to be let in.
func (h *hall) tell(e *event.Event) {
	if p := h.live(room.Chat); p != nil && e.Kind != event.Noted {
		// While nothing can be opened, nothing is kept for it but what stands on the page.
		if e.Kind != event.Restricted || p.Private {
			p.Say(e.ID.String(), room.Said(e, h.inc, h.cat))
		}
		h.stir(p)
	}
	if p := h.live(room.Notes); p != nil {
		h.stir(p)
	}
}

func (h *hall) stir(p *room.Part) {
	p.Stir(h.now)
	h.dirty[p] = true
}

// emit puts an entry about a part on the record.
func (h *hall) emit(k event.Kind, p *room.Part, d event.Data) error {
	d.Phase, d.Number = string(p.Kind), h.inc.Number
	if d.Channel == "" {
		d.Channel = p.Provider
	}
	if d.Clauses == nil {
		d.Clauses = room.Clauses(p.Kind)
	}
	if d.Ref == "" {
		d.Ref = p.ID.String()
	}
	actor, source, reached := h.by, h.via, d.Reaches
	if actor == "" {
		actor, source = event.System, "war room"
	}
	d.Reaches = ""
	e := event.Event{IncidentID: h.inc.ID, Kind: k, Actor: actor, Source: source, Restricted: h.inc.Restricted, Data: d}
	if err := h.bus.Emit(h.tx, h.now, e); err != nil || reached == "" {
		return err
	}
	// What waited for it is done.
	e.Kind, e.Data = event.Moment, event.Data{Reaches: reached, Text: d.Text, Ref: d.Ref, Number: h.inc.Number, Clauses: d.Clauses}
	return h.bus.Emit(h.tx, h.now, e)
}

// page is the incident's own page, which is a room too.
func (r *Room) page(inc *incident.Incident) string {
	if r.o.URL == "" {
		return ""
	}
	return r.o.URL + inc.Ref()
}

// Tick does what is due at now and returns how much.
func (r *Room) Tick(ctx context.Context, now time.Time) (int, error) {
	return r.tick(ctx, func() time.Time { return now })
}

// pause is how late a lost hint can make us.
const pause = time.Second

// Run works until ctx ends.
func (r *Room) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	forget := now()
	for {
		if _, err := r.tick(ctx, now); err != nil && ctx.Err() == nil {
			failed(err)
		}
		if at := now(); at.Sub(forget) > time.Hour {
			forget = at
			if err := r.forget(ctx, at); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-r.poke:
		}
	}
}

// heardFor is how long calls of vendors are remembered: they are told again for
// hours, not for days.
const heardFor = 3 * 24 * time.Hour

func (r *Room) forget(ctx context.Context, now time.Time) error {
	return r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return rooms.Forget(tx, now.Add(-heardFor)) })
}

// Next is the earliest instant at which something is due.
func (r *Room) Next(tx *store.Tx) (time.Time, bool, error) { return rooms.Next(tx) }
