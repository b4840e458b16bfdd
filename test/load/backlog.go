package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/app"
	"allclear/internal/app/demo"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/intake"
	"allclear/internal/plug"
	"allclear/internal/store"
)

const (
	staleIncidents = 5000
	staleResolved  = 3500
	staleOutage    = 2 * time.Hour
)

// called is a provider that counts what it is asked, by incident and person; a
// bundle is one message about many incidents.
type called struct {
	mu        sync.Mutex
	incidents map[string]int
	people    map[string]int
}

func (c *called) Send(_ context.Context, m plug.Message) (plug.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.Kind == plug.Page {
		keys := m.Bundled
		if len(keys) == 0 {
			keys = []string{m.Key}
		}
		for _, key := range keys {
			incident, _, _ := strings.Cut(key, "/")
			c.incidents[incident]++
		}
		c.people[m.To]++
	}
	return plug.Receipt{Arrived: true}, nil
}

// backlogFigures are R18: the loops stand still for two hours while incidents
// open and most of them end; then the engine catches up.
func backlogFigures(r *report) error {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "stale")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	out := &called{incidents: map[string]int{}, people: map[string]int{}}
	e := app.NewEngine(db, app.EngineOptions{Channels: func(string) (plug.Channel, bool) { return out, true }, AckKey: []byte("of the measurement"), AckURL: "https://allclear.example/ack", Workers: 8})
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	if err := fillStale(ctx, e, now); err != nil {
		return err
	}
	event := func(i int, action string, at time.Time) error {
		return e.Intake.AcceptNow(ctx, intake.Arrival{ServiceID: fmt.Sprintf("svc-%d", i), Source: "events", Raw: []byte("{}"), Now: at, Signals: []alert.Signal{{Source: "events", Action: alert.Action(action), DedupKey: "k", Summary: "it fails", Severity: "critical"}}})
	}
	for i := range staleIncidents {
		if err := event(i, "trigger", now); err != nil {
			return err
		}
	}
	for i := range staleResolved {
		if err := event(i, "resolve", now.Add(time.Hour)); err != nil {
			return err
		}
	}
	began := time.Now()
	if err := e.Tick(ctx, now.Add(staleOutage)); err != nil {
		return err
	}
	took := time.Since(began)
	closed := 0
	for i := range staleResolved { // numbers are given in the order of opening
		closed += out.incidents[fmt.Sprintf("INC-%d", i+1)]
	}
	most := 0
	for _, n := range out.people {
		most = max(most, n)
	}
	if len(out.incidents) < staleIncidents-staleResolved {
		return fmt.Errorf("%d incidents were paged, %d are open", len(out.incidents), staleIncidents-staleResolved)
	}
	r.add("R18", "2 h outage, 5,000 incidents, 70 % resolved meanwhile: pages for closed incidents", float64(closed), "", "0", closed == 0)
	r.add("R18", "  pages to the most paged person", float64(most), "", "1", most <= 1)
	r.add("R18", "  caught up after", took.Seconds(), "s", "<= 60 s", took <= time.Minute)
	return nil
}

func fillStale(ctx context.Context, e *app.Engine, now time.Time) error {
	var all []catalog.Entity
	for _, p := range demo.People() {
		all = append(all, p)
	}
	for _, t := range demo.Teams() {
		all = append(all, t)
	}
	for _, s := range demo.Services() {
		all = append(all, s)
	}
	for _, s := range demo.Schedules() {
		all = append(all, s)
	}
	for i := range staleIncidents {
		id := fmt.Sprintf("svc-%d", i)
		all = append(all, catalog.Service{ID: id, Name: id, OwnerTeam: "platform", RestorationRank: 6})
	}
	if _, err := e.Admin.Load(ctx, authz.Actor{ID: "setup", Role: authz.Admin, Via: "setup"}, all, now); err != nil {
		return err
	}
	file, err := webhookProcedure(false)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text = []byte(strings.Replace(string(text), `"channels":["webhook"]`, `"channels":["sms","email"]`, 1))
	return e.DB.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		hash, err := e.Shelf.Put(tx, text, now)
		if err != nil {
			return err
		}
		return e.Shelf.Activate(tx, hash, now)
	})
}

const standing = 50 // open incidents through the restarts of R19

// restartFigures are R19: starting again, in order or killed, tells nobody
// anything.
func restartFigures(r *report) error {
	hook := newSink()
	defer hook.Close()
	file, err := webhookProcedure(false)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file) }()
	args, env := []string{"--allow-outbound", "127.0.0.0/8", "--procedure", file}, []string{"ALLCLEAR_WEBHOOK_SECRETS=" + sinkSecret}
	p, err := startProduct(env, args...)
	if err != nil {
		return err
	}
	defer p.stop()
	keys, err := p.pagedBy(hook.URL, standing, []string{"ana", "bo"})
	if err != nil {
		return err
	}
	for i, key := range keys {
		if err := p.raise(key, fmt.Sprint(i)); err != nil {
			return err
		}
	}
	for i := range keys {
		if _, ok := hook.with(fmt.Sprintf("page-me-%d.", i), 10*time.Second); !ok {
			return fmt.Errorf("incident %d was not paged", i)
		}
	}
	for i := range keys { // so that no step of a chain comes due on a slow machine
		if err := p.call("POST", fmt.Sprintf("/incidents/%d/acknowledge", i+1), map[string]any{}, nil); err != nil {
			return err
		}
	}
	time.Sleep(time.Second)
	_, before := hook.count()
	var ups []time.Duration
	for n := range restarts {
		if n%2 == 0 {
			p.kill()
		} else if err := p.end(); err != nil {
			return err
		}
		if err := p.start(env, args...); err != nil {
			return err
		}
		ups = append(ups, p.ready)
	}
	time.Sleep(3 * time.Second) // a page would be out by now
	_, after := hook.count()
	slices.Sort(ups)
	r.add("R19", fmt.Sprintf("%d restarts with %d open incidents: messages beyond those before", restarts, standing), float64(after-before), "", "0", after == before)
	r.add("R19", "  start to ready, the slowest", ms(ups[len(ups)-1]), "ms", "", true)
	return nil
}
