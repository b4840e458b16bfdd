package credit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/credits"
	"allclear/internal/store/incidents"
	"allclear/internal/store/timers"
)

// What people do about credits. Each use case authorises and runs one transaction.

// Limits on what is written down.
const (
	maxReason = 2000
	maxShort  = 200
	maxAmount = 100_000_000_00 // hundredths
)

func invalid(where, what string) error {
	return fault.New(fault.Invalid, "validation failed").With("body."+where, what)
}

func reason(where, s string) (string, error) {
	if s = strings.TrimSpace(s); s == "" || plug.TooLong(s, maxReason) {
		return "", invalid(where, fmt.Sprintf("say why, in 1 to %d characters", maxReason))
	}
	return s, nil
}

// by changes a memo for whoever may do the verb.
func (c *Credits) by(ctx context.Context, a authz.Actor, v authz.Verb, id ident.ID, now time.Time, do func(*desk, *credit.Memo) error) (out View, err error) {
	if err := authz.Can(a, v, authz.Resource{Kind: "credit"}); err != nil {
		return out, err
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		d, err := c.open(tx, a, now)
		if err != nil {
			return err
		}
		m, err := d.memo(id)
		if err != nil {
			return err
		}
		if err := do(d, m); err != nil {
			return err
		}
		out, err = d.view(m)
		return err
	})
	return out, err
}

// Recompute computes a memo of a month anew, also one that was made void.
func (c *Credits) Recompute(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) (View, error) {
	return c.by(ctx, a, authz.Compensate, id, now, func(d *desk, m *credit.Memo) error {
		if m.Sort == credit.Goodwill {
			return fault.New(fault.Conflict, "no formula gives a goodwill amount")
		}
		k, ok := d.cat.Customers[m.Customer]
		if !ok {
			return fault.New(fault.Conflict, "the customer is no more in the catalogue")
		}
		if m.State == credit.Void {
			m.VoidBy = event.System // so that it is computed like one that nothing was owed by
			if err := credits.Save(d.tx, m); err != nil {
				return err
			}
		}
		if err := d.calculate(&k, m.Month, 0); err != nil {
			return err
		}
		fresh, err := credits.Get(d.tx, m.ID)
		if err == nil {
			*m = *fresh
		}
		return err
	})
}

// Say gives an executive's or Legal's word, after which a memo goes on by itself.
func (c *Credits) Say(ctx context.Context, a authz.Actor, id ident.ID, need credit.Need, note string, now time.Time) (View, error) {
	if plug.TooLong(note, maxReason) {
		return View{}, invalid("note", fmt.Sprintf("has more than %d characters", maxReason))
	}
	return c.by(ctx, a, authz.Read, id, now, func(d *desk, m *credit.Memo) error {
		clause := "FUP-CR-EXEC"
		switch {
		case need == credit.Executive && !d.executive():
			return fault.New(fault.Refused, "an executive of level 3 approves this")
		case need == credit.Legal && !d.legal():
			return fault.New(fault.Refused, "Legal signs this off")
		case need == credit.Legal:
			clause = "FUP-CR-LEGAL"
		}
		if err := m.Say(need, a.ID, strings.TrimSpace(note), now); err != nil {
			return err
		}
		if err := d.tell(m, string(need), "a service credit was agreed to for "+string(need), clause); err != nil {
			return err
		}
		return d.onward(m)
	})
}

// onward takes a memo as far as it can go now.
func (d *desk) onward(m *credit.Memo) error {
	k, ok := d.cat.Customers[m.Customer]
	if !ok {
		return credits.Save(d.tx, m)
	}
	if m.Sort == credit.Goodwill {
		return d.give(m, &k)
	}
	zone, err := credit.Zone(k.Contract.TimeZone)
	if err != nil {
		return err
	}
	month := m.Month.In(zone)
	b, err := d.read(month.From)
	if err != nil {
		return err
	}
	return d.advance(m, &k, month, b)
}

func (d *desk) cancel(m *credit.Memo, why string) error {
	if err := m.Cancel(d.a.ID, why, d.now); err != nil {
		return err
	}
	if err := timers.Cancel(d.tx, TimerMonth, m.ID.String()); err != nil {
		return err
	}
	if err := d.tell(m, "void", "a service credit for "+string(m.Month)+" is void"); err != nil {
		return err
	}
	return credits.Save(d.tx, m)
}

// Void ends a memo that is not processed; whose word it needs may refuse it so.
func (c *Credits) Void(ctx context.Context, a authz.Actor, id ident.ID, why string, now time.Time) (View, error) {
	why, err := reason("reason", why)
	if err != nil {
		return View{}, err
	}
	return c.by(ctx, a, authz.Read, id, now, func(d *desk, m *credit.Memo) error {
		if err := authz.Can(a, authz.Compensate, authz.Resource{Kind: "credit"}); err != nil && !d.executive() && !d.legal() {
			return err
		}
		return d.cancel(m, why)
	})
}

// Booked notes that a person has entered a processed memo at billing.
func (c *Credits) Booked(ctx context.Context, a authz.Actor, id ident.ID, reference string, now time.Time) (View, error) {
	if reference = strings.TrimSpace(reference); reference == "" || plug.TooLong(reference, maxShort) {
		return View{}, invalid("reference", "by which billing knows it, in 1 to 200 characters")
	}
	return c.by(ctx, a, authz.Compensate, id, now, func(d *desk, m *credit.Memo) error {
		if err := m.Arrived(a.ID, reference, now); err != nil {
			return err
		}
		if err := d.tell(m, "exported", "a service credit for "+string(m.Month)+" was booked by hand", "INT-BILLING"); err != nil {
			return err
		}
		return credits.Save(d.tx, m)
	})
}

