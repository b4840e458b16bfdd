// Package vendors holds the SQL of what other companies say about the state of
// their services, and which incidents were told of it. It must not read their
// documents, nor decide what a state means.
package vendors

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/vendor"
	"allclear/internal/store"
)

// Status is what is known of one vendor.
type Status struct {
	ID    string       `json:"-"`
	State vendor.State `json:"-"`
	Since time.Time    `json:"-"` // it has been like this
	DueAt time.Time    `json:"-"` // of the next reading

	Read         vendor.State     `json:"read,omitempty"` // what the document said, when it could be read
	What         string           `json:"what,omitempty"`
	Troubles     []vendor.Trouble `json:"troubles,omitempty"`
	Missing      []string         `json:"missing,omitempty"` // components their document does not know
	Config       string           `json:"config,omitempty"`  // what was asked for when the document was last read whole
	ETag         string           `json:"etag,omitempty"`
	Modified     string           `json:"modified,omitempty"`
	ReadAt       time.Time        `json:"read_at,omitzero"` // last tried
	SucceededAt  time.Time        `json:"succeeded_at,omitzero"`
	FailingSince time.Time        `json:"failing_since,omitzero"`
	RedSince     time.Time        `json:"red_since,omitzero"` // what depends on it may suffer
	Error        string           `json:"error,omitempty"`    // of the last reading; empty: it went well
}

const (
	sel     = "select vendor_id, state, since, due_at, doc from vendor_states "
	qAll    = sel + "order by vendor_id"
	qGet    = sel + "where vendor_id = $1"
	qDue    = sel + "where due_at <= $1 order by due_at, vendor_id limit $2"
	qRed    = sel + "where state in ('degraded','outage') order by vendor_id"
	qAdd    = "insert into vendor_states(vendor_id, state, since, due_at, doc) values($1,$2,$3,$4,$5) on conflict(vendor_id) do nothing"
	qMove   = "update vendor_states set due_at = $2 where vendor_id = $1"
	qSave   = "update vendor_states set state = $2, since = $3, doc = $4 where vendor_id = $1"
	qDrop   = "delete from vendor_states where vendor_id = $1"
	qForget = "delete from vendor_notes where vendor_id = $1"
	qNote   = "insert into vendor_notes(vendor_id, incident_id, since) values($1,$2,$3) on conflict(vendor_id, incident_id, since) do nothing"
	qNoted  = "select incident_id from vendor_notes where vendor_id = $1 and since = $2 order by incident_id"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qAll, qGet, qDue, qRed, qAdd, qMove, qSave, qDrop, qForget, qNote, qNoted}
}

// Add makes a vendor's row, unless there is one.
func Add(tx *store.Tx, id string, now time.Time) error {
	_, err := tx.Exec(qAdd, id, string(vendor.Unknown), store.Micros(now), store.Micros(now), store.J(Status{}))
	return err
}

// All lists what is known, by id.
func All(tx *store.Tx) ([]*Status, error) { return list(tx, qAll) }

// Red lists those that are degraded or out.
func Red(tx *store.Tx) ([]*Status, error) { return list(tx, qRed) }

// Lock reads one and keeps others from changing it; nil when there is none.
func Lock(tx *store.Tx, id string) (*Status, error) {
	all, err := list(tx, qGet+tx.ForUpdate(), id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Claim returns what is to be read at now and moves it to next, so that one node
// reads it; one that dies meanwhile costs a turn.
func Claim(tx *store.Tx, now, next time.Time, limit int) ([]*Status, error) {
	due, err := list(tx, qDue+tx.SkipLocked(), store.Micros(now), limit)
	for _, s := range due {
		if _, err := tx.Exec(qMove, s.ID, store.Micros(next)); err != nil {
			return nil, err
		}
	}
	return due, err
}

// Due moves the next reading.
func Due(tx *store.Tx, id string, at time.Time) error {
	_, err := tx.Exec(qMove, id, store.Micros(at))
	return err
}

// Save writes what a reading found.
func Save(tx *store.Tx, s *Status) error {
	_, err := tx.Exec(qSave, s.ID, string(s.State), store.Micros(s.Since), store.J(s))
	return err
}

// Drop forgets a vendor.
func Drop(tx *store.Tx, id string) error {
	if _, err := tx.Exec(qForget, id); err != nil {
		return err
	}
	_, err := tx.Exec(qDrop, id)
	return err
}

// Note remembers that an incident was told of the trouble that began at since; it
// reports whether it had not been.
func Note(tx *store.Tx, id string, inc ident.ID, since time.Time) (bool, error) {
	n, err := tx.Exec(qNote, id, int64(inc), store.Micros(since))
	return n == 1, err
}

// Noted lists the incidents that were told of it.
func Noted(tx *store.Tx, id string, since time.Time) (out []ident.ID, err error) {
	rows, err := tx.Query(qNoted, id, store.Micros(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, ident.ID(n))
	}
	return out, rows.Err()
}

func list(tx *store.Tx, query string, args ...any) (out []*Status, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, state string
		var since, due int64
		var doc store.JSON[Status]
		if err := rows.Scan(&id, &state, &since, &due, &doc); err != nil {
			return nil, err
		}
		s := doc.V
		s.ID, s.State, s.Since, s.DueAt = id, vendor.State(state), store.Time(since), store.Time(due)
		out = append(out, &s)
	}
	return out, rows.Err()
}
