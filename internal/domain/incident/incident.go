// Package incident owns the life of one incident, from suspicion to closure:
// states, who may follow whom, and what each step means. It is pure: flows
// persist what it returns. It must not know pages, clocks or channels.
package incident

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/procedure"
)

// Status is where an incident is in its life.
type Status string

// The states of an incident.
const (
	Triage        Status = "triage"
	Investigating Status = "investigating"
	Mitigated     Status = "mitigated"
	Monitoring    Status = "monitoring"
	Resolved      Status = "resolved"
	Closed        Status = "closed"
)

// Open reports whether new alerts of the service still join.
func (s Status) Open() bool {
	return s == Triage || s == Investigating || s == Mitigated || s == Monitoring
}

// OpenStatuses are those that are Open, as lists of incidents are asked for.
func OpenStatuses() []string {
	return []string{string(Triage), string(Investigating), string(Mitigated), string(Monitoring)}
}

// Incident is an unplanned disruption, tracked from the first alert to closure.
type Incident struct {
	ID         ident.ID           `json:"id"`
	Number     int64              `json:"number"`
	ServiceID  string             `json:"service_id"`
	GroupKey   string             `json:"group_key"`
	Title      string             `json:"title"`
	Status     Status             `json:"status"`
	Severity   procedure.Severity `json:"severity"`
	Highest    procedure.Severity `json:"highest"`
	Scenario   string             `json:"scenario,omitempty"`
	Flags      []string           `json:"flags,omitempty"`
	Restricted bool               `json:"restricted,omitempty"`
	Circle     []string           `json:"circle,omitempty"` // who may see a restricted incident
	Regions    []string           `json:"regions,omitempty"`
	Tenant     string             `json:"tenant,omitempty"` // the one customer of a single-tenant outage
	Procedure  string             `json:"procedure"`        // hash of the version in force when it opened

	Declared       bool                 `json:"declared"`
	ImpactAt       time.Time            `json:"impact_at,omitzero"`   // when it began to hurt, as the first alert's source says; zero: nobody knows
	DetectedAt     time.Time            `json:"detected_at"`          // first alert, or the declaration without one
	SeverityAt     time.Time            `json:"severity_at,omitzero"` // last change of severity after opening
	DeclaredAt     time.Time            `json:"declared_at,omitzero"`
	DeclaredBy     string               `json:"declared_by,omitempty"`
	AcknowledgedAt time.Time            `json:"acknowledged_at,omitzero"`
	AcknowledgedBy string               `json:"acknowledged_by,omitempty"`
	SnoozedUntil   time.Time            `json:"snoozed_until,omitzero"`
	SnoozedBy      string               `json:"snoozed_by,omitempty"`
	EngagedAt      time.Time            `json:"engaged_at,omitzero"`
	EngagedBy      string               `json:"engaged_by,omitempty"`
	MitigatedAt    time.Time            `json:"mitigated_at,omitzero"`
	MendedAt       time.Time            `json:"mended_at,omitzero"` // last time that a fix was in, or that it came back: what was proven before proves nothing of it
	ResolvedAt     time.Time            `json:"resolved_at,omitzero"`
	ResolvedBy     string               `json:"resolved_by,omitempty"`
	ClosedAt       time.Time            `json:"closed_at,omitzero"`
	Reason         string               `json:"reason,omitempty"` // of the resolution or dismissal
	FalsePositive  bool                 `json:"false_positive,omitempty"`
	MergedInto     ident.ID             `json:"merged_into,omitempty"`
	Roles          map[string]string    `json:"roles,omitempty"` // role -> person
	Responders     []Responder          `json:"responders,omitempty"`
	Fired          map[string]bool      `json:"fired,omitempty"`   // rules that have run
	Reached        map[string]time.Time `json:"reached,omitempty"` // moments that end clocks, such as status_posted
	LastUpdateAt   time.Time            `json:"last_update_at,omitzero"`
	Scope          Scope                `json:"scope,omitzero"`
	Regressions    []Regression         `json:"regressions,omitempty"`   // resolutions that did not hold
	Why            []string             `json:"why,omitempty"`           // why it opened and why this severity
	DeclaredHere   bool                 `json:"declared_here,omitempty"` // a person declared it, no alert opened it
	InApp          *Skip                `json:"in_app,omitempty"`        // notices in the product are left out, or were; nil: never

	OpenAlerts int64 `json:"-"`
	AlertCount int64 `json:"-"`
}

// Responder is a person working the incident.
type Responder struct {
	Person string    `json:"person"`
	State  string    `json:"state"` // asked | joined | unavailable
	At     time.Time `json:"at"`
}

// Roles of the war room.
const (
	Commander = "incident_commander"
	TechLead  = "technical_lead"
	CommsLead = "customer_communications_lead"
	Scribe    = "scribe"
)

// RoleNames lists the war-room roles.
var RoleNames = []string{Commander, TechLead, CommsLead, Scribe}

// Ref is how people call the incident, "INC-42".
func (i *Incident) Ref() string { return Ref(i.Number) }

// Ref is how people call the incident of a number: INC-42.
func Ref(number int64) string { return "INC-" + strconv.FormatInt(number, 10) }

// Commander returns the commander, empty when nobody holds the role.
func (i *Incident) Commander() string { return i.Roles[Commander] }

// Fact reports whether the incident carries a flag.
func (i *Incident) Fact(flag string) bool { return slices.Contains(i.Flags, flag) }

// Acked reports whether a person has acknowledged.
func (i *Incident) Acked() bool { return !i.AcknowledgedAt.IsZero() }

// ChainAnchor is when clocks of the present severity that begin with the first
// alert started: detection, or the change of severity (readings 7 and 9).
func (i *Incident) ChainAnchor() time.Time {
	if !i.SeverityAt.IsZero() {
		return i.SeverityAt
	}
	return i.DetectedAt
}

// DeclaredAnchor is the same for clocks that start at the declaration.
func (i *Incident) DeclaredAnchor() time.Time {
	if i.SeverityAt.After(i.DeclaredAt) {
		return i.SeverityAt
	}
	return i.DeclaredAt
}

// Holds reports whether a procedure condition is true now.
func (i *Incident) Holds(c procedure.Condition) bool {
	switch c {
	case procedure.Unacknowledged:
		return !i.Acked() && i.unresolved()
	case procedure.Unresolved:
		return i.unresolved()
	case procedure.Undeclared:
		return !i.Declared && i.unresolved()
	case procedure.Always, "":
		return true
	}
	return false
}

func (i *Incident) unresolved() bool { return i.Status.Open() && i.MergedInto == 0 }

// Reach notes a moment once; it reports whether it is new.
func (i *Incident) Reach(moment string, at time.Time) bool {
	if _, ok := i.Reached[moment]; ok {
		return false
	}
	if i.Reached == nil {
		i.Reached = map[string]time.Time{}
	}
	i.Reached[moment] = at
	return true
}

// Fire notes that a rule has run; it reports whether it had not before.
func (i *Incident) Fire(rule string) bool {
	if i.Fired[rule] {
		return false
	}
	if i.Fired == nil {
		i.Fired = map[string]bool{}
	}
	i.Fired[rule] = true
	return true
}

func (i *Incident) refuse(format string, args ...any) error {
	return fault.New(fault.Conflict, "%s: %s", i.Ref(), fmt.Sprintf(format, args...))
}
