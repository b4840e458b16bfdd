package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/review"
)

func (w *world) look(role authz.Role, method, path, body string, status int) review.Review {
	w.t.Helper()
	g := w.as(role, method, "/incidents/INC-1/review"+path, body).status(status, method+" "+path)
	if status != http.StatusOK {
		return review.Review{}
	}
	return decode[review.Review](g)
}

// reviewed is a P1 that was resolved, with its review.
func (w *world) reviewed() {
	w.t.Helper()
	w.activate()
	for id, name := range map[string]string{"admin": "Ada", "responder": "Rae", "bo": "Bo"} {
		w.as(authz.Admin, "PUT", "/people/"+id, `{"name":"`+name+`","email":"`+id+`@example.com"}`).status(http.StatusOK, id)
	}
	w.as(authz.Admin, "PUT", "/teams/core", `{"name":"Core"}`).status(http.StatusOK, "a team")
	w.as(authz.Admin, "PUT", "/services/auth", `{"name":"Sign-in","critical_function":true,"restoration_rank":1,"products":["login"]}`).status(http.StatusOK, "a service")
	w.as(authz.Admin, "PUT", "/customers/acme", `{"name":"Acme","tier":"enterprise","vip":false,"major_account":false,"region":"eu","products":["login"],"arr_usd":87600,"contract":{"uptime_percent":99.9}}`).status(http.StatusOK, "a customer")
	w.now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	w.as(authz.Responder, "POST", "/incidents", `{"severity":"P1","service":"auth","title":"logins fail"}`).status(http.StatusCreated, "declared")
	w.as(authz.Responder, "GET", "/incidents/INC-1/review", "").status(http.StatusNotFound, "before the resolution")
	w.step(authz.Responder, "1/engage", "", http.StatusOK)
	w.now = w.now.Add(60*time.Minute - 2*time.Second)
	w.step(authz.Responder, "1/resolve", `{"reason":"rolled back"}`, http.StatusOK)
}

