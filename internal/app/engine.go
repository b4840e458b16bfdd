package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/app/carry"
	"allclear/internal/base/secret"
	synthetic "allclear/internal/domain/check"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/flow/absence"
	"allclear/internal/flow/access"
	"allclear/internal/flow/admin"
	"allclear/internal/flow/audit"
	"allclear/internal/flow/board"
	"allclear/internal/flow/chatops"
	"allclear/internal/flow/check"
	"allclear/internal/flow/command"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/consent"
	"allclear/internal/flow/continuity"
	"allclear/internal/flow/credit"
	"allclear/internal/flow/detect"
	"allclear/internal/flow/detect/promql"
	"allclear/internal/flow/follow"
	"allclear/internal/flow/inapp"
	"allclear/internal/flow/inquiry"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/lookout"
	"allclear/internal/flow/mirror"
	"allclear/internal/flow/outreach"
	"allclear/internal/flow/paging"
	"allclear/internal/flow/partners"
	"allclear/internal/flow/pull"
	"allclear/internal/flow/reach"
	"allclear/internal/flow/remedy"
	"allclear/internal/flow/review"
	"allclear/internal/flow/room"
	"allclear/internal/flow/rota"
	"allclear/internal/flow/sources"
	"allclear/internal/flow/subscribe"
	"allclear/internal/flow/success"
	"allclear/internal/flow/thirdparty"
	"allclear/internal/flow/tickets"
	"allclear/internal/flow/told"
	"allclear/internal/flow/vault"
	"allclear/internal/flow/watch"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/procedures"
)

