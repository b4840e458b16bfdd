// Package outreach holds the SQL of what people do by hand to tell somebody outside.
// It must not decide whom.
package outreach

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/outreach"
	"allclear/internal/store"
)

const (
	sel     = "select id, incident_id, task_id, owner, state, due_at, doc from outreach "
	qGet    = sel + "where id = $1"
	qOf     = sel + "where incident_id = $1 order by id"
	qOfTask = sel + "where task_id = $1 and task_id > 0 order by id"
	qSave   = "update outreach set owner = $2, state = $3, due_at = $4, doc = $5 where id = $1"
	qMove   = "update outreach set incident_id = $2 where incident_id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qGet, qOf, qOfTask, qSave, qMove} }

var columns = []string{"id", "incident_id", "task_id", "owner", "state", "due_at", "doc"}

func state(c *outreach.Contact) string {
	if c.Done {
		return "done"
	}
	return "open"
}

// Insert writes new contacts and gives them ids.
func Insert(tx *store.Tx, cs []*outreach.Contact, now time.Time) error {
	rows := make([][]any, len(cs))
	for i, c := range cs {
		c.ID = tx.NewID(now)
		rows[i] = []any{int64(c.ID), int64(c.Incident), int64(c.Task), c.Owner, state(c), store.Micros(c.DueAt), store.J(c)}
	}
	return tx.InsertMany("outreach", columns, rows, "")
}

// Save writes what became of a contact.
func Save(tx *store.Tx, c *outreach.Contact) error {
	_, err := tx.Exec(qSave, int64(c.ID), c.Owner, state(c), store.Micros(c.DueAt), store.J(c))
	return err
}

// Get reads a contact.
func Get(tx *store.Tx, id ident.ID) (*outreach.Contact, error) {
	cs, err := list(tx, qGet, int64(id))
	if err != nil {
		return nil, err
	}
	if len(cs) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such contact")
	}
	return cs[0], nil
}

// Of lists the contacts of an incident in the order they were opened.
func Of(tx *store.Tx, incident ident.ID) ([]*outreach.Contact, error) {
	return list(tx, qOf, int64(incident))
}

// OfTask lists the contacts of a duty.
func OfTask(tx *store.Tx, task ident.ID) ([]*outreach.Contact, error) {
	return list(tx, qOfTask, int64(task))
}

// Move hands the contacts of an incident to another.
func Move(tx *store.Tx, from, to ident.ID) error {
	_, err := tx.Exec(qMove, int64(from), int64(to))
	return err
}

func list(tx *store.Tx, query string, args ...any) ([]*outreach.Contact, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*outreach.Contact
	for rows.Next() {
		var id, incident, task, due int64
		var owner, is string
		var doc store.JSON[outreach.Contact]
		if err := rows.Scan(&id, &incident, &task, &owner, &is, &due, &doc); err != nil {
			return nil, err
		}
		c := doc.V
		c.ID, c.Incident, c.Task = ident.ID(id), ident.ID(incident), ident.ID(task)
		c.Owner, c.Done, c.DueAt = owner, is == "done", store.Time(due)
		out = append(out, &c)
	}
	return out, rows.Err()
}
