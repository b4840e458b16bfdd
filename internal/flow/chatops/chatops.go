// Package chatops owns what people ask for in a chat: it finds out who asks and about
// which incident, reads the words, has the flow that owns the matter do it, and says
// what came of it. It must not do anything by itself that a person could not do in
// the console, nor believe that somebody is who a chat calls them.
package chatops

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
)

// Acts are what the other flows do when they are asked; each authorises the actor.
type Acts struct {
	Declare func(ctx context.Context, a authz.Actor, service, title string, s procedure.Severity, now time.Time) (*incident.Incident, error)
	Update  func(ctx context.Context, a authz.Actor, number int64, text string, now time.Time) (channels []string, err error)
	Role    func(ctx context.Context, a authz.Actor, number int64, role, person string, now time.Time) error
	Join    func(ctx context.Context, a authz.Actor, number int64, state string, now time.Time) error
	Page    func(ctx context.Context, a authz.Actor, number int64, to []string, text string, now time.Time) error
	Note    func(ctx context.Context, a authz.Actor, number int64, text string, now time.Time) error
	Done    func(ctx context.Context, a authz.Actor, task ident.ID, evidence string, now time.Time) error
	Skip    func(ctx context.Context, a authz.Actor, task ident.ID, reason string, now time.Time) error
	Resolve func(ctx context.Context, a authz.Actor, number int64, reason string, now time.Time) error
}

// Options are what the flow stands on.
type Options struct {
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Who is the person of the catalogue that a chat's user is, RoleOf what their account
	// may do; fault.NotFound and fault.Refused say that there is none.
	Who    func(ctx context.Context, provider, user string, now time.Time) (person string, g plug.Guest, err error)
	RoleOf func(ctx context.Context, person string) (authz.Role, error)
	// Where is the incident of a chat's channel, 0 for none; First reports whether a call
	// was not heard before.
	Where func(ctx context.Context, provider, room string) (int64, error)
	First func(ctx context.Context, provider, call string, now time.Time) (bool, error)
	Acts  Acts
	URL   string // of an incident in the console, before its number; may be empty
}

// Chatops is safe for concurrent use. Make it with New.
type Chatops struct {
	db *store.DB
	o  Options
}

// New returns the flow.
func New(db *store.DB, o Options) *Chatops { return &Chatops{db: db, o: o} }

// order is one thing somebody asks for.
type order struct {
	plug.Order
	c        *Chatops
	provider string
	actor    authz.Actor
	number   int64 // of the incident; 0: it was asked outside of one's channel
	now      time.Time
}

// verb is what can be asked for.
type verb struct {
	name   string
	args   string // as the help shows them
	does   string
	inside bool // it is about the incident of the channel
	run    func(ctx context.Context, o *order) (plug.Answered, error)
}

func verbs() []verb {
	return []verb{
		{"declare", "[P1|P2|P3|P4] <service> <what is broken>", "declare an incident", false, declare},
		{"status", "", "where the incident stands", true, status},
		{"update", "<text>", "tell customers, on the status page and by mail", true, update},
		{"role", "<commander|tech|comms|scribe> <person>", "give a role to somebody", true, role},
		{"page", "<person, role or schedule> [why]", "page somebody", true, page},
		{"oncall", "", "who is on call now", false, onCall},
		{"note", "<text>", "write on the timeline", true, note},
		{"task", "[done|skip <number> <evidence or reason>]", "list what is open, or end one", true, task},
		{"resolve", "<what ended it>", "say that the impact is over", true, resolve},
	}
}

// buttons are verbs that nobody types.
func buttons() []verb {
	return []verb{
		{name: "join", inside: true, run: join},
		{name: "command", inside: true, run: command},
	}
}

// Carry does what was asked for and says what came of it; a refusal is said too. The
// same call does nothing twice.
func (c *Chatops) Carry(ctx context.Context, provider string, in plug.Order, now time.Time) plug.Answered {
	o := &order{Order: in, c: c, provider: provider, now: now}
	var v *verb
	for _, known := range append(verbs(), buttons()...) {
		if known.name == in.Verb {
			v = &known
		}
	}
	if v == nil {
		return plug.Answered{Text: Help(in.Verb)}
	}
	out, err := c.carry(ctx, o, v)
	if err != nil {
		return plug.Answered{Text: refusal(err)}
	}
	return out
}

