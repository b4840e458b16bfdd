package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

const (
	racers    = 100 // incidents of R15
	raceSteps = 8
)

// ackedFigures are R15: acknowledgements and resolutions race every step of a
// policy that pages once a second, on the real program.
func ackedFigures(r *report) error {
	hook := newSink()
	defer hook.Close()
	p, keys, err := startPaged(hook.URL, false, racers)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := p.secondly(); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(seed, 15))
	ends := make([]time.Time, racers)
	errs := make([]error, racers)
	var wg sync.WaitGroup
	for i, key := range keys {
		after := time.Duration(rng.Int64N(int64(raceSteps * time.Second)))
		if i%4 == 0 {
			after = after.Round(time.Second) // at the very instant of a step
		}
		wg.Go(func() { ends[i], errs[i] = p.endOne(key, i, after) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	time.Sleep(raceSteps * time.Second) // every step would have come by now
	pages, late, orphans := 0, 0, 0
	hook.mu.Lock()
	defer hook.mu.Unlock()
	for _, ts := range hook.got {
		for _, t := range ts {
			i := -1
			if _, rest, ok := strings.Cut(t.text, "page-me-"); ok {
				if _, err := fmt.Sscanf(rest, "%d.", &i); err != nil {
					return err
				}
			}
			switch {
			case i < 0:
				orphans++
			case strings.Contains(t.text, `"kind":"page"`):
				if pages++; t.at.After(ends[i].Add(time.Second)) {
					late++
				}
			}
		}
	}
	if pages < racers {
		return fmt.Errorf("%d pages of %d incidents: nothing raced", pages, racers)
	}
	r.add("R15", fmt.Sprintf("acknowledged or resolved at random among %d steps, %d incidents, %d pages: sends that start more than a second after", raceSteps, racers, pages), float64(late), "", "0", late == 0)
	r.add("R15", "  messages about nothing that was raised", float64(orphans), "", "0", orphans == 0)
	return nil
}

// secondly has every service page once a second, ana and bo in turn.
func (p *product) secondly() error {
	var steps []map[string]any
	for i := range raceSteps {
		steps = append(steps, map[string]any{"after": fmt.Sprintf("%ds", i), "to": []string{"person:" + []string{"ana", "bo"}[i%2]}})
	}
	if err := p.call("PUT", "/escalation-policies/race", map[string]any{"id": "race", "name": "Race", "steps": steps}, nil); err != nil {
		return err
	}
	for i := range racers {
		id := fmt.Sprintf("svc-%d", i)
		if err := p.call("PUT", "/services/"+id, map[string]any{"id": id, "name": id, "restoration_rank": 6, "critical_function": false, "escalation_policy": "race"}, nil); err != nil {
			return err
		}
	}
	return nil
}

// endOne raises an incident and, some time later, acknowledges or resolves it. It
// returns when the answer to that was there.
func (p *product) endOne(key string, n int, after time.Duration) (time.Time, error) {
	began := time.Now()
	if err := p.raise(key, fmt.Sprint(n)); err != nil {
		return time.Time{}, err
	}
	var open struct {
		Items []struct {
			Number int64 `json:"number"`
		} `json:"items"`
	}
	if err := p.call("GET", fmt.Sprintf("/incidents?status=open&service=svc-%d", n), nil, &open); err != nil {
		return time.Time{}, err
	}
	if len(open.Items) != 1 {
		return time.Time{}, fmt.Errorf("svc-%d has %d open incidents, want 1", n, len(open.Items))
	}
	time.Sleep(time.Until(began.Add(after)))
	path, body := fmt.Sprintf("/incidents/%d/acknowledge", open.Items[0].Number), map[string]any{}
	if n%3 == 0 {
		path, body = fmt.Sprintf("/incidents/%d/resolve", open.Items[0].Number), map[string]any{"reason": "it is over"}
	}
	err := p.call("POST", path, body, nil)
	return time.Now(), err
}
