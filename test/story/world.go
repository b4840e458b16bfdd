// Package story tells the procedure as prose: what happens to a company on a
// virtual clock, and who has heard of it by when. It drives the real engine on
// both databases, by Tick and never by sleeping. It must not hold rules of its
// own or look inside the engine: a story reads the record, what left the house,
// and the status page.
package story

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/app"
	"allclear/internal/app/demo"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/mirror"
	"allclear/internal/flow/room"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
	builtin "allclear/procedures"
)

// Monday03 is a Monday at three in the morning, outside business hours.
var Monday03 = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// World is one company during one story.
type World struct {
	*testing.T
	db    *store.DB
	e     *app.Engine
	start time.Time
	now   time.Time
	wall  atomic.Pointer[time.Time] // now, for servers of outside systems: one that was not waited for may still read it
	seen  ident.ID
	log   []event.Event // the record since the start
	sent  []Sent        // what providers have accepted
	bad   []outage
	down  bool  // nothing of ours runs
	about int64 // number of the incident the story is about; 0: the newest
	keys  map[string]string

	scripts  string            // folder of programs that checks may run
	calendar string            // what the calendars of people say
	web      map[string]string // what addresses outside say

	confirming []string
	unheard    []string
	ends       []string                // channels on which a page stands until it is ended
	mirrors    []string                // channels that keep copies of our incidents
	copies     []string                // channels that keep copies of the status page
	byHand     []string                // channels to the public that nothing serves
	writing    []string                // channels on which customers' tickets are written to
	carriers   map[string]plug.Channel // real plug-ins, by channel
	doers      map[string]plug.Doer    // that do something at their vendors, by name
	desks      map[string]plug.CaseDesk
	vendors    []room.Vendor  // of war rooms
	opened     map[string]any // the open plug-ins behind them
	typed      int            // commands in a chat
}

// Sent is one message a provider accepted.
type Sent struct {
	At      time.Duration // since the start
	Channel string
	plug.Message
}

// Person is whom it was for.
func (s Sent) Person() string { p, _ := s.Data["recipient"].(string); return p }

type outage struct {
	channel, person string
	from, until     time.Duration
	kind            plug.FailureKind
}

// Setup changes the company before the story starts.
type Setup func(*plan)

type plan struct {
	start    time.Time
	entities []catalog.Entity
	bad      []outage

	confirming []string // channels whose providers say what became of a message
	unheard    []string // channels of which nobody ever says whether a message arrived
	mirrors    []string
	writing    []string
	ends       []string
	copies     []string // channels that keep copies of the status page
	byHand     []string // channels to the public that nothing serves
	edits      []string // of the procedure's text: from, to, from, to ...
	scripts    string
}

// customers is how many of the 1,200 customers a story has by default: enough
// for every sort of account, few enough to be quick.
const customers = 40

// shelf is shared by all stories: the procedure they follow is read once.
var shelf = &procedures.Shelf{}

// Tell runs the story on both databases. Under the race detector it is told on
// one: a story has one thread, and what goes on at the same time in front of
// PostgreSQL is watched where it is tested.
func Tell(t *testing.T, tell func(w *World), setup ...Setup) {
	t.Helper()
	t.Parallel()
	if storetest.Racing {
		t.Run("sqlite", func(t *testing.T) { tell(New(t, storetest.Memory(t), setup...)) })
		return
	}
	storetest.Brisk(t, func(t *testing.T, db *store.DB) { tell(New(t, db, setup...)) })
}

