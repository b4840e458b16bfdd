// Package storetest runs store tests on both engines: SQLite in a temporary
// folder and a real PostgreSQL that it starts and stops itself. It must not be
// imported outside tests.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"allclear/internal/store"
)

// NoPostgres is the environment variable that, set to 1, lets tests pass on a
// machine without PostgreSQL. Every use is announced on stderr.
const NoPostgres = "ALLCLEAR_TEST_NO_POSTGRES"

// SQLiteDone is the environment variable with which `make test-go` says that a suite
// of many runs has just passed on SQLite, under the race detector: Brisk goes on with
// PostgreSQL alone.
const SQLiteDone = "ALLCLEAR_TEST_SQLITE_DONE"

// Main wraps testing.M so that the PostgreSQL cluster ends with the binary:
//
//	func TestMain(m *testing.M) { storetest.Main(m) }
//
// A binary that panics or is killed takes the cluster with it on Linux.
func Main(m *testing.M) {
	code := m.Run()
	shared.stop()
	os.Exit(code)
}

// Each runs the test on SQLite and on PostgreSQL, each with a fresh database
// that has the product's schema.
func Each(t *testing.T, run func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachWith(t, store.Options{}, run)
}

// EachWith is Each with options; Dir, URL and Memory are filled in.
func EachWith(t *testing.T, o store.Options, run func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		o := o
		o.Dir = folder(t, o.Schema == nil)
		run(t, Open(t, o))
	})
	t.Run("postgres", func(t *testing.T) {
		o := o
		o.URL = database(t, o.Schema == nil)
		run(t, Open(t, o))
	})
}

// Parted is Each for suites that are long under the race detector: it watches them on
// SQLite alone. What goes on at the same time in front of PostgreSQL is watched where
// flows and stores are tested.
func Parted(t *testing.T, run func(t *testing.T, db *store.DB)) {
	t.Helper()
	if Racing || os.Getenv(SQLiteDone) != "1" {
		t.Run("sqlite", func(t *testing.T) { run(t, SQLite(t)) })
	}
	if !Racing {
		t.Run("postgres", func(t *testing.T) { run(t, Open(t, store.Options{URL: database(t, true)})) })
	}
}

// Brisk is Each for suites of many runs: SQLite in memory, which says nothing
// of durability, and the engines beside each other.
func Brisk(t *testing.T, run func(t *testing.T, db *store.DB)) {
	t.Helper()
	if os.Getenv(SQLiteDone) != "1" {
		t.Run("sqlite", func(t *testing.T) {
			t.Parallel()
			run(t, Memory(t))
		})
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, Open(t, store.Options{URL: database(t, true)}))
	})
}

// SQLite opens a fresh database in a temporary folder.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, store.Options{Dir: folder(t, true)})
}

// folder is a fresh data folder, with or without a database that has the
// product's schema. An image is the file that SQLite would have written.
func folder(t testing.TB, migrated bool) string {
	t.Helper()
	dir := t.TempDir()
	if !migrated {
		return dir
	}
	image, err := Schema()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "allclear.db"), image, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// Memory opens a fresh database in memory; fit for a synctest bubble.
func Memory(t testing.TB) *store.DB {
	t.Helper()
	image, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	return Open(t, store.Options{Memory: true, From: image})
}

// Schema is an empty database with the product's schema, migrated once for the
// whole binary: what store.Options.From takes.
var Schema = sync.OnceValues(func() (image []byte, err error) {
	db, err := store.Open(context.Background(), store.Options{Memory: true})
	if err != nil {
		return nil, err
	}
	image, err = db.Image(context.Background())
	return image, errors.Join(err, db.Close())
})

// Postgres makes a fresh, empty database on this binary's cluster and returns
// its URL. Without PostgreSQL it fails the test, see NoPostgres.
func Postgres(t testing.TB) (url string) {
	t.Helper()
	return database(t, false)
}

// Open opens a database and closes it with the test.
func Open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db
}

// PrepareAll has both engines parse every query against the product's schema,
// so that a query that fits one engine only fails here and not in the field.
func PrepareAll(t *testing.T, queries []string) {
	t.Helper()
	if len(queries) == 0 {
		t.Fatal("no queries to prepare")
	}
	Each(t, func(t *testing.T, db *store.DB) {
		for _, q := range queries {
			if err := db.Prepare(context.Background(), q); err != nil {
				t.Errorf("%s cannot prepare: %v\n%s", db.Engine(), err, q)
			}
		}
	})
}

// absent ends a test that needs PostgreSQL where there is none.
func absent(t testing.TB, why error) {
	t.Helper()
	if os.Getenv(NoPostgres) == "1" {
		fmt.Fprintf(os.Stderr, "\n!!! %s IS NOT TESTED ON POSTGRESQL: %s=1 (%v)\n\n", t.Name(), NoPostgres, why)
		t.Skip("not tested on PostgreSQL by explicit wish")
	}
	t.Fatalf("start PostgreSQL: %v\ninstall it (Debian: apt-get install postgresql-15) or set %s=1 to go without", why, NoPostgres)
}
