// Package partners owns the cases with outside partners: what is asked of whom in an
// incident, who opened it and what came of it (ESC-EXT-*). Where a partner has an
// interface that is set up, it opens the case; else, and when it fails, a guided
// record stays for a person to open it by phone or portal. It must not change
// anything at a partner but open a case, and nothing of a restricted incident goes
// out by an interface.
package partners

import (
	"context"
	"fmt"
	"maps"
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
	"allclear/internal/domain/partner"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/cases"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
)

// Options are what the flow stands on.
type Options struct {
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Desks are the interfaces through which cases are opened, by channel; only those
	// that are set up.
	Desks map[string]plug.CaseDesk
}

// Partners is safe for concurrent use. Make it with New.
type Partners struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Partners {
	return &Partners{db: db, bus: bus, o: o}
}

// TimerLate looks whether a partner is engaged in time.
const TimerLate = "case_late"

// Wire hangs the flow on the bus and on the timers.
func (p *Partners) Wire(timers *jobs.Timers) {
	p.bus.On(event.Restricted, p.onRestricted)
	p.bus.On(event.Merged, p.onMerged)
	timers.Handle(TimerLate, p.late)
}

// Limits on what is written down.
const (
	maxSubject = 200
	maxText    = 8000
	maxShort   = 200
	maxParams  = 20
	listed     = 200
)

// Card is a partner with what can be done about it now.
type Card struct {
	catalog.Partner
	Ready bool // its desk is set up: a case can be opened in one step
	Desk  plug.Desk
}

// Cards returns how each partner can be asked, by id.
func (p *Partners) Cards(ctx context.Context, a authz.Actor) (out map[string]Card, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: string(catalog.KindPartner)}); err != nil {
		return nil, err
	}
	err = p.db.View(ctx, func(tx *store.Tx) error {
		cat, err := p.o.Catalog(tx)
		if err != nil {
			return err
		}
		out = make(map[string]Card, len(cat.Partners))
		for id := range maps.Keys(cat.Partners) {
			out[id] = p.card(cat.Partners[id])
		}
		return nil
	})
	return out, err
}

func (p *Partners) card(of catalog.Partner) Card {
	c := Card{Partner: of}
	if d, ok := p.o.Desks[of.Desk]; ok {
		c.Desk, c.Ready = d.Desk()
	}
	return c
}

// Case is a case as its reader may see it.
type Case struct {
	partner.Case
	Number int64 // of the incident
}

// scene is one incident with what the flow needs around it.
type scene struct {
	*Partners
	tx  *store.Tx
	cat *catalog.Catalog
	inc *incident.Incident
	a   authz.Actor
	now time.Time
}

// scene finds the incident for whoever may do the verb there; one that the actor may
// not know of is not there.
func (p *Partners) scene(tx *store.Tx, a authz.Actor, v authz.Verb, inc *incident.Incident, now time.Time) (*scene, error) {
	if !inc.VisibleTo(a.ID) && a.Role != authz.System {
		return nil, fault.New(fault.NotFound, "there is no such incident")
	}
	if err := authz.Can(a, v, authz.Resource{Kind: "incident", ID: inc.Ref()}); err != nil {
		return nil, err
	}
	cat, err := p.o.Catalog(tx)
	return &scene{Partners: p, tx: tx, cat: cat, inc: inc, a: a, now: now}, err
}

// on finds the incident by its number.
func (p *Partners) on(tx *store.Tx, a authz.Actor, v authz.Verb, number int64, now time.Time) (*scene, error) {
	inc, err := incidents.ByNumber(tx, number)
	if err != nil {
		return nil, err
	}
	return p.scene(tx, a, v, inc, now)
}

// shown is a case as the actor may see it.
func (s *scene) shown(c *partner.Case) Case {
	return Case{c.For(s.a.ID, s.privy(c)), s.inc.Number}
}

