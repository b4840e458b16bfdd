// Package allowances holds the SQL of how often strangers have tried something. It
// must not know what they tried, nor who they are: a bucket is a fingerprint.
package allowances

import (
	"time"

	"allclear/internal/store"
)

const (
	qTake   = "insert into allowances(bucket, slot, used) values($1,$2,1) on conflict(bucket, slot) do update set used = allowances.used + 1 returning used"
	qForget = "delete from allowances where slot < $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qTake, qForget} }

// Take uses one of what a bucket holds for each span of time and reports how much
// is used now.
func Take(tx *store.Tx, bucket string, span time.Duration, now time.Time) (used int, err error) {
	err = tx.QueryRow(qTake, bucket+" "+span.String(), store.Micros(now.UTC().Truncate(span))).Scan(&used)
	return used, err
}

// Forget removes counters of before an instant.
func Forget(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(qForget, store.Micros(before))
	return err
}
