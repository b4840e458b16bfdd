package mailin

import (
	"net"
	"sync"
	"time"
)

// bounded wraps l so that no more connections than the limits allow are open at
// once, and none for longer. Who is refused is told to come back.
func bounded(l net.Listener, by limits) net.Listener {
	return &gate{Listener: l, by: by, from: map[string]int{}}
}

type gate struct {
	net.Listener
	by limits

	mu   sync.Mutex
	open int
	from map[string]int
}

// Accept is net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host := hostOf(c.RemoteAddr())
		if g.enter(host) {
			return &guest{Conn: c, leave: sync.OnceFunc(func() { g.exit(host) }), until: time.Now().Add(g.by.life)}, nil
		}
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = c.Write([]byte("421 4.7.0 Too many connections, please try again later\r\n"))
		_ = c.Close()
	}
}

func (g *gate) enter(host string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open >= g.by.conns || g.from[host] >= g.by.fromOne {
		return false
	}
	g.open++
	g.from[host]++
	return true
}

func (g *gate) exit(host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if g.from[host]--; g.from[host] == 0 {
		delete(g.from, host)
	}
}

// guest is a connection with an end: each command moves the deadline, and none
// moves it past that.
type guest struct {
	net.Conn
	leave func()
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
	c.leave()
	return c.Conn.Close()
}
