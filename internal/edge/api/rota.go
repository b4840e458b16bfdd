package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/oncall"
	"allclear/internal/edge/api/duty"
	"allclear/internal/edge/api/route"
)

// asked adapts a handler that needs no more of a call than who asks and when.
func asked[I, O any](h func(context.Context, authz.Actor, time.Time, *I) (*O, error)) func(context.Context, route.Call, *I) (*O, error) {
	return func(ctx context.Context, c route.Call, in *I) (*O, error) { return h(ctx, c.Actor, c.Now, in) }
}

func (a *API) rotaRoutes() {
	const tag = "schedules"
	d := &duty.Desk{Rota: a.opt.Rota, Names: func(ctx context.Context) (func(string) string, error) {
		n, err := a.opt.Admin.Names(ctx)
		return n.Person, err
	}}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/schedules/{id}/shifts", Summary: "Lay out a schedule: the final line, its layers, gaps and overrides", Tag: tag}, route.Needs(authz.Read), asked(d.Lines))
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/me/shifts", Summary: "List the caller's turns by any schedule", Tag: tag}, route.Needs(authz.Read), asked(d.MyShifts))
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/oncall/requests", Summary: "List requests to change who is on call", Tag: tag}, route.Needs(authz.Read), asked(d.Requests))
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/oncall/requests", Summary: "Ask for cover, offer it, swap turns, or take over now", Tag: tag, Status: http.StatusCreated,
		Detail: "Managers, leads and administrators can speak for others. What cannot be is refused with the reason.",
	}, route.Needs(authz.Cover), asked(d.Ask))
	for _, end := range []struct {
		verb, does string
		to         oncall.RequestState
	}{{"accept", "Accept", oncall.RequestAccepted}, {"decline", "Decline", oncall.RequestDeclined}, {"withdraw", "Withdraw", oncall.RequestWithdrawn}} {
		route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/oncall/requests/{id}/" + end.verb, Summary: end.does + " a request", Tag: tag}, route.Needs(authz.Cover), asked(d.Answer(end.to)))
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/oncall/forecast", Summary: "List gaps and other weaknesses of the next 14 days", Tag: tag}, route.Needs(authz.Read), asked(d.Forecast))
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/oncall/load", Summary: "Report how being on call was shared out", Tag: tag}, route.Needs(authz.Read), asked(d.Load))
	route.Raw(a.table, route.Route{Method: http.MethodGet, Path: "/oncall/load.csv", Summary: "The same as a table, for from and until in the query", Tag: tag}, route.Needs(authz.Read), "text/csv", func(c route.Call, w http.ResponseWriter, r *http.Request) {
		table, err := d.LoadTable(r.Context(), c.Actor, c.Now, r.URL.Query().Get("from"), r.URL.Query().Get("until"))
		if err != nil {
			a.table.Refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="on-call-load.csv"`)
		_, _ = w.Write(table)
	})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/calendars", Summary: "List the caller's calendar addresses", Tag: tag}, route.Needs(authz.Read), asked(d.Feeds))
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/calendars", Summary: "Make a secret calendar address of a person or schedule", Tag: tag, Status: http.StatusCreated, Secret: true,
		Detail: "Making another of the same subject ends the one before.",
	}, route.Needs(authz.Read), asked(d.NewFeed))
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/calendars/{id}", Summary: "End a calendar address", Tag: tag}, route.Needs(authz.Read), asked(d.EndFeed))
}
