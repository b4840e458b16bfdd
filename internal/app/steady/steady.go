// Package steady owns the clock of a running server: one that nobody can set
// (ADR 0011). It must not know what is timed by it.
package steady

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"allclear/internal/store"
)

// Clock is the clock of a running server (R09). It begins at the time of the
// database's server, or of this machine where the database is a file, and goes
// on by a clock of the machine that nobody can set: when the time of day is set
// by an hour, no page is late and no timer fires early. It goes towards the
// reference slowly and never back; a restart goes there at once.
type Clock struct {
	elapsed   func() time.Duration                     // since some instant, sleep of the machine counted
	reference func(context.Context) (time.Time, error) // the time of day
	mark      atomic.Pointer[mark]
	ahead     atomic.Int64 // of the reference, nanoseconds, when it was last looked at
}

// mark is what the clock showed at an instant and how it goes since.
type mark struct {
	at   time.Duration // elapsed
	is   time.Time     // UTC
	rate float64       // how much faster than elapsed, for two turns of steering at most
}

const (
	steerEvery = 10 * time.Second
	// slew is how fast it goes towards the reference: 7.2 seconds an hour.
	slew = 0.002
	// askFor is how long an answer may take and still tell the time.
	askFor = time.Second
)

// New starts a clock that goes by elapsed towards reference. Take Unsettable for elapsed.
func New(ctx context.Context, elapsed func() time.Duration, reference func(context.Context) (time.Time, error)) (*Clock, error) {
	c := &Clock{elapsed: elapsed, reference: reference}
	before := elapsed()
	at, err := reference(ctx)
	if err != nil {
		return nil, err
	}
	after := elapsed()
	c.mark.Store(&mark{at: before + (after-before)/2, is: at.UTC()})
	return c, nil
}

// Now is the time, in UTC. It is safe for concurrent use and never goes back.
func (c *Clock) Now() time.Time { return c.at(c.elapsed()) }

func (c *Clock) at(elapsed time.Duration) time.Time {
	m := c.mark.Load()
	since := elapsed - m.at
	return m.is.Add(since + time.Duration(m.rate*float64(min(since, 2*steerEvery))))
}

var errSlow = errors.New("the reference answered too late to tell the time")

// steer looks at the reference and goes towards it from now on.
func (c *Clock) steer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	before := c.elapsed()
	ref, err := c.reference(ctx)
	after := c.elapsed()
	if err == nil && after-before > askFor {
		err = errSlow
	}
	rate := 0.0
	if err == nil {
		gap := ref.Sub(c.at(before + (after-before)/2))
		c.ahead.Store(-int64(gap))
		rate = max(-slew, min(slew, gap.Seconds()/steerEvery.Seconds()))
	}
	now := c.elapsed()
	c.mark.Store(&mark{at: now, is: c.at(now), rate: rate})
	return err
}

// Skew is how far the clock is ahead of the reference.
func (c *Clock) Skew() time.Duration { return time.Duration(c.ahead.Load()) }

// TimeOfDay is the time the clock goes towards, as it is now.
func (c *Clock) TimeOfDay(ctx context.Context) (time.Time, error) { return c.reference(ctx) }

// Of reads the time of day from the database's server, so that all nodes have
// one time, or from this machine where there is none.
func Of(db *store.DB, machine func() time.Time) func(context.Context) (time.Time, error) {
	return func(ctx context.Context) (time.Time, error) {
		at, ok, err := db.Clock(ctx)
		if !ok {
			at = machine()
		}
		return at, err
	}
}

// monotonic is the clock of the Go runtime since now.
func monotonic() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// Run steers until ctx ends.
func (c *Clock) Run(ctx context.Context, log *slog.Logger) {
	t := time.NewTicker(steerEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := c.steer(ctx); err != nil && ctx.Err() == nil {
				log.Warn("read the time of day", "error", err)
			}
		}
	}
}
