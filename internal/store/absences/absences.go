// Package absences holds the SQL of the calendars that say when people are
// away: where each is read, sealed, what it last said and how reading went. It
// must not read calendars, nor decide what an absence is.
package absences

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
)

// Calendar is one calendar of a person.
type Calendar struct {
	ID       ident.ID
	Person   string
	Kind     string // address or file
	Label    string // host of the address, or name of the file
	Words    string // that an event must have one of
	Sealed   string // the address, or what the file holds
	Zone     string // of the person when it was last read whole
	ETag     string // what the server said of it then
	Modified string
	Away     []oncall.Stretch // what it said when it was last read well
	Notes    []string
	Error    string // of the last reading; empty: it went well
	AddedBy  string

	CreatedAt    time.Time
	DueAt        time.Time // of the next reading
	WholeAt      time.Time // its events were last laid out
	ReadAt       time.Time // last tried
	SucceededAt  time.Time
	FailingSince time.Time
	ToldAt       time.Time // its owner was told that it fails
}

const (
	sel     = "select id, person_id, kind, label, words, sealed, zone, etag, modified, away, notes, error, added_by, created_at, due_at, whole_at, read_at, succeeded_at, failing_since, told_at from absence_calendars "
	qOf     = sel + "where person_id = $1 order by id"
	qDue    = sel + "where due_at <= $1 order by due_at, id limit $2"
	qMove   = "update absence_calendars set due_at = $2 where id = $1"
	qInsert = "insert into absence_calendars(id, person_id, kind, label, words, sealed, zone, etag, modified, away, notes, error, added_by, created_at, due_at, whole_at, read_at, succeeded_at, failing_since, told_at) values($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)"
	qSave   = "update absence_calendars set zone = $2, etag = $3, modified = $4, away = $5, notes = $6, error = $7, whole_at = $8, read_at = $9, succeeded_at = $10, failing_since = $11, told_at = $12 where id = $1"
	qDrop   = "delete from absence_calendars where id = $1"
	qDropOf = "delete from absence_calendars where person_id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qOf, qDue, qMove, qInsert, qSave, qDrop, qDropOf} }

// Insert writes a new calendar whose id is set.
func Insert(tx *store.Tx, c *Calendar) error {
	_, err := tx.Exec(qInsert, int64(c.ID), c.Person, c.Kind, c.Label, c.Words, c.Sealed, c.Zone, c.ETag, c.Modified, store.J(c.Away), store.J(c.Notes), c.Error, c.AddedBy,
		store.Micros(c.CreatedAt), store.Micros(c.DueAt), store.Micros(c.WholeAt), store.Micros(c.ReadAt), store.Micros(c.SucceededAt), store.Micros(c.FailingSince), store.Micros(c.ToldAt))
	return err
}

// Save writes how reading went and what was found.
func Save(tx *store.Tx, c *Calendar) error {
	_, err := tx.Exec(qSave, int64(c.ID), c.Zone, c.ETag, c.Modified, store.J(c.Away), store.J(c.Notes), c.Error,
		store.Micros(c.WholeAt), store.Micros(c.ReadAt), store.Micros(c.SucceededAt), store.Micros(c.FailingSince), store.Micros(c.ToldAt))
	return err
}

// Of lists the calendars of a person, oldest first.
func Of(tx *store.Tx, person string) ([]*Calendar, error) { return list(tx, qOf, person) }

// Lock lists them and keeps every other transaction from changing them until
// this one ends: what a person's calendars say together must not miss one that
// is being read beside it.
func Lock(tx *store.Tx, person string) ([]*Calendar, error) {
	return list(tx, qOf+tx.ForUpdate(), person)
}

// Claim returns what is to be read at now and moves it to next, so that one node
// reads it; one that dies meanwhile costs a turn.
func Claim(tx *store.Tx, now, next time.Time, limit int) ([]*Calendar, error) {
	due, err := list(tx, qDue+tx.SkipLocked(), store.Micros(now), limit)
	for _, c := range due {
		if _, err := tx.Exec(qMove, int64(c.ID), store.Micros(next)); err != nil {
			return nil, err
		}
	}
	return due, err
}

// Drop forgets a calendar.
func Drop(tx *store.Tx, id ident.ID) error {
	_, err := tx.Exec(qDrop, int64(id))
	return err
}

// DropOf forgets the calendars of somebody who has left.
func DropOf(tx *store.Tx, person string) error {
	_, err := tx.Exec(qDropOf, person)
	return err
}

func list(tx *store.Tx, query string, args ...any) (out []*Calendar, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func scan(row interface{ Scan(dest ...any) error }) (*Calendar, error) {
	var c Calendar
	var id, created, due, whole, read, succeeded, failing, told int64
	var away store.JSON[[]oncall.Stretch]
	var notes store.JSON[[]string]
	err := row.Scan(&id, &c.Person, &c.Kind, &c.Label, &c.Words, &c.Sealed, &c.Zone, &c.ETag, &c.Modified, &away, &notes, &c.Error, &c.AddedBy,
		&created, &due, &whole, &read, &succeeded, &failing, &told)
	if err != nil {
		return nil, err
	}
	c.ID, c.Away, c.Notes = ident.ID(id), away.V, notes.V
	c.CreatedAt, c.DueAt, c.WholeAt = store.Time(created), store.Time(due), store.Time(whole)
	c.ReadAt, c.SucceededAt, c.FailingSince, c.ToldAt = store.Time(read), store.Time(succeeded), store.Time(failing), store.Time(told)
	return &c, nil
}
