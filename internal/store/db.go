// Package store is the storage engine: it opens SQLite or PostgreSQL, migrates
// it, and hands out transactions. The SQL of each table family lives in a
// subfolder. It must not hold rules, read the clock or speak HTTP.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	"modernc.org/sqlite"

	"allclear/internal/base/ident"
)

// ErrCrashed is what a simulated process death answers with.
var ErrCrashed = errors.New("process crashed")

// Hooks let the simulation end the process around a commit. A BeforeCommit
// error rolls back; an AfterCommit error leaves the commit in place, but the
// caller never learns of it. Both surface as ErrCrashed.
type Hooks struct {
	BeforeCommit, AfterCommit func() error
}

// Options say which engine to open. Exactly one of Dir, URL and Memory is set.
type Options struct {
	Dir    string // SQLite: DIR/allclear.db
	URL    string // postgres://...
	Memory bool   // SQLite in memory, one connection, for simulations
	Node   uint8  // part of every id made here
	Hooks  Hooks
}

// DB is an open, migrated database.
type DB struct {
	dialect dialect
	write   *sql.DB
	urgent  *sql.DB // PostgreSQL: connections that only paging uses
	read    *sql.DB
	conn    *writerConn // SQLite: the single writer
	queue   *turnstile
	ids     *ident.Source
	hooks   Hooks
	memory  bool
	now     func() time.Time
}

// Open opens and migrates the database.
func Open(ctx context.Context, o Options) (*DB, error) {
	db := &DB{ids: ident.NewSource(o.Node), hooks: o.Hooks, memory: o.Memory, queue: newTurnstile()}
	var err error
	if o.URL != "" {
		err = db.openPostgres(ctx, o.URL)
	} else {
		err = db.openSQLite(ctx, o)
	}
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

const sqlitePragmas = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(4000)&_pragma=cache_size(-32000)"

func (db *DB) openSQLite(ctx context.Context, o Options) error {
	db.dialect = sqliteDialect
	dsn := "file:" + (&url.URL{Path: filepath.Join(o.Dir, "allclear.db")}).EscapedPath() + "?" + sqlitePragmas
	if o.Memory {
		dsn = ":memory:?_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)"
	}
	w, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	w.SetMaxOpenConns(1)
	w.SetMaxIdleConns(1)
	db.write = w
	if err := migrate(ctx, w, db.dialect); err != nil {
		return err
	}
	conn, err := w.Conn(ctx)
	if err != nil {
		return err
	}
	db.conn = &writerConn{conn: conn, stmts: map[string]*sql.Stmt{}}
	if o.Memory {
		return nil
	}
	r, err := sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return err
	}
	r.SetMaxOpenConns(4)
	r.SetMaxIdleConns(4)
	db.read = r
	return nil
}

func (db *DB) openPostgres(ctx context.Context, rawURL string) error {
	db.dialect = postgresDialect
	u, err := url.Parse(rawURL)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return fmt.Errorf("database URL must start with postgres://")
	}
	q := u.Query()
	q.Set("application_name", "allclear")
	q.Set("statement_timeout", "30000")
	q.Set("idle_in_transaction_session_timeout", "30000")
	q.Set("synchronous_commit", "on")
	q.Set("timezone", "UTC")
	u.RawQuery = q.Encode()
	open := func(n int) (*sql.DB, error) {
		d, err := sql.Open("pgx", u.String())
		if err == nil {
			d.SetMaxOpenConns(n)
			d.SetMaxIdleConns(n)
			d.SetConnMaxIdleTime(5 * time.Minute)
		}
		return d, err
	}
	if db.write, err = open(8); err != nil {
		return err
	}
	if db.urgent, err = open(4); err != nil {
		return err
	}
	if db.read, err = open(6); err != nil {
		return err
	}
	return migrate(ctx, db.write, db.dialect)
}

// Close releases every connection.
func (db *DB) Close() error {
	var errs []error
	if db.conn != nil {
		errs = append(errs, db.conn.close())
	}
	for _, d := range []*sql.DB{db.read, db.urgent, db.write} {
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	return errors.Join(errs...)
}

// Engine names the engine: "sqlite" or "postgres".
func (db *DB) Engine() string { return db.dialect.name }

// Micros is how an instant is bound: UTC microseconds since 1970. The zero
// time is bound as 0, which no real instant of ours uses.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time reads what Micros wrote, in UTC.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// IsUnique reports whether err is a violated unique constraint.
func IsUnique(err error) bool {
	var se *sqlite.Error
	if errors.As(err, &se) {
		return se.Code() == 1555 || se.Code() == 2067
	}
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "23505"
}

// IsNoRows reports whether a QueryRow found nothing.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

func retryable(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code == "40001" || pe.Code == "40P01"
	}
	var se *sqlite.Error
	return errors.As(err, &se) && se.Code()&0xff == 5
}
