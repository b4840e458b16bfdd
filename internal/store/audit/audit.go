// Package audit holds the SQL of the seals over the append-only record: a leaf
// for each entry, and signed checkpoints. It must not judge or sign.
package audit

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/audit"
	"allclear/internal/store"
)

// The queries, one text for both engines.
const (
	qInit     = "insert into counters(name, value) values('audit', 0) on conflict(name) do nothing"
	qLock     = "select value from counters where name = 'audit'"
	qLast     = "select size, edge, note, sealed_at from audit_checkpoints order by size desc limit 1"
	qNotes    = "select size, note, sealed_at from audit_checkpoints order by size desc"
	qUnsealed = "select e.id, e.incident_id, e.kind, e.actor, e.source, e.at, e.recorded_at, e.restricted, e.data from events e where e.id >= $1 and not exists (select 1 from audit_leaves l where l.event_id = e.id) order by e.id limit $2"
	qOpen     = "select coalesce(min(e.id), 0), count(*) from events e where e.id >= $1 and not exists (select 1 from audit_leaves l where l.event_id = e.id)"
	qCount    = "select count(*) from events"
	qWalk     = "select l.n, l.event_id, l.hash, coalesce(e.id, 0), coalesce(e.incident_id, 0), coalesce(e.kind, ''), coalesce(e.actor, ''), coalesce(e.source, ''), coalesce(e.at, 0), coalesce(e.recorded_at, 0), coalesce(e.restricted, false), coalesce(e.data, '') from audit_leaves l left join events e on e.id = l.event_id order by l.n"
	qNewest   = "select coalesce(max(event_id), 0) from audit_leaves"
	qPut      = "insert into audit_checkpoints(size, edge, note, sealed_at) values($1,$2,$3,$4)"
)

// Queries lists the constant texts, for the test that prepares them.
func Queries() []string {
	return []string{qInit, qLock, qLast, qNotes, qUnsealed, qOpen, qCount, qWalk, qNewest, qPut}
}

// Lock lets one node seal at a time.
func Lock(tx *store.Tx) error {
	if _, err := tx.Exec(qInit); err != nil {
		return err
	}
	var v int64
	return tx.QueryRow(qLock + tx.ForUpdate()).Scan(&v)
}

// Checkpoint is a signed state of the log.
type Checkpoint struct {
	Size     int64
	Edge     string
	Note     string
	SealedAt time.Time
}

// Last is the newest checkpoint; nil when nothing was ever sealed.
func Last(tx *store.Tx) (*Checkpoint, error) {
	var c Checkpoint
	var at int64
	err := tx.QueryRow(qLast).Scan(&c.Size, &c.Edge, &c.Note, &at)
	if store.NotFound(err) {
		return nil, nil
	}
	c.SealedAt = store.Time(at)
	return &c, err
}

// Checkpoints reads all of them without their edges, the newest first. What is
// passed is reused.
func Checkpoints(tx *store.Tx, do func(*Checkpoint) error) error {
	rows, err := tx.Query(qNotes)
	if err != nil {
		return err
	}
	defer rows.Close()
	var c Checkpoint
	var at int64
	for rows.Next() {
		if err := rows.Scan(&c.Size, &c.Note, &at); err != nil {
			return err
		}
		c.SealedAt = store.Time(at)
		if err := do(&c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Unsealed reads entries without a leaf, from an id on, in the order of ids.
func Unsealed(tx *store.Tx, from ident.ID, limit int) ([]*audit.Row, error) {
	rows, err := tx.Query(qUnsealed, int64(from), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*audit.Row
	for rows.Next() {
		r := &audit.Row{}
		if err := rows.Scan(&r.ID, &r.IncidentID, &r.Kind, &r.Actor, &r.Source, &r.At, &r.RecordedAt, &r.Restricted, &r.Data); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// Open says how many entries from an id on have no leaf, and which is the first.
func Open(tx *store.Tx, from ident.ID) (first ident.ID, n int64, err error) {
	var id int64
	err = tx.QueryRow(qOpen, int64(from)).Scan(&id, &n)
	return ident.ID(id), n, err
}

// Count says how many entries there are, sealed or not.
func Count(tx *store.Tx) (n int64, err error) {
	err = tx.QueryRow(qCount).Scan(&n)
	return n, err
}

// Newest is the largest id of a sealed entry; zero when there is none.
func Newest(tx *store.Tx) (ident.ID, error) {
	var id int64
	err := tx.QueryRow(qNewest).Scan(&id)
	return ident.ID(id), err
}

// Positions returns the places of entries among the sealed ones, from 0; an
// entry that is not sealed is left out.
func Positions(tx *store.Tx, ids []ident.ID) (map[ident.ID]int64, error) {
	return store.ByID(tx, "select event_id, n from audit_leaves where event_id", ids)
}

// Leaf is a sealed entry: its place, and the hash it had.
type Leaf struct {
	N       int64
	EventID int64
	Hash    string
}

// Seal writes leaves and the checkpoint over them.
func Seal(tx *store.Tx, leaves []Leaf, c Checkpoint) error {
	rows := make([][]any, len(leaves))
	for i, l := range leaves {
		rows[i] = []any{l.N, l.EventID, l.Hash}
	}
	if err := tx.InsertMany("audit_leaves", []string{"n", "event_id", "hash"}, rows, ""); err != nil {
		return err
	}
	_, err := tx.Exec(qPut, c.Size, c.Edge, c.Note, store.Micros(c.SealedAt))
	return err
}

// Sealed is a leaf with its entry, whose ID is zero when it is gone.
type Sealed struct {
	Leaf
	Row audit.Row
}

// Walk reads every leaf with its entry, in order. What is passed is reused.
func Walk(tx *store.Tx, do func(*Sealed) error) error {
	rows, err := tx.Query(qWalk)
	if err != nil {
		return err
	}
	defer rows.Close()
	s := &Sealed{}
	r := &s.Row
	to := []any{&s.N, &s.EventID, &s.Hash, &r.ID, &r.IncidentID, &r.Kind, &r.Actor, &r.Source, &r.At, &r.RecordedAt, &r.Restricted, &r.Data}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		if err := do(s); err != nil {
			return err
		}
	}
	return rows.Err()
}
