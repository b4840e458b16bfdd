// Package record owns how an incident and its record look on the native API:
// what is answered about them, what is sent with their steps, and the conversion
// from the flows' views. It must not know routes or callers' rights beyond what a
// shape leaves out.
package record

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
)

// Named is something in the catalogue with what it is called.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name" doc:"Its id where the catalogue does not know it (any more)."`
}

// Names writes what people and services are called; the zero value knows
// nobody.
type Names struct {
	of interface {
		Person(id string) string
		Service(id string) string
	}
}

// NamesOf knows whom the catalogue knows.
func NamesOf(n interface {
	Person(id string) string
	Service(id string) string
},
) Names {
	return Names{of: n}
}

// Person names somebody.
func (n Names) Person(id string) Named {
	if n.of == nil {
		return Named{ID: id, Name: id}
	}
	return Named{ID: id, Name: n.of.Person(id)}
}

// ParseNumber reads INC-42 and 42. What cannot be a number answers like an incident
// that does not exist.
func ParseNumber(ref string) (int64, error) {
	s := ref
	if len(s) > 4 && strings.EqualFold(s[:4], "INC-") {
		s = s[4:]
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || s != strconv.FormatInt(n, 10) {
		return 0, authz.NotFound("incident", ref)
	}
	return n, nil
}

// Somebody is nil where nobody did it yet.
func (n Names) Somebody(id string) *Named {
	if id == "" {
		return nil
	}
	p := n.Person(id)
	return &p
}

func (n Names) service(id string) Named {
	if n.of == nil {
		return Named{ID: id, Name: id}
	}
	return Named{ID: id, Name: n.of.Service(id)}
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
	SnoozedUntil   time.Time        `json:"snoozed_until,omitzero" doc:"Pages that wait for an acknowledgement are held back till then."`
	SnoozedBy      *Named           `json:"snoozed_by,omitempty"`
	EngagedAt      time.Time        `json:"engaged_at,omitzero"`
	EngagedBy      *Named           `json:"engaged_by,omitempty"`
	MitigatedAt    time.Time        `json:"mitigated_at,omitzero"`
	ResolvedAt     time.Time        `json:"resolved_at,omitzero"`
	ClosedAt       time.Time        `json:"closed_at,omitzero"`
	Roles          map[string]Named `json:"roles" doc:"War-room roles that somebody holds."`
	Responders     []Responder      `json:"responders"`
	OpenAlerts     int64            `json:"open_alerts"`
	NextDeadline   *Deadline        `json:"next_deadline,omitempty" doc:"The running clock that ends first."`
	Affected       Affected         `json:"affected"`
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
	Scope         Scope           `json:"scope"`
	Regressions   []Regression    `json:"regressions" doc:"Resolutions that did not hold, the oldest first."`
	FalsePositive bool            `json:"false_positive"`
	MergedInto    string          `json:"merged_into,omitempty" example:"INC-42" doc:"The incident it went on in."`
	Why           []string        `json:"why" doc:"Why it opened and why with this severity."`
	InAppSkip     *InAppSkip      `json:"in_app_skip,omitempty" doc:"Present while messages leave out the notices in the product."`
	Alerts        AlertCount      `json:"alerts"`
	Procedure     FrozenProcedure `json:"procedure"`
	Downtime      int64           `json:"downtime_seconds" doc:"From detection to resolution or now, without what lay between a resolution and a reopening."`
	Allowed       []string        `json:"allowed_actions" doc:"What the caller may do with it now."`
}

// InAppSkip says that messages leave out the notices in the product.
type InAppSkip struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// InAppSkipOf is nil where they do not.
func InAppSkipOf(s *incident.Skip) *InAppSkip {
	if !s.Stands() {
		return nil
	}
	return &InAppSkip{By: s.By, At: s.At, Reason: s.Reason}
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

// SummaryOf writes an incident for a list.
func SummaryOf(item board.Item, of board.Names) IncidentSummary {
	i, n := item.Incident, Names{of}
	s := IncidentSummary{
		ID: i.ID.String(), Number: i.Number, Ref: i.Ref(), Title: i.Title, Service: n.service(i.ServiceID),
		Severity: i.Severity.String(), Status: string(i.Status), Restricted: i.Restricted, Declared: i.Declared,
		DetectedAt: i.DetectedAt, DeclaredAt: i.DeclaredAt, DeclaredBy: n.Somebody(i.DeclaredBy),
		AcknowledgedAt: i.AcknowledgedAt, AcknowledgedBy: n.Somebody(i.AcknowledgedBy),
		SnoozedUntil: i.SnoozedUntil, SnoozedBy: n.Somebody(i.SnoozedBy),
		EngagedAt: i.EngagedAt, EngagedBy: n.Somebody(i.EngagedBy),
		MitigatedAt: i.MitigatedAt, ResolvedAt: i.ResolvedAt, ClosedAt: i.ClosedAt,
		Roles: map[string]Named{}, OpenAlerts: i.OpenAlerts,
		Affected: Affected{
			Customers: item.Affected.Customers, Enterprise: item.Affected.Enterprise, VIP: item.Affected.VIP, Major: item.Affected.Major,
			Regions: Filled(item.Affected.Regions),
		},
	}
	if item.Next != nil {
		next := DeadlineOf(item.Next)
		s.NextDeadline = &next
	}
	for role, person := range i.Roles {
		if person != "" {
			s.Roles[role] = n.Person(person)
		}
	}
	s.Responders = wire.Each(i.Responders, ResponderOf(of))
	return s
}

func ResponderOf(n board.Names) func(incident.Responder) Responder {
	return func(r incident.Responder) Responder {
		return Responder{Person: r.Person, Name: n.Person(r.Person), State: r.State, At: r.At}
	}
}

func IncidentOf(w board.Whole, now time.Time) Incident {
	i := w.Incident
	return Incident{
		IncidentSummary: SummaryOf(w.Item, w.Names),
		Highest:         i.Highest.String(), GroupKey: i.GroupKey, Scenario: i.Scenario,
		Flags: Filled(i.Flags), Regions: Filled(i.Regions), Scope: scopeOf(i, w.Names), Regressions: regressionsOf(i, w.Names), Tenant: i.Tenant, Reason: i.Reason, FalsePositive: i.FalsePositive,
		MergedInto: w.Merged, Why: Filled(i.Why), InAppSkip: InAppSkipOf(i.InApp), Alerts: AlertCount{Open: i.OpenAlerts, Total: i.AlertCount},
		Procedure: FrozenProcedure{Hash: i.Procedure, Version: w.Version},
		Downtime:  int64(i.Downtime(incident.Span{From: i.DetectedAt, Until: now}, now) / time.Second), Allowed: Filled(w.Allowed),
	}
}

// Filled makes an empty list of none: null is not a list.
func Filled[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return slices.Clip(in)
}
