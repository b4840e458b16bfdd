package comms

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/paper"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
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
	copied := slices.Contains(c.page.Copies, d.Channel)
	switch {
	case d.Kind == message.KindWork && copied:
		return c.fillCopy(tx, d, now)
	case d.Kind == message.KindWork:
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
	if copied {
		return c.fillCopy(tx, d, now)
	}
	if !message.Addressed(d.Channel) {
		return true, "", nil
	}
	return c.greeted(tx, m, d)
}

// greeted asks once more whether whoever has the address wants the message, and
// says where they can end it. What it adds is made anew for each send and never
// stored, so that whoever reads the outbox can speak for nobody.
func (c *Comms) greeted(tx *store.Tx, m *message.Message, d *message.Delivery) (ok bool, why string, err error) {
	s, err := addresses.Get(tx, d.Channel, message.AddressHash(d.Channel, d.Address))
	if err != nil {
		return false, "", err
	}
	if !m.Wants(&s) {
		return false, "whoever has the address wants no more messages", nil
	}
	if d.Channel == message.Email && m.Document {
		file, err := paper.Sheet{Title: d.Subject, Text: d.Body, Foot: c.page.Name, At: m.PublishedAt}.PDF()
		if err != nil {
			return false, "its document cannot be made: " + err.Error(), nil //nolint:nilerr // an error would hold up the lane; this is on the record
		}
		d.Headers.Paper = &message.Paper{Name: "summary.pdf", Type: "application/pdf", Data: file}
	}
	if c.Outside == nil || d.Channel != message.Email {
		return true, "", nil
	}
	d.Headers.Bounce = c.Outside.Bounce(d.ID)
	link := c.Outside.Link(d.Channel, d.Address)
	if link == "" || m.Binding() {
		return true, "", nil
	}
	headers := map[string]string{"List-Unsubscribe": "<" + link + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} // RFC 8058
	maps.Copy(headers, d.Headers.Headers)
	d.Headers.Headers = headers
	d.Body = strings.TrimRight(d.Body, "\n") + "\n\n-- \nYou receive this because you are a contact for incidents of a service you use.\nTo end these messages: " + link + "\n"
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
	if d.Gone && message.Personal(d.Channel) && c.Outside != nil {
		if err := c.Outside.Refused(tx, d, now); err != nil {
			return err
		}
	}
	quiet := d.State == message.Accepted && message.Addressed(d.Channel)
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
