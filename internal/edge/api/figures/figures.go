// Package figures serves the key figures of the procedure: over any stretch of time,
// and of a month or quarter with those before it and with what stands behind them. It
// must not compute anything; the flow does.
package figures

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/kpi"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
)

// KPI is a key figure of the procedure over a period.
type KPI struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Clause   string   `json:"clause,omitempty"`
	Unit     string   `json:"unit"`
	Value    *float64 `json:"value" doc:"Null: nothing to compute it from in the period, or it is not computed yet."`
	Target   *float64 `json:"target"`
	Baseline *float64 `json:"baseline"`
	Better   string   `json:"better" enum:"<,>" doc:"On which side of the target it must be, strictly."`
	Met      *bool    `json:"met"`
	Count    int      `json:"count" doc:"Incidents, alerts or action items it is computed from."`
	Method   string   `json:"method,omitempty"`
}

// Figures are the key figures of a month or quarter, and what stands behind them.
type Figures struct {
	Period    FigurePeriod     `json:"period"`
	Before    []FigurePeriod   `json:"before" doc:"Those before it, the oldest first."`
	KPIs      []KPICourse      `json:"kpis"`
	Clocks    []ClockTally     `json:"clocks" doc:"By severity, in the order of the procedure."`
	Services  []ServiceTally   `json:"services" doc:"With incidents in the period, the one with the worst first."`
	Incidents []FigureIncident `json:"incidents" doc:"Detected in the period, and those that a figure names; the newest first."`
}

// FigurePeriod is a month or quarter of the company's calendar, half-open.
type FigurePeriod struct {
	Name  string    `json:"name" example:"2026-11"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// KPICourse is a key figure with its course and the incidents behind it.
type KPICourse struct {
	KPI
	Population []string      `json:"population" doc:"Severities it is computed over, by the highest an incident had; empty: all."`
	Trend      []FigurePoint `json:"trend" doc:"Of the periods before, then of this one."`
	Of         []FigurePart  `json:"of" doc:"The incidents behind it, the largest value first."`
}

// FigurePoint is a key figure in one period.
type FigurePoint struct {
	Value *float64 `json:"value"`
	Count int      `json:"count"`
	Met   *bool    `json:"met"`
}

// FigurePart is an incident behind a figure.
type FigurePart struct {
	Incident string  `json:"incident" example:"INC-7"`
	Number   int64   `json:"number"`
	Value    float64 `json:"value" doc:"In the unit of the figure; of a share, how many it adds to what is counted."`
}

// ClockTally counts how clocks of one kind and severity ended.
type ClockTally struct {
	Severity   string   `json:"severity" enum:"P1,P2,P3,P4"`
	Clock      string   `json:"clock"`
	Name       string   `json:"name"`
	Met        int      `json:"met"`
	Breached   int      `json:"breached"`
	Waived     int      `json:"waived"`
	Running    int      `json:"running"`
	BreachedIn []string `json:"breached_in" doc:"The incidents, such as INC-7."`
}

// ServiceTally is what happened to one service.
type ServiceTally struct {
	Service string `json:"service"`
	Name    string `json:"name"`
	P1      int    `json:"p1"`
	P2      int    `json:"p2"`
	P3      int    `json:"p3"`
	P4      int    `json:"p4"`
	Lasted  int64  `json:"lasted_seconds" doc:"From detection to resolution, together."`
	Over    int    `json:"resolved" doc:"Incidents that lasted is the sum of."`
}

// FigureIncident is an incident as a figure names it.
type FigureIncident struct {
	Incident   string    `json:"incident" example:"INC-7"`
	Number     int64     `json:"number"`
	Title      string    `json:"title"`
	Severity   string    `json:"severity" enum:"P1,P2,P3,P4" doc:"The highest it had."`
	Service    string    `json:"service"`
	DetectedAt time.Time `json:"detected_at"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
}

