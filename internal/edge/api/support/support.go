// Package support owns how customers' tickets and escalations look on the wire.
// It holds no rules and must not register routes; internal/edge/api does that.
package support

import (
	"context"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/ticket"
	"allclear/internal/edge/api/record"
	"allclear/internal/flow/tickets"
)

// Desk answers the routes.
type Desk struct{ Tickets *tickets.Tickets }

// Answer is an answer that is one document.
type Answer[T any] struct{ Body T }

// Ticket is a customer's ticket elsewhere, as we know it.
type Ticket struct {
	ID           string    `json:"id"`
	Source       string    `json:"source" example:"zendesk"`
	ExternalID   string    `json:"external_id" doc:"Its number there."`
	URL          string    `json:"url,omitempty"`
	Subject      string    `json:"subject"`
	Text         string    `json:"text,omitempty" doc:"What the customer wrote first; cut when long."`
	Comment      string    `json:"comment,omitempty" doc:"The latest public comment of the customer."`
	Service      string    `json:"service"`
	Customer     string    `json:"customer,omitempty" doc:"Absent: nobody knows."`
	CustomerName string    `json:"customer_name,omitempty"`
	Requester    string    `json:"requester,omitempty" doc:"Shown to those who may read contacts."`
	Email        string    `json:"email,omitempty" doc:"Likewise."`
	Queue        string    `json:"queue" enum:"urgent,normal"`
	State        string    `json:"state" enum:"waiting,raised,dismissed,solved" doc:"raised: somebody was paged; solved: where it comes from."`
	Status       string    `json:"status,omitempty" doc:"The source's word."`
	Priority     string    `json:"priority,omitempty" doc:"There, as people set it."`
	Tags         []string  `json:"tags"`
	Severity     string    `json:"severity" enum:"P1,P2,P3,P4" doc:"Suggested."`
	Confidence   float64   `json:"confidence" doc:"0 to 1."`
	Reasons      []string  `json:"reasons" doc:"Why, in plain words."`
	Incident     string    `json:"incident,omitempty" doc:"That it belongs to."`
	By           string    `json:"by,omitempty" doc:"Who escalated or dismissed it."`
	Reason       string    `json:"reason,omitempty" doc:"And why."`
	Written      bool      `json:"written" doc:"The source has what is known here."`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// TicketOf shows a ticket with what the reader may know around it.
func TicketOf(t *ticket.Ticket, f tickets.Found) Ticket {
	out := Ticket{
		ID: t.ID.String(), Source: t.Source, ExternalID: t.ExternalID, URL: t.URL, Subject: t.Subject, Text: t.Text, Comment: t.Comment, Service: t.ServiceID,
		Customer: t.CustomerID, CustomerName: f.Customers[t.CustomerID], Requester: t.Name, Email: t.Email, Queue: t.Queue, State: string(t.State), Status: t.Status,
		Priority: t.Priority, Tags: filled(t.Tags), Severity: t.Severity.String(), Confidence: t.Confidence, Reasons: filled(t.Reasons),
		By: t.By, Reason: t.Reason, Written: t.Written == t.Version, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
	}
	if n := f.Incidents[t.IncidentID]; n != 0 {
		out.Incident = incident.Ref(n)
	}
	return out
}

func filled(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// Which names a ticket.
type Which struct {
	ID string `path:"id" maxLength:"40"`
}

func (w Which) id() (ident.ID, error) {
	id, err := ident.Parse(w.ID)
	if err != nil {
		return 0, authz.NotFound("ticket", w.ID)
	}
	return id, nil
}

// Show shows one.
func (d *Desk) Show(ctx context.Context, a authz.Actor, _ time.Time, in *Which) (*Answer[Ticket], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	found, err := d.Tickets.One(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return &Answer[Ticket]{Body: TicketOf(found.Items[0], found)}, nil
}

// WithReason is why a person acts on a ticket.
type WithReason struct {
	Which
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

// Escalate has one page.
func (d *Desk) Escalate(ctx context.Context, a authz.Actor, now time.Time, in *WithReason) (*Answer[Ticket], error) {
	return d.act(ctx, a, now, in, d.Tickets.Escalate)
}

// Dismiss takes one from its queue.
func (d *Desk) Dismiss(ctx context.Context, a authz.Actor, now time.Time, in *WithReason) (*Answer[Ticket], error) {
	return d.act(ctx, a, now, in, d.Tickets.Dismiss)
}

func (d *Desk) act(ctx context.Context, a authz.Actor, now time.Time, in *WithReason, do func(context.Context, authz.Actor, ident.ID, string, time.Time) error) (*Answer[Ticket], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	if err := do(ctx, a, id, in.Body.Reason, now); err != nil {
		return nil, err
	}
	return d.Show(ctx, a, now, &in.Which)
}

// EscalationInput is what a person says who escalates for a customer.
type EscalationInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Text    string `json:"text" minLength:"1" maxLength:"2000" doc:"What the customer's trouble is."`
		Service string `json:"service,omitempty" maxLength:"64" doc:"Absent: of those the customer uses the one that is restored first."`
	}
}

// CustomerEscalation is what became of it.
type CustomerEscalation struct {
	Service  string `json:"service"`
	Incident string `json:"incident,omitempty" doc:"Absent while a silence holds it back, or where the caller may not know of it."`
}

// EscalateCustomer is the direct path for a customer's trouble.
func (d *Desk) EscalateCustomer(ctx context.Context, a authz.Actor, now time.Time, in *EscalationInput) (*Answer[CustomerEscalation], error) {
	done, err := d.Tickets.EscalateCustomer(ctx, a, tickets.Escalation{Customer: in.ID, Service: in.Body.Service, Text: in.Body.Text}, now)
	if err != nil {
		return nil, err
	}
	out := CustomerEscalation{Service: done.Service}
	if done.Incident != 0 {
		out.Incident = incident.Ref(done.Incident)
	}
	return &Answer[CustomerEscalation]{Body: out}, nil
}

// ReplyInput is one answer for all tickets of an incident.
type ReplyInput struct {
	ID   string `path:"id" maxLength:"40" doc:"INC-42 or 42."`
	Body struct {
		Text     string `json:"text" minLength:"1" maxLength:"10000"`
		Internal bool   `json:"internal,omitempty" doc:"For agents only; customers read it otherwise."`
	}
}

// TicketsAnswered says how many tickets an answer goes to.
type TicketsAnswered struct {
	Tickets int `json:"tickets"`
}

// Reply answers all open tickets of an incident together.
func (d *Desk) Reply(ctx context.Context, a authz.Actor, now time.Time, in *ReplyInput) (*Answer[TicketsAnswered], error) {
	number, err := record.ParseNumber(in.ID)
	if err != nil {
		return nil, err
	}
	n, err := d.Tickets.Reply(ctx, a, number, in.Body.Text, in.Body.Internal, now)
	if err != nil {
		return nil, err
	}
	return &Answer[TicketsAnswered]{Body: TicketsAnswered{Tickets: n}}, nil
}
