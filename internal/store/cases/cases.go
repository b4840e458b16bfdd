// Package cases holds the SQL of cases with outside partners. It must not know how a
// partner is reached.
package cases

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/partner"
	"allclear/internal/store"
)

const (
	sel       = "select id, incident_id, partner, kind, state, look_at, doc from cases "
	qGet      = sel + "where id = $1"
	qOf       = sel + "where incident_id = $1 order by id"
	qStanding = sel + "where state in ('asked','to_open','open') order by id desc limit $1"
	qDue      = sel + "where look_at > 0 and look_at <= $1 order by look_at, id limit $2"
	qSome     = "select 1 from cases where look_at > 0 and look_at <= $1 limit 1"
	qInsert   = "insert into cases(id, incident_id, partner, kind, state, look_at, doc) values($1,$2,$3,$4,$5,$6,$7)"
	qSave     = "update cases set incident_id = $2, state = $3, look_at = $4, doc = $5 where id = $1"
	qMove     = "update cases set incident_id = $2 where incident_id = $1"
	qLook     = "update cases set look_at = $2 where id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qGet, qOf, qStanding, qDue, qSome, qInsert, qSave, qMove, qLook}
}

// Insert writes a new case and gives it an id.
func Insert(tx *store.Tx, c *partner.Case, now time.Time) error {
	c.ID = tx.NewID(now)
	_, err := tx.Exec(qInsert, int64(c.ID), int64(c.Incident), c.Partner, string(c.Kind), string(c.State), store.Micros(c.LookAt), store.J(&c.Record))
	return err
}

// Save writes what became of a case.
func Save(tx *store.Tx, c *partner.Case) error {
	_, err := tx.Exec(qSave, int64(c.ID), int64(c.Incident), string(c.State), store.Micros(c.LookAt), store.J(&c.Record))
	return err
}

// Take reads and locks a case.
func Take(tx *store.Tx, id ident.ID) (*partner.Case, error) { return one(tx, qGet+tx.ForUpdate(), id) }

// Get reads a case.
func Get(tx *store.Tx, id ident.ID) (*partner.Case, error) { return one(tx, qGet, id) }

// Of lists the cases of an incident, oldest first.
func Of(tx *store.Tx, incident ident.ID) ([]*partner.Case, error) {
	return list(tx, qOf, int64(incident))
}

// Standing lists cases of which something is still to come, newest first.
func Standing(tx *store.Tx, limit int) ([]*partner.Case, error) { return list(tx, qStanding, limit) }

// Due reports whether the desk of any case is to be asked.
func Due(tx *store.Tx, now time.Time) (bool, error) {
	var one int
	err := tx.QueryRow(qSome, store.Micros(now)).Scan(&one)
	if store.NotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// Claim takes cases whose desk is to be asked and sets when it is asked again, so that
// another node leaves them alone.
func Claim(tx *store.Tx, now, again time.Time, limit int) ([]*partner.Case, error) {
	due, err := list(tx, qDue+tx.SkipLocked(), store.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	for _, c := range due {
		c.LookAt = again
		if _, err := tx.Exec(qLook, int64(c.ID), store.Micros(again)); err != nil {
			return nil, err
		}
	}
	return due, nil
}

// Move hands the cases of an incident to another.
func Move(tx *store.Tx, from, to ident.ID) error {
	_, err := tx.Exec(qMove, int64(from), int64(to))
	return err
}

func one(tx *store.Tx, query string, id ident.ID) (*partner.Case, error) {
	all, err := list(tx, query, int64(id))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such case")
	}
	return all[0], nil
}

func list(tx *store.Tx, query string, args ...any) (out []*partner.Case, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, incident, look int64
		c := new(partner.Case)
		var kind, state string
		var doc store.JSON[partner.Record]
		if err := rows.Scan(&id, &incident, &c.Partner, &kind, &state, &look, &doc); err != nil {
			return nil, err
		}
		c.ID, c.Incident, c.Kind, c.State, c.LookAt, c.Record = ident.ID(id), ident.ID(incident), partner.Kind(kind), partner.State(state), store.Time(look), doc.V
		out = append(out, c)
	}
	return out, rows.Err()
}
