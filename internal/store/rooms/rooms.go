// Package rooms holds the SQL of war rooms: their parts, the conference rooms that
// are taken, the notes of an incident, and which calls of vendors were heard. It
// must not decide what a part becomes, nor call anybody.
package rooms

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/room"
	"allclear/internal/store"
)

const (
	sel    = "select id, incident_id, kind, label, state, provider, ref, due_at, fence, doc from room_parts "
	qOf    = sel + "where incident_id = $1 order by id"
	qGet   = sel + "where id = $1"
	qFind  = sel + "where incident_id = $1 and kind = $2 and label = $3"
	qByRef = sel + "where provider = $1 and ref = $2 and ref <> '' order by id desc"
	qDue   = sel + "where due_at > 0 and due_at <= $1 order by due_at, id limit $2"
	qClaim = "update room_parts set due_at = $2, fence = fence + 1 where id = $1"
	qAdd   = "insert into room_parts(id, incident_id, kind, label, state, provider, ref, due_at, fence, doc) values($1,$2,$3,$4,$5,$6,$7,$8,0,$9) on conflict(incident_id, kind, label) do nothing"
	qSave  = "update room_parts set state = $2, provider = $3, ref = $4, due_at = $5, doc = $6 where id = $1"
	qNext  = "select coalesce(min(due_at), 0) from room_parts where due_at > 0"

	qBook    = "insert into room_bookings(id, room_id, incident_id, from_at, released_at) values($1,$2,$3,$4,0) on conflict(room_id) where released_at = 0 do nothing"
	qRelease = "update room_bookings set released_at = $3 where room_id = $1 and incident_id = $2 and released_at = 0"
	qHeld    = "select room_id, incident_id, from_at from room_bookings where released_at = 0 order by room_id"

	selNotes = "select version, author, at, body from room_notes "
	qLatest  = selNotes + "where incident_id = $1 order by version desc limit 1"
	qVersion = selNotes + "where incident_id = $1 and version = $2"
	qStory   = "select version, author, at, '' from room_notes where incident_id = $1 and version < $2 order by version desc limit $3"
	qWrite   = "insert into room_notes(incident_id, version, author, at, body) values($1,$2,$3,$4,$5) on conflict(incident_id, version) do nothing"

	qHear   = "insert into room_heard(provider, call_id, at) values($1,$2,$3) on conflict(provider, call_id) do nothing"
	qForget = "delete from room_heard where at < $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qOf, qGet, qFind, qByRef, qDue, qClaim, qAdd, qSave, qNext, qBook, qRelease, qHeld, qLatest, qVersion, qStory, qWrite, qHear, qForget}
}

// Add writes a new part, unless the incident has one of that kind and label; it
// reports whether it did.
func Add(tx *store.Tx, p *room.Part, now time.Time) (bool, error) {
	p.ID = tx.NewID(now)
	n, err := tx.Exec(qAdd, int64(p.ID), int64(p.IncidentID), string(p.Kind), p.Label, string(p.State), p.Provider, p.Ref, store.Micros(p.DueAt), store.J(p))
	return n == 1, err
}

// Save writes what may change of a part. The caller has read it with Lock or Find in
// the same transaction.
func Save(tx *store.Tx, p *room.Part) error {
	_, err := tx.Exec(qSave, int64(p.ID), string(p.State), p.Provider, p.Ref, store.Micros(p.DueAt), store.J(p))
	return err
}

// Of lists an incident's parts in the order in which they were asked for, locked
// against other writers.
func Of(tx *store.Tx, incident ident.ID) ([]*room.Part, error) {
	return list(tx, qOf+tx.ForUpdate(), int64(incident))
}

// Peek lists them without locking.
func Peek(tx *store.Tx, incident ident.ID) ([]*room.Part, error) {
	return list(tx, qOf, int64(incident))
}

// Find reads and locks one part; nil when there is none.
func Find(tx *store.Tx, incident ident.ID, k room.Kind, label string) (*room.Part, error) {
	return one(list(tx, qFind+tx.ForUpdate(), int64(incident), string(k), label))
}

// Lock reads one part and keeps others from changing it; nil when there is none.
func Lock(tx *store.Tx, id ident.ID) (*room.Part, error) {
	return one(list(tx, qGet+tx.ForUpdate(), int64(id)))
}

// ByRef reads the part that a vendor knows by its id, the newest first; nil when
// there is none.
func ByRef(tx *store.Tx, provider, ref string) (*room.Part, error) {
	return one(list(tx, qByRef, provider, ref))
}

