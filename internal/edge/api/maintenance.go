package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/quiet"
	"allclear/internal/edge/api/route"
)

type planInput struct{ Body quiet.Plan }

type changePlanInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body quiet.Plan
}

func (a *API) maintenanceRoutes() {
	tag := "maintenance"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/maintenances", Summary: "List maintenances: planned, active, and over for less than five days", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Whole) (*route.Reply[route.List[quiet.Maintenance]], error) {
			all, err := a.opt.Intake.Maintenances(ctx, c.Actor)
			if err != nil {
				return nil, err
			}
			return route.Of(*in, all, quiet.Show(c.Now), func(m quiet.Maintenance) string { return m.ID })
		})
	plan := func(ctx context.Context, c route.Call, id string, p quiet.Plan) (*route.Reply[quiet.Maintenance], error) {
		m, err := a.opt.Intake.SetMaintenance(ctx, c.Actor, p.Of(id), c.Now)
		return route.One(quiet.Show(c.Now)(&m)), err
	}
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/maintenances", Summary: "Plan a maintenance: alerts of its services are held back meanwhile", Tag: tag}, route.Needs(authz.Command),
		func(ctx context.Context, c route.Call, in *planInput) (*route.Reply[quiet.Maintenance], error) {
			return plan(ctx, c, "", in.Body)
		})
	route.Register(a.table, route.Route{Method: http.MethodPut, Path: "/maintenances/{id}", Summary: "Change a maintenance", Tag: tag}, route.Needs(authz.Command),
		func(ctx context.Context, c route.Call, in *changePlanInput) (*route.Reply[quiet.Maintenance], error) {
			return plan(ctx, c, in.ID, in.Body)
		})
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/maintenances/{id}", Summary: "End a maintenance now, with all times to come", Tag: tag}, route.Needs(authz.Command),
		func(ctx context.Context, c route.Call, in *RowPath) (*struct{}, error) {
			return nil, a.opt.Intake.EndMaintenance(ctx, c.Actor, in.ID, c.Now)
		})
}
