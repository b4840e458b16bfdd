// Package told owns the answer to who was told in time: for an incident, customer by
// customer, and for a month (OBJ-COMM100), and the warning before a time that a
// contract sets. It must not send messages: comms does.
package told

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/told"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
	"allclear/internal/store/procedures"
	"allclear/internal/store/timers"
)

// Options are what the flow stands on.
type Options struct {
	Shelf   *procedures.Shelf
	Catalog func(*store.Tx) (*catalog.Catalog, error)
}

// Told is safe for concurrent use. Make it with New.
type Told struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Told { return &Told{db: db, bus: bus, o: o} }

// TimerContract warns before, and tells after, the times that contracts set; its ref
// is incident/span/percent.
const TimerContract = "contract_notice"

// warnPercent of a contract's time have passed when we warn (reading 10).
const warnPercent = 80

// Wire hangs the flow on the bus and on the timers.
func (t *Told) Wire(ts *jobs.Timers) {
	t.bus.On(event.Declared, t.onDeclared)
	ts.Handle(TimerContract, t.due)
}

// Report says who was told of one incident, and when.
type Report struct {
	Number     int64
	Severity   string
	DeclaredAt time.Time
	Post       told.Promise // the first post on the status page; zero Due: none was promised
	PostState  told.State
	Customers  []told.Customer
	Share      told.Share
	Next       time.Time // the next promised update; zero: none
}

// Of reports on one incident.
func (t *Told) Of(ctx context.Context, a authz.Actor, number int64, now time.Time) (r *Report, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{}); err != nil {
		return nil, err
	}
	err = t.db.View(ctx, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return hidden(err)
		}
		if err := may(a, inc); err != nil {
			return err
		}
		r, err = t.report(tx, inc, now)
		return err
	})
	return r, err
}

// the clocks that promise the first post and the mail to customers.
const (
	clockPost = "status_page"
	clockMail = "customer_email"
)

func (t *Told) report(tx *store.Tx, inc *incident.Incident, now time.Time) (*Report, error) {
	r := &Report{Number: inc.Number, Severity: inc.Severity.String(), DeclaredAt: inc.DeclaredAt}
	if !inc.Declared {
		return r, nil
	}
	proc, err := t.o.Shelf.Get(tx, inc.Procedure)
	if err != nil {
		return nil, err
	}
	r.Post.Due, _ = promised(proc, clockPost, inc)
	all, err := messages.Of(tx, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.State == message.Published && m.Has(message.StatusPage) {
			r.Post.At = m.PublishedAt
			break
		}
	}
	if !r.Post.Due.IsZero() {
		r.PostState = r.Post.State(reckoned(inc, r.Post.Due, now))
	}
	if p, err := messages.PostOf(tx, inc.ID); err != nil {
		return nil, err
	} else if p != nil {
		r.Next = p.NextUpdateAt
	}
	if r.Customers, err = t.customers(tx, inc, proc, now); err != nil {
		return nil, err
	}
	for i := range r.Customers {
		r.Share.Add(r.Customers[i].State)
	}
	told.ByUrgency(r.Customers)
	return r, nil
}

// promised is when a clock of the procedure asks for something, from the declaration
// or from the change that brought the severity (reading 9).
func promised(proc *procedure.Procedure, clock string, inc *incident.Incident) (time.Time, bool) {
	c, ok := proc.Clock(clock)
	if !ok {
		return time.Time{}, false
	}
	due, _, _, ok := c.Due(inc.Highest, inc.DeclaredAnchor(), proc.Calendar())
	return due, ok
}

// reckoned is when a promise is judged: of an incident that was over before its time
// nothing was missed.
func reckoned(inc *incident.Incident, due, now time.Time) time.Time {
	if !inc.ResolvedAt.IsZero() && inc.ResolvedAt.Before(due) {
		return inc.ResolvedAt
	}
	return now
}