// privy reports whether the actor reads what is privileged: those that the partner
// names, and the circle of a restricted incident.
func (s *scene) privy(c *partner.Case) bool {
	if s.inc.Restricted {
		return s.inc.VisibleTo(s.a.ID)
	}
	of := s.cat.Partners[c.Partner]
	for _, t := range of.Privy {
		ids, err := s.cat.Resolve(t, catalog.TargetContext{ServiceID: s.inc.ServiceID, At: s.now, Commander: s.inc.Commander()})
		if err == nil && slices.Contains(ids, s.a.ID) {
			return true
		}
	}
	return false
}

// Of lists the cases of an incident, oldest first.
func (p *Partners) Of(ctx context.Context, a authz.Actor, number int64, now time.Time) (out []Case, err error) {
	err = p.db.View(ctx, func(tx *store.Tx) error {
		s, err := p.on(tx, a, authz.Read, number, now)
		if err != nil {
			return err
		}
		all, err := cases.Of(tx, s.inc.ID)
		for _, c := range all {
			out = append(out, s.shown(c))
		}
		return err
	})
	return out, err
}

// Standing lists cases of which something is still to come, newest first.
func (p *Partners) Standing(ctx context.Context, a authz.Actor, now time.Time) (out []Case, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "case"}); err != nil {
		return nil, err
	}
	err = p.db.View(ctx, func(tx *store.Tx) error {
		all, err := cases.Standing(tx, listed)
		if err != nil {
			return err
		}
		for _, c := range all {
			inc, err := incidents.Peek(tx, c.Incident)
			if err != nil {
				return err
			}
			if !inc.VisibleTo(a.ID) {
				continue
			}
			s, err := p.scene(tx, a, authz.Read, inc, now)
			if err != nil {
				return err
			}
			out = append(out, s.shown(c))
		}
		return nil
	})
	return out, err
}

// Ask is what is asked of a partner.
type Ask struct {
	Partner string
	Kind    partner.Kind // none: support
	Subject string       // empty: the incident's title
	Text    string
	Urgency procedure.Severity // none: the incident's severity
	Params  map[string]string  // for the desk
	ByHand  bool               // a person opens it, or has done so
	Number  string             // of the case that a person has opened
	Link    string
	DueAt   time.Time // by when it must be open; zero: no such time
}

// Ask writes the wish down and has the partner's desk open the case, where it has one
// that is set up; else a person has to.
func (p *Partners) Ask(ctx context.Context, a authz.Actor, number int64, in Ask, now time.Time) (out Case, err error) {
	err = p.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		s, err := p.on(tx, a, authz.Respond, number, now)
		if err != nil {
			return err
		}
		c, err := s.wish(&in)
		if err != nil {
			return err
		}
		if err := s.begin(c, &in); err != nil {
			return err
		}
		out = s.shown(c)
		return nil
	})
	return out, err
}

// wish checks what is asked and puts it into the words of a case.
func (s *scene) wish(in *Ask) (*partner.Case, error) {
	bad := fault.New(fault.Invalid, "validation failed")
	of, ok := s.cat.Partners[in.Partner]
	if !ok {
		bad = bad.With("body.partner", fmt.Sprintf("there is no partner %q", in.Partner))
	}
	if in.Kind == "" {
		in.Kind = partner.Support
	}
	if !slices.Contains(partner.Kinds, in.Kind) {
		bad = bad.With("body.kind", "want support, scan or engagement")
	}
	for _, t := range []struct {
		where, text string
		most        int
	}{{"body.subject", in.Subject, maxSubject}, {"body.text", in.Text, maxText}, {"body.number", in.Number, maxShort}} {
		if plug.TooLong(t.text, t.most) {
			bad = bad.With(t.where, fmt.Sprintf("has more than %d characters", t.most))
		}
	}
	if in.Link != "" && plug.WebURL(in.Link) == "" {
		bad = bad.With("body.link", "want an address that begins with https://")
	}
	if len(in.Params) > maxParams {
		bad = bad.With("body.params", fmt.Sprintf("at most %d", maxParams))
	}
	if !in.DueAt.IsZero() && !in.DueAt.After(s.now) {
		bad = bad.With("body.due_at", "is over")
	}
	if len(bad.Details) > 0 {
		return nil, bad
	}
	if in.Subject == "" {
		in.Subject = s.inc.Ref() + ": " + s.inc.Title
		if s.inc.Restricted {
			in.Subject = s.inc.Ref()
		}
	}
	if in.Urgency == 0 {
		in.Urgency = s.inc.Severity
	}
	c := &partner.Case{
		Incident: s.inc.ID, Partner: of.ID, Kind: in.Kind, State: partner.ToOpen,
		Record: partner.Record{Subject: plug.Line(in.Subject, maxSubject), Text: in.Text, Urgency: in.Urgency.String(), By: s.a.ID, At: s.now, DueAt: in.DueAt},
	}
	return c, s.desk(c, in, of)
}

