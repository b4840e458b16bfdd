// Package inquiries holds the SQL of how causes are looked for: one row for each
// hypothesis, decision, workstream, solution, update, finding and measurement. It
// must not know what an entry may say.
package inquiries

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/store"
)

// Row is an entry with its document.
type Row struct {
	ID         ident.ID
	IncidentID ident.ID
	Kind       inquiry.Kind
	DueAt      time.Time // when it is to be worked on; zero: it is not
	Doc        json.RawMessage
}

const (
	sel    = "select id, incident_id, kind, due_at, doc from inquiries "
	qOf    = sel + "where incident_id = $1 order by id"
	qGet   = sel + "where id = $1 and kind = $2"
	qDue   = sel + "where due_at > 0 and due_at <= $1 order by due_at, id limit $2"
	qMove  = "update inquiries set due_at = $2 where id = $1"
	qSave  = "update inquiries set due_at = $2, doc = $3 where id = $1"
	qAdd   = "insert into inquiries(id, incident_id, kind, due_at, doc) values($1,$2,$3,$4,$5)"
	qCount = "select count(*) from inquiries where incident_id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qOf, qGet, qDue, qMove, qSave, qAdd, qCount} }

// Add writes a new entry.
func Add(tx *store.Tx, r *Row) error {
	_, err := tx.Exec(qAdd, int64(r.ID), int64(r.IncidentID), string(r.Kind), store.Micros(r.DueAt), string(r.Doc))
	return err
}

// Save writes what an entry says now.
func Save(tx *store.Tx, r *Row) error {
	_, err := tx.Exec(qSave, int64(r.ID), store.Micros(r.DueAt), string(r.Doc))
	return err
}

// Of lists an incident's entries, the oldest first.
func Of(tx *store.Tx, incident ident.ID) ([]Row, error) { return list(tx, qOf, int64(incident)) }

// OfAll lists the entries of a kind of some incidents.
func OfAll(tx *store.Tx, incidents []ident.ID, kinds ...inquiry.Kind) ([]Row, error) {
	if len(incidents) == 0 || len(kinds) == 0 {
		return nil, nil
	}
	args := make([]any, 0, len(incidents)+len(kinds))
	for _, id := range incidents {
		args = append(args, int64(id))
	}
	for _, k := range kinds {
		args = append(args, string(k))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%swhere incident_id in (%s) and kind in (%s) order by id", sel, store.In(len(incidents), 1), store.In(len(kinds), len(incidents)+1))
	return list(tx, b.String(), args...)
}

// Count is how many entries an incident has.
func Count(tx *store.Tx, incident ident.ID) (n int, err error) {
	err = tx.QueryRow(qCount, int64(incident)).Scan(&n)
	return n, err
}

// Get reads one of a kind; nil when there is none.
func Get(tx *store.Tx, id ident.ID, kind inquiry.Kind) (*Row, error) {
	return one(tx, qGet, int64(id), string(kind))
}

// Lock reads one and keeps others from changing it until the transaction ends.
func Lock(tx *store.Tx, id ident.ID, kind inquiry.Kind) (*Row, error) {
	return one(tx, qGet+tx.ForUpdate(), int64(id), string(kind))
}

// Claim returns what is to be worked on at now and moves it to next, so that one
// node works on it; one that dies meanwhile costs the time until then.
func Claim(tx *store.Tx, now, next time.Time, limit int) ([]Row, error) {
	due, err := list(tx, qDue+tx.SkipLocked(), store.Micros(now), limit)
	for _, r := range due {
		if _, err := tx.Exec(qMove, int64(r.ID), store.Micros(next)); err != nil {
			return nil, err
		}
	}
	return due, err
}

// Due reports whether something is to be worked on at now.
func Due(tx *store.Tx, now time.Time) (bool, error) {
	due, err := list(tx, qDue, store.Micros(now), 1)
	return len(due) > 0, err
}

func one(tx *store.Tx, query string, args ...any) (*Row, error) {
	all, err := list(tx, query, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

func list(tx *store.Tx, query string, args ...any) (out []Row, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, inc, due int64
		var kind, doc string
		if err := rows.Scan(&id, &inc, &kind, &due, &doc); err != nil {
			return nil, err
		}
		out = append(out, Row{ident.ID(id), ident.ID(inc), inquiry.Kind(kind), store.Time(due), json.RawMessage(doc)})
	}
	return out, rows.Err()
}
