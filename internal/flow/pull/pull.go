// Package pull owns the net under the webhooks: it asks the sources that can be
// asked how things stand, and hands what has changed to intake, as if a webhook had
// told it. It must not judge what a change means, know any vendor, or let one that
// fails or is slow hold up another.
//
// What was seen last is kept in memory only. After a start, and on each node where
// several share a database, a first look hands over what is in trouble, and what is
// well again while its alert still stands. On several nodes each asks: a key makes
// one alert of what two of them saw, and a node that is cut off from the vendor
// leaves no hole.
package pull

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

const (
	// Every is how often a source is asked.
	Every = time.Minute
	// patience is how long one look may take, all its calls together.
	patience = 30 * time.Second
	// longest is how long a source that fails is left alone, unless it asks for more.
	longest = 10 * time.Minute
	pause   = time.Second // how late a look may be
)

// Source is one source that can be asked.
type Source struct {
	Name    string // of the plug-in, as its signals have it
	Title   string // for people
	Service string // of the catalogue, that its alerts belong to where none stands yet
	Poller  plug.Poller
}

// Options are what the flow stands on.
type Options struct {
	Sources []Source
	Log     *slog.Logger
	// Accept takes signals in durably. It refuses a service that is not in the
	// catalogue.
	Accept func(ctx context.Context, service, source string, signals []alert.Signal, now time.Time) error
	// Standing lists the alerts of a source that are not resolved, whatever service
	// they are of: a webhook's key says which that is, and a list does not.
	Standing func(ctx context.Context, source string) ([]*alert.Alert, error)
}

// State is how the asking of one source goes.
type State struct {
	Source   string
	Title    string
	Service  string
	AskedAt  time.Time // last; zero for never
	WorkedAt time.Time // when it last worked
	Failures int       // in a row
	Problem  string    // of the last look, in words that can be shown; empty when it worked
	NextAt   time.Time
}

// Pull is safe for concurrent use. Make it with New.
type Pull struct {
	o       Options
	sources []*asked
}

// asked is a source with what was seen of it.
type asked struct {
	Source
	look sync.Mutex // one look at a time

	mu    sync.Mutex
	state State
	seen  map[string]sight // by key; nil before the first look that worked
}

// sight is what was seen of one thing: another outage is another sight, even if it
// was never seen to be well in between.
type sight struct {
	action alert.Action
	since  int64
}

// New returns the flow.
func New(o Options) *Pull {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pull{o: o}
	for _, s := range o.Sources {
		p.sources = append(p.sources, &asked{Source: s, state: State{Source: s.Name, Title: s.Title, Service: s.Service}})
	}
	return p
}

// States tells how the asking goes, in the order of the sources.
func (p *Pull) States() []State {
	out := make([]State, len(p.sources))
	for i, s := range p.sources {
		s.mu.Lock()
		out[i] = s.state
		s.mu.Unlock()
	}
	return out
}

// Run asks until ctx ends, each source in a loop of its own.
func (p *Pull) Run(ctx context.Context, now func() time.Time) error {
	var wg sync.WaitGroup
	for _, s := range p.sources {
		wg.Go(func() {
			t := time.NewTicker(pause)
			defer t.Stop()
			for {
				p.ask(ctx, s, now())
				select {
				case <-ctx.Done():
					return
				case <-t.C:
				}
			}
		})
	}
	wg.Wait()
	<-ctx.Done() // also without a source: a loop that ends is taken for a failure
	return nil
}

// Tick asks every source that is due at now, all at once, and waits for them.
func (p *Pull) Tick(ctx context.Context, now time.Time) {
	var wg sync.WaitGroup
	for _, s := range p.sources {
		wg.Go(func() { p.ask(ctx, s, now) })
	}
	wg.Wait()
}

