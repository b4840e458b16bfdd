package access

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
)

const (
	// keepAnswers is how long a repeated request is recognised.
	keepAnswers = 24 * time.Hour
	// abandoned is when a claim without an answer is taken for the trace of a
	// process that died; a request takes less.
	abandoned = 2 * time.Minute
)

// Answer is what was answered to a request, to be answered again.
type Answer struct {
	Status  int
	Headers map[string]string
	Body    string
}

// Claim is the right to carry out a request under a key.
type Claim struct {
	key string
	at  time.Time
}

// Begin claims a key for a request. Exactly one of its results is set: a claim,
// which must be ended with Finish or Abandon; the answer of the same request
// before; or an error: fault.Conflict while that request is still at work,
// fault.Invalid when the key was used for another one. Key and request are
// hashes; the key's contains the caller.
func (a *Access) Begin(ctx context.Context, now time.Time, key, request string) (*Claim, *Answer, error) {
	now = now.Truncate(time.Microsecond) // as stored
	var claim *Claim
	var answer *Answer
	err := a.update(ctx, func(tx *store.Tx) error {
		claim, answer = nil, nil
		ok, err := accounts.Claim(tx, key, request, now)
		if err != nil {
			return err
		}
		if ok {
			claim = &Claim{key: key, at: now}
			return nil
		}
		kept, err := accounts.FindKept(tx, key)
		if err != nil {
			return err
		}
		switch {
		case kept == nil:
			return fault.New(fault.Conflict, "the request with this Idempotency-Key ended just now: repeat it")
		case kept.Request != request:
			return fault.New(fault.Invalid, "this Idempotency-Key was used for another request")
		case kept.Status != 0:
			answer = &Answer{Status: kept.Status, Headers: kept.Headers, Body: kept.Body}
			return nil
		case now.Sub(kept.CreatedAt) < abandoned:
			return fault.New(fault.Conflict, "the request with this Idempotency-Key is still at work")
		}
		if ok, err = accounts.Retake(tx, key, kept.CreatedAt, now); err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "the request with this Idempotency-Key is still at work")
		}
		claim = &Claim{key: key, at: now}
		return nil
	})
	return claim, answer, err
}

// Finish keeps the answer of a claim.
func (a *Access) Finish(ctx context.Context, c *Claim, answer Answer) error {
	return a.update(ctx, func(tx *store.Tx) error {
		return accounts.Answer(tx, accounts.Kept{Key: c.key, Status: answer.Status, Headers: answer.Headers, Body: answer.Body, CreatedAt: c.at})
	})
}

// Abandon gives a claim up: nothing happened, and the request may be repeated.
func (a *Access) Abandon(ctx context.Context, c *Claim) error {
	return a.update(ctx, func(tx *store.Tx) error { return accounts.Drop(tx, c.key, c.at) })
}
