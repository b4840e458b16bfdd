package accounts

import (
	"time"

	"allclear/internal/store"
)

// Kept is a request that was made under an idempotency key, and its answer.
type Kept struct {
	Key       string // hash of caller and key
	Request   string // hash of what was asked
	Status    int    // 0: still at work, or the process ended at work
	Headers   map[string]string
	Body      string
	CreatedAt time.Time
}

const (
	keptByKey  = "select key, request, status, headers, body, created_at from idempotency where key = $1"
	insertKept = "insert into idempotency(key, request, status, headers, body, created_at) values($1,$2,0,'','',$3) on conflict(key) do nothing"
	answerKept = "update idempotency set status = $3, headers = $4, body = $5 where key = $1 and created_at = $2"
	retakeKept = "update idempotency set created_at = $3 where key = $1 and created_at = $2 and status = 0"
	dropKept   = "delete from idempotency where key = $1 and created_at = $2"
	pruneKept  = "delete from idempotency where created_at <= $1"
)

// FindKept reads what is kept under a key; nil when nothing is.
func FindKept(tx *store.Tx, key string) (*Kept, error) {
	var k Kept
	var created int64
	var headers store.JSON[map[string]string]
	err := tx.QueryRow(keptByKey, key).Scan(&k.Key, &k.Request, &k.Status, &headers, &k.Body, &created)
	if store.NotFound(err) {
		return nil, nil
	}
	k.Headers, k.CreatedAt = headers.V, store.Time(created)
	return &k, err
}

// Claim takes a key that nobody has; it reports whether it did.
func Claim(tx *store.Tx, key, request string, now time.Time) (bool, error) {
	n, err := tx.Exec(insertKept, key, request, store.Micros(now))
	return n == 1, err
}

// Retake takes a key over whose holder left it unanswered since the given
// instant; it reports whether it did.
func Retake(tx *store.Tx, key string, since, now time.Time) (bool, error) {
	n, err := tx.Exec(retakeKept, key, store.Micros(since), store.Micros(now))
	return n == 1, err
}

// Answer keeps the answer of a claim; a claim that was taken over is left.
func Answer(tx *store.Tx, k Kept) error {
	_, err := tx.Exec(answerKept, k.Key, store.Micros(k.CreatedAt), k.Status, store.J(k.Headers), k.Body)
	return err
}

// Drop gives a claim up, so that the request can be made again.
func Drop(tx *store.Tx, key string, claimed time.Time) error {
	_, err := tx.Exec(dropKept, key, store.Micros(claimed))
	return err
}

// PruneKept forgets what was kept at or before the instant.
func PruneKept(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(pruneKept, store.Micros(before))
	return err
}
