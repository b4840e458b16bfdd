package success

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/healthcheck"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/healthchecks"
)

// pause is between two looks at the health checks.
const pause = time.Minute

// maxSteps bounds what one transaction does.
const maxSteps = 200

// Run looks at the health checks until ctx ends.
func (w *Success) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	var judged time.Time
	for {
		if err := w.Look(ctx, now()); err != nil && ctx.Err() == nil {
			failed(err)
		}
		if at := now(); at.Sub(judged) >= riskPause {
			judged = at
			if err := w.LookAtRisk(ctx, at); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// round is what one look has found to do.
type round struct {
	begin []string             // customers without a check to be made
	drop  []ident.ID           // checks that nobody asks for any more
	tell  []*healthcheck.Check // whose time has come
}

func (r *round) idle() bool { return len(r.begin)+len(r.drop)+len(r.tell) == 0 }

// Look begins the checks that the procedure asks for, asks those who look after the
// customers, and tells when nobody has made one. Each is told once.
func (w *Success) Look(ctx context.Context, now time.Time) error {
	for {
		var todo round
		err := w.db.View(ctx, func(tx *store.Tx) (err error) {
			todo, _, _, err = w.todo(tx, now)
			return err
		})
		if err != nil || todo.idle() {
			return err
		}
		if err := w.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return w.step(tx, now) }); err != nil {
			return err
		}
	}
}

// todo compares the checks with the catalogue and the procedure, up to maxSteps.
func (w *Success) todo(tx *store.Tx, now time.Time) (out round, cat *catalog.Catalog, rule *procedure.HealthChecks, err error) {
	if rule, err = w.checks(tx); err != nil {
		return out, nil, nil, err
	}
	if cat, err = w.o.Catalog(tx); err != nil {
		return out, nil, nil, err
	}
	open, err := healthchecks.Open(tx)
	if err != nil {
		return out, nil, nil, err
	}
	has := make(map[string]bool, len(open))
	for _, c := range open {
		has[c.Customer] = true
		who, ok := cat.Customers[c.Customer]
		state := c.State(rule, now)
		switch {
		case !ok || !healthcheck.Wanted(rule, &who):
			out.drop = append(out.drop, c.ID)
		case state == healthcheck.Overdue && c.LateAt.IsZero(), state == healthcheck.Asked && c.AskedAt.IsZero():
			out.tell = append(out.tell, c)
		}
	}
	for id, c := range cat.Customers {
		if !has[id] && healthcheck.Wanted(rule, &c) {
			out.begin = append(out.begin, id)
		}
	}
	slices.Sort(out.begin)
	out.begin = out.begin[:min(len(out.begin), maxSteps)]
	out.drop = out.drop[:min(len(out.drop), maxSteps)]
	out.tell = out.tell[:min(len(out.tell), maxSteps)]
	return out, cat, rule, nil
}

// step does what is to be done, as it is found inside the transaction.
func (w *Success) step(tx *store.Tx, now time.Time) error {
	todo, cat, rule, err := w.todo(tx, now)
	if err != nil {
		return err
	}
	since := map[string]time.Time{}
	for _, id := range todo.begin {
		since[id] = healthcheck.First(rule, id, now)
	}
	if err := healthchecks.Begin(tx, since, now); err != nil {
		return err
	}
	for _, id := range todo.drop {
		if err := healthchecks.Drop(tx, id); err != nil {
			return err
		}
	}
	order, err := w.order(tx)
	if err != nil {
		return err
	}
	for _, c := range todo.tell {
		if err := w.remind(tx, cat, rule, order, c.Customer, now); err != nil {
			return err
		}
	}
	return nil
}

// remind asks for a check, or tells that it is late. Another node may just have done it.
func (w *Success) remind(tx *store.Tx, cat *catalog.Catalog, rule *procedure.HealthChecks, order []string, customer string, now time.Time) error {
	c, err := healthchecks.One(tx, customer)
	if err != nil || c == nil {
		return err
	}
	who := cat.Customers[customer]
	due := c.DueAt(rule).Format("Mon 2 Jan 2006 15:04 MST")
	state := c.State(rule, now)
	var to []string
	var named, subject, text string
	switch {
	case state == healthcheck.Overdue && c.LateAt.IsZero():
		c.LateAt, named, subject = now, lateRule, "Health check overdue: "+who.Name
		text = fmt.Sprintf("The health check of %s was due on %s and nobody has made it.", who.Name, due)
		if to, err = cat.Resolve(rule.Late, catalog.TargetContext{At: now}); err != nil {
			to = nil // the list and the record stay
		}
	case state == healthcheck.Asked && c.AskedAt.IsZero():
		c.AskedAt, named, subject = now, healthRule, "Health check: "+who.Name
		text = fmt.Sprintf("The health check of %s is due on %s: write down usage, sentiment, open issues and a score.", who.Name, due)
		to = people(cat, &who, rule.Else, now)
	default:
		return nil
	}
	c.Told = to
	if err := healthchecks.Save(tx, c); err != nil {
		return err
	}
	if err := w.bus.Emit(tx, now, event.Event{Kind: event.HealthCheck, Source: named, Data: event.Data{
		Rule: named, Ref: c.ID.String(), Subject: customer, Outcome: state, Text: text, Targets: to, Clauses: rule.Clauses, Due: store.Micros(c.DueAt(rule)),
	}}); err != nil {
		return err
	}
	return w.send(tx, cat, order, to, message.Delivery{
		Kind: message.KindHealthCheck, RefID: c.ID, Subject: subject, Body: text, Clauses: rule.Clauses, Headers: message.Headers{Rule: named},
	}, now)
}

