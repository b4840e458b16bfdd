package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Connections of one node. Paging has its own, so that a crowd in the console
// or a burst of alerts cannot take the last one.
const (
	pgWriters = 8
	pgUrgent  = 4
	pgReaders = 6
)

// Time limits on PostgreSQL. The server ends a statement after its limit; the
// client gives up a little later, for a server that no longer answers at all.
const (
	pgStatement       = 30 * time.Second
	pgUrgentStatement = 10 * time.Second
	pgGrace           = 5 * time.Second
)

func (db *DB) openPostgres(ctx context.Context, o Options) error {
	db.dialect = postgresDialect
	if !strings.HasPrefix(o.URL, "postgres://") && !strings.HasPrefix(o.URL, "postgresql://") {
		return fmt.Errorf("the database URL must start with postgres://")
	}
	cfg, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return err
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	if !o.AsIs {
		// A migration may take longer than any statement of ours.
		forSchema := pgPool(cfg, 2, 0)
		err = migrate(ctx, forSchema, db.dialect, o)
		if closeErr := forSchema.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return err
		}
	}
	statement := pgStatement
	if o.Patient {
		statement = 0
	}
	db.write = pgPool(cfg, pgWriters, statement)
	db.urgent = pgPool(cfg, pgUrgent, pgUrgentStatement)
	db.read = pgPool(cfg, pgReaders, statement)
	return nil
}

// within bounds a transaction, unless the database was opened for long ones.
func (db *DB) within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if db.patient {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, limit)
}

func pgPool(cfg *pgx.ConnConfig, size int, statement time.Duration) *sql.DB {
	c := cfg.Copy()
	ms := fmt.Sprint(statement.Milliseconds())
	c.RuntimeParams["application_name"] = "allclear"
	c.RuntimeParams["statement_timeout"] = ms
	c.RuntimeParams["idle_in_transaction_session_timeout"] = ms
	c.RuntimeParams["synchronous_commit"] = "on"
	c.RuntimeParams["timezone"] = "UTC"
	d := stdlib.OpenDB(*c)
	d.SetMaxOpenConns(size)
	d.SetMaxIdleConns(size)
	d.SetConnMaxIdleTime(5 * time.Minute)
	return d
}

func (db *DB) viewPostgres(ctx context.Context, fn func(*Tx) error) error {
	pool, limit := db.read, pgStatement+pgGrace
	if isUrgent(ctx) {
		pool, limit = db.urgent, pgUrgentStatement+pgGrace
	}
	ctx, cancel := db.within(ctx, limit)
	defer cancel()
	// Repeatable read: one view is one instant, as it is on SQLite.
	sqlTx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return fmt.Errorf("begin view: %w", err)
	}
	defer sqlTx.Rollback()
	t := &Tx{ctx: ctx, stmtCtx: ctx, db: db, q: sqlTx, view: true}
	defer t.closeRows()
	return fn(t)
}

func (db *DB) updatePostgres(ctx context.Context, p Priority, fn func(*Tx) error) (after []func(), err error) {
	pool, limit := db.write, pgStatement+pgGrace
	if p <= PriorityAck {
		pool, limit = db.urgent, pgUrgentStatement+pgGrace
	}
	ctx, cancel := db.within(ctx, limit)
	defer cancel()
	sqlTx, err := pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return nil, fmt.Errorf("begin update: %w", err)
	}
	defer sqlTx.Rollback()
	t := &Tx{ctx: ctx, stmtCtx: ctx, db: db, q: sqlTx}
	err = fn(t)
	t.closeRows()
	if err == nil {
		err = t.broken()
	}
	if err != nil {
		return nil, err
	}
	return t.after, db.commit(sqlTx.Commit)
}
