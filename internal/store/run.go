package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// attempts is how often a transaction runs that the engine keeps refusing for
// a deadlock, a serialization failure or a busy file.
const attempts = 6

type nesting struct{}

type urgency struct{}

// Urgent marks ctx as paging's own: a View with it uses connections that
// nothing else uses. Update has its priority instead.
func Urgent(ctx context.Context) context.Context { return context.WithValue(ctx, urgency{}, true) }

func isUrgent(ctx context.Context) bool { return ctx.Value(urgency{}) != nil }

func nest(ctx context.Context, what string) (context.Context, error) {
	if ctx.Value(nesting{}) != nil {
		return nil, fmt.Errorf("%s database: already inside a transaction", what)
	}
	return context.WithValue(ctx, nesting{}, true), nil
}

// View runs fn in a read-only transaction that sees one committed state. With
// a context taken from a Tx it is an error: inside a transaction use that
// transaction (on one connection anything else would wait for itself).
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	ctx, err := nest(ctx, "view")
	if err != nil {
		return err
	}
	switch {
	case db.memory:
		return db.viewMemory(ctx, fn)
	case db.readers != nil:
		return db.viewSQLite(ctx, fn)
	}
	return db.viewPostgres(ctx, fn)
}

func (db *DB) viewSQLite(ctx context.Context, fn func(*Tx) error) error {
	conn, giveBack, err := db.readers.borrow(ctx, isUrgent(ctx))
	if err != nil {
		return fmt.Errorf("begin view: %w", err)
	}
	defer func() { giveBack(conn) }()
	return db.readOn(ctx, ctx, conn, fn)
}

// viewMemory shares the one connection with the writers. "pragma query_only"
// would take the rights of a writer away, and with every switch have SQLite
// prepare all statements anew; so the Tx refuses what does not read, and the
// rollback at the end keeps nothing in any case.
func (db *DB) viewMemory(ctx context.Context, fn func(*Tx) error) error {
	if err := db.queue.enter(ctx, PriorityRest); err != nil {
		return fmt.Errorf("begin view: %w", err)
	}
	defer db.queue.leave()
	return db.readOn(ctx, context.WithoutCancel(ctx), db.writer, fn)
}

func (db *DB) readOn(ctx, stmtCtx context.Context, conn *pinned, fn func(*Tx) error) (err error) {
	free := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(free, "begin"); err != nil {
		return fmt.Errorf("begin view: %w", err)
	}
	t := &Tx{ctx: ctx, stmtCtx: stmtCtx, db: db, q: conn, view: true}
	defer func() {
		t.closeRows()
		if rbErr := conn.rollback(free); rbErr != nil {
			err = errors.Join(err, fmt.Errorf("end view: %w", rbErr))
		}
	}()
	return fn(t)
}

// Update runs fn in a read-write transaction. fn may run again after a
// deadlock, so it must touch nothing but the transaction; what must happen
// once goes into AfterCommit. An error or a panic of fn rolls back. On SQLite
// a context that ends takes a waiting caller out of the line, but does not
// interrupt fn.
func (db *DB) Update(ctx context.Context, p Priority, fn func(*Tx) error) error {
	ctx, err := nest(ctx, "update")
	if err != nil {
		return err
	}
	if db.asIs {
		return errors.New("update database: it was opened to be read as it is")
	}
	for attempt := 1; ; attempt++ {
		var after []func()
		if db.writer != nil {
			after, err = db.updateSQLite(ctx, p, fn)
		} else {
			after, err = db.updatePostgres(ctx, p, fn)
		}
		if err == nil {
			for _, f := range after {
				f()
			}
			return nil
		}
		if attempt == attempts || !retryable(err) || pause(ctx, attempt) != nil {
			return err
		}
	}
}

// pause waits a little before attempt+1, at random, so that two transactions
// which met once do not meet again.
func pause(ctx context.Context, attempt int) error {
	wait := time.Duration(1+rand.IntN(4<<attempt)) * time.Millisecond
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (db *DB) updateSQLite(ctx context.Context, p Priority, fn func(*Tx) error) (after []func(), err error) {
	if err := db.queue.enter(ctx, p); err != nil {
		return nil, fmt.Errorf("begin update: %w", err)
	}
	defer db.queue.leave() // also when fn panics: the writer must never be lost
	// Statements on the single writer are short. Without a context that can
	// end, the driver needs no watching goroutine for each of them.
	free := context.WithoutCancel(ctx)
	if _, err := db.writer.ExecContext(free, "begin immediate"); err != nil {
		return nil, fmt.Errorf("begin update: %w", err)
	}
	t := &Tx{ctx: ctx, stmtCtx: free, db: db, q: db.writer}
	committed := false
	defer func() {
		t.closeRows()
		if !committed {
			err = errors.Join(err, db.writer.rollback(free))
		}
	}()
	if err := fn(t); err != nil {
		return nil, err
	}
	t.closeRows()
	if err := t.broken(); err != nil {
		return nil, err
	}
	err = db.commit(func() error {
		_, err := db.writer.ExecContext(free, "commit")
		committed = err == nil
		return err
	})
	return t.after, err
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
