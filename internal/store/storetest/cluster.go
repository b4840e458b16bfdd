package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver

	"allclear/internal/store"
)

// shared is the one cluster of this test binary; it starts with the first test
// that wants it.
var shared cluster

type cluster struct {
	mu      sync.Mutex
	started bool
	err     error
	dir     string
	base    string // postgres://user@host:port
	admin   *sql.DB
	quit    chan struct{}
	ended   chan struct{}

	template    bool
	templateErr error
	databases   int
	shape       string
	free        []string // migrated databases that a test has given back, empty
}

// database makes a fresh database, with or without the product's schema. One
// with it that an earlier test has given back will do.
func database(t testing.TB, migrated bool) string {
	t.Helper()
	c := &shared
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.started {
		c.started = true
		c.err = c.start()
	}
	if c.err != nil {
		absent(t, c.err)
	}
	name, err := c.take(migrated)
	if err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.giveBack(name, migrated); err != nil {
			t.Errorf("give database back: %v", err)
		}
	})
	return c.url(name)
}

func (c *cluster) take(migrated bool) (name string, err error) {
	if n := len(c.free); migrated && n > 0 {
		name, c.free = c.free[n-1], c.free[:n-1]
		return name, nil
	}
	from := "template0"
	if migrated {
		from = "migrated"
		if err := c.migrateTemplate(); err != nil {
			return "", fmt.Errorf("migrate template: %w", err)
		}
	}
	c.databases++
	name = "t" + strconv.Itoa(c.databases)
	_, err = c.admin.Exec("create database " + name + " template " + from)
	return name, err
}

// giveBack empties a migrated database for the next test: making one copies
// hundreds of files, which takes longer than most tests. One with another
// schema than it began with is dropped.
func (c *cluster) giveBack(name string, migrated bool) error {
	if migrated {
		if err := c.wipe(name); err == nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.free = append(c.free, name)
			return nil
		}
	}
	_, err := c.admin.Exec("drop database " + name + " with (force)")
	return err
}

// migrateTemplate runs the migrations once; every test gets a copy.
func (c *cluster) migrateTemplate() error {
	if c.template {
		return c.templateErr
	}
	c.template = true
	if _, c.templateErr = c.admin.Exec("create database migrated template template0"); c.templateErr != nil {
		return c.templateErr
	}
	var db *store.DB
	if db, c.templateErr = store.Open(context.Background(), store.Options{URL: c.url("migrated")}); c.templateErr == nil {
		c.templateErr = errors.Join(c.learn(), db.Close())
	}
	return c.templateErr
}

// learn notes what a migrated database is like. One that migrations put rows
// into could not be emptied like that.
func (c *cluster) learn() error {
	db, err := sql.Open("pgx", c.url("migrated"))
	if err != nil {
		return err
	}
	var tables string
	err = errors.Join(db.QueryRow(shape).Scan(&c.shape), db.QueryRow(filled).Scan(&tables), db.Close())
	if err == nil && tables != "" {
		err = fmt.Errorf("migrations leave rows in %s: they have to be put back after each test", tables)
	}
	return err
}

// shape is everything a migration can have made, in one line.
const shape = `select string_agg(x, ';' order by x) from (
	select format('%s %s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) x from information_schema.columns where table_schema = 'public'
	union all select indexdef from pg_indexes where schemaname = 'public'
	union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'public'::regnamespace
	union all select format('migration %s %s', version_id, is_applied) from goose_db_version) s`

const filled = `select coalesce(string_agg(format('%I', c.relname), ', '), '') from pg_class c
	where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'goose_db_version' and pg_relation_size(c.oid) > 0`

// wipe takes every row out of a database. The error says that it is not what
// it was.
func (c *cluster) wipe(name string) error {
	db, err := sql.Open("pgx", c.url(name))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"); err != nil {
		return err
	}
	var is, tables string
	if err := db.QueryRow(shape).Scan(&is); err != nil {
		return err
	}
	if is != c.shape {
		return errors.New("the schema has changed")
	}
	if err := db.QueryRow(filled).Scan(&tables); err != nil || tables == "" {
		return err
	}
	_, err = db.Exec("truncate " + tables + " restart identity cascade")
	return err
}

func (c *cluster) url(name string) string { return c.base + "/" + name + "?sslmode=disable" }

func (c *cluster) start() error {
	initdb, err := program("initdb")
	if err != nil {
		return err
	}
	server, err := program("postgres")
	if err != nil {
		return err
	}
	if c.dir, err = os.MkdirTemp(place(), "allclear-pg-"); err != nil {
		return err
	}
	cred, err := c.credential()
	if err != nil {
		return err
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir = c.dir
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
		dieWithParent(cmd.SysProcAttr)
		return cmd
	}
	data := filepath.Join(c.dir, "data")
	if out, err := command(initdb, "-D", data, "-U", "allclear", "-A", "trust", "-E", "UTF8", "--no-sync").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	for range 3 { // another program may take the port between choice and use
		port, portErr := freePort()
		if portErr != nil {
			return portErr
		}
		c.base = "postgres://allclear@127.0.0.1:" + port
		if err = c.serve(command(server, "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
			"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "deadlock_timeout=50ms",
			"-c", "shared_buffers=32MB", "-c", "autovacuum=off", "-c", "log_min_messages=fatal")); err == nil {
			return nil
		}
	}
	return err
}

// serve runs the server until stop. The goroutine keeps its thread: the kernel
// counts the end of the thread that started a process as the parent's death.
func (c *cluster) serve(cmd *exec.Cmd) error {
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	quit, ended, started := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(ended)
		defer log.Close()
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		exited := make(chan struct{})
		go func() { defer close(exited); _ = cmd.Wait() }()
		select {
		case <-quit:
			_ = cmd.Process.Signal(syscall.SIGINT) // fast shutdown
			<-exited
		case <-exited:
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	c.quit, c.ended = quit, ended
	if err := c.ready(); err != nil {
		text, _ := os.ReadFile(log.Name())
		c.end()
		return fmt.Errorf("%w: %s", err, text)
	}
	return nil
}

func (c *cluster) ready() error {
	admin, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		return err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1500 { // 30 s
		if err = admin.Ping(); err == nil {
			c.admin = admin
			return nil
		}
		select {
		case <-c.ended:
			return errors.Join(errors.New("the server ended at once"), admin.Close())
		case <-tick.C:
		}
	}
	return errors.Join(fmt.Errorf("not ready after 30 s: %w", err), admin.Close())
}

func (c *cluster) end() {
	if c.quit != nil {
		close(c.quit)
		<-c.ended
		c.quit = nil
	}
}

func (c *cluster) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.admin != nil {
		_ = c.admin.Close()
	}
	c.end()
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
}

func program(name string) (string, error) {
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return "", fmt.Errorf("there is no program %s", name)
	}
	return found[len(found)-1], nil
}

// credential makes PostgreSQL run as user postgres where the tests run as
// root, because the server refuses root.
func (c *cluster) credential() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil //nolint:nilnil // no change of user is a valid answer
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(c.dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
