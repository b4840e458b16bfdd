package api

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/duty"
	"allclear/internal/edge/api/route"
)

// onDuty makes responder and admin take turns of a day, from 09:00.
func (w *world) onDuty() (admin, responder credential) {
	w.t.Helper()
	admin, responder = bearer(w.tokens[authz.Admin]), bearer(w.tokens[authz.Responder])
	for _, id := range []string{"admin", "responder"} {
		w.do("PUT", route.Prefix+"/people/"+id, `{"name":"`+strings.ToUpper(id[:1])+id[1:]+`","email":"`+id+`@firm.example"}`, admin).status(http.StatusOK, "person")
	}
	w.do("PUT", route.Prefix+"/schedules/primary", `{"time_zone":"UTC","layers":[{"members":["responder","admin"],"start":"2026-03-01T09:00","every":1,"unit":"day"}]}`, admin).status(http.StatusOK, "schedule")
	return admin, responder
}

// From the request to the schedule and what it lays out. It is 03:00 on the
// 2nd of March: responder is on call until 09:00.
// Clauses: TEAM-ROTATION, PLT-PD-SCHED
func TestCoverFromRequestToShifts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin, responder := w.onDuty()
		body := `{"kind":"cover","schedule":"primary","from":"2026-03-02T05:00:00Z","until":"2026-03-02T07:00:00Z","note":"Dentist."}`
		q := decode[duty.CoverRequest](w.do("POST", route.Prefix+"/oncall/requests", body, responder).status(http.StatusCreated, "ask"))
		if q.State != "open" || q.HolderName != "Responder" || q.Taker != "" || q.AskedBy != "responder" {
			t.Errorf("asked: %+v", q)
		}
		p := w.do("POST", route.Prefix+"/oncall/requests", body, responder).status(http.StatusConflict, "asked twice").problem("asked twice")
		if !strings.Contains(p.Detail, "about that time already") {
			t.Errorf("the reason is %q", p.Detail)
		}
		if got := decode[duty.CoverRequest](w.do("POST", route.Prefix+"/oncall/requests/"+q.ID+"/accept", "", admin).status(http.StatusOK, "accept")); got.State != "accepted" || got.TakerName != "Admin" {
			t.Errorf("accepted: %+v", got)
		}
		lines := decode[duty.Lines](w.do("GET", route.Prefix+"/schedules/primary/shifts?from=2026-03-01T00:00:00Z&until=2026-03-03T00:00:00Z", "", responder).status(http.StatusOK, "lines"))
		var final []string
		for _, s := range lines.Final {
			final = append(final, s.From.Format("2T15")+" "+s.Person)
		}
		if got := strings.Join(final, ", "); got != "1T00 , 1T09 responder, 2T05 admin, 2T07 responder, 2T09 admin" {
			t.Errorf("the final line is %s", got)
		}
		if len(lines.Gaps) != 1 || len(lines.Layers) != 1 || len(lines.Layers[0]) != 2 || len(lines.Overrides) != 1 {
			t.Errorf("lines are %+v", lines)
		}
		mine := decode[route.List[duty.Shift]](w.do("GET", route.Prefix+"/me/shifts?from=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z", "", admin).status(http.StatusOK, "mine"))
		if len(mine.Items) != 2 || mine.Items[0].Schedule != "primary" || !mine.Items[0].Override || mine.Items[1].Override {
			t.Errorf("mine are %+v", mine.Items)
		}
		first := decode[route.List[duty.CoverRequest]](w.do("GET", route.Prefix+"/oncall/requests?limit=1", "", admin).status(http.StatusOK, "list"))
		if len(first.Items) != 1 || first.NextCursor != "" {
			t.Errorf("requests are %+v", first)
		}
		now := decode[Schedule](w.do("GET", route.Prefix+"/schedules/primary", "", admin))
		if now.Version <= 1 || len(now.Overrides) != 1 {
			t.Errorf("the schedule is %+v", now)
		}
	})
}

