package api

import (
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/support"
)

func (a *API) ticketRoutes() {
	const tag = "tickets"
	d := &support.Desk{Tickets: a.opt.Tickets}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/tickets", Summary: "List customers' tickets, newest first", Tag: tag}, route.Needs(authz.Read), asked(d.List))
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/tickets/{id}", Summary: "Show a ticket, and why it is taken for what it is", Tag: tag}, route.Needs(authz.Read), asked(d.Show))
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/tickets/{id}/escalate", Summary: "Have a ticket page", Tag: tag}, route.Needs(authz.Escalate), asked(d.Escalate))
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/tickets/{id}/dismiss", Summary: "Take a ticket from its queue; it comes back when it gets worse", Tag: tag}, route.Needs(authz.Respond), asked(d.Dismiss))
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/tickets/reply", Summary: "Answer all of its tickets together", Tag: tag}, route.Needs(authz.Communicate), asked(d.Reply))
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/customers/{id}/escalate", Summary: "Escalate for a customer", Tag: "customers",
		Detail: "At once pages who is on call and the account manager on call, and tells the head of customer success.",
	}, route.Needs(authz.Escalate), asked(d.EscalateCustomer))
}
