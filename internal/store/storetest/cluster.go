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
}

// database makes a fresh database, with or without the product's schema.
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
	from := "template0"
	if migrated {
		from = "migrated"
		if err := c.migrateTemplate(); err != nil {
			t.Fatalf("migrate template database: %v", err)
		}
	}
	c.databases++
	name := "t" + strconv.Itoa(c.databases)
	if _, err := c.admin.Exec("create database " + name + " template " + from); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := c.admin.Exec("drop database " + name + " with (force)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return c.url(name)
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
		c.templateErr = db.Close()
	}
	return c.templateErr
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
	if c.dir, err = os.MkdirTemp("", "allclear-pg-"); err != nil {
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
