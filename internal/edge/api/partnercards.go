package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/partners"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// ListPartners narrows a list of partners.
type ListPartners struct {
	route.Page
	Query string `query:"q" maxLength:"200" doc:"Part of the id or name."`
}

func (a *API) partnerRoutes() {
	f := family[partners.Partner, partners.NewPartner]{
		kind: catalog.KindPartner, path: "/partners", tag: "partners", noun: "a partner", may: authz.ManageCatalog,
		show: func(ctx context.Context, c route.Call, i admin.Item) (partners.Partner, error) {
			cards, err := a.opt.Partners.Cards(ctx, c.Actor)
			if err != nil {
				return partners.Partner{}, err
			}
			return document(i, func(w *partners.Partner, s Stamp) {
				w.Stamp = s
				w.Show(cards[w.ID])
			})
		},
		read: func(in *partners.NewPartner, id string) (catalog.Entity, error) {
			return entity(catalog.KindPartner, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List the partners that help in an incident", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListPartners) (*route.Reply[route.List[partners.Partner]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query})
		})
	f.one(a)
	f.changes(a)
	partners.Routes(a.table, a.opt.Partners)
}
