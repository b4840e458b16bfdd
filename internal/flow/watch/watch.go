// Package watch owns the product's look at itself: an auditor beside the loops it
// watches, the heartbeat to a dead-man's switch, test pages over every channel,
// and the alarm that goes past the queue when the queue may be what is stuck.
// It must not repair, retry or restart anything (B13): it tells.
package watch

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/findings"
	"allclear/internal/store/procedures"
)

// How often it looks, and what it calls late. A loop that stands still or a page
// that nobody sends is noticed within thirty seconds, whatever the phase.
const (
	Every      = 5 * time.Second  // between looks
	margin     = 10 * time.Second // after which something due is overdue
	mailMargin = 5 * time.Minute  // the same for messages to customers, which queue up by the thousand
	sightings  = 2                // of a backlog in a row, before it is a finding
	tellEvery  = 10 * time.Minute
	patience   = 4 * time.Second  // for the database to answer
	stale      = 30 * time.Second // a look older than this vouches for nothing
	expiry     = time.Minute      // of findings that nobody confirms
	keepEnded  = 24 * time.Hour
	failing    = 5 // failures in a row of one timer
)

// Finding is one thing that is wrong with the product itself.
type Finding struct {
	Key      string // names the thing; the same on every look
	Text     string // one sentence
	Critical bool   // pages may be late or lost: no heartbeat goes out
	Since    time.Time
}

// Disk is the space where the data is.
type Disk struct{ Free, Total uint64 }

// Options are what the watch needs beside the store. Nil functions watch nothing.
type Options struct {
	Log      *slog.Logger
	Node     string               // names this process in findings that are its own
	Disk     func() (Disk, error) // space where the data is
	Channels func(string) (plug.Channel, bool)
	// Clock is the time of day: of the database's server, or of this machine. ok
	// is false when nobody says.
	Clock func(context.Context) (at time.Time, ok bool, err error)
	// Call tells a dead-man's switch that the product is alive.
	Call func(ctx context.Context, url string) error
	// Heartbeats are the addresses of dead-man's switches.
	Heartbeats []string
	// Probes are the addresses of test pages, by channel.
	Probes map[string]string
	// Poke hints to the pager that a test page was queued.
	Poke func()
	// ChainTimer is the kind of the timers that move escalation chains.
	ChainTimer string
}

// Watch looks after the product. Make it with New, have every loop registered
// with Loop, then Run it.
type Watch struct {
	db      *store.DB
	shelf   *procedures.Shelf
	catalog func(*store.Tx) (*catalog.Catalog, error)
	o       Options
	beats   beats

	mu       sync.Mutex
	standing map[string]Finding
	seen     map[string]int       // backlog: sightings in a row
	told     map[string]time.Time // by this process, for when the database cannot say
	whom     []recipient          // of the alarm, from the last look that succeeded
	numbers  numbers
	misses   []int // failures in a row, by heartbeat address
	started  time.Time
	looked   atomic.Int64 // microseconds of the last finished look
}

// New returns a watch.
func New(db *store.DB, shelf *procedures.Shelf, cat func(*store.Tx) (*catalog.Catalog, error), o Options) *Watch {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w := &Watch{
		db: db, shelf: shelf, catalog: cat, o: o, standing: map[string]Finding{}, seen: map[string]int{},
		told: map[string]time.Time{}, misses: make([]int, len(o.Heartbeats)),
	}
	w.numbers.probes = map[string]probe{}
	return w
}

// Tick looks once and tells what has to be told.
func (w *Watch) Tick(ctx context.Context, now time.Time) {
	w.tell(ctx, w.Look(ctx, now), now)
}

// Run looks until ctx ends. The alarm, the heartbeat and the test pages have
// goroutines of their own, so that a slow peer never keeps the auditor.
func (w *Watch) Run(ctx context.Context, now func() time.Time) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		every(ctx, Every, func() {
			at := now()
			loud := w.Look(ctx, at)
			if len(loud) > 0 {
				wg.Go(func() { w.tell(ctx, loud, at) })
			}
		})
	})
	if len(w.o.Heartbeats) > 0 {
		wg.Go(func() { every(ctx, beatEvery, func() { w.Heartbeat(ctx, now()) }) })
	}
	if len(w.o.Probes) > 0 {
		wg.Go(func() { every(ctx, probeEvery, func() { w.Probe(ctx, now()) }) })
	}
}

