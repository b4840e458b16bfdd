// Package tickets owns the way of a customer's ticket elsewhere: judge its words,
// find the customer, queue it or raise an alert, tell the chat channel, and write
// back what became of it (reading 19). It must not page or open incidents: what
// pages is an alert like any other, handed to Raise.
package tickets

import (
	"context"
	"strings"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/ticket"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/tickets"
)

// Options are what the flow stands on beside its database.
type Options struct {
	Channels []string // on which tickets are written to: their source; none: nothing is written back
	// Raise takes in alerts inside the transaction, see intake.
	Raise func(tx *store.Tx, service, source string, signals []alert.Signal, now time.Time) error
}

// Tickets judges tickets. Make it with New and wire it before use.
type Tickets struct {
	db      *store.DB
	bus     *jobs.Bus
	shelf   *procedures.Shelf
	catalog func(*store.Tx) (*catalog.Catalog, error)
	o       Options
	group   *store.Group[Arrival, struct{}]
}

const (
	maxBatch = 64
	// maxHold bounds how long one batch keeps the writer from a page.
	maxHold = 20 * time.Millisecond
)

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, shelf *procedures.Shelf, cat func(*store.Tx) (*catalog.Catalog, error), o Options) *Tickets {
	t := &Tickets{db: db, bus: bus, shelf: shelf, catalog: cat, o: o}
	t.group = store.NewGroup(db, store.PriorityIntake, maxBatch, maxHold, func(tx *store.Tx, batch []Arrival) ([]struct{}, error) {
		for i := range batch {
			if err := t.arrive(tx, &batch[i]); err != nil {
				return nil, err
			}
		}
		return make([]struct{}, len(batch)), nil
	})
	return t
}

// Wire hangs the flow on the bus.
func (t *Tickets) Wire() {
	t.bus.On(event.Declared, t.onDeclared)
	t.bus.On(event.ResolvedKind, t.onResolved)
	t.bus.On(event.Merged, t.onMerged)
}

// Arrival is one call of a source: its raw payload and the tickets it tells of,
// about one service.
type Arrival struct {
	ServiceID string
	Source    string
	Raw       []byte
	Reports   []ticket.Report
	Now       time.Time
}

// Take returns when the tickets are durable with everything that follows from
// them, in one transaction (INV-I1, INV-I2). A storm goes in together: tickets of
// one service wait for its incident, and for each other, one after the other.
func (t *Tickets) Take(ctx context.Context, a Arrival) error {
	_, err := t.group.Submit(ctx, a)
	return err
}

// TakeNow is Take without a group, for one caller at a time.
func (t *Tickets) TakeNow(ctx context.Context, a Arrival) error {
	_, err := t.group.SubmitNow(ctx, a)
	return err
}

func (t *Tickets) arrive(tx *store.Tx, a *Arrival) error {
	if len(a.Raw) > 0 {
		raw := alerts.Raw{Source: a.Source, ServiceID: a.ServiceID, ReceivedAt: a.Now, Body: a.Raw}
		if len(a.Reports) > 0 {
			raw.DedupKey = keyOf(a.Reports[0].Source, a.Reports[0].ExternalID)
		}
		if err := alerts.Keep(tx, []alerts.Raw{raw}); err != nil {
			return err
		}
	}
	d, err := t.desk(tx, a.Now)
	if err != nil {
		return err
	}
	for i := range a.Reports {
		if err := d.take(a.ServiceID, &a.Reports[i]); err != nil {
			return err
		}
	}
	return nil
}

// keyOf is what the alert of a ticket is known by.
func keyOf(source, external string) string { return "ticket/" + source + "/" + external }

// desk is one transaction of the flow.
type desk struct {
	*Tickets
	tx  *store.Tx
	cat *catalog.Catalog
	set *procedure.Tickets
	all *procedure.Procedure
	now time.Time
	by  string // a person, and through what; empty: the source
	via string
}

func (t *Tickets) desk(tx *store.Tx, now time.Time) (*desk, error) {
	cat, err := t.catalog(tx)
	if err != nil {
		return nil, err
	}
	hash, err := t.shelf.Active(tx)
	if err != nil {
		return nil, err
	}
	proc, err := t.shelf.Get(tx, hash)
	if err != nil {
		return nil, err
	}
	d := &desk{Tickets: t, tx: tx, cat: cat, set: proc.Tickets, all: proc, now: now}
	if d.set == nil { // nothing is a keyword: all wait in the normal queue
		d.set = &procedure.Tickets{Strong: 1}
	}
	return d, nil
}

