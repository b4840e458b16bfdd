// Package credit owns service credits: memos by customer and month, whose word they
// need, their way to billing, and the ledger of what an incident costs (FUP-CR-*,
// readings 21 and 22). The arithmetic is domain/credit's. It must not talk to a
// customer or to billing: tasks and deliveries do.
package credit

import (
	"cmp"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/credits"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/silences"
)

// Options are what the flow stands on.
type Options struct {
	Shelf   *procedures.Shelf
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Billing reports whether a plug-in takes memos; without one people book them.
	Billing func() bool
}

// Credits is safe for concurrent use. Make it with New.
type Credits struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Credits { return &Credits{db: db, bus: bus, o: o} }

// Kinds of timer that the flow handles.
const (
	TimerIncident = "credit_incident" // ref: incident/last customer done
	TimerMonth    = "credit_month"    // ref: id of the memo
	TimerSend     = "credit_send"     // ref: id of the memo
)

// Wire hangs the flow on the bus and on the timers.
func (c *Credits) Wire(timers *jobs.Timers) {
	for _, k := range []event.Kind{event.ResolvedKind, event.Scoped, event.Reopened, event.Merged, event.Dismissed, event.Restricted, event.CreditVerdict} {
		c.bus.On(k, c.onIncident)
	}
	c.bus.On(event.ProcedureChanged, c.onProcedure)
	timers.Handle(TimerIncident, c.incidentDue)
	timers.Handle(TimerMonth, c.monthDue)
	timers.Handle(TimerSend, c.sendDue)
}

func software() authz.Actor { return authz.Software("credits") }

// desk is what one transaction works with.
type desk struct {
	*Credits
	tx    *store.Tx
	a     authz.Actor
	now   time.Time
	cat   *catalog.Catalog
	proc  *procedure.Procedure
	known map[ident.ID]*incident.Incident
	sure  map[string]credits.Confirmation
	books *credit.Books
}

// open gathers what a transaction works with.
func (c *Credits) open(tx *store.Tx, a authz.Actor, now time.Time) (*desk, error) {
	cat, err := c.o.Catalog(tx)
	if err != nil {
		return nil, err
	}
	hash, err := c.o.Shelf.Active(tx)
	if err != nil {
		return nil, err
	}
	proc, err := c.o.Shelf.Get(tx, hash)
	if err != nil {
		return nil, err
	}
	sure, err := credits.Confirmations(tx)
	return &desk{Credits: c, tx: tx, a: a, now: now, cat: cat, proc: proc, sure: sure, known: map[ident.ID]*incident.Incident{}}, err
}

// bookPage is how many incidents are read at once, and before how long before a month
// one may have begun that still counts in it.
const (
	bookPage  = 200
	openSince = 100 * 24 * time.Hour
)

// read reads the books, once a transaction: every incident that may touch a month
// from the given time on.
func (d *desk) read(from time.Time) (*credit.Books, error) {
	if d.books != nil {
		return d.books, nil
	}
	type key struct{ from time.Time }
	if b, ok := d.tx.Memo()[key{from}].(*credit.Books); ok { // a month's end is many memos in one transaction
		d.books = b
		for _, i := range b.Incidents {
			d.known[i.ID] = i
		}
		return b, nil
	}
	b := &credit.Books{Catalog: d.cat, Rules: d.proc.Credits, Promise: d.proc.Context.UptimePercent}
	var err error
	if b.Maintenance, err = silences.Maintenances(d.tx); err != nil {
		return nil, err
	}
	if b.Verdicts, err = credits.Verdicts(d.tx); err != nil {
		return nil, err
	}
	for before := int64(0); ; {
		page, err := incidents.List(d.tx, incidents.Filter{Before: before, Limit: bookPage})
		if err != nil {
			return nil, err
		}
		b.Incidents = append(b.Incidents, page...)
		if len(page) < bookPage || page[len(page)-1].DetectedAt.Before(from.Add(-openSince)) {
			break
		}
		before = page[len(page)-1].Number
	}
	for _, i := range b.Incidents {
		d.known[i.ID] = i
	}
	d.books, d.tx.Memo()[key{from}] = b, b
	return b, nil
}

