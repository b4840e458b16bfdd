// Package credit owns the arithmetic of service credits: downtime of a customer in a
// month, what its contract gives for it, and the life of the memo that says so
// (FUP-CR-CALC, readings 21 and 22). It is exact: time in whole milliseconds, money
// in whole cents, shares in parts per million. It must not read or send anything.
package credit

import (
	"cmp"
	"slices"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// Formula is the version of the arithmetic that new memos are computed by. A memo
// names its own, so that a change here never changes an old one: a new version is
// added beside those before.
const Formula = 1

// Kind is what an incident did to a product.
type Kind string

// The kinds of impact.
const (
	Outage      Kind = "outage"      // it was away: counts at any severity
	Degradation Kind = "degradation" // it was worse: counts where the contract says so
	None        Kind = "none"        // nothing that a contract counts
)

// Kinds lists the kinds.
var Kinds = []Kind{Outage, Degradation, None}

// Fee is what a customer pays a month, for a product or, with Product empty, for all.
type Fee struct {
	Product string `json:"product,omitempty"`
	Cents   int64  `json:"cents"`
}

// Hit is what one incident did to one product of the customer; Product empty: to all.
type Hit struct {
	Incident ident.ID `json:"incident"`
	Number   int64    `json:"number"`
	Kind     Kind     `json:"kind"`
	Product  string   `json:"product,omitempty"`
	Spans    []Span   `json:"spans"`
	Agreed   []Span   `json:"agreed,omitempty"` // maintenance that was announced for it
}

// Inputs are everything an amount is computed from. They are kept in the memo.
type Inputs struct {
	Formula     int      `json:"formula"`
	Customer    string   `json:"customer"`
	Name        string   `json:"name"`
	Month       Month    `json:"month"`
	Zone        string   `json:"time_zone"` // whose month it is
	Promise     int64    `json:"promise_ppm"`
	Currency    string   `json:"currency"`
	Fees        []Fee    `json:"fees"`
	Degradation bool     `json:"degradation_counts"`
	Schedule    Schedule `json:"schedule"`
	Hits        []Hit    `json:"hits"`
}

// Line is the amount for one fee.
type Line struct {
	Product string `json:"product,omitempty"`
	Down    int64  `json:"down_ms"`
	Uptime  int64  `json:"uptime_ppm"` // rounded down
	Below   bool   `json:"below_promise"`
	Share   int64  `json:"share_ppm"`
	Fee     int64  `json:"fee_cents"`
	Credit  int64  `json:"credit_cents"`
}

// Share is the part of an incident in the amount. The shares add up to it.
type Share struct {
	Incident ident.ID `json:"incident"`
	Number   int64    `json:"number"`
	Down     int64    `json:"down_ms"` // that no earlier incident of the month covers
	Cents    int64    `json:"cents"`
}

// Result is what comes of inputs.
type Result struct {
	Month  int64   `json:"month_ms"`
	Down   int64   `json:"down_ms"` // of any product
	Lines  []Line  `json:"lines"`
	Shares []Share `json:"shares"`
	Credit int64   `json:"credit_cents"`
	Capped bool    `json:"capped,omitempty"`
}

// Below reports whether the promise of any fee was broken.
func (r Result) Below() bool {
	return slices.ContainsFunc(r.Lines, func(l Line) bool { return l.Below })
}

// Compute works an amount out by the formula that the inputs name. Errors:
// fault.Invalid for a formula or a zone that is not known.
func Compute(in Inputs) (Result, error) {
	switch in.Formula {
	case 1:
		return formula1(in)
	}
	return Result{}, fault.New(fault.Invalid, "formula %d is not known to this version", in.Formula)
}

// formula1: for each fee the downtime of its product is the union of what its
// incidents lasted in the month, without agreed maintenance; availability is 1 minus
// downtime over the month; the schedule gives a share of the fee, rounded half up to
// the cent; the sum is cut at the cap, rounded the same way. Each incident's part is
// by the downtime that no earlier one covers.
func formula1(in Inputs) (Result, error) {
	zone, err := Zone(in.Zone)
	if err != nil {
		return Result{}, err
	}
	month := in.Month.In(zone)
	if month.empty() {
		return Result{}, fault.New(fault.Invalid, "%q is no month", in.Month)
	}
	hits := in.counted(month)
	out := Result{Month: month.Until.Sub(month.From).Milliseconds(), Lines: []Line{}, Shares: []Share{}}
	var all []Span
	for _, h := range hits {
		all = append(all, h.Spans...)
	}
	out.Down = total(all)
	var fees int64
	owed := map[ident.ID]int64{}
	lines := in.Fees
	if len(lines) == 0 {
		lines = []Fee{{}}
	}
	for _, f := range lines {
		fees += f.Cents
		l, by := line(in, f, hits, out.Month)
		out.Lines, out.Credit = append(out.Lines, l), out.Credit+l.Credit
		for id, cents := range by {
			owed[id] += cents
		}
	}
	if limit := part(fees, in.Schedule.Cap); in.Schedule.Cap > 0 && out.Credit > limit {
		out.Credit, out.Capped = limit, true
	}
	out.Shares = shares(hits, owed, out.Credit)
	return out, nil
}

// counted are the hits that the contract counts, cut to the month and freed of
// agreed maintenance, in the order of their beginning.
func (in Inputs) counted(month Span) (out []Hit) {
	for _, h := range in.Hits {
		if h.Kind != Outage && !(h.Kind == Degradation && in.Degradation) {
			continue
		}
		h.Spans = both(without(h.Spans, h.Agreed), []Span{month})
		if len(h.Spans) > 0 {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(a.Spans[0].From.Compare(b.Spans[0].From), cmp.Compare(a.Incident, b.Incident), cmp.Compare(a.Product, b.Product))
	})
	return out
}

// line is the amount for one fee, and the part of each incident in it.
func line(in Inputs, f Fee, hits []Hit, month int64) (Line, map[ident.ID]int64) {
	var covered []Span
	var who []ident.ID
	var weights []int64
	for _, h := range hits {
		if f.Product != "" && h.Product != "" && h.Product != f.Product {
			continue
		}
		who, weights = append(who, h.Incident), append(weights, total(without(h.Spans, covered)))
		covered = union(append(covered, h.Spans...))
	}
	l := Line{Product: f.Product, Down: total(covered), Fee: f.Cents}
	l.Uptime = max(Whole-(l.Down*Whole+month-1)/month, 0)
	l.Below = below(in.Promise, l.Down, month)
	l.Share = in.Schedule.share(in.Promise, l.Down, month)
	l.Credit = part(f.Cents, l.Share)
	by := map[ident.ID]int64{}
	for i, cents := range split(l.Credit, weights) {
		by[who[i]] += cents
	}
	return l, by
}

// shares tells each incident's part in the amount; what the cap took is taken from
// all by their parts.
func shares(hits []Hit, owed map[ident.ID]int64, credit int64) []Share {
	out := []Share{}
	var covered []Span
	var weights []int64
	for _, h := range hits {
		down := total(without(h.Spans, covered))
		covered = union(append(covered, h.Spans...))
		if i := slices.IndexFunc(out, func(s Share) bool { return s.Incident == h.Incident }); i >= 0 {
			out[i].Down += down
			continue
		}
		out, weights = append(out, Share{Incident: h.Incident, Number: h.Number, Down: down}), append(weights, owed[h.Incident])
	}
	for i, cents := range split(credit, weights) {
		out[i].Cents = cents
	}
	return out
}
