package story

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/deadlines"
	"allclear/internal/store/incidents"
	"allclear/internal/store/tasks"
)

// Found are entries of the record that a story asks about.
type Found struct {
	w    *World
	what string
	List []event.Event
}

// names of the two people on call.
var onCall = map[string]string{"primary": "ana", "secondary": "bo"}

func person(name string) string {
	if id, ok := onCall[name]; ok {
		return id
	}
	return name
}

// Entries are the record's entries of a kind.
func (w *World) Entries(k event.Kind) Found {
	w.Helper()
	f := Found{w: w, what: string(k)}
	var only ident.ID
	if w.about != 0 {
		only = w.Incident().ID
	}
	for _, e := range w.log {
		if e.Kind == k && (only == 0 || e.IncidentID == only) {
			f.List = append(f.List, e)
		}
	}
	return f
}

func (f Found) keep(what string, is func(event.Event) bool) Found {
	f.what += " " + what
	f.List = slices.DeleteFunc(slices.Clone(f.List), func(e event.Event) bool { return !is(e) })
	return f
}

// To keeps what is for somebody.
func (f Found) To(who string) Found {
	return f.keep("to "+who, func(e event.Event) bool { return e.Data.To == person(who) })
}

// By keeps what somebody did.
func (f Found) By(who string) Found {
	return f.keep("by "+who, func(e event.Event) bool { return e.Actor == person(who) })
}

// About keeps what holds some words, or comes from a rule of that name.
func (f Found) About(words string) Found {
	return f.keep("about "+words, func(e event.Event) bool {
		return e.Data.Rule == words || strings.Contains(e.Data.Subject+"\n"+e.Data.Text, words)
	})
}

// For keeps what answers a clause.
func (f Found) For(clause string) Found {
	return f.keep("for "+clause, func(e event.Event) bool { return slices.Contains(e.Data.Clauses, clause) })
}

// From keeps what happened at or after an offset.
func (f Found) From(offset time.Duration) Found {
	return f.keep("from "+offset.String(), func(e event.Event) bool { return !e.At.Before(f.w.start.Add(offset)) })
}

// At asserts that these are the instants, all of them and in order.
func (f Found) At(offsets ...time.Duration) Found {
	f.w.Helper()
	got := make([]time.Duration, len(f.List))
	for i, e := range f.List {
		got[i] = e.At.Sub(f.w.start)
	}
	if !slices.Equal(got, offsets) {
		f.w.Errorf("%s: came at %v, want %v", f.what, got, offsets)
	}
	return f
}

// None asserts that there is nothing.
func (f Found) None() {
	f.w.Helper()
	if len(f.List) > 0 {
		f.w.Errorf("%s: %d, want none: %s", f.what, len(f.List), f.first())
	}
}

// Some asserts that there is something.
func (f Found) Some() Found {
	f.w.Helper()
	if len(f.List) == 0 {
		f.w.Errorf("%s: none", f.what)
	}
	return f
}

func (f Found) first() string {
	e := f.List[0]
	return fmt.Sprintf("at %s to %q: %q %q %v", e.At.Sub(f.w.start), e.Data.To, e.Data.Subject, e.Data.Text, e.Data.Clauses)
}

// Citing asserts that there is something and that all of it answers the clauses.
func (f Found) Citing(clauses ...string) Found {
	f.w.Helper()
	f.Some()
	for _, e := range f.List {
		for _, c := range clauses {
			if !slices.Contains(e.Data.Clauses, c) {
				f.w.Errorf("%s at %s cites %v, want %s", f.what, e.At.Sub(f.w.start), e.Data.Clauses, c)
			}
		}
	}
	return f
}

// Are asserts whom it went to, whatever the order.
func (f Found) Are(people ...string) Found {
	f.w.Helper()
	var got []string
	for _, e := range f.List {
		got = append(got, e.Data.To)
	}
	for i := range people {
		people[i] = person(people[i])
	}
	slices.Sort(got)
	slices.Sort(people)
	if got = slices.Compact(got); !slices.Equal(got, people) {
		f.w.Errorf("%s: went to %v, want %v", f.what, got, people)
	}
	return f
}

// Pages are the pages to somebody; "" is everybody.
func (w *World) Pages(to string) Found { w.Helper(); return w.to(event.Paged, to) }

// Notices are the notices to somebody; "" is everybody.
func (w *World) Notices(to string) Found { w.Helper(); return w.to(event.Noticed, to) }

func (w *World) to(k event.Kind, who string) Found {
	w.Helper()
	f := w.Entries(k)
	if who == "" {
		return f
	}
	return f.To(who)
}

// Others are everybody but some.
type Others struct {
	w    *World
	list []string
}

// Nobody but these.
func (w *World) Nobody(but ...string) Others {
	for i := range but {
		but[i] = person(but[i])
	}
	return Others{w, but}
}

// WasPaged asserts that nobody else was paged.
func (o Others) WasPaged() { o.w.Helper(); o.none(o.w.Pages("")) }

