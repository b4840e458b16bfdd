package api

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/desk"
	"allclear/internal/edge/api/post"
	"allclear/internal/edge/api/record"
)

// outreach reads the board, with its contacts by kind.
func (w *world) outreach(role authz.Role, at string) (desk.OutreachBoard, map[string][]desk.OutreachContact) {
	w.t.Helper()
	b := decode[desk.OutreachBoard](w.as(role, "GET", at+"/outreach", "").status(http.StatusOK, "the board"))
	by := map[string][]desk.OutreachContact{}
	for _, g := range b.Groups {
		for _, c := range g.Contacts {
			by[c.Kind] = append(by[c.Kind], c)
		}
	}
	return b, by
}

// Press and analysts are written down, and what came of each try, by whoever may
// respond; what does not fit the sort of contact is refused with its place.
//
// Clauses: COM-PUB-PRESS, COM-PUB-ANALYST
func TestOutreachByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		at := w.declared()
		before, _ := w.outreach(authz.Auditor, at)
		for _, role := range []authz.Role{authz.Stakeholder, authz.Auditor} {
			w.as(role, "POST", at+"/outreach", `{"kind":"press","name":"The Daily"}`).status(http.StatusForbidden, string(role))
		}
		w.as(authz.Stakeholder, "GET", at+"/outreach", "").status(http.StatusForbidden, "names of customers")
		w.as(authz.Responder, "GET", "/incidents/INC-99/outreach", "").status(http.StatusNotFound, "no incident")
		w.as(authz.Responder, "POST", "/incidents/INC-99/outreach", `{"kind":"press","name":"The Daily"}`).status(http.StatusNotFound, "no incident")
		for _, bad := range []string{
			`{"kind":"press","name":""}`, `{"kind":"press","name":" "}`, `{"kind":"account","name":"Acme"}`, `{"kind":"post","name":"forum"}`, `{"name":"The Daily"}`,
			`{"kind":"press","name":"The Daily","phone":"` + strings.Repeat("1", 41) + `"}`, `{"kind":"press","name":"The Daily","about":"` + strings.Repeat("x", 4001) + `"}`,
		} {
			w.as(authz.Responder, "POST", at+"/outreach", bad).status(http.StatusUnprocessableEntity, bad)
		}
		made := decode[desk.OutreachContact](w.as(authz.Responder, "POST", at+"/outreach", `{"kind":"press","name":"The Daily","person":"Kim","email":"kim@daily.example","about":"Is it a breach?"}`).status(http.StatusCreated, "press"))
		if made.Kind != "press" || made.Name != "The Daily" || made.Owner != "responder" || made.Script != "Is it a breach?" || made.Done || made.Late || made.Tries == nil || made.Clauses == nil {
			t.Errorf("%+v", made)
		}
		due := w.now.Add(time.Hour).Format(time.RFC3339)
		w.as(authz.Admin, "POST", at+"/outreach", `{"kind":"analyst","name":"Firm","owner":"admin","due_at":"`+due+`"}`).status(http.StatusCreated, "an analyst")

		try := "/outreach/" + made.ID + "/outcome"
		for _, bad := range []string{`{"outcome":"maybe"}`, `{"outcome":"posted","url":"https://daily.example/1"}`, `{"outcome":"follow_up"}`, `{"outcome":"not_needed","note":" "}`, `{"outcome":"reached","url":"javascript:1"}`, `{}`} {
			w.as(authz.Responder, "POST", try, bad).status(http.StatusUnprocessableEntity, bad)
		}
		w.as(authz.Stakeholder, "POST", try, `{"outcome":"reached"}`).status(http.StatusForbidden, "a stakeholder")
		for _, none := range []string{absent, "nobody"} {
			w.as(authz.Responder, "POST", "/outreach/"+none+"/outcome", `{"outcome":"reached"}`).status(http.StatusNotFound, none)
		}
		again := decode[desk.OutreachContact](w.as(authz.Responder, "POST", try, `{"outcome":"follow_up","note":"sends questions"}`).status(http.StatusOK, "a try"))
		if again.Done || len(again.Tries) != 1 || again.Tries[0].By != "responder" || again.Tries[0].Note != "sends questions" {
			t.Errorf("%+v", again)
		}
		done := decode[desk.OutreachContact](w.as(authz.Responder, "POST", try, `{"outcome":"reached"}`).status(http.StatusOK, "reached"))
		if !done.Done || !done.DoneAt.Equal(w.now) || len(done.Tries) != 2 {
			t.Errorf("%+v", done)
		}
		w.as(authz.Responder, "POST", try, `{"outcome":"reached"}`).status(http.StatusConflict, "it is done")
		w.now = w.now.Add(2 * time.Hour)
		b, by := w.outreach(authz.Auditor, at)
		if b.All != before.All+2 || b.Done != before.Done+1 || len(by["press"]) != 1 || !by["press"][0].Done || len(by["analyst"]) != 1 || !by["analyst"][0].Late {
			t.Errorf("%+v", b)
		}
		w.step(authz.Responder, "1/restrict", "", http.StatusOK)
		w.as(authz.Auditor, "GET", at+"/outreach", "").status(http.StatusNotFound, "outside the circle")
	})
}

