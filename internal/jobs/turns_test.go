package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/storetest"
)

// copies queues deliveries over the channel of copies, due at judged.
func copies(t *testing.T, db *store.DB, round string, addresses ...string) {
	t.Helper()
	err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		for n, a := range addresses {
			if err := deliveries.Queue(tx, &message.Delivery{Key: fmt.Sprint(round, n), Kind: message.KindMessage, Channel: "copy", Address: a, Priority: 2, DueAt: judged, CreatedAt: judged}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func node(db *store.DB, carry func(context.Context, *message.Delivery) jobs.Carried) *jobs.Sender {
	return &jobs.Sender{DB: db, Log: slog.New(slog.DiscardHandler), Lane: deliveries.Lane{From: 2, To: 9}, Workers: 1, Turns: []string{"copy"}, Lease: 30 * time.Second, Mind: minds{}, Carry: carry}
}

func states(t *testing.T, db *store.DB) (out []string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) error {
		all, err := deliveries.List(tx, deliveries.Filter{Channel: "copy", Limit: 100})
		for _, d := range all {
			out = append(out, fmt.Sprintf("%s %s %d", d.Key, d.State, d.Attempts))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Two updates of one post on two nodes: the second is copied once the first is there,
// or once whoever copied it is dead. Waiting for it is no attempt. Other posts do not
// wait. INT-STATUSPAGE
func TestOneAttemptAtAnAddressAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		copies(t, db, "a", "post", "post", "other")
		sent := []string{}
		one := node(db, func(ctx context.Context, d *message.Delivery) jobs.Carried {
			sent = append(sent, d.Key)
			two := node(db, func(_ context.Context, d *message.Delivery) jobs.Carried {
				sent = append(sent, "meanwhile "+d.Key)
				return jobs.Carried{}
			})
			two.Workers = 8
			if _, err := two.Tick(ctx, judged); err != nil {
				t.Error(err)
			}
			return jobs.Carried{}
		})
		if _, err := one.Tick(t.Context(), judged); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(sent, states(t, db)); got != "[a0 meanwhile a2] [a2 sent 1 a1 queued 0 a0 sent 1]" {
			t.Errorf("at once: %s", got)
		}
		if _, err := one.Tick(t.Context(), judged.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(sent, states(t, db)); got != "[a0 meanwhile a2 a1] [a2 sent 1 a1 sent 1 a0 sent 1]" {
			t.Errorf("a second later: %s", got)
		}
		copies(t, db, "b", "dead", "dead")
		dead := node(db, nil)
		dead.BeforeSend = func() error { return context.Canceled }
		_, _ = dead.Tick(t.Context(), judged) // it dies
		sent = nil
		for _, after := range []time.Duration{time.Second, 31 * time.Second} {
			sent = append(sent, after.String())
			if _, err := one.Tick(t.Context(), judged.Add(after)); err != nil {
				t.Fatal(err)
			}
		}
		if got := fmt.Sprint(sent); got != "[1s 31s b1 b0]" {
			t.Errorf("after a death: %s", got)
		}
	})
}

// However two nodes meet, no address has two attempts at once.
func TestTwoNodesNeverWriteToOneAddressAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		under, sent := map[string]int{}, 0
		carry := func(_ context.Context, d *message.Delivery) jobs.Carried {
			mu.Lock()
			under[d.Address]++
			if under[d.Address] > 1 {
				t.Errorf("two attempts at %s", d.Address)
			}
			mu.Unlock()
			_ = db.View(t.Context(), func(*store.Tx) error { return nil }) // an attempt takes its time
			mu.Lock()
			defer mu.Unlock()
			under[d.Address]--
			sent++
			return jobs.Carried{}
		}
		nodes := []*jobs.Sender{node(db, carry), node(db, carry), node(db, carry)}
		nodes[1].Workers = 4
		const rounds = 15
		for round := range rounds {
			copies(t, db, fmt.Sprint(round, "/"), "a", "b", "a", "b", "a")
			for n := 0; sent < 5*(round+1) && n < 10; n++ {
				var wg sync.WaitGroup
				for _, s := range nodes {
					wg.Go(func() {
						if _, err := s.Tick(context.WithoutCancel(t.Context()), judged.Add(time.Duration(n)*time.Second)); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
			}
		}
		if sent != 5*rounds {
			t.Errorf("%d copies were made of %d", sent, 5*rounds)
		}
	})
}
