package api

import (
	"cmp"
	"slices"
	"time"

	"allclear/internal/domain/incident"
)

// Named is something in the catalogue with what it is called.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name" doc:"Its id where the catalogue does not know it (any more)."`
}

// Names says what people and services are called; a nil map knows nobody.
type Names struct {
	People   map[string]string
	Services map[string]string
}

func (n Names) person(id string) Named {
	return Named{ID: id, Name: cmp.Or(n.People[id], id)}
}

// somebody is nil where nobody did it yet.
func (n Names) somebody(id string) *Named {
	if id == "" {
		return nil
	}
	p := n.person(id)
	return &p
}

func (n Names) service(id string) Named {
	return Named{ID: id, Name: cmp.Or(n.Services[id], id)}
}

// IncidentSummary is an incident in a list. Instants that have not come are
// absent.
type IncidentSummary struct {
	ID             string           `json:"id"`
	Number         int64            `json:"number"`
	Ref            string           `json:"ref" example:"INC-42"`
	Title          string           `json:"title"`
	Service        Named            `json:"service"`
	Severity       string           `json:"severity" enum:"P1,P2,P3,P4"`
	Status         string           `json:"status" enum:"triage,investigating,mitigated,monitoring,resolved,closed"`
	Restricted     bool             `json:"restricted" doc:"Known to its circle only."`
	Declared       bool             `json:"declared"`
	DetectedAt     time.Time        `json:"detected_at"`
	DeclaredAt     time.Time        `json:"declared_at,omitzero"`
	DeclaredBy     *Named           `json:"declared_by,omitempty"`
	AcknowledgedAt time.Time        `json:"acknowledged_at,omitzero"`
	AcknowledgedBy *Named           `json:"acknowledged_by,omitempty"`
	EngagedAt      time.Time        `json:"engaged_at,omitzero"`
	EngagedBy      *Named           `json:"engaged_by,omitempty"`
	MitigatedAt    time.Time        `json:"mitigated_at,omitzero"`
	ResolvedAt     time.Time        `json:"resolved_at,omitzero"`
	ClosedAt       time.Time        `json:"closed_at,omitzero"`
	Roles          map[string]Named `json:"roles" doc:"War-room roles that somebody holds."`
	Responders     []Responder      `json:"responders"`
	OpenAlerts     int64            `json:"open_alerts"`
	NextDeadline   *Deadline        `json:"next_deadline,omitempty" doc:"The running clock that ends first."`
}

// Responder is somebody working an incident.
type Responder struct {
	Person string    `json:"person"`
	Name   string    `json:"name"`
	State  string    `json:"state" enum:"asked,joined,unavailable"`
	At     time.Time `json:"at"`
}

// Incident is the whole of one.
type Incident struct {
	IncidentSummary
	Highest       string          `json:"highest" enum:"P1,P2,P3,P4" doc:"The highest severity it held; the review duty follows it."`
	GroupKey      string          `json:"group_key,omitempty"`
	Scenario      string          `json:"scenario,omitempty"`
	Flags         []string        `json:"flags"`
	Regions       []string        `json:"regions" doc:"Empty: everywhere."`
	Tenant        string          `json:"tenant,omitempty" doc:"The one customer it touches."`
	Reason        string          `json:"reason,omitempty" doc:"Of the resolution or dismissal."`
	FalsePositive bool            `json:"false_positive"`
	MergedInto    string          `json:"merged_into,omitempty" doc:"Id of the incident it went on in."`
	Why           []string        `json:"why" doc:"Why it opened and why with this severity."`
	Alerts        AlertCount      `json:"alerts"`
	Procedure     FrozenProcedure `json:"procedure"`
	Affected      Affected        `json:"affected"`
	Downtime      int64           `json:"downtime_seconds" doc:"From detection to resolution or now."`
	Allowed       []string        `json:"allowed_actions" doc:"What the caller may do with it now."`
}

// AlertCount counts alerts.
type AlertCount struct {
	Open  int64 `json:"open"`
	Total int64 `json:"total"`
}

// FrozenProcedure names the procedure an incident runs under.
type FrozenProcedure struct {
	Hash    string `json:"hash"`
	Version string `json:"version,omitempty"`
}

// Affected counts the customers an incident touches.
type Affected struct {
	Customers  int      `json:"customers"`
	Enterprise int      `json:"enterprise"`
	VIP        int      `json:"vip"`
	Major      int      `json:"major_account"`
	Regions    []string `json:"regions"`
}

// summaryOf writes an incident for a list; next is its first running clock, nil
// without one.
func summaryOf(i *incident.Incident, n Names, next *Deadline) IncidentSummary {
	s := IncidentSummary{
		ID: i.ID.String(), Number: i.Number, Ref: i.Ref(), Title: i.Title, Service: n.service(i.ServiceID),
		Severity: i.Severity.String(), Status: string(i.Status), Restricted: i.Restricted, Declared: i.Declared,
		DetectedAt: i.DetectedAt, DeclaredAt: i.DeclaredAt, DeclaredBy: n.somebody(i.DeclaredBy),
		AcknowledgedAt: i.AcknowledgedAt, AcknowledgedBy: n.somebody(i.AcknowledgedBy),
		EngagedAt: i.EngagedAt, EngagedBy: n.somebody(i.EngagedBy),
		MitigatedAt: i.MitigatedAt, ResolvedAt: i.ResolvedAt, ClosedAt: i.ClosedAt,
		Roles: map[string]Named{}, OpenAlerts: i.OpenAlerts, NextDeadline: next,
	}
	for role, person := range i.Roles {
		if person != "" {
			s.Roles[role] = n.person(person)
		}
	}
	s.Responders = each(i.Responders, func(r incident.Responder) Responder {
		return Responder{Person: r.Person, Name: n.person(r.Person).Name, State: r.State, At: r.At}
	})
	return s
}

// more is what an incident's own document does not know.
type more struct {
	version  string // of the procedure
	affected Affected
	allowed  []string
	next     *Deadline
	now      time.Time
}

func incidentOf(i *incident.Incident, n Names, m more) Incident {
	out := Incident{
		IncidentSummary: summaryOf(i, n, m.next),
		Highest:         i.Highest.String(), GroupKey: i.GroupKey, Scenario: i.Scenario,
		Flags: filled(i.Flags), Regions: filled(i.Regions), Tenant: i.Tenant, Reason: i.Reason, FalsePositive: i.FalsePositive,
		Why: filled(i.Why), Alerts: AlertCount{Open: i.OpenAlerts, Total: i.AlertCount},
		Procedure: FrozenProcedure{Hash: i.Procedure, Version: m.version}, Affected: m.affected,
		Downtime: int64(downtime(i, m.now) / time.Second), Allowed: filled(m.allowed),
	}
	out.Affected.Regions = filled(out.Affected.Regions)
	if i.MergedInto != 0 {
		out.MergedInto = i.MergedInto.String()
	}
	return out
}

func downtime(i *incident.Incident, now time.Time) time.Duration {
	end := now
	if !i.ResolvedAt.IsZero() {
		end = i.ResolvedAt
	}
	return max(end.Sub(i.DetectedAt), 0)
}

// filled makes an empty list of none: null is not a list.
func filled[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return slices.Clip(in)
}
