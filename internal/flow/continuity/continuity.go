// Package continuity owns what is done for customers while an outage lasts: other ways
// to deliver a service, and what is done about revenue at risk (DRB-BCP-ALT, DRB-BCP-REV).
// What customers read of it is a message that comms publishes; this package must not
// send anything itself.
package continuity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/continuity"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/measures"
)

// Continuity is safe for concurrent use. Make it with New and wire it.
type Continuity struct {
	db      *store.DB
	bus     *jobs.Bus
	catalog func(*store.Tx) (*catalog.Catalog, error)
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, cat func(*store.Tx) (*catalog.Catalog, error)) *Continuity {
	return &Continuity{db: db, bus: bus, catalog: cat}
}

// Wire hangs the flow on the bus.
func (c *Continuity) Wire() { c.bus.On(event.ResolvedKind, c.onResolved) }

// Activate notes that a service is delivered in another way for the time being, and
// publishes the text that the catalogue has for customers. Errors: fault.Refused,
// fault.NotFound, fault.Invalid; fault.Conflict where it is in use already or the
// incident is over.
func (c *Continuity) Activate(ctx context.Context, a authz.Actor, number int64, service, way, reason string, now time.Time) (out continuity.Measure, err error) {
	if err := authz.Can(a, authz.Command, authz.Resource{}); err != nil {
		return out, err
	}
	if reason, err = continuity.Say("body.reason", reason); err != nil {
		return out, err
	}
	err = c.on(ctx, a, authz.Command, number, func(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog) error {
		svc := cat.Services[service]
		alt, ok := svc.Alternative(way)
		switch {
		case !slices.Contains(inc.Services(), service):
			return fault.New(fault.Invalid, "validation failed").With("body.service", "is not touched by "+inc.Ref())
		case !ok:
			return fault.New(fault.Invalid, "validation failed").With("body.alternative", fmt.Sprintf("%s has no alternative %q in the catalogue", service, way))
		case !inc.Status.Open():
			return fault.New(fault.Conflict, "%s is %s", inc.Ref(), inc.Status)
		}
		standing, err := measures.Of(tx, inc.ID, continuity.Alternative)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(standing, func(m *continuity.Measure) bool { return m.Service == service && m.Way == way && m.EndedAt.IsZero() }) {
			return fault.New(fault.Conflict, "%s is in use already", alt.Name)
		}
		m := &continuity.Measure{Kind: continuity.Alternative, IncidentID: inc.ID, At: now, Record: continuity.Record{By: a.ID, Reason: reason, Service: service, Way: way, Name: alt.Name}}
		if err := measures.Insert(tx, m); err != nil {
			return err
		}
		out = *m
		if err := c.note(tx, inc, a, m, "activated", alt.Name+" for "+svc.Name+": "+reason, "DRB-BCP-ALT", now); err != nil {
			return err
		}
		return c.publish(tx, inc, cat, m, "You can use "+alt.Name+" meanwhile", alt.Text, now)
	})
	return out, err
}

// End ends another way of delivery, and customers read that it has ended. Errors:
// fault.Refused, fault.NotFound, fault.Invalid; fault.Conflict where it has ended.
func (c *Continuity) End(ctx context.Context, a authz.Actor, number int64, id ident.ID, reason string, now time.Time) (out continuity.Measure, err error) {
	if err := authz.Can(a, authz.Command, authz.Resource{}); err != nil {
		return out, err
	}
	if reason, err = continuity.Say("body.reason", reason); err != nil {
		return out, err
	}
	err = c.on(ctx, a, authz.Command, number, func(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog) error {
		m, err := measures.One(tx, id)
		switch {
		case err != nil:
			return err
		case m == nil || m.IncidentID != inc.ID || m.Kind != continuity.Alternative:
			return authz.NotFound("alternative", id.String())
		case !m.EndedAt.IsZero():
			return fault.New(fault.Conflict, "%s has ended", m.Name)
		}
		if err := c.finish(tx, inc, a, m, reason, now); err != nil {
			return err
		}
		out = *m
		if !inc.Status.Open() {
			return nil
		}
		return c.publish(tx, inc, cat, m, m.Name+" has ended", m.Name+" is not available any more.", now)
	})
	return out, err
}

func (c *Continuity) finish(tx *store.Tx, inc *incident.Incident, a authz.Actor, m *continuity.Measure, reason string, now time.Time) error {
	m.EndedAt, m.EndBy, m.Record.End = now, a.ID, reason
	if err := measures.Save(tx, m); err != nil {
		return err
	}
	return c.note(tx, inc, a, m, "ended", m.Name+" ended: "+reason, "DRB-BCP-ALT", now)
}