// WasTold asserts that nobody else got a page or a notice.
func (o Others) WasTold() { o.w.Helper(); o.none(o.w.Pages("")); o.none(o.w.Notices("")) }

func (o Others) none(f Found) {
	o.w.Helper()
	f.keep(fmt.Sprintf("beside %v", o.list), func(e event.Event) bool { return !slices.Contains(o.list, e.Data.To) }).None()
}

// Published are messages that went out on a channel, such as status_page.
func (w *World) Published(channel string) Found {
	w.Helper()
	return w.Entries(event.MessagePublished).keep("on "+channel, func(e event.Event) bool { return slices.Contains(e.Data.Channels, channel) })
}

// Warned are warnings of a clock.
func (w *World) Warned(clock string) Found { w.Helper(); return w.clock(event.DeadlineWarned, clock) }

// Breached are breaches of a clock.
func (w *World) Breached(clock string) Found {
	w.Helper()
	return w.clock(event.DeadlineBreached, clock)
}

// Met are the times a clock was met.
func (w *World) Met(clock string) Found { w.Helper(); return w.clock(event.DeadlineMet, clock) }

func (w *World) clock(k event.Kind, clock string) Found {
	w.Helper()
	return w.Entries(k).keep("of "+clock, func(e event.Event) bool { return e.Data.Clock == clock })
}

// Of keeps what a clock says of somebody.
func (f Found) Of(who string) Found {
	return f.keep("of "+who, func(e event.Event) bool { return e.Data.Subject == person(who) })
}

// Clock is the newest deadline of a name.
type Clock struct {
	w    *World
	name string
	d    *deadline.Deadline
}

// Clock finds a clock of the incident.
func (w *World) Clock(name string) Clock { w.Helper(); return w.find(name, "") }

// Level finds the response time of somebody who was paged.
func (w *World) Level(who string) Clock {
	w.Helper()
	return w.find("level_response", person(who))
}

func (w *World) find(name, subject string) Clock {
	w.Helper()
	c := Clock{w: w, name: name + " " + subject}
	inc := w.Incident()
	w.view(func(tx *store.Tx) error {
		all, err := deadlines.Of(tx, inc.ID)
		for _, d := range all {
			if d.Clock == name && d.Subject == subject && (c.d == nil || d.ID > c.d.ID) {
				c.d = d
			}
		}
		return err
	})
	return c
}

// Is asserts the state: pending, warned, met, breached or waived.
func (c Clock) Is(state deadline.State) Clock {
	c.w.Helper()
	if c.d == nil {
		c.w.Errorf("at %s: no clock %s, want it %s", c.w.Since(), c.name, state)
	} else if c.d.State != state {
		c.w.Errorf("at %s: clock %s is %s, want %s", c.w.Since(), c.name, c.d.State, state)
	}
	return c
}

// Absent asserts that there is no such clock.
func (c Clock) Absent() {
	c.w.Helper()
	if c.d != nil {
		c.w.Errorf("at %s: clock %s is %s, want none", c.w.Since(), c.name, c.d.State)
	}
}

// Due asserts when it is due.
func (c Clock) Due(offset time.Duration) Clock {
	c.w.Helper()
	if c.d == nil || c.d.DueAt.Sub(c.w.start) != offset {
		c.w.Errorf("at %s: clock %s is %+v, want it due at %s", c.w.Since(), c.name, c.d, offset)
	}
	return c
}

// DueAt asserts when it is due, as an instant.
func (c Clock) DueAt(at time.Time) Clock { c.w.Helper(); return c.Due(at.Sub(c.w.start)) }

// Citing asserts what it answers.
func (c Clock) Citing(clauses ...string) Clock {
	c.w.Helper()
	for _, id := range clauses {
		if c.d == nil || !slices.Contains(c.d.Clauses, id) {
			c.w.Errorf("clock %s is %+v, want it to cite %s", c.name, c.d, id)
		}
	}
	return c
}

// Incident is the incident as it stands.
func (w *World) Incident() (inc *incident.Incident) {
	w.Helper()
	n := w.number()
	w.view(func(tx *store.Tx) (err error) {
		inc, err = incidents.ByNumber(tx, n)
		return err
	})
	return inc
}

// Is asserts the incident's severity and status.
func (w *World) Is(s procedure.Severity, in incident.Status) {
	w.Helper()
	if i := w.Incident(); i.Severity != s || i.Status != in {
		w.Errorf("at %s: %s is a %s in %s, want a %s in %s", w.Since(), i.Ref(), i.Severity, i.Status, s, in)
	}
}

// Tasks are the incident's tasks that answer a clause.
func (w *World) Tasks(clause string) (out []*checklist.Task) {
	w.Helper()
	inc := w.Incident()
	w.view(func(tx *store.Tx) error {
		all, err := tasks.Of(tx, inc.ID)
		for _, t := range all {
			if slices.Contains(t.Clauses, clause) {
				out = append(out, t)
			}
		}
		return err
	})
	return out
}

