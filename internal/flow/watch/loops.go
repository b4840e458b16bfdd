package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// beats remembers when each loop was last on its way round.
type beats struct {
	mu    sync.Mutex
	loops map[string]*loop
}

type loop struct {
	at    time.Time
	limit time.Duration
	what  string
}

// Loop registers a loop that must pass at least once in the limit, counted from
// now: one that never starts is found as well (B08). what says what stands still
// with it. The loop calls the result on each pass.
func (w *Watch) Loop(name, what string, limit time.Duration, now time.Time) func(time.Time) {
	b := &w.beats
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loops == nil {
		b.loops = map[string]*loop{}
	}
	l := &loop{at: now, limit: limit, what: what}
	b.loops[name] = l
	return func(at time.Time) {
		b.mu.Lock()
		defer b.mu.Unlock()
		l.at = at
	}
}

// own is what this process finds in itself, without the database's rows.
func (w *Watch) own(ctx context.Context, now time.Time) []Finding {
	return slices.Concat(w.loops(now), w.disk(), w.clock(ctx, now), w.switches())
}

func (w *Watch) loops(now time.Time) (out []Finding) {
	w.beats.mu.Lock()
	defer w.beats.mu.Unlock()
	for name, l := range w.beats.loops {
		if silent := now.Sub(l.at); silent > l.limit {
			out = append(out, Finding{Key: w.here("loop:" + name), Critical: true, Text: fmt.Sprintf("the loop of the %s has not moved for %s: %s", name, round(silent), l.what)})
		}
	}
	return out
}

// silences are how long each loop has not moved, for the metrics.
func (w *Watch) silences(now time.Time) map[string]time.Duration {
	w.beats.mu.Lock()
	defer w.beats.mu.Unlock()
	out := map[string]time.Duration{}
	for name, l := range w.beats.loops {
		out[name] = now.Sub(l.at)
	}
	return out
}

// How full the disk may be, in percent: from the first on somebody should make
// room, from the second on it may be too late.
const (
	diskWarn  = 85
	diskFull  = 97
	percent   = 100
	megabytes = 1 << 20
)

func (w *Watch) disk() []Finding {
	if w.o.Disk == nil {
		return nil
	}
	d, err := w.o.Disk()
	if err != nil || d.Total == 0 {
		return []Finding{{Key: w.here("disk"), Text: fmt.Sprintf("the space on the disk cannot be read: %v", err)}}
	}
	used := percent - d.Free*percent/d.Total
	w.mu.Lock()
	w.numbers.diskUsed = float64(used) / percent
	w.mu.Unlock()
	if used < diskWarn {
		return nil
	}
	return []Finding{{Key: w.here("disk"), Critical: used >= diskFull, Text: fmt.Sprintf("the disk with the data is %d%% full, %d MB are free", used, d.Free/megabytes)}}
}

// How far the program's time may be from the time of day.
const (
	clockWarn = 2 * time.Second
	clockBad  = 30 * time.Second
)

func (w *Watch) clock(ctx context.Context, now time.Time) []Finding {
	if w.o.Clock == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	at, ok, err := w.o.Clock(ctx)
	if err != nil || !ok {
		return nil // the database that does not answer is a finding of its own
	}
	off := now.Sub(at).Abs()
	w.mu.Lock()
	w.numbers.clockOff = now.Sub(at)
	w.mu.Unlock()
	if off <= clockWarn {
		return nil
	}
	return []Finding{{Key: w.here("clock"), Critical: off > clockBad, Text: fmt.Sprintf("the program's time is %s away from the time of day: a clock was set, or runs away. The program goes there slowly, and at once when it is restarted", round(off))}}
}

// switches are heartbeat addresses that do not take the heartbeat.
func (w *Watch) switches() (out []Finding) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, n := range w.misses {
		if n >= missedBeats {
			out = append(out, Finding{Key: w.here(fmt.Sprintf("heartbeat:%d", i+1)), Text: fmt.Sprintf("dead-man's switch %d has not taken the last %d heartbeats", i+1, n)})
		}
	}
	return out
}

// sorted puts the critical first, then the oldest.
func sorted(m map[string]Finding) []Finding {
	out := make([]Finding, 0, len(m))
	for _, f := range m {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Finding) int {
		if a.Critical != b.Critical {
			if a.Critical {
				return -1
			}
			return 1
		}
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Key, b.Key))
	})
	return out
}

func round(d time.Duration) time.Duration { return d.Round(time.Second) }
