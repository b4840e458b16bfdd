package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/flow/admin"
)

// Duty is who is on call by one schedule.
type Duty struct {
	Schedule string    `json:"schedule"`
	OnCall   []string  `json:"on_call" doc:"Who would be paged: whoever is named, or the deputy of somebody absent; empty: nobody."`
	Named    []string  `json:"named" doc:"Who the schedule names."`
	Until    time.Time `json:"until,omitzero" doc:"When it names somebody else; absent: not in sight."`
	Next     []string  `json:"next" doc:"Who is named then."`
}

type onCallInput struct {
	Limit int       `query:"limit" minimum:"1" maximum:"500" default:"500" doc:"All of them come on one page."`
	At    time.Time `query:"at" doc:"When; now if absent."`
}

func (a *API) onCallRoutes() {
	Register(a, Route{Method: http.MethodGet, Path: "/oncall", Summary: "Say who is on call", Tag: "schedules", Detail: "One entry for each schedule, in order of id."},
		Needs(authz.Read), func(ctx context.Context, c Call, in *onCallInput) (*Reply[List[Duty]], error) {
			at := in.At
			if at.IsZero() {
				at = c.Now
			}
			found, err := a.opt.Admin.OnCall(ctx, c.Actor, at)
			if err != nil {
				return nil, err
			}
			return list(each(found[:min(len(found), in.Limit)], func(d admin.Duty) Duty {
				return Duty{Schedule: d.Schedule, OnCall: d.OnCall, Named: d.Named, Until: d.Until, Next: d.Next}
			}), ""), nil
		})
}
