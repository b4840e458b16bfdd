package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
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
}

// Tx is one transaction. It carries the caller's context and is not safe for
// concurrent use. Read a query's rows to the end, or close them, before the
// next statement: PostgreSQL has one answer at a time on a connection.
type Tx struct {
	ctx     context.Context //nolint:containedctx // a Tx lives exactly as long as the call it belongs to
	stmtCtx context.Context //nolint:containedctx // the same without its end, where statements must not be interrupted
	db      *DB
	q       querier
	rows    []*sql.Rows
	after   []func()
	failed  error
	memo    map[any]any
	depth   int
	view    bool
}

// Context is the caller's context, marked as being inside a transaction.
func (t *Tx) Context() context.Context { return t.ctx }

// NewID makes an id at or after now.
func (t *Tx) NewID(now time.Time) ident.ID { return t.db.ids.Next(now) }

// ReadOnly reports whether this is a View: what it sees is committed.
func (t *Tx) ReadOnly() bool { return t.view }

// AfterCommit runs f once the transaction is durable, outside of it and in
// order. A rolled back transaction or savepoint forgets its functions.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Memo is what the callers of this transaction know in common. It is forgotten
// when a savepoint is undone, because the rows behind it have changed back.
func (t *Tx) Memo() map[any]any {
	if t.memo == nil {
		t.memo = map[any]any{}
	}
	return t.memo
}

// Exec runs a statement and returns the number of rows it touched.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	if t.view {
		return 0, errors.New("exec: a view is read-only")
	}
	args, err := t.bind(args)
	if err != nil {
		return 0, err
	}
	res, err := t.q.ExecContext(t.stmtCtx, query, args...)
	if err != nil {
		t.failed = err
		return 0, err
	}
	return res.RowsAffected()
}

// Query runs a query. The caller closes the rows; what is left open is closed
// with the transaction.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if t.view && !reads(query) {
		return nil, errors.New("query: a view is read-only")
	}
	args, err := t.bind(args)
	if err != nil {
		return nil, err
	}
	rows, err := t.q.QueryContext(t.stmtCtx, query, args...)
	if err != nil {
		t.failed = err
		return nil, err
	}
	t.rows = append(t.rows, rows)
	return rows, nil
}

// reads reports whether a statement begins like one that only reads. The
// engines enforce it, but for SQLite in memory, where writers share the connection.
func reads(query string) bool {
	first := strings.ToLower(query[:min(6, len(query))])
	return first == "select" || strings.HasPrefix(first, "with")
}

// Row is the answer of QueryRow.
type Row struct {
	t    *Tx
	rows *sql.Rows
	err  error
}

// QueryRow runs a query for at most one row; Scan of the answer fails with an
// error that NotFound recognises when there is none.
func (t *Tx) QueryRow(query string, args ...any) *Row {
	rows, err := t.Query(query, args...)
	return &Row{t: t, rows: rows, err: err}
}

// Scan copies the columns of the row.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	// The rows are done with here, so that a transaction of many single-row
	// queries does not collect them.
	defer func() {
		_ = r.rows.Close()
		if n := len(r.t.rows); n > 0 && r.t.rows[n-1] == r.rows {
			r.t.rows = r.t.rows[:n-1]
		}
	}()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			r.t.failed = err
			return err
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

// bind refuses and converts the values on which the two drivers disagree.
func (t *Tx) bind(args []any) ([]any, error) {
	for i, a := range args {
		switch a.(type) {
		case int64, string, nil, bool, int, []byte:
			continue
		case time.Time, *time.Time:
			return nil, fmt.Errorf("bind $%d: bind store.Micros(t), not a time", i+1)
		}
		if t.db.dialect.name != "postgres" {
			continue // database/sql converts for SQLite by the same rules
		}
		// pgx would rather ask a value for its String() than for its kind.
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, fmt.Errorf("bind $%d: %w", i+1, err)
		}
		args[i] = v
	}
	return args, nil
}

// ForUpdate is the suffix that locks the selected rows where the engine has
// more than one writer.
func (t *Tx) ForUpdate() string { return t.db.dialect.forUpdate }

// SkipLocked is the suffix that locks the selected rows and passes over those
// another node holds.
func (t *Tx) SkipLocked() string { return t.db.dialect.skipLocked }

// TryLock takes a name until the transaction ends, where the engine has more than one
// writer; false: another transaction has it. What it did is committed once the name
// can be taken.
func (t *Tx) TryLock(name string) (ok bool, err error) {
	if t.db.dialect.tryLock == "" {
		return true, nil
	}
	sum := sha256.Sum256([]byte(name))
	err = t.QueryRow(t.db.dialect.tryLock, int64(binary.BigEndian.Uint64(sum[:]))).Scan(&ok) //nolint:gosec // any 64 bits are a name
	return ok, err
}

// Engine names the engine: "sqlite" or "postgres".
func (t *Tx) Engine() string { return t.db.dialect.name }

// Savepoint runs fn so that its failure, also a panic, undoes fn's own work
// only.
func (t *Tx) Savepoint(fn func() error) (err error) {
	name := "sp" + strconv.Itoa(t.depth+1)
	if _, err := t.Exec("savepoint " + name); err != nil {
		return err
	}
	t.depth++
	after, failed, done := len(t.after), t.failed, false
	defer func() {
		t.depth--
		if done {
			return
		}
		t.closeRows()
		t.after, t.failed, t.memo = t.after[:after], failed, nil
		if _, rbErr := t.Exec("rollback to savepoint " + name); rbErr != nil {
			err = errors.Join(err, rbErr)
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if t.failed != nil && failed == nil {
		return t.broken()
	}
	if _, err := t.Exec("release savepoint " + name); err != nil {
		return err
	}
	done = true
	return nil
}

// broken is the error of a transaction in which a statement failed and fn went
// on regardless. PostgreSQL refuses to commit it, so SQLite must too: use a
// Savepoint around what may fail.
func (t *Tx) broken() error {
	if t.failed == nil {
		return nil
	}
	return fmt.Errorf("commit: a statement failed in this transaction: %w", t.failed)
}

func (t *Tx) closeRows() {
	for _, r := range t.rows {
		_ = r.Close()
	}
	t.rows = nil
}