// take brings one report to bear. An event that came before has no new effect.
func (d *desk) take(service string, r *ticket.Report) error {
	t, fresh, err := tickets.Lock(d.tx, r.Source, r.ExternalID, service, d.now)
	if err != nil || t.Knows(r.Event) {
		return err
	}
	t.UpdatedAt = d.now
	reopened, ended := t.Take(r)
	if k, ok := d.customer(r); ok {
		t.CustomerID = k.ID
	}
	switch {
	case ended && t.Queue != "":
		return d.end(t)
	case t.State == ticket.Solved && t.Queue != "":
		return tickets.Save(d.tx, t)
	case reopened || fresh && !r.OpenedAt.IsZero() && d.now.Sub(r.OpenedAt) > old:
		// "Thank you" opens a ticket again, and the first we hear of one may be the
		// reply to what was down last month: only what is new counts.
		return d.judge(t, "", r.Comment, reopened)
	}
	return d.judge(t, t.Subject, t.Words(), false)
}

// old is when what a ticket said at first is no news.
const old = 24 * time.Hour

// judge classifies the ticket and does what follows when that raises it.
func (d *desk) judge(t *ticket.Ticket, subject, text string, reopened bool) error {
	inc, err := d.open(t.ServiceID)
	if err != nil {
		return err
	}
	f := ticket.Facts{CriticalFunction: d.cat.Services[t.ServiceID].CriticalFunction, Priority: t.Priority}
	if k, ok := d.cat.Customers[t.CustomerID]; ok {
		f.Customer = &k
	}
	if inc != nil {
		f.Incident = inc.Ref()
	}
	if f.Others, err = tickets.OthersSince(d.tx, t.ServiceID, t.CustomerID, d.since()); err != nil {
		return err
	}
	v := ticket.Classify(subject, text, f, d.set)
	ended := t.State == ticket.Solved // the first we hear of it
	more := t.Judge(v)
	switch {
	case ended:
		t.State = ticket.Solved
		return tickets.Save(d.tx, t)
	case v.Pages && (t.State == ticket.Waiting || t.State == ticket.Raised && more):
		class := alert.CustomerTicket
		if v.Sort == procedure.TicketAccount || f.Customer != nil && d.account(f.Customer) {
			class = alert.AccountTicket
		}
		return d.raise(t, class, "")
	case t.Queue == ticket.Urgent && t.IncidentID == 0 && inc != nil && t.Open():
		t.IncidentID, more = inc.ID, true
	}
	if !more && !reopened {
		return tickets.Save(d.tx, t)
	}
	if err := d.emit(event.TicketQueued, t, ""); err != nil {
		return err
	}
	return d.change(t, inc, more)
}

// since is when tickets about the same trouble began to come.
func (d *desk) since() time.Time {
	return d.now.Add(-d.set.Within.From(d.now, d.all.Calendar()).Sub(d.now))
}

// account reports whether strong tickets of the customer page.
func (d *desk) account(k *catalog.Customer) bool {
	return k.VIP && d.set.Takes("vip") || k.MajorAccount && d.set.Takes("major_account") || k.Tier == catalog.Enterprise && d.set.Takes("enterprise")
}

// open is the incident that is open on the service and may be named elsewhere;
// nil without one.
func (d *desk) open(service string) (*incident.Incident, error) {
	inc, err := incidents.OpenOn(d.tx, service, "")
	if err != nil || inc == nil || inc.Restricted {
		return nil, err
	}
	return inc, nil
}

// customer is whom the ticket is of: by the organisation's id, code or name,
// else by the requester's address. What a requester writes proves nothing, and
// gives no rights.
func (d *desk) customer(r *ticket.Report) (catalog.Customer, bool) {
	for _, name := range r.Customer {
		if k, ok := d.cat.Customers[name]; ok {
			return k, true
		}
		var found []catalog.Customer
		for _, k := range d.cat.Customers {
			if k.Code != "" && k.Code == name || strings.EqualFold(k.Name, name) || strings.EqualFold(k.ID, name) {
				found = append(found, k)
			}
		}
		if len(found) == 1 {
			return found[0], true
		}
	}
	if r.Email == "" {
		return catalog.Customer{}, false
	}
	k, ok := d.cat.Customers[d.cat.Sender(r.Email).Customer]
	return k, ok
}

// end takes a ticket that was solved where it comes from. Its alert is over; its
// incident is not, unless nothing else stands (reading 5).
func (d *desk) end(t *ticket.Ticket) error {
	if err := tickets.Save(d.tx, t); err != nil || t.AlertKey == "" {
		return err
	}
	s := alert.Signal{Source: t.Source, Action: alert.Resolve, DedupKey: t.AlertKey, Summary: "the ticket is " + t.Status + " in " + t.Source}
	return d.o.Raise(d.tx, t.ServiceID, t.Source, []alert.Signal{s}, d.now)
}
