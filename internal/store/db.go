// Package store is the storage engine: it opens SQLite or PostgreSQL, migrates
// it, and hands out transactions. The SQL of each table family lives in a
// subfolder. It must not hold rules, read the clock or speak HTTP.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"allclear/internal/base/ident"
	"allclear/internal/store/schema"
)

// ErrCrashed is what a simulated process death answers with.
var ErrCrashed = errors.New("process crashed")

// ErrClosed answers every transaction that has not begun when Close is called.
var ErrClosed = errors.New("database is closed")

// Hooks let the simulation end the process around a commit. A BeforeCommit
// error rolls back; an AfterCommit error leaves the commit in place, but the
// caller never learns of it. Both surface as ErrCrashed.
type Hooks struct {
	BeforeCommit, AfterCommit func() error
}

// Options say which engine to open. Exactly one of Dir, URL and Memory is set.
type Options struct {
	Dir    string // SQLite: DIR/allclear.db, made when missing
	URL    string // PostgreSQL: postgres://user:password@host/database
	Memory bool   // SQLite in memory, one connection, for simulations
	From   []byte // with Memory: begin as a copy of the database that Image was taken of
	Node   uint8  // part of every id made here; differs between nodes that share a database

	// IDs replaces the id source. A simulation that "restarts" the process at
	// one and the same virtual instant hands the old source on, because a new
	// one would start over.
	IDs *ident.Source

	// AsIs opens what is there to read it: nothing is made, migrated or written.
	AsIs bool
	// Patient lifts the limits of time from transactions, for the one that reads
	// or writes everything.
	Patient bool
	// UpTo stops at that migration, to take in what an older version wrote. 0 is
	// the newest.
	UpTo int64

	// Hooks are for simulations.
	Hooks Hooks

	// Schema replaces the embedded migrations (folders sqlite and postgres).
	// Tests of the engine use it to have tables of their own.
	Schema fs.FS
}

// DB is an open, migrated database. It is safe for concurrent use.
type DB struct {
	dialect dialect
	write   *sql.DB
	urgent  *sql.DB // PostgreSQL: connections that only paging uses
	read    *sql.DB
	writer  *pinned // SQLite: the single writer, guarded by the queue
	readers *readers
	queue   *turnstile
	ids     *ident.Source
	hooks   Hooks
	memory  bool
	asIs    bool
	patient bool
}

// Open opens the database and migrates it forward. It refuses a database that
// a newer binary has migrated.
func Open(ctx context.Context, o Options) (*DB, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	db := &DB{ids: o.IDs, hooks: o.Hooks, memory: o.Memory, asIs: o.AsIs, patient: o.Patient, queue: &turnstile{}}
	if db.ids == nil {
		db.ids = ident.NewSource(o.Node)
	}
	if o.Schema == nil {
		o.Schema = schema.Files
	}
	open := db.openSQLite
	if o.URL != "" {
		open = db.openPostgres
	}
	if err := open(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), db.Close())
	}
	return db, nil
}

func (o Options) check() error {
	n := 0
	for _, set := range []bool{o.Dir != "", o.URL != "", o.Memory} {
		if set {
			n++
		}
	}
	if n != 1 {
		return errors.New("open database: give exactly one of a folder, a postgres:// URL and memory")
	}
	if o.From != nil && !o.Memory {
		return errors.New("open database: only one in memory begins from an image")
	}
	return nil
}

// Close waits for the transaction at the writer, turns the waiting ones away
// with ErrClosed and releases every connection. A second Close does nothing.
func (db *DB) Close() error {
	if !db.queue.shut() {
		return nil
	}
	var errs []error
	if db.readers != nil {
		errs = append(errs, db.readers.close())
	}
	if db.writer != nil {
		errs = append(errs, db.writer.close())
	}
	for _, pool := range []*sql.DB{db.read, db.urgent, db.write} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// Engine names the engine: "sqlite" or "postgres".
func (db *DB) Engine() string { return db.dialect.name }

// Waiting is how many writers queue behind the one at work (SQLite).
func (db *DB) Waiting() int { return db.queue.waiting() }

// Ping answers whether the engine takes statements, for health checks.
func (db *DB) Ping(ctx context.Context) error {
	return db.View(ctx, func(tx *Tx) error {
		var one int
		return tx.QueryRow("select 1").Scan(&one)
	})
}

// Prepare has the engine parse the query against the schema without running
// it. Tests use it to prove that one SQL text fits both engines.
func (db *DB) Prepare(ctx context.Context, query string) error {
	if db.writer == nil {
		st, err := db.write.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		return st.Close()
	}
	if err := db.queue.enter(ctx, PriorityRest); err != nil {
		return err
	}
	defer db.queue.leave()
	_, err := db.writer.prepare(ctx, query)
	return err
}
