package app_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/app"
	"allclear/internal/app/demo"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/watch"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/findings"
	"allclear/internal/store/storetest"
	builtin "allclear/procedures"
)

// outside is everybody the product talks to.
type outside struct {
	mu     sync.Mutex
	alarms []plug.Message
	beats  []time.Time
}

func (o *outside) Send(_ context.Context, m plug.Message) (plug.Receipt, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.alarms = append(o.alarms, m)
	return plug.Receipt{}, nil
}

func (o *outside) call(context.Context, string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.beats = append(o.beats, time.Now())
	return nil
}

func (o *outside) seen() (alarms int, lastBeat time.Time, beats int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.beats); n > 0 {
		lastBeat = o.beats[n-1]
	}
	return len(o.alarms), lastBeat, len(o.beats)
}

func clock() time.Time { return time.Now().UTC() }

// R20: whichever loop stands still, the auditor notices within thirty seconds,
// the contact of last resort is told past the queue, and the last heartbeat went
// out within sixty seconds.
func TestEveryLoopThatStallsIsNoticed(t *testing.T) {
	for _, loop := range []string{"timers", "pager", "mailer", "detection", "checks"} {
		t.Run(loop, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { stall(t, loop) })
		})
	}
}

func stall(t *testing.T, loop string) {
	t.Helper()
	db, o := storetest.Memory(t), &outside{}
	e := app.NewEngine(db, app.EngineOptions{
		Channels: func(string) (plug.Channel, bool) { return o, true }, Workers: 2,
		Watch: watch.Options{Node: "one", Call: o.call, Heartbeats: []string{"https://switch.example"}},
	})
	fill(t, e)
	ctx, stop := context.WithCancel(t.Context())
	e.Register(clock())
	beat := map[string]*func(time.Time){"timers": &e.Timers.Beat, "pager": &e.Pager.Beat, "mailer": &e.Mailer.Beat, "detection": &e.Detect.Beat, "checks": &e.Checks.Beat}[loop]
	tell := *beat
	var still atomic.Bool
	*beat = func(now time.Time) {
		if still.Load() {
			<-ctx.Done()
		}
		tell(now)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = e.Timers.Run(ctx, clock) }) // its error says that ctx ended
	wg.Go(func() { _ = e.Pager.Run(ctx, clock) })
	wg.Go(func() { _ = e.Mailer.Run(ctx, clock) })
	wg.Go(func() { _ = e.Detect.Run(ctx, clock, func(err error) { t.Error(err) }) })
	wg.Go(func() { _ = e.Checks.Run(ctx, clock, func(err error) { t.Error(err) }) })
	wg.Go(func() { e.Watch.Run(ctx, clock) })

	time.Sleep(3*time.Minute + time.Second)
	if alarms, _, beats := o.seen(); alarms != 0 || beats != 6 {
		t.Errorf("%d alarms and %d heartbeats of a product in order, want 0 and 6", alarms, beats)
	}
	still.Store(true)
	began := time.Now()
	key := "loop:" + loop + "@one"
	for !stands(t, db, key) && time.Since(began) < time.Minute {
		time.Sleep(time.Second)
	}
	noticed := time.Since(began)
	time.Sleep(time.Second)
	alarms, _, _ := o.seen()
	if noticed > 30*time.Second || alarms == 0 {
		t.Errorf("noticed after %s with %d alarms, want within 30s and at least one", noticed, alarms)
	}
	time.Sleep(5 * time.Minute)
	if _, last, _ := o.seen(); last.Sub(began) > time.Minute {
		t.Errorf("a heartbeat went out %s after the %s stalled", last.Sub(began), loop)
	}
	stop()
	wg.Wait()
}

func fill(t *testing.T, e *app.Engine) {
	t.Helper()
	var all []catalog.Entity
	for _, p := range demo.People() {
		all = append(all, p)
	}
	for _, team := range demo.Teams() {
		all = append(all, team)
	}
	for _, s := range demo.Services() {
		all = append(all, s)
	}
	for _, s := range demo.Schedules() {
		all = append(all, s)
	}
	if _, err := e.Admin.Load(t.Context(), authz.Actor{ID: "setup", Role: authz.Admin, Via: "setup"}, all, clock()); err != nil {
		t.Fatal(err)
	}
	err := e.DB.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		hash, err := e.Shelf.Put(tx, builtin.TechFlow, clock())
		if err != nil {
			return err
		}
		return e.Shelf.Activate(tx, hash, clock())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func stands(t *testing.T, db *store.DB, key string) bool {
	t.Helper()
	found := false
	err := db.View(t.Context(), func(tx *store.Tx) error {
		all, err := findings.Standing(tx)
		for _, f := range all {
			found = found || strings.HasPrefix(f.Key, key)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
