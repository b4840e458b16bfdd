// Package storetest runs store tests on both engines: SQLite in a temporary
// folder and a real PostgreSQL that it starts and stops itself. It must not be
// imported outside tests.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver

	"allclear/internal/store"
)

// Each runs the test on SQLite and on PostgreSQL.
func Each(t *testing.T, run func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, Postgres(t)) })
}

// SQLite opens a fresh database in a temporary folder.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return open(t, store.Options{Dir: t.TempDir()})
}

// Postgres opens a fresh database on this test binary's cluster.
func Postgres(t testing.TB) *store.DB {
	t.Helper()
	return open(t, store.Options{URL: PostgresURL(t)})
}

func open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db
}

var (
	once      sync.Once
	cluster   *exec.Cmd
	clusterAt string
	dir       string
	startErr  error
	databases atomic.Int64
)

// Main wraps testing.M so that the cluster ends with the test binary.
func Main(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(code)
}

// PostgresURL makes a fresh, empty database and returns its address. It fails
// the test, loudly, when no PostgreSQL server is installed.
func PostgresURL(t testing.TB) string {
	t.Helper()
	once.Do(func() { startErr = start() })
	if startErr != nil {
		t.Fatalf("start PostgreSQL (Debian package postgresql): %v", startErr)
	}
	name := "t" + strconv.FormatInt(databases.Add(1), 10)
	db, err := sql.Open("pgx", clusterAt+"/postgres?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("create database " + name); err != nil {
		t.Fatal(err)
	}
	return clusterAt + "/" + name + "?sslmode=disable"
}

func binary(name string) (string, error) {
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return "", fmt.Errorf("no %s found", name)
	}
	return found[len(found)-1], nil
}

func start() error {
	initdb, err := binary("initdb")
	if err != nil {
		return err
	}
	server, err := binary("postgres")
	if err != nil {
		return err
	}
	if dir, err = os.MkdirTemp("", "allclear-pg-"); err != nil {
		return err
	}
	cred, err := credential()
	if err != nil {
		return err
	}
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "LC_ALL=C")
		// The server dies with the test binary, even when that is killed.
		c.SysProcAttr = &syscall.SysProcAttr{Credential: cred, Pdeathsig: syscall.SIGINT}
		return c
	}
	data := filepath.Join(dir, "data")
	if out, err := run(initdb, "-D", data, "-U", "allclear", "-A", "trust", "-E", "UTF8", "--no-sync").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	cluster = run(server, "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "max_connections=200", "-c", "log_min_messages=fatal")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	cluster.Stdout, cluster.Stderr = log, log
	if err := cluster.Start(); err != nil {
		return err
	}
	clusterAt = "postgres://allclear@127.0.0.1:" + port
	return waitReady()
}

// credential makes PostgreSQL run as user postgres where the tests run as
// root, because the server refuses root.
func credential() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil //nolint:nilnil // no change of user is a valid answer
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
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

func waitReady() error {
	db, err := sql.Open("pgx", clusterAt+"/postgres?sslmode=disable")
	if err != nil {
		return err
	}
	defer db.Close()
	deadline := time.Now().Add(30 * time.Second)
	for {
		if err = db.Ping(); err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("not ready after 30 s: %w: %s", err, log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func stop() {
	if cluster != nil && cluster.Process != nil {
		_ = cluster.Process.Signal(syscall.SIGINT)
		_ = cluster.Wait()
	}
	if dir != "" {
		_ = os.RemoveAll(dir)
	}
}