// A review is read and written by the interface: it knows its window, refuses what is
// no answer with 422 and what may not be yet with 409 and the list, and shows accounts
// and revenue to those only who may read customers.
//
// Clauses: PIR-IMM-IMP-1, PIR-IMM-TL-4, PIR-A-1, PIR-A-7, PIR-P-EXT
func TestAReviewByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.reviewed()
		got := w.look(authz.Responder, "GET", "", "", http.StatusOK)
		if got.State != "open" || got.Duty != "required" || got.Owner == nil || got.Owner.ID != "responder" || len(got.Agenda) != 7 || len(got.Missing) == 0 {
			t.Errorf("%+v", got)
		}
		if !got.Meeting.Start.Equal(time.Date(2026, 3, 4, 11, 0, 0, 0, time.UTC)) || got.Meeting.Until.Sub(got.Meeting.From) != 24*time.Hour {
			t.Errorf("%+v", got.Meeting)
		}
		if a := got.Impact.Accounts; len(a) != 1 || a[0].ID != "acme" || a[0].Minutes != 60 || a[0].Region != "eu" || a[0].AtRisk != 10 || got.Impact.AtRisk != 10 {
			t.Errorf("%+v", a)
		}
		if hidden := w.look(authz.Stakeholder, "GET", "", "", http.StatusOK); len(hidden.Impact.Accounts) != 0 || hidden.Impact.AtRisk != 0 {
			t.Error("a stakeholder sees accounts")
		}
		w.as(authz.Stakeholder, "PATCH", "/incidents/1/review", `{"lessons":["x"]}`).status(http.StatusForbidden, "a stakeholder writes")
		for path, bad := range map[string]string{
			"/cause": `{"text":"x","category":"weather"}`, "/factors": `{}`, "/timeline": `{}`, "/impact/moral": `{"text":"x"}`, "/communication": `{"rating":6}`,
			"/meeting": `{"start":"2026-03-03T10:00:00Z"}`, "/follow-up": `{"at":"2026-03-30T10:00:00Z","owner":"core"}`,
		} {
			w.as(authz.Responder, "PUT", "/incidents/1/review"+path, bad).status(http.StatusUnprocessableEntity, path)
		}
		w.as(authz.Responder, "PUT", "/incidents/1/review/agenda/lunch", `{"notes":"x"}`).status(http.StatusNotFound, "not on the agenda")
		w.as(authz.Responder, "POST", "/incidents/1/review/sign-off", "").status(http.StatusConflict, "signed off too early")
		w.as(authz.Stakeholder, "POST", "/incidents/1/review/feedback", `{"rating":4,"went_well":"we were told early"}`).status(http.StatusOK, "feedback")
		w.as(authz.Auditor, "POST", "/incidents/1/review/feedback", `{"rating":4}`).status(http.StatusForbidden, "an auditor changes nothing")
		got = w.look(authz.Responder, "PATCH", "", `{"lessons":["look at keys"],"guests":[{"name":"Cy","email":"cy@vendor.example","of":"Vendor"}],"others":["bo"]}`, http.StatusOK)
		if len(got.Lessons) != 1 || len(got.Feedback) != 1 || got.Feedback[0].Good != "we were told early" || len(got.Guests) != 1 {
			t.Errorf("%+v %+v %+v", got.Lessons, got.Feedback, got.Guests)
		}
		w.look(authz.Responder, "PUT", "/follow-up", `{"at":"2026-03-30T10:00:00Z","owner":"bo"}`, http.StatusOK)
		ics := w.as(authz.Responder, "GET", "/incidents/1/review/calendar", "").status(http.StatusOK, "calendar").Body.String()
		if strings.Count(ics, "BEGIN:VEVENT") != 2 || !strings.Contains(ics, "DTSTART:20260330T100000Z") {
			t.Errorf("%s", ics)
		}
		w.look(authz.Responder, "PUT", "/meeting", `{"start":"2026-03-04T12:00:00Z"}`, http.StatusOK)
		sent := itemsOf[record.Delivery](w, authz.Auditor, "/deliveries?kind=review&limit=500")
		guest, asked := false, false
		for _, d := range sent {
			guest = guest || d.Recipient == "guest:cy@vendor.example"
			asked = asked || d.Recipient == "bo"
		}
		if !guest || !asked {
			t.Errorf("%d invitations: guest %v, bo %v", len(sent), guest, asked)
		}
		for _, a := range got.Agenda {
			w.look(authz.Responder, "PUT", "/agenda/"+a.ID, `{"notes":"talked","minutes":5}`, http.StatusOK)
		}
		w.now = time.Date(2026, 3, 4, 13, 0, 0, 0, time.UTC)
		got = w.look(authz.Responder, "POST", "/meeting/held", `{"start":"2026-03-04T12:00:00Z","end":"2026-03-04T12:45:00Z","attended":["responder","bo"]}`, http.StatusOK)
		if got.Meeting.HeldAt.IsZero() || len(got.Meeting.Attended) != 2 || got.Agenda[0].Notes != "talked" || got.Agenda[0].ID != "timeline" {
			t.Errorf("%+v", got.Meeting)
		}
		all := decode[review.ReviewTimeline](w.as(authz.Responder, "GET", "/incidents/1/review/timeline", "").status(http.StatusOK, "timeline"))
		for k := 1; k < len(all.Items); k++ {
			if all.Items[k].At.Before(all.Items[k-1].At) {
				t.Fatal("the timeline is not in order")
			}
		}
		if list := itemsOf[review.ReviewSummary](w, authz.Stakeholder, "/reviews?open=true"); len(list) != 1 || list[0].Incident != "INC-1" || list[0].Missing == 0 {
			t.Errorf("%+v", list)
		}
	})
}