// onResolved ends the other ways of delivery: the service itself is back, which
// customers hear by the message of that.
func (c *Continuity) onResolved(tx *store.Tx, e *event.Event) error {
	all, err := measures.Of(tx, e.IncidentID, continuity.Alternative)
	if err != nil || len(all) == 0 {
		return err
	}
	inc, err := incidents.Get(tx, e.IncidentID)
	if err != nil {
		return err
	}
	for _, m := range all {
		if !m.EndedAt.IsZero() {
			continue
		}
		if err := c.finish(tx, inc, authz.Actor{ID: event.System, Via: "continuity"}, m, "the incident is resolved", e.RecordedAt); err != nil {
			return err
		}
	}
	return nil
}

// Mitigate writes down what is done about revenue at risk, for one affected customer
// or for all, and how much of it that secures. Errors: fault.Refused, fault.NotFound,
// fault.Invalid.
func (c *Continuity) Mitigate(ctx context.Context, a authz.Actor, number int64, customer, text string, amount int64, now time.Time) (out continuity.Measure, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{}); err != nil {
		return out, err
	}
	if text, err = continuity.Say("body.text", text); err != nil {
		return out, err
	}
	err = c.on(ctx, a, authz.Respond, number, func(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog) error {
		affected := message.Affected(cat, inc)
		if customer != "" && !slices.ContainsFunc(affected, func(k catalog.Customer) bool { return k.ID == customer }) {
			return fault.New(fault.Invalid, "validation failed").With("body.customer", inc.Ref()+" does not touch customer "+customer)
		}
		if amount < 0 {
			return fault.New(fault.Invalid, "validation failed").With("body.amount_usd", "must not be negative")
		}
		m := &continuity.Measure{Kind: continuity.Mitigation, IncidentID: inc.ID, Customer: customer, At: now, Record: continuity.Record{By: a.ID, Text: text, Amount: amount}}
		if err := measures.Insert(tx, m); err != nil {
			return err
		}
		out = *m
		return c.note(tx, inc, a, m, "mitigated", text, "DRB-BCP-REV", now)
	})
	return out, err
}

func (c *Continuity) note(tx *store.Tx, inc *incident.Incident, a authz.Actor, m *continuity.Measure, outcome, text, clause string, now time.Time) error {
	return c.bus.Emit(tx, now, event.Event{
		IncidentID: inc.ID, Kind: event.Continuity, Actor: a.ID, Source: a.Via, Restricted: inc.Restricted,
		Data: event.Data{Ref: m.ID.String(), Outcome: outcome, Subject: m.Service + m.Customer, Text: text, Owner: a.ID, Clauses: []string{clause}},
	})
}

// publish asks for the message that customers read on the status page; one
// customer's outage is told on that customer's page, and a restricted incident's
// waits for Legal. The texts are those of the catalogue, so that nobody approves them
// again at night.
func (c *Continuity) publish(tx *store.Tx, inc *incident.Incident, _ *catalog.Catalog, m *continuity.Measure, subject, text string, now time.Time) error {
	return c.bus.Emit(tx, now, event.Event{
		IncidentID: inc.ID, Kind: event.MessageWanted, Actor: event.System, Source: "continuity", Restricted: inc.Restricted,
		Data: event.Data{
			Rule: "alternative", Ref: m.ID.String() + "/" + subject, Audience: message.Public, Channels: []string{message.StatusPage}, Private: inc.Tenant != "",
			Subject: subject, Text: text, Clauses: []string{"DRB-BCP-ALT"},
		},
	})
}

// on runs fn on the incident, locked, if the actor may do the verb there.
func (c *Continuity) on(ctx context.Context, a authz.Actor, v authz.Verb, number int64, fn func(*store.Tx, *incident.Incident, *catalog.Catalog) error) error {
	return c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := find(tx, a, v, number)
		if err != nil {
			return err
		}
		if inc, err = incidents.Get(tx, inc.ID); err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		return fn(tx, inc, cat)
	})
}

// find reads the incident if the actor may do the verb there; a foreign one answers
// like a missing one (INV-A3).
func find(tx *store.Tx, a authz.Actor, v authz.Verb, number int64) (*incident.Incident, error) {
	inc, err := incidents.ByNumber(tx, number)
	if fault.Is(err, fault.NotFound) {
		return nil, missing()
	}
	if err != nil {
		return nil, err
	}
	r := authz.Resource{Kind: "incident", ID: inc.Ref(), Restricted: inc.Restricted}
	if inc.VisibleTo(a.ID) {
		r.Circle = []string{a.ID}
	}
	if err := authz.Can(a, v, r); fault.Is(err, fault.NotFound) {
		return nil, missing()
	} else if err != nil {
		return nil, err
	}
	return inc, nil
}

func missing() error { return fault.New(fault.NotFound, "there is no such incident") }
