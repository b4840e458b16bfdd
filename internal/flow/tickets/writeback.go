package tickets

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/ticket"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
	"allclear/internal/store/tickets"
)

// change keeps the ticket, asks for it to be brought up to date where it comes
// from, and tells the chat channel of an urgent one. judged: with why.
func (d *desk) change(t *ticket.Ticket, inc *incident.Incident, judged bool) error {
	t.Version++
	t.UpdatedAt = d.now
	if err := tickets.Save(d.tx, t); err != nil {
		return err
	}
	if judged && t.Queue == ticket.Urgent {
		if err := d.chat(t, inc); err != nil {
			return err
		}
	}
	if !slices.Contains(d.o.Channels, t.Source) {
		return nil
	}
	comment := ""
	if judged {
		comment = d.comment(t)
	}
	err := deliveries.Queue(d.tx, &message.Delivery{
		Key: fmt.Sprintf("ticket/%s/%d", t.ID, t.Version), Kind: message.KindTicket, RefID: t.ID, Recipient: t.Source, Channel: t.Source, Address: t.ExternalID,
		Subject: "Ticket " + t.ExternalID + " in " + t.Source, Body: comment, Priority: 2, DueAt: d.now, CreatedAt: d.now, Clauses: []string{"CRI-ZD-CLASS"},
	})
	if err != nil || inc == nil || !inc.Declared {
		return err
	}
	return d.tell(inc, declared, t)
}

// comment is what agents read on the ticket.
func (d *desk) comment(t *ticket.Ticket) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Allclear suggests %s, %s queue (confidence %.0f %%):\n", t.Severity, t.Queue, t.Confidence*100)
	for _, r := range t.Reasons {
		b.WriteString("- " + r + "\n")
	}
	if t.Reason != "" {
		b.WriteString("- a person escalated it: " + t.Reason + "\n")
	}
	if t.State == ticket.Raised {
		b.WriteString("Engineering on call has been paged.\n")
	}
	return b.String()
}

// chat tells the channel of the procedure, whoever else was told (CRI-SLACK).
func (d *desk) chat(t *ticket.Ticket, inc *incident.Incident) error {
	channel := d.set.Channel()
	text, ok := d.all.Texts[d.set.Text]
	if channel == "" || !ok {
		return nil
	}
	reason := strings.Join(t.Reasons, "; ")
	if t.Reason != "" {
		reason += "; a person escalated it: " + t.Reason
	}
	w := map[string]string{
		"name": d.whose(t), "title": t.Subject, "service": d.service(t.ServiceID), "severity": t.Severity.String(), "status": string(t.State),
		"reason": reason + ". " + t.URL,
	}
	if inc != nil && !inc.Restricted {
		w["number"] = inc.Ref()
		w["reason"] = reason + " (" + inc.Ref() + "). " + t.URL
	}
	subject, body := text.Fill(w)
	return deliveries.Queue(d.tx, &message.Delivery{
		Key: fmt.Sprintf("ticket/%s/chat/%d", t.ID, t.Version), Kind: message.KindTicketNotice, RefID: t.ID, Recipient: channel, Channel: "slack", Address: channel,
		Subject: subject, Body: strings.TrimSpace(body), Priority: 1, DueAt: d.now, CreatedAt: d.now, Clauses: []string{"CRI-SLACK"},
	})
}

func (d *desk) service(id string) string {
	if s, ok := d.cat.Services[id]; ok {
		return s.Name
	}
	return id
}

// What incidents' tickets hear of.
const (
	declared = "declared"
	resolved = "resolved"
)

func (t *Tickets) onDeclared(tx *store.Tx, e *event.Event) error { return t.tellAll(tx, e, declared) }

func (t *Tickets) onResolved(tx *store.Tx, e *event.Event) error { return t.tellAll(tx, e, resolved) }

// tellAll comments on every ticket of an incident, once each, however often it
// happens. A restricted incident leaves no word elsewhere (reading 18); one that
// nobody declared was a suspicion.
func (t *Tickets) tellAll(tx *store.Tx, e *event.Event, what string) error {
	if len(t.o.Channels) == 0 {
		return nil
	}
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil || inc.Restricted || !inc.Declared {
		return err
	}
	of, err := tickets.Of(tx, inc.ID)
	if err != nil || len(of) == 0 {
		return err
	}
	d, err := t.desk(tx, e.RecordedAt)
	if err != nil {
		return err
	}
	return d.tell(inc, what, of...)
}

