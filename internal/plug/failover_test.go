package plug_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/plug"
)

// line is a provider whose answer a test sets.
type line struct {
	mu    sync.Mutex
	delay time.Duration
	err   error
	sent  []time.Duration // since the start
	start time.Time
	key   string
}

func (l *line) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	l.mu.Lock()
	delay, err := l.delay, l.err
	l.sent = append(l.sent, time.Since(l.start))
	l.key = m.Key
	l.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return plug.Receipt{}, plug.Fail(plug.Unknown, "no answer in time: %w", ctx.Err())
	}
	return plug.Receipt{ProviderRef: "ref", Confirms: true}, err
}

func (l *line) set(delay time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay, l.err = delay, err
}

func pair() (a, b *line, ch plug.Channel) {
	a, b = &line{start: time.Now()}, &line{start: time.Now()}
	return a, b, plug.Failover(&plug.Provider{Name: "a", Channel: a}, &plug.Provider{Name: "b", Channel: b})
}

// one sends a message within what the sender of the outbox gives it.
func one(ch plug.Channel, n int) (plug.Receipt, time.Duration, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := ch.Send(ctx, plug.Message{Key: fmt.Sprint("page/", n)})
	return r, time.Since(start), err
}

var (
	tooMany = &plug.Failure{Kind: plug.Retry, RetryAfter: time.Minute, Err: errors.New("429")}
	locked  = &plug.Failure{Kind: plug.Permanent, Ours: true, Err: errors.New("401 account suspended")}
	nowhere = &plug.Failure{Kind: plug.Permanent, Err: errors.New("no such number")}
)

// Whatever is wrong with the first provider, the second has the message within
// ten seconds, the first is left alone after five failures, and one send finds
// out that it works again.
//
// Clauses: INT-SMS, DRB-BK-COMMS
// B14
func TestAnotherProviderTakesOver(t *testing.T) {
	var slowest time.Duration // of the bubble's clock
	defer func() { t.Logf("the slowest message took %s, the breaker opened after 5 failures", slowest) }()
	for name, wrong := range map[string]struct {
		delay time.Duration
		err   error
	}{
		"latency of 30 s": {30 * time.Second, nil},
		"500":             {0, plug.Fail(plug.Retry, "500")},
		"429":             {0, tooMany},
		"reset":           {time.Second, plug.Fail(plug.Unknown, "connection reset")},
		"account refused": {0, locked},
		"unclassified":    {0, errors.New("a bug")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b, ch := pair()
				a.set(wrong.delay, wrong.err)
				for n := range 12 {
					r, took, err := one(ch, n)
					slowest = max(slowest, took)
					if err != nil || r.Provider != "b" || !r.Confirms || took > 10*time.Second {
						t.Fatalf("message %d: %+v %v after %s", n, r, err, took)
					}
					if a.key != b.key && n < 5 {
						t.Errorf("the providers got keys %q and %q", a.key, b.key)
					}
				}
				if len(a.sent) != 5 {
					t.Errorf("the breaker opened after %d failures, want 5", len(a.sent))
				}
				a.set(0, nil)
				time.Sleep(30 * time.Second)
				for n := range 2 {
					if r, _, err := one(ch, n); err != nil || r.Provider != "a" {
						t.Errorf("once it works again: %+v %v", r, err)
					}
				}
			})
		})
	}
}

// A failed probe closes the way for another while; only one is under way.
func TestOneSendProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _, ch := pair()
		a.set(0, plug.Fail(plug.Retry, "500"))
		for n := range 5 {
			_, _, _ = one(ch, n)
		}
		time.Sleep(30 * time.Second)
		a.set(time.Second, plug.Fail(plug.Retry, "500"))
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				if r, took, err := one(ch, n); err != nil || r.Provider != "b" || took > 10*time.Second {
					t.Errorf("%+v %v after %s", r, err, took)
				}
			})
		}
		wg.Wait()
		if len(a.sent) != 6 {
			t.Errorf("%d sends reached the broken provider, want 5 and one probe", len(a.sent))
		}
		time.Sleep(28 * time.Second)
		_, _, _ = one(ch, 99)
		if len(a.sent) != 6 {
			t.Error("a failed probe did not keep the way closed")
		}
	})
}

// An address that is refused is refused everywhere, and says nothing about the
// provider.
//
// B14
func TestARefusedAddressDoesNotFailOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, ch := pair()
		a.set(0, nowhere)
		for n := range 10 {
			_, _, err := one(ch, n)
			if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent || !strings.Contains(err.Error(), "a: no such number") {
				t.Fatalf("got %v", err)
			}
		}
		if len(a.sent) != 10 || len(b.sent) != 0 {
			t.Errorf("a was tried %d times, b %d times", len(a.sent), len(b.sent))
		}
	})
}

// Where nobody works, everybody is tried, however often they failed: a page is
// never held back. The outcome that promises least stands for all.
//
// INV-P1
func TestWhereNobodyWorks(t *testing.T) {
	for name, c := range map[string]struct {
		a, b  error
		kind  plug.FailureKind
		after time.Duration
	}{
		"one may have it":  {plug.Fail(plug.Unknown, "torn"), plug.Fail(plug.Retry, "500"), plug.Unknown, 0},
		"both later":       {tooMany, &plug.Failure{Kind: plug.Retry, RetryAfter: 5 * time.Second, Err: errors.New("503")}, plug.Retry, 5 * time.Second},
		"one at once":      {tooMany, plug.Fail(plug.Retry, "500"), plug.Retry, 0},
		"one later":        {locked, tooMany, plug.Retry, time.Minute},
		"both refuse us":   {locked, locked, plug.Permanent, 0},
		"the last refuses": {plug.Fail(plug.Retry, "500"), nowhere, plug.Permanent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b, ch := pair()
				a.set(0, c.a)
				b.set(0, c.b)
				for n := range 8 {
					_, _, err := one(ch, n)
					if f := plug.FailureOf(err); f == nil || f.Kind != c.kind || f.RetryAfter != c.after {
						t.Fatalf("message %d: %v %+v", n, err, f)
					}
				}
				if len(b.sent) != 8 {
					t.Errorf("b was tried %d times for 8 messages", len(b.sent))
				}
			})
		})
	}
}

// A program that ends is nobody's fault.
func TestACancelledSendCountsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _, ch := pair()
		a.set(time.Second, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 10 {
			_, _ = ch.Send(ctx, plug.Message{})
		}
		if r, _, err := one(ch, 1); err != nil || r.Provider != "a" {
			t.Errorf("%+v %v after %v", r, err, slices.Clone(a.sent))
		}
	})
}
