package success

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/continuity"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/healthchecks"
	"allclear/internal/store/incidents"
	"allclear/internal/store/measures"
	"allclear/internal/store/usage"
)

// riskRule is the name under which notices of accounts at risk stand on the record.
const riskRule = "account-at-risk"

// riskPause is between two looks at accounts at risk: they are judged by days.
const riskPause = 5 * time.Minute

// LookAtRisk finds the accounts that are at risk by the procedure, asks for a plan to
// keep each of them, and ends what is over (DRB-BCP-RETAIN). Whoever looks after
// several hears of them in one notice.
func (w *Success) LookAtRisk(ctx context.Context, now time.Time) error {
	for {
		var left int
		err := w.db.View(ctx, func(tx *store.Tx) error {
			r, err := w.risks(tx, now)
			if err != nil || r == nil {
				return err
			}
			left = len(r.begin) + len(r.over)
			return nil
		})
		if err != nil || left == 0 {
			return err
		}
		if err := w.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return w.stepRisks(tx, now) }); err != nil {
			return err
		}
	}
}

// risks is what one look has found.
type risks struct {
	rule    *procedure.Retention
	proc    *procedure.Procedure
	cat     *catalog.Catalog
	verdict map[string]continuity.Verdict
	begin   []string // customers, at most maxSteps
	over    []*continuity.Measure
}

