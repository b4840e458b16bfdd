package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
)

// What hangs on an incident or passes through the outbox, to be read.

// ListDeliveries narrows the outbox.
type ListDeliveries struct {
	route.Page
	Kind     string `query:"kind" enum:"page,notice,message,mirror,ticket,end,duty,dead_end,ticket_notice,probe,early_warning,health_check,invite,review,case,engagement,credit"`
	State    string `query:"state" enum:"queued,attempting,sent,failed,cancelled"`
	Channel  string `query:"channel" maxLength:"64"`
	Incident string `query:"incident" maxLength:"40" doc:"INC-42 or 42."`
}

// SeverityPreview is what a change of severity would mean.
type SeverityPreview struct {
	Duration      int64          `json:"duration_seconds" doc:"Since detection."`
	DowntimeMonth int64          `json:"downtime_month_seconds" doc:"Of the service this month."`
	Clocks        []PreviewClock `json:"clocks"`
}

// PreviewClock is a clock that would start.
type PreviewClock struct {
	Clock string    `json:"clock"`
	DueAt time.Time `json:"due_at"`
}

type previewInput struct {
	route.IncidentPath
	To string `query:"to" required:"true" enum:"P1,P2,P3,P4"`
}

// below adds a route for a list of what an incident has. The flow reads all of
// it; after is the id up to which the caller has it.
func below[T, W any](a *API, name, summary, tag string, read func(context.Context, route.Call, int64) (board.Page[T], error), show func(route.Call, board.Page[T]) func(T) W, id func(W) string) {
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/" + name, Summary: summary, Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[W]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			p, err := read(ctx, c, n)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(p.Items, show(c, p)), in.Page, id)
		})
}

func (a *API) recordRoutes() {
	b, tag := a.opt.Board, "incidents"
	below(a, "deadlines", "List its clocks", tag,
		func(ctx context.Context, c route.Call, n int64) (board.Page[*board.Clock], error) {
			return b.Deadlines(ctx, c.Actor, n)
		},
		func(route.Call, board.Page[*board.Clock]) func(*board.Clock) record.Deadline {
			return record.DeadlineOf
		},
		func(d record.Deadline) string { return d.ID })
	below(a, "pages", "List who was paged, with each send", tag,
		func(ctx context.Context, c route.Call, n int64) (board.Page[board.Trail], error) {
			return b.Pages(ctx, c.Actor, n)
		},
		func(c route.Call, p board.Page[board.Trail]) func(board.Trail) record.PageCall {
			return func(t board.Trail) record.PageCall { return record.PageOf(t, p.Names, record.InFull(c.Actor)) }
		},
		func(p record.PageCall) string { return p.ID })
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/timeline", Summary: "List what happened, oldest first", Tag: tag}, route.Needs(authz.Read), a.timeline)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/responders", Summary: "List who works on it", Tag: tag}, route.Needs(authz.Read), a.responders)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/severity-preview", Summary: "Say what a change of severity would mean", Tag: tag}, route.Needs(authz.Read), a.preview)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/deliveries", Summary: "List the outbox, newest first", Tag: "deliveries", Detail: "Whole addresses and texts are for those who may read the audit log."}, route.Needs(authz.Read), a.deliveries)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/deliveries/{id}", Summary: "Show a delivery", Tag: "deliveries"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *RowPath) (*route.Reply[record.Delivery], error) {
			id, err := route.ParseID("delivery", in.ID)
			if err != nil {
				return nil, err
			}
			p, err := a.opt.Board.Delivery(ctx, c.Actor, id)
			if err != nil {
				return nil, err
			}
			return route.One(record.DeliveryOf(p.Items[0], p.Numbers.Ref(p.Items[0].IncidentID), record.InFull(c.Actor))), nil
		})
	a.alertRoutes()
	a.taskRoutes()
}

func (a *API) timeline(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[record.TimelineEntry]], error) {
	n, err := in.Number()
	if err != nil {
		return nil, err
	}
	var after ident.ID
	if _, err := route.FromCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	p, err := a.opt.Board.Timeline(ctx, c.Actor, n, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items, next := route.Cut(p.Items, in.Limit, func(e event.Event) any { return e.ID })
	return route.Items(wire.Each(items, func(e event.Event) record.TimelineEntry { return record.EntryOf(e, p.Names) }), next), nil
}

func (a *API) responders(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[record.Responder]], error) {
	n, err := in.Number()
	if err != nil {
		return nil, err
	}
	p, err := a.opt.Board.Responders(ctx, c.Actor, n)
	if err != nil {
		return nil, err
	}
	return route.Slice(wire.Each(p.Items, record.ResponderOf(p.Names)), in.Page, func(r record.Responder) string { return r.Person })
}

func (a *API) preview(ctx context.Context, c route.Call, in *previewInput) (*route.Reply[SeverityPreview], error) {
	n, err := in.Number()
	if err != nil {
		return nil, err
	}
	to, err := procedure.ParseSeverity(in.To)
	if err != nil {
		return nil, err
	}
	p, err := a.opt.Command.Preview(ctx, c.Actor, n, to, c.Now)
	if err != nil {
		return nil, err
	}
	out := SeverityPreview{Duration: int64(p.Duration / time.Second), DowntimeMonth: int64(p.DowntimeMonth / time.Second), Clocks: []PreviewClock{}}
	for _, k := range p.Clocks {
		out.Clocks = append(out.Clocks, PreviewClock{Clock: k.Clock, DueAt: k.DueAt})
	}
	return route.One(out), nil
}

func (a *API) deliveries(ctx context.Context, c route.Call, in *ListDeliveries) (*route.Reply[route.List[record.Delivery]], error) {
	f := board.Sends{Kind: in.Kind, State: in.State, Channel: in.Channel, Limit: in.Limit + 1}
	var err error
	if f.Incident, err = numberIn(in.Incident); err != nil {
		return nil, err
	}
	if _, err := route.FromCursor(in.Cursor, &f.Before); err != nil {
		return nil, err
	}
	p, err := a.opt.Board.Deliveries(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	items, next := route.Cut(p.Items, in.Limit, func(d *message.Delivery) any { return d.ID })
	return route.Items(wire.Each(items, func(d *message.Delivery) record.Delivery {
		return record.DeliveryOf(d, p.Numbers.Ref(d.IncidentID), record.InFull(c.Actor))
	}), next), nil
}

// numberIn reads an incident's number in a filter; empty is 0, for all.
func numberIn(ref string) (int64, error) {
	if ref == "" {
		return 0, nil
	}
	return route.IncidentPath{Ref: ref}.Number()
}
