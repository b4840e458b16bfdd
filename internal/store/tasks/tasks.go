// Package tasks holds the SQL of checklist items and duties.
// It must not remind anybody.
package tasks

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/checklist"
	"allclear/internal/store"
)

const sel = "select id, incident_id, rule, title, owner, state, opened_at, due_at, done_at, done_by, evidence, clauses, phase, taken_by, taken_at, accounts from tasks "

// Insert writes a new task.
func Insert(tx *store.Tx, t *checklist.Task) error {
	t.ID = tx.NewID(t.OpenedAt)
	_, err := tx.Exec("insert into tasks(id, incident_id, rule, title, owner, state, opened_at, due_at, done_at, done_by, evidence, clauses, phase, taken_by, taken_at, accounts) values($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)",
		int64(t.ID), int64(t.IncidentID), t.Rule, t.Title, t.Owner, string(t.State), store.Micros(t.OpenedAt), store.Micros(t.DueAt), store.Micros(t.DoneAt), t.DoneBy, t.Evidence, store.J(t.Clauses), t.Phase, t.TakenBy, store.Micros(t.TakenAt), store.J(t.Accounts))
	return err
}

// Update writes what may change of a task.
func Update(tx *store.Tx, t *checklist.Task) error {
	_, err := tx.Exec("update tasks set owner = $2, state = $3, due_at = $4, done_at = $5, done_by = $6, evidence = $7, taken_by = $8, taken_at = $9, title = $10, accounts = $11 where id = $1",
		int64(t.ID), t.Owner, string(t.State), store.Micros(t.DueAt), store.Micros(t.DoneAt), t.DoneBy, t.Evidence, t.TakenBy, store.Micros(t.TakenAt), t.Title, store.J(t.Accounts))
	return err
}

// Get reads and locks one task.
func Get(tx *store.Tx, id ident.ID) (*checklist.Task, error) {
	return one(tx, sel+"where id = $1"+tx.ForUpdate(), int64(id))
}

// Peek reads one task without locking it.
func Peek(tx *store.Tx, id ident.ID) (*checklist.Task, error) {
	return one(tx, sel+"where id = $1", int64(id))
}

func one(tx *store.Tx, query string, args ...any) (*checklist.Task, error) {
	ts, err := list(tx, query, args...)
	if err != nil {
		return nil, err
	}
	if len(ts) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such task")
	}
	return ts[0], nil
}

// Of lists an incident's tasks in the order they opened.
func Of(tx *store.Tx, incident ident.ID) ([]*checklist.Task, error) {
	return list(tx, sel+"where incident_id = $1 order by id", int64(incident))
}

// Due lists open tasks by due time up to the instant, but for some incidents.
func Due(tx *store.Tx, until time.Time, except []ident.ID, limit int) ([]*checklist.Task, error) {
	query, args := sel+"where state = 'open' and due_at > 0 and due_at <= $1", []any{store.Micros(until)}
	if len(except) > 0 {
		query += " and incident_id not in (" + store.In(len(except), 2) + ")"
		for _, id := range except {
			args = append(args, int64(id))
		}
	}
	return list(tx, query+" order by due_at, id limit "+store.In(1, len(args)+1), append(args, limit)...)
}

func list(tx *store.Tx, query string, args ...any) ([]*checklist.Task, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*checklist.Task
	for rows.Next() {
		t := new(checklist.Task)
		var id, inc, opened, due, done, taken int64
		var state string
		var clauses, accounts store.JSON[[]string]
		if err := rows.Scan(&id, &inc, &t.Rule, &t.Title, &t.Owner, &state, &opened, &due, &done, &t.DoneBy, &t.Evidence, &clauses, &t.Phase, &t.TakenBy, &taken, &accounts); err != nil {
			return nil, err
		}
		t.ID, t.IncidentID, t.State, t.Clauses = ident.ID(id), ident.ID(inc), checklist.State(state), clauses.V
		t.Accounts = accounts.V
		t.OpenedAt, t.DueAt, t.DoneAt, t.TakenAt = store.Time(opened), store.Time(due), store.Time(done), store.Time(taken)
		out = append(out, t)
	}
	return out, rows.Err()
}
