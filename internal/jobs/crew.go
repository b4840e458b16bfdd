package jobs

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Crew does pieces of work that a flow takes out of the store, a few at once. Make it
// with NewCrew.
type Crew struct {
	slots chan struct{} // one for each piece under way
	wg    sync.WaitGroup
}

// Round takes what is due, starts it with Go as far as there is Room, waits for
// nothing and returns how much it started. What goes wrong later it tells failed,
// from any goroutine.
type Round func(failed func(error)) (int, error)

// NewCrew returns a crew that does so many pieces at once.
func NewCrew(atOnce int) *Crew { return &Crew{slots: make(chan struct{}, atOnce)} }

// Room is how many pieces may be started.
func (c *Crew) Room() int { return cap(c.slots) - len(c.slots) }

// Go does a piece of work beside the others; without room it waits for some.
func (c *Crew) Go(work func()) {
	c.slots <- struct{}{}
	c.wg.Go(func() {
		defer func() { <-c.slots }()
		work()
	})
}

// Drain makes rounds until one finds nothing, waits for each and returns how much was
// started.
func (c *Crew) Drain(round Round) (n int, err error) {
	var mu sync.Mutex
	var errs []error
	for {
		started, err := round(func(err error) {
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
		c.wg.Wait()
		n += started
		if err != nil || started == 0 {
			return n, errors.Join(append(errs, err)...)
		}
	}
}

// Run makes a round each pause, and on a poke, until ctx ends, and waits for what is
// under way. A nil poke never comes.
func (c *Crew) Run(ctx context.Context, pause time.Duration, poke <-chan struct{}, round Round, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	defer c.wg.Wait()
	for {
		if _, err := round(failed); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-poke:
		}
	}
}