func (t *Told) customers(tx *store.Tx, inc *incident.Incident, proc *procedure.Procedure, now time.Time) ([]told.Customer, error) {
	cat, err := t.o.Catalog(tx)
	if err != nil {
		return nil, err
	}
	heard, err := deliveries.HeardOf(tx, inc.ID)
	if err != nil {
		return nil, err
	}
	of := map[string][]deliveries.Heard{}
	for _, h := range heard {
		if message.Addressed(h.Channel) {
			of[h.Recipient] = append(of[h.Recipient], h)
		}
	}
	usual, has := promised(proc, clockMail, inc)
	affected := message.Affected(cat, inc)
	var out []told.Customer
	for i := range affected {
		k := &affected[i]
		c := told.Customer{ID: k.ID, Name: k.Name, Contract: !k.Contract.NotifyWithin.IsZero()}
		switch {
		case c.Contract:
			c.Due = k.Contract.NotifyWithin.From(inc.DeclaredAt, proc.Calendar())
		case has:
			c.Due = usual
		default:
			continue // nobody has promised this customer anything
		}
		for n := range k.Contacts {
			if message.AddressOf(&k.Contacts[n], message.Email) != "" || message.AddressOf(&k.Contacts[n], message.SMS) != "" {
				c.Contacts++
			}
		}
		for _, ch := range catalog.CustomerChats {
			if k.Chat(ch) != "" {
				c.Contacts++
			}
		}
		for _, h := range of[k.ID] {
			c.Accepted, c.Failed = c.Accepted+h.Accepted, c.Failed+h.Failed
			if !h.First.IsZero() && (c.At.IsZero() || h.First.Before(c.At)) {
				c.At, c.By = h.First, h.Channel
			}
		}
		c.State = c.Promise.State(reckoned(inc, c.Due, now))
		out = append(out, c)
	}
	return out, nil
}

// Month is how well customers were told of the P1 and P2 that were declared in one
// month (UTC).
type Month struct {
	From, To  time.Time
	Incidents []*Report // without their customers
	Posts     told.Share
	Customers told.Share
}

// maxIncidents bounds a month.
const maxIncidents = 1000

// Month reports on the incidents declared in the month that holds the instant. Those
// that the reader may not know of, and false alarms, are left out.
func (t *Told) Month(ctx context.Context, a authz.Actor, in, now time.Time) (m *Month, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{}); err != nil {
		return nil, err
	}
	in = in.UTC()
	m = &Month{From: time.Date(in.Year(), in.Month(), 1, 0, 0, 0, 0, time.UTC)}
	m.To = m.From.AddDate(0, 1, 0)
	err = t.db.View(ctx, func(tx *store.Tx) error {
		all, err := incidents.DeclaredIn(tx, m.From, m.To, maxIncidents)
		if err != nil {
			return err
		}
		for _, inc := range all {
			if !inc.Highest.Pages() || inc.FalsePositive || inc.MergedInto != 0 || may(a, inc) != nil {
				continue
			}
			r, err := t.report(tx, inc, now)
			if err != nil {
				return err
			}
			r.Customers = nil
			if !r.Post.Due.IsZero() {
				m.Posts.Add(r.PostState)
			}
			m.Customers = m.Customers.Plus(r.Share)
			m.Incidents = append(m.Incidents, r)
		}
		return nil
	})
	return m, err
}

// onDeclared arms a warning and a due time for each span that contracts of affected
// customers name.
func (t *Told) onDeclared(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil || !inc.Severity.Pages() {
		return err
	}
	cat, err := t.o.Catalog(tx)
	if err != nil {
		return err
	}
	proc, err := t.o.Shelf.Get(tx, inc.Procedure)
	if err != nil {
		return err
	}
	armed := map[string]bool{}
	affected := message.Affected(cat, inc)
	for i := range affected {
		span := affected[i].Contract.NotifyWithin
		if span.IsZero() || armed[span.String()] {
			continue
		}
		armed[span.String()] = true
		due := span.From(inc.DeclaredAt, proc.Calendar())
		warn := inc.DeclaredAt.Add(due.Sub(inc.DeclaredAt) * warnPercent / 100)
		for percent, at := range map[int]time.Time{warnPercent: warn, 100: due.Add(time.Millisecond)} {
			ref := fmt.Sprintf("%s/%s/%d", inc.ID, span, percent)
			if err := timers.Set(tx, timers.Timer{Kind: TimerContract, Ref: ref, IncidentID: inc.ID, DueAt: at}, e.RecordedAt); err != nil {
				return err
			}
		}
	}
	return nil
}

