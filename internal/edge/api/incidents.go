package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	"allclear/internal/flow/command"
)

// ListIncidents narrows a list of incidents.
type ListIncidents struct {
	route.Page
	Status   string `query:"status" maxLength:"100" doc:"One or several, separated by commas: triage, investigating, mitigated, monitoring, resolved, closed; open for all that are not over."`
	Severity string `query:"severity" maxLength:"20" doc:"One or several of P1 to P4, separated by commas."`
	Service  string `query:"service" maxLength:"64"`
}

// NewIncident is what somebody says who declares an incident.
type NewIncident struct {
	Service    string             `json:"service" maxLength:"64" doc:"Its id."`
	Title      string             `json:"title" minLength:"1" maxLength:"500" doc:"What is broken, in one line."`
	Severity   procedure.Severity `json:"severity,omitzero" enum:"P1,P2,P3,P4" doc:"Needed without a scenario, or impact and urgency."`
	Scenario   string             `json:"scenario,omitempty" maxLength:"64" doc:"One that the procedure names."`
	Impact     string             `json:"impact,omitempty" maxLength:"64" doc:"Of the procedure's matrix."`
	Urgency    string             `json:"urgency,omitempty" maxLength:"64" doc:"Of the procedure's matrix."`
	Regions    []string           `json:"regions,omitempty" maxItems:"50" doc:"None: everywhere."`
	Tenant     string             `json:"tenant,omitempty" maxLength:"64" doc:"The one customer that is touched."`
	Flags      []string           `json:"flags,omitempty" maxItems:"50" doc:"Facts that the procedure asks about."`
	Restricted bool               `json:"restricted,omitempty" doc:"Only its circle may know of it."`
}

type newIncidentInput struct{ Body NewIncident }

func (a *API) incidentRoutes() {
	tag := "incidents"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents", Summary: "List incidents, newest first", Tag: tag}, route.Needs(authz.Read), a.listIncidents)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/incidents", Summary: "Declare an incident", Tag: tag, Status: http.StatusCreated, Detail: "A person who declares confirms: the clocks of a declared incident start at once."},
		route.Needs(authz.Declare), a.declareIncident)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}", Summary: "Show an incident", Tag: tag, Detail: "The ETag leaves the running downtime out."}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Tagged[record.Incident], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			return a.showIncident(ctx, c, n)
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/impact", Summary: "Estimate its impact on customers and revenue", Tag: tag}, route.Needs(authz.ReadCustomers),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Reply[record.Impact], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			out, err := a.opt.Board.Impact(ctx, c.Actor, n, c.Now)
			return route.One(record.ImpactOf(out)), err
		})
}

var (
	statusWords   = []string{"open", "triage", "investigating", "mitigated", "monitoring", "resolved", "closed"}
	severityWords = []string{"P1", "P2", "P3", "P4"}
)

func (a *API) listIncidents(ctx context.Context, c route.Call, in *ListIncidents) (*route.Reply[route.List[record.IncidentSummary]], error) {
	f := board.Filter{Service: in.Service, Limit: in.Limit + 1}
	var err error
	if f.Statuses, err = wordsOf("query.status", in.Status, statusWords); err != nil {
		return nil, err
	}
	if f.Severities, err = wordsOf("query.severity", in.Severity, severityWords); err != nil {
		return nil, err
	}
	if _, err := route.FromCursor(in.Cursor, &f.Before); err != nil {
		return nil, err
	}
	p, err := a.opt.Board.Incidents(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	items, next := route.Cut(p.Items, in.Limit, func(i board.Item) any { return i.Number })
	return route.Items(wire.Each(items, func(i board.Item) record.IncidentSummary { return record.SummaryOf(i, p.Names) }), next), nil
}

// wordsOf reads a list such as "resolved,closed" of words that may stand there.
func wordsOf(where, text string, known []string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	words := strings.Split(text, ",")
	for _, w := range words {
		if !slices.Contains(known, w) {
			return nil, fault.New(fault.Invalid, "validation failed").With(where, "use "+strings.Join(known, ", "))
		}
	}
	return words, nil
}

func (a *API) declareIncident(ctx context.Context, c route.Call, in *newIncidentInput) (*route.Tagged[record.Incident], error) {
	b := in.Body
	d := command.Declaration{
		Service: b.Service, Title: b.Title, Scenario: b.Scenario, Impact: b.Impact, Urgency: b.Urgency, Tenant: b.Tenant,
		Severity: b.Severity, Regions: b.Regions, Flags: b.Flags,
	}
	if b.Restricted {
		d.Flags = append(d.Flags, "restricted")
	}
	i, err := a.opt.Command.Declare(ctx, c.Actor, d, c.Now)
	return a.after(ctx, c, i, wire.InBody(err))
}

func (a *API) showIncident(ctx context.Context, c route.Call, number int64) (*route.Tagged[record.Incident], error) {
	w, err := a.opt.Board.Incident(ctx, c.Actor, number)
	if err != nil {
		return nil, err
	}
	return taggedIncident(record.IncidentOf(w, c.Now)), nil
}

// taggedIncident makes a tag that changes with the incident and not with the
// time that passes.
func taggedIncident(i record.Incident) *route.Tagged[record.Incident] {
	still := i
	still.Downtime = 0
	return &route.Tagged[record.Incident]{ETag: route.ETagOf(still), Body: i}
}
