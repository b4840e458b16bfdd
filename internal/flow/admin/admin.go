// Package admin owns the catalogue in use: the version every flow reads, its
// changes one by one and as declarative files, and who is on call by it. It
// must not decide what makes an entity valid (the domain does), nor page or
// tell anybody.
package admin

import (
	"cmp"
	"context"
	"maps"
	"sync/atomic"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/documents"
)

// Referrer names what refers to an entity from outside the catalogue, such as
// "account ana@firm.example"; none when the entity may go.
type Referrer func(tx *store.Tx, kind catalog.Kind, id string) ([]string, error)

// Admin serves and changes the catalogue. Make it with New; it is safe for
// concurrent use, also by several nodes on one database.
type Admin struct {
	db        *store.DB
	bus       *jobs.Bus
	held      atomic.Pointer[snapshot]
	referrers []Referrer
}

// New returns the catalogue of the database.
func New(db *store.DB, bus *jobs.Bus) *Admin {
	a := &Admin{db: db, bus: bus}
	a.Protect(openIncidents)
	return a
}

// Protect adds a referrer that is asked before an entity is deleted. Call it
// before use.
func (a *Admin) Protect(r Referrer) { a.referrers = append(a.referrers, r) }

// snapshot is the catalogue at one version, shared by its readers.
type snapshot struct {
	cat   *catalog.Catalog
	rows  map[documents.Key]stamp
	names Names
}

// Names says what people and services are called, by id. Nobody changes it.
type Names struct{ People, Services map[string]string }

// Person returns the name, or the id of somebody unknown.
func (n Names) Person(id string) string { return cmp.Or(n.People[id], id) }

// Service returns the name, or the id of an unknown one.
func (n Names) Service(id string) string { return cmp.Or(n.Services[id], id) }

// Names returns the names of the committed catalogue, for answers in which a
// caller sees ids already: a name opens nothing.
func (a *Admin) Names(ctx context.Context) (Names, error) {
	s, err := a.committed(ctx)
	if err != nil {
		return Names{}, err
	}
	return s.names, nil
}

// stamp says when an entity last changed.
type stamp struct {
	version int64
	at      time.Time
}

// Catalog returns the catalogue as the transaction sees it. While nothing has
// changed this is one read of a counter; after a change only what changed is
// read again.
func (a *Admin) Catalog(tx *store.Tx) (*catalog.Catalog, error) {
	s, err := a.snapshot(tx)
	if err != nil {
		return nil, err
	}
	return s.cat, nil
}

// readKey finds what a transaction has read of a version that is not yet held,
// so that it reads it once.
type readKey struct{ *Admin }

func (a *Admin) snapshot(tx *store.Tx) (*snapshot, error) {
	version, err := documents.Version(tx)
	if err != nil {
		return nil, err
	}
	held := a.held.Load()
	if held != nil && held.cat.Version == version {
		return held, nil
	}
	if own, ok := tx.Memo()[readKey{a}].(*snapshot); ok && own.cat.Version == version {
		return own, nil
	}
	s, err := follow(tx, held, version)
	if err != nil {
		return nil, err
	}
	tx.Memo()[readKey{a}] = s
	// A transaction that writes may see a version of its own making that is
	// never committed; others learn of it only when it is.
	if tx.ReadOnly() {
		a.hold(s)
	} else {
		tx.AfterCommit(func() { a.hold(s) })
	}
	return s, nil
}

// hold keeps the snapshot unless a newer one is held already.
func (a *Admin) hold(s *snapshot) {
	for {
		held := a.held.Load()
		if held != nil && held.cat.Version >= s.cat.Version || a.held.CompareAndSwap(held, s) {
			return
		}
	}
}

// follow brings held to the version. What stands is at most what was held and
// what changed since; when the number of rows says that something is gone, or
// when the transaction is older than what is held, everything is read.
func follow(tx *store.Tx, held *snapshot, version int64) (*snapshot, error) {
	if held != nil && held.cat.Version < version {
		rows, standing, err := documents.Since(tx, held.cat.Version)
		if err != nil {
			return nil, err
		}
		next := held.with(rows, version)
		if len(rows) > 0 && len(next.rows) == standing {
			return next, nil
		}
	}
	rows, _, err := documents.Since(tx, 0)
	if err != nil {
		return nil, err
	}
	empty := &snapshot{cat: catalog.New(version), rows: map[documents.Key]stamp{}}
	return empty.with(rows, version), nil
}

func (s *snapshot) with(rows []documents.Row, version int64) *snapshot {
	entities := make([]catalog.Entity, len(rows))
	next := &snapshot{rows: maps.Clone(s.rows)}
	for i, r := range rows {
		entities[i] = r.Entity
		next.rows[keyOf(r.Entity)] = stamp{version: r.Version, at: r.UpdatedAt}
	}
	next.cat = s.cat.With(entities...)
	next.cat.Version = version
	next.names = Names{People: make(map[string]string, len(next.cat.People)), Services: make(map[string]string, len(next.cat.Services))}
	for id, p := range next.cat.People {
		next.names.People[id] = p.Name
	}
	for id, v := range next.cat.Services {
		next.names.Services[id] = v.Name
	}
	return next
}

func keyOf(e catalog.Entity) documents.Key { return documents.Key{Kind: e.Kind(), ID: e.Key()} }
