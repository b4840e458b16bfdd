package email

import (
	"context"
	"crypto/x509"
	"errors"
	"sync"
	"time"

	"allclear/internal/plug"
)

// maxPerConn ends a connection after so many mails; relays commonly stop at 100.
const maxPerConn = 100

// pool keeps a few connections to the relay. Bulk mail may hold all but one of
// them, so that a page never waits behind a mailing to customers.
type pool struct {
	set   settings
	guard *plug.Guard
	roots *x509.CertPool
	all   chan struct{} // a slot per connection
	bulk  chan struct{} // a slot per connection that is not reserved for pages

	mu     sync.Mutex
	idle   []*conn // oldest first
	closed bool
}

func newPool(s settings, g *plug.Guard, roots *x509.CertPool) *pool {
	return &pool{
		set: s, guard: g, roots: roots,
		all:  make(chan struct{}, s.connections),
		bulk: make(chan struct{}, s.connections-1),
	}
}

// send delivers one mail over a kept or a new connection and returns the
// relay's reply.
func (p *pool) send(ctx context.Context, l letter, page bool) (string, error) {
	release, err := p.slot(ctx, page)
	if err != nil {
		return "", err
	}
	defer release()
	for c := p.take(); c != nil; c = p.take() {
		reply, err := c.send(ctx, l)
		if errors.Is(err, errStale) && ctx.Err() == nil {
			c.quit()
			continue // it died while idle and nothing was sent: the next, or a new one
		}
		p.give(c)
		return reply, err
	}
	c, err := connect(ctx, p.set, p.guard, p.roots)
	if err != nil {
		return "", err
	}
	reply, err := c.send(ctx, l)
	p.give(c)
	return reply, err
}

func (p *pool) slot(ctx context.Context, page bool) (release func(), err error) {
	lanes := []chan struct{}{p.bulk, p.all}
	if page {
		lanes = lanes[1:]
	}
	held := 0
	release = func() {
		for _, l := range lanes[:held] {
			<-l
		}
	}
	for _, l := range lanes {
		select {
		case l <- struct{}{}:
			held++
		case <-ctx.Done():
			release()
			return nil, plug.Fail(plug.Retry, "wait for a connection: %w", ctx.Err())
		}
	}
	return release, nil
}

// take returns the connection used last, nil when none is left.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	c := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return c
}

// give keeps a sound connection for the idle time and ends every other.
func (p *pool) give(c *conn) {
	p.mu.Lock()
	keep := !p.closed && c.sound && c.sent < maxPerConn
	if keep {
		p.idle = append(p.idle, c)
		c.reap = time.AfterFunc(p.set.idle, func() { p.drop(c) })
	}
	p.mu.Unlock()
	if !keep {
		c.quit()
	}
}

// drop ends c if it is still idle since the timer was set.
func (p *pool) drop(c *conn) {
	p.mu.Lock()
	found := false
	for i, x := range p.idle {
		if x == c && time.Since(c.idleFrom) >= p.set.idle {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			found = true
			break
		}
	}
	p.mu.Unlock()
	if found {
		c.quit()
	}
}

func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range idle {
		c.reap.Stop()
		c.quit()
	}
}