// EngineOptions are what an engine needs beside its database.
type EngineOptions struct {
	Channels func(name string) (plug.Channel, bool)
	Kept     func(channel string) bool // what goes out there stays in the outbox; nil for nothing
	AckKey   []byte                    // signs the links in pages
	AckURL   string
	Page     comms.Page
	Consent  consent.Options // without a catalogue
	MostSMS  int             // text messages to customers that one incident sends at most; 0: comms.DefaultSMS
	SubsKey  []byte          // signs links to subscriptions of the page; empty: nobody can subscribe
	Mirror   mirror.Options
	Rooms    room.Options             // vendors of war rooms, and what their words say of us
	Tickets  []string                 // channels on which customers' tickets are written to
	Desks    map[string]plug.CaseDesk // that open cases at partners, by channel
	Doers    map[string]plug.Doer     // that do something at their vendors, by plug-in
	Ends     []string                 // channels on which a page stands until it is ended
	Box      *secret.Box
	Mapper   plug.Mapper   // of hooks with a mapping
	Hooks    []plug.Hook   // where events come from
	Seal     note.Signer   // of checkpoints of the record
	InApp    inapp.Options // without a catalogue
	Slips    *jobs.Slips   // of what was accepted; nil: none are kept
	Workers  int           // sends under way at once; 1 in simulations
	Mailers  int           // the same for messages to customers; as Workers when zero
	Log      *slog.Logger
	Watch    watch.Options // what of it is outside the engine
	// Skew is how far this node's time is ahead of the database's; nil: not at all.
	Skew func() time.Duration
	// Shelf holds procedures that were parsed already; nil for an empty one.
	Shelf *procedures.Shelf
	// Fetch reads the addresses of absence calendars; nil: none are taken.
	Fetch func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error)
	// Pulls are the sources that can be asked how things stand, Queriers the stores of
	// values of vendors, by plug-in.
	Pulls    []pull.Source
	Queriers map[string]plug.Querier
	// Try makes a synthetic check once; nil: none are made here.
	Try func(ctx context.Context, c synthetic.Check, now time.Time) synthetic.Result
	// Load asks one address many times; nil: nobody does.
	Load func(ctx context.Context, p domain.Probe) domain.Measured
	// Web reads what vendors and the public publish; nil: nothing is read.
	Web         func(ctx context.Context, address, bearer secret.String, seen plug.Seen) (plug.Fetched, error)
	SearchToken secret.String // what searches in public sign in with
	MailFrom    string        // whom mail comes from, as a bare address; empty: unknown
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
	Consent    *consent.Consent
	InApp      *inapp.InApp         // whoever runs the engine lets it look
	Subscribe  *subscribe.Subscribe // whoever runs the engine lets it tell
	Follow     *follow.Follow
	Mirror     *mirror.Mirror
	Outreach   *outreach.Outreach
	Told       *told.Told
	Tickets    *tickets.Tickets
	Room       *room.Room // whoever runs the engine lets it work
	Chatops    *chatops.Chatops
	Remedy     *remedy.Remedy // whoever runs the engine lets it make its own requests
	Reach      *reach.Reach
	Board      *board.Board
	Access     *access.Access
	Sources    *sources.Sources // whoever runs the engine lets it write down what came
	Admin      *admin.Admin
	Procedures *admin.Procedures
	Watch      *watch.Watch
	Audit      *audit.Audit
	Detect     *detect.Detect   // whoever runs the engine lets it judge
	Checks     *check.Checks    // whoever runs the engine lets it make them
	Lookout    *lookout.Lookout // whoever runs the engine lets it look
	Rota       *rota.Rota
	Absences   *absence.Absences // whoever runs the engine lets it read
	Success    *success.Success
	Continuity *continuity.Continuity
	Reviews    *review.Reviews
	Credits    *credit.Credits
	Listen     *listen.Listen         // whoever runs the engine lets it read
	Partners   *partners.Partners     // whoever runs the engine lets it look
	ThirdParty *thirdparty.ThirdParty // whoever runs the engine lets it read
	Inquiry    *inquiry.Inquiry       // whoever runs the engine lets it measure
	Vault      *vault.Vault
	Pull       *pull.Pull // whoever runs the engine lets it ask
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
	e.Procedures.CheckQuery = promql.Check
	e.Access = access.New(db, e.Bus, access.Options{Box: o.Box, Mapper: o.Mapper, CheckService: e.knownService})
	e.Intake = intake.New(db, e.Bus, e.Shelf, cat)
	// Paging first: who must act is asked before anything else follows.
	e.Paging = paging.New(db, e.Bus, e.Shelf, cat, paging.Options{AckKey: o.AckKey, AckURL: o.AckURL, Ends: o.Ends})
	e.Paging.Wire(e.Timers)
	e.Credits = e.credits(o)
	e.Reviews = review.New(db, e.Bus, review.Options{Shelf: e.Shelf, Catalog: cat, Decisions: review.Decided, From: o.MailFrom, Costs: e.Credits.Costs})
	e.Reviews.Wire(e.Timers)
	e.Command = command.New(db, e.Bus, e.Shelf, cat)
	e.Command.Wire(e.Timers)
	e.Credits.Wire(e.Timers)
	e.Comms = comms.New(db, e.Bus, e.Shelf, cat, o.Page)
	o.Consent.Catalog = cat
	e.Consent = consent.New(db, e.Bus, o.Consent)
	e.Comms.Outside, e.Comms.MostSMS = e.Consent, o.MostSMS
	o.InApp.Box, o.InApp.Catalog = o.Box, cat
	e.InApp = inapp.New(db, e.Bus, o.InApp)
	e.InApp.Wire()
	e.Comms.Wire()
	e.subscribe(o)
	e.Timers.Handle(comms.TimerPublish, e.Comms.ScheduledDue)
	e.Outreach = outreach.New(db, e.Bus, outreach.Options{Shelf: e.Shelf, Catalog: cat, PageURL: o.Page.URL, Serves: o.Page.Serves})
	e.Outreach.Wire()
	e.Told = told.New(db, e.Bus, told.Options{Shelf: e.Shelf, Catalog: cat})
	e.Told.Wire(e.Timers)
	e.Mirror = mirror.New(db, e.Bus, cat, o.Mirror)
	e.Mirror.Wire()
	e.Tickets = tickets.New(db, e.Bus, e.Shelf, cat, tickets.Options{Channels: o.Tickets, Raise: e.Intake.Raise})
	e.Tickets.Wire()
	o.Rooms.Shelf, o.Rooms.Catalog = e.Shelf, cat
	o.Rooms.RoleOf = e.Access.RoleOf
	e.Room = room.New(db, e.Bus, o.Rooms)
	e.Room.Wire()
	e.Chatops = e.chatops(o.Rooms.URL)
	e.Audit = audit.New(db, o.Seal)
	e.Board = board.New(db, e.Shelf, cat)
	e.Detect = detect.New(db, detect.Options{Shelf: e.Shelf, Catalog: cat, Raise: e.Intake.Raise, Queriers: o.Queriers})
	e.Pull = pull.New(pull.Options{Sources: o.Pulls, Log: o.Log, Accept: e.pulled, Standing: e.standing})
	e.Sources = sources.New(sources.Options{DB: db, Hooks: o.Hooks, Pulls: e.asking, Test: e.testEvent})
	e.Detect.Wire(e.Bus)
	e.Checks = check.New(db, check.Options{Catalog: cat, Push: e.Detect.Push, Ask: e.Detect.Ask, Try: o.Try})
	e.Vault = vault.New(db, e.Bus, vault.Options{})
	e.Remedy = remedy.New(db, e.Bus, remedy.Options{Catalog: cat, Try: o.Try, Load: o.Load, Doers: o.Doers, Keep: e.Vault.KeepIn})
	e.Remedy.Wire(e.Timers)
	e.Inquiry = inquiry.New(db, e.Bus, inquiry.Options{Shelf: e.Shelf, Catalog: cat, Try: o.Try, Tell: e.Intake.Tell, Page: e.Comms.Snapshot, Keep: e.Vault.KeepIn})
	e.Inquiry.Wire()
	e.Command.Red = e.Remedy.Red
	e.Timers.Handle(intake.TimerAlertEnds, e.Intake.AlertEnds)
	e.Timers.Handle(intake.TimerSilence, e.Intake.SilenceEnds)
	e.Timers.Handle(intake.TimerSettled, e.Intake.Settled)
	e.Timers.Handle(intake.TimerLetGo, e.Intake.LetGo)
	e.Timers.Handle(intake.TimerSweep, e.Intake.LetGo)
	e.Timers.Handle(intake.TimerMaintenance, e.Intake.MaintenanceDue)
	e.Timers.Handle(comms.TimerWork, e.Comms.WorkDue)
	e.Bus.On(event.MaintenanceTold, e.Intake.MaintenanceTold)
	e.Rota = rota.New(db, e.Bus, e.Shelf, rota.Desk{Read: cat, Lock: e.Admin.LockIn, Cover: e.Admin.CoverIn})
	e.Rota.Wire(e.Timers)
	e.Reach = reach.New(db, e.Bus, reach.Options{Box: o.Box, Key: o.AckKey, Channels: o.Channels, Kept: o.Kept, Catalog: cat, Edit: e.Admin.EditPerson})
	e.Absences = absence.New(db, e.Bus, absence.Options{Box: o.Box, Fetch: o.Fetch, Catalog: cat, Edit: e.Admin.EditPerson})
	e.outside(o)
	e.Lookout = lookout.New(db, e.Bus, e.Shelf, cat, func(name string) bool {
		_, ok := o.Channels(name)
		return ok
	})
	mind := minds{room: e.Room, paging: e.Paging, comms: e.Comms, mirror: e.Mirror, tickets: e.Tickets, reach: e.Reach, lookout: e.Lookout, rota: e.Rota, early: e.Success, partners: e.Partners, review: e.Reviews, credit: e.Credits, subscribe: e.Subscribe}
	sender := func(l deliveries.Lane, workers, share int) *jobs.Sender {
		return &jobs.Sender{
			DB: db, Log: o.Log, Lane: l, Workers: max(workers, 1), Share: share, Turns: o.Page.Copies, Lease: lease, Skew: o.Skew, Carry: carry.Over(o.Channels), Mind: mind, Slips: o.Slips,
			BeforeSend: o.BeforeSend, AfterSend: o.AfterSend,
		}
	}
	mailers := max(o.Workers, o.Mailers)
	e.Pager, e.Mailer = sender(deliveries.Lane{From: 0, To: 1}, o.Workers, o.Workers/4), sender(deliveries.Lane{From: 2, To: 9}, mailers, mailers/2)
	e.Pager.Behind, e.Pager.Hold = e.Timers.Behind, e.Timers.Backlog
	e.Bus.Watch(e.poke)
	o.Watch.Log, o.Watch.Channels, o.Watch.Poke, o.Watch.ChainTimer = o.Log, o.Channels, e.Pager.Poke, paging.TimerChain
	if o.Watch.Clock == nil {
		o.Watch.Clock = db.Clock
	}
	e.Watch = watch.New(db, e.Shelf, cat, o.Watch)
	return e
}

