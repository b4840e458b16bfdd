package synthetic

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"allclear/internal/domain/remedy"
	"allclear/internal/plug"
)

// Load asks an address many times, as many at once as the probe says and no faster
// than its rate, and says how long the answers took (RES-VAL-PERF). It stops when ctx
// ends.
func (p *Prober) Load(ctx context.Context, probe remedy.Probe) remedy.Measured {
	start := time.Now()
	turns := make(chan struct{})
	go func() {
		defer close(turns)
		for n := range probe.Requests {
			if probe.Rate > 0 {
				due := start.Add(time.Duration(n) * time.Second / time.Duration(probe.Rate))
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Until(due)):
				}
			}
			select {
			case <-ctx.Done():
				return
			case turns <- struct{}{}:
			}
		}
	}()
	var mu sync.Mutex
	var took []time.Duration
	wrong, why := 0, ""
	var wg sync.WaitGroup
	for range probe.Concurrency {
		wg.Go(func() {
			for range turns {
				began := time.Now()
				bad := p.ask(ctx, probe.URL)
				d := time.Since(began)
				mu.Lock()
				took = append(took, d)
				if bad != "" {
					wrong++
					if why == "" {
						why = bad
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return remedy.Measure(took, wrong, plug.Clean(why), time.Since(start))
}

// ask makes one request; why is what was wrong with the answer.
func (p *Prober) ask(ctx context.Context, address string) (why string) {
	ans, err := p.http.Do(ctx, plug.Request{Method: http.MethodGet, URL: address})
	switch {
	case err != nil:
		return err.Error()
	case ans.Status < 200 || ans.Status > 299:
		return fmt.Sprintf("the answer is %d %s", ans.Status, http.StatusText(ans.Status))
	}
	return ""
}