// desk has the partner's interface open the case where that can be.
func (s *scene) desk(c *partner.Case, in *Ask, of catalog.Partner) error {
	card := s.card(of)
	fits := card.Ready && string(c.Kind) == card.Desk.Kind
	switch {
	case in.ByHand || in.Number != "" || !fits:
		if len(in.Params) > 0 {
			return fault.New(fault.Invalid, "validation failed").With("body.params", "nothing is handed to an interface")
		}
		return nil
	case s.inc.Restricted:
		c.Problem = "The incident is restricted: nothing of it goes out by an interface. Open the case by phone or portal, with Legal's word."
		return nil
	}
	for k := range in.Params {
		if !slices.ContainsFunc(card.Desk.Asks, func(f plug.Field) bool { return f.Key == k }) {
			return fault.New(fault.Invalid, "validation failed").With("body.params."+k, "is nothing that "+of.Name+" asks for")
		}
	}
	for _, f := range card.Desk.Asks {
		if f.Required && strings.TrimSpace(in.Params[f.Key]) == "" {
			return fault.New(fault.Invalid, "validation failed").With("body.params."+f.Key, f.Title+" is needed")
		}
	}
	c.State, c.Desk, c.Params = partner.Asked, of.Desk, in.Params
	return nil
}

// begin writes the case, tells of it and sends it on its way.
func (s *scene) begin(c *partner.Case, in *Ask) error {
	if in.Number != "" {
		if err := c.Opened(s.a.ID, "", in.Number, in.Link, s.now); err != nil {
			return err
		}
	}
	if err := cases.Insert(s.tx, c, s.now); err != nil {
		return err
	}
	if err := s.tell(event.CaseAsked, c, string(c.Kind)+": "+c.Subject); err != nil {
		return err
	}
	switch c.State {
	case partner.Open:
		return s.tell(event.CaseOpened, c, s.opened(c))
	case partner.Asked:
		return deliveries.Queue(s.tx, &message.Delivery{
			Key: fmt.Sprintf("%s/case/%s", s.inc.Ref(), c.ID), Kind: message.KindCase, RefID: c.ID, IncidentID: s.inc.ID, Recipient: c.Partner, Channel: c.Desk, Address: c.Desk,
			Subject: c.Subject, Body: c.Text, Priority: 1, DueAt: s.now, CreatedAt: s.now,
		})
	case partner.ToOpen, partner.Closed, partner.Cancelled:
	}
	return s.watch(c)
}

// name is the partner's, for people.
func (s *scene) name(c *partner.Case) string {
	if of, ok := s.cat.Partners[c.Partner]; ok {
		return of.Name
	}
	return c.Partner
}

func (s *scene) opened(c *partner.Case) string {
	if c.Number == "" {
		return "case opened: " + c.Subject
	}
	return "case " + c.Number + ": " + c.Subject
}

// tell puts a line about a case on the timeline.
func (s *scene) tell(k event.Kind, c *partner.Case, text string) error {
	e := event.Event{
		IncidentID: s.inc.ID, Kind: k, Actor: s.a.ID, Source: s.a.Via, Restricted: s.inc.Restricted,
		Data: event.Data{Ref: c.ID.String(), Subject: c.Partner, Status: string(c.State), Outcome: string(c.Kind), Text: s.name(c) + ": " + text, Number: s.inc.Number},
	}
	return s.bus.Emit(s.tx, s.now, e)
}

