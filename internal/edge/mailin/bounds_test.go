package mailin

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// A connection ends in its time, however busy it looks.
func TestAConnectionHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(limits{conns: 2, fromOne: 2, life: 15 * time.Minute})
		here, there := net.Pipe()
		defer there.Close()
		began := time.Now()
		v := g.enter(here)
		for {
			if err := v.SetDeadline(time.Now().Add(3 * time.Minute)); err != nil {
				t.Fatal(err)
			}
			// A command now and then.
			next := time.AfterFunc(2*time.Minute, func() { _, _ = there.Write([]byte{'x'}) })
			if _, err := v.Read(make([]byte, 1)); err != nil {
				next.Stop()
				if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != 15*time.Minute {
					t.Errorf("%v after %s", err, time.Since(began))
				}
				break
			}
		}
		if err := v.SetReadDeadline(time.Time{}); err != nil { // none is no way out
			t.Fatal(err)
		}
		if _, err := v.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheGateCounts(t *testing.T) {
	g := newGate(limits{conns: 3, fromOne: 2, life: time.Hour})
	conn := func() net.Conn {
		c, other := net.Pipe()
		t.Cleanup(func() { _ = other.Close() })
		return c
	}
	a, b := g.enter(conn()), g.enter(conn())
	if a == nil || b == nil || g.enter(conn()) != nil {
		t.Fatal("one address has more or fewer than its connections")
	}
	for range 2 { // closing twice counts once
		_ = a.Close()
	}
	c := g.enter(conn())
	if c == nil || g.enter(conn()) != nil {
		t.Error("what was closed twice made room for two")
	}
	if err := g.clear(); err != nil || len(g.open) != 0 || len(g.hosts) != 0 {
		t.Errorf("%v: %d are left", err, len(g.open))
	}
}
