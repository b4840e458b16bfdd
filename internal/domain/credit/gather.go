package credit

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
)

// Verdict is what a person says an incident did, where that is not what its severity
// and scenario suggest.
type Verdict struct {
	Kind   Kind      `json:"kind"`
	Reason string    `json:"reason"`
	From   time.Time `json:"from,omitzero"`  // proven start of the impact; zero: as the incident says
	Until  time.Time `json:"until,omitzero"` // proven end (reading 11); zero: as the incident says
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Books are what downtime is read from. They are for one reader at a time.
type Books struct {
	Catalog     *catalog.Catalog
	Rules       *procedure.Credits
	Promise     float64 // availability where a contract says nothing, percent a month
	Incidents   []*incident.Incident
	Maintenance []*alert.Maintenance
	Verdicts    map[ident.ID]Verdict

	touched map[ident.ID]map[string]bool // customers, as far as they were asked for
}

// KindOf is what an incident did: what a person said, else by scenario and severity.
func (b *Books) KindOf(i *incident.Incident) Kind {
	if v, ok := b.Verdicts[i.ID]; ok {
		return v.Kind
	}
	if b.Rules == nil {
		if i.Highest == procedure.P1 {
			return Outage
		}
		return Degradation
	}
	switch {
	case slices.Contains(b.Rules.Outages.Scenarios, i.Scenario) && i.Scenario != "":
		return Outage
	case slices.Contains(b.Rules.Outages.Never, i.Scenario) && i.Scenario != "":
		return None
	case len(b.Rules.Outages.Severities) > 0 && b.Rules.Outages.Severities.Has(i.Highest):
		return Outage
	}
	return Degradation
}

// Stretches are when an incident hurt, without the time between a resolution that did
// not hold and the reopening, and with the ends that were proven.
func (b *Books) Stretches(i *incident.Incident, now time.Time) (out []Span) {
	for _, s := range i.Hurt(now) {
		out = append(out, Span{s.From.UTC(), s.Until.UTC()})
	}
	v, ok := b.Verdicts[i.ID]
	if !ok || len(out) == 0 {
		return out
	}
	if !v.From.IsZero() {
		out[0].From = v.From.UTC()
	}
	if last := len(out) - 1; !v.Until.IsZero() {
		out[last].Until = v.Until.UTC()
	}
	return slices.DeleteFunc(out, Span.empty)
}

// counts reports whether an incident is one at all.
func counts(i *incident.Incident) bool {
	return i.Declared && !i.FalsePositive && i.MergedInto == 0
}

// Inputs gathers what a customer's month is computed from. Incidents that are not
// over count until now.
func (b *Books) Inputs(k *catalog.Customer, m Month, now time.Time) (Inputs, error) {
	zone, err := Zone(k.Contract.TimeZone)
	if err != nil {
		return Inputs{}, err
	}
	in := Inputs{
		Formula: Formula, Customer: k.ID, Name: k.Name, Month: m, Zone: cmp.Or(k.Contract.TimeZone, "UTC"),
		Promise: PPM(cmp.Or(k.Contract.UptimePercent, b.Promise)), Currency: cmp.Or(k.Contract.Currency, "USD"),
		Fees: FeesOf(&k.Contract), Degradation: k.Contract.CreditDegradation, Schedule: b.ScheduleFor(&k.Contract), Hits: []Hit{},
	}
	month := m.In(zone)
	for _, i := range b.Incidents {
		if !counts(i) {
			continue
		}
		kind := b.KindOf(i)
		spans := both(b.Stretches(i, now), []Span{month})
		if kind == None || len(spans) == 0 || !b.touches(i, k) {
			continue
		}
		for _, h := range b.products(i, k) {
			h.Incident, h.Number, h.Kind, h.Spans = i.ID, i.Number, kind, spans
			h.Agreed = both(h.Agreed, spans)
			in.Hits = append(in.Hits, h)
		}
	}
	return in, nil
}

// Open reports whether an incident that touches the customer is not over, so that the
// month may still change.
func (b *Books) Open(k *catalog.Customer, month Span) bool {
	return slices.ContainsFunc(b.Incidents, func(i *incident.Incident) bool {
		kind := b.KindOf(i)
		return counts(i) && i.Status.Open() && i.DetectedAt.Before(month.Until) && (kind == Outage || kind == Degradation && k.Contract.CreditDegradation) && b.touches(i, k)
	})
}

// FeesOf are what a contract costs a month: by product where it says so.
func FeesOf(c *catalog.Contract) (out []Fee) {
	for _, p := range slices.Sorted(maps.Keys(c.ProductFees)) {
		out = append(out, Fee{Product: p, Cents: c.ProductFees[p]})
	}
	if len(out) == 0 && c.MonthlyFee > 0 {
		out = append(out, Fee{Cents: c.MonthlyFee})
	}
	return out
}

// ScheduleFor is the schedule that the contract names, else the first.
func (b *Books) ScheduleFor(c *catalog.Contract) Schedule {
	if b.Rules == nil {
		return Schedule{}
	}
	for _, s := range b.Rules.Schedules {
		if c.CreditSchedule == "" || s.ID == c.CreditSchedule {
			return ScheduleOf(s)
		}
	}
	return Schedule{ID: c.CreditSchedule}
}

// ScheduleOf reads a schedule of the procedure.
func ScheduleOf(s procedure.CreditSchedule) Schedule {
	out := Schedule{ID: s.ID, Cap: PPM(s.Cap)}
	for _, band := range s.Bands {
		out.Bands = append(out.Bands, Band{Below: PPM(band.Below), Share: PPM(band.Percent)})
	}
	return out
}

func (b *Books) touches(i *incident.Incident, k *catalog.Customer) bool {
	who, ok := b.touched[i.ID]
	if !ok {
		who = map[string]bool{}
		for _, c := range message.Affected(b.Catalog, i) {
			who[c.ID] = true
		}
		if b.touched == nil {
			b.touched = map[ident.ID]map[string]bool{}
		}
		b.touched[i.ID] = who
	}
	return who[k.ID]
}

// products are what of the customer's contract an incident touched, each with the
// maintenance that was agreed for it: where every service of the incident that the
// product stands on was to be away.
func (b *Books) products(i *incident.Incident, k *catalog.Customer) []Hit {
	by := map[string][]string{} // product -> services of the incident that touch it
	for _, root := range i.Services() {
		reached := []string{root}
		if i.Highest == procedure.P1 {
			reached = b.Catalog.Dependents(reached)
		}
		for _, id := range reached {
			svc := b.Catalog.Services[id]
			if slices.Contains(k.Services, id) || len(k.Services)+len(k.Products) == 0 {
				by[""] = append(by[""], root)
			}
			for _, p := range svc.Products {
				if slices.Contains(k.Products, p) {
					by[p] = append(by[p], root)
				}
			}
		}
	}
	if len(by) == 0 { // its one tenant, or added by a person
		by[""] = i.Services()
	}
	out := make([]Hit, 0, len(by))
	for _, p := range slices.Sorted(maps.Keys(by)) {
		out = append(out, Hit{Product: p, Agreed: b.agreed(by[p], i)})
	}
	return out
}

// agreed is when all the services were under maintenance that was announced before
// it began, and held back every alert and not some.
func (b *Books) agreed(services []string, i *incident.Incident) (out []Span) {
	from, until := i.DetectedAt.Add(-reachBack), later(i.ResolvedAt, i.DetectedAt).Add(reachBack)
	if i.ResolvedAt.IsZero() {
		until = i.DetectedAt.Add(openFor)
	}
	for k, id := range services {
		var spans []Span
		for _, m := range b.Maintenance {
			if m.On(id) && len(m.Matchers) == 0 {
				spans = append(spans, times(m, from, until)...)
			}
		}
		if k == 0 {
			out = union(spans)
		} else {
			out = both(out, spans)
		}
	}
	return out
}

const (
	reachBack = 31 * 24 * time.Hour
	openFor   = 100 * 24 * time.Hour
	maxTimes  = 500
)

// times lists when a maintenance holds between two instants.
func times(m *alert.Maintenance, from, until time.Time) (out []Span) {
	for at := from; len(out) < maxTimes; {
		o, ok := m.At(at)
		if !ok || !o.From.Before(until) {
			return out
		}
		s := Span{o.From.UTC(), o.To.UTC()}
		if !m.EndedAt.IsZero() {
			s.Until = earlier(s.Until, m.EndedAt)
		}
		if m.CreatedAt.Before(s.From) && !s.empty() {
			out = append(out, s)
		}
		if !o.To.After(at) {
			return out
		}
		at = o.To
	}
	return out
}
