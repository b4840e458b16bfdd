package comms

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
)

// loudFailures is how many failed addresses of one message are told one by
// one; the sum is told when all mails are finished.
const loudFailures = 20

// Wanted answers a sender just before it sends: whether a delivery of a
// message should still go out, and why not.
func (c *Comms) Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (ok bool, why string, err error) {
	if d.Kind == message.KindWork {
		return true, "", nil // what was announced was announced
	}
	m, err := messages.Peek(tx, d.RefID)
	if fault.Is(err, fault.NotFound) {
		return false, "the message is gone", nil // an error would hold up the whole lane
	}
	if err != nil {
		return false, "", err
	}
	if m.State != message.Published {
		return false, "the message is " + string(m.State), nil
	}
	inc, err := incidents.Peek(tx, m.IncidentID)
	if err != nil {
		return false, "", err
	}
	switch {
	case inc.Restricted && !m.Legal:
		return false, "the incident is restricted and Legal has not approved this", nil
	case inc.FalsePositive && m.Status != string(status.Resolved):
		return false, "the incident was a false positive", nil
	}
	if slices.Contains(c.page.Copies, d.Channel) {
		return c.fillCopy(tx, d, m, now)
	}
	return true, "", nil
}

// Outcome follows a finished attempt of a delivery: a failed address is loud,
// and the last mail of a message to customers is told.
func (c *Comms) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	if d.State != message.Accepted && d.State != message.Failed || d.Kind == message.KindWork {
		return nil // it will be tried again, or its row says all
	}
	// The lock puts outcomes in a row: of two mails that end at the same time
	// one sees the other finished (on PostgreSQL neither would without it).
	m, err := messages.Get(tx, d.RefID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	// Of thousands of mails that were accepted nothing is told one by one, so
	// the incident is not read for each.
	quiet := d.State == message.Accepted && message.Personal(d.Channel)
	if !quiet {
		inc, err := incidents.Peek(tx, m.IncidentID)
		if err != nil {
			return err
		}
		if err := c.tellOutcome(tx, inc, m, d, now); err != nil {
			return err
		}
	}
	if d.Channel != message.Email || !tellsCustomers(m) || !m.MailedAt.IsZero() {
		return nil
	}
	more, err := deliveries.Unfinished(tx, message.KindMessage, m.ID, message.Email)
	if err != nil || more {
		return err
	}
	inc, err := incidents.Peek(tx, m.IncidentID)
	if err != nil {
		return err
	}
	return c.mailed(tx, inc, m, now)
}

func (c *Comms) tellOutcome(tx *store.Tx, inc *incident.Incident, m *message.Message, d *message.Delivery, now time.Time) error {
	about := func(data *event.Data) {
		data.Channel, data.Channels, data.Text, data.Number = d.Channel, nil, d.LastError, 0
		data.To = d.Recipient
	}
	if d.State == message.Accepted {
		if message.Personal(d.Channel) {
			return nil // thousands: the ledger of deliveries holds each
		}
		return c.emit(tx, now, event.Delivered, inc, m, event.System, "sender", about)
	}
	counts, err := deliveries.TallyOn(tx, message.KindMessage, m.ID, d.Channel)
	if err != nil || counts[message.Failed] > loudFailures {
		return err
	}
	return c.emit(tx, now, event.Undelivered, inc, m, event.System, "sender", about)
}

// mailed tells that every mail of the message is accepted or given up.
func (c *Comms) mailed(tx *store.Tx, inc *incident.Incident, m *message.Message, now time.Time) error {
	counts, err := deliveries.TallyOn(tx, message.KindMessage, m.ID, message.Email)
	if err != nil {
		return err
	}
	m.MailedAt = now
	if err := messages.Update(tx, m); err != nil {
		return err
	}
	err = c.emit(tx, now, event.CustomersMailed, inc, m, event.System, "sender", func(d *event.Data) {
		d.Channel, d.Number, d.Outcome = message.Email, int64(counts[message.Accepted]), fmt.Sprintf("%d failed", counts[message.Failed])
	})
	if err != nil || m.Reaches == "" {
		return err
	}
	return c.moment(tx, inc, m, m.Reaches, now)
}
