package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/edge/api/remedy"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// ListActions narrows a list of runbook actions.
type ListActions struct {
	route.Page
	Query   string `query:"q" maxLength:"200" doc:"Part of the id, name or type."`
	Service string `query:"service" maxLength:"64" doc:"That they help."`
}

func (a *API) actionRoutes() {
	f := family[remedy.RunbookAction, remedy.NewAction]{
		kind: catalog.KindAction, path: "/actions", tag: "actions", noun: "a runbook action", may: authz.ManageCatalog,
		show: func(_ context.Context, _ route.Call, i admin.Item) (remedy.RunbookAction, error) {
			out, err := document(i, func(w *remedy.RunbookAction, s Stamp) { w.Stamp = s })
			if e, ok := i.Entity.(catalog.Action); ok {
				out = out.Filled(domain.Action(e))
			}
			return out, err
		},
		read: func(in *remedy.NewAction, id string) (catalog.Entity, error) {
			return entity(catalog.KindAction, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List runbook actions", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListActions) (*route.Reply[route.List[remedy.RunbookAction]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query, Service: in.Service})
		})
	f.one(a)
	f.changes(a)
	remedy.Routes(a.table, a.opt.Remedy)
}
