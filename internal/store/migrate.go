package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"allclear/internal/store/schema"
)

// ErrNewerSchema says that a newer binary has migrated this database.
var ErrNewerSchema = errors.New("the database is newer than this program")

const (
	migrationLock = 7210301 // any number that nothing else in the database uses
	lockPoll      = 100 * time.Millisecond
	lockPolls     = 6000 // ten minutes: another node may be at a long migration
)

// migrate brings the schema forward. There is no way back: an old binary
// refuses a newer database instead of damaging it.
func migrate(ctx context.Context, db *sql.DB, d dialect, o Options) (err error) {
	files, err := fs.Sub(o.Schema, d.name)
	if err != nil {
		return fmt.Errorf("find migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	if d.name == "postgres" {
		dialect = goose.DialectPostgres
		unlock, err := lockMigrations(ctx, db)
		if err != nil {
			return fmt.Errorf("lock migrations: %w", err)
		}
		defer unlock()
	}
	p, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	sources := p.ListSources()
	known := sources[len(sources)-1].Version
	if have > known {
		return fmt.Errorf("%w: it has schema %d, this program knows %d; start a newer allclear or restore a backup", ErrNewerSchema, have, known)
	}
	if o.UpTo > known {
		return fmt.Errorf("%w: schema %d is asked for, this program knows %d", ErrNewerSchema, o.UpTo, known)
	}
	if o.UpTo > 0 {
		known = o.UpTo
	}
	if _, err := p.UpTo(ctx, known); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// SchemaVersion is the newest migration of the database.
func SchemaVersion(tx *Tx) (version int64, err error) {
	err = tx.QueryRow("select coalesce(max(version_id), 0) from goose_db_version where is_applied").Scan(&version)
	return version, err
}

// lockMigrations makes nodes that start together take turns. It asks again and
// again instead of waiting inside the server, where a waiting session would
// hold up CREATE INDEX CONCURRENTLY for ever.
func lockMigrations(ctx context.Context, db *sql.DB) (unlock func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for range lockPolls {
		var got bool
		if err := conn.QueryRowContext(ctx, "select pg_try_advisory_lock($1)", migrationLock).Scan(&got); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		if got {
			return func() {
				// The lock ends with its connection in any case.
				_, _ = conn.ExecContext(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", migrationLock)
				_ = conn.Close()
			}, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), conn.Close())
		}
	}
	return nil, errors.Join(errors.New("another node holds the lock for ten minutes"), conn.Close())
}

// NewestSchema is the newest migration that this program knows.
func NewestSchema() (newest int64) {
	names, _ := fs.Glob(schema.Files, "sqlite/*.sql") // the pattern is right
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err == nil && v > newest {
			newest = v
		}
	}
	return newest
}
