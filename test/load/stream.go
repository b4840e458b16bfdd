package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	followers     = 200
	changesMade   = 60
	changeEvery   = 250 * time.Millisecond
	deliverWithin = 500 * time.Millisecond
)

// streamFigures are one incident followed by 200 consoles: how long a change takes
// from the moment it is asked for until each of them has it, and what that costs
// the server. Every follower reads the incident again on each change, as a console
// does, through the same connection pool.
func streamFigures(r *report) error {
	p, err := startProduct(nil)
	if err != nil {
		return err
	}
	defer p.stop()
	var inc struct {
		Number int64 `json:"number"`
	}
	if err := p.call(http.MethodPost, "/incidents", map[string]any{"service": "auth", "severity": "P1", "title": "followed by many"}, &inc); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var (
		mu     sync.Mutex
		made   = map[string]time.Time{} // when the note with this id was asked for
		came   []time.Duration
		ready  sync.WaitGroup
		broken atomic.Int64
	)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: followers, MaxConnsPerHost: 0}}
	seen := func(id string, at time.Time) {
		mu.Lock()
		defer mu.Unlock()
		if from, ok := made[id]; ok {
			came = append(came, at.Sub(from))
		}
	}
	idle := p.rss()
	ready.Add(followers)
	for range followers {
		go func() {
			var once sync.Once
			if err := p.follow(ctx, client, inc.Number, func() { once.Do(ready.Done) }, seen); err != nil && ctx.Err() == nil {
				broken.Add(1)
				once.Do(ready.Done)
			}
		}()
	}
	ready.Wait()
	time.Sleep(6 * time.Second) // their first reading is over, and the pages of the declaration are out
	busy := p.cpu()
	began := time.Now()
	path := "/incidents/" + strconv.FormatInt(inc.Number, 10)
	for k := range changesMade {
		next := began.Add(time.Duration(k) * changeEvery)
		time.Sleep(time.Until(next))
		asked := time.Now()
		var entries struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
		}
		// The id of the entry is known once it is written, which may be after the
		// first follower has it: note the time under the lock until then.
		mu.Lock()
		err := p.call(http.MethodPost, path+"/notes", map[string]any{"text": fmt.Sprintf("change %d", k)}, nil)
		if err == nil {
			err = p.call(http.MethodGet, path+"/timeline?limit=500", nil, &entries)
		}
		if err == nil && len(entries.Items) > 0 {
			made[entries.Items[len(entries.Items)-1].ID] = asked
		}
		mu.Unlock()
		if err != nil {
			return err
		}
	}
	time.Sleep(2 * time.Second)
	spent := p.cpu() - busy
	span := time.Since(began)
	heavy := p.rss()
	stop()
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(came)
	want := followers * changesMade
	r.add("LIVE", "changes that reached a follower, of 12,000", float64(len(came)), "", strconv.Itoa(want), len(came) == want && broken.Load() == 0)
	if len(came) == 0 {
		return nil
	}
	p50, p99 := came[len(came)/2], came[len(came)*99/100]
	r.add("LIVE", "change delivered to 200 followers, p50", ms(p50), "ms", "-", true)
	r.add("LIVE", "change delivered to 200 followers, p99", ms(p99), "ms", "<= 500 ms", p99 <= deliverWithin)
	r.add("LIVE", "processor of the server meanwhile", 100*spent.Seconds()/span.Seconds(), "% of a core", "-", true)
	r.add("LIVE", "memory of the server, and before", heavy, fmt.Sprintf("MB (%.0f)", idle), "<= 150 MB", heavy <= 150)
	return nil
}

// follow reads the stream until ctx ends; seen hears each entry about the incident
// once the incident has been read again.
func (p *product) follow(ctx context.Context, client *http.Client, number int64, ready func(), seen func(id string, at time.Time)) error {
	req, err := p.request(ctx, "/stream")
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("stream: %s", resp.Status)
	}
	ready()
	ref := fmt.Sprintf("INC-%d", number)
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var c struct{ ID, Kind, Incident string }
		if err := json.Unmarshal([]byte(data), &c); err != nil || c.Incident != ref && c.Incident != strconv.FormatInt(number, 10) {
			continue
		}
		at := time.Now()
		req, err := p.request(ctx, "/incidents/"+ref)
		if err != nil {
			return err
		}
		if again, err := client.Do(req); err == nil {
			_ = again.Body.Close()
		}
		go seen(c.ID, at)
	}
	return lines.Err()
}

func (p *product) request(ctx context.Context, path string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+"/api/v1"+path, nil)
	if err == nil {
		req.Header.Set("Authorization", "Bearer "+p.demo.APIToken)
	}
	return req, err
}

// cpu is how much processor time the server has used since it started.
func (p *product) cpu() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	return time.Duration(user+system) * tick
}