func kpiOf(k board.KPI) KPI {
	return KPI{ID: k.ID, Name: k.Name, Clause: k.Clause, Unit: k.Unit, Value: k.Value, Target: k.Target, Baseline: k.Baseline, Better: k.Better, Met: k.Met, Count: k.Count, Method: k.Method}
}

func figuresOf(f board.Figures) Figures {
	periods := wire.Each(f.Periods, func(p kpi.Period) FigurePeriod { return FigurePeriod(p) })
	return Figures{
		Period: periods[len(periods)-1], Before: periods[:len(periods)-1], KPIs: wire.Each(f.KPIs, trendedOf),
		Clocks: wire.Each(f.Clocks, func(k board.Kept) ClockTally {
			return ClockTally{Severity: k.Severity.String(), Clock: k.Clock, Name: k.Name, Met: k.Met, Breached: k.Breached, Waived: k.Waived, Running: k.Running, BreachedIn: wire.Each(k.BreachedIn, incident.Ref)}
		}),
		Services: wire.Each(f.Services, func(t board.Tally) ServiceTally {
			return ServiceTally{Service: t.Service, Name: f.Names.Service(t.Service), P1: t.Incidents[0], P2: t.Incidents[1], P3: t.Incidents[2], P4: t.Incidents[3], Lasted: int64(t.Lasted / time.Second), Over: t.Over}
		}),
		Incidents: wire.Each(f.Incidents, func(i *incident.Incident) FigureIncident {
			return FigureIncident{Incident: i.Ref(), Number: i.Number, Title: i.Title, Severity: i.Highest.String(), Service: f.Names.Service(i.ServiceID), DetectedAt: i.DetectedAt, ResolvedAt: i.ResolvedAt}
		}),
	}
}

func trendedOf(t board.Trended) KPICourse {
	out := KPICourse{
		KPI: kpiOf(t.KPI), Population: []string{},
		Trend: wire.Each(t.Trend, func(f kpi.Figure) FigurePoint { return FigurePoint{Value: f.Value, Count: f.Count, Met: f.Met} }),
		Of: wire.Each(t.Of, func(p kpi.Part) FigurePart {
			return FigurePart{Incident: incident.Ref(p.Number), Number: p.Number, Value: p.Value}
		}),
	}
	for _, s := range t.Population {
		out.Population = append(out.Population, s.String())
	}
	return out
}

// ListKPIs says over which period.
type ListKPIs struct {
	route.Whole
	From  time.Time `query:"from" doc:"90 days before until when absent."`
	Until time.Time `query:"until" doc:"Now when absent."`
}

// ReadFigures says of which period.
type ReadFigures struct {
	Of     string `query:"of" maxLength:"7" example:"2026-11" doc:"A month or a quarter, such as 2026-11 or 2026-Q4; the present one when absent."`
	Length string `query:"length" enum:"month,quarter" default:"month" doc:"Of the present period, where none is named."`
	Before int    `query:"before" minimum:"0" maximum:"11" default:"5" doc:"How many periods before it are told of."`
}

// lookBack is the period of GET /kpis where nobody says which, in days.
const lookBack = 90

// Routes registers the family.
func Routes(t *route.Table, b *board.Board) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/kpis", Summary: "List the key figures of a period", Tag: "kpis"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListKPIs) (*route.Reply[route.List[KPI]], error) {
			if in.Until.IsZero() {
				in.Until = c.Now
			}
			if in.From.IsZero() {
				in.From = in.Until.AddDate(0, 0, -lookBack)
			}
			all, err := b.KPIs(ctx, c.Actor, in.From, in.Until, c.Now)
			if err != nil {
				return nil, err
			}
			return route.Of(in.Whole, all, kpiOf, func(k KPI) string { return k.ID })
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/figures", Summary: "Show the key figures of a month or quarter, their course, and what stands behind them", Tag: "kpis"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ReadFigures) (*route.Reply[Figures], error) {
			f, err := b.Figures(ctx, c.Actor, in.Of, in.Length, in.Before, c.Now)
			if err != nil {
				return nil, err
			}
			return route.One(figuresOf(f)), nil
		})
}
