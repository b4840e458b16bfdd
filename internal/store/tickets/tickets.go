// Package tickets holds the SQL of customers' tickets elsewhere.
// It must not judge what a ticket says.
package tickets

import (
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/ticket"
	"allclear/internal/store"
)

const fields = "id, source, external_id, service_id, customer_id, queue, state, incident_id, version, written, created_at, updated_at, doc"

// Lock reads and locks the ticket of a source, which is made where there is none;
// fresh reports that. Two nodes that hear of a new ticket at once make one.
func Lock(tx *store.Tx, source, external, service string, now time.Time) (t *ticket.Ticket, fresh bool, err error) {
	id := tx.NewID(now)
	n, err := tx.Exec("insert into tickets(id, source, external_id, service_id, customer_id, queue, state, incident_id, version, written, created_at, updated_at, doc) values($1, $2, $3, $4, '', '', '', 0, 0, 0, $5, $5, '{}') on conflict(source, external_id) do nothing",
		int64(id), source, external, service, store.Micros(now))
	if err != nil {
		return nil, false, err
	}
	t, err = one(tx, "select "+fields+" from tickets where source = $1 and external_id = $2"+tx.ForUpdate(), source, external)
	return t, n == 1, err
}

// Get reads a ticket.
func Get(tx *store.Tx, id ident.ID) (*ticket.Ticket, error) {
	return one(tx, "select "+fields+" from tickets where id = $1", int64(id))
}

// Take reads and locks a ticket.
func Take(tx *store.Tx, id ident.ID) (*ticket.Ticket, error) {
	return one(tx, "select "+fields+" from tickets where id = $1"+tx.ForUpdate(), int64(id))
}

// Save writes a ticket.
func Save(tx *store.Tx, t *ticket.Ticket) error {
	_, err := tx.Exec("update tickets set service_id = $2, customer_id = $3, queue = $4, state = $5, incident_id = $6, version = $7, updated_at = $8, doc = $9 where id = $1",
		int64(t.ID), t.ServiceID, t.CustomerID, t.Queue, string(t.State), int64(t.IncidentID), t.Version, store.Micros(t.UpdatedAt), store.J(t))
	return err
}

// Wrote notes that the source has a version.
func Wrote(tx *store.Tx, id ident.ID, version int64) error {
	_, err := tx.Exec("update tickets set written = $2 where id = $1 and written < $2", int64(id), version)
	return err
}

// OthersSince counts the customers, but for one, with urgent tickets about a
// service since an instant. Tickets of unknown customers do not count: they may
// be of one.
func OthersSince(tx *store.Tx, service, customer string, since time.Time) (n int, err error) {
	err = tx.QueryRow("select count(distinct customer_id) from tickets where service_id = $1 and updated_at >= $2 and queue = 'urgent' and customer_id <> '' and customer_id <> $3 and state in ('waiting','raised')",
		service, store.Micros(since), customer).Scan(&n)
	return n, err
}

// Loose lists and locks urgent tickets about a service since an instant that
// belong to no incident. Those that another node works on are left to it.
func Loose(tx *store.Tx, service string, since time.Time) ([]*ticket.Ticket, error) {
	return list(tx, "select "+fields+" from tickets where service_id = $1 and updated_at >= $2 and queue = 'urgent' and incident_id = 0 and state in ('waiting','raised') order by id"+tx.SkipLocked(), service, store.Micros(since))
}

// Move hands the tickets of an incident to another.
func Move(tx *store.Tx, from, to ident.ID) error {
	_, err := tx.Exec("update tickets set incident_id = $2 where incident_id = $1 and incident_id <> 0", int64(from), int64(to))
	return err
}

// Of lists the tickets that belong to an incident, oldest first.
func Of(tx *store.Tx, incident ident.ID) ([]*ticket.Ticket, error) {
	return list(tx, "select "+fields+" from tickets where incident_id = $1 and incident_id <> 0 order by id", int64(incident))
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Queue, State, Customer, Service string
	Incident                        ident.ID
	Before                          ident.ID // tickets with ids below this one; 0 for the newest
	Limit                           int
}

// List returns tickets, newest first.
func List(tx *store.Tx, f Filter) ([]*ticket.Ticket, error) {
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	query, args := "select "+fields+" from tickets where id < $1", []any{int64(f.Before)}
	for _, c := range []struct{ column, value string }{{"queue", f.Queue}, {"state", f.State}, {"customer_id", f.Customer}, {"service_id", f.Service}} {
		if c.value != "" {
			args = append(args, c.value)
			query += " and " + c.column + " = $" + strconv.Itoa(len(args))
		}
	}
	if f.Incident != 0 {
		args = append(args, int64(f.Incident))
		query += " and incident_id = $" + strconv.Itoa(len(args))
	}
	args = append(args, f.Limit)
	return list(tx, query+" order by id desc limit $"+strconv.Itoa(len(args)), args...)
}

func one(tx *store.Tx, query string, args ...any) (*ticket.Ticket, error) {
	ts, err := list(tx, query, args...)
	if err != nil {
		return nil, err
	}
	if len(ts) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such ticket")
	}
	return ts[0], nil
}

func list(tx *store.Tx, query string, args ...any) ([]*ticket.Ticket, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*ticket.Ticket
	for rows.Next() {
		var doc store.JSON[ticket.Ticket]
		var id, incident, created, updated int64
		var row ticket.Ticket
		var state string
		if err := rows.Scan(&id, &row.Source, &row.ExternalID, &row.ServiceID, &row.CustomerID, &row.Queue, &state, &incident, &row.Version, &row.Written, &created, &updated, &doc); err != nil {
			return nil, err
		}
		t := doc.V
		t.ID, t.Source, t.ExternalID, t.ServiceID, t.CustomerID, t.Queue, t.State = ident.ID(id), row.Source, row.ExternalID, row.ServiceID, row.CustomerID, row.Queue, ticket.State(state)
		t.IncidentID, t.Version, t.Written, t.CreatedAt, t.UpdatedAt = ident.ID(incident), row.Version, row.Written, store.Time(created), store.Time(updated)
		out = append(out, &t)
	}
	return out, rows.Err()
}
