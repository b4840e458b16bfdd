// Package timers holds the SQL of durable due times. A timer is fired and
// removed in one transaction with its effects, so it happens exactly once.
// It must not know what a kind means.
package timers

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Timer asks for a handler by kind at DueAt. Ref says about what; kind and ref
// together are unique, so setting a timer again moves it.
type Timer struct {
	ID         ident.ID
	Kind       string
	Ref        string
	IncidentID ident.ID
	DueAt      time.Time
	Generation int64
	Attempts   int64
	LastError  string
}

// Set arms or moves the timer.
func Set(tx *store.Tx, t Timer, now time.Time) error {
	_, err := tx.Exec("insert into timers(id, kind, ref, incident_id, due_at, generation, attempts, last_error) values($1,$2,$3,$4,$5,$6,0,'') on conflict(kind, ref) do update set due_at = excluded.due_at, generation = excluded.generation, attempts = 0, last_error = ''",
		int64(tx.NewID(now)), t.Kind, t.Ref, int64(t.IncidentID), store.Micros(t.DueAt), t.Generation)
	return err
}

// Cancel removes the timer if it is armed.
func Cancel(tx *store.Tx, kind, ref string) error {
	_, err := tx.Exec("delete from timers where kind = $1 and ref = $2", kind, ref)
	return err
}

// CancelOf removes the incident's timers of the kind.
func CancelOf(tx *store.Tx, kind string, incident ident.ID) error {
	_, err := tx.Exec("delete from timers where incident_id = $1 and kind = $2", int64(incident), kind)
	return err
}

// Take removes and returns timers due at now, in order of due time; where the
// engine has several nodes, each timer goes to one of them.
func Take(tx *store.Tx, now time.Time, limit int) ([]Timer, error) {
	rows, err := tx.Query("select id, kind, ref, incident_id, due_at, generation, attempts, last_error from timers where due_at <= $1 order by due_at, id limit $2"+tx.SkipLocked(), store.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Timer
	for rows.Next() {
		var t Timer
		var id, inc, due int64
		if err := rows.Scan(&id, &t.Kind, &t.Ref, &inc, &due, &t.Generation, &t.Attempts, &t.LastError); err != nil {
			return nil, err
		}
		t.ID, t.IncidentID, t.DueAt = ident.ID(id), ident.ID(inc), store.Time(due)
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for lo := 0; lo < len(out); lo += 100 {
		part := out[lo:min(lo+100, len(out))]
		ids := make([]any, len(part))
		for i, t := range part {
			ids[i] = int64(t.ID)
		}
		if _, err := tx.Exec("delete from timers where id in ("+store.In(len(ids), 1)+")", ids...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Fail puts a timer back whose handler failed, for another try at due.
func Fail(tx *store.Tx, t Timer, due time.Time, why string) error {
	_, err := tx.Exec("insert into timers(id, kind, ref, incident_id, due_at, generation, attempts, last_error) values($1,$2,$3,$4,$5,$6,$7,$8) on conflict(kind, ref) do nothing",
		int64(t.ID), t.Kind, t.Ref, int64(t.IncidentID), store.Micros(due), t.Generation, t.Attempts+1, why)
	return err
}

// Next is the earliest due time; ok is false when no timer is armed.
func Next(tx *store.Tx) (at time.Time, ok bool, err error) {
	var us *int64
	if err := tx.QueryRow("select min(due_at) from timers").Scan(&us); err != nil || us == nil {
		return at, false, err
	}
	return store.Time(*us), true, nil
}

// Overdue counts the timers that were due before an instant, with the oldest of
// them, and those whose handler has failed again and again.
func Overdue(tx *store.Tx, before time.Time, fails int64) (n int64, oldest time.Time, failing int64, err error) {
	var us *int64
	if err := tx.QueryRow("select count(*), min(due_at) from timers where due_at < $1", store.Micros(before)).Scan(&n, &us); err != nil {
		return 0, oldest, 0, err
	}
	if us != nil {
		oldest = store.Time(*us)
	}
	err = tx.QueryRow("select count(*) from timers where attempts >= $1", fails).Scan(&failing)
	return n, oldest, failing, err
}
