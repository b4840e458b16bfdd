// Package measures holds the SQL of what is done for customers in and after outages.
// It must not know when a measure is called for.
package measures

import (
	"allclear/internal/base/ident"
	"allclear/internal/domain/continuity"
	"allclear/internal/store"
)

const (
	sel     = "select id, kind, incident_id, customer_id, at, ended_at, doc from measures "
	qOne    = sel + "where id = $1"
	qOf     = sel + "where incident_id = $1 and kind = $2 order by id desc limit 500"
	qOpen   = sel + "where kind = $1 and ended_at = 0 order by id desc"
	qOn     = sel + "where customer_id = $1 and kind = $2 order by id desc limit 200"
	qInsert = "insert into measures(id, kind, incident_id, customer_id, at, ended_at, doc) values($1, $2, $3, $4, $5, $6, $7)"
	qSave   = "update measures set ended_at = $2, doc = $3 where id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qOne, qOf, qOpen, qOn, qInsert, qSave} }

// Insert writes a new measure and gives it an id.
func Insert(tx *store.Tx, m *continuity.Measure) error {
	m.ID = tx.NewID(m.At)
	_, err := tx.Exec(qInsert, int64(m.ID), string(m.Kind), int64(m.IncidentID), m.Customer, store.Micros(m.At), store.Micros(m.EndedAt), store.J(&m.Record))
	return err
}

// Save writes what became of a measure.
func Save(tx *store.Tx, m *continuity.Measure) error {
	_, err := tx.Exec(qSave, int64(m.ID), store.Micros(m.EndedAt), store.J(&m.Record))
	return err
}

// One reads and locks a measure; nil without one.
func One(tx *store.Tx, id ident.ID) (*continuity.Measure, error) {
	all, err := list(tx, qOne+tx.ForUpdate(), int64(id))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Of lists the measures of an incident, the newest first, 500 at most.
func Of(tx *store.Tx, incident ident.ID, kind continuity.Kind) ([]*continuity.Measure, error) {
	return list(tx, qOf, int64(incident), string(kind))
}

// Open lists those of a kind that stand, the newest first.
func Open(tx *store.Tx, kind continuity.Kind) ([]*continuity.Measure, error) {
	return list(tx, qOpen, string(kind))
}

// On lists those of a customer, the newest first, 200 at most.
func On(tx *store.Tx, customer string, kind continuity.Kind) ([]*continuity.Measure, error) {
	return list(tx, qOn, customer, string(kind))
}

func list(tx *store.Tx, query string, args ...any) (out []*continuity.Measure, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, inc, at, ended int64
		var kind, customer string
		var doc store.JSON[continuity.Record]
		if err := rows.Scan(&id, &kind, &inc, &customer, &at, &ended, &doc); err != nil {
			return nil, err
		}
		out = append(out, &continuity.Measure{
			ID: ident.ID(id), Kind: continuity.Kind(kind), IncidentID: ident.ID(inc), Customer: customer, At: store.Time(at), EndedAt: store.Time(ended), Record: doc.V,
		})
	}
	return out, rows.Err()
}