// risks judges everybody whom an incident has touched or who is at risk already; nil
// where the procedure does not ask for it.
func (w *Success) risks(tx *store.Tx, now time.Time) (*risks, error) {
	p, err := w.inForce(tx)
	if err != nil || p == nil || p.Retention == nil {
		return nil, err
	}
	r := &risks{rule: p.Retention, proc: p, verdict: map[string]continuity.Verdict{}}
	if r.cat, err = w.o.Catalog(tx); err != nil {
		return nil, err
	}
	touched, err := stretches(tx, r.cat, now.Add(-r.rule.Within.Elapsed()))
	if err != nil {
		return nil, err
	}
	signs, err := signsOf(tx)
	if err != nil {
		return nil, err
	}
	judge := func(id string) continuity.Verdict {
		k, s := r.cat.Customers[id], signs[id]
		s.Status, s.Churn = k.Status, k.ChurnRisk
		v := continuity.Judge(r.rule, touched[id], s, now)
		_, known := r.cat.Customers[id]
		v.AtRisk = v.AtRisk && known
		r.verdict[id] = v
		return v
	}
	open, err := measures.Open(tx, continuity.Retention)
	if err != nil {
		return nil, err
	}
	standing := map[string]bool{}
	for _, m := range open {
		standing[m.Customer] = true
		if !judge(m.Customer).AtRisk && len(r.over) < maxSteps {
			r.over = append(r.over, m)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(touched)) {
		if !standing[id] && len(r.begin) < maxSteps && judge(id).AtRisk {
			r.begin = append(r.begin, id)
		}
	}
	return r, nil
}

// stretches lists when declared P1 and P2 touched each customer since a time.
// Restricted ones are left out: that they exist is for their circle alone.
func stretches(tx *store.Tx, cat *catalog.Catalog, since time.Time) (map[string][]continuity.Stretch, error) {
	out := map[string][]continuity.Stretch{}
	scopes := map[string][]catalog.Customer{}
	for before := int64(0); ; {
		page, err := incidents.List(tx, incidents.Filter{Before: before, Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, i := range page {
			if !Counts(i) || !i.ResolvedAt.IsZero() && i.ResolvedAt.Before(since) {
				continue
			}
			key := i.ScopeKey()
			if _, ok := scopes[key]; !ok {
				scopes[key] = message.Affected(cat, i)
			}
			x := continuity.Stretch{Number: i.Number, From: i.DetectedAt, Until: i.ResolvedAt}
			if !i.ImpactAt.IsZero() {
				x.From = i.ImpactAt
			}
			for _, k := range scopes[key] {
				out[k.ID] = append(out[k.ID], x)
			}
		}
		if len(page) < 200 || page[len(page)-1].DetectedAt.Before(since.AddDate(0, 0, -30)) { // numbers grow with time
			return out, nil
		}
		before = page[len(page)-1].Number
	}
}

// Counts reports whether an incident counts for the accounts it touches.
func Counts(i *incident.Incident) bool {
	return i.Declared && !i.FalsePositive && i.MergedInto == 0 && !i.Restricted && i.Highest.Pages()
}

// signsOf reads what is known beside incidents, by customer.
func signsOf(tx *store.Tx) (map[string]continuity.Signs, error) {
	out := map[string]continuity.Signs{}
	last, err := healthchecks.Latest(tx)
	if err != nil {
		return nil, err
	}
	for _, c := range last {
		if c.Form != nil {
			out[c.Customer] = continuity.Signs{Health: c.Form.Score, Checked: true}
		}
	}
	warned, err := usage.Warnings(tx, "")
	if err != nil {
		return nil, err
	}
	for _, w := range warned {
		if w.EndedAt.IsZero() {
			s := out[w.Customer]
			s.Warnings++
			out[w.Customer] = s
		}
	}
	return out, nil
}

func (w *Success) stepRisks(tx *store.Tx, now time.Time) error {
	r, err := w.risks(tx, now)
	if err != nil || r == nil {
		return err
	}
	for _, m := range r.over {
		m.EndedAt, m.EndBy, m.End = now, event.System, "it is not at risk any more"
		if err := w.keepRisk(tx, r, m, "over", m.End, now, measures.Save); err != nil {
			return err
		}
	}
	theirs := map[string][]*continuity.Measure{}
	for _, id := range r.begin {
		v, who := r.verdict[id], r.cat.Customers[id]
		m := &continuity.Measure{Kind: continuity.Retention, Customer: id, At: now, Record: continuity.Record{
			By: event.System, Score: v.Score, Why: v.Why, Numbers: v.Numbers, Due: r.rule.Due.From(now, r.proc.Calendar()), Told: people(r.cat, &who, r.rule.Else, now),
		}}
		if len(m.Told) > 0 {
			m.Owner = m.Told[0]
		}
		if err := w.keepRisk(tx, r, m, "at_risk", strings.Join(v.Why, "; "), now, measures.Insert); err != nil {
			return err
		}
		for _, p := range m.Told {
			theirs[p] = append(theirs[p], m)
		}
	}
	order, err := w.order(tx)
	if err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(theirs)) {
		if err := w.send(tx, r.cat, order, []string{p}, r.notice(theirs[p]), now); err != nil {
			return err
		}
	}
	return nil
}

// notice asks one person for the plans of accounts.
func (r *risks) notice(all []*continuity.Measure) message.Delivery {
	const named = 20
	var b strings.Builder
	for _, m := range all[:min(len(all), named)] {
		fmt.Fprintf(&b, "%s: %s\n", r.cat.Customers[m.Customer].Name, strings.Join(m.Why, "; "))
	}
	if n := len(all) - named; n > 0 {
		fmt.Fprintf(&b, "and %d more, which the list of accounts at risk has.\n", n)
	}
	fmt.Fprintf(&b, "Write down how each is kept by %s.", all[0].Due.Format("Mon 2 Jan 2006 15:04 MST"))
	subject := "At risk: " + r.cat.Customers[all[0].Customer].Name
	if len(all) > 1 {
		subject = fmt.Sprintf("%d of your accounts are at risk", len(all))
	}
	return message.Delivery{Kind: message.KindWarning, RefID: all[0].ID, Subject: subject, Body: b.String(), Clauses: r.rule.Clauses, Headers: message.Headers{Rule: riskRule}}
}

func (w *Success) keepRisk(tx *store.Tx, r *risks, m *continuity.Measure, outcome, text string, now time.Time, keep func(*store.Tx, *continuity.Measure) error) error {
	if err := keep(tx, m); err != nil {
		return err
	}
	return w.bus.Emit(tx, now, event.Event{Kind: event.AccountRisk, Source: riskRule, Data: event.Data{
		Rule: riskRule, Ref: m.ID.String(), Subject: m.Customer, Outcome: outcome, Text: r.cat.Customers[m.Customer].Name + ": " + text, Targets: m.Told, Clauses: r.rule.Clauses, Due: store.Micros(m.Due),
	}})
}

// PlanRetention writes down how an account at risk is kept. Errors: fault.Refused;
// fault.Invalid; fault.NotFound where the account is not at risk.
func (w *Success) PlanRetention(ctx context.Context, actor authz.Actor, customer, plan string, now time.Time) (out continuity.Measure, err error) {
	if err := authz.Can(actor, authz.Respond, authz.Resource{Kind: string(catalog.KindCustomer), ID: customer}); err != nil {
		return out, err
	}
	if plan, err = continuity.Say("body.plan", plan); err != nil {
		return out, err
	}
	err = w.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		all, err := measures.On(tx, customer, continuity.Retention)
		if err != nil {
			return err
		}
		if len(all) == 0 || !all[0].EndedAt.IsZero() {
			return fault.New(fault.NotFound, "customer %q is not at risk", customer)
		}
		m, err := measures.One(tx, all[0].ID)
		if err != nil {
			return err
		}
		m.Text, m.PlanBy, m.PlanAt = plan, actor.ID, now
		out = *m
		if err := measures.Save(tx, m); err != nil {
			return err
		}
		return w.bus.Emit(tx, now, event.Event{Kind: event.AccountRisk, Actor: actor.ID, Data: event.Data{
			Ref: m.ID.String(), Subject: customer, Outcome: "planned", Text: customer + ": " + plan, Clauses: []string{"DRB-BCP-RETAIN"},
		}})
	})
	return out, err
}

// AtRisk lists the accounts at risk, what is due first in front.
func (w *Success) AtRisk(ctx context.Context, actor authz.Actor) (out []*continuity.Measure, err error) {
	if err := authz.Can(actor, authz.ReadCustomers, authz.Resource{Kind: string(catalog.KindCustomer)}); err != nil {
		return nil, err
	}
	err = w.db.View(ctx, func(tx *store.Tx) error {
		out, err = measures.Open(tx, continuity.Retention)
		return err
	})
	slices.SortStableFunc(out, func(a, b *continuity.Measure) int {
		planned := func(m *continuity.Measure) int { return min(len(m.Text), 1) }
		return cmp.Or(planned(a)-planned(b), a.Due.Compare(b.Due), b.Score-a.Score, strings.Compare(a.Customer, b.Customer))
	})
	return out, err
}
