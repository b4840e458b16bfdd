package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// ComponentFields are what the status page says of a part of the product.
type ComponentFields struct {
	Name               string `json:"name" maxLength:"500" doc:"What the public reads."`
	Description        string `json:"description,omitempty" maxLength:"8000"`
	Group              string `json:"group,omitempty" maxLength:"64" doc:"The component it stands below, which is a group thereby."`
	Position           int    `json:"position,omitempty" minimum:"0" maximum:"10000" doc:"1 is first. Without one it stands after the others, by restoration."`
	Showcase           *bool  `json:"showcase,omitempty" doc:"Whether its days of uptime are drawn. Absent is true."`
	OnlyShowIfDegraded bool   `json:"only_show_if_degraded,omitempty"`
	Hidden             bool   `json:"hidden,omitempty" doc:"Neither it nor what stands below it is public."`
}

// Component is a part of the product as the status page shows it.
type Component struct {
	ID string `json:"id"`
	ComponentFields
	Stamp
}

// NewComponent is what a component is made or replaced with.
type NewComponent struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none. A service names it in its field component."`
	ComponentFields
}

// ListComponents narrows a list of components.
type ListComponents struct {
	route.Page
	Query string `query:"q" maxLength:"200" doc:"Part of the id, name or description."`
}

func (a *API) componentRoutes() {
	f := family[Component, NewComponent]{
		kind: catalog.KindComponent, path: "/components", tag: "status page", noun: "a component of the status page", may: authz.ManageCatalog,
		show: func(_ context.Context, _ route.Call, i admin.Item) (Component, error) {
			return document(i, func(w *Component, s Stamp) {
				w.Stamp = s
				if w.Showcase == nil {
					shown := true
					w.Showcase = &shown
				}
			})
		},
		read: func(in *NewComponent, id string) (catalog.Entity, error) {
			return entity(catalog.KindComponent, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List components of the status page", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListComponents) (*route.Reply[route.List[Component]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query})
		})
	f.one(a)
	f.changes(a)
}
