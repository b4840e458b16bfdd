package tickets

import (
	"context"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/ticket"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/tickets"
)

// Filter narrows a list of tickets; empty fields do not.
type Filter struct {
	Queue, State, Customer, Service string
	Incident                        int64
	Before                          ident.ID
	Limit                           int
}

// Found are tickets with what the reader may know around them.
type Found struct {
	Items     []*ticket.Ticket
	Incidents map[ident.ID]int64 // numbers of those the reader may know of
	Customers map[string]string  // names
}

// List shows tickets, newest first.
func (t *Tickets) List(ctx context.Context, a authz.Actor, f Filter) (out Found, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "ticket"}); err != nil {
		return out, err
	}
	err = t.db.View(ctx, func(tx *store.Tx) error {
		rows := tickets.Filter{Queue: f.Queue, State: f.State, Customer: f.Customer, Service: f.Service, Before: f.Before, Limit: f.Limit}
		if f.Incident != 0 {
			inc, err := incidents.ByNumber(tx, f.Incident)
			if fault.Is(err, fault.NotFound) || err == nil && !inc.VisibleTo(a.ID) {
				return nil
			}
			if err != nil {
				return err
			}
			rows.Incident = inc.ID
		}
		items, err := tickets.List(tx, rows)
		if err != nil {
			return err
		}
		out, err = t.found(tx, a, items)
		return err
	})
	return out, err
}

// One shows a ticket.
func (t *Tickets) One(ctx context.Context, a authz.Actor, id ident.ID) (out Found, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "ticket"}); err != nil {
		return out, err
	}
	err = t.db.View(ctx, func(tx *store.Tx) error {
		row, err := tickets.Get(tx, id)
		if err != nil {
			return err
		}
		out, err = t.found(tx, a, []*ticket.Ticket{row})
		return err
	})
	return out, err
}

func (t *Tickets) found(tx *store.Tx, a authz.Actor, items []*ticket.Ticket) (Found, error) {
	out := Found{Items: items, Incidents: map[ident.ID]int64{}, Customers: map[string]string{}}
	cat, err := t.catalog(tx)
	if err != nil {
		return out, err
	}
	contacts := authz.Can(a, authz.ReadCustomers, authz.Resource{Kind: "customer"}) == nil
	for _, row := range items {
		if !contacts {
			row.Name, row.Email = "", ""
		}
		if k, ok := cat.Customers[row.CustomerID]; ok {
			out.Customers[k.ID] = k.Name
		}
		if row.IncidentID == 0 {
			continue
		}
		inc, err := incidents.Peek(tx, row.IncidentID)
		if err != nil {
			return out, err
		}
		if inc.VisibleTo(a.ID) {
			out.Incidents[inc.ID] = inc.Number
		}
	}
	return out, nil
}
