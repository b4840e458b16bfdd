// Package events holds the SQL of the append-only record. Nothing here updates
// or deletes a row. It must not react to an entry.
package events

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/event"
	"allclear/internal/store"
)

var columns = []string{"id", "incident_id", "kind", "actor", "source", "at", "recorded_at", "restricted", "data"}

// Append writes entries in order and fills in their ids.
func Append(tx *store.Tx, es ...*event.Event) error {
	rows := make([][]any, len(es))
	for i, e := range es {
		e.ID = tx.NewID(e.RecordedAt)
		rows[i] = []any{int64(e.ID), int64(e.IncidentID), string(e.Kind), e.Actor, e.Source, store.Micros(e.At), store.Micros(e.RecordedAt), e.Restricted, store.J(e.Data)}
	}
	return tx.InsertMany("events", columns, rows, "")
}

const sel = "select id, incident_id, kind, actor, source, at, recorded_at, restricted, data from events "

// Of lists an incident's entries with ids after the given one, oldest first.
func Of(tx *store.Tx, incident, after ident.ID, limit int) ([]event.Event, error) {
	return list(tx, sel+"where incident_id = $1 and id > $2 order by id limit $3", int64(incident), int64(after), limit)
}

// After lists all entries with ids after the given one, oldest first, but for
// some incidents.
func After(tx *store.Tx, after ident.ID, limit int, except ...ident.ID) ([]event.Event, error) {
	query, args := sel+"where id > $1", []any{int64(after)}
	if len(except) > 0 {
		query += " and incident_id not in (" + store.In(len(except), 2) + ")"
		for _, id := range except {
			args = append(args, int64(id))
		}
	}
	return list(tx, query+" order by id limit "+store.In(1, len(args)+1), append(args, limit)...)
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Actor, Kind string
	Incident    ident.ID
	From, Until time.Time  // when it was written down: from included, until not
	Except      []ident.ID // incidents left out
	Before      ident.ID   // ids below this one; 0 for the newest
	Limit       int
}

// List returns entries, newest first.
func List(tx *store.Tx, f Filter) ([]event.Event, error) {
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	query, args := sel+"where id < $1", []any{int64(f.Before)}
	and := func(condition string, value any) {
		args = append(args, value)
		query += " and " + condition + store.In(1, len(args))
	}
	if f.Actor != "" {
		and("actor = ", f.Actor)
	}
	if f.Kind != "" {
		and("kind = ", f.Kind)
	}
	if f.Incident != 0 {
		and("incident_id = ", int64(f.Incident))
	}
	if !f.From.IsZero() {
		and("recorded_at >= ", store.Micros(f.From))
		and("id >= ", int64(ident.At(f.From))) // no id is older than its entry: here the reading ends
	}
	if !f.Until.IsZero() {
		and("recorded_at < ", store.Micros(f.Until))
	}
	if n := len(f.Except); n > 0 {
		query += " and incident_id not in (" + store.In(n, len(args)+1) + ")"
		for _, id := range f.Except {
			args = append(args, int64(id))
		}
	}
	return list(tx, query+" order by id desc limit "+store.In(1, len(args)+1), append(args, f.Limit)...)
}

// Last returns the id of the newest entry, zero when there is none.
func Last(tx *store.Tx) (ident.ID, error) {
	var id int64
	err := tx.QueryRow("select coalesce(max(id), 0) from events").Scan(&id)
	return ident.ID(id), err
}

func list(tx *store.Tx, query string, args ...any) ([]event.Event, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []event.Event
	for rows.Next() {
		var e event.Event
		var id, inc, at, rec int64
		var kind string
		var data store.JSON[event.Data]
		if err := rows.Scan(&id, &inc, &kind, &e.Actor, &e.Source, &at, &rec, &e.Restricted, &data); err != nil {
			return nil, err
		}
		e.ID, e.IncidentID, e.Kind, e.Data = ident.ID(id), ident.ID(inc), event.Kind(kind), data.V
		e.At, e.RecordedAt = store.Time(at), store.Time(rec)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Since counts entries of a kind recorded at or after the instant.
func Since(tx *store.Tx, kind event.Kind, from time.Time) (n int64, err error) {
	err = tx.QueryRow("select count(*) from events where kind = $1 and recorded_at >= $2", string(kind), store.Micros(from)).Scan(&n)
	return n, err
}
