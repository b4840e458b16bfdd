// Package inbound owns the shapes of where events come from and of what came in, as
// the API shows it. It holds no routes, and must not judge a payload.
package inbound

import (
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/board"
)

// MappedSignal is one event as the intake would take it.
type MappedSignal struct {
	Source    string             `json:"source"`
	Action    alert.Action       `json:"action" enum:"trigger,acknowledge,resolve"`
	DedupKey  string             `json:"dedup_key" doc:"What identifies the problem; generated when the payload has nothing to make one of."`
	Summary   string             `json:"summary"`
	Severity  string             `json:"severity" doc:"The source's word: critical, error, warning, info; empty: unknown."`
	Suggests  procedure.Severity `json:"suggests,omitzero" enum:"P1,P2,P3,P4" doc:"What a rule of the procedure says instead."`
	Origin    string             `json:"origin,omitempty" doc:"The host or system that has the problem."`
	Component string             `json:"component,omitempty"`
	Group     string             `json:"group,omitempty"`
	Class     string             `json:"class,omitempty"`
	Labels    map[string]string  `json:"labels,omitempty"`
	Details   any                `json:"details,omitempty"`
	Links     []alert.Link       `json:"links,omitempty"`
	Images    []alert.Image      `json:"images,omitempty"`
	Client    string             `json:"client,omitempty"`
	ClientURL string             `json:"client_url,omitempty"`
	StartedAt time.Time          `json:"started_at,omitzero"`
	EndsAt    time.Time          `json:"ends_at,omitzero"`
}

// HookPayload is a payload as it came in, kept before anything was made of it.
type HookPayload struct {
	ID         string    `json:"id"`
	Source     string    `json:"source"`
	Service    string    `json:"service"`
	ReceivedAt time.Time `json:"received_at"`
	DedupKey   string    `json:"dedup_key,omitempty" doc:"Of its last event; empty when it was refused."`
	Problem    string    `json:"problem,omitempty" doc:"Why it was refused; empty when it was taken."`
	Body       string    `json:"body"`
	Altered    bool      `json:"altered" doc:"Bytes that are no text are left out of the body, or a key in it is masked."`
}

// PayloadOf is a payload as it is shown.
func PayloadOf(p board.Payload) HookPayload {
	return HookPayload{
		ID: p.ID.String(), Source: p.Source, Service: p.ServiceID, ReceivedAt: p.ReceivedAt, DedupKey: p.DedupKey, Problem: p.Problem,
		Body: p.Text, Altered: p.Altered,
	}
}