func one(all []*room.Part, err error) (*room.Part, error) {
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Claim takes what is due and moves it to until, so that one worker has it; one that
// dies meanwhile costs that long. Each has a fence that no other worker has.
func Claim(tx *store.Tx, now, until time.Time, limit int) ([]*room.Part, error) {
	due, err := list(tx, qDue+tx.SkipLocked(), store.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	until = store.Time(store.Micros(until)) // as it is read back: finish compares the two
	for _, p := range due {
		if _, err := tx.Exec(qClaim, int64(p.ID), store.Micros(until)); err != nil {
			return nil, err
		}
		p.DueAt = until
		p.Fence++
	}
	return due, nil
}

// Next is when the next part is due.
func Next(tx *store.Tx) (at time.Time, ok bool, err error) {
	var n int64
	err = tx.QueryRow(qNext).Scan(&n)
	return store.Time(n), n > 0, err
}

// Booking is a conference room that is taken.
type Booking struct {
	Room     string
	Incident ident.ID
	From     time.Time
}

// Book takes a conference room; it reports whether it was free.
func Book(tx *store.Tx, id string, incident ident.ID, now time.Time) (bool, error) {
	n, err := tx.Exec(qBook, int64(tx.NewID(now)), id, int64(incident), store.Micros(now))
	return n == 1, err
}

// Release gives it back; it reports whether the incident had it.
func Release(tx *store.Tx, id string, incident ident.ID, now time.Time) (bool, error) {
	n, err := tx.Exec(qRelease, id, int64(incident), store.Micros(now))
	return n == 1, err
}

// Held lists the conference rooms that are taken.
func Held(tx *store.Tx) (out []Booking, err error) {
	rows, err := tx.Query(qHeld)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b Booking
		var inc, from int64
		if err := rows.Scan(&b.Room, &inc, &from); err != nil {
			return nil, err
		}
		b.Incident, b.From = ident.ID(inc), store.Time(from)
		out = append(out, b)
	}
	return out, rows.Err()
}

// Notes is one version of an incident's notes.
type Notes struct {
	Version int64
	Author  string
	At      time.Time
	Body    string
}

// Latest is the present version; the zero value when nobody has written yet.
func Latest(tx *store.Tx, incident ident.ID) (Notes, error) {
	all, err := notes(tx, qLatest, int64(incident))
	if err != nil || len(all) == 0 {
		return Notes{}, err
	}
	return all[0], nil
}

// Version is one version.
func Version(tx *store.Tx, incident ident.ID, version int64) (Notes, error) {
	all, err := notes(tx, qVersion, int64(incident), version)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "the notes have no version %d", version)
	}
	if err != nil {
		return Notes{}, err
	}
	return all[0], nil
}

// Versions lists those before one, newest first, without their bodies.
func Versions(tx *store.Tx, incident ident.ID, before int64, limit int) ([]Notes, error) {
	return notes(tx, qStory, int64(incident), before, limit)
}

// Write adds a version; it reports whether nobody wrote that version first. Nothing
// that was written is ever changed or removed.
func Write(tx *store.Tx, incident ident.ID, n Notes) (bool, error) {
	k, err := tx.Exec(qWrite, int64(incident), n.Version, n.Author, store.Micros(n.At), n.Body)
	return k == 1, err
}

func notes(tx *store.Tx, query string, args ...any) (out []Notes, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n Notes
		var at int64
		if err := rows.Scan(&n.Version, &n.Author, &at, &n.Body); err != nil {
			return nil, err
		}
		n.At = store.Time(at)
		out = append(out, n)
	}
	return out, rows.Err()
}

// Hear remembers a vendor's call; it reports whether it is the first time.
func Hear(tx *store.Tx, provider, call string, now time.Time) (bool, error) {
	n, err := tx.Exec(qHear, provider, call, store.Micros(now))
	return n == 1, err
}

// Forget drops the calls that were heard before an instant.
func Forget(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(qForget, store.Micros(before))
	return err
}

func list(tx *store.Tx, query string, args ...any) (out []*room.Part, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, inc, due, fence int64
		var kind, label, state, provider, ref string
		var doc store.JSON[room.Part]
		if err := rows.Scan(&id, &inc, &kind, &label, &state, &provider, &ref, &due, &fence, &doc); err != nil {
			return nil, err
		}
		p := doc.V
		p.ID, p.IncidentID, p.Kind, p.Label, p.State = ident.ID(id), ident.ID(inc), room.Kind(kind), label, room.State(state)
		p.Provider, p.Ref, p.DueAt, p.Fence = provider, ref, store.Time(due), fence
		out = append(out, &p)
	}
	return out, rows.Err()
}
