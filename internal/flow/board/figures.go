package board

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/kpi"
	"allclear/internal/domain/procedure"
	"allclear/internal/store/deadlines"
)

// Figures are the key figures of a month or quarter with those before it, and what
// stands behind them: clocks, services, incidents (PLT-CFG-DASH).
type Figures struct {
	Periods   []kpi.Period // oldest first; the last is the one that is asked for
	KPIs      []Trended
	Clocks    []Kept
	Services  []Tally
	Incidents []*incident.Incident // detected in the period, and those behind a figure; newest first
	Names     Names
}

// Trended is a key figure of the period with the same of the periods up to it.
type Trended struct {
	KPI
	Trend []kpi.Figure // one for each of Periods
}

// Kept counts how the clocks of one kind and severity ended, of the incidents that
// were detected in the period.
type Kept struct {
	Severity                       procedure.Severity
	Clock, Name                    string
	Met, Breached, Waived, Running int
	BreachedIn                     []int64 // numbers of incidents
}

// Tally is what happened to one service in the period.
type Tally struct {
	Service   string
	Incidents [4]int        // by severity, P1 first, the highest each had
	Lasted    time.Duration // from detection to resolution, together
	Over      int           // incidents that are resolved
}

// MostBefore is how many periods can be shown before the one that is asked for.
const MostBefore = 11

// Figures computes the figures of a period by its name, or of the one that now lies
// in, with those of some periods before it. length is kpi.Month or kpi.Quarter where
// there is no name. Restricted incidents count for those who may know of them alone.
func (b *Board) Figures(ctx context.Context, a authz.Actor, name, length string, before int, now time.Time) (out Figures, err error) {
	if before < 0 || before > MostBefore {
		return out, fault.New(fault.Invalid, "the period is no use").With("query.before", "from 0 to 11")
	}
	err = b.look(ctx, a, func(s *sight) error {
		p, err := s.inForce()
		if err != nil {
			return err
		}
		zone := p.Calendar().Location
		period := kpi.PeriodAt(length, now, zone)
		if name != "" {
			if period, err = kpi.ParsePeriod(name, zone); err != nil {
				return err
			}
		}
		out = Figures{Names: s.names(), Periods: []kpi.Period{period}}
		for range before {
			out.Periods = append(out.Periods, out.Periods[len(out.Periods)-1].Before(zone))
		}
		slices.Reverse(out.Periods)
		sample, err := s.sample(out.Periods[0].From, period.Until, now)
		if err != nil {
			return err
		}
		for _, k := range p.KPIs {
			t := Trended{KPI: KPI{k, kpi.Compute(k, sample, period)}}
			for _, x := range out.Periods {
				t.Trend = append(t.Trend, kpi.Compute(k, sample, x))
			}
			out.KPIs = append(out.KPIs, t)
		}
		return s.behind(&out, p, sample, period)
	})
	return out, err
}

// behind fills in what stands behind the figures of a period.
func (s *sight) behind(out *Figures, p *procedure.Procedure, sample kpi.Sample, period kpi.Period) error {
	named := map[int64]bool{}
	for _, k := range out.KPIs {
		for _, x := range k.Of {
			named[x.Number] = true
		}
	}
	var own []*incident.Incident
	for _, c := range sample.Cases {
		in := period.Holds(c.DetectedAt) && !c.FalsePositive && c.MergedInto == 0
		if in {
			own = append(own, c.Incident)
		}
		if in || named[c.Number] {
			out.Incidents = append(out.Incidents, c.Incident)
		}
	}
	out.Services = tallies(own)
	var err error
	out.Clocks, err = s.kept(p, own)
	return err
}

// tallies counts incidents by service, the one with the most first.
func tallies(all []*incident.Incident) (out []Tally) {
	place := map[string]int{}
	for _, i := range all {
		k, ok := place[i.ServiceID]
		if !ok {
			k = len(out)
			place[i.ServiceID] = k
			out = append(out, Tally{Service: i.ServiceID})
		}
		if n := int(i.Highest - procedure.P1); n >= 0 && n < len(out[k].Incidents) {
			out[k].Incidents[n]++
		}
		if !i.ResolvedAt.IsZero() {
			out[k].Lasted += max(i.ResolvedAt.Sub(i.DetectedAt), 0)
			out[k].Over++
		}
	}
	slices.SortFunc(out, func(a, b Tally) int {
		return cmp.Or(slices.Compare(b.Incidents[:], a.Incidents[:]), cmp.Compare(a.Service, b.Service))
	})
	return out
}

// kept counts how the clocks of incidents ended, by severity and in the order of the
// procedure.
func (s *sight) kept(p *procedure.Procedure, all []*incident.Incident) (out []Kept, err error) {
	place := map[string]int{}
	numbers := Numbers{}
	for _, i := range all {
		numbers[i.ID] = i.Number
	}
	for chunk := range slices.Chunk(all, kpiPage) {
		list, err := deadlines.OfAll(s.tx, ids(chunk))
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			key := d.Severity.String() + d.Clock
			k, ok := place[key]
			if !ok {
				k = len(out)
				place[key] = k
				c, _ := p.Clock(d.Clock)
				out = append(out, Kept{Severity: d.Severity, Clock: d.Clock, Name: c.Name})
			}
			out[k].count(d, numbers[d.IncidentID])
		}
	}
	order := map[string]int{}
	for k, c := range p.Clocks {
		order[c.ID] = k + 1
	}
	slices.SortStableFunc(out, func(a, b Kept) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(order[a.Clock], order[b.Clock]), cmp.Compare(a.Clock, b.Clock))
	})
	return out, nil
}

func (k *Kept) count(d *deadline.Deadline, number int64) {
	switch d.State {
	case deadline.Met:
		k.Met++
	case deadline.Waived:
		k.Waived++
	case deadline.Breached:
		k.Breached++
		if !slices.Contains(k.BreachedIn, number) {
			k.BreachedIn = append(k.BreachedIn, number)
		}
	default:
		k.Running++
	}
}
