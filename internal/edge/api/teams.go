package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// TeamFields are what is known of a team.
type TeamFields struct {
	Name         string   `json:"name" maxLength:"500"`
	Description  string   `json:"description,omitempty" maxLength:"8000"`
	Area         string   `json:"area,omitempty" maxLength:"64"`
	Lead         string   `json:"lead,omitempty" maxLength:"64" doc:"Person."`
	Members      []string `json:"members,omitempty" maxItems:"200" doc:"People; those whose own teams name this one belong to it too."`
	Availability string   `json:"availability,omitempty" enum:"always,business_hours,on_call" doc:"When it can be reached; absent: always."`
	Otherwise    string   `json:"otherwise,omitempty" maxLength:"200" doc:"Told instead outside business hours, such as role:vp-customer-success."`
}

// Team is a team of the catalogue.
type Team struct {
	ID string `json:"id"`
	TeamFields
	Stamp
}

// NewTeam is what a team is made or replaced with.
type NewTeam struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	TeamFields
}

// ListTeams narrows a list of teams.
type ListTeams struct {
	route.Page
	Query string `query:"q" maxLength:"200" doc:"Part of the id, name or description."`
	Area  string `query:"area" maxLength:"64"`
}

func (a *API) teamRoutes() {
	f := family[Team, NewTeam]{
		kind: catalog.KindTeam, path: "/teams", tag: "teams", noun: "a team", may: authz.ManageCatalog,
		show: func(_ context.Context, _ route.Call, i admin.Item) (Team, error) {
			return document(i, func(w *Team, s Stamp) { w.Stamp = s })
		},
		read: func(in *NewTeam, id string) (catalog.Entity, error) {
			return entity(catalog.KindTeam, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List teams", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListTeams) (*route.Reply[route.List[Team]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query, Area: in.Area})
		})
	f.one(a)
	f.changes(a)
}
