// Package alert owns the signal a source sends and the alert it becomes: pure
// rules of deduplication, state and order. It must not know where signals come
// from or what an alert sets in motion.
package alert

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/procedure"
)

// Action is what a signal asks for.
type Action string

// The actions of the Events API v2, which every source is translated to.
const (
	Trigger     Action = "trigger"
	Acknowledge Action = "acknowledge"
	Resolve     Action = "resolve"
)

// Link is a reference shown with the alert.
type Link struct {
	Href string `json:"href"`
	Text string `json:"text,omitempty"`
}

// Image is a picture shown with the alert.
type Image struct {
	Src  string `json:"src"`
	Href string `json:"href,omitempty"`
	Alt  string `json:"alt,omitempty"`
}

// Classes of alerts that a person opened by calling an emergency line. Rules ask
// for them as facts of the incident. A mail to an emergency address has the fact
// of its mailbox as class, and comes from the source Mail.
const (
	EmergencyCall  = "emergency_call"
	OperationsCall = "operations_call"
)

// Classes of alerts that a ticket or a person raised for a customer (reading 19).
// Rules ask for them as facts; only an alert whose severity the procedure gave
// (Suggests) counts as one, because sources write what they like as class.
const (
	AccountTicket  = "account_ticket"  // of an account whose tickets page
	CustomerTicket = "customer_ticket" // pages by its words alone
	VIPEscalation  = "vip_escalation"
)

// ForCustomer reports whether the signal was raised for a customer.
func (s *Signal) ForCustomer() bool {
	return s.Suggests != 0 && (s.Class == AccountTicket || s.Class == CustomerTicket || s.Class == VIPEscalation)
}

// Mail is the source of what was written to an emergency address.
const Mail = "mail"

// Signal is one event in the product's own words, whatever its source.
type Signal struct {
	Source    string             `json:"source"` // the adapter: events, alertmanager, generic ...
	Action    Action             `json:"action"`
	DedupKey  string             `json:"dedup_key"`
	Summary   string             `json:"summary"`
	Severity  string             `json:"severity"`          // the source's word: critical, error, warning, info; empty: unknown
	Suggests  procedure.Severity `json:"suggests,omitzero"` // what a rule of the procedure says instead (reading 1); none: the word decides
	Origin    string             `json:"origin,omitempty"`
	Component string             `json:"component,omitempty"`
	Group     string             `json:"group,omitempty"`
	Class     string             `json:"class,omitempty"`
	Labels    map[string]string  `json:"labels,omitempty"`
	Details   any                `json:"details,omitempty"`
	Links     []Link             `json:"links,omitempty"`
	Images    []Image            `json:"images,omitempty"`
	Client    string             `json:"client,omitempty"`
	ClientURL string             `json:"client_url,omitempty"`
	StartedAt time.Time          `json:"started_at,omitzero"` // what the source says; evidence only
	EndsAt    time.Time          `json:"ends_at,omitzero"`
}

// Change is a deployment or configuration change told by a source.
type Change struct {
	Source  string    `json:"source"`
	Summary string    `json:"summary"`
	Origin  string    `json:"origin,omitempty"`
	At      time.Time `json:"at"`
	Details any       `json:"details,omitempty"`
	Links   []Link    `json:"links,omitempty"`
}

// Status is an alert's state.
type Status string

// The states of an alert.
const (
	Triggered    Status = "triggered"
	Acknowledged Status = "acknowledged"
	Resolved     Status = "resolved"
	Suppressed   Status = "suppressed"
)

// Alert is the deduplicated, actionable form of signals with one key on one
// service. Run counts how often it was triggered anew after a resolve.
type Alert struct {
	ID         ident.ID
	ServiceID  string
	DedupKey   string
	Status     Status
	Severity   procedure.Severity
	Hint       string
	Summary    string
	Source     string
	Count      int64
	Run        int64
	IncidentID ident.ID
	FirstAt    time.Time // of this run
	LastAt     time.Time
	ResolvedAt time.Time
	Details    string // the last trigger's signal, as JSON
	Noise      Noise  // how it is kept quiet, and why it paged or did not
}

// Open reports whether the alert still stands.
func (a *Alert) Open() bool {
	return a.Status == Triggered || a.Status == Acknowledged
}

// Effect says what a signal did to an alert.
type Effect uint8

// The effects of a signal.
const (
	Nothing   Effect = iota // a resolve or acknowledge for nothing that stands
	Started                 // a first trigger, or one after a resolve: a new run
	Repeated                // a trigger of a standing alert: counted
	Accepted                // acknowledged
	Recovered               // resolved
)

// Apply brings a signal to bear on the alert, which is new when its ID is
// zero. severity is the suggestion for this signal. A repeated trigger may
// raise the severity and never lowers it; it counts, however late it comes.
func (a *Alert) Apply(s *Signal, severity procedure.Severity, now time.Time) Effect {
	switch s.Action {
	case Trigger:
		return a.trigger(s, severity, now)
	case Acknowledge:
		if a.Status != Triggered {
			return Nothing
		}
		a.Status, a.LastAt = Acknowledged, now
		return Accepted
	case Resolve:
		if !a.Open() && a.Status != Suppressed {
			return Nothing
		}
		a.Status, a.LastAt, a.ResolvedAt = Resolved, now, now
		return Recovered
	}
	return Nothing
}

func (a *Alert) trigger(s *Signal, severity procedure.Severity, now time.Time) Effect {
	a.Count++
	a.LastAt = now
	a.Hint, a.Source = s.Severity, s.Source
	if s.Summary != "" {
		a.Summary = s.Summary
	}
	if a.Open() {
		if severity.Above(a.Severity) {
			a.Severity = severity
		}
		return Repeated
	}
	a.Status, a.Severity = Triggered, severity
	a.Run++
	a.FirstAt, a.ResolvedAt, a.IncidentID = now, time.Time{}, 0
	return Started
}
