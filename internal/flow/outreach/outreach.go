// Package outreach owns the lists of whom people tell by hand: the accounts that are
// called, grouped by who looks after them (COM-CUST-VIP, FUP-FU-CS), the posts that
// no integration makes, and the press and the analysts (COM-PUB-*). It must not send
// anything, nor decide which accounts are touched: the procedure and the catalogue do.
package outreach

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/outreach"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	rows "allclear/internal/store/outreach"
	"allclear/internal/store/procedures"
)

// Options are what the flow stands on.
type Options struct {
	Shelf   *procedures.Shelf
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	PageURL string // of the status page; empty: posts name none
	// Serves reports whether a channel to the public has a provider; nil: all have.
	Serves func(channel string) bool
}

// Outreach is safe for concurrent use. Make it with New.
type Outreach struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Outreach { return &Outreach{db: db, bus: bus, o: o} }

// Wire hangs the flow on the bus.
func (o *Outreach) Wire() {
	o.bus.On(event.TaskOpened, o.onTask)
	o.bus.On(event.TaskDone, o.onTaskOver)
	o.bus.On(event.TaskSkipped, o.onTaskOver)
	o.bus.On(event.Scoped, o.onScoped)
	o.bus.On(event.MessagePublished, o.onPublished)
	o.bus.On(event.Merged, o.onMerged)
}

// Board is everybody whom people tell by hand about one incident.
type Board struct {
	Contacts []*outreach.Contact // by owner, then by due time
	Groups   []Group             // by owner, in the same order
	Done     int
}

// Group is what one person or team has to do.
type Group struct {
	Owner     string
	Name      string
	All, Done int
	Late      int
}

// Of lists an incident's contacts.
func (o *Outreach) Of(ctx context.Context, a authz.Actor, number int64, now time.Time) (b Board, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{}); err != nil {
		return b, err
	}
	err = o.db.View(ctx, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return hidden(err)
		}
		if err := may(a, authz.Read, inc); err != nil {
			return err
		}
		cat, err := o.o.Catalog(tx)
		if err != nil {
			return err
		}
		all, err := rows.Of(tx, inc.ID)
		b = boardOf(all, cat, now)
		return err
	})
	return b, err
}

func boardOf(all []*outreach.Contact, cat *catalog.Catalog, now time.Time) (b Board) {
	slices.SortStableFunc(all, func(x, y *outreach.Contact) int {
		if c := strings.Compare(x.Owner, y.Owner); c != 0 {
			return c
		}
		if x.Done != y.Done {
			if x.Done {
				return 1
			}
			return -1
		}
		return x.DueAt.Compare(y.DueAt)
	})
	b.Contacts = all
	for _, c := range all {
		if n := len(b.Groups); n == 0 || b.Groups[n-1].Owner != c.Owner {
			g := Group{Owner: c.Owner, Name: c.Owner}
			if p, ok := cat.People[c.Owner]; ok {
				g.Name = p.Name
			}
			b.Groups = append(b.Groups, g)
		}
		g := &b.Groups[len(b.Groups)-1]
		g.All++
		if c.Done {
			g.Done++
			b.Done++
		} else if c.Late(now) {
			g.Late++
		}
	}
	return b
}

// Record writes down what came of one try. When every contact of a duty is done, the
// duty is.
func (o *Outreach) Record(ctx context.Context, a authz.Actor, id ident.ID, t outreach.Try, now time.Time) (out *outreach.Contact, err error) {
	if err := authz.Can(a, authz.Respond, authz.Resource{}); err != nil {
		return nil, err
	}
	t.At, t.By = now, a.ID
	err = o.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, c, err := o.take(tx, a, id)
		if err != nil {
			return err
		}
		if err := c.Record(t); err != nil {
			return err
		}
		if err := rows.Save(tx, c); err != nil {
			return err
		}
		out = c
		err = o.bus.Emit(tx, now, event.Event{
			IncidentID: inc.ID, Kind: event.OutreachTried, Actor: a.ID, Source: a.Via, Restricted: inc.Restricted,
			Data: event.Data{Ref: c.ID.String(), To: c.Party, Subject: c.Name, Outcome: t.Outcome, Text: t.Note, Status: t.URL, Clauses: c.Clauses, Rule: c.List},
		})
		if err != nil || !c.Done || c.Task == 0 {
			return err
		}
		return o.finished(tx, inc, c.Task, a.ID, now)
	})
	return out, err
}

// take locks the incident, so that the last two contacts of a duty see each other,
// and reads the contact.
func (o *Outreach) take(tx *store.Tx, a authz.Actor, id ident.ID) (*incident.Incident, *outreach.Contact, error) {
	c, err := rows.Get(tx, id)
	if err != nil {
		return nil, nil, err
	}
	inc, err := incidents.Get(tx, c.Incident)
	if err != nil {
		return nil, nil, err
	}
	if err := may(a, authz.Respond, inc); err != nil {
		if fault.Is(err, fault.NotFound) {
			err = fault.New(fault.NotFound, "there is no such contact")
		}
		return nil, nil, err
	}
	c, err = rows.Get(tx, id)
	return inc, c, err
}

// Add writes down somebody of the press or an analyst who asked or is to be told.
func (o *Outreach) Add(ctx context.Context, a authz.Actor, number int64, c outreach.Contact, now time.Time) (out *outreach.Contact, err error) {
	if err := authz.Can(a, authz.Respond, authz.Resource{}); err != nil {
		return nil, err
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	err = o.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return hidden(err)
		}
		if err := may(a, authz.Respond, inc); err != nil {
			return err
		}
		if inc, err = incidents.Get(tx, inc.ID); err != nil {
			return err
		}
		all, err := rows.Of(tx, inc.ID)
		if err != nil {
			return err
		}
		if len(all) >= maxContacts {
			return fault.New(fault.Invalid, "the incident has %d contacts already", len(all)).With("name", "end some of them first")
		}
		c.Incident, c.List, c.Party, c.OpenedAt = inc.ID, string(c.Kind), c.Name, now
		if c.Owner == "" {
			c.Owner = a.ID
		}
		c.Clauses = map[outreach.Kind][]string{outreach.Press: {"COM-PUB-PRESS"}, outreach.Analyst: {"COM-PUB-ANALYST"}}[c.Kind]
		out = &c
		return rows.Insert(tx, []*outreach.Contact{out}, now)
	})
	return out, err
}

// maxContacts bounds what people add to an incident.
const maxContacts = 5000

func may(a authz.Actor, v authz.Verb, inc *incident.Incident) error {
	r := authz.Resource{Kind: "incident", ID: inc.Ref(), Restricted: inc.Restricted}
	if inc.VisibleTo(a.ID) {
		r.Circle = []string{a.ID}
	}
	return hidden(authz.Can(a, v, r))
}

func hidden(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "there is no such incident")
	}
	return err
}
