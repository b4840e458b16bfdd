package store

import (
	"context"
	"slices"
	"sync"
)

// Priority orders writers in front of the single SQLite writer, so that a page
// never waits behind bulk work. On PostgreSQL the two urgent ones have
// connections of their own.
type Priority int

// Priorities, most urgent first.
const (
	PriorityPage   Priority = iota // telling a person
	PriorityAck                    // a person's answer
	PriorityIntake                 // signals coming in
	PriorityRest                   // everything else
	priorities
)

// turnstile lets one caller through at a time: the most urgent first, first
// come first served within a priority.
type turnstile struct {
	mu     sync.Mutex
	busy   bool
	closed bool
	lines  [priorities][]chan error // a turn is nil, being turned away an error
	idle   chan struct{}            // closed when the last one leaves after shut
}

func (t *turnstile) enter(ctx context.Context, p Priority) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return ErrClosed
	}
	if !t.busy {
		t.busy = true
		t.mu.Unlock()
		return nil
	}
	turn := make(chan error, 1)
	t.lines[p] = append(t.lines[p], turn)
	t.mu.Unlock()
	select {
	case err := <-turn:
		return err
	case <-ctx.Done():
		t.abandon(p, turn)
		return ctx.Err()
	}
}

// abandon leaves the line; a turn granted in the same moment is passed on.
func (t *turnstile) abandon(p Priority, turn chan error) {
	t.mu.Lock()
	if i := slices.Index(t.lines[p], turn); i >= 0 {
		t.lines[p] = slices.Delete(t.lines[p], i, i+1)
		t.mu.Unlock()
		return
	}
	t.mu.Unlock()
	if err := <-turn; err == nil {
		t.leave()
	}
}

func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p := range t.lines {
		if line := t.lines[p]; len(line) > 0 {
			turn := line[0]
			t.lines[p] = slices.Delete(line, 0, 1)
			turn <- nil
			return
		}
	}
	t.busy = false
	if t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}

// shut turns everybody in line away and waits for the one inside. It answers
// false when it was shut before.
func (t *turnstile) shut() bool {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return false
	}
	t.closed = true
	for p := range t.lines {
		for _, turn := range t.lines[p] {
			turn <- ErrClosed
		}
		t.lines[p] = nil
	}
	var idle chan struct{}
	if t.busy {
		idle = make(chan struct{})
		t.idle = idle
	}
	t.mu.Unlock()
	if idle != nil {
		<-idle
	}
	return true
}

func (t *turnstile) waiting() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range t.lines {
		n += len(line)
	}
	return n
}