func every(ctx context.Context, d time.Duration, do func()) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			do()
		}
	}
}

// Look takes one look at everything and returns what is critical or new enough
// to be told. It is bounded in time whatever it meets.
func (w *Watch) Look(ctx context.Context, now time.Time) []Finding {
	found := w.own(ctx, now)
	backlog, rest, err := w.rows(ctx, now)
	if err != nil {
		found = append(found, Finding{Key: w.here("database"), Critical: true, Text: "the database does not answer: " + err.Error()})
	} else {
		found = append(append(found, w.confirmed(backlog)...), rest...)
		if err := w.write(ctx); err != nil {
			found = append(found, Finding{Key: w.here("writer"), Critical: true, Text: "the database takes no writes: " + err.Error()})
		}
	}
	began, ended, standing := w.settle(found, err == nil, now)
	for _, f := range began {
		w.o.Log.Error("watch: found", "finding", f.Key, "critical", f.Critical, "text", f.Text)
	}
	for _, key := range ended {
		w.o.Log.Info("watch: over", "finding", key)
	}
	if err := w.keep(ctx, standing, ended, now); err != nil {
		w.o.Log.Error("watch: keep findings", "error", err)
	}
	w.looked.Store(now.UnixMicro())
	return standing
}

// here makes a key this node's own.
func (w *Watch) here(key string) string { return key + "@" + w.o.Node }

// confirmed lets a backlog be a finding when it is there a second time: what is
// caught up with between two looks is no trouble.
func (w *Watch) confirmed(backlog []Finding) (out []Finding) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := map[string]int{}
	for _, f := range backlog {
		seen[f.Key] = w.seen[f.Key] + 1
		if seen[f.Key] >= sightings {
			out = append(out, f)
		}
	}
	w.seen = seen
	return out
}

// settle compares what was found with what stood. What only the database can
// tell stands on while it does not answer.
func (w *Watch) settle(found []Finding, answered bool, now time.Time) (began []Finding, ended []string, all []Finding) {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := map[string]Finding{}
	for _, f := range found {
		old, stood := w.standing[f.Key]
		f.Since = now
		if stood {
			f.Since = old.Since
		} else {
			began = append(began, f)
		}
		next[f.Key] = f
	}
	for key, f := range w.standing {
		if _, still := next[key]; still {
			continue
		}
		if !answered {
			next[key] = f
			continue
		}
		ended = append(ended, key)
	}
	w.standing = next
	return began, ended, sorted(next)
}

// keep writes the findings where the console of every node reads them.
func (w *Watch) keep(ctx context.Context, standing []Finding, ended []string, now time.Time) error {
	if len(standing)+len(ended) == 0 && now.Sub(w.startedAt(now))%expiry >= Every {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return w.db.Update(ctx, store.PriorityPage, func(tx *store.Tx) error {
		for _, f := range standing {
			if err := findings.Saw(tx, findings.Finding{Key: f.Key, Text: f.Text, Critical: f.Critical}, now); err != nil {
				return err
			}
		}
		for _, key := range ended {
			if err := findings.End(tx, key, now); err != nil {
				return err
			}
		}
		if err := findings.Expire(tx, now.Add(-expiry), now); err != nil {
			return err
		}
		return findings.Forget(tx, now.Add(-keepEnded))
	})
}

func (w *Watch) startedAt(now time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.started.IsZero() {
		w.started = now
	}
	return w.started
}

// Healthy reports whether the product may say that it is alive: a look was
// finished not long ago, and it found nothing critical.
func (w *Watch) Healthy(now time.Time) bool {
	us := w.looked.Load()
	if us == 0 || now.Sub(time.UnixMicro(us)) > stale {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.standing {
		if f.Critical {
			return false
		}
	}
	return true
}
