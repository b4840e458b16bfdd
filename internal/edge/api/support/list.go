package support

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/flow/tickets"
)

// List is one page of a collection.
type List[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor" doc:"Give it as cursor for the next page; empty on the last."`
}

// Filter narrows a list of tickets.
type Filter struct {
	Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most."`
	Cursor   string `query:"cursor" maxLength:"400" doc:"next_cursor of the page before."`
	Queue    string `query:"queue" enum:"urgent,normal"`
	State    string `query:"state" enum:"waiting,raised,dismissed,solved"`
	Customer string `query:"customer" maxLength:"64"`
	Service  string `query:"service" maxLength:"64"`
	Incident string `query:"incident" maxLength:"40" doc:"INC-42 or 42."`
}

// List shows tickets, newest first.
func (d *Desk) List(ctx context.Context, a authz.Actor, _ time.Time, in *Filter) (*Answer[List[Ticket]], error) {
	f := tickets.Filter{Queue: in.Queue, State: in.State, Customer: in.Customer, Service: in.Service, Limit: in.Limit + 1}
	var err error
	if in.Incident != "" {
		if f.Incident, err = record.ParseNumber(in.Incident); err != nil {
			return nil, err
		}
	}
	if in.Cursor != "" {
		if f.Before, err = ident.Parse(in.Cursor); err != nil {
			return nil, fault.New(fault.Invalid, "validation failed").With("query.cursor", "not a cursor of this list")
		}
	}
	found, err := d.Tickets.List(ctx, a, f)
	if err != nil {
		return nil, err
	}
	out := List[Ticket]{Items: []Ticket{}}
	for i, t := range found.Items {
		if i == in.Limit {
			out.NextCursor = found.Items[i-1].ID.String()
			break
		}
		out.Items = append(out.Items, TicketOf(t, found))
	}
	return &Answer[List[Ticket]]{Body: out}, nil
}