// How long the loops may stand still: a sender waits for a send at most, which
// ends by itself after twenty seconds.
const (
	loopLimit   = 20 * time.Second
	senderLimit = 23 * time.Second
)

// Register has the watch look after the engine's loops, before they run.
func (e *Engine) Register(now time.Time) {
	e.Timers.Beat = e.Watch.Loop("timers", "no step of a chain is taken and no clock ends", loopLimit, now)
	e.Pager.Beat = e.Watch.Loop("pager", "no page goes out", senderLimit, now)
	e.Detect.Beat = e.Watch.Loop("detection", "no metric is judged", loopLimit, now)
	e.Checks.Beat = e.Watch.Loop("checks", "no synthetic check is made", loopLimit, now)
	e.Mailer.Beat = e.Watch.Loop("mailer", "no message to customers goes out", senderLimit, now)
}

// poke hints to the loops that something they wait for was written.
func (e *Engine) poke(ev event.Event) {
	switch ev.Kind {
	case event.Paged, event.Noticed, event.UsageWarning, event.HealthCheck, event.AccountRisk, event.Undelivered, event.DeadEnd, event.CoverChanged, event.HandedOver, event.RotaWeak:
		e.Pager.Poke()
	case event.AbsenceCalendar:
		e.Timers.Poke()
		e.Pager.Poke()
	case event.TicketQueued, event.TicketRaised:
		e.Pager.Poke()
		e.Mailer.Poke()
	case event.CaseAsked:
		e.Pager.Poke()
		e.Timers.Poke()
	case event.MessagePublished, event.MaintenanceTold, event.CreditChanged, event.SubscriberSet:
		e.Mailer.Poke()
	case event.MessageDrafted:
		e.Timers.Poke()
	case event.Opened, event.SeverityChanged, event.Declared:
		e.Timers.Poke()
		e.Pager.Poke()  // copies elsewhere
		e.Mailer.Poke() // tickets there
	case event.RoomOpened, event.RoomClosed:
		e.Pager.Poke() // invitations
	case event.Acknowledged, event.ResolvedKind:
		e.Pager.Poke()
		e.Mailer.Poke()
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
		if _, err := e.Subscribe.Tick(ctx, now); err != nil {
			return err
		}
		mailed, err := e.Mailer.Tick(ctx, now)
		if err != nil {
			return err
		}
		opened, err := e.Room.Tick(ctx, now)
		if err != nil {
			return err
		}
		made, err := e.Remedy.Tick(ctx, now)
		if err != nil {
			return err
		}
		if fired+paged+mailed+opened+made == 0 {
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
		d, has, err := e.Room.Next(tx)
		if has && (!ok || d.Before(at)) {
			at, ok = d, true
		}
		return err
	})
	return at, ok, err
}

