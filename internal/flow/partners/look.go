package partners

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/partner"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/cases"
	"allclear/internal/store/incidents"
)

const (
	pause = 10 * time.Second // how late a look may be
	every = time.Minute      // between two looks at a case
	// patience bounds one look.
	patience = 20 * time.Second
	batch    = 8
)

// scanned is the moment at which a scan is over.
const scanned = "vulnerabilities_scanned"

// Tick asks the desks how their open cases are and returns how many it asked for.
func (p *Partners) Tick(ctx context.Context, now time.Time) (n int, err error) {
	if len(p.o.Desks) == 0 {
		return 0, nil
	}
	for {
		due, err := p.claim(ctx, now)
		if err != nil || len(due) == 0 {
			return n, err
		}
		errs := make([]error, len(due))
		var wg sync.WaitGroup
		for i, c := range due {
			wg.Go(func() { errs[i] = p.look(ctx, c, now) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return n, err
		}
		n += len(due)
	}
}

// Run looks until ctx ends.
func (p *Partners) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		if _, err := p.Tick(ctx, now()); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (p *Partners) claim(ctx context.Context, now time.Time) (due []*partner.Case, err error) {
	some := false
	err = p.db.View(ctx, func(tx *store.Tx) error {
		some, err = cases.Due(tx, now)
		return err
	})
	if err != nil || !some { // most of the time: the writer is left alone
		return nil, err
	}
	err = p.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		due, err = cases.Claim(tx, now, now.Add(every), batch)
		return err
	})
	return due, err
}

// look asks outside of any transaction, and keeps what came of it in one.
func (p *Partners) look(ctx context.Context, was *partner.Case, now time.Time) error {
	desk, ok := p.o.Desks[was.Desk]
	if !ok {
		return nil // it was set up when the case was opened
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	st, failed := desk.Look(bounded, was.Ref)
	if failed != nil && ctx.Err() != nil {
		return nil
	}
	return p.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		c, err := cases.Take(tx, was.ID)
		if err != nil || c.State != partner.Open {
			return err
		}
		inc, err := incidents.Peek(tx, c.Incident)
		if err != nil {
			return err
		}
		s, err := p.scene(tx, software(), authz.Respond, inc, now)
		if err != nil {
			return err
		}
		return s.heard(c, st, failed)
	})
}

// heard notes what a desk says of a case, or why it says nothing; each once.
func (s *scene) heard(c *partner.Case, st plug.CaseState, failed error) error {
	if failed != nil {
		problem := plug.Line(failed.Error(), plug.MaxSummary)
		if c.Problem == problem {
			return nil
		}
		c.Problem = problem
		if err := cases.Save(s.tx, c); err != nil {
			return err
		}
		return s.tell(event.CaseTold, c, "its interface does not say how the case is: "+problem)
	}
	if !c.Hear(partner.Heard{Number: st.Number, Link: plug.WebURL(st.Link), Told: plug.Line(st.State, plug.MaxWord), Result: plug.Line(st.Result, plug.MaxSummary), Over: st.Over}, s.now) {
		return nil
	}
	if err := cases.Save(s.tx, c); err != nil {
		return err
	}
	text := c.Told
	if c.Result != "" {
		text = fmt.Sprintf("%s, %s", c.Told, c.Result)
	}
	if c.State != partner.Closed {
		return s.tell(event.CaseTold, c, s.opened(c)+" is "+text)
	}
	if err := s.tell(event.CaseEnded, c, s.opened(c)+" is "+text); err != nil || c.Kind != partner.Scan {
		return err
	}
	return s.bus.Emit(s.tx, s.now, event.Event{
		IncidentID: s.inc.ID, Kind: event.Moment, Actor: s.a.ID, Source: s.a.Via, Restricted: s.inc.Restricted,
		Data: event.Data{Reaches: scanned, Ref: c.ID.String(), Text: s.name(c) + " scan " + c.Number + ": " + text, Clauses: []string{"ESC-EXT-R7", "MON-STAB-SEC"}, Number: s.inc.Number},
	})
}
