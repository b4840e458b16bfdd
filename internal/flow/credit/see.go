package credit

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/review"
	"allclear/internal/store"
	"allclear/internal/store/credits"
)

// View is a memo as it is shown, with what its reader can check it by.
type View struct {
	*credit.Memo
	Incidents  []string // their references
	Outward    []string // likewise, as they may leave the house
	Again      int64    // what the formula gives for the inputs that are kept
	Mistake    string   // why that cannot be said
	Subject    string   // of a text to the customer
	Text       string
	MayApprove bool // the reader may give a word that is missing
	MaySign    bool
}

func (d *desk) view(m *credit.Memo) (v View, err error) {
	v = View{Memo: m}
	for _, id := range m.Incidents() {
		i, err := d.incident(id)
		if err != nil {
			return v, err
		}
		v.Incidents = append(v.Incidents, incident.Ref(i.Number))
	}
	if v.Outward, err = d.refs(m); err != nil {
		return v, err
	}
	if v.Again, err = credit.Recompute(m); err != nil {
		v.Mistake = err.Error()
	}
	missing := m.Missing()
	v.MayApprove = d.executive() && slices.Contains(missing, credit.Executive) && m.AskedBy != d.a.ID
	v.MaySign = d.legal() && slices.Contains(missing, credit.Legal) && m.AskedBy != d.a.ID
	if d.proc.Credits != nil && m.Cents > 0 {
		v.Subject, v.Text = d.proc.Texts[d.proc.Credits.Text].Fill(map[string]string{"customer": m.Name, "amount": credit.Money(m.Cents, m.Currency), "month": m.Month.Words()})
	}
	return v, nil
}

// look reads for whoever may read contracts, and for those whose word is asked for.
func (c *Credits) look(ctx context.Context, a authz.Actor, now time.Time, read func(*desk) error) error {
	return c.enter(ctx, a, now, func(d *desk) error {
		if err := d.reader(); err != nil {
			return err
		}
		return read(d)
	})
}

// enter reads for whoever read asks after itself.
func (c *Credits) enter(ctx context.Context, a authz.Actor, now time.Time, read func(*desk) error) error {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "credit"}); err != nil {
		return err
	}
	return c.db.View(ctx, func(tx *store.Tx) error {
		d, err := c.open(tx, a, now)
		if err != nil {
			return err
		}
		return read(d)
	})
}

// Show reads a memo. Error: fault.NotFound.
func (c *Credits) Show(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) (v View, err error) {
	err = c.look(ctx, a, now, func(d *desk) error {
		m, err := credits.Get(d.tx, id)
		if err != nil {
			return err
		}
		ok, err := d.sees(m)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "there is no such credit memo")
		}
		if err != nil {
			return err
		}
		v, err = d.view(m)
		return err
	})
	return v, err
}

// Wish narrows a list; empty fields do not.
type Wish struct {
	Month    credit.Month
	State    credit.State
	Customer string
	Incident int64 // number
	Before   ident.ID
	Limit    int
}

