package api

import (
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/live"
	"allclear/internal/edge/api/route"
)

func (a *API) streamRoutes() {
	route.Raw(a.table, route.Route{
		Method: http.MethodGet, Path: "/stream", Summary: "Follow what changes, as server-sent events", Tag: "now",
		Detail: `Each "change" event has data {"id", "kind", "incident"}: read again what it names. Last-Event-ID or ?after= goes on after an entry; ?after=0 begins with the first. A comment is sent at least every 15 seconds.`,
	}, route.Needs(authz.Read), "text/event-stream", a.stream)
}

func (a *API) stream(c route.Call, w http.ResponseWriter, r *http.Request) {
	s := live.Stream{Board: a.opt.Board, Changes: a.opt.Changes, Identify: func(r *http.Request) (authz.Actor, error) {
		who, err := a.opt.Authn.Identify(r, a.opt.Now().UTC())
		return who.Actor, err
	}}
	if err := s.Serve(w, r, c.Actor); err != nil {
		a.table.Refuse(w, r, err)
	}
}
