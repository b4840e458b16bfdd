package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the SQLite driver
)

const (
	sqliteReaders = 4
	// maxStatements bounds the prepared statements of one connection.
	maxStatements = 512
)

const sqlitePragmas = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" +
	"&_pragma=busy_timeout(5000)&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(4000)&_pragma=cache_size(-32000)"

func (db *DB) openSQLite(ctx context.Context, o Options) error {
	db.dialect = sqliteDialect
	dsn := "file::memory:?_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)"
	if !o.Memory {
		path, err := ownFile(o.Dir, o.AsIs)
		if err != nil {
			return err
		}
		dsn = "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + sqlitePragmas
	}
	var err error
	if db.write, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	db.write.SetMaxIdleConns(1)
	if !o.AsIs {
		if err := db.fill(ctx, o); err != nil {
			return err
		}
		if db.writer, err = pin(ctx, db.write); err != nil {
			return err
		}
		if db.writer.only = o.Memory; o.Memory {
			return nil
		}
	}
	if db.read, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	// One more than the ordinary readers: paging always finds it free.
	db.read.SetMaxOpenConns(sqliteReaders + 1)
	db.read.SetMaxIdleConns(sqliteReaders + 1)
	db.readers = newReaders(db.read, sqliteReaders)
	return nil
}

// Image is a copy of a database in memory, for Options.From: thousands of
// simulated worlds begin alike, and only the first needs to be made.
func (db *DB) Image(ctx context.Context) (image []byte, err error) {
	if !db.memory {
		return nil, errors.New("image: only of a database in memory")
	}
	if err := db.queue.enter(ctx, PriorityRest); err != nil {
		return nil, err
	}
	defer db.queue.leave()
	err = db.writer.conn.Raw(func(c any) error {
		image, err = c.(interface{ Serialize() ([]byte, error) }).Serialize()
		return err
	})
	return image, err
}

// fill gives the database its tables: those of an image, or by migration.
func (db *DB) fill(ctx context.Context, o Options) error {
	if o.From == nil {
		return migrate(ctx, db.write, db.dialect, o)
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(c any) error {
		return c.(interface{ Deserialize(buf []byte) error }).Deserialize(o.From)
	})
	return errors.Join(err, conn.Close())
}

// ownFile makes the folder and the file readable by their owner only: the
// file holds password hashes and sealed credentials. SQLite gives the -wal
// and -shm files the mode of the database file. With there it must be there.
func ownFile(dir string, there bool) (string, error) {
	path, err := filepath.Abs(filepath.Join(dir, "allclear.db"))
	if err != nil {
		return "", err
	}
	if there {
		_, err := os.Stat(path)
		return path, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	return path, f.Close()
}

// pinned is one SQLite connection with its prepared statements. It has one
// user at a time.
type pinned struct {
	pool  *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	only  bool // the database is in memory and dies with this connection
}

func pin(ctx context.Context, pool *sql.DB) (*pinned, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("pin connection: %w", err)
	}
	return &pinned{pool: pool, conn: conn, stmts: make(map[string]*sql.Stmt)}, nil
}

func (p *pinned) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := p.stmts[query]; ok {
		return s, nil
	}
	s, err := p.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if len(p.stmts) >= maxStatements {
		for text, old := range p.stmts {
			_ = old.Close() // makes room; a failure to finalize costs memory only
			delete(p.stmts, text)
			break
		}
	}
	p.stmts[query] = s
	return s, nil
}

func (p *pinned) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (p *pinned) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// rollback undoes the open transaction. A connection that cannot even do that
// is replaced, so that one broken transaction does not end the only writer.
func (p *pinned) rollback(ctx context.Context) error {
	_, err := p.ExecContext(ctx, "rollback")
	if err == nil || p.idle(ctx) {
		return nil // SQLite had already rolled back by itself, as on a full disk
	}
	if p.only {
		return fmt.Errorf("roll back: %w", err) // another connection would be another, empty database
	}
	p.drop()
	fresh, pinErr := pin(ctx, p.pool)
	if pinErr != nil {
		return errors.Join(err, pinErr)
	}
	*p = *fresh
	return nil
}

// idle reports whether no transaction is open.
func (p *pinned) idle(ctx context.Context) bool {
	if _, err := p.ExecContext(ctx, "begin"); err != nil {
		return false
	}
	_, err := p.ExecContext(ctx, "commit")
	return err == nil
}

// drop closes the connection for good instead of returning it to the pool.
func (p *pinned) drop() {
	for _, s := range p.stmts {
		_ = s.Close()
	}
	_ = p.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = p.conn.Close()
}

func (p *pinned) close() error {
	var errs []error
	for _, s := range p.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, p.conn.Close())...)
}

// readers lends query_only connections. Ordinary views share some; paging has
// one of its own.
type readers struct {
	pool   *sql.DB
	shared chan *pinned // nil = not opened yet
	own    chan *pinned
}

func newReaders(pool *sql.DB, n int) *readers {
	r := &readers{pool: pool, shared: make(chan *pinned, n), own: make(chan *pinned, 1)}
	for range n {
		r.shared <- nil
	}
	r.own <- nil
	return r
}

// borrow waits for a reader; giveBack returns it.
func (r *readers) borrow(ctx context.Context, urgent bool) (p *pinned, giveBack func(*pinned), err error) {
	line := r.shared
	if urgent {
		line = r.own
	}
	select {
	case got, open := <-line:
		if !open {
			return nil, nil, ErrClosed
		}
		p = got
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	giveBack = func(p *pinned) { line <- p }
	if p == nil {
		if p, err = pin(ctx, r.pool); err != nil {
			line <- nil
			return nil, nil, err
		}
	}
	return p, giveBack, nil
}

// close waits for every reader to come back.
func (r *readers) close() error {
	var errs []error
	for _, line := range []chan *pinned{r.shared, r.own} {
		for range cap(line) {
			if p := <-line; p != nil {
				errs = append(errs, p.close())
			}
		}
		close(line)
	}
	return errors.Join(errs...)
}
