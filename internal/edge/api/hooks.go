package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/access"
	"allclear/internal/flow/board"
	"allclear/internal/plug"
)

// MappingTest is a mapping and a payload to read by it.
type MappingTest struct {
	Mapping string `json:"mapping,omitempty" maxLength:"16384" doc:"A JSON object of expressions by field; empty for the common names alone."`
	Body    string `json:"body" maxLength:"524288" doc:"The payload as a source would send it: JSON or a form."`
}

// MappingTrial is what a mapping makes of a payload.
type MappingTrial struct {
	Signals []MappedSignal `json:"signals"`
	Skipped int            `json:"skipped" doc:"Items the mapping's when left out."`
	Notes   []MappingNote  `json:"notes" doc:"Fields that came out empty or unusable, and what stands instead."`
}

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

// MappingNote points at one thing a trial found.
type MappingNote struct {
	Where string `json:"where,omitempty"`
	What  string `json:"what"`
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

type mappingTestInput struct{ Body MappingTest }

// ListPayloads narrows a list of payloads.
type ListPayloads struct {
	Page
	Source  string `query:"source" maxLength:"40" doc:"Only those of a source, such as generic."`
	Service string `query:"service" maxLength:"64"`
	Refused bool   `query:"refused" doc:"Only those nothing could be made of."`
}

func (a *API) hookRoutes() {
	tag := "integration keys"
	Register(a, Route{
		Method: http.MethodPost, Path: "/hooks/generic/test", Summary: "Try a mapping on a payload", Tag: tag, Body: 4 << 20, // a text of 512 KiB can take four times that in JSON
		Detail: "Shows the events the intake would take. Nothing is stored and nobody is paged.",
	}, Needs(authz.ManageAccess), a.testMapping)
	Register(a, Route{
		Method: http.MethodGet, Path: "/hooks/payloads", Summary: "List payloads as they came in, newest first", Tag: tag,
		Detail: "For setting up a source, and for trying a mapping on what it really sends. A page ends early when its bodies are long or the look back was far; next_cursor goes on from there.",
	}, Needs(authz.ManageAccess), a.listPayloads)
}

func (a *API) testMapping(_ context.Context, c Call, in *mappingTestInput) (*Reply[MappingTrial], error) {
	got, err := a.opt.Access.TestMapping(c.Who, access.Trial{Mapping: in.Body.Mapping, Payload: []byte(in.Body.Body)})
	if err != nil {
		return nil, err
	}
	return reply(trialOf(got)), nil
}

func trialOf(t plug.Trial) MappingTrial {
	return MappingTrial{
		Signals: wire.Each(t.Signals, func(s alert.Signal) MappedSignal { return MappedSignal(s) }), Skipped: t.Skipped,
		Notes: wire.Each(t.Notes, func(d fault.Detail) MappingNote { return MappingNote(d) }),
	}
}

func (a *API) listPayloads(ctx context.Context, c Call, in *ListPayloads) (*Reply[List[HookPayload]], error) {
	f := board.PayloadFilter{Source: in.Source, Service: in.Service, Refused: in.Refused, Limit: in.Limit}
	if _, err := fromCursor(in.Cursor, &f.Before); err != nil {
		return nil, err
	}
	found, next, err := a.opt.Board.Payloads(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	cursor := ""
	if next != 0 {
		cursor = toCursor(next)
	}
	return list(wire.Each(found, payloadOf), cursor), nil
}

func payloadOf(p board.Payload) HookPayload {
	return HookPayload{
		ID: p.ID.String(), Source: p.Source, Service: p.ServiceID, ReceivedAt: p.ReceivedAt, DedupKey: p.DedupKey, Problem: p.Problem,
		Body: p.Text, Altered: p.Altered,
	}
}