// ask has one look, if it is time to.
func (p *Pull) ask(ctx context.Context, s *asked, now time.Time) {
	s.look.Lock()
	defer s.look.Unlock()
	s.mu.Lock()
	due := !now.Before(s.state.NextAt) || s.state.AskedAt.After(now)
	s.mu.Unlock()
	if !due || ctx.Err() != nil {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := p.once(bounded, s, now)
	if ctx.Err() != nil {
		return // the program ends: nothing is wrong with the source
	}
	p.note(s, err, now)
}

// note keeps what came of a look, and tells when that has changed.
func (p *Pull) note(s *asked, err error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.state.Problem
	s.state.AskedAt = now
	if err == nil {
		s.state.WorkedAt, s.state.Failures, s.state.Problem, s.state.NextAt = now, 0, "", now.Add(Every)
		if was != "" {
			p.o.Log.Info("a source answers again", "source", s.Name)
		}
		return
	}
	s.state.Failures++
	s.state.Problem = err.Error()
	s.state.NextAt = now.Add(wait(s.state.Failures, plug.FailureOf(err).RetryAfter))
	if s.state.Problem != was {
		p.o.Log.Error("ask a source how things stand", "source", s.Name, "error", err, "again", s.state.NextAt)
	}
}

// wait is how long a source is left alone after failures in a row: twice as long
// each time, and at least as long as it asks for.
func wait(failures int, wish time.Duration) time.Duration {
	d := Every
	for range failures - 1 {
		if d *= 2; d >= longest {
			d = longest
			break
		}
	}
	return max(d, wish)
}

// once asks and hands over what is new. What could not be handed over is new on
// the next look too.
func (p *Pull) once(ctx context.Context, s *asked, now time.Time) error {
	all, err := s.Poller.Poll(ctx, now)
	if err != nil {
		return err
	}
	s.mu.Lock()
	seen, first := s.seen, s.seen == nil
	s.mu.Unlock()
	next := make(map[string]sight, len(all))
	for k, v := range seen {
		next[k] = v // of what is not told of now, such as a paused check, nothing is known
	}
	var fresh []alert.Signal
	for _, g := range all {
		x := sight{action: g.Action}
		if g.Action == alert.Trigger && !g.StartedAt.IsZero() {
			x.since = g.StartedAt.UnixMicro()
		}
		if was, known := seen[g.DedupKey]; !known || was != x {
			fresh = append(fresh, g)
		}
		next[g.DedupKey] = x
	}
	if len(fresh) > 0 {
		if err := p.hand(ctx, s, fresh, first, now); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.seen = next
	s.mu.Unlock()
	return nil
}

// hand hands over what is new, to the service of the alert that it meets.
func (p *Pull) hand(ctx context.Context, s *asked, fresh []alert.Signal, first bool, now time.Time) error {
	stands, err := p.o.Standing(ctx, s.Name)
	if err != nil {
		return err
	}
	by := map[string][]alert.Signal{}
	for _, g := range fresh {
		met := s.meets(g.DedupKey, stands)
		for _, a := range met {
			by[a.ServiceID] = append(by[a.ServiceID], as(g, a))
		}
		// What is well and stands nowhere is no news on the first look.
		if len(met) == 0 && (g.Action != alert.Resolve || !first) {
			by[s.Service] = append(by[s.Service], g)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(by)) {
		if err := p.o.Accept(ctx, service, s.Name, by[service], now); err != nil {
			return err
		}
	}
	return nil
}

// meets finds the standing alerts about what was told of under a key.
func (s *asked) meets(key string, stands []*alert.Alert) (out []*alert.Alert) {
	same := func(standing string) bool { return standing == key }
	if r, ok := s.Poller.(plug.Recogniser); ok {
		same = func(standing string) bool { return standing == key || r.Same(key, standing) }
	}
	for _, a := range stands {
		if same(a.DedupKey) {
			out = append(out, a)
		}
	}
	return out
}

// as is a signal for an alert that stands. A trigger counts with what the webhook
// said, which knows more than a list does: how grave it is, and why.
func as(g alert.Signal, a *alert.Alert) alert.Signal {
	var told alert.Signal
	if g.Action == alert.Trigger && json.Unmarshal([]byte(a.Details), &told) == nil && told.Action == alert.Trigger && told.DedupKey == a.DedupKey {
		return told
	}
	g.DedupKey = a.DedupKey
	return g
}
