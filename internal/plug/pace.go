package plug

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// Paced is a Channel of a provider that takes only so many messages to customers
// a second. Pages and notices are never slowed.
type Paced interface {
	Pace() float64 // messages a second; 0: unlimited
}

// The bounds of a rate: below it a message would wait longer than its send may
// take.
const leastRate, mostRate = 1, 10_000

// Rate reads a setting of messages a second; an empty one is 0, unlimited.
func Rate(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= leastRate && v <= mostRate) {
		return 0, fmt.Errorf("must be a number from %d to %d", leastRate, mostRate)
	}
	return v, nil
}

// pace lets through one message after the other, evenly. Safe for concurrent use.
type pace struct {
	gap time.Duration // between two messages; 0: none

	mu   sync.Mutex
	next time.Time // when the next one may go
}

func paceOf(c Channel) *pace {
	if p, ok := c.(Paced); ok && p.Pace() > 0 {
		return &pace{gap: time.Duration(float64(time.Second) / p.Pace())}
	}
	return &pace{}
}

// wait returns when a message may go, or ctx's error. A turn that is not waited for
// to the end is lost, which slows the provider down and never speeds it up.
func (p *pace) wait(ctx context.Context, m *Message) error {
	if p.gap == 0 || m.Kind != Post {
		return nil
	}
	p.mu.Lock()
	now := time.Now()
	turn := p.next
	if turn.Before(now) {
		turn = now
	}
	p.next = turn.Add(p.gap)
	p.mu.Unlock()
	if !turn.After(now) {
		return nil
	}
	t := time.NewTimer(turn.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return Fail(Retry, "wait for a turn: %w", ctx.Err())
	}
}
