// Package jobs owns what runs by itself: the bus on which flows meet inside a
// transaction, timers that fire durable due times, and the senders that empty
// the outbox. It must not know what a handler means or hold rules of its own.
package jobs

import (
	"fmt"
	"time"

	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/events"
)

// Handler reacts to an entry inside the transaction that writes it.
type Handler func(tx *store.Tx, e *event.Event) error

// Bus writes entries to the record and hands each to its handlers, in the
// order they were wired. Wire before use; it is then safe for concurrent use.
type Bus struct {
	handlers map[event.Kind][]Handler
	watchers []func(e event.Event)
}

// NewBus returns a bus without handlers.
func NewBus() *Bus { return &Bus{handlers: map[event.Kind][]Handler{}} }

// On adds a handler for a kind.
func (b *Bus) On(k event.Kind, h Handler) { b.handlers[k] = append(b.handlers[k], h) }

// Watch adds a function that learns of entries after their commit. It must not
// block: it is a hint, the row is the truth.
func (b *Bus) Watch(f func(e event.Event)) { b.watchers = append(b.watchers, f) }

// Emit writes an entry and runs its handlers. Empty times are filled with now.
func (b *Bus) Emit(tx *store.Tx, now time.Time, e event.Event) error {
	if e.At.IsZero() {
		e.At = now
	}
	e.RecordedAt = now
	if e.Actor == "" {
		e.Actor = event.System
	}
	if err := events.Append(tx, &e); err != nil {
		return fmt.Errorf("record %s: %w", e.Kind, err)
	}
	b.announce(tx, e)
	return b.Heed(tx, &e)
}

// Heed runs the handlers of an entry that Record has written. One may stand for many.
func (b *Bus) Heed(tx *store.Tx, e *event.Event) error {
	for _, h := range b.handlers[e.Kind] {
		if err := h(tx, e); err != nil {
			return fmt.Errorf("handle %s: %w", e.Kind, err)
		}
	}
	return nil
}

// Record writes many entries at once without running handlers, on the hot path of
// intake; see Heed.
func (b *Bus) Record(tx *store.Tx, es []*event.Event) error {
	if err := events.Append(tx, es...); err != nil {
		return fmt.Errorf("record entries: %w", err)
	}
	for _, e := range es {
		b.announce(tx, *e)
	}
	return nil
}

func (b *Bus) announce(tx *store.Tx, e event.Event) {
	if len(b.watchers) == 0 {
		return
	}
	tx.AfterCommit(func() {
		for _, w := range b.watchers {
			w(e)
		}
	})
}
