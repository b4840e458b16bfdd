package comms

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/messages"
)

// clockUpdate is the clock whose span is the promise of the next update.
const clockUpdate = "status_update"

// priority of messages in the outbox, behind pages (0) and notices (1).
const priority = 2

// publish lets an approved message out: the post on the page, one delivery per
// contact, one per other channel, in this transaction.
func (c *Comms) publish(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, by, source string, now time.Time) error {
	m.Private = m.Private || inc.Tenant != ""
	if why := nowhere(inc, m); why != "" {
		return fault.New(fault.Conflict, "%s", why)
	}
	if inc.InApp.Stands() {
		m.LeaveOut(message.InApp)
	}
	if err := m.Publish(by, now); err != nil {
		return err
	}
	if err := c.cite(tx, inc, m); err != nil {
		return err
	}
	if m.Has(message.StatusPage) {
		if err := c.post(tx, inc, cat, m, now); err != nil {
			return err
		}
	}
	inside, err := c.insiders(tx, inc, cat, m, now)
	if err != nil {
		return err
	}
	queue, mails, err := c.envelopes(tx, inc, cat, m, inside, now)
	if err != nil {
		return err
	}
	if err := deliveries.Queue(tx, queue...); err != nil {
		return err
	}
	m.Recipients = 0
	for _, d := range queue {
		if message.Addressed(d.Channel) {
			m.Recipients++
		}
	}
	if mails == 0 && tellsCustomers(m) {
		m.MailedAt = now
	}
	if err := messages.Update(tx, m); err != nil {
		return err
	}
	if err := c.unschedule(tx, m); err != nil {
		return err
	}
	if err := c.emit(tx, now, event.MessagePublished, inc, m, by, source, nil); err != nil {
		return err
	}
	if err := c.reached(tx, inc, m, now); err != nil {
		return err
	}
	if m.MailedAt.IsZero() {
		return nil
	}
	return c.emit(tx, now, event.CustomersMailed, inc, m, event.System, "rule", func(d *event.Data) {
		d.Number, d.Outcome = 0, "nobody to mail"
	})
}

// cite has a person's update answer the clauses of the clocks it is for.
func (c *Comms) cite(tx *store.Tx, inc *incident.Incident, m *message.Message) error {
	if m.Purpose != message.PurposeUpdate || len(m.Clauses) > 0 {
		return nil
	}
	proc, err := c.shelf.Get(tx, inc.Procedure)
	if err != nil {
		return err
	}
	for _, k := range proc.Clocks {
		answers := k.Until == "updated" || k.Until == "status_posted" && m.Has(message.StatusPage) || k.Until == "customers_mailed" && tellsCustomers(m)
		if !answers {
			continue
		}
		for _, id := range k.By[inc.Severity.String()].Clauses {
			if !slices.Contains(m.Clauses, id) {
				m.Clauses = append(m.Clauses, id)
			}
		}
	}
	return nil
}

// tellsCustomers reports whether the message mails all affected customers.
func tellsCustomers(m *message.Message) bool {
	return m.Has(message.Email) && (m.Audience == message.Customers || m.Audience == message.Public || m.Audience == message.All)
}

// post adds the message to the incident's post and notes it in the outbox.
func (c *Comms) post(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, now time.Time) error {
	p, err := messages.PostOf(tx, inc.ID)
	if err != nil {
		return err
	}
	if p == nil {
		p = &message.Post{ID: newID(), IncidentID: inc.ID, Title: title(inc, cat, m), CreatedAt: now, StartedAt: now}
		if !inc.Restricted {
			p.StartedAt = inc.DetectedAt
		}
		if p.StartedAt.IsZero() || p.StartedAt.After(now) {
			p.StartedAt = now
		}
	}
	// A post follows its incident off the public page; what was told to one
	// tenant stays private when the incident turns out to be wider.
	if p.Private && !m.Private {
		// The title was written for the tenant, and the time was the tenant's.
		p.Title, p.CreatedAt, p.StartedAt = title(inc, cat, m), now, now
	}
	if !inc.Restricted {
		p.Services = inc.Services() // its scope may have grown since
	}
	p.Private, p.Tenant = m.Private, inc.Tenant
	impact, err := c.impact(tx, inc, p)
	if err != nil {
		return err
	}
	t := message.Turn{At: now, Status: status.IncidentStatus(m.Status), Impact: impact, UpdateID: newID(), Body: m.Words(""), Private: m.Private, Ended: inc.ResolvedAt}
	if inc.FalsePositive && t.Status == status.Resolved {
		p.Retracted, t.Impact = true, status.ImpactNone
	}
	if p.NextUpdateAt, err = c.promise(tx, inc, now); err != nil {
		return err
	}
	if err := mark(tx, p, m, now); err != nil {
		return err
	}
	p.Tell(t)
	m.PageID, m.UpdateID = p.ID, t.UpdateID
	if err := messages.SavePost(tx, p, now); err != nil {
		return err
	}
	d := envelope(inc, m, message.StatusPage, now)
	d.Address, d.Receipt = "/incidents/"+p.ID, "on the built-in status page"
	if err := deliveries.Record(tx, d); err != nil {
		return err
	}
	return c.copyPost(tx, inc, m, p, now)
}