// Send sends a processed memo to billing now, with the key that it has.
func (c *Credits) Send(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) (View, error) {
	return c.by(ctx, a, authz.Compensate, id, now, func(d *desk, m *credit.Memo) error {
		if m.State != credit.Processed {
			return fault.New(fault.Conflict, "the memo is %s", m.State)
		}
		if d.o.Billing == nil || !d.o.Billing() {
			return fault.New(fault.Conflict, "no billing system is set up: book it from the CSV, and note the reference")
		}
		return d.send(m)
	})
}

// Gift is an amount that no formula gives.
type Gift struct {
	Customer string
	Incident int64 // number
	Cents    int64
	Currency string
	Reason   string
}

// Goodwill asks for an amount off the formula. Above the procedure's thresholds it
// needs an executive and Legal (FUP-CR-EXEC, FUP-CR-LEGAL).
func (c *Credits) Goodwill(ctx context.Context, a authz.Actor, g Gift, now time.Time) (out View, err error) {
	if err := authz.Can(a, authz.Compensate, authz.Resource{Kind: "credit"}); err != nil {
		return out, err
	}
	if g.Reason, err = reason("reason", g.Reason); err != nil {
		return out, err
	}
	if g.Cents <= 0 || g.Cents > maxAmount {
		return out, invalid("amount_cents", fmt.Sprintf("from 1 to %d", int64(maxAmount)))
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		d, err := c.open(tx, a, now)
		if err != nil {
			return err
		}
		inc, err := d.visible(g.Incident)
		if err != nil {
			return err
		}
		k, ok := d.cat.Customers[g.Customer]
		if !ok {
			return invalid("customer", fmt.Sprintf("there is no customer %q", g.Customer))
		}
		currency := cmp.Or(g.Currency, k.Contract.Currency, "USD")
		if !slices.Contains(credit.Currencies, currency) {
			return invalid("currency", "use one of "+strings.Join(credit.Currencies, ", "))
		}
		zone, err := credit.Zone(k.Contract.TimeZone)
		if err != nil {
			return err
		}
		m := &credit.Memo{ID: tx.NewID(now), Customer: k.ID, Month: credit.MonthOf(now, zone), Sort: credit.Goodwill, State: credit.Calculated, Cents: g.Cents, Currency: currency, Incident: inc.ID}
		m.Slot = "goodwill:" + m.ID.String()
		m.Name, m.Reason, m.AskedBy, m.CreatedAt = k.Name, g.Reason, a.ID, now
		m.Note(a.ID, "asked for", now)
		if err := credits.Insert(tx, m); err != nil {
			return err
		}
		if err := d.tell(m, "asked", "compensation off the formula was asked for", "FUP-CR-EXEC"); err != nil {
			return err
		}
		if err := d.give(m, &k); err != nil {
			return err
		}
		out, err = d.view(m)
		return err
	})
	return out, err
}

// give takes a goodwill memo as far as it can go.
func (d *desk) give(m *credit.Memo, k *catalog.Customer) error {
	needs, err := d.offFormula(m, k)
	if err != nil {
		return err
	}
	if err := d.require(m, needs); err != nil {
		return err
	}
	b := credit.Books{Rules: d.proc.Credits}
	schedule := b.ScheduleFor(&k.Contract)
	switch {
	case len(m.Missing()) > 0:
		m.Wait = ""
	case !d.confirmed(schedule):
		m.Wait = fmt.Sprintf("nobody has confirmed the credit schedule %q", schedule.ID)
	default:
		if err := d.outreach(m); err != nil {
			return err
		}
		return d.process(m)
	}
	return credits.Save(d.tx, m)
}

// offFormula lists whose word an amount off the formula needs. Amounts are judged by
// their figure, whatever the currency.
func (d *desk) offFormula(m *credit.Memo, k *catalog.Customer) (out []credit.Word, err error) {
	limits := procedure.CreditApproval{}
	if d.proc.Credits != nil {
		limits = d.proc.Credits.Approval
	}
	beside, err := credits.Of(d.tx, m.Incident)
	if err != nil {
		return nil, err
	}
	customer, incident := m.Cents, m.Cents
	for _, o := range beside {
		if o.Sort != credit.Goodwill || o.State == credit.Void || o.ID == m.ID {
			continue
		}
		incident += o.Cents
		if o.Customer == m.Customer {
			customer += o.Cents
		}
	}
	why := ""
	switch {
	case customer > int64(limits.Customer)*100:
		why = fmt.Sprintf("it is above %d for one customer, off the formula", limits.Customer)
	case incident > int64(limits.Incident)*100:
		why = fmt.Sprintf("what is given off the formula for the incident is above %d", limits.Incident)
	}
	if why != "" {
		out = append(out, credit.Word{Need: credit.Executive, Why: why}, credit.Word{Need: credit.Legal, Why: why})
		return out, nil
	}
	return d.needs(m, k)
}

// visible finds the incident that the actor may know of.
func (d *desk) visible(number int64) (*incident.Incident, error) {
	i, err := incidents.ByNumber(d.tx, number)
	if err != nil {
		return nil, err
	}
	if !i.VisibleTo(d.a.ID) && d.a.Role != authz.System {
		return nil, fault.New(fault.NotFound, "there is no such incident")
	}
	d.known[i.ID] = i
	return i, nil
}
