package api

import (
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/away"
	"allclear/internal/edge/api/route"
)

func (a *API) absenceRoutes() {
	const tag = "absences"
	own, d := route.Needs(authz.EditContacts), &away.Desk{Absences: a.opt.Absences}
	route.Register(a.table, route.Route{
		Method: http.MethodGet, Path: "/people/{id}/absences", Summary: "Show when a person is away, and the calendars that say it", Tag: tag,
		Detail: "For the person, whoever answers for them (manager, lead of a team) and administrators; so are the others here.",
	}, own, asked(d.Sheet))
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/people/{id}/absences", Summary: "Write down an absence", Tag: tag, Status: http.StatusNoContent}, own, asked(d.Write))
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/people/{id}/absences", Summary: "Take back an absence that was written by hand", Tag: tag}, own, asked(d.Erase))
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/people/{id}/absence-calendars", Summary: "Add a calendar that says when a person is away, by address or as a file", Tag: tag, Status: http.StatusCreated, Body: away.MaxBody,
		Detail: "An address is a secret: it is sealed and never shown again. It is read at once and every 15 minutes; what it says replaces what it said before.",
	}, own, asked(d.Add))
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/people/{id}/absence-calendars/{calendar}", Summary: "Remove a calendar; what it said ends", Tag: tag}, own, asked(d.Remove))
}
