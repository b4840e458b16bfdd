package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/inbound"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/access"
	"allclear/internal/flow/board"
)

type mappingTestInput struct{ Body inbound.MappingTest }

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

func (a *API) testMapping(_ context.Context, c Call, in *mappingTestInput) (*Reply[inbound.MappingTrial], error) {
	got, err := a.opt.Access.TestMapping(c.Who, access.Trial{Mapping: in.Body.Mapping, Payload: []byte(in.Body.Body)})
	if err != nil {
		return nil, err
	}
	return reply(inbound.TrialOf(got)), nil
}

func (a *API) listPayloads(ctx context.Context, c Call, in *ListPayloads) (*Reply[List[inbound.HookPayload]], error) {
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
	return list(wire.Each(found, inbound.PayloadOf), cursor), nil
}
