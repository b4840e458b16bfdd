package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"allclear/internal/base/fault"
)

// backlogBatches is how many full batches may wait before callers are refused.
const backlogBatches = 16

// Group commits the work of many callers in one transaction: whatever waits
// when the writer becomes free goes in together, so a lone caller is not
// delayed and a crowd shares one fsync. It is safe for concurrent use.
type Group[In, Out any] struct {
	db      *DB
	p       Priority
	max     int
	backlog int
	bound   time.Duration
	run     func(tx *Tx, batch []In) ([]Out, error)

	mu      sync.Mutex
	waiting []*ticket[In, Out]
	working bool
	limit   int // of the next batch, 1..max; shrinks while batches overrun bound
}

type ticket[In, Out any] struct {
	in     In
	out    Out
	err    error
	thrown any // what run panicked with
	done   chan struct{}
}

var errThrown = errors.New("run panicked")

// NewGroup makes a group that commits at most maxBatch inputs at once and
// shrinks its batches while they hold the writer longer than bound (0 = no
// bound). Sixteen full batches may wait; further callers get fault.Busy.
//
// run answers one Out for each In, in order. It may run more than once for the
// same input, so it must touch nothing but the transaction.
func NewGroup[In, Out any](db *DB, p Priority, maxBatch int, bound time.Duration, run func(tx *Tx, batch []In) ([]Out, error)) *Group[In, Out] {
	maxBatch = max(maxBatch, 1)
	return &Group[In, Out]{db: db, p: p, max: maxBatch, limit: maxBatch, backlog: backlogBatches * maxBatch, bound: bound, run: run}
}

// SubmitNow runs in alone, on the caller's goroutine. Simulations use it to
// stay deterministic.
func (g *Group[In, Out]) SubmitNow(ctx context.Context, in In) (out Out, err error) {
	err = g.db.Update(ctx, g.p, func(tx *Tx) error {
		outs, err := g.call(tx, []In{in})
		if err != nil {
			return err
		}
		out = outs[0]
		return nil
	})
	return out, err
}

// Submit waits until the transaction that holds in is durable. When ctx ends
// first, the input is withdrawn if its batch has not begun; otherwise it may
// still be written, and the caller without an answer sends it again.
func (g *Group[In, Out]) Submit(ctx context.Context, in In) (Out, error) {
	t := &ticket[In, Out]{in: in, done: make(chan struct{})}
	if ctx.Value(nesting{}) != nil {
		return t.out, errors.New("submit to group: already inside a transaction")
	}
	if err := ctx.Err(); err != nil {
		return t.out, err
	}
	if err := g.enqueue(ctx, t); err != nil {
		return t.out, err
	}
	select {
	case <-t.done:
	case <-ctx.Done():
		g.withdraw(t)
		var none Out
		return none, ctx.Err()
	}
	if t.thrown != nil {
		panic(t.thrown) // in the goroutine that brought the input
	}
	return t.out, t.err
}

func (g *Group[In, Out]) enqueue(ctx context.Context, t *ticket[In, Out]) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) >= g.backlog {
		return fault.New(fault.Busy, "%d writes are waiting already: send again shortly", g.backlog)
	}
	g.waiting = append(g.waiting, t)
	if !g.working {
		g.working = true
		// The work outlives the caller who happened to start it.
		go g.work(context.WithoutCancel(ctx))
	}
	return nil
}

func (g *Group[In, Out]) withdraw(t *ticket[In, Out]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, t); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
}

// work commits batches until nobody waits.
func (g *Group[In, Out]) work(ctx context.Context) {
	for {
		g.mu.Lock()
		if len(g.waiting) == 0 {
			g.working = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.commit(ctx)
	}
}

// take removes the next batch from the line.
func (g *Group[In, Out]) take() []*ticket[In, Out] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), g.limit)
	batch := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	return batch
}

// commit takes a batch when the writer is free and runs it whole; when that
// fails, each input in a savepoint of its own within one more transaction, so
// that a poisonous one fails alone and costs no second fsync for the others.
func (g *Group[In, Out]) commit(ctx context.Context) {
	var batch []*ticket[In, Out]
	var watch overrun
	err := g.guarded(ctx, func(tx *Tx) error {
		if batch == nil { // a repeated attempt keeps its batch
			batch = g.take()
			watch.start(g.bound)
		}
		return g.whole(tx, batch)
	})
	g.adapt(watch.stop())
	switch {
	case err == nil:
	case batch == nil: // the transaction never began
		batch = g.take()
		fail(batch, err)
	case errors.Is(err, ErrCrashed) || errors.Is(err, ErrClosed) || (len(batch) == 1 && !errors.Is(err, errThrown)):
		fail(batch, err)
	default:
		if err := g.guarded(ctx, func(tx *Tx) error { return g.each(tx, batch) }); err != nil {
			fail(batch, err)
		}
	}
	for _, t := range batch {
		close(t.done)
	}
}

// guarded is Update with a panic made an error: it must not end the process,
// because then the input that causes it would end every next one as well.
func (g *Group[In, Out]) guarded(ctx context.Context, fn func(*Tx) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", errThrown, v)
		}
	}()
	return g.db.Update(ctx, g.p, fn)
}

func (g *Group[In, Out]) whole(tx *Tx, batch []*ticket[In, Out]) error {
	if len(batch) == 0 {
		return nil // everybody withdrew
	}
	in := make([]In, len(batch))
	for i, t := range batch {
		in[i] = t.in
	}
	outs, err := g.call(tx, in)
	if err != nil {
		return err
	}
	for i, t := range batch {
		t.out = outs[i]
	}
	return nil
}

// each answers nil unless the transaction itself is lost.
func (g *Group[In, Out]) each(tx *Tx, batch []*ticket[In, Out]) error {
	for _, t := range batch {
		t.err, t.thrown = nil, nil
		err := tx.Savepoint(func() (err error) {
			defer func() {
				if v := recover(); v != nil {
					t.thrown, err = v, errThrown
				}
			}()
			return g.whole(tx, []*ticket[In, Out]{t})
		})
		if retryable(err) {
			return err
		}
		t.err = err
	}
	return nil
}

func (g *Group[In, Out]) call(tx *Tx, in []In) ([]Out, error) {
	outs, err := g.run(tx, in)
	if err == nil && len(outs) != len(in) {
		err = fmt.Errorf("run group: %d answers for %d inputs", len(outs), len(in))
	}
	return outs, err
}

func fail[In, Out any](batch []*ticket[In, Out], err error) {
	var none Out
	for _, t := range batch {
		t.out, t.err, t.thrown = none, err, nil
	}
}

// adapt halves the next batch after one that held the writer too long and
// lets it grow again slowly.
func (g *Group[In, Out]) adapt(tooLong bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if tooLong {
		g.limit = max(1, g.limit/2)
		return
	}
	g.limit = min(g.max, g.limit+1+g.limit/8)
}

// overrun tells whether a time limit passed, without reading the clock.
type overrun struct{ timer *time.Timer }

func (o *overrun) start(limit time.Duration) {
	if limit > 0 {
		o.timer = time.NewTimer(limit)
	}
}

func (o *overrun) stop() bool {
	if o.timer == nil {
		return false
	}
	select {
	case <-o.timer.C:
		return true
	default:
		o.timer.Stop()
		return false
	}
}
