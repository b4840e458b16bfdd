package comms

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/messages"
)

// copyPost asks for each copy of the page to be brought to what the post says. What
// one tenant alone is told is copied nowhere (INV-S4).
func (c *Comms) copyPost(tx *store.Tx, inc *incident.Incident, m *message.Message, p *message.Post, now time.Time) error {
	if m.Private || p.Private {
		return nil
	}
	for _, ch := range c.page.Copies {
		d := envelope(inc, m, ch, now)
		d.Key = fmt.Sprintf("%s/copy/%s/%s/%d", inc.Ref(), ch, p.ID, len(p.Turns))
		d.Address, d.Recipient, d.Subject, d.Clauses = p.ID, ch, "Copy of the status page", []string{"PLT-SP-RT"}
		if err := deliveries.Queue(tx, d); err != nil {
			return err
		}
	}
	return nil
}

// recopy follows a change of the post that no message made.
func (c *Comms) recopy(tx *store.Tx, inc *incident.Incident, p *message.Post, now time.Time) error {
	if len(c.page.Copies) == 0 {
		return nil
	}
	all, err := messages.Of(tx, inc.ID)
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(all) {
		if m.State == message.Published && m.PageID == p.ID {
			return c.copyPost(tx, inc, m, p, now)
		}
	}
	return nil
}

// copyWork asks for each copy of the page to be brought to what is announced.
func (c *Comms) copyWork(tx *store.Tx, w *message.Work, now time.Time) error {
	for _, ch := range c.page.Copies {
		d := c.letter(tx, w, "copy/"+newID(), "", now)
		d.Key += ch
		d.Channel, d.Address, d.Recipient, d.Subject, d.Clauses = ch, w.ID, ch, "Copy of the status page", []string{"PLT-SP-RT"}
		if err := deliveries.Queue(tx, d); err != nil {
			return err
		}
	}
	return nil
}

// fillCopy says what a copy is brought to: the incident or the announced work of the
// public page that its address names. The sender asks when it sends, so that retries
// and overtaking end in the right state; only what the public page shows is copied.
func (c *Comms) fillCopy(tx *store.Tx, d *message.Delivery, now time.Time) (ok bool, why string, err error) {
	born, _, err := messages.PageBirth(tx)
	if err != nil {
		return false, "", err
	}
	draw, _, err := c.drawer(tx, born, now)
	if err != nil {
		return false, "", err
	}
	page := draw("")
	p := posted(page, d.Address)
	if p == nil {
		return false, "it is not on the public page", nil
	}
	for _, x := range page.Components {
		if slices.Contains(p.Incident.ComponentIDs, x.ID) {
			p.Components = append(p.Components, x)
		}
	}
	d.Headers.Posted = p
	return true, "", nil
}

func posted(page *status.Snapshot, id string) *status.Posted {
	for n := range page.Incidents {
		if page.Incidents[n].ID == id {
			return &status.Posted{Incident: page.Incidents[n]}
		}
	}
	for n := range page.Maintenances {
		if m := &page.Maintenances[n]; m.ID == id {
			return &status.Posted{Incident: m.Incident, ScheduledFor: m.ScheduledFor, ScheduledUntil: m.ScheduledUntil}
		}
	}
	return nil
}
