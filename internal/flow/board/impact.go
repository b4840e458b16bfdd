package board

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
)

// Impact is what an incident means for customers and the business, as far as the
// catalogue knows (RSP-S2-IMPACT). Revenue is in whole US dollars.
type Impact struct {
	Accounts    []Account
	ARR         int64         // of all affected customers, a year
	AtRisk      int64         // the share of it that fell into the incident so far
	Lasting     time.Duration // from the start of impact, or detection, to its end or now
	Beyond      int           // customers who had less availability this month than promised
	Consequence string        // in the words of whoever estimated it
}

// Account is one affected customer.
type Account struct {
	catalog.Customer
	Added   bool          // by a person, beside the computed ones
	Promise float64       // availability promised for a calendar month, percent
	Allowed time.Duration // unavailability that keeps the promise, this month (UTC)
	Used    time.Duration // unavailability this month so far: the time of P1s that touched the customer
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
		out = Impact{Consequence: i.Scope.Consequence, Lasting: lasting(i, now).length()}
		month := span{from: time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)}
		month.until = month.from.AddDate(0, 1, 0)
		used, err := s.unavailable(month, now)
		if err != nil {
			return err
		}
		for _, k := range message.Affected(s.cat, i) {
			acc := Account{Customer: k, Added: slices.Contains(i.Scope.Added, k.ID), Promise: cmp.Or(k.Contract.UptimePercent, p.Context.UptimePercent)}
			acc.Allowed = time.Duration(float64(month.length()) * (100 - acc.Promise) / 100).Round(time.Second)
			acc.Used = union(used[k.ID])
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

// span is a stretch of time: from included, until not.
type span struct{ from, until time.Time }

func (s span) length() time.Duration { return max(s.until.Sub(s.from), 0) }

// lasting is how long the incident hurts or hurt.
func lasting(i *incident.Incident, now time.Time) span {
	s := span{from: i.DetectedAt, until: now}
	if !i.ImpactAt.IsZero() {
		s.from = i.ImpactAt
	}
	if !i.ResolvedAt.IsZero() {
		s.until = i.ResolvedAt
	}
	return s
}

// unavailable lists when P1s of the month touched each customer (reading 21: an
// outage counts, degradation only where the contract says so).
func (s *sight) unavailable(month span, now time.Time) (map[string][]span, error) {
	all, err := s.detected(month.from.AddDate(0, -1, 0), month.until)
	if err != nil {
		return nil, err
	}
	out := map[string][]span{}
	for _, i := range all {
		l := lasting(i, now)
		if !s.sees(i) || !i.Declared || i.FalsePositive || i.MergedInto != 0 || i.Highest != procedure.P1 || !l.until.After(month.from) {
			continue
		}
		if l.from.Before(month.from) {
			l.from = month.from
		}
		for _, k := range message.Affected(s.cat, i) {
			out[k.ID] = append(out[k.ID], l)
		}
	}
	return out, nil
}

// union is how long at least one of the stretches lasted.
func union(spans []span) (sum time.Duration) {
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var end time.Time
	for _, s := range spans {
		if s.from.Before(end) {
			s.from = end
		}
		if s.until.After(s.from) {
			sum += s.until.Sub(s.from)
			end = s.until
		}
	}
	return sum
}
