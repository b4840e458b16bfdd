package access

import (
	"crypto/sha256"
	"sync"
	"time"

	"allclear/internal/base/fault"
)

const (
	// maxGuesses within guessWindow is what an account takes (scoreboard S14).
	maxGuesses  = 10
	guessWindow = 15 * time.Minute
	// maxStrangers bounds what is remembered of addresses that have no account.
	maxStrangers = 10_000
)

// throttle counts guesses of passwords per account, in memory: a restart
// forgets them. Addresses without an account are counted apart, so that nobody
// can push a real account's count out by trying many others.
type throttle struct {
	mu        sync.Mutex
	accounts  map[[32]byte]*guesses
	strangers map[[32]byte]*guesses
}

// guesses holds the instants of the last guesses, oldest first.
type guesses struct{ at []time.Time }

func newThrottle() *throttle {
	return &throttle{accounts: map[[32]byte]*guesses{}, strangers: map[[32]byte]*guesses{}}
}

// Throttled is the error of one guess too many. It is of kind fault.Busy.
type Throttled struct{ Wait time.Duration }

func (t *Throttled) Error() string { return "too many attempts" }

// Unwrap gives the error its kind.
func (t *Throttled) Unwrap() error {
	return fault.New(fault.Busy, "too many attempts to sign in: wait before the next one")
}

// RetryAfter is when the next guess is taken.
func (t *Throttled) RetryAfter() time.Duration { return t.Wait }

// take counts a guess before it is checked, so that parallel ones cannot pass
// together.
func (t *throttle) take(email string, known bool, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.of(email, known, now)
	g.forget(now)
	if len(g.at) >= maxGuesses {
		return &Throttled{Wait: g.at[0].Add(guessWindow).Sub(now)}
	}
	g.at = append(g.at, now)
	return nil
}

// giveBack takes the guess made at now back: it was right, or was not checked.
func (t *throttle) giveBack(email string, known bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.of(email, known, now)
	for i := len(g.at) - 1; i >= 0; i-- {
		if g.at[i].Equal(now) {
			g.at = append(g.at[:i], g.at[i+1:]...)
			return
		}
	}
}

func (t *throttle) of(email string, known bool, now time.Time) *guesses {
	key := sha256.Sum256([]byte(email))
	m := t.accounts
	if !known {
		m = t.strangers
		if m[key] == nil && len(m) >= maxStrangers {
			t.prune(now)
		}
		if m[key] == nil && len(m) >= maxStrangers {
			clear(m)
		}
	}
	if m[key] == nil {
		m[key] = &guesses{}
	}
	return m[key]
}

// prune drops everybody whose guesses are all out of the window.
func (t *throttle) prune(now time.Time) {
	for _, m := range []map[[32]byte]*guesses{t.accounts, t.strangers} {
		for key, g := range m {
			if g.forget(now); len(g.at) == 0 {
				delete(m, key)
			}
		}
	}
}

func (g *guesses) forget(now time.Time) {
	n := 0
	for n < len(g.at) && now.Sub(g.at[n]) >= guessWindow {
		n++
	}
	g.at = g.at[n:]
}

// tidy frees what is no longer needed.
func (t *throttle) tidy(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prune(now)
}
