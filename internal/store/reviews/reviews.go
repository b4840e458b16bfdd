// Package reviews holds the SQL of the reviews of incidents. An incident has one at
// most. It must not know what a review needs.
package reviews

import (
	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/review"
	"allclear/internal/store"
)

const (
	sel     = "select id, incident_id, opened_at, signed_at, doc from reviews "
	qGet    = sel + "where id = $1"
	qOf     = sel + "where incident_id = $1"
	qList   = sel + "where id < $1 order by id desc limit $2"
	qOpen   = sel + "where id < $1 and signed_at = 0 order by id desc limit $2"
	qInsert = "insert into reviews(id, incident_id, opened_at, signed_at, doc) values($1,$2,$3,$4,$5) on conflict do nothing"
	qUpdate = "update reviews set signed_at = $2, doc = $3 where id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qGet, qOf, qList, qOpen, qInsert, qUpdate} }

// Insert writes a new review; false when the incident has one already.
func Insert(tx *store.Tx, r *review.Review) (bool, error) {
	r.ID = tx.NewID(r.OpenedAt)
	n, err := tx.Exec(qInsert, int64(r.ID), int64(r.IncidentID), store.Micros(r.OpenedAt), store.Micros(r.SignedAt), store.J(&r.Record))
	return n == 1, err
}

// Update writes what may change of a review.
func Update(tx *store.Tx, r *review.Review) error {
	_, err := tx.Exec(qUpdate, int64(r.ID), store.Micros(r.SignedAt), store.J(&r.Record))
	return err
}

// Lock reads and locks the review of an incident; nil when it has none.
func Lock(tx *store.Tx, incident ident.ID) (*review.Review, error) {
	return one(tx, qOf+tx.ForUpdate(), int64(incident))
}

// Of reads the review of an incident; nil when it has none.
func Of(tx *store.Tx, incident ident.ID) (*review.Review, error) {
	return one(tx, qOf, int64(incident))
}

// Get reads a review. Error: fault.NotFound.
func Get(tx *store.Tx, id ident.ID) (*review.Review, error) {
	r, err := one(tx, qGet, int64(id))
	if err == nil && r == nil {
		err = fault.New(fault.NotFound, "there is no such review")
	}
	return r, err
}

// List lists reviews below an id, the newest first; open ones only when asked.
func List(tx *store.Tx, before ident.ID, open bool, limit int) ([]*review.Review, error) {
	query := qList
	if open {
		query = qOpen
	}
	if before == 0 {
		before = 1<<63 - 1
	}
	return list(tx, query, int64(before), limit)
}

func one(tx *store.Tx, query string, args ...any) (*review.Review, error) {
	all, err := list(tx, query, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func list(tx *store.Tx, query string, args ...any) (out []*review.Review, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, inc, opened, signed int64
		var doc store.JSON[review.Record]
		if err := rows.Scan(&id, &inc, &opened, &signed, &doc); err != nil {
			return nil, err
		}
		out = append(out, &review.Review{ID: ident.ID(id), IncidentID: ident.ID(inc), OpenedAt: store.Time(opened), SignedAt: store.Time(signed), Record: doc.V})
	}
	return out, rows.Err()
}
