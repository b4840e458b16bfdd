// Package documents holds the SQL of the catalogue: one JSON document per
// entity, and the counter that is the catalogue's version. Any change takes the
// next version, and the entities it touches carry that version from then on:
// so a version never comes back, not even when an entity is deleted and made
// again, and what changed since a version can be asked. It must not judge
// entities; the flow checks them.
package documents

import (
	"slices"
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/store"
)

const counter = "catalog"

// Row is an entity as it is kept.
type Row struct {
	Entity    catalog.Entity
	Version   int64 // of the catalogue when the entity last changed
	UpdatedAt time.Time
}

// The queries, one text for both engines. Other documents (settings) share the
// table, so every query names the kinds.
const (
	qVersion = "select value from counters where name = $1"
	qInit    = "insert into counters(name, value) values($1, 0) on conflict(name) do nothing"
	qBump    = "update counters set value = value + 1 where name = $1 returning value"
	qDelete  = "delete from documents where kind = $1 and id = $2"
)

var (
	kinds = "kind in (" + store.In(len(catalog.Kinds), 1) + ")"
	// The number of rows that stand comes with each row, from the same
	// statement: a deletion is what makes it smaller than expected.
	qSince = "select kind, id, doc, version, updated_at, (select count(*) from documents where " + kinds + ") from documents where " + kinds + " and version > $" + strconv.Itoa(len(catalog.Kinds)+1) + " order by kind, id"
)

// Queries lists the constant texts, for the test that prepares them.
func Queries() []string { return []string{qVersion, qInit, qBump, qSince, qDelete} }

// Version returns the catalogue's version, 0 when it has never been changed.
func Version(tx *store.Tx) (v int64, err error) {
	err = tx.QueryRow(qVersion, counter).Scan(&v)
	if store.NotFound(err) {
		return 0, nil
	}
	return v, err
}

// Lock returns the version and keeps every other transaction from changing the
// catalogue until this one ends. Take it before reading what a change is
// judged by.
func Lock(tx *store.Tx) (v int64, err error) {
	if _, err := tx.Exec(qInit, counter); err != nil {
		return 0, err
	}
	err = tx.QueryRow(qVersion+tx.ForUpdate(), counter).Scan(&v)
	return v, err
}

// Since lists what changed after the version (0: everything), by kind and id,
// and how many rows stand. Without rows standing is 0, even where some stand.
func Since(tx *store.Tx, version int64) (rows []Row, standing int, err error) {
	args := make([]any, 0, len(catalog.Kinds)+1)
	for _, k := range catalog.Kinds {
		args = append(args, string(k))
	}
	found, err := tx.Query(qSince, append(args, version)...)
	if err != nil {
		return nil, 0, err
	}
	defer found.Close()
	for found.Next() {
		var kind, id, doc string
		var r Row
		var at int64
		if err := found.Scan(&kind, &id, &doc, &r.Version, &at, &standing); err != nil {
			return nil, 0, err
		}
		if r.Entity, err = catalog.Decode(catalog.Kind(kind), id, []byte(doc)); err != nil {
			return nil, 0, fault.Wrap(fault.Internal, err, "read the stored "+kind+" "+id)
		}
		r.Entity, r.UpdatedAt = catalog.At(r.Entity, r.Version), store.Time(at)
		rows = append(rows, r)
	}
	return rows, standing, found.Err()
}

// Key names an entity.
type Key struct {
	Kind catalog.Kind
	ID   string
}

// Change writes the entities and removes the keys as one change, and returns
// the version it has. Hold Lock.
func Change(tx *store.Tx, put []catalog.Entity, remove []Key, now time.Time) (version int64, err error) {
	if err := tx.QueryRow(qBump, counter).Scan(&version); err != nil {
		return 0, err
	}
	rows := make([][]any, 0, len(put))
	for _, e := range put {
		if !slices.Contains(catalog.Kinds[:], e.Kind()) {
			return 0, fault.New(fault.Internal, "write %s %s: not of the catalogue", e.Kind(), e.Key())
		}
		doc, err := catalog.Encode(e)
		if err != nil {
			return 0, fault.Wrap(fault.Internal, err, "write "+string(e.Kind())+" "+e.Key())
		}
		rows = append(rows, []any{string(e.Kind()), e.Key(), string(doc), version, store.Micros(now)})
	}
	err = tx.InsertMany("documents", []string{"kind", "id", "doc", "version", "updated_at"}, rows,
		"on conflict(kind, id) do update set doc = excluded.doc, version = excluded.version, updated_at = excluded.updated_at")
	if err != nil {
		return 0, err
	}
	for _, k := range remove {
		n, err := tx.Exec(qDelete, string(k.Kind), k.ID)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "no %s %q", k.Kind, k.ID)
		}
		if err != nil {
			return 0, err
		}
	}
	return version, nil
}
