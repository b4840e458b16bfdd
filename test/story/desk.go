package story

import (
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/ticket"
	"allclear/internal/flow/tickets"
	"allclear/internal/store"
	rows "allclear/internal/store/tickets"
)

// What customers write to support, and what people do about it.

// Ticket is a source telling of a customer's ticket about a service.
func (w *World) Ticket(service string, r ticket.Report) {
	w.Helper()
	if r.Source == "" {
		r.Source = "zendesk"
	}
	w.must(w.e.Tickets.TakeNow(w.Context(), tickets.Arrival{ServiceID: service, Source: r.Source, Raw: []byte("raw ticket"), Reports: []ticket.Report{r}, Now: w.now}))
}

// Queue are the tickets of a queue, newest first; "" is all.
func (w *World) Queue(queue string) []*ticket.Ticket {
	w.Helper()
	found, err := w.e.Tickets.List(w.Context(), as("ana"), tickets.Filter{Queue: queue, Limit: 1000})
	if err != nil {
		w.Fatal(err)
	}
	return found.Items
}

// TicketOf is the ticket with the source's number.
func (w *World) TicketOf(external string) (out *ticket.Ticket) {
	w.Helper()
	w.view(func(tx *store.Tx) error {
		all, err := rows.List(tx, rows.Filter{Limit: 1000})
		for _, t := range all {
			if t.ExternalID == external {
				out = t
			}
		}
		return err
	})
	if out == nil {
		w.Fatalf("there is no ticket %s", external)
	}
	return out
}

// EscalateTicket is somebody having a ticket page.
func (w *World) EscalateTicket(by authz.Actor, id ident.ID, reason string) error {
	w.Helper()
	err := w.e.Tickets.Escalate(w.Context(), by, id, reason, w.now)
	w.tick()
	return err
}

// DismissTicket is somebody taking a ticket from its queue.
func (w *World) DismissTicket(by authz.Actor, id ident.ID, reason string) error {
	w.Helper()
	err := w.e.Tickets.Dismiss(w.Context(), by, id, reason, w.now)
	w.tick()
	return err
}

// EscalateCustomer is somebody escalating for a customer.
func (w *World) EscalateCustomer(by authz.Actor, customer, service, text string) (tickets.Escalated, error) {
	w.Helper()
	out, err := w.e.Tickets.EscalateCustomer(w.Context(), by, tickets.Escalation{Customer: customer, Service: service, Text: text}, w.now)
	w.tick()
	return out, err
}
