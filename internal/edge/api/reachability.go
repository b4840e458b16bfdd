package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/duty"
	"allclear/internal/edge/api/wire"
)

func (a *API) reachRoutes() {
	Register(a, Route{Method: http.MethodGet, Path: "/reachability", Summary: "List where nobody can be reached, now and in the next 14 days", Tag: "escalation"}, Needs(authz.Read),
		func(ctx context.Context, c Call, _ *struct{}) (*Reply[List[duty.DeadEnd]], error) {
			found, err := a.opt.Lookout.Find(ctx, c.Actor, c.Now)
			if err != nil {
				return nil, err
			}
			names, err := a.names(ctx)
			return list(wire.Each(found, duty.DeadEndOf(names)), ""), err
		})
}

// shownWarnings is how many dead ends the first screen lists.
const shownWarnings = 50
