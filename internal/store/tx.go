package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/ident"
)

type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Tx is one transaction. It carries the caller's context and is not safe for
// concurrent use.
type Tx struct {
	ctx   context.Context
	db    *DB
	q     querier
	after []func()
	depth int
}

type nesting struct{}

// View runs fn in a read-only transaction that sees committed rows only.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	if ctx.Value(nesting{}) != nil {
		return errors.New("view database: already inside a transaction")
	}
	ctx = context.WithValue(ctx, nesting{}, true)
	if db.memory {
		return db.viewMemory(ctx, fn)
	}
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: db.viewIsolation()})
	if err != nil {
		return fmt.Errorf("begin view: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // read only: nothing to lose
	return fn(&Tx{ctx: ctx, db: db, q: tx})
}

func (db *DB) viewIsolation() sql.IsolationLevel {
	if db.dialect.name == "postgres" {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

func (db *DB) viewMemory(ctx context.Context, fn func(*Tx) error) error {
	if err := db.queue.enter(ctx, Rest); err != nil {
		return err
	}
	defer db.queue.leave()
	return fn(&Tx{ctx: context.WithoutCancel(ctx), db: db, q: db.conn})
}

// Update runs fn in a read-write transaction. fn may be run again after a
// deadlock, so it must not touch anything but the transaction; AfterCommit
// functions run once, after the commit.
func (db *DB) Update(ctx context.Context, p Priority, fn func(*Tx) error) error {
	if ctx.Value(nesting{}) != nil {
		return errors.New("update database: already inside a transaction")
	}
	ctx = context.WithValue(ctx, nesting{}, true)
	for attempt := 0; ; attempt++ {
		err := db.updateOnce(ctx, p, fn)
		if err == nil || attempt == 4 || !retryable(err) {
			return err
		}
	}
}

func (db *DB) updateOnce(ctx context.Context, p Priority, fn func(*Tx) error) error {
	if db.conn != nil {
		after, err := db.updateInTurn(ctx, p, fn)
		run(after)
		return err
	}
	pool := db.write
	if p <= Ack {
		pool = db.urgent
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin update: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit this does nothing
	t := &Tx{ctx: ctx, db: db, q: tx}
	if err := fn(t); err != nil {
		return err
	}
	if err := db.commit(tx.Commit); err != nil {
		return err
	}
	run(t.after)
	return nil
}

func (db *DB) updateInTurn(ctx context.Context, p Priority, fn func(*Tx) error) ([]func(), error) {
	if err := db.queue.enter(ctx, p); err != nil {
		return nil, err
	}
	defer db.queue.leave() // also when fn panics
	return db.updateSQLite(ctx, fn)
}

func (db *DB) updateSQLite(ctx context.Context, fn func(*Tx) error) (after []func(), err error) {
	// Statements on the single writer are short and bounded; without a
	// cancellable context the driver needs no watcher goroutine for each.
	ctx = context.WithoutCancel(ctx)
	t := &Tx{ctx: ctx, db: db, q: db.conn}
	if _, err := db.conn.ExecContext(ctx, db.dialect.begin); err != nil {
		return nil, fmt.Errorf("begin update: %w", err)
	}
	done := false
	defer func() {
		if !done {
			_, rbErr := db.conn.ExecContext(ctx, "rollback")
			err = errors.Join(err, rbErr)
		}
	}()
	if err := fn(t); err != nil {
		return nil, err
	}
	err = db.commit(func() error {
		_, err := db.conn.ExecContext(ctx, "commit")
		done = err == nil
		return err
	})
	if err != nil {
		return nil, err
	}
	return t.after, nil
}

func (db *DB) commit(commit func() error) error {
	if h := db.hooks.BeforeCommit; h != nil {
		if err := h(); err != nil {
			return errors.Join(ErrCrashed, err)
		}
	}
	if err := commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if h := db.hooks.AfterCommit; h != nil {
		if err := h(); err != nil {
			return errors.Join(ErrCrashed, err)
		}
	}
	return nil
}

func run(fns []func()) {
	for _, f := range fns {
		f()
	}
}

// Context is the caller's context.
func (t *Tx) Context() context.Context { return t.ctx }

// NewID makes an id at or after now.
func (t *Tx) NewID(now time.Time) ident.ID { return t.db.ids.Next(now) }

// AfterCommit runs f once the transaction is durable.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Exec runs a statement and returns the number of rows it touched.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	res, err := t.q.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query runs a query; the caller closes the rows.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.q.QueryContext(t.ctx, query, args...)
}

// QueryRow runs a query for at most one row.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	return t.q.QueryRowContext(t.ctx, query, args...)
}

// ForUpdate is the suffix that locks the selected rows where the engine has
// more than one writer.
func (t *Tx) ForUpdate() string { return t.db.dialect.forUpdate }

// SkipLocked is the suffix that locks the selected rows and passes over those
// another node holds.
func (t *Tx) SkipLocked() string { return t.db.dialect.skipLocked }

// Savepoint runs fn so that its failure undoes only fn's own work.
func (t *Tx) Savepoint(fn func() error) error {
	t.depth++
	name := "sp" + strconv.Itoa(t.depth)
	defer func() { t.depth-- }()
	if _, err := t.Exec("savepoint " + name); err != nil {
		return err
	}
	keep := len(t.after)
	if err := fn(); err != nil {
		t.after = t.after[:keep]
		if _, rbErr := t.Exec("rollback to savepoint " + name); rbErr != nil {
			return errors.Join(err, rbErr)
		}
		return err
	}
	_, err := t.Exec("release savepoint " + name)
	return err
}

// Params writes "$from,$from+1,..." for n parameters.
func Params(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// InsertMany inserts rows with multi-row VALUES in chunks of fixed sizes, so
// that the statements stay few and cached. suffix follows the values, such as
// an ON CONFLICT clause.
func (t *Tx) InsertMany(table string, columns []string, rows [][]any, suffix string) error {
	for _, size := range [...]int{64, 8, 1} {
		if size*len(columns) > 1000 {
			continue
		}
		for len(rows) >= size {
			args := make([]any, 0, size*len(columns))
			for _, r := range rows[:size] {
				args = append(args, r...)
			}
			if _, err := t.Exec(insertText(table, columns, size, suffix), args...); err != nil {
				return err
			}
			rows = rows[size:]
		}
	}
	return nil
}

func insertText(table string, columns []string, n int, suffix string) string {
	var b strings.Builder
	b.WriteString("insert into " + table + "(" + strings.Join(columns, ",") + ") values ")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + Params(1+i*len(columns), len(columns)) + ")")
	}
	b.WriteString(" " + suffix)
	return b.String()
}