// change does something to a case for whoever may.
func (p *Partners) change(ctx context.Context, a authz.Actor, id ident.ID, now time.Time, do func(s *scene, c *partner.Case) error) (out Case, err error) {
	err = p.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		c, err := cases.Take(tx, id)
		if err != nil {
			return err
		}
		inc, err := incidents.Peek(tx, c.Incident)
		if err != nil {
			return err
		}
		s, err := p.scene(tx, a, authz.Respond, inc, now)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "there is no such case")
		}
		if err != nil {
			return err
		}
		if err := do(s, c); err != nil {
			return err
		}
		if err := cases.Save(tx, c); err != nil {
			return err
		}
		out = s.shown(c)
		return nil
	})
	return out, err
}

// Opened writes down that a person has opened the case, or its right number.
func (p *Partners) Opened(ctx context.Context, a authz.Actor, id ident.ID, number, link string, now time.Time) (Case, error) {
	if number = strings.TrimSpace(number); number == "" || plug.TooLong(number, maxShort) || link != "" && plug.WebURL(link) == "" {
		return Case{}, fault.New(fault.Invalid, "validation failed").With("body", "needs the number of the case, of up to 200 characters, and a link that begins with https:// if there is one")
	}
	return p.change(ctx, a, id, now, func(s *scene, c *partner.Case) error {
		if err := c.Opened(a.ID, "", number, link, now); err != nil {
			return err
		}
		if err := deliveries.CancelOf(s.tx, message.KindCase, c.ID, now, "a person has opened the case"); err != nil {
			return err
		}
		return s.tell(event.CaseOpened, c, s.opened(c))
	})
}

// Note adds what somebody learned. A privileged note is read by its writer, by those
// that the partner names and by the circle of a restricted incident alone; the
// timeline says only that there is one.
func (p *Partners) Note(ctx context.Context, a authz.Actor, id ident.ID, text string, privileged bool, now time.Time) (Case, error) {
	if text = strings.TrimSpace(text); text == "" || plug.TooLong(text, maxText) {
		return Case{}, fault.New(fault.Invalid, "validation failed").With("body.text", fmt.Sprintf("from 1 to %d characters", maxText))
	}
	return p.change(ctx, a, id, now, func(s *scene, c *partner.Case) error {
		if err := c.Noted(partner.Note{At: now, By: a.ID, Text: text, Privileged: privileged}); err != nil {
			return err
		}
		if privileged {
			text = "a privileged note"
		}
		return s.tell(event.CaseTold, c, text)
	})
}

// End closes an open case, or takes the wish back where there is none yet.
func (p *Partners) End(ctx context.Context, a authz.Actor, id ident.ID, reason string, now time.Time) (Case, error) {
	if reason = strings.TrimSpace(reason); reason == "" || plug.TooLong(reason, maxText) {
		return Case{}, fault.New(fault.Invalid, "validation failed").With("body.reason", "say what came of it, or why it is not needed")
	}
	return p.change(ctx, a, id, now, func(s *scene, c *partner.Case) error {
		if c.State == partner.Open {
			if err := c.Close(a.ID, reason, now); err != nil {
				return err
			}
			return s.tell(event.CaseEnded, c, "closed: "+reason)
		}
		if err := c.Cancel(a.ID, reason, now); err != nil {
			return err
		}
		if err := deliveries.CancelOf(s.tx, message.KindCase, c.ID, now, "the wish was taken back"); err != nil {
			return err
		}
		return s.tell(event.CaseEnded, c, "cancelled: "+reason)
	})
}

// onMerged hands the cases on with everything else.
func (p *Partners) onMerged(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil || inc.MergedInto == 0 {
		return err
	}
	return cases.Move(tx, inc.ID, inc.MergedInto)
}
