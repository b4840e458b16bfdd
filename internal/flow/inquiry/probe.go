package inquiry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/check"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/inquiries"
)

// Targets lists what may be measured for an incident.
func (f *Inquiry) Targets(ctx context.Context, a authz.Actor, number int64, now time.Time) (out []inquiry.Target, err error) {
	err = f.see(ctx, a, number, now, func(s *scene) error {
		out = s.targets()
		return nil
	})
	return out, err
}

func (s *scene) targets() []inquiry.Target {
	return inquiry.Targets(s.cat, ranked(inquiry.Hops(s.cat, s.inc.ServiceID)))
}

// Probe asks for the way to some targets to be measured, of those that are allowed;
// none is the first of them. The result comes on the record (INV-RCA-NET).
func (f *Inquiry) Probe(ctx context.Context, a authz.Actor, number int64, addresses []string, times int, now time.Time) (*inquiry.Probe, error) {
	p := &inquiry.Probe{Times: times}
	if p.Times == 0 {
		p.Times = inquiry.DefaultTimes
	}
	err := f.on(ctx, a, authz.Respond, number, now, func(s *scene) error {
		p.Targets = nil
		allowed := s.targets()
		bad := fault.New(fault.Invalid, "something is missing or wrong")
		if p.Times < 1 || p.Times > inquiry.MaxTimes {
			bad = bad.With("times", fmt.Sprintf("from 1 to %d", inquiry.MaxTimes))
		}
		if len(addresses) == 0 {
			p.Targets = allowed[:min(len(allowed), inquiry.MaxTargets)]
		}
		if len(addresses) > inquiry.MaxTargets {
			bad = bad.With("targets", fmt.Sprintf("at most %d at once", inquiry.MaxTargets))
		}
		for i, address := range addresses {
			k := slices.IndexFunc(allowed, func(t inquiry.Target) bool { return t.Address == address })
			if k < 0 {
				bad = bad.With(fmt.Sprintf("targets[%d]", i), "is no target that may be measured: the checks of the service and of what it depends on are, and what their probes in the catalogue name")
				continue
			}
			p.Targets = append(p.Targets, allowed[k])
		}
		if len(bad.Details) == 0 && len(p.Targets) == 0 {
			bad = bad.With("targets", "the catalogue names none for this service: give it a check, or probes")
		}
		if len(bad.Details) > 0 {
			return bad
		}
		if err := add(s, inquiry.KindProbe, p, now); err != nil {
			return err
		}
		return s.emit(event.ProbeAsked, event.Data{Text: strings.Join(names(p.Targets), ", "), Ref: p.ID.String(), Clauses: []string{"INV-RCA-NET"}})
	})
	if err != nil {
		return nil, err
	}
	f.Poke()
	return p, nil
}

func names(all []inquiry.Target) (out []string) {
	for _, t := range all {
		out = append(out, t.Address)
	}
	return out
}

// Poke hints that something is to be worked on.
func (f *Inquiry) Poke() {
	select {
	case f.due <- struct{}{}:
	default:
	}
}

const (
	patience = 3 * time.Minute // until another node takes over what one has begun
	batch    = 4               // at once
	pause    = 5 * time.Second
)

// Tick does what is due at now, and returns how much that was.
func (f *Inquiry) Tick(ctx context.Context, now time.Time) (n int, err error) {
	for {
		due, err := f.claim(ctx, now)
		if err != nil || len(due) == 0 {
			return n, err
		}
		errs := make([]error, len(due))
		var wg sync.WaitGroup
		for i := range due {
			wg.Go(func() { errs[i] = f.work(ctx, &due[i], now) })
		}
		wg.Wait()
		n += len(due)
		if err := errors.Join(errs...); err != nil {
			return n, err
		}
	}
}

// Run works until ctx ends.
func (f *Inquiry) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		if _, err := f.Tick(ctx, now()); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-f.due:
		}
	}
}

func (f *Inquiry) claim(ctx context.Context, now time.Time) (out []inquiries.Row, err error) {
	some := false
	err = f.db.View(ctx, func(tx *store.Tx) error {
		some, err = inquiries.Due(tx, now)
		return err
	})
	if err != nil || !some { // most of the time: the writer is left alone
		return nil, err
	}
	err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		out, err = inquiries.Claim(tx, now, now.Add(patience), batch)
		return err
	})
	return out, err
}

func (f *Inquiry) work(ctx context.Context, r *inquiries.Row, now time.Time) error {
	if r.Kind == inquiry.KindSnapshot {
		return f.snapshot(ctx, r, now)
	}
	p, err := read[inquiry.Probe](r)
	if err != nil {
		return err
	}
	results := f.measure(ctx, p, now)
	if err := ctx.Err(); err != nil {
		return err // we are stopping: that says nothing about the targets
	}
	return f.measured(ctx, r, results, now)
}

// wait bounds one measurement of all its targets, below patience.
const wait = 2 * time.Minute

// measure makes every step of every target, outside of any transaction.
func (f *Inquiry) measure(ctx context.Context, p *inquiry.Probe, now time.Time) []inquiry.Measure {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	per := make([][]inquiry.Measure, len(p.Targets))
	var wg sync.WaitGroup
	for i, t := range p.Targets {
		wg.Go(func() {
			for _, step := range t.Steps() {
				var tries []check.Result
				for range p.Times {
					if ctx.Err() != nil {
						break
					}
					r := f.try(ctx, step, now)
					tries = append(tries, r)
				}
				m := inquiry.Gather(t.Address, step.Type, tries)
				per[i] = append(per[i], m)
				if m.Failed == m.Times { // what comes after it cannot do better
					break
				}
			}
		})
	}
	wg.Wait()
	return slices.Concat(per...)
}

func (f *Inquiry) try(ctx context.Context, c check.Check, now time.Time) check.Result {
	if f.o.Try == nil {
		return check.Result{Why: "no measurements are made here"}
	}
	r := f.o.Try(ctx, c, now)
	if !r.Up && c.Type == check.DNS && c.Record == "" { // a name may stand for an IPv6 address alone
		c.Record = "AAAA"
		if six := f.o.Try(ctx, c, now); six.Up {
			return six
		}
	}
	return r
}

// measured keeps what came of it, and tells.
func (f *Inquiry) measured(ctx context.Context, r *inquiries.Row, results []inquiry.Measure, now time.Time) error {
	return f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := incidents.Get(tx, r.IncidentID)
		if err != nil {
			return err
		}
		row, err := inquiries.Lock(tx, r.ID, r.Kind)
		if err != nil || row == nil || row.DueAt.IsZero() { // another node was faster
			return err
		}
		p, err := read[inquiry.Probe](row)
		if err != nil {
			return err
		}
		p.Results, p.DoneAt = results, now
		s := &scene{f: f, tx: tx, inc: inc, actor: authz.Software("inquiry"), now: now}
		row.DueAt = time.Time{}
		if err := s.save(row, p); err != nil {
			return err
		}
		outcome, text := "ok", make([]string, 0, len(results))
		for i := range results {
			if results[i].Failed > 0 {
				outcome = "failed"
			}
			text = append(text, results[i].Sentence())
		}
		d := event.Data{Text: strings.Join(text, "; "), Outcome: outcome, Ref: p.ID.String(), Owner: p.By, Clauses: []string{"INV-RCA-NET"}}
		if err := s.emit(event.ProbeMade, d); err != nil || inc.Status == incident.Closed {
			return err
		}
		return s.reach("network_probed", "the network was measured", p.ID)
	})
}
