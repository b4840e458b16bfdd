package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/party"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// Person is a person of the catalogue.
type Person struct {
	ID string `json:"id"`
	party.PersonFields
	Stamp
}

// NewPerson is what a person is made or replaced with.
type NewPerson struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	party.PersonFields
}

// ListPeople narrows a list of people.
type ListPeople struct {
	route.Page
	Query string `query:"q" maxLength:"200" doc:"Part of the id, name, title or address."`
	Area  string `query:"area" maxLength:"64"`
	Team  string `query:"team" maxLength:"64" doc:"Members and lead of a team."`
	Role  string `query:"role" maxLength:"64"`
	Level int    `query:"level" minimum:"0" maximum:"3"`
}

func (a *API) peopleRoutes() {
	f := family[Person, NewPerson]{
		kind: catalog.KindPerson, path: "/people", tag: "people", noun: "a person", may: authz.EditContacts,
		show: func(_ context.Context, _ route.Call, i admin.Item) (Person, error) {
			return document(i, func(w *Person, s Stamp) { w.Stamp = s })
		},
		read: func(in *NewPerson, id string) (catalog.Entity, error) {
			return entity(catalog.KindPerson, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List people", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListPeople) (*route.Reply[route.List[Person]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query, Area: in.Area, Team: in.Team, Role: in.Role, Level: in.Level})
		})
	f.one(a)
	f.changes(a)
}
