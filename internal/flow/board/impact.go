package board

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store/credits"
	"allclear/internal/store/silences"
)

// Impact is what an incident means for customers and the business, as far as the
// catalogue knows (RSP-S2-IMPACT). Revenue is in whole US dollars.
type Impact struct {
	Accounts    []Account
	ARR         int64         // of all affected customers, a year
	AtRisk      int64         // the share of it that fell into the incident so far
	Lasting     time.Duration // of its impact by now
	Beyond      int           // customers who had less availability this month than promised
	Consequence string        // in the words of whoever estimated it
}

// Account is one affected customer.
type Account struct {
	catalog.Customer
	Added   bool          // by a person, beside the computed ones
	Promise float64       // availability promised for a calendar month, percent
	Allowed time.Duration // unavailability that keeps the promise, this month of its contract
	Used    time.Duration // unavailability this month so far, of the worst product
}

// Impact estimates the incident's impact. Contracts and revenue are for those who
// may read customers.
func (b *Board) Impact(ctx context.Context, a authz.Actor, number int64, now time.Time) (out Impact, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{}); err != nil {
		return out, err
	}
	err = b.look(ctx, a, func(s *sight) error {
		i, err := s.incident(number)
		if err != nil {
			return err
		}
		p, err := s.procedure(i)
		if err != nil {
			return err
		}
		out = Impact{Consequence: i.Scope.Consequence, Lasting: incident.Total(i.Hurt(now))}
		books, err := s.books(p, now)
		if err != nil {
			return err
		}
		for _, k := range message.Affected(s.cat, i) {
			acc := Account{Customer: k, Added: slices.Contains(i.Scope.Added, k.ID), Promise: cmp.Or(k.Contract.UptimePercent, p.Context.UptimePercent)}
			if acc.Allowed, acc.Used, err = budget(books, &k, now); err != nil {
				return err
			}
			if acc.Used > acc.Allowed {
				out.Beyond++
			}
			out.ARR += k.ARR
			out.Accounts = append(out.Accounts, acc)
		}
		const year = 365 * 24 * time.Hour
		out.AtRisk = int64(float64(out.ARR) * float64(out.Lasting) / float64(year))
		return nil
	})
	return out, err
}

// books are what this month's downtime is read from, as far as the reader may know of
// it (reading 21).
func (s *sight) books(p *procedure.Procedure, now time.Time) (*credit.Books, error) {
	b := &credit.Books{Catalog: s.cat, Rules: p.Credits, Promise: p.Context.UptimePercent}
	all, err := s.detected(now.AddDate(0, -2, 0), now.Add(time.Second))
	if err != nil {
		return nil, err
	}
	b.Incidents = slices.DeleteFunc(all, func(i *incident.Incident) bool { return !s.sees(i) })
	if b.Maintenance, err = silences.Maintenances(s.tx); err != nil {
		return nil, err
	}
	b.Verdicts, err = credits.Verdicts(s.tx)
	return b, err
}

// budget is the unavailability that keeps a customer's promise this month, and what
// was used of it so far, of the worst product (reading 9).
func budget(b *credit.Books, k *catalog.Customer, now time.Time) (allowed, used time.Duration, err error) {
	zone, err := credit.Zone(k.Contract.TimeZone)
	if err != nil {
		return 0, 0, err
	}
	in, err := b.Inputs(k, credit.MonthOf(now, zone), now)
	if err != nil {
		return 0, 0, err
	}
	r, err := credit.Compute(in)
	for _, l := range r.Lines {
		used = max(used, time.Duration(l.Down)*time.Millisecond)
	}
	allowed = time.Duration(r.Month*(credit.Whole-in.Promise)/credit.Whole) * time.Millisecond
	return allowed.Round(time.Second), used, err
}
