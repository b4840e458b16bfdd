package api

import (
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/away"
	"allclear/internal/edge/api/route"
)

// A file is taken, shown as absences, and stays when the person is written back
// as it was read before; the address of a calendar never comes back.
func TestAbsences(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin, responder := w.onDuty()
		path := route.Prefix + "/people/responder"
		before := w.do("GET", path, "", admin).status(http.StatusOK, "before")
		w.do("POST", path+"/absences", `{"from":"2026-03-05T00:00:00Z","until":"2026-03-06T00:00:00Z","reason":"Move"}`, responder).status(http.StatusNoContent, "write")
		file := `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Leave\r\nDTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260312\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`
		c := decode[away.AbsenceCalendar](w.do("POST", path+"/absence-calendars", `{"file":"`+file+`","name":"leave.ics"}`, responder).status(http.StatusCreated, "file"))
		if c.Kind != "file" || c.Absences != 1 || c.Label != "leave.ics" {
			t.Errorf("added %+v", c)
		}
		w.do("POST", path+"/absence-calendars", `{"file":"<html>"}`, responder).status(http.StatusUnprocessableEntity, "a page")
		w.do("POST", path+"/absence-calendars", `{"address":"http://calendar.example/x.ics"}`, responder).status(http.StatusUnprocessableEntity, "plain HTTP")
		s := decode[away.AbsenceSheet](w.do("GET", path+"/absences", "", responder).status(http.StatusOK, "sheet"))
		if len(s.Absences) != 2 || s.Absences[0].Reason != "Move" || s.Absences[1].Source != "calendar" || len(s.Calendars) != 1 || s.TimeZone != "UTC" {
			t.Errorf("sheet %+v", s)
		}
		// Written back as it was: what was written by hand goes, a calendar's stays.
		doc := decode[map[string]any](before)
		w.do("PUT", path, `{"name":"`+doc["name"].(string)+`","email":"responder@firm.example","absent":[{"from":"2026-04-01T00:00:00Z","until":"2026-04-02T00:00:00Z","source":"calendar"}]}`, admin).status(http.StatusOK, "write back")
		s = decode[away.AbsenceSheet](w.do("GET", path+"/absences", "", admin).status(http.StatusOK, "sheet"))
		if len(s.Absences) != 1 || s.Absences[0].Source != "calendar" || s.Absences[0].From.Day() != 10 {
			t.Errorf("after writing back %+v", s.Absences)
		}
		files := w.do("GET", route.Prefix+"/people/responder", "", bearer(w.tokens[authz.Stakeholder]))
		if strings.Contains(files.Body.String(), "Leave") {
			t.Error("what an event is called is shown")
		}
		w.do("GET", path+"/absences", "", bearer(w.tokens[authz.Stakeholder])).status(http.StatusForbidden, "a stranger")
		w.do("DELETE", path+"/absence-calendars/"+c.ID, "", responder).status(http.StatusNoContent, "remove")
		w.do("DELETE", path+"/absence-calendars/"+c.ID, "", responder).status(http.StatusNotFound, "remove again")
		s = decode[away.AbsenceSheet](w.do("GET", path+"/absences", "", admin).status(http.StatusOK, "sheet"))
		if len(s.Absences) != 0 || len(s.Calendars) != 0 {
			t.Errorf("in the end %+v", s)
		}
	})
}
