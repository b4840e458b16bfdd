package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"allclear/internal/app"
	"allclear/internal/app/demo"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/comms"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
	builtin "allclear/procedures"
)

// kept are the rules of the built-in procedure that a simulation runs: one or
// two of each sort, so that a seed takes milliseconds.
var kept = []string{
	"heads-up-secondary", "queue-p3", "ticket-p4", "step1-validate", "all-hands", "executives", "manager-after-an-hour",
	"incidents-channel", "holding-status-p1", "holding-status-p2", "holding-email-p1", "warn-resolution", "breach-response",
	"breach-response-p2", "prove-smoke", "restored-status", "restored-customers", "executives-resolved",
}

// paper is the procedure of all seeds, parsed once.
type paper struct {
	shelf *procedures.Shelf
	body  []byte
	hash  string
}

func newPaper() (*paper, error) {
	full, err := procedure.Parse(builtin.TechFlow)
	if err != nil {
		return nil, err
	}
	full.Rules = slices.DeleteFunc(full.Rules, func(r procedure.Rule) bool { return !slices.Contains(kept, r.ID) })
	if len(full.Rules) != len(kept) {
		return nil, fmt.Errorf("%d of %d rules are in the procedure", len(full.Rules), len(kept))
	}
	full.KPIs, full.Words, full.Readings = nil, nil, nil
	body, err := json.Marshal(full) // JSON is YAML too
	if err != nil {
		return nil, err
	}
	return &paper{shelf: &procedures.Shelf{}, body: body, hash: procedure.Hash(body)}, nil
}

// put writes the procedure without parsing it again.
func (p *paper) put(tx *store.Tx, now time.Time) error {
	_, err := tx.Exec("insert into procedures(hash, name, version, body, created_at) values($1,'small','1',$2,$3)", p.hash, string(p.body), store.Micros(now))
	if err != nil {
		return err
	}
	return p.shelf.Activate(tx, p.hash, now)
}

// world is one seed on its way: the database survives the process.
type world struct {
	c      course
	paper  *paper
	db     *store.DB
	e      *app.Engine
	now    time.Time
	fuse   fuse
	led    *ledger
	model  *model
	trace  []string
	wrong  []string
	down   int // crashes that happened
	bug    bug
	booted time.Time // when the process last started
	people map[string]catalog.Person
}

func (w *world) fail(inv, format string, args ...any) {
	w.wrong = append(w.wrong, inv+": "+fmt.Sprintf(format, args...))
}

func (w *world) say(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%-12s ", w.now.Sub(w.c.start))+fmt.Sprintf(format, args...))
}

func (w *world) hash() uint64 {
	h := fnv.New64a()
	for _, l := range w.trace {
		_, _ = h.Write([]byte(l + "\n"))
	}
	return h.Sum64()
}

var errFuse = errors.New("the power went")

// fuse ends the process at the drawn places.
type fuse struct {
	armed   bool
	commits int
	left    []crash
	seen    map[string]int
	blown   string
}

func (f *fuse) pass(where string) error {
	if !f.armed || len(f.left) == 0 {
		return nil
	}
	f.seen[where]++
	if f.left[0].where != where || f.seen[where] < f.left[0].nth {
		return nil
	}
	f.blown = where
	f.left = f.left[1:]
	clear(f.seen)
	return errFuse
}

func newWorld(ctx context.Context, c course, p *paper, b bug) (*world, error) {
	w := &world{c: c, paper: p, now: c.start, booted: c.start, bug: b, people: map[string]catalog.Person{}}
	w.fuse = fuse{left: slices.Clone(c.crashes), seen: map[string]int{}}
	w.led = &ledger{w: w, sent: map[string]*tries{}}
	w.model = newModel(w)
	image, err := storetest.Schema()
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Options{Memory: true, From: image, IDs: ident.NewSource(1), Hooks: store.Hooks{
		BeforeCommit: func() error { return w.fuse.pass("before_commit") },
		AfterCommit: func() error {
			w.fuse.commits++
			return w.fuse.pass("after_commit")
		},
	}})
	if err != nil {
		return nil, err
	}
	w.db = db
	w.start()
	return w, w.prepare(ctx)
}