// named is how many customers a notice names.
const named = 10

// due tells who looks after messages which customers have not been told by the time
// their contract sets. Of a restricted incident Legal keeps the times.
func (t *Told) due(tx *store.Tx, tm timers.Timer, now time.Time) error {
	parts := strings.Split(tm.Ref, "/")
	id, err := ident.Parse(parts[0])
	if err != nil || len(parts) != 3 {
		return fmt.Errorf("timer %q: %w", tm.Ref, err)
	}
	inc, err := incidents.Get(tx, id)
	if err != nil {
		return err
	}
	if inc.Restricted || inc.FalsePositive || inc.MergedInto != 0 {
		return nil
	}
	proc, err := t.o.Shelf.Get(tx, inc.Procedure)
	if err != nil {
		return err
	}
	all, err := t.customers(tx, inc, proc, now)
	if err != nil {
		return err
	}
	over := parts[2] == "100"
	var names []string
	var by time.Time
	for i := range all {
		c := &all[i]
		if c.Contract && c.At.IsZero() && c.Due.Sub(now).Abs() < tm.DueAt.Sub(inc.DeclaredAt) && (over && c.State == told.Missed || !over && c.State == told.Waiting) {
			names, by = append(names, c.Name), c.Due
		}
	}
	if len(names) == 0 {
		return nil
	}
	return t.tell(tx, inc, names, by, over, now)
}

func (t *Told) tell(tx *store.Tx, inc *incident.Incident, names []string, by time.Time, over bool, now time.Time) error {
	slices.Sort(names)
	list := strings.Join(names[:min(len(names), named)], ", ")
	if n := len(names) - named; n > 0 {
		list += fmt.Sprintf(" and %d more", n)
	}
	what, word := "must be told by", "warned"
	if over {
		what, word = "should have been told by", "breached"
	}
	text := fmt.Sprintf("By contract %s %s %s: %s.", count(len(names)), what, by.UTC().Format("15:04 UTC on 2 January"), list)
	data := event.Data{Clock: "contract_notice", Outcome: word, Text: text, Number: int64(len(names)), Clauses: []string{"OBJ-COMM100"}, Due: by.UnixMicro()}
	if err := t.bus.Emit(tx, now, event.Event{IncidentID: inc.ID, Kind: event.Automatic, Actor: event.System, Source: "timer", Data: data}); err != nil {
		return err
	}
	return t.bus.Emit(tx, now, event.Event{IncidentID: inc.ID, Kind: event.NoticeWanted, Actor: event.System, Source: "timer", Data: event.Data{
		Rule: fmt.Sprintf("contract-notice:%s:%d", word, by.Unix()), Targets: []string{"schedule:communications", "commander"}, Clauses: data.Clauses,
		Subject: fmt.Sprintf("%s: customers to be told by contract", inc.Ref()), Text: text,
	}})
}

func count(n int) string {
	if n == 1 {
		return "1 customer"
	}
	return fmt.Sprintf("%d customers", n)
}

func may(a authz.Actor, inc *incident.Incident) error {
	r := authz.Resource{Kind: "incident", ID: inc.Ref(), Restricted: inc.Restricted}
	if inc.VisibleTo(a.ID) {
		r.Circle = []string{a.ID}
	}
	return hidden(authz.Can(a, authz.Read, r))
}

func hidden(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "there is no such incident")
	}
	return err
}
