package credit

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/credits"
	"allclear/internal/store/incidents"
	"allclear/internal/store/timers"
)

// onIncident has what an incident is worth computed anew, after the transaction in
// which it changed: a thousand customers must not hold a resolution up.
func (c *Credits) onIncident(tx *store.Tx, e *event.Event) error {
	if e.IncidentID == 0 {
		return nil
	}
	return timers.Set(tx, timers.Timer{Kind: TimerIncident, Ref: e.IncidentID.String() + "/", IncidentID: e.IncidentID, DueAt: e.RecordedAt}, e.RecordedAt)
}

// customersAtOnce bounds one transaction.
const customersAtOnce = 50

// incidentDue computes the months of the next customers that an incident touches, or
// touched.
func (c *Credits) incidentDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	ref, last, _ := strings.Cut(t.Ref, "/")
	id, err := ident.Parse(ref)
	if err != nil {
		return err
	}
	inc, err := incidents.Peek(tx, id)
	if err != nil {
		return err
	}
	d, err := c.open(tx, software(), now)
	if err != nil || d.proc.Credits == nil {
		return err
	}
	who, months, err := d.touched(inc)
	if err != nil {
		return err
	}
	who = slices.DeleteFunc(who, func(id string) bool { return id <= last })
	for n, id := range who {
		if n == customersAtOnce {
			return timers.Set(tx, timers.Timer{Kind: TimerIncident, Ref: ref + "/" + who[n-1], IncidentID: inc.ID, DueAt: now}, now)
		}
		k, ok := d.cat.Customers[id]
		if !ok {
			continue
		}
		for _, m := range months(&k) {
			if err := d.calculate(&k, m, inc.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// touched lists, by id, the customers of an incident with those that its memos name,
// and tells which of their months it falls into.
func (d *desk) touched(inc *incident.Incident) (who []string, months func(*catalog.Customer) []credit.Month, err error) {
	memos, err := credits.Of(d.tx, inc.ID)
	if err != nil {
		return nil, nil, err
	}
	of := map[string][]credit.Month{}
	for _, m := range memos {
		who, of[m.Customer] = append(who, m.Customer), append(of[m.Customer], m.Month)
	}
	var spans []credit.Span
	if !inc.Status.Open() && inc.Declared && !inc.FalsePositive && inc.MergedInto == 0 {
		b := credit.Books{Rules: d.proc.Credits}
		if b.Verdicts, err = credits.Verdicts(d.tx); err != nil {
			return nil, nil, err
		}
		if kind := b.KindOf(inc); kind == credit.Outage || kind == credit.Degradation && d.degradable() {
			spans = b.Stretches(inc, d.now)
		}
	}
	if len(spans) > 0 {
		for _, k := range message.Affected(d.cat, inc) {
			who = append(who, k.ID)
		}
	}
	slices.Sort(who)
	return slices.Compact(who), func(k *catalog.Customer) []credit.Month {
		out := slices.Clone(of[k.ID])
		zone, err := credit.Zone(k.Contract.TimeZone)
		if err != nil {
			return out
		}
		for _, s := range spans {
			last := credit.MonthOf(s.Until.Add(-1), zone)
			for m := credit.MonthOf(s.From, zone); m <= last; m = m.Next() {
				out = append(out, m)
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}, nil
}

// degradable reports whether degradation counts for anybody.
func (d *desk) degradable() bool {
	for _, k := range d.cat.Customers {
		if k.Contract.CreditDegradation {
			return true
		}
	}
	return false
}

// calculate brings the memos of a customer's month up to date. about is the incident
// that gave the reason. What is settled is never changed: a difference becomes an
// adjustment.
func (d *desk) calculate(k *catalog.Customer, month credit.Month, about ident.ID) error {
	zone, err := credit.Zone(k.Contract.TimeZone)
	if err != nil {
		return err
	}
	b, err := d.read(month.In(zone).From)
	if err != nil {
		return err
	}
	in, err := b.Inputs(k, month, d.now)
	if err != nil {
		return err
	}
	r, err := credit.Compute(in)
	if err != nil {
		return err
	}
	all, err := credits.OfCustomer(d.tx, k.ID, month)
	if err != nil {
		return err
	}
	m, settled := d.current(k.ID, month, all)
	cents := r.Credit - settled
	fresh, nothing := len(m.Steps) == 0, cents == 0 && !(r.Below() && len(in.Fees) == 0)
	switch {
	case m.State == credit.Void && m.VoidBy != event.System:
		return nil // a person said no; Recompute brings it back
	case nothing && (fresh || m.State == credit.Void):
		return nil
	}
	m.Before = settled
	if about == 0 {
		about = cmp.Or(m.Incident, latest(r))
	}
	m.Incident = about
	changed := m.Revalue(in, r, cents, d.a.ID, d.now)
	if err := d.keep(m, fresh); err != nil {
		return err
	}
	if changed {
		if err := d.tell(m, "calculated", calculatedText(m), "FUP-CR-CALC"); err != nil {
			return err
		}
	}
	if nothing {
		if err := d.cancel(m, "nothing is owed any more"); err != nil {
			return err
		}
		m.VoidBy = event.System // should something be owed again, it is computed again
		return credits.Save(d.tx, m)
	}
	return d.advance(m, k, month.In(zone), b)
}

func calculatedText(m *credit.Memo) string {
	if m.Sort == credit.Adjustment {
		return "what was credited for " + string(m.Month) + " needs an adjustment"
	}
	return "a service credit for " + string(m.Month) + " was calculated"
}

func latest(r credit.Result) ident.ID {
	if n := len(r.Shares); n > 0 {
		return r.Shares[n-1].Incident
	}
	return 0
}

// current is the memo of a month that can still change, new where there is none, and
// what is settled beside it. There is one that can change at most.
func (d *desk) current(customer string, month credit.Month, all []*credit.Memo) (m *credit.Memo, settled int64) {
	n := 0
	for _, o := range all {
		switch {
		case o.Sort == credit.Goodwill:
		case o.State.Settled():
			settled += o.Cents
			n++
		default:
			m = o
		}
	}
	if m != nil {
		return m, settled
	}
	m = &credit.Memo{ID: d.tx.NewID(d.now), Customer: customer, Month: month, Sort: credit.ByContract, State: credit.Calculated, Slot: "contract:" + customer + ":" + string(month)}
	m.CreatedAt = d.now
	if n > 0 {
		m.Sort, m.Slot = credit.Adjustment, "adjustment:"+customer+":"+string(month)+":"+strconv.Itoa(n)
	}
	return m, settled
}

func (d *desk) keep(m *credit.Memo, fresh bool) error {
	if fresh {
		return credits.Insert(d.tx, m)
	}
	return credits.Save(d.tx, m)
}

// monthDue looks at a memo whose month is over.
func (c *Credits) monthDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	m, err := credits.Take(tx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || m.State.Settled() || m.State == credit.Void {
		return err
	}
	d, err := c.open(tx, software(), now)
	if err != nil {
		return err
	}
	k, ok := d.cat.Customers[m.Customer]
	if !ok {
		return nil
	}
	if m.Sort == credit.Goodwill {
		return d.give(m, &k)
	}
	return d.calculate(&k, m.Month, 0)
}

// onProcedure looks again at everything that is not settled: the schedule may be
// another, or confirmed.
func (c *Credits) onProcedure(tx *store.Tx, e *event.Event) error { return c.again(tx, e.RecordedAt) }

func (c *Credits) again(tx *store.Tx, now time.Time) error {
	all, err := credits.Standing(tx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if err := timers.Set(tx, timers.Timer{Kind: TimerMonth, Ref: m.ID.String(), DueAt: now}, now); err != nil {
			return err
		}
	}
	return nil
}
