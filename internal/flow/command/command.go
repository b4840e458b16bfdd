// Package command owns the course of an incident: declaration, roles,
// severity, its clocks and the rules of the procedure that hang on what
// happens. It must not send anything: it asks paging and comms by entries on
// the record.
package command

import (
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
)

// Command runs incidents. Make it with New and wire it before use.
type Command struct {
	// Red names the proofs of an incident that failed last; nil: there are none.
	Red func(tx *store.Tx, inc *incident.Incident) ([]string, error)

	db      *store.DB
	bus     *jobs.Bus
	shelf   *procedures.Shelf
	catalog func(*store.Tx) (*catalog.Catalog, error)

	mu      sync.Mutex
	touched map[string]reachCount // affected customers by incident scope, of one catalogue
	of      *catalog.Catalog
}

// New returns a command.
func New(db *store.DB, bus *jobs.Bus, shelf *procedures.Shelf, cat func(*store.Tx) (*catalog.Catalog, error)) *Command {
	return &Command{db: db, bus: bus, shelf: shelf, catalog: cat}
}

// Kinds of timer that command handles.
const (
	TimerDeclare = "declare" // ref: id of the incident
	TimerRule    = "rule"    // ref: incident/rule
	TimerTask    = "task"    // ref: id of the task
)

// Wire hangs the flow on the bus and the timers.
func (c *Command) Wire(timers *jobs.Timers) {
	c.bus.On(event.Opened, c.onOpened)
	c.bus.On(event.Suggested, c.onSuggested)
	c.bus.On(event.AlertAcked, c.onAlertAcked)
	c.bus.On(event.Recovered, c.onRecovered)
	c.bus.On(event.Relapsed, c.onRelapsed)
	c.bus.On(event.Called, c.onCalled)
	c.bus.On(event.Escalated, c.onCalled)
	c.bus.On(event.MentionSpike, c.onMentioned)
	c.bus.On(event.Paged, c.onPaged)
	c.bus.On(event.PageAnswered, c.onPageAnswered)
	c.bus.On(event.Told, c.onTold)
	c.bus.On(event.Moment, c.onTold)
	c.bus.On(event.OutreachDone, c.onOutreachDone)
	c.bus.On(event.TechnicalUpdate, c.onTechnicalUpdate)
	c.bus.On(event.FindingMade, c.onFinding)
	c.bus.On(event.MessagePublished, c.onPublished)
	c.bus.On(event.CustomersMailed, c.onMailed)
	c.bus.On(event.AckExpired, c.onAckExpired)
	c.bus.On(event.TicketQueued, c.onTicket)
	c.bus.On(event.TicketRaised, c.onTicket)
	c.bus.On(event.CreditWanted, c.onCredit)
	timers.Handle(jobs.TimerDeadline, c.deadlineDue)
	timers.Handle(TimerDeclare, c.declareDue)
	timers.Handle(TimerRule, c.ruleDue)
	timers.Handle(TimerTask, c.taskDue)
	timers.Handle(TimerSnooze, c.snoozeDue)
}

// held is one incident during one transaction, shared by everything that
// happens to it there: a step may set off another through the bus.
type held struct {
	inc  *incident.Incident
	proc *procedure.Procedure
	cat  *catalog.Catalog
}

type holdKey struct{ id ident.ID }

// scene is an incident with who acts on it, when and from where.
type scene struct {
	*held
	c      *Command
	tx     *store.Tx
	now    time.Time
	at     time.Time // when it happened; now, unless it is told afterwards
	actor  string
	source string

	of   *deadline.Deadline // the clock that rules on its warning or breach tell of
	news string             // what an update said, for those told of it
	call string             // the fact which line was called or written to, for the rules on that
	more bool               // the mail goes on about the incident

	credit *event.Data // the credit memo that rules on credits are about
}

// scene reads and locks the incident, or takes what this transaction knows.
func (c *Command) scene(tx *store.Tx, id ident.ID, now time.Time, actor, source string) (*scene, error) {
	if actor == "" {
		actor = event.System
	}
	if h, ok := tx.Memo()[holdKey{id}].(*held); ok {
		return &scene{held: h, c: c, tx: tx, now: now, at: now, actor: actor, source: source}, nil
	}
	inc, err := incidents.Get(tx, id)
	if err != nil {
		return nil, err
	}
	return c.hold(tx, inc, now, actor, source)
}

func (c *Command) hold(tx *store.Tx, inc *incident.Incident, now time.Time, actor, source string) (*scene, error) {
	proc, err := c.shelf.Get(tx, inc.Procedure)
	if err != nil {
		return nil, err
	}
	cat, err := c.catalog(tx)
	if err != nil {
		return nil, err
	}
	h := &held{inc: inc, proc: proc, cat: cat}
	tx.Memo()[holdKey{inc.ID}] = h
	return &scene{held: h, c: c, tx: tx, now: now, at: now, actor: actor, source: source}, nil
}

// save writes the incident; emit does it first too, so that other flows read
// what is true.
func (s *scene) save() error { return incidents.Update(s.tx, s.inc, s.now) }

// emit saves the incident and puts an entry on its record.
func (s *scene) emit(k event.Kind, d event.Data) error {
	if err := s.save(); err != nil {
		return err
	}
	if d.Severity == "" {
		d.Severity = s.inc.Severity.String()
	}
	if d.Number == 0 {
		d.Number = s.inc.Number
	}
	return s.c.bus.Emit(s.tx, s.now, event.Event{
		IncidentID: s.inc.ID, Kind: k, Actor: s.actor, Source: s.source, At: s.at, Restricted: s.inc.Restricted, Data: d,
	})
}

// may refuses an actor who lacks the verb, or for whom the incident does not
// exist.
func may(a authz.Actor, v authz.Verb, inc *incident.Incident) error {
	if !inc.VisibleTo(a.ID) && a.Role != authz.System {
		return NoIncident()
	}
	return authz.Can(a, v, authz.Resource{Kind: "incident", ID: inc.Ref()})
}

// NoIncident is the one answer for an incident that is missing or must look so.
func NoIncident() error { return fault.New(fault.NotFound, "there is no such incident") }
