// Package follow owns that components of the status page follow the alerts of their
// services (PLT-SP-AUTO), or wait for a person who approves it, and what people set by
// hand. It must not write a word to customers, and never looks at an incident that is
// restricted or one customer's.
package follow

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/following"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/status"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	rows "allclear/internal/store/following"
	"allclear/internal/store/incidents"
	"allclear/internal/store/timers"
)

// Follow is safe for concurrent use. Make it with New.
type Follow struct {
	db      *store.DB
	bus     *jobs.Bus
	catalog func(*store.Tx) (*catalog.Catalog, error)
}

const (
	timerLook = "component.follow"
	// again is how often alerts are looked at while a component is not operational: not
	// every alert that ends is an event of its incident.
	again = time.Minute
	most  = 500 // alerts of one service that are looked at
)

// New returns the flow; Wire connects it to the others.
func New(db *store.DB, bus *jobs.Bus, cat func(*store.Tx) (*catalog.Catalog, error)) *Follow {
	return &Follow{db: db, bus: bus, catalog: cat}
}

// Wire makes the flow hear of alerts and of what people say of their incidents.
func (f *Follow) Wire(t *jobs.Timers) {
	for _, k := range []event.Kind{
		event.Opened, event.Declared, event.Suggested, event.SeverityChanged, event.Recovered, event.Relapsed, event.ResolvedKind, event.Dismissed, event.Merged,
		event.Split, event.Restricted, event.Reopened,
	} {
		f.bus.On(k, f.onIncident)
	}
	f.bus.On(event.AlertTriggered, f.onAlert)
	t.Handle(timerLook, func(tx *store.Tx, t timers.Timer, now time.Time) error { return f.look(tx, t.Ref, now) })
}

func (f *Follow) onIncident(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	for _, s := range inc.Services() {
		if err := f.look(tx, s, e.RecordedAt); err != nil {
			return err
		}
	}
	return nil
}

// onAlert looks soon, beside the hot path of intake, at a service whose alerts say more:
// one that joins an incident changes nothing else of it.
func (f *Follow) onAlert(tx *store.Tx, e *event.Event) error {
	cat, err := f.catalog(tx)
	if err != nil || cat.Services[e.Data.Subject].Component == "" {
		return err
	}
	return timers.Set(tx, timers.Timer{Kind: timerLook, Ref: e.Data.Subject, DueAt: e.RecordedAt}, e.RecordedAt)
}

// look brings the component of a service to what its alerts say.
func (f *Follow) look(tx *store.Tx, service string, now time.Time) error {
	cat, err := f.catalog(tx)
	if err != nil {
		return err
	}
	if cat.Services[service].Component == "" {
		return nil
	}
	rules, err := rows.Rules(tx)
	if err != nil {
		return err
	}
	seen, err := f.seen(tx, rules, service)
	if err != nil {
		return err
	}
	s, err := rows.State(tx, service)
	if err != nil {
		return err
	}
	was := s
	changed, next := s.Observe(rules, seen, now)
	if next.IsZero() && seen != status.Operational && rules.Mode != following.Off {
		next = now.Add(again)
	}
	if next.IsZero() {
		err = timers.Cancel(tx, timerLook, service)
	} else {
		err = timers.Set(tx, timers.Timer{Kind: timerLook, Ref: service, DueAt: next}, now)
	}
	if err != nil || s == was {
		return err
	}
	if err := rows.SaveState(tx, service, s, now); err != nil || !changed {
		return err
	}
	outcome, shown := "followed", s.Shown
	if s.Draft != "" {
		outcome, shown = "proposed", s.Draft
	}
	return f.emit(tx, authz.Software("alerts"), service, outcome, string(shown), "", now)
}

// seen is the worst that the open alerts of a service say, of incidents that the public
// may know of.
func (f *Follow) seen(tx *store.Tx, r following.Rules, service string) (worst status.ComponentStatus, err error) {
	worst = status.Operational
	if r.Mode == following.Off {
		return worst, nil
	}
	all, err := alerts.Standing(tx, service, most)
	if err != nil {
		return worst, err
	}
	counts := map[int64]bool{}
	for _, a := range all {
		means := r.Means(a.Hint)
		if !a.Open() || a.IncidentID == 0 || means.Rank() <= worst.Rank() {
			continue
		}
		ok, known := counts[int64(a.IncidentID)]
		if !known {
			inc, err := incidents.Peek(tx, a.IncidentID)
			if err != nil {
				return worst, err
			}
			ok = public(r, inc)
			counts[int64(a.IncidentID)] = ok
		}
		if ok {
			worst = means
		}
	}
	return worst, nil
}

