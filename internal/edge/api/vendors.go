package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/outside"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// ListVendors narrows a list of vendors.
type ListVendors struct {
	route.Page
	Query   string `query:"q" maxLength:"200" doc:"Part of the id or name."`
	Service string `query:"service" maxLength:"64" doc:"That depends on it directly."`
}

func (a *API) vendorRoutes() {
	f := family[outside.Vendor, outside.NewVendor]{
		kind: catalog.KindVendor, path: "/vendors", tag: "vendors", noun: "a vendor", may: authz.ManageCatalog,
		show: func(ctx context.Context, c route.Call, i admin.Item) (outside.Vendor, error) {
			known, err := a.opt.ThirdParty.States(ctx, c.Actor)
			if err != nil {
				return outside.Vendor{}, err
			}
			return document(i, func(w *outside.Vendor, s Stamp) { w.Stamp, w.Status = s, outside.StatusOf(known[w.ID]) })
		},
		read: func(in *outside.NewVendor, id string) (catalog.Entity, error) {
			return entity(catalog.KindVendor, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List vendors and how they are", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListVendors) (*route.Reply[route.List[outside.Vendor]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query, Service: in.Service})
		})
	f.one(a)
	f.changes(a)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/services/map", Summary: "Show what stands on what, how it is, and who is affected", Tag: "services"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, _ *struct{}) (*route.Reply[outside.ServiceMap], error) {
			nodes, err := a.opt.ThirdParty.Map(ctx, c.Actor)
			return route.One(outside.MapOf(nodes)), err
		})
}
