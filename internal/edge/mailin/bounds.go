package mailin

import (
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"
)

// limits of a gate.
type limits struct {
	conns, fromOne int // open at once: of all, and of one address
	life           time.Duration
}

// gate lets no more connections in than the limits allow, and none for longer.
// Who is refused is told to come back.
type gate struct {
	by limits

	mu    sync.Mutex
	open  map[*guest]bool
	hosts map[string]int
}

func newGate(by limits) *gate {
	return &gate{by: by, open: map[*guest]bool{}, hosts: map[string]int{}}
}

// before is l behind the gate.
func (g *gate) before(l net.Listener) net.Listener { return door{l, g} }

type door struct {
	net.Listener
	*gate
}

// Accept is net.Listener.
func (d door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if v := d.enter(c); v != nil {
			return v, nil
		}
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = c.Write([]byte("421 4.7.0 Too many connections, please try again later\r\n"))
		_ = c.Close()
	}
}

func (g *gate) enter(c net.Conn) *guest {
	g.mu.Lock()
	defer g.mu.Unlock()
	host := hostOf(c.RemoteAddr())
	if len(g.open) >= g.by.conns || g.hosts[host] >= g.by.fromOne {
		return nil
	}
	v := &guest{Conn: c, gate: g, until: time.Now().Add(g.by.life)}
	g.open[v] = true
	g.hosts[host]++
	return v
}

func (g *gate) leave(v *guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open[v] {
		return
	}
	delete(g.open, v)
	host := hostOf(v.RemoteAddr())
	if g.hosts[host]--; g.hosts[host] == 0 {
		delete(g.hosts, host)
	}
}

// clear cuts off whoever is still there.
func (g *gate) clear() error {
	g.mu.Lock()
	left := slices.Collect(maps.Keys(g.open))
	g.mu.Unlock()
	var errs []error
	for _, v := range left {
		errs = append(errs, v.Close())
	}
	return errors.Join(errs...)
}

// guest is a connection with an end: each command moves the deadline, and none
// moves it past that.
type guest struct {
	net.Conn
	gate  *gate
	until time.Time
}

// SetReadDeadline is net.Conn.
func (c *guest) SetReadDeadline(t time.Time) error {
	if t.IsZero() || t.After(c.until) {
		t = c.until
	}
	return c.Conn.SetReadDeadline(t)
}

// SetDeadline is net.Conn.
func (c *guest) SetDeadline(t time.Time) error {
	if err := c.Conn.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.SetReadDeadline(t)
}

// Close is net.Conn.
func (c *guest) Close() error {
	c.gate.leave(c)
	return c.Conn.Close()
}
