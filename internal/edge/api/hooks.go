package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/inbound"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	"allclear/internal/flow/sources"
)

type tryInput struct {
	Source string `path:"source" maxLength:"40"`
	Body   inbound.PayloadTrial
}

// ListPayloads narrows a list of payloads.
type ListPayloads struct {
	route.Page
	Source  string `query:"source" maxLength:"40" doc:"Only those of a source, such as generic."`
	Service string `query:"service" maxLength:"64"`
	Refused bool   `query:"refused" doc:"Only those nothing could be made of."`
}

func (a *API) hookRoutes() {
	tag := "integration keys"
	route.Register(a.table, route.Route{
		Method: http.MethodGet, Path: "/sources", Summary: "List the sources that events can come from", Tag: tag,
		Detail: "Each with the steps that set it up at the sender, a sample, and how it fares by all keys together.",
	}, route.Needs(authz.ManageAccess), a.listSources)
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/sources/{source}/test", Summary: "Try a payload on a source", Tag: tag, Body: 4 << 20, // a text of 512 KiB can take four times that in JSON
		Detail: "Shows what the intake would take. Nothing is stored and nobody is paged. A source that judges by its sender's signature cannot be tried.",
	}, route.Needs(authz.ManageAccess), a.trySource)
	route.Register(a.table, route.Route{
		Method: http.MethodGet, Path: "/hooks/payloads", Summary: "List payloads as they came in, newest first", Tag: tag,
		Detail: "For setting up a source, and for trying a mapping on what it really sends. A page ends early when its bodies are long or the look back was far; next_cursor goes on from there.",
	}, route.Needs(authz.ManageAccess), a.listPayloads)
}

func (a *API) listSources(ctx context.Context, c route.Call, in *route.Whole) (*route.Reply[route.List[inbound.Source]], error) {
	found, err := a.opt.Sources.List(ctx, c.Actor, c.Now)
	if err != nil {
		return nil, err
	}
	return route.Of(*in, found, inbound.SourceOf, func(s inbound.Source) string { return s.Name })
}

func (a *API) trySource(_ context.Context, c route.Call, in *tryInput) (*route.Reply[inbound.TriedPayload], error) {
	got, err := a.opt.Sources.Try(c.Actor, in.Source, sources.Trial{Payload: []byte(in.Body.Payload), Mapping: in.Body.Mapping}, c.Now)
	if err != nil {
		return nil, err
	}
	return route.One(inbound.TriedOf(got)), nil
}

func (a *API) listPayloads(ctx context.Context, c route.Call, in *ListPayloads) (*route.Reply[route.List[inbound.HookPayload]], error) {
	f := board.PayloadFilter{Source: in.Source, Service: in.Service, Refused: in.Refused, Limit: in.Limit}
	if _, err := route.FromCursor(in.Cursor, &f.Before); err != nil {
		return nil, err
	}
	found, next, err := a.opt.Board.Payloads(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	cursor := ""
	if next != 0 {
		cursor = route.ToCursor(next)
	}
	return route.Items(wire.Each(found, inbound.PayloadOf), cursor), nil
}