// New is a company with the demonstration's people, ana and bo on call, on a
// database with the product's schema.
func New(t *testing.T, db *store.DB, setup ...Setup) *World {
	t.Helper()
	p := plan{start: Monday03, entities: company(customers)}
	for _, s := range setup {
		s(&p)
	}
	w := &World{T: t, db: db, start: p.start, bad: p.bad, confirming: p.confirming, unheard: p.unheard, mirrors: p.mirrors, writing: p.writing, copies: p.copies, byHand: p.byHand, ends: p.ends, scripts: p.scripts, carriers: map[string]plug.Channel{}, doers: map[string]plug.Doer{}, desks: map[string]plug.CaseDesk{}, keys: map[string]string{}}
	w.turn(p.start)
	w.boot()
	boss := authz.Actor{ID: "setup", Role: authz.Admin, Via: "setup"}
	if _, err := w.e.Admin.Load(t.Context(), boss, p.entities, w.now); err != nil {
		t.Fatal(err)
	}
	err := w.db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		hash, err := shelf.Put(tx, []byte(strings.NewReplacer(p.edits...).Replace(string(builtin.TechFlow))), w.now)
		if err != nil {
			return err
		}
		return shelf.Activate(tx, hash, w.now)
	})
	if err != nil {
		t.Fatal(err)
	}
	w.view(func(tx *store.Tx) (err error) {
		w.seen, err = events.Last(tx)
		return err
	})
	return w
}

func company(n int) []catalog.Entity {
	var all []catalog.Entity
	k := 0
	for _, e := range demo.Entities() {
		if e.Kind() == catalog.KindCustomer {
			if k++; k > n {
				continue
			}
		}
		all = append(all, e)
	}
	return with(with(all, demo.OnCall("ana", "bo")[0]), demo.OnCall("ana", "bo")[1])
}

func with(all []catalog.Entity, e catalog.Entity) []catalog.Entity {
	same := func(o catalog.Entity) bool { return o.Kind() == e.Kind() && o.Key() == e.Key() }
	if i := slices.IndexFunc(all, same); i >= 0 {
		all[i] = e
		return all
	}
	return append(all, e)
}

// Start sets when the story begins.
func Start(at time.Time) Setup { return func(p *plan) { p.start = at } }

// AllCustomers gives the company all its customers.
func AllCustomers() Setup {
	return func(p *plan) { p.entities = company(demo.EnterpriseCustomers) }
}

// Without leaves the entities of a kind out.
func Without(k catalog.Kind) Setup {
	return func(p *plan) {
		p.entities = slices.DeleteFunc(p.entities, func(e catalog.Entity) bool { return e.Kind() == k })
	}
}

// With adds or replaces an entity of the catalogue.
func With(e catalog.Entity) Setup {
	return func(p *plan) { p.entities = with(p.entities, e) }
}

// Person changes somebody of the demonstration.
func Person(id string, change func(*catalog.Person)) Setup {
	return func(p *plan) {
		for i, e := range p.entities {
			if who, ok := e.(catalog.Person); ok && who.ID == id {
				change(&who)
				p.entities[i] = who
			}
		}
	}
}

// Broken has a channel fail from an instant until another; until 0 is for ever,
// person "" is everybody; an address is one contact of somebody.
func Broken(channel, person string, from, until time.Duration, kind plug.FailureKind) Setup {
	return func(p *plan) { p.bad = append(p.bad, outage{channel, person, from, until, kind}) }
}

// Beside names a channel that keeps copies of our incidents.
func Beside(channel string) Setup {
	return func(p *plan) { p.mirrors = append(p.mirrors, channel) }
}

// Writing names a source whose tickets are written to.
func Writing(source string) Setup {
	return func(p *plan) { p.writing = append(p.writing, source) }
}

// Standing names a channel on which a page stands until it is ended.
func Standing(channel string) Setup {
	return func(p *plan) { p.ends = append(p.ends, channel) }
}

// Through has a real plug-in carry a channel from now on. Each world gets its
// own: the engines tell their stories at the same time.
func (w *World) Through(channel string, by plug.Channel) { w.carriers[channel] = by }

// boot makes the process's own state; the database is what survives.
func (w *World) boot() {
	w.e = app.NewEngine(w.db, app.EngineOptions{
		Channels: func(name string) (plug.Channel, bool) {
			if c, ok := w.carriers[name]; ok {
				return c, true
			}
			return provider{w, name}, true
		},
		Ends: w.ends, Tickets: w.writing, Doers: w.doers, Desks: w.desks,
		Rooms: room.Options{
			Vendors: w.vendors, URL: "https://allclear.example/incidents/", From: "allclear@techflow.example", Patience: roomPatience,
			Usable: func(string) bool { return true },
		},
		Mirror: mirror.Options{Channels: w.mirrors, URL: "https://allclear.example/incidents/"},
		AckKey: []byte("stories sign nothing that leaves them"), AckURL: "https://allclear.example/ack",
		Page: comms.Page{Name: "Status", URL: StatusURL, Copies: w.copies, Serves: func(ch string) bool { return !slices.Contains(w.byHand, ch) }}, Workers: 1, Shelf: shelf,
		Box: w.seal(), Fetch: w.fetch, Try: w.try, Load: w.load, Web: w.surf,
	})
}

