package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/timers"
)

// TimerHandler carries out what was due, inside the transaction that removes
// the timer: it happens exactly once, or not at all and is tried again.
type TimerHandler func(tx *store.Tx, t timers.Timer, now time.Time) error

// Timers fires durable due times. Several nodes may run it at once.
type Timers struct {
	db       *store.DB
	log      *slog.Logger
	handlers map[string]TimerHandler
	poke     chan struct{}
	behind   atomic.Int64                    // when a timer last fired late, UTC microseconds
	since    atomic.Int64                    // since when whole batches are late; 0: they are not
	Failed   func(t timers.Timer, err error) // every failure is loud
	Beat     func(now time.Time)             // called on each pass of Run; may be nil
}

const (
	timerBatch   = 64
	timerPoll    = time.Second // bounds how late a lost hint can make us
	maxTimerWait = 5 * time.Minute
)

// NewTimers returns timers without handlers.
func NewTimers(db *store.DB, log *slog.Logger) *Timers {
	return &Timers{db: db, log: log, handlers: map[string]TimerHandler{}, poke: make(chan struct{}, 1)}
}

// Handle sets the handler of a kind.
func (t *Timers) Handle(kind string, h TimerHandler) { t.handlers[kind] = h }

// Poke hints that a timer may be due earlier than thought.
func (t *Timers) Poke() {
	select {
	case t.poke <- struct{}{}:
	default:
	}
}

// Tick fires what is due at now, in order, until nothing is left.
func (t *Timers) Tick(ctx context.Context, now time.Time) (fired int, err error) {
	for {
		n, err := t.batch(ctx, now)
		fired += n
		if err != nil || n < timerBatch {
			return fired, err
		}
	}
}

func (t *Timers) batch(ctx context.Context, now time.Time) (n int, err error) {
	err = t.db.Update(ctx, store.PriorityPage, func(tx *store.Tx) error {
		due, err := timers.Take(tx, now, timerBatch)
		if err != nil {
			return err
		}
		n = len(due)
		if n > 0 && now.Sub(due[0].DueAt) > lateAfter {
			t.behind.Store(now.UnixMicro())
			if n == timerBatch {
				t.since.CompareAndSwap(0, now.UnixMicro())
			}
		}
		if n < timerBatch {
			t.since.Store(0)
		}
		for _, d := range due {
			if err := t.fire(tx, d, now); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

func (t *Timers) fire(tx *store.Tx, d timers.Timer, now time.Time) error {
	h, ok := t.handlers[d.Kind]
	if !ok {
		// Another version of the program may know it (B07): leave it for later.
		return timers.Fail(tx, d, now.Add(maxTimerWait), "no handler for this kind here")
	}
	err := tx.Savepoint(func() error { return h(tx, d, now) })
	if err == nil {
		return nil
	}
	t.log.Error("timer failed", "kind", d.Kind, "ref", d.Ref, "attempt", d.Attempts+1, "error", err)
	if t.Failed != nil {
		tx.AfterCommit(func() { t.Failed(d, err) })
	}
	wait := min(time.Second<<min(d.Attempts, 20), maxTimerWait)
	return timers.Fail(tx, d, now.Add(wait), err.Error())
}

// lateAfter is how late work is what piled up while we could not do it.
const lateAfter = time.Minute

// Behind reports whether timers are being caught up with at now: the process was
// down, or its clock has jumped.
func (t *Timers) Behind(now time.Time) bool {
	const recent = 10 * time.Second
	return now.Sub(time.UnixMicro(t.behind.Load())) < recent
}

// Backlog reports whether late timers come faster than they can be fired, for at
// most the few seconds in which a pager may wait for the rest of a bundle.
func (t *Timers) Backlog(now time.Time) bool {
	const patience = 5 * time.Second
	since := t.since.Load()
	return since != 0 && now.Sub(time.UnixMicro(since)) < patience
}

// Next is the earliest due time.
func (t *Timers) Next(ctx context.Context) (at time.Time, ok bool, err error) {
	err = t.db.View(ctx, func(tx *store.Tx) error {
		at, ok, err = timers.Next(tx)
		return err
	})
	return at, ok, err
}

// Run fires timers until ctx ends. now is the corrected clock of this node.
func (t *Timers) Run(ctx context.Context, now func() time.Time) error {
	for ctx.Err() == nil {
		beat(t.Beat, now)
		if _, err := t.Tick(ctx, now()); err != nil && ctx.Err() == nil {
			t.log.Error("fire timers", "error", err)
		}
		at, ok, err := t.Next(ctx)
		if err != nil && ctx.Err() == nil {
			t.log.Error("look for timers", "error", err)
		}
		wait := timerPoll
		if ok {
			wait = max(min(wait, at.Sub(now())), 0)
		}
		sleep(ctx, wait, t.poke)
	}
	return fmt.Errorf("timers: %w", ctx.Err())
}

// beat says that a loop is alive.
func beat(tell func(time.Time), now func() time.Time) {
	if tell != nil {
		tell(now())
	}
}

func sleep(ctx context.Context, d time.Duration, poke <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-poke:
	case <-ctx.Done():
	}
}