// What the table says is what the API says, person by person.
//
// Clauses: ESC-L1-PRIMARY, PLT-PD-REPORT
func TestForecastAndLoad(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin, responder := w.onDuty()
		w.do("PUT", route.Prefix+"/schedules/legal", `{"time_zone":"UTC","layers":[{"members":["admin"],"start":"2026-03-09T09:00","every":1,"unit":"week"}]}`, admin).status(http.StatusOK, "schedule")
		found := decode[route.List[duty.Finding]](w.do("GET", route.Prefix+"/oncall/forecast", "", responder).status(http.StatusOK, "forecast"))
		if len(found.Items) != 1 || found.Items[0].Kind != "gap" || found.Items[0].Schedule != "legal" {
			t.Errorf("found %+v", found.Items)
		}
		query := "?from=2026-03-02T00:00:00Z&until=2026-03-04T00:00:00Z"
		loads := decode[route.List[duty.PersonLoad]](w.do("GET", route.Prefix+"/oncall/load"+query, "", responder).status(http.StatusOK, "load"))
		if len(loads.Items) != 2 || loads.Items[0].Person != "admin" || loads.Items[0].Hours != 24 || loads.Items[1].Hours != 24 || loads.Items[0].Nights != 1 {
			t.Errorf("loads are %+v", loads.Items)
		}
		table := w.do("GET", route.Prefix+"/oncall/load.csv"+query, "", responder).status(http.StatusOK, "table").Body.String()
		if !strings.HasPrefix(table, "person,name,hours,nights,weekend_hours,holiday_hours,pages,pages_off_hours\nadmin,Admin,24.00,1,") {
			t.Errorf("the table is %s", table)
		}
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil || len(rows) != len(loads.Items)+1 {
			t.Fatalf("the table has %d rows, %v", len(rows), err)
		}
		for i, l := range loads.Items {
			want := []string{l.Person, l.Name, fmt.Sprintf("%.2f", l.Hours), strconv.Itoa(l.Nights), fmt.Sprintf("%.2f", l.Weekend), fmt.Sprintf("%.2f", l.Holiday), strconv.Itoa(l.Pages), strconv.Itoa(l.OffHours)}
			if !slices.Equal(rows[i+1], want) {
				t.Errorf("the table says %q, the API %q", rows[i+1], want)
			}
		}
		w.do("GET", route.Prefix+"/oncall/load.csv?from=yesterday", "", responder).status(http.StatusUnprocessableEntity, "no instant")
		w.do("GET", route.Prefix+"/oncall/load?from=2026-03-02T00:00:00Z&until=2036-03-04T00:00:00Z", "", responder).status(http.StatusUnprocessableEntity, "ten years")
	})
}

// INV-A3: another's calendar answers like one that is not there.
func TestCalendarAddresses(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin, responder := w.onDuty()
		body := `{"kind":"schedule","subject":"primary"}`
		f := decode[duty.CalendarFeed](w.do("POST", route.Prefix+"/calendars", body, admin).status(http.StatusCreated, "make"))
		if !strings.HasPrefix(f.Path, "/calendar/acf_") || !strings.HasSuffix(f.Path, ".ics") {
			t.Errorf("path is %q", f.Path)
		}
		listed := w.do("GET", route.Prefix+"/calendars", "", admin).status(http.StatusOK, "list").Body.String()
		if strings.Contains(listed, "acf_") || !strings.Contains(listed, f.ID) {
			t.Errorf("the list is %s", listed)
		}
		w.do("DELETE", route.Prefix+"/calendars/"+f.ID, "", responder).status(http.StatusNotFound, "another's")
		w.do("DELETE", route.Prefix+"/calendars/"+f.ID, "", admin).status(http.StatusNoContent, "end")
		w.do("DELETE", route.Prefix+"/calendars/"+f.ID, "", admin).status(http.StatusNotFound, "ended")
		w.do("POST", route.Prefix+"/calendars", `{"kind":"person","subject":"ghost"}`, admin).status(http.StatusNotFound, "nobody")
	})
}
