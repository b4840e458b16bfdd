package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/declared"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

type applyInput struct{ Body declared.ApplyFiles }

func (a *API) applyRoutes() {
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/apply", Summary: "Make the catalogue say what declarative files say", Tag: "catalogue", Body: admin.MaxBytes * 2,
		Detail: "All of it or, on any error, nothing. An entity is replaced as a whole, but contacts and absences of a person and overrides of a schedule stay when the file has no such key. Errors are located as file:line:column.",
	}, route.Needs(authz.ManageCatalog), a.apply)
}

func (a *API) apply(ctx context.Context, c route.Call, in *applyInput) (*route.Reply[declared.ApplyPlan], error) {
	plan, err := a.opt.Admin.Apply(ctx, c.Actor, in.Body.Of(), admin.Options{DryRun: in.Body.DryRun, Prune: in.Body.Prune}, c.Now)
	if err != nil {
		return nil, err
	}
	return route.One(declared.PlanOf(plan)), nil
}