// Release ends the leases of a process that has died. Only where no other
// process shares the database.
func (e *Engine) Release(ctx context.Context, now time.Time) error {
	return e.DB.Update(ctx, store.PriorityPage, func(tx *store.Tx) error { return deliveries.Release(tx, now) })
}

// Settle writes down what a process that died had sent, as its slips say.
func (e *Engine) Settle(ctx context.Context, now time.Time) (int, error) {
	return e.Mailer.Slips.Settle(ctx, e.DB, e.Mailer.Mind, now)
}

// mind answers a sender about one kind of delivery.
type mind interface {
	Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (bool, string, error)
	Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error
}

// minds answers the senders by what is sent.
type minds struct {
	paging   *paging.Paging
	comms    *comms.Comms
	mirror   *mirror.Mirror
	tickets  *tickets.Tickets
	room     *room.Room
	reach    *reach.Reach
	lookout  *lookout.Lookout
	rota     *rota.Rota
	early    *success.Success
	partners *partners.Partners
	review   *review.Reviews
	credit   *credit.Credits

	subscribe *subscribe.Subscribe
}

func (m minds) of(d *message.Delivery) mind {
	switch d.Kind {
	case message.KindMessage, message.KindWork:
		return m.comms
	case message.KindMirror:
		return m.mirror
	case message.KindInvite:
		return m.room
	case message.KindTicket, message.KindTicketNotice:
		return m.tickets
	case message.KindCase, message.KindEngage:
		return m.partners
	case message.KindReview:
		return m.review
	case message.KindCredit:
		return m.credit
	case message.KindUpdate, message.KindSubscription:
		return m.subscribe
	case message.KindProbe:
		return probes{}
	case message.KindDuty:
		return personal{m.rota, m.reach}
	case message.KindDeadEnd:
		return personal{m.lookout, m.reach}
	case message.KindWarning, message.KindHealthCheck:
		return personal{m.early, m.reach}
	}
	if d.IncidentID == 0 { // a node of the version before wrote it as a notice
		return personal{m.rota, m.reach}
	}
	return personal{m.paging, m.reach}
}

// personal lets a flow decide about what goes to a person, and reach find and
// keep the device it goes to.
type personal struct {
	mind
	reach *reach.Reach
}

func (p personal) Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (bool, string, error) {
	ok, why, err := p.mind.Wanted(tx, d, now)
	if err != nil || !ok {
		return ok, why, err
	}
	return true, "", p.reach.Aim(tx, d)
}

func (p personal) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	if err := p.mind.Outcome(tx, d, now); err != nil {
		return err
	}
	return p.reach.Outcome(tx, d, now)
}

// probes answers for test pages of our own; the watch reads their rows.
type probes struct{}

func (probes) Wanted(_ *store.Tx, d *message.Delivery, now time.Time) (bool, string, error) {
	ok, why := watch.Wanted(d, now)
	return ok, why, nil
}

func (probes) Outcome(*store.Tx, *message.Delivery, time.Time) error { return nil }

func (m minds) Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (bool, string, error) {
	return m.of(d).Wanted(tx, d, now)
}

func (m minds) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	return m.of(d).Outcome(tx, d, now)
}
