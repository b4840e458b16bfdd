package store

import (
	"context"
	"sync"
)

// Priority orders writers in front of the single SQLite writer, so that a page
// never waits behind bulk work.
type Priority int

// Priorities, most urgent first.
const (
	Page Priority = iota
	Ack
	Intake
	Rest
	priorities
)

// turnstile lets one caller through at a time: the most urgent first, first
// come first served within a priority.
type turnstile struct {
	mu    sync.Mutex
	busy  bool
	lines [priorities][]chan struct{}
}

func newTurnstile() *turnstile { return &turnstile{} }

func (t *turnstile) enter(ctx context.Context, p Priority) error {
	t.mu.Lock()
	if !t.busy {
		t.busy = true
		t.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	t.lines[p] = append(t.lines[p], turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		t.abandon(p, turn)
		return ctx.Err()
	}
}

// abandon leaves the line; a turn granted meanwhile is passed on.
func (t *turnstile) abandon(p Priority, turn chan struct{}) {
	t.mu.Lock()
	for i, c := range t.lines[p] {
		if c == turn {
			t.lines[p] = append(t.lines[p][:i], t.lines[p][i+1:]...)
			t.mu.Unlock()
			return
		}
	}
	t.mu.Unlock()
	t.leave()
}

func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p := range t.lines {
		if len(t.lines[p]) > 0 {
			turn := t.lines[p][0]
			t.lines[p] = t.lines[p][1:]
			close(turn)
			return
		}
	}
	t.busy = false
}

// Waiting is how many writers queue behind the one at work.
func (db *DB) Waiting() (n int) {
	db.queue.mu.Lock()
	defer db.queue.mu.Unlock()
	for _, l := range db.queue.lines {
		n += len(l)
	}
	return n
}
