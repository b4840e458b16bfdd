package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/checks"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// Check is a synthetic check, and how it stands.
type Check struct {
	ID string `json:"id"`
	checks.Fields
	checks.Stand
	Stamp
}

// ListChecks narrows a list of checks.
type ListChecks struct {
	route.Page
	Query   string `query:"q" maxLength:"200" doc:"Part of the id, name or target."`
	Service string `query:"service" maxLength:"64"`
}

func (a *API) checkRoutes() {
	f := family[Check, checks.NewCheck]{
		kind: catalog.KindCheck, path: "/checks", tag: "checks", noun: "a synthetic check", may: authz.ManageCatalog, show: a.showCheck(false),
		read: func(in *checks.NewCheck, id string) (catalog.Entity, error) {
			return entity(catalog.KindCheck, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List synthetic checks and how they stand", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListChecks) (*route.Reply[route.List[Check]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query, Service: in.Service})
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: f.path + "/results", Summary: "Report what a place has found", Tag: f.tag, Status: http.StatusNoContent, Detail: "Results that are no use are refused with their place; the others are kept."}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *struct{ Body checks.Report }) (*struct{}, error) {
			return nil, a.opt.Checks.Report(ctx, c.Actor, in.Body.Probe, in.Body.Of(), c.Now)
		})
	f.changes(a)
	f.show = a.showCheck(true)
	f.one(a)
}

func (a *API) showCheck(times bool) func(context.Context, route.Call, admin.Item) (Check, error) {
	return func(ctx context.Context, c route.Call, i admin.Item) (Check, error) {
		out, err := document(i, func(w *Check, s Stamp) { w.Stamp = s })
		if err != nil {
			return out, err
		}
		h, err := a.opt.Checks.Health(ctx, c.Actor, out.ID, times, c.Now)
		out.Stand = checks.StandOf(out.Paused, h)
		return out, err
	}
}
