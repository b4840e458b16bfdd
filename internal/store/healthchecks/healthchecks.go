// Package healthchecks holds the SQL of the health checks of customers. A customer
// has one at most that is still to be made. It must not know when one is due.
package healthchecks

import (
	"maps"
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/healthcheck"
	"allclear/internal/store"
)

const (
	sel   = "select id, customer_id, since, asked_at, late_at, done_at, doc from health_checks "
	qOpen = sel + "where done_at = 0 order by customer_id"
	qOne  = sel + "where customer_id = $1 and done_at = 0"
	qOf   = sel + "where customer_id = $1 order by id desc limit 200"
	qSave = "update health_checks set asked_at = $2, late_at = $3, done_at = $4, doc = $5 where id = $1"
	qLast = sel + "where id in (select max(id) from health_checks where done_at > 0 group by customer_id)"
	qDrop = "delete from health_checks where id = $1 and done_at = 0"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qOpen, qOne, qOf, qLast, qSave, qDrop} }

// Begin writes checks that are to be made, by customer since when they are counted;
// customers that have one keep it.
func Begin(tx *store.Tx, since map[string]time.Time, now time.Time) error {
	rows := make([][]any, 0, len(since))
	for _, c := range slices.Sorted(maps.Keys(since)) {
		rows = append(rows, []any{int64(tx.NewID(now)), c, store.Micros(since[c]), 0, 0, 0, "{}"})
	}
	return tx.InsertMany("health_checks", []string{"id", "customer_id", "since", "asked_at", "late_at", "done_at", "doc"}, rows, "on conflict do nothing")
}

// Open lists the checks that are to be made, by customer.
func Open(tx *store.Tx) ([]*healthcheck.Check, error) { return list(tx, qOpen) }

// One reads and locks the check of a customer that is to be made; nil without one.
func One(tx *store.Tx, customer string) (*healthcheck.Check, error) {
	all, err := list(tx, qOne+tx.ForUpdate(), customer)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Of lists the checks of a customer, the newest first, 200 at most.
func Of(tx *store.Tx, customer string) ([]*healthcheck.Check, error) {
	return list(tx, qOf, customer)
}

// Latest lists the last check that was made of each customer.
func Latest(tx *store.Tx) ([]*healthcheck.Check, error) { return list(tx, qLast) }

// Save writes what became of a check.
func Save(tx *store.Tx, c *healthcheck.Check) error {
	_, err := tx.Exec(qSave, int64(c.ID), store.Micros(c.AskedAt), store.Micros(c.LateAt), store.Micros(c.DoneAt), store.J(&c.Record))
	return err
}

// Drop removes a check that nobody asks for any more; one that was made stays.
func Drop(tx *store.Tx, id ident.ID) error {
	_, err := tx.Exec(qDrop, int64(id))
	return err
}

func list(tx *store.Tx, query string, args ...any) (out []*healthcheck.Check, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, since, asked, late, done int64
		var customer string
		var doc store.JSON[healthcheck.Record]
		if err := rows.Scan(&id, &customer, &since, &asked, &late, &done, &doc); err != nil {
			return nil, err
		}
		out = append(out, &healthcheck.Check{
			ID: ident.ID(id), Customer: customer, Since: store.Time(since), AskedAt: store.Time(asked), LateAt: store.Time(late), DoneAt: store.Time(done), Record: doc.V,
		})
	}
	return out, rows.Err()
}