// tell queues a comment about the incident for each ticket.
func (d *desk) tell(inc *incident.Incident, what string, of ...*ticket.Ticket) error {
	name, head := d.set.DeclaredText, message.Headers{}
	clauses := []string{"INT-ZENDESK"}
	service := d.service(inc.ServiceID)
	if what == resolved {
		name = d.set.ResolvedText
		if d.set.ResolvedStatus != "" { // the customer reads it (FUP-IMM-TICKETS)
			head, clauses, service = message.Headers{Public: true, Sets: d.set.ResolvedStatus}, append(clauses, "FUP-IMM-TICKETS"), message.ComponentName(d.cat, inc.ServiceID)
		}
	}
	text, ok := d.all.Texts[name]
	if !ok || inc.Restricted {
		return nil
	}
	_, body := text.Fill(map[string]string{
		"number": inc.Ref(), "title": inc.Title, "service": service, "severity": inc.Severity.String(), "status": string(inc.Status), "reason": inc.Reason,
	})
	var ds []*message.Delivery
	for _, t := range of {
		if !slices.Contains(d.o.Channels, t.Source) || t.State == ticket.Solved {
			continue
		}
		ds = append(ds, &message.Delivery{
			Key: fmt.Sprintf("%s/ticket/%s/%s", inc.Ref(), t.ID, what), Kind: message.KindTicket, RefID: t.ID, IncidentID: inc.ID, Recipient: t.Source, Channel: t.Source,
			Address: t.ExternalID, Subject: inc.Ref() + " " + what, Body: body, Priority: 2, DueAt: d.now, CreatedAt: d.now, Clauses: clauses, Headers: head,
		})
	}
	return deliveries.Queue(d.tx, ds...)
}

// onMerged hands the tickets on with everything else.
func (t *Tickets) onMerged(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil || inc.MergedInto == 0 {
		return err
	}
	return tickets.Move(tx, inc.ID, inc.MergedInto)
}

// Wanted says what a ticket is brought to. The sender asks inside the
// transaction that claims it, so that retries and overtaking end in the right
// state.
func (t *Tickets) Wanted(tx *store.Tx, d *message.Delivery, _ time.Time) (ok bool, why string, err error) {
	if d.Kind == message.KindTicketNotice {
		return true, "", nil
	}
	row, err := tickets.Get(tx, d.RefID)
	if err != nil {
		return false, "", err
	}
	number := ""
	if row.IncidentID != 0 {
		inc, err := incidents.Peek(tx, row.IncidentID)
		if err != nil {
			return false, "", err
		}
		if !inc.Restricted {
			number = inc.Ref()
		} else if d.IncidentID != 0 {
			return false, "the incident is restricted", nil
		}
	}
	d.Headers.Update = message.TicketUpdate{ID: row.ExternalID, Tags: row.Label(number), Comment: d.Body, Public: d.Headers.Public, Status: d.Headers.Sets}
	if p := row.Wanted(); p != row.Priority {
		d.Headers.Update.Priority = p
	}
	d.Headers.Version = row.Version
	return true, "", nil
}

// Outcome notes what the source has, and makes a refusal heard.
func (t *Tickets) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	switch d.State {
	case message.Accepted:
		if d.Kind == message.KindTicket {
			return tickets.Wrote(tx, d.RefID, d.Headers.Version)
		}
	case message.Failed:
		restricted := false
		if d.IncidentID != 0 {
			inc, err := incidents.Peek(tx, d.IncidentID)
			if err != nil {
				return err
			}
			restricted = inc.Restricted
		}
		return t.bus.Emit(tx, now, event.Event{
			IncidentID: d.IncidentID, Kind: event.Undelivered, Source: "tickets", Restricted: restricted,
			Data: event.Data{To: d.Recipient, Channel: d.Channel, Outcome: "failed", Text: d.Subject + ": " + d.LastError, Clauses: d.Clauses, Ref: d.ID.String(), Phase: d.Kind},
		})
	case message.Queued, message.Attempting, message.Cancelled:
	}
	return nil
}
