package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// minds wants everything and draws no consequence.
type minds struct{}

func (minds) Wanted(*store.Tx, *message.Delivery, time.Time) (bool, string, error) {
	return true, "", nil
}
func (minds) Outcome(*store.Tx, *message.Delivery, time.Time) error { return nil }

// post is a post office: some channels hang until the sender gives up on them.
type post struct {
	hangs map[string]bool
	mu    sync.Mutex
	took  chan time.Duration // from written to carried, of channels that work
	most  map[string]int     // sends under way at once, by channel
	now   map[string]int
}

func (p *post) carry(ctx context.Context, d *message.Delivery) jobs.Carried {
	p.mu.Lock()
	p.now[d.Channel]++
	p.most[d.Channel] = max(p.most[d.Channel], p.now[d.Channel])
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.now[d.Channel]--
	}()
	if p.hangs[d.Channel] {
		<-ctx.Done()
		return jobs.Carried{Err: ctx.Err()}
	}
	p.took <- time.Since(d.CreatedAt)
	return jobs.Carried{Arrived: true}
}

const (
	officeWorkers = 16
	officeShare   = 4
	letters       = 100
)

// work sends letters over a channel that works, one after the other, while many
// wait on those that hang. It returns the 99th percentile.
func (p *post) work(t *testing.T, db *store.DB, tag string) time.Duration {
	t.Helper()
	p.most, p.now, p.took = map[string]int{}, map[string]int{}, make(chan time.Duration, letters)
	s := &jobs.Sender{
		DB: db, Log: slog.New(slog.DiscardHandler), Lane: deliveries.Lane{From: 0, To: 1}, Workers: officeWorkers, Share: officeShare,
		Lease: time.Minute, Carry: p.carry, Mind: minds{},
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.Run(ctx, time.Now) }) // it ends with ctx
	queue := func(channel string, n int) {
		now := time.Now().UTC()
		err := db.Update(ctx, store.PriorityPage, func(tx *store.Tx) error {
			return deliveries.Queue(tx, &message.Delivery{Key: fmt.Sprint(tag, channel, n), Kind: message.KindPage, Channel: channel, Address: channel, DueAt: now, CreatedAt: now})
		})
		if err != nil {
			t.Error(err)
		}
		s.Poke()
	}
	for channel := range p.hangs {
		for n := range 3 * officeWorkers {
			queue(channel, n)
		}
	}
	took := make([]time.Duration, letters)
	for n := range took {
		queue("email", n)
		select {
		case took[n] = <-p.took:
		case <-ctx.Done():
			t.Fatalf("letter %d did not go out beside %d channels that hang", n, len(p.hangs))
		}
	}
	stop()
	wg.Wait()
	slices.Sort(took)
	return took[letters*99/100-1]
}

// R11: providers that hang hold up no other channel. Of the workers a channel
// has about its share, so that two that hang leave room for a third.
//
// Clauses: DRB-BK-COMMS
func TestAHangingChannelHoldsUpNoOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		alone := (&post{}).work(t, db, "alone ")
		beside := &post{hangs: map[string]bool{"sms": true, "voice": true}}
		p99 := beside.work(t, db, "beside ")
		t.Logf("p99 of another channel: %s alone, %s beside two that hang", alone, p99)
		if p99 > time.Second {
			t.Errorf("a page over another channel waited %s", p99)
		}
		for channel := range beside.hangs {
			if n := beside.most[channel]; n < officeShare || n >= 2*officeShare {
				t.Errorf("%s had %d sends under way, its share is %d", channel, n, officeShare)
			}
		}
	})
}
