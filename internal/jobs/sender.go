package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

// Mind is what a sender asks the flows: whether a delivery is still wanted,
// and what follows from its outcome. Both run inside a transaction.
type Mind interface {
	Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (ok bool, why string, err error)
	Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error
}

// Carried is what a provider said to one attempt. Without an error it has
// accepted.
type Carried struct {
	Receipt    string
	Ref        string          // by which the provider knows it
	Awaits     message.Awaited // what may still be heard of it
	Err        error
	Permanent  bool          // trying again cannot help
	Gone       bool          // the address is no more
	RetryAfter time.Duration // what the provider asked for
}

// Sender empties one lane of the outbox: claim, commit, re-read, send, commit.
type Sender struct {
	DB      *store.DB
	Log     *slog.Logger
	Lane    deliveries.Lane
	Workers int // 1 sends in order, without goroutines
	Share   int // of the workers, about as many for one channel at most; 0: all of them
	// Turns are channels on which an address is written to by one attempt at a time, on
	// all nodes: what is there is looked up before it is changed.
	Turns []string
	Lease time.Duration
	Skew  func() time.Duration // how far this node's time is ahead of the clock that leases go by; nil: not at all
	Carry func(ctx context.Context, d *message.Delivery) Carried
	Mind  Mind
	// Behind reports whether what is due now piled up; nil: never.
	Behind func(now time.Time) bool
	// Hold reports whether more of what piled up is about to come; nil: never.
	Hold  func(now time.Time) bool
	Beat  func(now time.Time) // called on each pass of Run; may be nil
	Slips *Slips              // of what was accepted; nil: none are kept
	// BeforeSend and AfterSend end the process in simulations.
	BeforeSend, AfterSend func() error

	once sync.Once
	poke chan struct{}

	mu   sync.Mutex
	busy map[string]int // sends under way, by channel; only where there is a Share
}

const (
	sendTimeout = 20 * time.Second
	senderPoll  = 2 * time.Second
	holdPoll    = 100 * time.Millisecond
	againPoll   = 20 * time.Millisecond
	turnPoll    = 500 * time.Millisecond
	maxAttempts = 12 // of notices and messages; pages go on while wanted
	maxPageAge  = 24 * time.Hour
)

// Poke hints that something may be due.
func (s *Sender) Poke() {
	select {
	case s.wake() <- struct{}{}:
	default:
	}
}

func (s *Sender) wake() chan struct{} {
	s.once.Do(func() { s.poke = make(chan struct{}, 1) })
	return s.poke
}

// Tick sends what is due at now, in turn, and returns how many sends it tried.
func (s *Sender) Tick(ctx context.Context, now time.Time) (n int, err error) {
	for {
		wait, err := s.rest(ctx, now, nil)
		if err != nil || wait > 0 {
			return n, err
		}
		ds, some, err := s.claim(ctx, now, max(s.Workers, 1), nil)
		if err != nil || !some {
			return n, err
		}
		if err := s.deliver(ctx, ds, func() time.Time { return now }); err != nil {
			return n, err
		}
		n += len(ds)
	}
}

