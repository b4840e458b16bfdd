package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/reach"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
)

// DeadEnd is a stretch of time in which a place leads to nobody.
type DeadEnd struct {
	Where  string         `json:"where" example:"schedule:primary" doc:"schedule:ID, chain/step N, policy:ID/step N, service:ID/P1 (no step at all reaches anybody), or fallback."`
	What   string         `json:"what" enum:"nobody,unreachable,away,same_person" doc:"Nobody is behind it; no contact on a channel with a provider; absent without a deputy; primary and secondary in one."`
	Target string         `json:"target,omitempty"`
	People []record.Named `json:"people"`
	From   time.Time      `json:"from"`
	Until  time.Time      `json:"until" doc:"Fourteen days from now: it goes on for longer than is looked."`
}

func (a *API) reachRoutes() {
	Register(a, Route{Method: http.MethodGet, Path: "/reachability", Summary: "List where nobody can be reached, now and in the next 14 days", Tag: "escalation"}, Needs(authz.Read),
		func(ctx context.Context, c Call, _ *struct{}) (*Reply[List[DeadEnd]], error) {
			found, err := a.opt.Lookout.Find(ctx, c.Actor, c.Now)
			if err != nil {
				return nil, err
			}
			names, err := a.names(ctx)
			return list(wire.Each(found, deadEndOf(names)), ""), err
		})
}

func deadEndOf(n record.Names) func(reach.Finding) DeadEnd {
	return func(f reach.Finding) DeadEnd {
		return DeadEnd{Where: f.Where, What: f.What, Target: f.Target, People: wire.Each(f.People, n.Person), From: f.From, Until: f.Until}
	}
}

// shownWarnings is how many dead ends the first screen lists.
const shownWarnings = 50
