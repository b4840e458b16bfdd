package store

import (
	"context"
	"sync"

	"allclear/internal/base/fault"
)

// Group commits the work of many callers in one transaction: whatever waits
// when the writer becomes free goes in together, so a lone caller is not
// delayed and a crowd shares one fsync.
type Group[In, Out any] struct {
	db      *DB
	p       Priority
	max     int
	backlog int
	run     func(tx *Tx, batch []In) ([]Out, error)

	mu      sync.Mutex
	waiting []*ticket[In, Out]
	working bool
}

type ticket[In, Out any] struct {
	in   In
	out  Out
	err  error
	done chan struct{}
}

// NewGroup makes a group that commits at most max inputs at once and refuses
// more than backlog waiting ones with fault.Busy.
func NewGroup[In, Out any](db *DB, p Priority, maxBatch, backlog int, run func(*Tx, []In) ([]Out, error)) *Group[In, Out] {
	return &Group[In, Out]{db: db, p: p, max: maxBatch, backlog: backlog, run: run}
}

// Submit waits until the transaction that holds in is durable.
func (g *Group[In, Out]) Submit(ctx context.Context, in In) (Out, error) {
	t := &ticket[In, Out]{in: in, done: make(chan struct{})}
	g.mu.Lock()
	if len(g.waiting) >= g.backlog {
		g.mu.Unlock()
		return t.out, fault.New(fault.Busy, "intake backlog is full (%d waiting): send again shortly", g.backlog)
	}
	g.waiting = append(g.waiting, t)
	lead := !g.working
	g.working = true
	g.mu.Unlock()
	if lead {
		// The work outlives the caller who happened to lead it.
		go g.work(context.WithoutCancel(ctx))
	}
	select {
	case <-t.done:
		return t.out, t.err
	case <-ctx.Done():
		// The row may still be written; without an answer the sender repeats.
		return t.out, ctx.Err()
	}
}

// Waiting is how many inputs wait for the writer.
func (g *Group[In, Out]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

func (g *Group[In, Out]) work(ctx context.Context) {
	for {
		g.mu.Lock()
		n := min(len(g.waiting), g.max)
		if n == 0 {
			g.working = false
			g.waiting = nil
			g.mu.Unlock()
			return
		}
		batch := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.mu.Unlock()
		g.commit(ctx, batch)
		for _, t := range batch {
			close(t.done)
		}
	}
}

// commit tries the batch whole; when it fails, one by one, so that a poisonous
// input fails alone.
func (g *Group[In, Out]) commit(ctx context.Context, batch []*ticket[In, Out]) {
	err := g.try(ctx, batch)
	if err == nil {
		return
	}
	if len(batch) == 1 {
		batch[0].err = err
		return
	}
	for i := range batch {
		batch[i].err = g.try(ctx, batch[i:i+1])
	}
}

func (g *Group[In, Out]) try(ctx context.Context, batch []*ticket[In, Out]) error {
	in := make([]In, len(batch))
	for i, t := range batch {
		in[i] = t.in
	}
	var outs []Out
	err := g.db.Update(ctx, g.p, func(tx *Tx) (err error) {
		outs, err = g.run(tx, in)
		return err
	})
	if err != nil {
		return err
	}
	for i := range batch {
		batch[i].out = outs[i]
	}
	return nil
}