// public reports whether an incident's alerts may show on the page (readings 3, 17, 18).
func public(r following.Rules, i *incident.Incident) bool {
	return !i.Restricted && i.Tenant == "" && !i.FalsePositive && i.ResolvedAt.IsZero() && (i.Declared || r.Early)
}

func (f *Follow) emit(tx *store.Tx, a authz.Actor, service, outcome, state, reason string, now time.Time) error {
	text := "component of " + service + ": " + state + " " + outcome
	if reason != "" {
		text += ". " + reason
	}
	return f.bus.Emit(tx, now, event.Event{Kind: event.FollowingSet, Actor: a.ID, Source: a.Via, Data: event.Data{
		Subject: service, Outcome: outcome, Status: state, Text: text, Clauses: []string{"PLT-SP-AUTO"},
	}})
}

var resource = authz.Resource{Kind: "component"}

// Component is where the component of one service stands.
type Component struct {
	Service, Name string
	following.State
}

// Now lists them in order of restoration, with the rules.
func (f *Follow) Now(ctx context.Context, a authz.Actor) (r following.Rules, out []Component, err error) {
	if err := authz.Can(a, authz.Read, resource); err != nil {
		return r, nil, err
	}
	err = f.db.View(ctx, func(tx *store.Tx) error {
		if r, err = rows.Rules(tx); err != nil {
			return err
		}
		cat, err := f.catalog(tx)
		if err != nil {
			return err
		}
		states, err := rows.States(tx)
		if err != nil {
			return err
		}
		all := make([]catalog.Service, 0, len(cat.Services))
		for _, s := range cat.Services {
			all = append(all, s)
		}
		for _, s := range catalog.ByRestoration(all) {
			if s.Component != "" {
				out = append(out, Component{s.ID, s.Component, states[s.ID]})
			}
		}
		return nil
	})
	return r, out, err
}

// SetRules says how components follow from now on.
func (f *Follow) SetRules(ctx context.Context, a authz.Actor, r following.Rules, now time.Time) error {
	if err := authz.Can(a, authz.ManageCatalog, resource); err != nil {
		return err
	}
	if err := r.Validate(); err != nil {
		return err
	}
	return f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if err := rows.SaveRules(tx, r, now); err != nil {
			return err
		}
		if err := f.emit(tx, a, "every service", "set", string(r.Mode), "", now); err != nil {
			return err
		}
		cat, err := f.catalog(tx)
		if err != nil {
			return err
		}
		for id := range cat.Services {
			if err := f.look(tx, id, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Set has a component show a state until it is released, whatever alerts and posts say.
func (f *Follow) Set(ctx context.Context, a authz.Actor, service string, st status.ComponentStatus, reason string, now time.Time) error {
	if !st.Valid() {
		return fault.New(fault.Invalid, "set a component: %q is not a state of a component", st).With("status", "use operational, under_maintenance, degraded_performance, partial_outage or major_outage")
	}
	return f.change(ctx, a, service, now, func(s *following.State) (string, string, error) {
		s.Hand = &following.Hand{Status: st, By: a.ID, Reason: reason, At: now.UTC()}
		return "set", string(st), nil
	}, reason)
}

// Release ends what a person has set.
func (f *Follow) Release(ctx context.Context, a authz.Actor, service string, now time.Time) error {
	return f.change(ctx, a, service, now, func(s *following.State) (string, string, error) {
		s.Hand = nil
		st, _ := s.Status()
		return "released", string(st), nil
	}, "")
}

// Answer takes or leaves what waits for approval.
func (f *Follow) Answer(ctx context.Context, a authz.Actor, service string, yes bool, now time.Time) error {
	return f.change(ctx, a, service, now, func(s *following.State) (string, string, error) {
		st, outcome := s.Draft, "approved"
		if !yes {
			outcome = "left"
		}
		return outcome, string(st), s.Answer(yes, now)
	}, "")
}

func (f *Follow) change(ctx context.Context, a authz.Actor, service string, now time.Time, fn func(*following.State) (outcome, state string, err error), reason string) error {
	if err := authz.Can(a, authz.Communicate, resource); err != nil {
		return err
	}
	return f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		cat, err := f.catalog(tx)
		if err != nil {
			return err
		}
		if cat.Services[service].Component == "" {
			return fault.New(fault.NotFound, "there is no such component")
		}
		s, err := rows.State(tx, service)
		if err != nil {
			return err
		}
		outcome, state, err := fn(&s)
		if err != nil {
			return err
		}
		if err := rows.SaveState(tx, service, s, now); err != nil {
			return err
		}
		return f.emit(tx, a, service, outcome, state, reason, now)
	})
}
