package tickets

import (
	"cmp"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/ticket"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/tickets"
)

// raise has the ticket page: its alert joins the incident that is open on the
// service or opens one (reading 5), whose chain pages; the rules on class tell the
// account manager.
func (d *desk) raise(t *ticket.Ticket, class, why string) error {
	t.Raise()
	t.AlertKey = keyOf(t.Source, t.ExternalID)
	if err := d.o.Raise(d.tx, t.ServiceID, t.Source, []alert.Signal{d.signal(t, class, why)}, d.now); err != nil {
		return err
	}
	inc, err := d.incidentOf(t.ServiceID, t.AlertKey)
	if err != nil {
		return err
	}
	if inc != nil {
		t.IncidentID = inc.ID
	}
	if err := d.emit(event.TicketRaised, t, why); err != nil {
		return err
	}
	if err := d.change(t, inc, true); err != nil || inc == nil || inc.Restricted {
		return err
	}
	return d.gather(t, inc)
}

// gather ties urgent tickets about the same service, that came shortly before, to
// the incident.
func (d *desk) gather(t *ticket.Ticket, inc *incident.Incident) error {
	loose, err := tickets.Loose(d.tx, t.ServiceID, d.since())
	if err != nil {
		return err
	}
	for _, o := range loose {
		if o.ID == t.ID {
			continue
		}
		o.IncidentID = inc.ID
		if err := d.change(o, inc, false); err != nil {
			return err
		}
	}
	return nil
}

// incidentOf is the incident of an alert; nil while a silence holds it back.
func (d *desk) incidentOf(service, key string) (*incident.Incident, error) {
	k := alerts.Key{ServiceID: service, DedupKey: key}
	found, err := alerts.Find(d.tx, []alerts.Key{k})
	if err != nil || found[k] == nil || found[k].IncidentID == 0 {
		return nil, err
	}
	return incidents.Peek(d.tx, found[k].IncidentID)
}

// says are the words for what a ticket suggests.
func says(t *ticket.Ticket) string {
	if t.Sort == "everybody" {
		return "critical"
	}
	return "error"
}

func (d *desk) signal(t *ticket.Ticket, class, why string) alert.Signal {
	s := alert.Signal{
		Source: t.Source, Action: alert.Trigger, DedupKey: t.AlertKey, Summary: d.title(t), Severity: says(t), Suggests: t.Severity, Class: class,
		Origin: t.Source, Component: "ticket " + t.ExternalID, Client: t.Source, ClientURL: t.URL,
		Labels:  map[string]string{"channel": "ticket", "ticket": t.ExternalID},
		Details: map[string]any{"subject": t.Subject, "text": t.Text, "comment": t.Comment, "reasons": t.Reasons, "confidence": t.Confidence, "priority": t.Priority, "tags": t.Tags},
	}
	if t.CustomerID != "" {
		s.Labels["customer"] = t.CustomerID
	}
	if why != "" {
		s.Summary += " (" + why + ")"
	}
	if t.URL != "" {
		s.Links = []alert.Link{{Href: t.URL, Text: "Ticket " + t.ExternalID}}
	}
	return s
}

// title is the ticket in one line.
func (d *desk) title(t *ticket.Ticket) string {
	return "Ticket of " + d.whose(t) + ": " + cmp.Or(t.Subject, "without a subject")
}

// whose names the customer, else whoever asked.
func (d *desk) whose(t *ticket.Ticket) string {
	if k, ok := d.cat.Customers[t.CustomerID]; ok {
		return k.Name
	}
	return cmp.Or(t.Name, "an unknown customer")
}

// emit puts on the record what became of the ticket, and who did it.
func (d *desk) emit(k event.Kind, t *ticket.Ticket, why string) error {
	e := event.Event{
		IncidentID: t.IncidentID, Kind: k, Actor: cmp.Or(d.by, "source:"+t.Source), Source: cmp.Or(d.via, "hook"),
		Data: event.Data{
			Subject: t.Source + "/" + t.ExternalID, Text: d.title(t) + " (" + cmp.Or(why, strings.Join(t.Reasons, "; ")) + ")",
			Severity: t.Severity.String(), Status: t.Queue, Ref: t.ID.String(), Clauses: d.set.Clauses,
		},
	}
	if t.IncidentID != 0 {
		inc, err := incidents.Peek(d.tx, t.IncidentID)
		if err != nil {
			return err
		}
		e.Restricted, e.Data.Number = inc.Restricted, inc.Number
	}
	return d.bus.Emit(d.tx, d.now, e)
}
