package store

import (
	"context"
	"database/sql"
)

// writerConn is SQLite's one writing connection with its prepared statements.
// The turnstile guarantees a single user at a time.
type writerConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

const maxStatements = 400

func (w *writerConn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if len(w.stmts) >= maxStatements {
		for k, old := range w.stmts {
			_ = old.Close()
			delete(w.stmts, k)
			break
		}
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writerConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if len(args) == 0 {
		return w.conn.ExecContext(ctx, query)
	}
	s, err := w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (w *writerConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (w *writerConn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := w.prepare(ctx, query)
	if err != nil {
		// QueryRow has no other way to carry the error of a bad statement.
		return w.conn.QueryRowContext(ctx, query, args...)
	}
	return s.QueryRowContext(ctx, args...)
}

func (w *writerConn) close() error {
	for _, s := range w.stmts {
		_ = s.Close()
	}
	return w.conn.Close()
}