// Run sends until ctx ends, with up to Workers sends under way.
func (s *Sender) Run(ctx context.Context, now func() time.Time) error {
	free := make(chan struct{}, s.Workers)
	for range s.Workers {
		free <- struct{}{}
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	failed := 0 // in a row
	for ctx.Err() == nil {
		beat(s.Beat, now)
		// Claim only what can be sent at once, so that a send starts right
		// after the incident was read (INV-P3).
		select {
		case <-free:
			free <- struct{}{}
		case <-ctx.Done():
			continue
		}
		if s.Hold != nil && s.Hold(now()) {
			sleep(ctx, holdPoll, nil)
			continue
		}
		full, room := s.shares()
		wait, err := s.rest(ctx, now(), full)
		if wait == 0 && err == nil {
			var some bool
			some, err = s.start(ctx, now, free, room, full, &wg)
			if !some {
				wait = againPoll // another node was quicker
			}
		}
		switch {
		case err == nil:
			failed = 0
		case ctx.Err() == nil:
			failed++
			s.Log.Error("send what is due", "error", err)
			wait = min(againPoll<<min(failed, 10), senderPoll)
		}
		if wait > 0 {
			sleep(ctx, wait, s.wake())
		}
	}
	return fmt.Errorf("sender: %w", ctx.Err())
}

// start claims what is due and sends it, each batch on a worker of its own; some
// is false when there was nothing to claim.
func (s *Sender) start(ctx context.Context, now func() time.Time, free chan struct{}, room int, full []string, wg *sync.WaitGroup) (some bool, err error) {
	ds, some, err := s.claim(ctx, now(), min(len(free), room), full)
	for _, b := range ds {
		<-free
		s.occupy(b[0].Channel, 1)
		wg.Go(func() {
			defer func() {
				s.occupy(b[0].Channel, -1)
				free <- struct{}{}
			}()
			if err := s.deliver(ctx, [][]*message.Delivery{b}, now); err != nil {
				s.Log.Error("deliver", "key", b[0].Key, "error", err)
			}
		})
	}
	return some, err
}

// occupy counts a channel's sends under way. One that has room again is looked
// at at once.
func (s *Sender) occupy(channel string, by int) {
	if s.Share == 0 {
		return
	}
	s.mu.Lock()
	if s.busy == nil {
		s.busy = map[string]int{}
	}
	was := s.busy[channel]
	s.busy[channel] += by
	s.mu.Unlock()
	if by < 0 && was >= s.Share {
		s.Poke()
	}
}

// shares lists the channels that have their share of the workers, since a
// provider that hangs must not hold up the others, and how many sends may begin
// so that no other channel comes to more than its share, whatever they are.
func (s *Sender) shares() (full []string, room int) {
	if s.Share == 0 {
		return nil, s.Workers
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	room = s.Share
	for channel, n := range s.busy {
		if n >= s.Share {
			full = append(full, channel)
		} else {
			room = min(room, s.Share-n)
		}
	}
	return full, room
}

// rest is how long nothing is due over other channels than those that are full,
// at most until it is looked again. It reads, so that a lane with nothing to send
// never waits for the writer.
func (s *Sender) rest(ctx context.Context, now time.Time, full []string) (wait time.Duration, err error) {
	wait = senderPoll
	err = s.DB.View(store.Urgent(ctx), func(tx *store.Tx) error {
		at, ok, err := deliveries.Next(tx, s.Lane, full...)
		if ok {
			wait = max(min(wait, at.Sub(now)), 0)
		}
		return err
	})
	return wait, err
}

// claim takes what is due, as batches that are sent as one message each: of one
// delivery, but for what piled up (see pile). some is false when nothing was there
// to take, not when nothing of it is wanted any more.
func (s *Sender) claim(ctx context.Context, now time.Time, limit int, except []string) (out [][]*message.Delivery, some bool, err error) {
	ask := s.Mind.Wanted
	take := func(tx *store.Tx) error {
		out = out[:0]
		ds, err := deliveries.Claim(tx, s.Lane, now, s.term(now), limit, except...)
		if err != nil {
			return err
		}
		some = len(ds) > 0
		if ds, err = s.turns(tx, ds, now); err != nil {
			return err
		}
		batches, err := s.pile(tx, ds, now)
		if err != nil {
			return err
		}
		for _, b := range batches {
			if b, err = s.wanted(tx, b, now, ask); err != nil {
				return err
			}
			if len(b) > 0 {
				out = append(out, b)
			}
		}
		return nil
	}
	err = s.DB.Update(ctx, s.priority(), take)
	var one *unjudged
	if errors.As(err, &one) {
		// One that cannot be judged must not hold up the others: again, each by itself.
		ask = s.alone
		err = s.DB.Update(ctx, s.priority(), take)
	}
	return out, some, err
}

// turns puts back what must wait for another attempt at the same address.
func (s *Sender) turns(tx *store.Tx, ds []*message.Delivery, now time.Time) (out []*message.Delivery, err error) {
	var mine []ident.ID
	taken := map[string]bool{}
	for _, d := range ds {
		if !slices.Contains(s.Turns, d.Channel) {
			out = append(out, d)
			continue
		}
		if mine == nil {
			mine = make([]ident.ID, len(ds))
			for n := range ds {
				mine[n] = ds[n].ID
			}
		}
		at := d.Channel + "\x00" + d.Address
		ok := !taken[at]
		if ok {
			if ok, err = deliveries.Turn(tx, d, s.term(now), mine); err != nil {
				return nil, err
			}
		}
		if ok {
			taken[at], out = true, append(out, d)
			continue
		}
		d.DueAt = now.Add(turnPoll)
		if err := deliveries.PutBack(tx, d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Sender) term(now time.Time) deliveries.Term {
	if s.Skew != nil {
		now = now.Add(-s.Skew())
	}
	return deliveries.Term{Lease: s.Lease, Shared: now}
}

// unjudged is a delivery of which the flows could not say whether it is wanted.
type unjudged struct {
	key string
	err error
}

func (u *unjudged) Error() string { return u.key + ": " + u.err.Error() }
func (u *unjudged) Unwrap() error { return u.err }

// errLater sets a delivery back.
var errLater = errors.New("it cannot be judged now")

// alone asks about one delivery without harm to the others of the transaction.
func (s *Sender) alone(tx *store.Tx, d *message.Delivery, now time.Time) (ok bool, why string, err error) {
	asked := tx.Savepoint(func() (err error) {
		ok, why, err = s.Mind.Wanted(tx, d, now)
		return err
	})
	if asked == nil {
		return ok, why, nil
	}
	s.Log.Error("judge what is due", "key", d.Key, "error", asked)
	judge(d, Carried{Err: asked}, now)
	return false, "", errLater
}

// wanted drops what need not go out any more.
func (s *Sender) wanted(tx *store.Tx, ds []*message.Delivery, now time.Time, ask func(*store.Tx, *message.Delivery, time.Time) (bool, string, error)) (out []*message.Delivery, err error) {
	for _, d := range ds {
		ok, why, err := ask(tx, d, now)
		switch {
		case errors.Is(err, errLater):
		case err != nil:
			return nil, &unjudged{d.Key, err}
		case ok:
			out = append(out, d)
			continue
		default:
			d.State, d.DoneAt, d.LastError = message.Cancelled, now, why
		}
		if _, err := deliveries.Finish(tx, d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Sender) priority() store.Priority {
	if s.Lane.From == 0 {
		return store.PriorityPage
	}
	return store.PriorityRest
}

// deliver sends each batch as one message, and commits the outcome of each
// delivery in one transaction.
func (s *Sender) deliver(ctx context.Context, batches [][]*message.Delivery, now func() time.Time) error {
	for _, b := range batches {
		if err := s.send(ctx, b, now); err != nil {
			return err
		}
	}
	at := now()
	all := slices.Concat(batches...)
	err := s.DB.Update(context.WithoutCancel(ctx), s.priority(), func(tx *store.Tx) error {
		for _, d := range all {
			held, err := deliveries.Finish(tx, d)
			if err != nil {
				return err
			}
			if !held {
				continue // another worker has it now; its outcome counts
			}
			if err := s.Mind.Outcome(tx, d, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.Slips.done(accepted(all))
	}
	return err
}

func accepted(all []*message.Delivery) (n int) {
	for _, d := range all {
		if d.State == message.Accepted {
			n++
		}
	}
	return n
}

func (s *Sender) send(ctx context.Context, b []*message.Delivery, now func() time.Time) error {
	if s.BeforeSend != nil {
		if err := s.BeforeSend(); err != nil {
			return errors.Join(store.ErrCrashed, err)
		}
	}
	one := b[0]
	if len(b) > 1 {
		one = message.Bundle(b)
	}
	carried := s.carry(ctx, one)
	if s.AfterSend != nil {
		if err := s.AfterSend(); err != nil {
			return errors.Join(store.ErrCrashed, err)
		}
	}
	at := now()
	for i, d := range b {
		c := carried
		switch {
		case i > 0: // one page that goes on is enough
			c.Awaits = message.AwaitsNothing
		case len(b) > 1 && c.Awaits == message.AwaitsWord: // it would name none of them
			c.Awaits = message.Unheard
		}
		judge(d, c, at)
		if d.State != message.Accepted {
			continue
		}
		if err := s.Slips.note(d); err != nil {
			s.Log.Warn("note what was accepted", "key", d.Key, "error", err)
		}
	}
	return nil
}

func (s *Sender) carry(ctx context.Context, d *message.Delivery) Carried {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return s.Carry(ctx, d)
}

// judge turns the outcome of a send into the delivery's next state.
func judge(d *message.Delivery, c Carried, now time.Time) {
	if c.Err == nil {
		d.State, d.DoneAt, d.LastError, d.Receipt, d.Awaits, d.Ref = message.Accepted, now, "", c.Receipt, c.Awaits, c.Ref
		return
	}
	d.LastError, d.Gone = c.Err.Error(), c.Gone
	spent := d.Kind != message.KindPage && d.Attempts >= maxAttempts || now.Sub(d.CreatedAt) > maxPageAge
	if c.Permanent || spent {
		d.State, d.DoneAt = message.Failed, now
		return
	}
	d.State = message.Queued
	d.DueAt = now.Add(max(message.Backoff(d.Kind, d.Attempts), c.RetryAfter))
}