// Who was told in time is read for an incident and for a month, as documents and as
// tables, by whoever may know the customers.
//
// Clauses: OBJ-COMM100
func TestToldByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		at := w.declared()
		w.as(authz.Admin, "PUT", "/customers/acme", `{"name":"=cmd()","tier":"enterprise","vip":true,"region":"us","products":["login"],"contract":{"notify_within":"15m"},"contacts":[{"name":"Ops","email":"ops@acme.example"}]}`).status(http.StatusOK, "a contract")
		paths := []string{at + "/told", at + "/told.csv", "/told", "/told.csv"}
		for _, path := range paths {
			w.as(authz.Stakeholder, "GET", path, "").status(http.StatusForbidden, path)
		}
		for path, want := range map[string]int{
			"/incidents/INC-99/told": http.StatusNotFound, "/incidents/INC-99/told.csv": http.StatusNotFound,
			"/told?month=march": http.StatusUnprocessableEntity, "/told?month=2026-13": http.StatusUnprocessableEntity, "/told.csv?month=2026-3": http.StatusUnprocessableEntity,
		} {
			w.as(authz.Auditor, "GET", path, "").status(want, path)
		}
		r := decode[desk.ToldReport](w.as(authz.Auditor, "GET", at+"/told", "").status(http.StatusOK, "told"))
		if r.Incident != "INC-1" || r.Severity != "P1" || r.Post != "waiting" || r.Judged != 0 || r.Percent != 100 || len(r.Customers) != 1 {
			t.Fatalf("%+v", r)
		}
		if c := r.Customers[0]; c.ID != "acme" || !c.Contract || !c.DueAt.Equal(r.DeclaredAt.Add(15*time.Minute)) || c.State != "waiting" || c.Contacts != 1 || c.Accepted != 0 {
			t.Errorf("%+v", c)
		}
		w.now = w.now.Add(16 * time.Minute)
		r = decode[desk.ToldReport](w.as(authz.Auditor, "GET", at+"/told", "").status(http.StatusOK, "late"))
		if r.Post != "missed" || r.Judged != 1 || r.InTime != 0 || r.Percent != 0 || r.Customers[0].State != "missed" {
			t.Errorf("%+v", r)
		}
		m := decode[desk.ToldMonth](w.as(authz.Auditor, "GET", "/told?month=2026-03", "").status(http.StatusOK, "the month"))
		if len(m.Incidents) != 1 || m.Customers != (desk.ToldShare{Judged: 1}) || m.Posts.Judged != 1 || len(m.Incidents[0].Customers) != 0 || m.To.Sub(m.From) != 31*24*time.Hour {
			t.Errorf("%+v", m)
		}
		if m := decode[desk.ToldMonth](w.as(authz.Auditor, "GET", "/told?month=2026-02", "").status(http.StatusOK, "before")); m.Incidents == nil || len(m.Incidents) != 0 || m.Customers.Percent != 100 {
			t.Errorf("%+v", m)
		}
		for path, want := range map[string]string{at + "/told.csv": "acme,'=cmd(),", "/told.csv?month=2026-03": "INC-1,P1,"} {
			g := w.as(authz.Auditor, "GET", path, "").status(http.StatusOK, path)
			rows, err := csv.NewReader(strings.NewReader(g.Body.String())).ReadAll()
			if err != nil || len(rows) != 2 || !strings.HasPrefix(strings.Join(rows[1], ","), want) || !strings.HasPrefix(g.Header().Get("Content-Type"), "text/csv") {
				t.Errorf("%s: %v %q", path, err, rows)
			}
		}
		w.step(authz.Responder, "1/restrict", "", http.StatusOK)
		w.as(authz.Auditor, "GET", at+"/told", "").status(http.StatusNotFound, "outside the circle")
		if m := decode[desk.ToldMonth](w.as(authz.Auditor, "GET", "/told", "").status(http.StatusOK, "outside the circle")); len(m.Incidents) != 0 || m.Customers.Judged != 0 {
			t.Errorf("%+v", m)
		}
	})
}

