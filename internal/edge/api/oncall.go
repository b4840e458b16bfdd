package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// Duty is who is on call by one schedule.
type Duty struct {
	Schedule string        `json:"schedule"`
	Person   string        `json:"person,omitempty" doc:"Who would be paged: whoever is named, or the deputy of somebody absent; absent: nobody."`
	Name     string        `json:"name,omitempty"`
	OnCall   []string      `json:"on_call" doc:"The same as a list, as schedule resolve prints it; empty: nobody."`
	Named    []string      `json:"named" doc:"Who the schedule names, absent or not."`
	Until    time.Time     `json:"until,omitzero" doc:"When it names somebody else; absent: not in sight."`
	Next     *record.Named `json:"next,omitempty" doc:"Who is named then; absent: nobody, or not in sight."`
}

func dutyOf(d admin.Duty, n record.Names) Duty {
	out := Duty{Schedule: d.Schedule, OnCall: record.Filled(d.OnCall), Named: record.Filled(d.Named), Until: d.Until}
	if len(d.OnCall) > 0 {
		who := n.Person(d.OnCall[0])
		out.Person, out.Name = who.ID, who.Name
	}
	if len(d.Next) > 0 {
		out.Next = n.Somebody(d.Next[0])
	}
	return out
}

// names reads what people and services are called now.
func (a *API) names(ctx context.Context) (record.Names, error) {
	n, err := a.opt.Admin.Names(ctx)
	return record.NamesOf(n), err
}

type onCallInput struct {
	route.Whole
	At time.Time `query:"at" doc:"When; now if absent."`
}

func (a *API) onCallRoutes() {
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/oncall", Summary: "Say who is on call", Tag: "schedules", Detail: "One entry for each schedule, in order of id."},
		route.Needs(authz.Read), func(ctx context.Context, c route.Call, in *onCallInput) (*route.Reply[route.List[Duty]], error) {
			at := in.At
			if at.IsZero() {
				at = c.Now
			}
			found, err := a.opt.Admin.OnCall(ctx, c.Actor, at)
			if err != nil {
				return nil, err
			}
			names, err := a.names(ctx)
			if err != nil {
				return nil, err
			}
			return route.Of(in.Whole, found, func(d admin.Duty) Duty { return dutyOf(d, names) }, func(d Duty) string { return d.Schedule })
		})
}
