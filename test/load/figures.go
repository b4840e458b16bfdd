package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/app/simulate"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/timers"
	"allclear/procedures"
)

const (
	clients = 64
	during  = 5 * time.Second
)

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// intakeFigures are P1, P2, P3 and P7.
func intakeFigures(r *report) error {
	limit, err := bareFigures()
	if err != nil {
		return err
	}
	p, err := startProduct(nil)
	if err != nil {
		return err
	}
	defer p.stop()
	time.Sleep(2 * time.Second) // idle means that start-up is over
	idle := p.rss()
	s := shape{address: p.address, routingKey: p.demo.IntegrationKey, path: "/v2/enqueue", during: during}
	s.clients, s.distinct, s.prefix = 1, true, "single"
	one, err := pour(s)
	if err != nil {
		return err
	}
	s.clients, s.prefix = clients, "distinct"
	distinct, err := pour(s)
	if err != nil {
		return err
	}
	s.distinct, s.prefix = false, "storm"
	storm, err := pour(s)
	if err != nil {
		return err
	}
	heavy := p.rss()
	r.add("P1", "durable intake, distinct keys, 64 clients", distinct.perSecond, "/s", ">= 12000/s", distinct.perSecond >= 12000)
	r.add("P1", "  of the bare loop ("+fmt.Sprintf("%.0f/s", limit.distinct.perSecond)+")", distinct.perSecond/limit.distinct.perSecond, "x", ">= 0.4 x", distinct.perSecond >= 0.4*limit.distinct.perSecond)
	r.add("P2", "storm on one key, 64 clients", storm.perSecond, "/s", ">= 16000/s", storm.perSecond >= 16000)
	r.add("P2", "  of the bare loop ("+fmt.Sprintf("%.0f/s", limit.storm.perSecond)+")", storm.perSecond/limit.storm.perSecond, "x", ">= 0.5 x", storm.perSecond >= 0.5*limit.storm.perSecond)
	count, err := p.countOf("storm")
	if err != nil {
		return err
	}
	r.add("P2", "  events missing from the one alert's count", float64(storm.accepted-count), "", "0", storm.accepted == count)
	r.add("P3", "accept latency p50, 1 client", ms(one.p50), "ms", "<= 0.8 ms", one.p50 <= 800*time.Microsecond)
	r.add("P3", "accept latency p99, 64 clients", ms(distinct.p99), "ms", "<= 20 ms", distinct.p99 <= 20*time.Millisecond)
	r.add("P7", "idle resident memory", idle, "MB", "<= 60 MB", idle <= 60)
	r.add("P7", "resident memory after the storm", heavy, "MB", "<= 150 MB", heavy <= 150)
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	size := float64(info.Size()) / (1 << 20)
	r.add("P7", "binary", size, "MB", "<= 75 MB", size <= 75)
	p.kill()
	if err := p.start(nil); err != nil {
		return err
	}
	r.add("P7", "start to ready, on the storm's database", ms(p.ready), "ms", "<= 300 ms", p.ready <= 300*time.Millisecond)
	return nil
}

// countOf is the count of the one alert with the key; an error when there is
// not exactly one.
func (p *product) countOf(key string) (int64, error) {
	var found struct {
		Items []struct {
			DedupKey string `json:"dedup_key"`
			Count    int64  `json:"count"`
		} `json:"items"`
	}
	if err := p.call("GET", "/alerts?limit=1", nil, &found); err != nil {
		return 0, err
	}
	if len(found.Items) != 1 || found.Items[0].DedupKey != key {
		return 0, fmt.Errorf("the newest alert is %+v, want the one with key %s", found.Items, key)
	}
	return found.Items[0].Count, nil
}

type limits struct{ distinct, storm result }

// bareFigures loads the bare loop, which is a process of its own as well.
func bareFigures() (l limits, err error) {
	self, err := os.Executable()
	if err != nil {
		return l, err
	}
	address, err := freeAddress()
	if err != nil {
		return l, err
	}
	cmd := exec.Command(self, "bare", address)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return l, err
	}
	defer func() { _, _ = cmd.Process.Kill(), cmd.Wait() }()
	if err := awaitServer("http://" + address + "/"); err != nil {
		return l, err
	}
	s := shape{address: address, path: "/v2/enqueue", clients: clients, during: during, distinct: true, prefix: "distinct"}
	if l.distinct, err = pour(s); err != nil {
		return l, err
	}
	s.distinct, s.prefix = false, "storm"
	l.storm, err = pour(s)
	return l, err
}

const sinkSecret = "whsec_c2VjcmV0LW9mLXRoZS1sb2FkLXNpbmstMDAwMDAwMDA="

