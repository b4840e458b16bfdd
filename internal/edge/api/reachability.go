package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/duty"
	"allclear/internal/edge/api/route"
)

func (a *API) reachRoutes() {
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/reachability", Summary: "List where nobody can be reached, now and in the next 14 days", Tag: "escalation"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Whole) (*route.Reply[route.List[duty.DeadEnd]], error) {
			found, err := a.opt.Lookout.Find(ctx, c.Actor, c.Now)
			if err != nil {
				return nil, err
			}
			names, err := a.names(ctx)
			if err != nil {
				return nil, err
			}
			return route.Of(*in, found, duty.DeadEndOf(names), duty.DeadEnd.Key)
		})
}

// shownWarnings is how many dead ends the first screen lists.
const shownWarnings = 50