// provider takes everything, unless it is broken.
type provider struct {
	w    *World
	name string
}

// Send is plug.Channel.
func (p provider) Send(_ context.Context, m plug.Message) (plug.Receipt, error) {
	s := Sent{At: p.w.Since(), Channel: p.name, Message: m}
	for _, o := range p.w.bad {
		if o.channel == p.name && (o.person == "" || o.person == s.Person() || o.person == s.To) && s.At >= o.from && (o.until == 0 || s.At < o.until) {
			return plug.Receipt{}, plug.Fail(o.kind, "%s is broken", p.name)
		}
	}
	p.w.sent = append(p.w.sent, s)
	return p.w.taken(p.name), nil
}

// Since is how long the story has gone on.
func (w *World) Since() time.Duration { return w.now.Sub(w.start) }

// turn sets the time.
func (w *World) turn(to time.Time) {
	w.now = to
	w.wall.Store(&to)
}

// After lets time pass.
func (w *World) After(d time.Duration) { w.Helper(); w.At(w.Since() + d) }

// At lets time pass until an offset from the start; what is due then has
// happened.
func (w *World) At(offset time.Duration) {
	w.Helper()
	until := w.start.Add(offset)
	for {
		next, ok, err := w.e.Next(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		if !ok || next.After(until) {
			break
		}
		if next.After(w.now) {
			w.turn(next)
		}
		w.tick()
	}
	w.turn(until)
	w.tick()
}

// Down lets time pass in which nothing of ours runs; Back ends it.
func (w *World) Down(d time.Duration) { w.Helper(); w.now, w.down = w.now.Add(d), true }

// Back does what is due after a time in which nothing ran.
func (w *World) Back() { w.Helper(); w.down = false; w.Restart(); w.tick() }

// JustBefore lets time pass until a second before an offset.
func (w *World) JustBefore(offset time.Duration) { w.Helper(); w.At(offset - time.Second) }

func (w *World) tick() {
	w.Helper()
	if w.down {
		return
	}
	if err := w.e.Tick(w.Context(), w.now); err != nil {
		w.Fatal(err)
	}
	w.read()
}

// read takes in what the record has gained.
func (w *World) read() {
	w.view(func(tx *store.Tx) error {
		es, err := events.After(tx, w.seen, 1_000_000)
		if len(es) > 0 {
			w.log, w.seen = append(w.log, es...), es[len(es)-1].ID
		}
		return err
	})
}

// Restart ends the process and starts another on the same database.
func (w *World) Restart() {
	w.Helper()
	w.boot()
	if err := w.e.Release(w.Context(), w.now); err != nil {
		w.Fatal(err)
	}
	w.tick()
}

func (w *World) view(f func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.View(w.Context(), f); err != nil {
		w.Fatal(err)
	}
}

// About says which incident the story goes on about; 0 is the newest.
func (w *World) About(number int64) { w.about = number }

// number is the incident the story is about.
func (w *World) number() int64 {
	w.Helper()
	n := w.about
	w.view(func(tx *store.Tx) error {
		if n != 0 {
			return nil
		}
		list, err := incidents.List(tx, incidents.Filter{Limit: 1})
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("no incident has opened")
		}
		if err == nil {
			n = list[0].Number
		}
		return err
	})
	return n
}

// Service changes a service of the demonstration.
func Service(id string, change func(*catalog.Service)) Setup {
	return func(p *plan) {
		for i, e := range p.entities {
			if s, ok := e.(catalog.Service); ok && s.ID == id {
				change(&s)
				p.entities[i] = s
			}
		}
	}
}
