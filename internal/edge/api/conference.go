package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// ConferenceFields are what is known of a conference room.
type ConferenceFields struct {
	Name     string `json:"name" maxLength:"500"`
	Site     string `json:"site,omitempty" maxLength:"500"`
	Capacity int    `json:"capacity,omitempty" minimum:"0" maximum:"10000" doc:"People."`
	Bridge   string `json:"bridge,omitempty" maxLength:"20" doc:"E.164 number of its telephone conference." example:"+15550100001"`
	PIN      string `json:"pin,omitempty" maxLength:"12" doc:"Digits to type there."`
	Email    string `json:"email,omitempty" maxLength:"254" doc:"Its mailbox, which calendar invitations go to."`
}

// ConferenceRoom is a room in which people of an incident can meet.
type ConferenceRoom struct {
	ID string `json:"id"`
	ConferenceFields
	Stamp
}

// NewConferenceRoom is what a conference room is made or replaced with.
type NewConferenceRoom struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	ConferenceFields
}

// ListConferences narrows a list of conference rooms.
type ListConferences struct {
	route.Page
	Query string `query:"q" maxLength:"200" doc:"Part of the id or name."`
}

func (a *API) conferenceRoutes() {
	f := family[ConferenceRoom, NewConferenceRoom]{
		kind: catalog.KindRoom, path: "/rooms", tag: "war room", noun: "a conference room", may: authz.ManageCatalog,
		show: func(_ context.Context, _ route.Call, i admin.Item) (ConferenceRoom, error) {
			return document(i, func(w *ConferenceRoom, s Stamp) { w.Stamp = s })
		},
		read: func(in *NewConferenceRoom, id string) (catalog.Entity, error) {
			return entity(catalog.KindRoom, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List conference rooms", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListConferences) (*route.Reply[route.List[ConferenceRoom]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query})
		})
	f.one(a)
	f.changes(a)
}