// arrivals notes when a page reached the provider, by incident title.
type arrivals struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (a *arrivals) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	now := time.Now()
	_, rest, _ := strings.Cut(string(b), "page-me-")
	n := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
	if n <= 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, again := a.at[rest[:n]]; !again {
		a.at[rest[:n]] = now
	}
}

func (a *arrivals) wait(n int, limit time.Duration) map[string]time.Time {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(time.Millisecond) {
		a.mu.Lock()
		if len(a.at) >= n {
			a.mu.Unlock()
			break
		}
		a.mu.Unlock()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[string]time.Time{}
	for k, v := range a.at {
		out[k] = v
	}
	return out
}

const pagedServices = 100

// pagingFigures are P4: accepted to provider called, one at a time and in a
// burst to one person.
func pagingFigures(r *report) error {
	sink := &arrivals{at: map[string]time.Time{}}
	srv := httptest.NewServer(sink)
	defer srv.Close()
	p, keys, armed, err := startCrowded(srv.URL)
	if err != nil {
		return err
	}
	defer p.stop()
	accepted := map[string]time.Time{}
	for i := range pagedServices {
		if err := p.raise(keys[i], fmt.Sprint(i)); err != nil {
			return err
		}
		accepted[fmt.Sprint(i)] = time.Now()
		time.Sleep(20 * time.Millisecond) // idle again before the next
	}
	var took []time.Duration
	for n, at := range sink.wait(pagedServices, 10*time.Second) {
		took = append(took, max(at.Sub(accepted[n]), 0))
	}
	slices.Sort(took)
	if len(took) < pagedServices {
		return fmt.Errorf("%d of %d pages reached the provider", len(took), pagedServices)
	}
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	r.add("P4", fmt.Sprintf("accepted to provider called, with %d people, %d schedules, %d armed deadlines, p50", crowdPeople, crowdSchedules, armed), ms(p50), "ms", "<= 5 ms", p50 <= 5*time.Millisecond)
	r.add("P4", "  p99", ms(p99), "ms", "<= 50 ms", p99 <= 50*time.Millisecond)
	began := time.Now()
	var wg sync.WaitGroup
	errs := make([]error, pagedServices)
	for i := range pagedServices {
		wg.Go(func() { errs[i] = p.raise(keys[pagedServices+i], fmt.Sprint(pagedServices+i)) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	got := sink.wait(2*pagedServices, 10*time.Second)
	var last time.Duration
	for _, at := range got {
		last = max(last, at.Sub(began))
	}
	r.add("P4", "burst of 100 pages to one person: the last", ms(last), "ms", "<= 1000 ms", last <= time.Second)
	r.add("P4", "  of them swallowed", float64(2*pagedServices-len(got)), "", "0", len(got) == 2*pagedServices)
	return nil
}

// startPaged starts a product whose people on call have a webhook, with a
// service for each incident to come; with the rules of the procedure or without.
func startPaged(hook string, rules bool, services int) (*product, []string, error) {
	file, err := webhookProcedure(rules)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = os.Remove(file) }()
	p, err := startProduct([]string{"ALLCLEAR_WEBHOOK_SECRETS=" + sinkSecret}, "--allow-outbound", "127.0.0.0/8", "--procedure", file)
	if err != nil {
		return nil, nil, err
	}
	keys, err := p.pagedBy(hook, services, []string{"ana", "bo"})
	return p, keys, err
}

// webhookProcedure writes the built-in procedure with webhooks as the only way
// to page; without rules, only the chain and the clocks are left of it.
func webhookProcedure(rules bool) (file string, err error) {
	proc, err := procedure.Parse(procedures.TechFlow)
	if err != nil {
		return "", err
	}
	proc.Paging.Channels = []string{"webhook"}
	if !rules {
		proc.Rules, proc.KPIs, proc.Words, proc.Readings = nil, nil, nil, nil
		proc.Mailboxes = nil // mail to them would page nobody
	}
	text, err := json.Marshal(proc) // JSON is YAML too
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp("", "load-*.yaml")
	if err != nil {
		return "", err
	}
	if _, err := f.Write(text); err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// pagedBy gives people a webhook and makes services with a key of their own.
func (p *product) pagedBy(hook string, services int, people []string) ([]string, error) {
	for _, id := range people {
		var person map[string]any
		if err := p.call("GET", "/people/"+id, nil, &person); err != nil {
			return nil, err
		}
		person["contacts"] = []map[string]any{{"channel": "webhook", "address": hook + "/" + id, "verified": true}}
		delete(person, "version")
		delete(person, "updated_at")
		if err := p.call("PUT", "/people/"+id, person, nil); err != nil {
			return nil, err
		}
	}
	keys := make([]string, services)
	for i := range keys {
		id := fmt.Sprintf("svc-%d", i)
		if err := p.call("PUT", "/services/"+id, map[string]any{"id": id, "name": id, "restoration_rank": 6, "critical_function": false}, nil); err != nil {
			return nil, err
		}
		var key struct {
			Value string `json:"value"`
		}
		if err := p.call("POST", "/integration-keys", map[string]any{"kind": "events", "service": id, "name": id}, &key); err != nil {
			return nil, err
		}
		keys[i] = key.Value
	}
	return keys, nil
}

func (p *product) raise(key, n string) error {
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":"trigger","dedup_key":"k","payload":{"summary":"page-me-%s.","source":"load","severity":"critical"}}`, key, n)
	resp, err := http.Post("http://"+p.address+"/v2/enqueue", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("event answered %d", resp.StatusCode)
	}
	return nil
}

const armed = 10_000

// timerFigures are P5: how late armed timers fire, spread and all at once.
func timerFigures(r *report) error {
	dir, err := os.MkdirTemp("", "timers")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	db, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	var late []time.Duration
	done := make(chan struct{}, 1)
	ts := jobs.NewTimers(db, slog.New(slog.DiscardHandler))
	ts.Handle("load", func(tx *store.Tx, t timers.Timer, _ time.Time) error {
		tx.AfterCommit(func() {
			if late = append(late, time.Since(t.DueAt)); len(late) == armed {
				done <- struct{}{}
			}
		})
		return nil
	})
	arm := func(at func(i int) time.Time) error {
		late = late[:0]
		return db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
			for i := range armed {
				if err := timers.Set(tx, timers.Timer{Kind: "load", Ref: fmt.Sprint(i), DueAt: at(i)}, time.Now()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	start := time.Now().Add(2 * time.Second)
	if err := arm(func(i int) time.Time { return start.Add(time.Duration(i) * 5 * time.Second / armed) }); err != nil {
		return err
	}
	go func() { _ = ts.Run(ctx, time.Now) }()
	<-done
	slices.Sort(late)
	p99 := late[armed*99/100]
	r.add("P5", "deadline lateness p99, 10,000 armed", ms(p99), "ms", "<= 50 ms", p99 <= 50*time.Millisecond)
	start = time.Now().Add(2 * time.Second)
	if err := arm(func(int) time.Time { return start }); err != nil {
		return err
	}
	ts.Poke()
	<-done
	last := slices.Max(late)
	r.add("P5", "10,000 due at one instant: the last", ms(last), "ms", "<= 2000 ms", last <= 2*time.Second)
	stop()
	return db.Close()
}

const (
	p1Steps  = `  - {at: %s, event: {source: events, service: %s, body: {event_action: trigger, dedup_key: k%d, payload: {summary: it fails, source: probe, severity: critical}}}}` + "\n"
	p1Ending = `  - {at: %s, resolve: {by: ana, reason: over, via: api}}` + "\n"
)

// simulateFigures are P11: the engine on a virtual clock.
func simulateFigures(r *report) error {
	dir, err := os.MkdirTemp("", "simulate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	head := "start: 2026-03-02T03:00:00Z\nduration: %s\noncall: {primary: ana, secondary: bo}\nsteps:\n"
	two := filepath.Join(dir, "two.yaml")
	if err := os.WriteFile(two, []byte(fmt.Sprintf(head, "2h")+fmt.Sprintf(p1Steps, "0s", "auth", 1)), 0o600); err != nil {
		return err
	}
	var took []time.Duration
	for range 5 {
		began := time.Now()
		if err := exec.Command(program, "simulate", two).Run(); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	r.add("P11", "simulate 2 h of a P1, whole process, median of 5", ms(took[2]), "ms", "<= 300 ms", took[2] <= 300*time.Millisecond)
	const many = 300
	var b strings.Builder
	fmt.Fprintf(&b, head, "30h")
	for i := range many {
		at := time.Duration(i) * 5 * time.Minute
		fmt.Fprintf(&b, p1Steps, at, "auth", i)
		fmt.Fprintf(&b, "  - {at: %s, ack: {by: ana}}\n", at+time.Minute)
		fmt.Fprintf(&b, p1Ending, at+4*time.Minute)
	}
	file := filepath.Join(dir, "many.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		return err
	}
	began := time.Now()
	if err := simulate.Run(context.Background(), file, io.Discard); err != nil {
		return err
	}
	rate := many / time.Since(began).Seconds()
	r.add("P11", "P1 incidents through the real engine: opened, paged, acknowledged, resolved", rate, "/s", ">= 1000/s", rate >= 1000)
	return nil
}