// Made writes down a health check of a customer. The next is due as long after as the
// procedure says. Errors: fault.Invalid with the fields; fault.NotFound;
// fault.Conflict where the procedure asks for none.
func (w *Success) Made(ctx context.Context, actor authz.Actor, customer string, form healthcheck.Form, now time.Time) (out HealthCheck, err error) {
	if err := authz.Can(actor, authz.Respond, authz.Resource{Kind: string(catalog.KindCustomer), ID: customer}); err != nil {
		return out, err
	}
	if err := form.Check(); err != nil {
		return out, err
	}
	err = w.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		rule, err := w.checks(tx)
		if err != nil {
			return err
		}
		cat, err := w.o.Catalog(tx)
		if err != nil {
			return err
		}
		who, ok := cat.Customers[customer]
		if !ok {
			return authz.NotFound(string(catalog.KindCustomer), customer)
		}
		if !healthcheck.Wanted(rule, &who) {
			return fault.New(fault.Conflict, "the procedure asks for no health checks of %s", who.Name)
		}
		next := map[string]time.Time{customer: now}
		if err := healthchecks.Begin(tx, next, now); err != nil { // nobody has looked yet
			return err
		}
		c, err := healthchecks.One(tx, customer)
		if err != nil {
			return err
		}
		if c == nil {
			return fault.New(fault.Internal, "the health check of %s has gone", customer)
		}
		c.Due = c.DueAt(rule)
		c.DoneAt, c.By, c.Form = now, actor.ID, &form
		if err := healthchecks.Save(tx, c); err != nil {
			return err
		}
		if err := healthchecks.Begin(tx, next, now); err != nil {
			return err
		}
		out = HealthCheck{*c, healthcheck.Done, c.Due}
		return w.bus.Emit(tx, now, event.Event{Kind: event.HealthCheck, Actor: actor.ID, Data: event.Data{
			Ref: c.ID.String(), Subject: customer, Outcome: healthcheck.Done, Clauses: rule.Clauses, Due: store.Micros(c.Due),
			Text: fmt.Sprintf("%s: score %d, usage %s, sentiment %s, %d open issues", who.Name, form.Score, form.Usage, form.Sentiment, form.OpenIssues),
		}})
	})
	return out, err
}

// HealthCheck is a check as it stands.
type HealthCheck struct {
	healthcheck.Check
	State string
	DueAt time.Time // zero: the procedure asks for none any more
}

// HealthChecks lists a customer's checks, the newest first; of nobody: all that are to
// be made, what is due first.
func (w *Success) HealthChecks(ctx context.Context, actor authz.Actor, customer string, now time.Time) (out []HealthCheck, err error) {
	if err := authz.Can(actor, authz.ReadCustomers, authz.Resource{Kind: string(catalog.KindCustomer), ID: customer}); err != nil {
		return nil, err
	}
	err = w.db.View(ctx, func(tx *store.Tx) error {
		rule, err := w.checks(tx)
		if err != nil {
			return err
		}
		all, err := healthchecks.Of(tx, customer)
		if customer == "" {
			all, err = healthchecks.Open(tx)
		}
		for _, c := range all {
			out = append(out, HealthCheck{*c, c.State(rule, now), c.DueAt(rule)})
		}
		return err
	})
	if customer == "" {
		slices.SortStableFunc(out, func(a, b HealthCheck) int { return a.DueAt.Compare(b.DueAt) })
	}
	return out, err
}

// checks is the rule of the procedure in force; nil without one.
func (w *Success) checks(tx *store.Tx) (*procedure.HealthChecks, error) {
	p, err := w.inForce(tx)
	if err != nil || p == nil {
		return nil, err
	}
	return p.HealthChecks, nil
}