// Box is what somebody received.
type Box struct {
	w    *World
	who  string
	list []Sent
}

// Phone is what reached somebody's telephone by text or call.
func (w *World) Phone(who string) Box { return w.box(who, "sms", "voice") }

// Mail is what reached somebody's mailbox; a customer's too.
func (w *World) Mail(who string) Box { return w.box(who, "email") }

// Outbox is everything that left on a channel.
func (w *World) Outbox(channel string) Box { return w.box("", channel) }

func (w *World) box(who string, channels ...string) Box {
	b := Box{w: w, who: person(who)}
	for _, s := range w.sent {
		if slices.Contains(channels, s.Channel) && (who == "" || s.Person() == b.who) {
			b.list = append(b.list, s)
		}
	}
	return b
}

// Got asserts that something with the words came, and returns the last.
func (b Box) Got(words string) Sent {
	b.w.Helper()
	for _, s := range slices.Backward(b.list) {
		if strings.Contains(s.Subject+"\n"+s.Text, words) {
			return s
		}
	}
	b.w.Errorf("at %s: %s got nothing with %q among %d", b.w.Since(), b.who, words, len(b.list))
	return Sent{}
}

// At asserts when messages came, all of them.
func (b Box) At(offsets ...time.Duration) {
	b.w.Helper()
	got := make([]time.Duration, len(b.list))
	for i, s := range b.list {
		got[i] = s.At
	}
	if !slices.Equal(got, offsets) {
		b.w.Errorf("%s: messages came at %v, want %v", b.who, got, offsets)
	}
}

// Count is how many messages came.
func (b Box) Count() int { return len(b.list) }

// Silent asserts that nothing came.
func (b Box) Silent() {
	b.w.Helper()
	if len(b.list) > 0 {
		b.w.Errorf("%q got %d messages, first at %s: %s", b.who, len(b.list), b.list[0].At, b.list[0].Subject)
	}
}

// Pages keeps what asks for an answer.
func (b Box) Pages() Box {
	b.list = slices.DeleteFunc(slices.Clone(b.list), func(s Sent) bool { return s.Kind != plug.Page })
	return b
}

// On keeps one channel.
func (b Box) On(channel string) Box {
	b.list = slices.DeleteFunc(slices.Clone(b.list), func(s Sent) bool { return s.Channel != channel })
	return b
}

// Page is a status page as somebody sees it.
type Page struct {
	w *World
	*status.Snapshot
}

// StatusPage is the public page.
func (w *World) StatusPage() Page {
	w.Helper()
	s, err := w.e.Comms.Snapshot(w.Context(), w.now)
	if err != nil {
		w.Fatal(err)
	}
	return Page{w, s}
}

// TenantPage is one customer's page.
func (w *World) TenantPage(customer string) Page {
	w.Helper()
	boss := authz.Actor{ID: "boss", Role: authz.Admin}
	s, err := w.e.Comms.TenantSnapshot(w.Context(), boss, customer, w.now)
	if err != nil {
		w.Fatal(err)
	}
	return Page{w, s}
}

// Shows asserts that the page has an update with the words.
func (p Page) Shows(words string) status.Update {
	p.w.Helper()
	for _, i := range p.Incidents {
		for _, u := range i.Updates {
			if strings.Contains(u.Body, words) {
				return u
			}
		}
	}
	p.w.Errorf("at %s: the status page does not say %q: %+v", p.w.Since(), words, p.Incidents)
	return status.Update{}
}

// Quiet asserts that the page tells of no incident.
func (p Page) Quiet() {
	p.w.Helper()
	if len(p.Incidents) > 0 {
		p.w.Errorf("at %s: the status page shows %+v", p.w.Since(), p.Incidents)
	}
}

// Because keeps pages of one reason, such as chain.
func (f Found) Because(reason string) Found {
	f.w.Helper()
	return f.keep("because of "+reason, func(e event.Event) bool { return e.Data.Rule == reason })
}

// Refused asserts that somebody was not allowed, or what they asked for is not.
func (w *World) Refused(err error) {
	w.Helper()
	if err == nil {
		w.Errorf("at %s: it was allowed", w.Since())
	}
}

// Joined asserts that somebody is a responder at work.
func (w *World) Joined(who string) {
	w.Helper()
	for _, r := range w.Incident().Responders {
		if r.Person == person(who) && r.State == "joined" {
			return
		}
	}
	w.Errorf("at %s: %s has not joined: %+v", w.Since(), who, w.Incident().Responders)
}

// Look has the engine look for dead ends, as it does by itself every while.
func (w *World) Look() {
	w.Helper()
	w.must(w.e.Lookout.Tick(w.Context(), w.now))
}

// Standing asserts that the first screen warns of a dead end.
func (w *World) Standing(where string) {
	w.Helper()
	for _, f := range w.e.Lookout.Standing(w.now) {
		if f.Where == where {
			return
		}
	}
	w.Errorf("at %s: nobody is warned of %s", w.Since(), where)
}

// Number is how many there are.
func (f Found) Number() int { return len(f.List) }