// mark shows on the page that what a message corrects is no longer so.
func mark(tx *store.Tx, p *message.Post, m *message.Message, now time.Time) error {
	if m.Corrects == "" {
		return nil
	}
	id, err := ident.Parse(m.Corrects)
	if err != nil {
		return err
	}
	was, err := messages.Get(tx, id)
	if err != nil {
		return err
	}
	p.Correct(was.UpdateID, m.Retracts, now)
	return nil
}

// title is what a new post is called: the subject of its first text.
func title(inc *incident.Incident, cat *catalog.Catalog, m *message.Message) string {
	switch {
	case m.Subject != "":
		return m.Subject
	case inc.Restricted:
		return "Notice about our service"
	}
	return "Problem with " + message.ComponentName(cat, inc.ServiceID)
}

// impact is what the severity means on the page, by the procedure the incident
// runs under. The severity of a restricted incident is never read off the
// page: it keeps what it had.
func (c *Comms) impact(tx *store.Tx, inc *incident.Incident, p *message.Post) (status.Impact, error) {
	if inc.Restricted {
		if n := len(p.Turns); n > 0 {
			return p.Turns[n-1].Impact, nil
		}
		return status.ImpactNone, nil
	}
	proc, err := c.shelf.Get(tx, inc.Procedure)
	if err != nil {
		return "", err
	}
	if i := status.Impact(proc.Severities[inc.Severity.String()].Impact); i.Valid() {
		return i, nil
	}
	switch inc.Severity {
	case procedure.P1:
		return status.ImpactCritical, nil
	case procedure.P2:
		return status.ImpactMajor, nil
	case procedure.P3:
		return status.ImpactMinor, nil
	case procedure.P4:
	}
	return status.ImpactNone, nil
}

// promise is when the public may expect the next update.
func (c *Comms) promise(tx *store.Tx, inc *incident.Incident, now time.Time) (time.Time, error) {
	if inc.Restricted {
		return time.Time{}, nil
	}
	proc, err := c.shelf.Get(tx, inc.Procedure)
	if err != nil {
		return time.Time{}, err
	}
	clock, ok := proc.Clock(clockUpdate)
	if !ok {
		return time.Time{}, nil
	}
	due, _, _, _ := clock.Due(inc.Severity, now, proc.Calendar())
	return due, nil
}

// envelope is the one delivery of a message on a channel.
func envelope(inc *incident.Incident, m *message.Message, channel string, now time.Time) *message.Delivery {
	to := m.Audience
	if m.Private && inc.Tenant != "" {
		to = inc.Tenant
	}
	return &message.Delivery{
		Key: fmt.Sprintf("%s/m%s/%s", inc.Ref(), m.ID, channel), Kind: message.KindMessage, RefID: m.ID, IncidentID: inc.ID,
		Recipient: to, Channel: channel, Address: to, Subject: m.Headed(m.Subject), Body: m.Words(""), Priority: priority,
		DueAt: now, CreatedAt: now, Clauses: m.Clauses,
	}
}

// subjectOf is the subject of a mail; a mail without one looks like spam.
func subjectOf(inc *incident.Incident, cat *catalog.Catalog, m *message.Message) string {
	if m.Subject != "" {
		return m.Headed(m.Subject)
	}
	return m.Headed(title(inc, cat, m))
}