// start makes a process on the database that is there.
func (w *world) start() {
	w.e = app.NewEngine(w.db, app.EngineOptions{
		Channels: func(name string) (plug.Channel, bool) { return &wire{w: w, name: name}, true },
		AckKey:   []byte("of the simulation"), AckURL: "https://allclear.example/ack", Workers: 1, Shelf: w.paper.shelf,
		Page:       comms.Page{Name: "Status", URL: "https://status.example"},
		BeforeSend: func() error { return w.fuse.pass("before_send") },
		AfterSend:  func() error { return errors.Join(w.fuse.pass("after_send"), w.bug.afterSend(w)) },
	})
	w.booted = w.now
	w.bug.start(w)
}

func (w *world) prepare(ctx context.Context) error {
	setup := authz.Actor{ID: "setup", Role: authz.Admin, Via: "setup"}
	if _, err := w.e.Admin.Load(ctx, setup, w.catalogue(), w.now); err != nil {
		return err
	}
	err := w.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return w.paper.put(tx, w.now) })
	w.bug.ready(w)
	w.fuse.armed = true
	return err
}

// catalogue is a small part of the demonstration's, and what the seed lacks.
func (w *world) catalogue() []catalog.Entity {
	var all []catalog.Entity
	for _, p := range demo.People() {
		switch {
		case slices.Contains(w.c.mute, p.ID):
			p.Contacts, p.Email = nil, ""
		case p.ID == "ana":
			p.Contacts = append(p.Contacts, catalog.Contact{Channel: "push", Address: "https://push.example/ana", Verified: true})
		case p.ID == "david.kim":
			p.Contacts = p.Contacts[:1] // mail only
		}
		if slices.Contains(w.c.absent, p.ID) {
			p.Absent = []catalog.Absence{{From: w.c.start.Add(-time.Hour), Until: w.c.start.Add(48 * time.Hour), Reason: "leave"}}
		}
		w.people[p.ID] = p
		all = append(all, p)
	}
	for _, t := range demo.Teams() {
		t.Members = t.Members[:1]
		all = append(all, t)
	}
	for _, s := range demo.Services() {
		all = append(all, s)
	}
	all = append(all, catalog.Service{ID: "vendor", Name: "Vendor", OwnerTeam: "platform", RestorationRank: 6, Products: []string{"dashboards"}})
	for _, s := range demo.Schedules() {
		if s.ID != "primary" && s.ID != "secondary" {
			all = append(all, s)
		}
	}
	for _, s := range demo.OnCall(w.c.primary, w.c.secondary) {
		all = append(all, s)
	}
	for _, c := range fewCustomers() {
		all = append(all, c)
	}
	return all
}

// fewCustomers are taken once of the many that the demonstration makes up.
var fewCustomers = sync.OnceValue(func() []catalog.Customer { return slices.Clip(demo.Customers()[:3]) })

// contacts lists the channels a page tries on a person, in the procedure's
// order: push, sms, voice, slack, email.
func (w *world) contacts(person string) []string {
	switch {
	case slices.Contains(w.c.mute, person):
		return nil
	case person == "ana":
		return []string{"push", "sms", "voice", "email"}
	case person == "david.kim":
		return []string{"email"}
	}
	return []string{"sms", "voice", "email"}
}

// deputies as the demonstration has them.
var deputies = map[string]string{
	"ana": "bo", "bo": "ana", "david.kim": "sarah.liu", "sarah.liu": "marcus.johnson", "marcus.johnson": "sarah.liu", "rachel.torres": "michael.chen", "michael.chen": "rachel.torres", "jennifer.walsh": "michael.chen",
}

// present is who stands in for a person; one without a present deputy stays.
func (w *world) present(person string) string {
	next := person
	for range 4 {
		if !slices.Contains(w.c.absent, next) {
			return next
		}
		if next = deputies[next]; next == "" || next == person {
			break
		}
	}
	return person
}

// deputy is who stands in for the person now.
func (w *world) deputy(person string) (string, bool) {
	next := person
	for range 8 {
		next = deputies[next]
		if next == "" || next == person {
			return "", false
		}
		if !slices.Contains(w.c.absent, next) {
			return next, true
		}
	}
	return "", false
}

// address is where a person is reached on a channel.
func (w *world) address(id, channel string) string {
	for _, c := range w.people[id].Contacts {
		if c.Channel == channel {
			return c.Address
		}
	}
	return ""
}

func person(id string) authz.Actor { return authz.Actor{ID: id, Role: authz.Responder, Via: "api"} }