// An action item has one owner, a date and a known category; the owner does not verify
// it, and lists are narrowed by category.
//
// Clauses: ACT-OWN-ASSIGN, ACT-OWN-DUE, ACT-OWN-CHECK, ACT-CAT-TECH, ACT-CAT-PROC, ACT-CAT-TRAIN, ACT-CAT-TOOL, ACT-CAT-COMM, PIR-A-5, PIR-A-6
func TestActionItemsByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.reviewed()
		item := func(category, owner, due string) string {
			return fmt.Sprintf(`{"incident":"INC-1","title":"Rotate keys","category":%q,"owner":%q,"due_at":%q}`, category, owner, due)
		}
		const due = "2026-04-01T10:00:00Z"
		for name, bad := range map[string]string{
			"category": item("magic", "bo", due), "team": item("technical", "core", due), "team target": item("technical", "team:core", due), "nobody": item("technical", "", due),
			"unknown": item("technical", "zoe", due), "past": item("technical", "bo", "2026-03-01T10:00:00Z"), "no owner": `{"incident":"INC-1","title":"x","category":"technical","due_at":"` + due + `"}`,
			"no date": `{"incident":"INC-1","title":"x","category":"technical","owner":"bo"}`,
		} {
			w.as(authz.Responder, "POST", "/action-items", bad).status(http.StatusUnprocessableEntity, name)
		}
		w.as(authz.Stakeholder, "POST", "/action-items", item("technical", "bo", due)).status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Responder, "POST", "/action-items", strings.Replace(item("technical", "bo", due), "INC-1", "INC-9", 1)).status(http.StatusNotFound, "no incident")
		for _, c := range []string{"technical", "process", "training", "tooling", "communication"} {
			w.as(authz.Responder, "POST", "/action-items", item(c, "responder", due)).status(http.StatusCreated, c)
			list := itemsOf[review.ActionItem](w, authz.Stakeholder, "/action-items?category="+c)
			if len(list) != 1 || list[0].Category != c {
				t.Errorf("%s: %+v", c, list)
			}
		}
		got := w.look(authz.Responder, "POST", "/recommendations", `{"text":"Two people look at each key"}`, http.StatusOK)
		made := decode[review.ActionItem](w.as(authz.Responder, "POST", "/action-items", strings.Replace(item("process", "responder", due), "{", `{"recommendation":"`+got.Recommendations[0].ID+`","milestones":[{"title":"a draft","due_at":"2026-03-10T10:00:00Z"}],`, 1)).status(http.StatusCreated, "from a recommendation"))
		if got = w.look(authz.Responder, "GET", "", "", http.StatusOK); got.Recommendations[0].Action != made.ID || made.Recommendation != got.Recommendations[0].ID || len(got.Actions) != 6 {
			t.Errorf("%+v, %+v", made, got.Recommendations)
		}
		path := "/action-items/" + made.ID
		act := func(role authz.Role, method, below, body string, status int) review.ActionItem {
			t.Helper()
			g := w.as(role, method, path+below, body).status(status, below+body)
			if status != http.StatusOK {
				return review.ActionItem{}
			}
			return decode[review.ActionItem](g)
		}
		w.now = time.Date(2026, 3, 11, 10, 0, 0, 0, time.UTC)
		if i := act(authz.Responder, "GET", "", "", http.StatusOK); i.Milestones[0].State != "missed" || !i.Milestones[0].Missed {
			t.Errorf("%+v", i.Milestones)
		}
		act(authz.Responder, "POST", "/milestones/"+made.Milestones[0].ID+"/done", "", http.StatusOK)
		act(authz.Responder, "PATCH", "", `{"due_at":"2026-05-01T10:00:00Z"}`, http.StatusUnprocessableEntity)
		if i := act(authz.Responder, "PATCH", "", `{"due_at":"2026-05-01T10:00:00Z","reason":"a freeze","state":"blocked"}`, http.StatusOK); i.State != "blocked" || i.LateSince.IsZero() || i.Told != 1 {
			t.Errorf("%+v", i)
		}
		act(authz.Responder, "POST", "/check-in", `{"note":"half of it"}`, http.StatusOK)
		act(authz.Responder, "POST", "/check-in", "", http.StatusUnprocessableEntity)
		act(authz.Admin, "POST", "/verify", "", http.StatusConflict)
		act(authz.Responder, "PATCH", "", `{"state":"done"}`, http.StatusOK)
		act(authz.Responder, "POST", "/verify", "", http.StatusForbidden)
		if i := act(authz.Admin, "POST", "/verify", `{"note":"seen"}`, http.StatusOK); i.State != "verified" || i.VerifiedBy.ID != "admin" {
			t.Errorf("%+v", i)
		}
		if n := len(itemsOf[review.ActionItem](w, authz.Responder, "/action-items?standing=true&owner=responder&incident=INC-1")); n != 5 {
			t.Errorf("%d stand", n)
		}
		w.now = time.Date(2026, 4, 2, 10, 0, 0, 0, time.UTC)
		if n := len(itemsOf[review.ActionItem](w, authz.Responder, "/action-items?overdue=true&limit=3")); n != 3 {
			t.Errorf("%d overdue", n)
		}
		w.as(authz.Responder, "GET", "/action-items/"+absent, "").status(http.StatusNotFound, "missing")
	})
}
