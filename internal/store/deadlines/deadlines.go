// Package deadlines holds the SQL of deadlines, the visible clocks.
// It must not decide what a clock means.
package deadlines

import (
	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
)

const sel = "select id, incident_id, clock, subject, severity, state, started_at, warn_at, due_at, ended_at, generation, clauses, evidence from deadlines "

// Insert writes a new deadline and gives it its id.
func Insert(tx *store.Tx, d *deadline.Deadline) error {
	d.ID = tx.NewID(d.StartedAt)
	_, err := tx.Exec("insert into deadlines(id, incident_id, clock, subject, severity, state, started_at, warn_at, due_at, ended_at, generation, clauses, evidence) values($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)",
		int64(d.ID), int64(d.IncidentID), d.Clock, d.Subject, d.Severity.String(), string(d.State), store.Micros(d.StartedAt), store.Micros(d.WarnAt), store.Micros(d.DueAt), store.Micros(d.EndedAt), d.Generation, store.J(d.Clauses), store.J(d.Evidence))
	return err
}

// Update writes what may change of a deadline.
func Update(tx *store.Tx, d *deadline.Deadline) error {
	_, err := tx.Exec("update deadlines set state = $2, warn_at = $3, due_at = $4, ended_at = $5, generation = $6, evidence = $7 where id = $1",
		int64(d.ID), string(d.State), store.Micros(d.WarnAt), store.Micros(d.DueAt), store.Micros(d.EndedAt), d.Generation, store.J(d.Evidence))
	return err
}

// Get reads and locks one deadline.
func Get(tx *store.Tx, id ident.ID) (*deadline.Deadline, error) {
	ds, err := list(tx, sel+"where id = $1"+tx.ForUpdate(), int64(id))
	if err != nil {
		return nil, err
	}
	if len(ds) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such deadline")
	}
	return ds[0], nil
}

// Of lists an incident's deadlines in the order they began.
func Of(tx *store.Tx, incident ident.ID) ([]*deadline.Deadline, error) {
	return list(tx, sel+"where incident_id = $1 order by id", int64(incident))
}

// OfAll lists the deadlines of some incidents, in the order they began.
func OfAll(tx *store.Tx, incidents []ident.ID) ([]*deadline.Deadline, error) {
	if len(incidents) == 0 {
		return nil, nil
	}
	args := make([]any, len(incidents))
	for i, id := range incidents {
		args[i] = int64(id)
	}
	return list(tx, sel+"where incident_id in ("+store.In(len(args), 1)+") order by id", args...)
}

// Running lists the deadlines of some incidents that can still be met or
// breached, in the order they are due.
func Running(tx *store.Tx, incidents []ident.ID) ([]*deadline.Deadline, error) {
	if len(incidents) == 0 {
		return nil, nil
	}
	args := make([]any, len(incidents))
	for i, id := range incidents {
		args[i] = int64(id)
	}
	return list(tx, sel+"where incident_id in ("+store.In(len(args), 1)+") and state in ('pending','warned') order by due_at, id", args...)
}

func list(tx *store.Tx, query string, args ...any) ([]*deadline.Deadline, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*deadline.Deadline
	for rows.Next() {
		d := new(deadline.Deadline)
		var id, inc, started, warn, due, ended int64
		var sev, state string
		var clauses store.JSON[[]string]
		var evidence store.JSON[deadline.Evidence]
		if err := rows.Scan(&id, &inc, &d.Clock, &d.Subject, &sev, &state, &started, &warn, &due, &ended, &d.Generation, &clauses, &evidence); err != nil {
			return nil, err
		}
		d.ID, d.IncidentID, d.State = ident.ID(id), ident.ID(inc), deadline.State(state)
		d.Severity, _ = procedure.ParseSeverity(sev)
		d.StartedAt, d.WarnAt, d.DueAt, d.EndedAt = store.Time(started), store.Time(warn), store.Time(due), store.Time(ended)
		d.Clauses, d.Evidence = clauses.V, evidence.V
		out = append(out, d)
	}
	return out, rows.Err()
}
