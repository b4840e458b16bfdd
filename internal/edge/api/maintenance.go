package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/quiet"
	"allclear/internal/edge/api/wire"
)

type planInput struct{ Body quiet.Plan }

type changePlanInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body quiet.Plan
}

func (a *API) maintenanceRoutes() {
	tag := "maintenance"
	Register(a, Route{Method: http.MethodGet, Path: "/maintenances", Summary: "List maintenances: planned, active, and over for less than five days", Tag: tag}, Needs(authz.Read),
		func(ctx context.Context, c Call, _ *struct{}) (*Reply[List[quiet.Maintenance]], error) {
			all, err := a.opt.Intake.Maintenances(ctx, c.Actor)
			return list(wire.Each(all, quiet.Show(c.Now)), ""), err
		})
	plan := func(ctx context.Context, c Call, id string, p quiet.Plan) (*Reply[quiet.Maintenance], error) {
		m, err := a.opt.Intake.SetMaintenance(ctx, c.Actor, p.Of(id), c.Now)
		return reply(quiet.Show(c.Now)(&m)), err
	}
	Register(a, Route{Method: http.MethodPost, Path: "/maintenances", Summary: "Plan a maintenance: alerts of its services are held back meanwhile", Tag: tag}, Needs(authz.Command),
		func(ctx context.Context, c Call, in *planInput) (*Reply[quiet.Maintenance], error) {
			return plan(ctx, c, "", in.Body)
		})
	Register(a, Route{Method: http.MethodPut, Path: "/maintenances/{id}", Summary: "Change a maintenance", Tag: tag}, Needs(authz.Command),
		func(ctx context.Context, c Call, in *changePlanInput) (*Reply[quiet.Maintenance], error) {
			return plan(ctx, c, in.ID, in.Body)
		})
	Register(a, Route{Method: http.MethodDelete, Path: "/maintenances/{id}", Summary: "End a maintenance now, with all times to come", Tag: tag}, Needs(authz.Command),
		func(ctx context.Context, c Call, in *RowPath) (*struct{}, error) {
			return nil, a.opt.Intake.EndMaintenance(ctx, c.Actor, in.ID, c.Now)
		})
}