// List lists memos, the newest first; next is where to go on, zero at the end.
func (c *Credits) List(ctx context.Context, a authz.Actor, w Wish, now time.Time) (out []View, next ident.ID, err error) {
	err = c.look(ctx, a, now, func(d *desk) error {
		f := credits.Filter{Month: w.Month, State: w.State, Customer: w.Customer, Before: w.Before, Limit: w.Limit + 1}
		if w.Incident != 0 {
			i, err := d.visible(w.Incident)
			if err != nil {
				return err
			}
			f.Incident = i.ID
		}
		page, err := credits.List(d.tx, f)
		if err != nil {
			return err
		}
		if len(page) > w.Limit {
			page = page[:w.Limit]
			next = page[w.Limit-1].ID
		}
		for _, m := range page {
			ok, err := d.sees(m)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			v, err := d.view(m)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, next, err
}

// Plan is a schedule with whether memos are processed by it.
type Plan struct {
	credit.Schedule
	Hash      string
	Confirmed bool
	By        string // who confirmed it here; empty: the procedure does
	At        time.Time
	Customers int // whose contract names it
}

// Standing is how credits stand.
type Standing struct {
	Plans   []Plan
	Billing bool
	Limits  procedure.CreditApproval
}

// Standing tells which schedules there are and whether anything is processed.
func (c *Credits) Standing(ctx context.Context, a authz.Actor, now time.Time) (out Standing, err error) {
	err = c.look(ctx, a, now, func(d *desk) error {
		out.Billing = d.o.Billing != nil && d.o.Billing()
		if d.proc.Credits == nil {
			return nil
		}
		out.Limits = d.proc.Credits.Approval
		for i, s := range d.proc.Credits.Schedules {
			p := Plan{Schedule: credit.ScheduleOf(s)}
			p.Hash, p.Confirmed = p.Schedule.Hash(), d.confirmed(p.Schedule)
			if by, ok := d.sure[p.Hash]; ok {
				p.By, p.At = by.By, by.At
			}
			for _, k := range d.cat.Customers {
				if k.Contract.CreditSchedule == s.ID || k.Contract.CreditSchedule == "" && i == 0 {
					p.Customers++
				}
			}
			out.Plans = append(out.Plans, p)
		}
		return nil
	})
	return out, err
}

// Uptime is how a customer's month stands against its promise (OBJ-UPTIME).
type Uptime struct {
	Customer, Name, Zone string
	Month                credit.Month
	Promise              int64 // parts per million
	Uptime               int64 // of the worst product
	Down                 int64 // milliseconds, of any product
	Allowed              int64 // milliseconds a month that keep the promise
	Left                 int64 // of them; negative: the promise is broken
	Below                bool
	Lines                []credit.Line
	Incidents            []string // that the reader may know of
	Going                bool     // an incident of it is not over
}

// Availability tells how customers' months stand; downtime goes on until now. Without
// a customer only those that had downtime are listed, the worst first.
func (c *Credits) Availability(ctx context.Context, a authz.Actor, customer string, m credit.Month, now time.Time) (out []Uptime, err error) {
	err = c.look(ctx, a, now, func(d *desk) error {
		b, err := d.read(m.In(time.UTC).From.AddDate(0, 0, -1))
		if err != nil {
			return err
		}
		// What the reader may not know of is not counted: a figure would tell of it.
		b.Incidents = slices.DeleteFunc(b.Incidents, func(i *incident.Incident) bool { return !i.VisibleTo(a.ID) && a.Role != authz.System })
		if customer != "" {
			k, ok := d.cat.Customers[customer]
			if !ok {
				return authz.NotFound("customer", customer)
			}
			u, err := uptime(b, &k, m, now)
			out = append(out, u)
			return err
		}
		for _, k := range d.cat.CustomerList() {
			u, err := uptime(b, &k, m, now)
			if err != nil {
				return err
			}
			if u.Down > 0 {
				out = append(out, u)
			}
		}
		slices.SortStableFunc(out, func(a, b Uptime) int { return cmp.Compare(a.Left, b.Left) })
		return nil
	})
	return out, err
}

func uptime(b *credit.Books, k *catalog.Customer, m credit.Month, now time.Time) (u Uptime, err error) {
	in, err := b.Inputs(k, m, now)
	if err != nil {
		return u, err
	}
	r, err := credit.Compute(in)
	if err != nil {
		return u, err
	}
	u = Uptime{Customer: k.ID, Name: k.Name, Zone: in.Zone, Month: m, Promise: in.Promise, Uptime: credit.Whole, Down: r.Down, Lines: r.Lines, Below: r.Below()}
	worst := int64(0)
	for _, l := range r.Lines {
		u.Uptime, worst = min(u.Uptime, l.Uptime), max(worst, l.Down)
	}
	u.Allowed = r.Month * (credit.Whole - in.Promise) / credit.Whole
	u.Left = u.Allowed - worst
	for _, s := range r.Shares {
		u.Incidents = append(u.Incidents, incident.Ref(s.Number))
	}
	zone, err := credit.Zone(k.Contract.TimeZone)
	if err != nil {
		return u, err
	}
	u.Going = b.Open(k, m.In(zone))
	return u, nil
}

// Ledger is what an incident costs, with every row (FUP-CR-DOC).
type Ledger struct {
	Incident *incident.Incident
	Kind     credit.Kind // what it did to availability
	Verdict  *credit.Verdict
	Memos    []View
	Entries  []*credit.Entry
	Sums     []credit.Impact
	Names    *catalog.Catalog
}

// Ledger reads what an incident costs. Whoever may not know of the incident hears
// that it is not there, before anything of what they may read.
func (c *Credits) Ledger(ctx context.Context, a authz.Actor, number int64, now time.Time) (out Ledger, err error) {
	err = c.enter(ctx, a, now, func(d *desk) error {
		if out.Incident, err = d.visible(number); err != nil {
			return err
		}
		if err := d.reader(); err != nil {
			return err
		}
		out.Names = d.cat
		b, err := d.read(out.Incident.DetectedAt)
		if err != nil {
			return err
		}
		out.Kind = b.KindOf(out.Incident)
		if v, ok := b.Verdicts[out.Incident.ID]; ok {
			out.Verdict = &v
		}
		all, err := credits.Of(d.tx, out.Incident.ID)
		if err != nil {
			return err
		}
		var seen []*credit.Memo
		for _, m := range all {
			ok, err := d.sees(m)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			v, err := d.view(m)
			if err != nil {
				return err
			}
			seen, out.Memos = append(seen, m), append(out.Memos, v)
		}
		if out.Entries, err = credits.Entries(d.tx, out.Incident.ID); err != nil {
			return err
		}
		out.Sums = credit.Sum(out.Incident.ID, seen, out.Entries)
		return nil
	})
	return out, err
}

// Costs is what an incident costs by its memos and its ledger, for reviews
// (PIR-IMM-IMP-2). Who may read it is for the caller to know.
func (c *Credits) Costs(tx *store.Tx, id ident.ID) (out []review.Cost, err error) {
	memos, err := credits.Of(tx, id)
	if err != nil {
		return nil, err
	}
	entries, err := credits.Entries(tx, id)
	for _, i := range credit.Sum(id, memos, entries) {
		out = append(out, review.Cost{Currency: i.Currency, Credits: i.Credits, Manual: i.Total - i.Credits})
	}
	return out, err
}
