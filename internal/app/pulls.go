package app

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/pull"
	"allclear/internal/flow/sources"
	"allclear/internal/plug"
	"allclear/internal/store"
)

// pulls are the plug-ins that can be asked: how things stand, for values, and to do
// something.
type pulls struct {
	sources  []pull.Source
	queriers map[string]plug.Querier
	doers    map[string]plug.Doer
}

// pulls opens the plug-ins with settings in the environment, and finds those that
// have the credentials to be asked.
func (c *channels) pulls() (out pulls, err error) {
	out.queriers, out.doers = map[string]plug.Querier{}, map[string]plug.Doer{}
	for _, p := range c.reg.All() {
		m := p.Manifest
		if m.Source == "" && m.Desk == "" || len(settingsOf(m, c.keys)) == 0 {
			continue
		}
		v, err := c.plugin(m.Name)
		if err != nil {
			return out, err
		}
		if q, ok := v.(plug.Querier); ok && q.Queries() {
			out.queriers[m.Name] = q
		}
		if d, ok := v.(plug.Doer); ok && len(d.Deeds()) > 0 {
			out.doers[m.Name] = d
		}
		if p, ok := v.(plug.Poller); ok {
			if service, ok := p.Polls(); ok {
				out.sources = append(out.sources, pull.Source{Name: m.Source, Title: m.Title, Service: service, Poller: p})
			}
		}
	}
	return out, nil
}

// pulled takes in what was found by asking.
func (e *Engine) pulled(ctx context.Context, service, source string, signals []alert.Signal, now time.Time) error {
	if err := e.DB.View(ctx, func(tx *store.Tx) error { return e.knownService(tx, service) }); err != nil {
		return fault.Wrap(fault.Invalid, err, "take in what "+source+" says")
	}
	return e.Intake.Accept(ctx, intake.Arrival{ServiceID: service, Source: source, Signals: signals, Now: now})
}

// standing are the alerts of a source, on services that can still take something in.
func (e *Engine) standing(ctx context.Context, source string) ([]*alert.Alert, error) {
	var cat *catalog.Catalog
	if err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
		cat, err = e.Admin.Catalog(tx)
		return err
	}); err != nil {
		return nil, err
	}
	all, err := e.Intake.StandingOf(ctx, source)
	return slices.DeleteFunc(all, func(a *alert.Alert) bool {
		_, known := cat.Services[a.ServiceID]
		return !known
	}), err
}

// asking tells how the asking of each source goes.
func (e *Engine) asking() []sources.Pull {
	all := e.Pull.States()
	out := make([]sources.Pull, len(all))
	for i, s := range all {
		out[i] = sources.Pull{Source: s.Source, Service: s.Service, AskedAt: s.AskedAt, WorkedAt: s.WorkedAt, Failures: s.Failures, Problem: s.Problem, NextAt: s.NextAt}
	}
	return out
}

// testEvent takes in an event by a key that somebody tries.
func (e *Engine) testEvent(ctx context.Context, a authz.Actor, key ident.ID, service string, s alert.Signal, now time.Time) (*alert.Alert, error) {
	return e.Intake.Test(ctx, a, intake.Test{Key: key, ServiceID: service, Signal: s}, now)
}
