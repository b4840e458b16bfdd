package api

import (
	"context"
	"net/http"

	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
)

// ListAlerts narrows a list of alerts.
type ListAlerts struct {
	route.Page
	Status   string `query:"status" enum:"triggered,acknowledged,resolved,suppressed"`
	Service  string `query:"service" maxLength:"64"`
	Incident string `query:"incident" maxLength:"40" doc:"INC-42 or 42."`
}

// RowPath names a row by its id.
type RowPath struct {
	ID string `path:"id" maxLength:"40"`
}

func (a *API) alertRoutes() {
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/alerts", Summary: "List alerts, newest first", Tag: "alerts"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListAlerts) (*route.Reply[route.List[record.Alert]], error) {
			n, err := numberIn(in.Incident)
			if err != nil {
				return nil, err
			}
			return a.alerts(ctx, c, in.Page, board.AlertFilter{Status: in.Status, Service: in.Service, Incident: n})
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/alerts", Summary: "List its alerts, newest first", Tag: "incidents"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[record.Alert]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			return a.alerts(ctx, c, in.Page, board.AlertFilter{Incident: n})
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/alerts/{id}", Summary: "Show an alert", Tag: "alerts"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *RowPath) (*route.Tagged[record.Alert], error) {
			id, err := route.ParseID("alert", in.ID)
			if err != nil {
				return nil, err
			}
			return a.showAlert(ctx, c, id)
		})
	for _, r := range []struct {
		action  alert.Action
		summary string
	}{{alert.Acknowledge, "Acknowledge an alert, and its incident with it"}, {alert.Resolve, "Say that an alert is over"}} {
		route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/alerts/{id}/" + string(r.action), Summary: r.summary, Tag: "alerts"}, route.Needs(authz.Respond),
			func(ctx context.Context, c route.Call, in *rowInput) (*route.Tagged[record.Alert], error) {
				id, err := route.ParseID("alert", in.ID)
				if err != nil {
					return nil, err
				}
				if err := a.opt.Intake.Act(ctx, c.Actor, id, r.action, c.Now); err != nil {
					return nil, err
				}
				return a.showAlert(ctx, c, id)
			})
	}
}

func (a *API) showAlert(ctx context.Context, c route.Call, id ident.ID) (*route.Tagged[record.Alert], error) {
	p, err := a.opt.Board.Alert(ctx, c.Actor, id)
	if err != nil {
		return nil, err
	}
	out := record.AlertOf(p.Items[0], p)
	out.Why = record.Why(p.Items[0])
	return route.Tag(out), nil
}

func (a *API) alerts(ctx context.Context, c route.Call, p route.Page, f board.AlertFilter) (*route.Reply[route.List[record.Alert]], error) {
	f.Limit = p.Limit + 1
	if _, err := route.FromCursor(p.Cursor, &f.Before); err != nil {
		return nil, err
	}
	found, err := a.opt.Board.Alerts(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	items, next := route.Cut(found.Items, p.Limit, func(v *alert.Alert) any { return v.ID })
	return route.Items(wire.Each(items, func(v *alert.Alert) record.Alert { return record.AlertOf(v, found) }), next), nil
}