func (c *Chatops) carry(ctx context.Context, o *order, v *verb) (plug.Answered, error) {
	if err := c.identify(ctx, o); err != nil {
		return plug.Answered{}, err
	}
	if err := c.place(ctx, o); err != nil {
		return plug.Answered{}, err
	}
	if v.inside && o.number == 0 {
		return plug.Answered{Text: "This is no incident's channel: ask there, or begin with the number, such as /incident " + v.name + " INC-42" + strings.TrimSuffix(" "+v.args, " ") + "."}, nil
	}
	if o.ID != "" {
		first, err := c.o.First(ctx, o.provider, "order/"+o.ID, o.now)
		if err != nil {
			return plug.Answered{}, err
		}
		if !first {
			return plug.Answered{Text: "That was asked already."}, nil
		}
	}
	return v.run(ctx, o)
}

// identify finds out who asks. Somebody the catalogue does not know, or who has no
// account, may ask for nothing.
func (c *Chatops) identify(ctx context.Context, o *order) error {
	person, g, err := c.o.Who(ctx, o.provider, o.User, o.now)
	if fault.Is(err, fault.NotFound) {
		who := g.Email
		if who == "" {
			who = o.UserName
		}
		if who != "" {
			who = " (" + who + ")"
		}
		return fault.New(fault.Refused, "Allclear does not know you%s. Ask an administrator to give you this account as a contact, or the same mail address in the catalogue", who)
	}
	if err != nil {
		return err
	}
	r, err := c.o.RoleOf(ctx, person)
	if err != nil {
		return err
	}
	o.actor = authz.Actor{ID: person, Role: r, Via: o.provider}
	return nil
}

// place finds the incident: that of a button, the one that is named first, or that of
// the channel.
func (c *Chatops) place(ctx context.Context, o *order) (err error) {
	if o.number = numberOf(o.Incident); o.number != 0 {
		return nil
	}
	first, rest, _ := strings.Cut(o.Text, " ")
	if n := numberOf(first); n != 0 {
		o.number, o.Text = n, strings.TrimSpace(rest)
		return nil
	}
	if o.Room == "" {
		return nil
	}
	o.number, err = c.o.Where(ctx, o.provider, o.Room)
	return err
}

func numberOf(ref string) int64 {
	if len(ref) < 5 || !strings.EqualFold(ref[:4], "INC-") {
		return 0
	}
	n, err := strconv.ParseInt(ref[4:], 10, 64)
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// Help says what can be asked for; of is a word that was not understood.
func Help(of string) string {
	var b strings.Builder
	if of != "" && of != "help" {
		fmt.Fprintf(&b, "%q is nothing that can be asked for. ", of)
	}
	b.WriteString("Ask for one of these; in an incident's channel it is about that incident, elsewhere begin with its number:\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "/incident %s: %s\n", strings.TrimSpace(v.name+" "+v.args), v.does)
	}
	return strings.TrimSpace(b.String())
}

// refusal is an error in words for whoever asked.
func refusal(err error) string {
	var f *fault.Error
	if !asFault(err, &f) {
		return "That did not work: something went wrong here. Try it in the console."
	}
	switch f.Kind {
	case fault.Internal:
		return "That did not work: something went wrong here. Try it in the console."
	case fault.NotFound, fault.Conflict, fault.Refused, fault.Invalid, fault.Unauthenticated, fault.TooLarge, fault.Busy, fault.Unavailable:
	}
	text := "Not done: " + f.Message
	for _, d := range f.Details {
		text += "\n- " + strings.TrimPrefix(d.Where+": ", ": ") + d.What
	}
	return plug.Redact(text)
}

// look reads an incident that the actor may know of.
func (o *order) look(ctx context.Context) (inc *incident.Incident, cat *catalog.Catalog, err error) {
	err = o.c.db.View(ctx, func(tx *store.Tx) error {
		if cat, err = o.c.o.Catalog(tx); err != nil {
			return err
		}
		if inc, err = incidents.ByNumber(tx, o.number); err != nil {
			return err
		}
		if !inc.VisibleTo(o.actor.ID) {
			return fault.New(fault.NotFound, "there is no such incident")
		}
		return authz.Can(o.actor, authz.Read, authz.Resource{Kind: "incident", ID: inc.Ref()})
	})
	return inc, cat, err
}

func (o *order) catalog(ctx context.Context) (cat *catalog.Catalog, err error) {
	err = o.c.db.View(ctx, func(tx *store.Tx) error {
		cat, err = o.c.o.Catalog(tx)
		return err
	})
	return cat, err
}

func (o *order) ref() string { return incident.Ref(o.number) }
