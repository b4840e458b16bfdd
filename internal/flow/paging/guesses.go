package paging

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// maxGuesses wrong codes within guessWindow is what an address may send.
	maxGuesses  = 10
	guessWindow = 15 * time.Minute
	// maxAddresses bounds what is remembered.
	maxAddresses = 10_000
)

// guesses counts wrong codes by address, in memory: a restart forgets them. It
// slows down answers only; no page is ever held back by it.
type guesses struct {
	mu sync.Mutex
	at map[[32]byte][]time.Time // oldest first
}

// take counts an answer before it is judged, so that parallel ones cannot pass
// together; false is one too many.
func (g *guesses) take(address string, now time.Time) bool {
	key := sha256.Sum256([]byte(address))
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.at == nil {
		g.at = map[[32]byte][]time.Time{}
	}
	if g.at[key] == nil && len(g.at) >= maxAddresses {
		g.prune(now)
	}
	at := recent(g.at[key], now)
	if len(at) >= maxGuesses {
		g.at[key] = at
		return false
	}
	g.at[key] = append(at, now)
	return true
}

// giveBack takes back what was counted at now.
func (g *guesses) giveBack(address string, now time.Time) {
	key := sha256.Sum256([]byte(address))
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.at[key]
	for i := len(at) - 1; i >= 0; i-- {
		if at[i].Equal(now) {
			at = append(at[:i], at[i+1:]...)
			break
		}
	}
	if len(at) == 0 {
		delete(g.at, key)
		return
	}
	g.at[key] = at
}

func (g *guesses) prune(now time.Time) {
	for key, at := range g.at {
		if len(recent(at, now)) == 0 {
			delete(g.at, key)
		}
	}
	if len(g.at) >= maxAddresses {
		clear(g.at)
	}
}

func recent(at []time.Time, now time.Time) []time.Time {
	n := 0
	for n < len(at) && now.Sub(at[n]) >= guessWindow {
		n++
	}
	return at[n:]
}
