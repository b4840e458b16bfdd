package jobs_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"strings"
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
	return jobs.Carried{Awaits: message.AwaitsNothing}
}

const (
	officeWorkers = 16
	officeShare   = 4
)

var letterCount = flag.Int("letters", 100, "how many letters go over the channel that works")

// work sends letters over a channel that works, one after the other, while many
// wait on those that hang. It returns the 99th percentile.
func (p *post) work(t *testing.T, db *store.DB, tag string) time.Duration {
	t.Helper()
	p.most, p.now, p.took = map[string]int{}, map[string]int{}, make(chan time.Duration, *letterCount)
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
	took := make([]time.Duration, *letterCount)
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
	return took[len(took)*99/100-1]
}

// R11: providers that hang hold up no other channel, also when they have hung for
// long. Of the workers a channel has its share and no more.
//
// Clauses: DRB-BK-COMMS
func TestAHangingChannelHoldsUpNoOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		alone := (&post{}).work(t, db, "alone ")
		beside := &post{hangs: map[string]bool{"sms": true, "voice": true, "push": true}}
		p99 := beside.work(t, db, "beside ")
		t.Logf("p99 of another channel: %s alone, %s beside three that hang", alone, p99)
		if p99 > time.Second {
			t.Errorf("a page over another channel waited %s", p99)
		}
		for channel := range beside.hangs {
			if n := beside.most[channel]; n != officeShare {
				t.Errorf("%s had %d sends under way, its share is %d", channel, n, officeShare)
			}
		}
	})
}

// stubborn cannot judge some deliveries.
type stubborn struct{ minds }

func (stubborn) Wanted(_ *store.Tx, d *message.Delivery, _ time.Time) (bool, string, error) {
	if d.Channel == "riddle" {
		return false, "", errors.New("there is no such incident")
	}
	return true, "", nil
}

// What nobody can judge is set back, loudly, and holds up nothing: B12, INV-P1.
func TestWhatCannotBeJudgedHoldsUpNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var sent []string
		var log strings.Builder
		s := &jobs.Sender{
			DB: db, Log: slog.New(slog.NewTextHandler(&log, nil)), Lane: deliveries.Lane{From: 0, To: 1}, Workers: 1, Lease: time.Minute, Mind: stubborn{},
			Carry: func(_ context.Context, d *message.Delivery) jobs.Carried {
				sent = append(sent, d.Key)
				return jobs.Carried{Awaits: message.AwaitsNothing}
			},
		}
		err := db.Update(t.Context(), store.PriorityPage, func(tx *store.Tx) error {
			for _, d := range []message.Delivery{{Key: "1", Channel: "riddle"}, {Key: "2", Channel: "sms"}, {Key: "3", Channel: "riddle"}, {Key: "4", Channel: "sms"}} {
				d.Kind, d.Address, d.DueAt, d.CreatedAt = message.KindPage, "a", judged, judged
				if err := deliveries.Queue(tx, &d); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Tick(t.Context(), judged); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(sent, []string{"2", "4"}) || strings.Count(log.String(), "there is no such incident") != 2 {
			t.Errorf("sent %q, said %q", sent, log.String())
		}
		var states []string
		err = db.View(t.Context(), func(tx *store.Tx) error {
			all, err := deliveries.List(tx, deliveries.Filter{Channel: "riddle", Limit: 10})
			for _, d := range all {
				states = append(states, fmt.Sprintf("%s %t %d", d.State, d.DueAt.After(judged), d.Attempts))
			}
			return err
		})
		if err != nil || !slices.Equal(states, []string{"queued true 1", "queued true 1"}) {
			t.Errorf("what cannot be judged is %q, %v", states, err)
		}
	})
}

var judged = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// Nodes whose times are a minute apart do not take each other's sends: INV-P4.
func TestNodesOfDifferentTimesShareLeases(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, ahead := range []time.Duration{time.Minute, -time.Minute} {
			term := deliveries.Term{Lease: 30 * time.Second, Shared: judged}
			claim := func(now time.Time, term deliveries.Term) (n int) {
				err := db.Update(t.Context(), store.PriorityPage, func(tx *store.Tx) error {
					ds, err := deliveries.Claim(tx, deliveries.Lane{From: 0, To: 1}, now, term, 10)
					n = len(ds)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			err := db.Update(t.Context(), store.PriorityPage, func(tx *store.Tx) error {
				return deliveries.Queue(tx, &message.Delivery{Key: ahead.String(), Kind: message.KindPage, Channel: "sms", Address: "a", DueAt: judged.Add(-time.Hour), CreatedAt: judged})
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := claim(judged, term); n != 1 {
				t.Fatalf("%d claimed by the first node", n)
			}
			if n := claim(judged.Add(ahead), term); n != 0 {
				t.Errorf("a node that is %s ahead took what the other is sending", ahead)
			}
			term.Shared = judged.Add(30 * time.Second)
			if n := claim(judged.Add(ahead), term); n != 1 {
				t.Errorf("a node that is %s ahead took %d when the lease was over", ahead, n)
			}
			err = db.Update(t.Context(), store.PriorityPage, func(tx *store.Tx) error {
				return deliveries.CancelOf(tx, message.KindPage, 0, judged, "over")
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