// incident reads one, as far as this transaction does not know it.
func (d *desk) incident(id ident.ID) (*incident.Incident, error) {
	if i, ok := d.known[id]; ok {
		return i, nil
	}
	i, err := incidents.Peek(d.tx, id)
	if err == nil {
		d.known[id] = i
	}
	return i, err
}

// sees reports whether the actor may know of a memo: of every incident it is about.
func (d *desk) sees(m *credit.Memo) (bool, error) {
	if d.a.Role == authz.System {
		return true, nil
	}
	for _, id := range m.Incidents() {
		i, err := d.incident(id)
		if err != nil {
			return false, err
		}
		if !i.VisibleTo(d.a.ID) {
			return false, nil
		}
	}
	return true, nil
}

// Whose word is asked for.
const (
	execLevel = 3
	roleLegal = "legal-counsel"
)

func (d *desk) executive() bool { return d.cat.People[d.a.ID].Level == execLevel }
func (d *desk) legal() bool     { return slices.Contains(d.cat.People[d.a.ID].Roles, roleLegal) }

// readers are those who may read contracts, the executives and Legal.
func (d *desk) reader() error {
	if err := authz.Can(d.a, authz.ReadCustomers, authz.Resource{}); err != nil && !d.executive() && !d.legal() {
		return err
	}
	return nil
}

// memo takes a memo that the actor may know of. Error: fault.NotFound.
func (d *desk) memo(id ident.ID) (*credit.Memo, error) {
	m, err := credits.Take(d.tx, id)
	if err != nil {
		return nil, err
	}
	if err := d.reader(); err != nil {
		return nil, err
	}
	ok, err := d.sees(m)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "there is no such credit memo")
	}
	return m, err
}

// confirmed reports whether memos are processed by a schedule: the procedure says so,
// or somebody does of exactly what it says now.
func (d *desk) confirmed(s credit.Schedule) bool {
	if _, ok := d.sure[s.Hash()]; ok && len(s.Bands) > 0 {
		return true
	}
	if d.proc.Credits == nil {
		return false
	}
	return slices.ContainsFunc(d.proc.Credits.Schedules, func(o procedure.CreditSchedule) bool {
		return o.Confirmed && credit.ScheduleOf(o).Hash() == s.Hash()
	})
}

// tell puts what became of a memo on the record of its incident, without the amount:
// those who may not read contracts read it too. What it says is in the memo.
func (d *desk) tell(m *credit.Memo, what, text string, clauses ...string) error {
	return d.emit(m.Incident, event.CreditChanged, event.Data{Ref: m.ID.String(), Outcome: what, Status: string(m.State), Text: text, Clauses: clauses})
}

// want asks for what people have to do about a memo.
func (d *desk) want(m *credit.Memo, trigger string) error {
	owner := "team:enterprise-account-managers"
	if k, ok := d.cat.Customers[m.Customer]; ok && k.AccountManager != "" {
		owner = "person:" + k.AccountManager
	}
	return d.emit(m.Incident, event.CreditWanted, event.Data{Ref: m.ID.String(), Outcome: trigger, Subject: cmp.Or(m.Name, m.Customer), Owner: owner})
}

func (d *desk) emit(id ident.ID, k event.Kind, data event.Data) error {
	e := event.Event{IncidentID: id, Kind: k, Actor: d.a.ID, Source: d.a.Via, Data: data}
	if id != 0 {
		i, err := d.incident(id)
		if err != nil {
			return err
		}
		e.Restricted, e.Data.Number = i.Restricted, i.Number
	}
	return d.bus.Emit(d.tx, d.now, e)
}
