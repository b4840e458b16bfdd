package plug_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/plug"
)

// paced is a provider that takes so many messages a second.
type paced struct {
	line
	rate float64
}

func (p *paced) Pace() float64 { return p.rate }

// A provider's limit holds for messages to customers, and a page between them
// goes at once; the wait for a turn is not held against the provider.
//
// Clauses: PLT-CN-EMAIL
func TestAPaceHoldsForCustomersAndNeverForPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &paced{line: line{start: time.Now()}, rate: 4}
		b := &line{start: time.Now()}
		ch := plug.Failover(&plug.Provider{Name: "a", Channel: a}, &plug.Provider{Name: "b", Channel: b})
		var wg sync.WaitGroup
		for i := range 33 {
			wg.Go(func() {
				if r, err := ch.Send(t.Context(), plug.Message{Key: fmt.Sprint(i), Kind: plug.Post}); err != nil || r.Provider != "a" {
					t.Errorf("message %d: %+v %v", i, r, err)
				}
			})
		}
		time.Sleep(3100 * time.Millisecond)
		began := time.Now()
		for _, kind := range []string{plug.Page, plug.Notice} {
			if _, err := ch.Send(t.Context(), plug.Message{Key: kind, Kind: kind}); err != nil || time.Since(began) > 0 {
				t.Errorf("a %s took %s: %v", kind, time.Since(began), err)
			}
		}
		wg.Wait()
		if took := time.Since(a.start); took != 8*time.Second {
			t.Errorf("33 messages at 4 a second took %s", took)
		}
		if len(b.sent) != 0 {
			t.Errorf("%d went to the other provider although the first only made them wait", len(b.sent))
		}
	})
}

// Who does not wait to the end is told that nothing was sent.
func TestATurnThatDoesNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &paced{line: line{start: time.Now()}, rate: 1}
		ch := plug.Failover(&plug.Provider{Name: "a", Channel: a})
		for i := range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			_, err := ch.Send(ctx, plug.Message{Kind: plug.Post})
			cancel()
			if i == 1 && (err == nil || plug.FailureOf(err).Kind != plug.Retry) {
				t.Errorf("got %v", err)
			}
		}
		if len(a.sent) != 1 {
			t.Errorf("%d were sent", len(a.sent))
		}
	})
}
