package rotas

import (
	"time"

	"allclear/internal/store"
)

const (
	qKnown  = "select from_at, until_at from rota_findings where subject = $1 and from_at <= $3 and until_at >= $2 order by from_at"
	qForget = "delete from rota_findings where subject = $1 and from_at <= $3 and until_at >= $2"
	qKeep   = "insert into rota_findings(subject, from_at, until_at) values($1,$2,$3)"
	qOver   = "delete from rota_findings where until_at < $1"
)

// Known reports whether a finding about the subject that touches the stretch
// was kept before, and keeps this one in any case: what was told once is known
// although its edges move from one look to the next.
func Known(tx *store.Tx, subject string, from, until time.Time) (known bool, err error) {
	lo, hi := store.Micros(from), store.Micros(until)
	rows, err := tx.Query(qKnown, subject, lo, hi)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	a, b := lo, hi
	for rows.Next() {
		var f, u int64
		if err := rows.Scan(&f, &u); err != nil {
			return false, err
		}
		known, a, b = true, min(a, f), max(b, u)
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	rows.Close()
	if _, err := tx.Exec(qForget, subject, lo, hi); err != nil {
		return false, err
	}
	_, err = tx.Exec(qKeep, subject, a, b)
	return known, err
}

// Over forgets findings that were over before the instant.
func Over(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(qOver, store.Micros(before))
	return err
}