// A text is proven before it is kept and after, has texts to begin with, and goes out
// at a time that is still to come.
func TestTheDeskOfMessages(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		at := w.declared()
		const text = `{"audience":"enterprise","channels":["email"],"subject":"Sign-in","text":"We look into sign-in."}`
		before := len(itemsOf[post.Message](w, authz.Responder, at+"/messages?limit=500"))
		proof := decode[desk.MessageProof](w.as(authz.Responder, "POST", at+"/messages/proof", text).status(http.StatusOK, "a proof"))
		if len(proof.Ways) != 1 || proof.Ways[0].Channel != "email" || proof.Ways[0].Count != 1 || len(proof.Ways[0].Readers) != 1 || proof.Ways[0].Readers[0].ID != "acme" || proof.Hash == "" {
			t.Errorf("%+v", proof)
		}
		if n := len(itemsOf[post.Message](w, authz.Responder, at+"/messages?limit=500")); n != before {
			t.Errorf("a proof was kept: %d messages, %d before", n, before)
		}
		w.as(authz.Auditor, "POST", at+"/messages/proof", text).status(http.StatusForbidden, "an auditor")
		w.as(authz.Responder, "POST", "/incidents/INC-99/messages/proof", text).status(http.StatusNotFound, "no incident")
		w.as(authz.Responder, "POST", at+"/messages/proof", `{"audience":"aliens","text":"x"}`).status(http.StatusUnprocessableEntity, "nobody's audience")

		all := itemsOf[desk.MessageTemplate](w, authz.Responder, at+"/templates")
		if len(all) < 2 || all[0].Text == "" {
			t.Errorf("%+v", all)
		}
		if first := itemsOf[desk.MessageTemplate](w, authz.Responder, at+"/templates?limit=1"); len(first) != 1 || first[0].Name != all[0].Name {
			t.Errorf("%+v", first)
		}
		w.as(authz.Auditor, "GET", at+"/templates", "").status(http.StatusForbidden, "an auditor")

		m := decode[post.Message](w.as(authz.Responder, "POST", at+"/messages", text).status(http.StatusCreated, "a draft"))
		kept := decode[desk.MessageProof](w.as(authz.Auditor, "GET", "/messages/"+m.ID+"/proof", "").status(http.StatusOK, "its proof"))
		if kept.Hash == "" || len(kept.Ways) != 1 || kept.Ways[0].Text != proof.Ways[0].Text {
			t.Errorf("%+v", kept)
		}
		w.as(authz.Responder, "GET", "/messages/"+absent+"/proof", "").status(http.StatusNotFound, "no message")
		when := "/messages/" + m.ID + "/schedule"
		later := w.now.Add(time.Hour)
		w.as(authz.Stakeholder, "POST", when, `{"at":"`+later.Format(time.RFC3339)+`"}`).status(http.StatusForbidden, "a stakeholder")
		for _, bad := range []string{`{"at":"2020-01-01T00:00:00Z"}`, `{"at":"soon"}`} {
			w.as(authz.Responder, "POST", when, bad).status(http.StatusUnprocessableEntity, bad)
		}
		w.as(authz.Responder, "POST", "/messages/"+absent+"/schedule", `{"at":"`+later.Format(time.RFC3339)+`"}`).status(http.StatusNotFound, "no message")
		w.as(authz.Responder, "POST", when, `{"at":"`+later.Format(time.RFC3339)+`"}`).status(http.StatusOK, "later")
		w.as(authz.Responder, "POST", when, `{}`).status(http.StatusOK, "taken back")
	})
}

// Skipping the notice in the product by the interface: who approves messages may, with
// a reason; the incident says so until it is taken back.
//
// Clauses: COM-CUST-INAPP
func TestSkippingTheNoticeInTheProduct(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		at := w.declared()
		shows := func() *record.InAppSkip {
			return decode[record.Incident](w.as(authz.Auditor, "GET", at, "").status(http.StatusOK, "the incident")).InAppSkip
		}
		w.as(authz.Responder, "POST", at+"/in-app/skip", `{}`).status(http.StatusUnprocessableEntity, "without a reason")
		w.as(authz.Responder, "POST", at+"/in-app/skip", `{"reason":"  "}`).status(http.StatusUnprocessableEntity, "with none")
		w.as(authz.Auditor, "POST", at+"/in-app/skip", `{"reason":"no"}`).status(http.StatusForbidden, "an auditor")
		w.as(authz.Responder, "POST", at+"/in-app/resume", "").status(http.StatusConflict, "nothing is skipped")
		if shows() != nil {
			t.Error("skipped already")
		}
		got := decode[desk.InAppState](w.as(authz.Responder, "POST", at+"/in-app/skip", `{"reason":"the product shows it itself"}`).status(http.StatusOK, "skip"))
		if s := shows(); s == nil || got.Skip == nil || *s != *got.Skip || s.Reason != "the product shows it itself" || s.By == "" || s.At.IsZero() {
			t.Errorf("%+v %+v", s, got)
		}
		if got := decode[desk.InAppState](w.as(authz.Responder, "POST", at+"/in-app/resume", "").status(http.StatusOK, "resume")); got.Skip != nil || shows() != nil {
			t.Errorf("%+v", got)
		}
	})
}
