// Package actionitems holds the SQL of action items. It must not know when one is
// late, nor who hears of it.
package actionitems

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/action"
	"allclear/internal/store"
)

const (
	sel     = "select id, incident_id, owner, category, state, due_at, created_at, ended_at, doc from action_items "
	qGet    = sel + "where id = $1"
	qOf     = sel + "where incident_id = $1 order by id"
	qDue    = sel + "where due_at >= $1 and due_at < $2 order by id"
	qInsert = "insert into action_items(id, incident_id, owner, category, state, due_at, created_at, ended_at, doc) values($1,$2,$3,$4,$5,$6,$7,$8,$9)"
	qUpdate = "update action_items set owner = $2, category = $3, state = $4, due_at = $5, ended_at = $6, doc = $7 where id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qGet, qOf, qDue, qInsert, qUpdate} }

// Insert writes a new item under its id.
func Insert(tx *store.Tx, i *action.Item) error {
	_, err := tx.Exec(qInsert, int64(i.ID), int64(i.IncidentID), i.Owner, i.Category, string(i.State), store.Micros(i.DueAt), store.Micros(i.CreatedAt), store.Micros(i.EndedAt), store.J(&i.Record))
	return err
}

// Update writes what may change of an item.
func Update(tx *store.Tx, i *action.Item) error {
	_, err := tx.Exec(qUpdate, int64(i.ID), i.Owner, i.Category, string(i.State), store.Micros(i.DueAt), store.Micros(i.EndedAt), store.J(&i.Record))
	return err
}

// Lock reads and locks an item. Error: fault.NotFound.
func Lock(tx *store.Tx, id ident.ID) (*action.Item, error) {
	return one(tx, qGet+tx.ForUpdate(), int64(id))
}

// Get reads an item. Error: fault.NotFound.
func Get(tx *store.Tx, id ident.ID) (*action.Item, error) { return one(tx, qGet, int64(id)) }

// Of lists the items of an incident, the oldest first.
func Of(tx *store.Tx, incident ident.ID) ([]*action.Item, error) {
	return list(tx, qOf, int64(incident))
}

// DueBetween lists the items that fall due in [from, until), the oldest first.
func DueBetween(tx *store.Tx, from, until time.Time) ([]*action.Item, error) {
	return list(tx, qDue, store.Micros(from), store.Micros(until))
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Owner    string
	Category string
	State    string
	Standing bool      // neither verified nor cancelled
	DueBy    time.Time // due by then
	Before   ident.ID  // ids below this one
	Limit    int
}

// List lists items, the newest first.
func List(tx *store.Tx, f Filter) ([]*action.Item, error) {
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	query, args := sel+"where id < $1", []any{int64(f.Before)}
	and := func(condition string, value any) {
		args = append(args, value)
		query += " and " + condition + store.In(1, len(args))
	}
	if f.Owner != "" {
		and("owner = ", f.Owner)
	}
	if f.Category != "" {
		and("category = ", f.Category)
	}
	if f.State != "" {
		and("state = ", f.State)
	}
	if f.Standing {
		and("ended_at = ", 0)
	}
	if !f.DueBy.IsZero() {
		and("due_at <= ", store.Micros(f.DueBy))
	}
	return list(tx, query+" order by id desc limit "+store.In(1, len(args)+1), append(args, f.Limit)...)
}

func one(tx *store.Tx, query string, args ...any) (*action.Item, error) {
	all, err := list(tx, query, args...)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such action item")
	}
	return all[0], nil
}

func list(tx *store.Tx, query string, args ...any) (out []*action.Item, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		i := new(action.Item)
		var id, inc, due, created, ended int64
		var state string
		var doc store.JSON[action.Record]
		if err := rows.Scan(&id, &inc, &i.Owner, &i.Category, &state, &due, &created, &ended, &doc); err != nil {
			return nil, err
		}
		i.ID, i.IncidentID, i.State, i.Record = ident.ID(id), ident.ID(inc), action.State(state), doc.V
		i.DueAt, i.CreatedAt, i.EndedAt = store.Time(due), store.Time(created), store.Time(ended)
		out = append(out, i)
	}
	return out, rows.Err()
}
