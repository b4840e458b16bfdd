package app

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/events"
)

// steady is the clock of a running server (R09). It begins at the time of the
// database's server, or of this machine where the database is a file, and goes
// on by a clock of the machine that nobody can set: when the time of day is set
// by an hour, no page is late and no timer fires early. It goes towards the
// reference slowly and never back; a restart goes there at once.
type steady struct {
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

// newSteady starts the clock.
func newSteady(ctx context.Context, elapsed func() time.Duration, reference func(context.Context) (time.Time, error)) (*steady, error) {
	s := &steady{elapsed: elapsed, reference: reference}
	before := elapsed()
	at, err := reference(ctx)
	if err != nil {
		return nil, err
	}
	after := elapsed()
	s.mark.Store(&mark{at: before + (after-before)/2, is: at.UTC()})
	return s, nil
}

// now is the time, in UTC. It is safe for concurrent use and never goes back.
func (s *steady) now() time.Time { return s.at(s.elapsed()) }

func (s *steady) at(elapsed time.Duration) time.Time {
	m := s.mark.Load()
	since := elapsed - m.at
	return m.is.Add(since + time.Duration(m.rate*float64(min(since, 2*steerEvery))))
}

var errSlow = errors.New("the reference answered too late to tell the time")

// steer looks at the reference and goes towards it from now on.
func (s *steady) steer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	before := s.elapsed()
	ref, err := s.reference(ctx)
	after := s.elapsed()
	if err == nil && after-before > askFor {
		err = errSlow
	}
	rate := 0.0
	if err == nil {
		gap := ref.Sub(s.at(before + (after-before)/2))
		s.ahead.Store(-int64(gap))
		rate = max(-slew, min(slew, gap.Seconds()/steerEvery.Seconds()))
	}
	now := s.elapsed()
	s.mark.Store(&mark{at: now, is: s.at(now), rate: rate})
	return err
}

// skew is how far the clock is ahead of the reference.
func (s *steady) skew() time.Duration { return time.Duration(s.ahead.Load()) }

// timeOf reads the time of day from the database's server, so that all nodes have
// one time, or from this machine where there is none.
func timeOf(db *store.DB) func(context.Context) (time.Time, error) {
	return func(ctx context.Context) (time.Time, error) {
		at, ok, err := db.Clock(ctx)
		if !ok {
			at = clock()
		}
		return at, err
	}
}

// timeOfDay is what the watch compares the server's time with.
func (s *server) timeOfDay(ctx context.Context) (at time.Time, ok bool, err error) {
	at, err = s.time.reference(ctx)
	return at, err == nil, err
}

// monotonic is the clock of the Go runtime since now.
func monotonic() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// run steers until ctx ends.
func (s *steady) run(ctx context.Context, log *slog.Logger) {
	t := time.NewTicker(steerEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := s.steer(ctx); err != nil && ctx.Err() == nil {
				log.Warn("read the time of day", "error", err)
			}
		}
	}
}

// doubt says aloud when the record knows a later time than the server begins at:
// then the time of day was wrong, before or now.
func (s *server) doubt(ctx context.Context, db *store.DB, now time.Time) error {
	var newest time.Time
	err := db.View(ctx, func(tx *store.Tx) error {
		id, err := events.Last(tx)
		newest = id.Time()
		return err
	})
	if by := newest.Sub(now); by > time.Minute {
		s.log.Error("the newest entry of the record is later than now: the time of day was set wrong, before or at this start", "by", by.Round(time.Second), "now", now)
	}
	return err
}
