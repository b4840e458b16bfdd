package consent

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
	"allclear/internal/store/deliveries"
)

// mostWords is how much of a provider's words is kept.
const mostWords = 300

// Report is what a mail server says became of a mail it had accepted (RFC 3464).
type Report struct {
	Failed bool   // for good: the address does not take mail
	Detail string // its words
}

// Known reports whether a mailbox name is an address for failures that was made
// here.
func (c *Consent) Known(local string) bool {
	_, ok := c.bounced(local)
	return ok
}

// Returned takes a report that came to an address for failures; the address is the
// right to. One nobody made is fault.NotFound.
func (c *Consent) Returned(ctx context.Context, local string, r Report, now time.Time) error {
	id, ok := c.bounced(local)
	if !ok {
		return fault.New(fault.NotFound, "there is no such address")
	}
	if !r.Failed {
		return nil // late, relayed, delivered: nothing is decided yet, or all is well
	}
	return c.Failed(ctx, id, "mail", r.Detail, true, now)
}

// Failed takes a provider's word that a message it had accepted did not arrive, and,
// with gone, that the address takes none. The caller vouches that the provider said
// it. What is not a message to customers is left.
func (c *Consent) Failed(ctx context.Context, id ident.ID, provider, detail string, gone bool, now time.Time) error {
	return c.about(ctx, id, func(tx *store.Tx, d *message.Delivery) error {
		if _, err := deliveries.Confirm(tx, id, message.ConfirmedFailed, now); err != nil || !gone {
			return err
		}
		return c.mark(tx, d, provider, cut(detail), now)
	})
}

// Arrived takes a provider's word that a message arrived: its address works.
func (c *Consent) Arrived(ctx context.Context, id ident.ID, now time.Time) error {
	return c.about(ctx, id, func(tx *store.Tx, d *message.Delivery) error {
		if _, err := deliveries.Confirm(tx, id, message.ConfirmedDelivered, now); err != nil {
			return err
		}
		s, err := addresses.Get(tx, d.Channel, message.AddressHash(d.Channel, d.Address))
		if err != nil || !s.Bounces() {
			return err
		}
		return c.clear(tx, s, event.System, "provider", now)
	})
}

// about makes a change that follows from what became of a message to a contact of a
// customer. It looks first, so that receipts of pages do not wait for the writer.
func (c *Consent) about(ctx context.Context, id ident.ID, change func(*store.Tx, *message.Delivery) error) error {
	var d *message.Delivery
	err := c.db.View(ctx, func(tx *store.Tx) (err error) {
		d, err = deliveries.Get(tx, id)
		return err
	})
	if err != nil || d.Kind != message.KindMessage || !message.Personal(d.Channel) {
		return err
	}
	return c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return change(tx, d) })
}

// Refused is called inside the transaction in which a message to customers was
// refused for good by the server of its address.
func (c *Consent) Refused(tx *store.Tx, d *message.Delivery, now time.Time) error {
	return c.mark(tx, d, "sender", cut(d.LastError), now)
}

func (c *Consent) mark(tx *store.Tx, d *message.Delivery, source, detail string, now time.Time) error {
	s, err := addresses.Get(tx, d.Channel, message.AddressHash(d.Channel, d.Address))
	if err != nil || s.Bounces() {
		return err
	}
	s.BouncedAt, s.Bounce = now, detail
	if err := addresses.Save(tx, s, now); err != nil {
		return err
	}
	return c.tell(tx, &s, "bounces", "cannot be reached: messages come back", event.System, source, now)
}

func (c *Consent) clear(tx *store.Tx, s message.Standing, by, source string, now time.Time) error {
	s.BouncedAt, s.Bounce = time.Time{}, ""
	if err := addresses.Save(tx, s, now); err != nil {
		return err
	}
	return c.tell(tx, &s, "reachable", "can be reached again", by, source, now)
}

func cut(s string) string {
	if r := []rune(s); len(r) > mostWords {
		return string(r[:mostWords])
	}
	return s
}
