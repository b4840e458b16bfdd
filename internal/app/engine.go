package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/flow/access"
	"allclear/internal/flow/admin"
	"allclear/internal/flow/board"
	"allclear/internal/flow/command"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/paging"
	"allclear/internal/flow/rota"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/procedures"
)

// EngineOptions are what an engine needs beside its database.
type EngineOptions struct {
	Channels func(name string) (plug.Channel, bool)
	AckKey   []byte // signs the links in pages
	AckURL   string
	Page     comms.Page
	Box      *secret.Box
	Workers  int // sends under way at once; 1 in simulations
	Mailers  int // the same for messages to customers; as Workers when zero
	Log      *slog.Logger
	// Shelf holds procedures that were parsed already; nil for an empty one.
	Shelf *procedures.Shelf
	// BeforeSend and AfterSend end the process in simulations.
	BeforeSend, AfterSend func() error
}

// Engine is the product without its edges: the flows wired to one database.
type Engine struct {
	DB         *store.DB
	Bus        *jobs.Bus
	Timers     *jobs.Timers
	Pager      *jobs.Sender // pages and notices
	Mailer     *jobs.Sender // messages to customers
	Shelf      *procedures.Shelf
	Intake     *intake.Intake
	Command    *command.Command
	Paging     *paging.Paging
	Comms      *comms.Comms
	Board      *board.Board
	Access     *access.Access
	Admin      *admin.Admin
	Procedures *admin.Procedures
	Rota       *rota.Rota
}

// lease outlasts the longest send by a margin; what a dead node held is taken
// over when it ends.
const lease = 30 * time.Second

// NewEngine wires the flows. The caller drives it: Tick in virtual time, or
// the Run methods of its parts.
func NewEngine(db *store.DB, o EngineOptions) *Engine {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Shelf == nil {
		o.Shelf = &procedures.Shelf{}
	}
	e := &Engine{DB: db, Bus: jobs.NewBus(), Shelf: o.Shelf}
	e.Timers = jobs.NewTimers(db, o.Log)
	e.Admin = admin.New(db, e.Bus)
	cat := e.Admin.Catalog
	e.Procedures = admin.NewProcedures(db, e.Shelf, e.Admin)
	e.Access = access.New(db, e.Bus, access.Options{Box: o.Box, CheckService: e.knownService})
	e.Intake = intake.New(db, e.Bus, e.Shelf, cat)
	// Paging first: who must act is asked before anything else follows.
	e.Paging = paging.New(db, e.Bus, e.Shelf, cat, paging.Options{AckKey: o.AckKey, AckURL: o.AckURL})
	e.Paging.Wire(e.Timers)
	e.Command = command.New(db, e.Bus, e.Shelf, cat)
	e.Command.Wire(e.Timers)
	e.Comms = comms.New(db, e.Bus, e.Shelf, cat, o.Page)
	e.Comms.Wire()
	e.Board = board.New(db, e.Shelf, cat)
	e.Timers.Handle(intake.TimerAlertEnds, e.Intake.AlertEnds)
	e.Timers.Handle(intake.TimerSilence, e.Intake.SilenceEnds)
	e.Rota = rota.New(db, e.Bus, e.Shelf, rota.Desk{Read: cat, Lock: e.Admin.LockIn, Cover: e.Admin.CoverIn})
	e.Rota.Wire(e.Timers)
	mind := minds{paging: e.Paging, comms: e.Comms, rota: e.Rota}
	sender := func(l deliveries.Lane, workers int) *jobs.Sender {
		return &jobs.Sender{
			DB: db, Log: o.Log, Lane: l, Workers: max(workers, 1), Lease: lease, Carry: carrier(o.Channels), Mind: mind,
			BeforeSend: o.BeforeSend, AfterSend: o.AfterSend,
		}
	}
	e.Pager, e.Mailer = sender(deliveries.Lane{From: 0, To: 1}, o.Workers), sender(deliveries.Lane{From: 2, To: 9}, max(o.Workers, o.Mailers))
	e.Bus.Watch(e.poke)
	return e
}

// poke hints to the loops that something they wait for was written.
func (e *Engine) poke(ev event.Event) {
	switch ev.Kind {
	case event.Paged, event.Noticed, event.Undelivered, event.CoverChanged, event.HandedOver, event.RotaWeak:
		e.Pager.Poke()
	case event.MessagePublished:
		e.Mailer.Poke()
	case event.Opened, event.SeverityChanged, event.Declared:
		e.Timers.Poke()
	default:
	}
}

func (e *Engine) knownService(tx *store.Tx, service string) error {
	cat, err := e.Admin.Catalog(tx)
	if err != nil {
		return err
	}
	if _, ok := cat.Services[service]; !ok {
		return fmt.Errorf("there is no service %q", service)
	}
	return nil
}

// maxRounds bounds how often work of one instant may set off more work of the
// same instant; beyond it something chases its own tail.
const maxRounds = 1000

// Tick does everything that is due at now: timers, then sends, until nothing
// is left.
func (e *Engine) Tick(ctx context.Context, now time.Time) error {
	for range maxRounds {
		fired, err := e.Timers.Tick(ctx, now)
		if err != nil {
			return err
		}
		paged, err := e.Pager.Tick(ctx, now)
		if err != nil {
			return err
		}
		mailed, err := e.Mailer.Tick(ctx, now)
		if err != nil {
			return err
		}
		if fired+paged+mailed == 0 {
			return nil
		}
	}
	return fmt.Errorf("tick at %s: no end after %d rounds", now.Format(time.RFC3339), maxRounds)
}

// Next is the earliest instant at which something is due.
func (e *Engine) Next(ctx context.Context) (at time.Time, ok bool, err error) {
	if at, ok, err = e.Timers.Next(ctx); err != nil {
		return at, false, err
	}
	err = e.DB.View(ctx, func(tx *store.Tx) error {
		for _, l := range []deliveries.Lane{e.Pager.Lane, e.Mailer.Lane} {
			d, has, err := deliveries.Next(tx, l)
			if err != nil {
				return err
			}
			if has && (!ok || d.Before(at)) {
				at, ok = d, true
			}
		}
		return nil
	})
	return at, ok, err
}

// Release ends the leases of a process that has died. Only where no other
// process shares the database.
func (e *Engine) Release(ctx context.Context, now time.Time) error {
	return e.DB.Update(ctx, store.PriorityPage, func(tx *store.Tx) error { return deliveries.Release(tx, now) })
}

// minds answers the senders by what is sent.
type minds struct {
	paging *paging.Paging
	comms  *comms.Comms
	rota   *rota.Rota
}

func (m minds) Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (bool, string, error) {
	if d.Kind == message.KindMessage {
		return m.comms.Wanted(tx, d, now)
	}
	if d.IncidentID == 0 {
		return m.rota.Wanted(tx, d, now)
	}
	return m.paging.Wanted(tx, d, now)
}

func (m minds) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	if d.Kind == message.KindMessage {
		return m.comms.Outcome(tx, d, now)
	}
	if d.IncidentID == 0 {
		return m.rota.Outcome(tx, d, now)
	}
	return m.paging.Outcome(tx, d, now)
}
