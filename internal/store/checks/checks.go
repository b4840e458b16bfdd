// Package checks holds the SQL of how synthetic checks stand: one row for each
// check and place it is made from. It must not decide what a result means.
package checks

import (
	"time"

	"allclear/internal/domain/check"
	"allclear/internal/store"
)

// Row is how a check stands at one place.
type Row struct {
	check.Standing
	Check       string
	Service     string    // that its samples belong to
	DueAt       time.Time // when the server makes it next; of its own place alone
	Took        time.Duration
	SucceededAt time.Time
	FailedAt    time.Time
}

const (
	columns = "check_id, probe, service_id, due_at, expected_at, ran_at, up, streak, took, certificate_until, succeeded_at, failed_at, error"
	sel     = "select " + columns + " from check_results "
	qAll    = sel + "order by check_id, probe"
	qOf     = sel + "where check_id = $1 order by probe"
	qDue    = sel + "where probe = $1 and due_at <= $2 order by due_at, check_id limit $3"
	qAny    = "select exists(select 1 from check_results where probe = $1 and due_at <= $2)"
	qMove   = "update check_results set due_at = $3 where check_id = $1 and probe = $2"
	qInsert = "insert into check_results(" + columns + ") values($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13) on conflict(check_id, probe) do nothing"
	qSave   = "update check_results set due_at = $3, expected_at = $4, ran_at = $5, up = $6, streak = $7, took = $8, certificate_until = $9, succeeded_at = $10, failed_at = $11, error = $12 where check_id = $1 and probe = $2"
	qDrop   = "delete from check_results where check_id = $1 and probe = $2"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qAll, qOf, qDue, qAny, qMove, qInsert, qSave, qDrop} }

// All lists every row.
func All(tx *store.Tx) ([]Row, error) { return list(tx, qAll) }

// Of lists the rows of a check.
func Of(tx *store.Tx, id string) ([]Row, error) { return list(tx, qOf, id) }

// Lock lists them and keeps every other transaction from changing them until this
// one ends: what they say together must not miss one that comes in beside it.
func Lock(tx *store.Tx, id string) ([]Row, error) { return list(tx, qOf+tx.ForUpdate(), id) }

// Any reports whether a check is due at a place.
func Any(tx *store.Tx, probe string, now time.Time) (some bool, err error) {
	err = tx.QueryRow(qAny, probe, store.Micros(now)).Scan(&some)
	return some, err
}

// Claim returns what is due at a place and that no other node has claimed, locked
// until the transaction ends. Move each on in the same transaction: a node that
// dies while it makes the check costs a round.
func Claim(tx *store.Tx, probe string, now time.Time, limit int) ([]Row, error) {
	return list(tx, qDue+tx.SkipLocked(), probe, store.Micros(now), limit)
}

// Move sets when a check is due next at a place.
func Move(tx *store.Tx, id, probe string, at time.Time) error {
	_, err := tx.Exec(qMove, id, probe, store.Micros(at))
	return err
}

// Insert writes a row, unless it is there.
func Insert(tx *store.Tx, r *Row) error {
	_, err := tx.Exec(qInsert, r.Check, r.Probe, r.Service, store.Micros(r.DueAt), store.Micros(r.ExpectedAt), store.Micros(r.At), r.Up, r.Streak, r.Took.Microseconds(),
		store.Micros(r.Until), store.Micros(r.SucceededAt), store.Micros(r.FailedAt), r.Why)
	return err
}

// Save writes what is known now.
func Save(tx *store.Tx, r *Row) error {
	_, err := tx.Exec(qSave, r.Check, r.Probe, store.Micros(r.DueAt), store.Micros(r.ExpectedAt), store.Micros(r.At), r.Up, r.Streak, r.Took.Microseconds(),
		store.Micros(r.Until), store.Micros(r.SucceededAt), store.Micros(r.FailedAt), r.Why)
	return err
}

// Drop forgets a check at a place.
func Drop(tx *store.Tx, id, probe string) error {
	_, err := tx.Exec(qDrop, id, probe)
	return err
}

func list(tx *store.Tx, query string, args ...any) ([]Row, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		var r Row
		var due, expected, ran, took, until, succeeded, failed int64
		err := rows.Scan(&r.Check, &r.Probe, &r.Service, &due, &expected, &ran, &r.Up, &r.Streak, &took, &until, &succeeded, &failed, &r.Why)
		if err != nil {
			return nil, err
		}
		r.DueAt, r.ExpectedAt, r.At, r.Until = store.Time(due), store.Time(expected), store.Time(ran), store.Time(until)
		r.SucceededAt, r.FailedAt, r.Took = store.Time(succeeded), store.Time(failed), time.Duration(took)*time.Microsecond
		out = append(out, r)
	}
	return out, rows.Err()
}
