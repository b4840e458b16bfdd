package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/check"
	"allclear/internal/edge/api/checks"
)

// Try makes a check once.
type Try func(ctx context.Context, c check.Check, now time.Time) check.Result

const (
	probeRead = time.Minute // how often the checks are asked for
	probeStep = time.Second
	probeRoom = 32 // under way at once
)

// probe makes the checks of a server at one place.
type probe struct {
	*Session
	name   string
	try    Try
	slots  chan struct{}
	wg     sync.WaitGroup
	mu     sync.Mutex
	checks map[string]check.Check
	due    map[string]time.Time
	streak map[string]int
}

// Probe makes the checks that name this place and reports what it finds, until ctx
// ends; once: each of them one time. A server that does not answer is asked again.
func (s *Session) Probe(ctx context.Context, name string, try Try, once bool) error {
	p := &probe{
		Session: s, name: name, try: try, slots: make(chan struct{}, probeRoom), checks: map[string]check.Check{}, due: map[string]time.Time{}, streak: map[string]int{},
	}
	if err := p.read(ctx); err != nil { // a wrong address or token is told at once
		return err
	}
	fmt.Fprintf(s.Err, "%d checks are made from %s\n", len(p.checks), name)
	if once {
		return p.once(ctx)
	}
	defer p.wg.Wait()
	t := time.NewTicker(probeStep)
	defer t.Stop()
	read := s.Now()
	for {
		if now := s.Now(); now.Sub(read) >= probeRead {
			read = now
			if err := p.read(ctx); err != nil && ctx.Err() == nil {
				s.Report(err)
			}
		}
		p.start(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (p *probe) once(ctx context.Context) error {
	var errs []error
	for _, c := range p.checks {
		if _, err := p.make(ctx, c); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// read asks which checks this place makes.
func (p *probe) read(ctx context.Context) error {
	found := map[string]check.Check{}
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	for {
		doc, err := p.Server.call(ctx, http.MethodGet, apiPrefix+Checks.path, query, nil)
		if err != nil {
			return err
		}
		var page struct {
			Items      []check.Check `json:"items"`
			NextCursor string        `json:"next_cursor"`
		}
		if err := json.Unmarshal(doc, &page); err != nil {
			return fault.Wrap(fault.Invalid, err, "read the checks")
		}
		for _, c := range page.Items {
			if c.From(p.name) {
				found[c.ID] = c
			}
		}
		if page.NextCursor == "" {
			break
		}
		query.Set("cursor", page.NextCursor)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	for id, c := range found {
		if due, ok := p.due[id]; !ok || due.Sub(now) > c.Every.Elapsed() {
			p.due[id] = c.First(now)
		}
	}
	p.checks = found
	return nil
}

// start makes what is due, as far as there is room.
func (p *probe) start(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	for id, c := range p.checks {
		if p.due[id].After(now) || len(p.slots) == cap(p.slots) {
			continue
		}
		p.due[id] = c.Next(now)
		p.slots <- struct{}{}
		p.wg.Go(func() {
			defer func() { <-p.slots }()
			streak, err := p.make(ctx, c)
			if err != nil && ctx.Err() == nil {
				p.Report(err)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			p.due[c.ID] = c.After(streak, p.Now())
		})
	}
}

// make makes one check and reports it. A report that does not get through is not
// kept: the next result says more.
func (p *probe) make(ctx context.Context, c check.Check) (streak int, err error) {
	r := p.try(ctx, c, p.Now())
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	p.mu.Lock()
	if p.streak[c.ID]++; r.Up || r.Idle {
		p.streak[c.ID] = 0
	}
	streak = p.streak[c.ID]
	p.mu.Unlock()
	_, err = p.Server.call(ctx, http.MethodPost, apiPrefix+Checks.path+"/results", nil, checks.Report{Probe: p.name, Results: []checks.Result{checks.ResultOf(c.ID, r)}})
	return streak, err
}
