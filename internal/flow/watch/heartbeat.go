package watch

import (
	"context"
	"sync"
	"time"
)

const (
	beatEvery   = 30 * time.Second
	missedBeats = 3 // in a row, before a target that does not answer is a finding
)

// Heartbeat tells every dead-man's switch that pages go out, or tells none when
// they may not: silence is the signal.
func (w *Watch) Heartbeat(ctx context.Context, now time.Time) {
	if !w.Healthy(now) {
		w.mu.Lock()
		w.numbers.heartbeats.withheld++
		w.mu.Unlock()
		w.o.Log.Error("watch: the heartbeat is withheld")
		return
	}
	var wg sync.WaitGroup
	for i, url := range w.o.Heartbeats {
		wg.Go(func() {
			err := w.o.Call(ctx, url)
			w.mu.Lock()
			defer w.mu.Unlock()
			if err != nil {
				w.misses[i]++
				w.numbers.heartbeats.failed++
				w.o.Log.Warn("watch: a dead-man's switch did not take the heartbeat", "target", i+1, "error", err)
				return
			}
			w.misses[i] = 0
			w.numbers.heartbeats.sent++
		})
	}
	wg.Wait()
}
