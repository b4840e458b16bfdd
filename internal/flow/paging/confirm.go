package paging

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/timers"
)

// TimerConfirm looks whether anybody has said that an accepted page arrived;
// its ref is the id of the delivery.
const TimerConfirm = "confirm"

// confirmWithin is how long a page waits for that word before it goes on.
const confirmWithin = time.Minute

// Confirmation is a provider's word on a message it had accepted.
type Confirmation struct {
	Delivery  string // id
	Delivered bool   // false: it failed on the way
	Detail    string
}

// Confirm notes what became of a message. It may hurry the next channel on; it
// never ends a page, a chain or a clock (INV-P5). The caller vouches that the
// provider said it: one nobody could vouch for must not come here.
func (p *Paging) Confirm(ctx context.Context, c Confirmation, now time.Time) error {
	id, err := ident.Parse(c.Delivery)
	if err != nil {
		return fault.New(fault.NotFound, "there is no such delivery")
	}
	return p.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		word := message.ConfirmedFailed
		if c.Delivered {
			word = message.ConfirmedDelivered
		}
		return p.confirmed(tx, id, word, c.Detail, now)
	})
}

// Arrived notes that a device says it has shown a page. Whoever knows the code of
// the page's link may say so; key is that of the delivery, as the device got it.
// A page or key nobody knows is fault.NotFound.
func (p *Paging) Arrived(ctx context.Context, code, key string, now time.Time) error {
	id, err := p.pageOf(code)
	if err != nil {
		return err
	}
	return p.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		all, err := deliveries.Of(tx, message.KindPage, id) // the page itself stays unlocked: a send that ends locks it after its delivery
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(d *message.Delivery) bool { return d.Key == key })
		if i < 0 {
			return fault.New(fault.NotFound, "the page has no such message")
		}
		return p.confirmed(tx, all[i].ID, message.ConfirmedDelivered, "", now)
	})
}

// confirmed keeps the word, puts it on the record and, where a page came to
// nothing, goes on at once.
func (p *Paging) confirmed(tx *store.Tx, id ident.ID, word, detail string, now time.Time) error {
	fresh, err := deliveries.Confirm(tx, id, word, now)
	if err != nil || !fresh {
		return err
	}
	if word == message.ConfirmedDelivered {
		return timers.Cancel(tx, TimerConfirm, id.String())
	}
	d, err := deliveries.Get(tx, id)
	if err != nil || d.IncidentID == 0 {
		return err
	}
	s, err := p.scene(tx, d.IncidentID, now)
	if err != nil {
		return err
	}
	if d.Kind == message.KindMessage {
		return nil // the desk shows it; the record of an incident is no list of customers
	}
	if err := s.unreached(d, "failed", detail); err != nil || d.Kind != message.KindPage || d.State != message.Accepted {
		return err // one that is still being sent is looked at when that is over
	}
	return s.passOn(d, detail)
}

// unreached says on the record that an accepted message did not arrive.
func (s *scene) unreached(d *message.Delivery, outcome, why string) error {
	return s.emit(event.Undelivered, event.Data{To: d.Recipient, Channel: d.Channel, Outcome: outcome, Text: why, Rule: d.Headers.Rule, Clauses: d.Clauses, Ref: d.ID.String(), Phase: d.Kind})
}

// passOn opens the person's next channel, if the page still waits on the one
// that did not reach them. Where none is left and nothing has reached the
// person, the page is loudly undeliverable (INV-P6).
func (s *scene) passOn(d *message.Delivery, why string) error {
	page, err := s.p.page(s.tx, d.RefID)
	if err != nil || !page.Waiting() || !s.inc.Holds(procedure.Unresolved) {
		return err
	}
	all, err := deliveries.Of(s.tx, message.KindPage, page.ID)
	if err != nil || s.carriedBy(all, d) {
		return err
	}
	later := slices.ContainsFunc(all, func(o *message.Delivery) bool { return o.Headers.Rung > d.Headers.Rung && !together(o, d) })
	if !later {
		if climbed, err := s.climbRung(page); err != nil || climbed {
			return err
		}
	}
	if d.Confirmation != message.ConfirmedFailed {
		return nil
	}
	for _, other := range all {
		if other.State != message.Failed && other.Confirmation != message.ConfirmedFailed {
			return nil // it may still arrive there
		}
	}
	return s.undeliverable(page, "no channel to "+s.name(page.To)+" is left: "+why)
}

// together reports whether both are devices that rang at once.
func together(a, b *message.Delivery) bool {
	return a.Channel == b.Channel && a.CreatedAt.Equal(b.CreatedAt)
}

// carriedBy reports whether another device that rang at once with d's has the
// page, or may still turn out to have it: then d's silence brings nothing forward.
func (s *scene) carriedBy(all []*message.Delivery, d *message.Delivery) bool {
	return slices.ContainsFunc(all, func(o *message.Delivery) bool {
		if o.ID == d.ID || !together(o, d) {
			return false
		}
		if o.State == message.Queued || o.State == message.Attempting {
			return o.Attempts < triesPerChannel
		}
		waits := o.Confirmation == "" && o.DoneAt.Add(confirmWithin).After(s.now)
		return o.State == message.Accepted && (o.Confirmation == message.ConfirmedDelivered || waits)
	})
}

// await looks again later whether an accepted page has arrived. The word may be
// here already: providers are quick. Where nobody will ever say, the next channel
// follows just as if nobody had, unless the person gave their channels times of
// their own: those hold.
func (s *scene) await(page *message.Page, d *message.Delivery) error {
	if d.Awaits == message.AwaitsNothing || d.Awaits == message.Unheard && (s.timed(page) || page.Rung+1 >= len(page.Ladder)) {
		return nil
	}
	now, err := deliveries.Get(s.tx, d.ID)
	if err != nil {
		return err
	}
	switch now.Confirmation {
	case message.ConfirmedDelivered:
		return nil
	case message.ConfirmedFailed:
		return s.passOn(now, "the provider could not deliver it")
	}
	return timers.Set(s.tx, timers.Timer{Kind: TimerConfirm, Ref: d.ID.String(), IncidentID: s.inc.ID, DueAt: s.now.Add(confirmWithin)}, s.now)
}

// confirmDue goes on when nobody has said that the page arrived.
func (p *Paging) confirmDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	d, err := deliveries.Get(tx, id)
	if err != nil || d.Confirmation != "" {
		return err
	}
	page, err := p.page(tx, d.RefID)
	if err != nil || !page.Waiting() {
		return err
	}
	s, err := p.scene(tx, d.IncidentID, now)
	if err != nil {
		return err
	}
	const why = "nobody said within a minute that it arrived"
	if err := s.unreached(d, "unconfirmed", why); err != nil {
		return err
	}
	return s.passOn(d, why)
}
