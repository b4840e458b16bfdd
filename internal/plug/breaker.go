package plug

import (
	"sync"
	"time"
)

const (
	// breakAfter failures in a row a provider is left alone for breakFor.
	breakAfter = 5
	breakFor   = 30 * time.Second
)

// breaker keeps a provider that fails out of the way of those that work. It is
// closed (everything passes), open (nothing does), and, once it was open long
// enough, lets one send through to find out. Safe for concurrent use.
type breaker struct {
	mu       sync.Mutex
	failures int
	until    time.Time // open until then; zero when closed
	probing  bool      // the one send is under way
}

// allow reports whether the provider may be tried at now. The caller tells the
// outcome with done, or that there was none with unused.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return true
	}
	if now.Before(b.until) || b.probing {
		return false
	}
	b.probing = true
	return true
}

// unused takes a permission back: there was no send.
func (b *breaker) unused() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

// done takes the outcome of a send.
func (b *breaker) done(works bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	if works {
		b.failures, b.until = 0, time.Time{}
		return
	}
	b.failures++
	if b.failures >= breakAfter {
		b.until = now.Add(breakFor)
	}
}
