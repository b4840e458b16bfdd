package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

const detected = 100

// detectFigures are DET: from the push of the value that passes a limit to the
// call of the provider. The limits are judged every 30 seconds, so that half of
// that is the wait for the next look.
func detectFigures(r *report) error {
	hook := newSink()
	defer hook.Close()
	p, _, err := startPaged(hook.URL, false, detected)
	if err != nil {
		return err
	}
	defer p.stop()
	pushed := make([]time.Time, detected)
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range detected {
		time.Sleep(time.Duration(rng.Int64N(int64(time.Second))))
		now := time.Now().UTC()
		var samples []map[string]any
		for k := range 3 {
			samples = append(samples, map[string]any{"service": fmt.Sprintf("svc-%d", i), "metric": "app_response_time", "value": 6, "at": now.Add(time.Duration(k-2) * 10 * time.Second)})
		}
		if err := p.call("POST", "/metrics", map[string]any{"samples": samples}, nil); err != nil {
			return err
		}
		pushed[i] = time.Now()
	}
	var took []time.Duration
	for i, at := range pushed {
		got, ok := hook.with(fmt.Sprintf("svc-%d answers in", i), 40*time.Second)
		if !ok {
			return fmt.Errorf("the passed limit of svc-%d did not reach the provider", i)
		}
		took = append(took, max(got.at.Sub(at), 0))
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	r.add("DET", fmt.Sprintf("value pushed to provider called, %d services, p50", detected), p50.Seconds(), "s", "", true)
	r.add("DET", "  p99", p99.Seconds(), "s", "<= 31 s", p99 <= 31*time.Second)
	return nil
}
