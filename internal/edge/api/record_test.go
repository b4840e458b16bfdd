package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/post"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
)

// A message is written, read, approved by its text and let out; what went out
// stays.
func TestMessages(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.as(authz.Responder, "POST", "/incidents", `{"title":"Down","service":"auth","severity":"P2"}`).status(http.StatusCreated, "declare")
		m := decode[post.Message](w.as(authz.Responder, "POST", "/incidents/1/messages", `{"audience":"customers","channels":["status_page","email"],"text":"We look into it.","subject":"Sign-in"}`).status(http.StatusCreated, "draft"))
		if m.State != "draft" || m.Hash == "" || m.Incident != 1 || m.Author != "responder" || m.Purpose != "update" {
			t.Errorf("%+v", m)
		}
		at := "/messages/" + m.ID
		w.as(authz.Responder, "POST", at+"/publish", "").status(http.StatusConflict, "not approved")
		edited := decode[post.Message](w.as(authz.Responder, "PATCH", at, `{"text":"We found it."}`).status(http.StatusOK, "edit"))
		if edited.Text != "We found it." || edited.Subject != "Sign-in" || edited.Hash == m.Hash {
			t.Errorf("%+v", edited)
		}
		w.as(authz.Responder, "POST", at+"/approve", `{"hash":"`+m.Hash+`"}`).status(http.StatusConflict, "another text")
		w.as(authz.Stakeholder, "POST", at+"/approve", `{"hash":"`+edited.Hash+`"}`).status(http.StatusForbidden, "stakeholder")
		w.as(authz.Responder, "POST", at+"/approve", `{"hash":"`+edited.Hash+`"}`).status(http.StatusOK, "approve")
		out := decode[post.Message](w.as(authz.Responder, "POST", at+"/publish", "").status(http.StatusOK, "publish"))
		if out.State != "published" || out.ApprovedBy != "responder" || out.PublishedAt.IsZero() || len(out.Tally) == 0 {
			t.Errorf("%+v", out)
		}
		w.as(authz.Responder, "PATCH", at, `{"text":"no"}`).status(http.StatusConflict, "it is out")
		w.as(authz.Responder, "POST", at+"/cancel", "").status(http.StatusConflict, "it is out")

		sent := decode[post.Message](w.as(authz.Responder, "POST", "/incidents/1/updates", `{"audience":"public","text":"It is fixed."}`).status(http.StatusCreated, "update"))
		kept := decode[post.Message](w.as(authz.Responder, "POST", "/incidents/1/updates", `{"text":"Later.","publish":false}`).status(http.StatusCreated, "kept"))
		if sent.State != "published" || !slices.Equal(sent.Channels, []string{"status_page"}) || kept.State != "draft" {
			t.Errorf("%+v, %+v", sent, kept)
		}
		w.as(authz.Responder, "POST", "/messages/"+kept.ID+"/cancel", `{"reason":"not needed"}`).status(http.StatusOK, "cancel")
		p := w.as(authz.Responder, "POST", "/incidents/1/updates", `{"text":" "}`).status(http.StatusUnprocessableEntity, "no text").problem("no text")
		if len(p.Errors) != 1 || p.Errors[0].Location != "body.text" {
			t.Errorf("%+v", p)
		}
		p = w.as(authz.Responder, "POST", "/incidents/1/updates", `{"text":"x","channels":["email","email"]}`).status(http.StatusUnprocessableEntity, "twice").problem("twice")
		if len(p.Errors) != 1 || p.Errors[0].Location != "body.channels[1]" {
			t.Errorf("%+v", p)
		}
		var states []string
		for _, m := range itemsOf[post.Message](w, authz.Stakeholder, "/incidents/1/messages") {
			if m.Purpose == "update" {
				states = append(states, m.State)
			}
		}
		if !slices.Equal(states, []string{"published", "published", "cancelled"}) {
			t.Errorf("%v", states)
		}
	})
}

// The outbox shows what went out; whole addresses and texts only to those who
// may read the audit log.
func TestOutbox(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.step(authz.Responder, "1/engage", "", http.StatusOK)
		w.as(authz.Responder, "POST", "/incidents/1/updates", `{"text":"We look into it."}`).status(http.StatusCreated, "update")
		all := itemsOf[record.Delivery](w, authz.Admin, "/deliveries?limit=500")
		kinds := map[string]int{}
		for _, d := range all {
			kinds[d.Kind]++
			if d.Incident != "INC-1" || d.Address == "" || d.Body == "" {
				t.Errorf("%+v", d)
			}
		}
		if kinds["page"] == 0 || kinds["notice"] == 0 || kinds["message"] == 0 {
			t.Fatalf("%v", kinds)
		}
		if !slices.IsSortedFunc(all, func(a, b record.Delivery) int { return strings.Compare(b.ID, a.ID) }) {
			t.Error("not the newest first")
		}
		for _, d := range itemsOf[record.Delivery](w, authz.Stakeholder, "/deliveries?limit=500") {
			if d.Body != "" || strings.Contains(d.Address, "@firm") || strings.Contains(d.Address, "@acme") {
				t.Errorf("a stakeholder reads %+v", d)
			}
		}
		for query, fits := range map[string]func(record.Delivery) bool{
			"kind=page": func(d record.Delivery) bool { return d.Kind == "page" }, "state=queued": func(d record.Delivery) bool { return d.State == "queued" },
			"channel=email&kind=message": func(d record.Delivery) bool { return d.Channel == "email" && d.Kind == "message" }, "incident=INC-1": func(d record.Delivery) bool { return d.Incident == "INC-1" },
		} {
			found := itemsOf[record.Delivery](w, authz.Admin, "/deliveries?limit=500&"+query)
			want := 0
			for _, d := range all {
				if fits(d) {
					want++
				}
			}
			if len(found) != want || want == 0 || slices.ContainsFunc(found, func(d record.Delivery) bool { return !fits(d) }) {
				t.Errorf("%s: %d, want %d", query, len(found), want)
			}
		}
		one := decode[record.Delivery](w.as(authz.Admin, "GET", "/deliveries/"+all[0].ID, "").status(http.StatusOK, "one"))
		if one.ID != all[0].ID || one.Body != all[0].Body {
			t.Errorf("%+v", one)
		}
		var paged []string
		for cursor := ""; ; {
			page := decode[route.List[record.Delivery]](w.as(authz.Admin, "GET", "/deliveries?limit=3"+cursor, "").status(http.StatusOK, "page"))
			for _, d := range page.Items {
				paged = append(paged, d.ID)
			}
			if page.NextCursor == "" {
				break
			}
			cursor = "&cursor=" + page.NextCursor
		}
		if len(paged) != len(all) {
			t.Errorf("%d in pages, %d at once", len(paged), len(all))
		}
		w.as(authz.Admin, "GET", "/deliveries?incident=INC-9", "").status(http.StatusNotFound, "no incident")
		w.as(authz.Admin, "GET", "/deliveries?kind=pigeon", "").status(http.StatusUnprocessableEntity, "no kind")
	})
}

// A person ends an alert as its source would, and the record says who.
func TestActOnAlerts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		id := itemsOf[record.Alert](w, authz.Responder, "/alerts")[0].ID
		w.as(authz.Stakeholder, "POST", "/alerts/"+id+"/acknowledge", "").status(http.StatusForbidden, "stakeholder")
		w.as(authz.Responder, "POST", "/alerts/"+absent+"/acknowledge", "").status(http.StatusNotFound, "none")
		a := decode[record.Alert](w.as(authz.Responder, "POST", "/alerts/"+id+"/acknowledge", "").status(http.StatusOK, "acknowledge"))
		i := w.incident(authz.Responder, "1")
		if a.Status != "acknowledged" || i.AcknowledgedBy == nil || i.AcknowledgedBy.ID != "responder" || i.Roles["incident_commander"].ID != "responder" {
			t.Errorf("%+v, %+v", a, i)
		}
		a = decode[record.Alert](w.as(authz.Responder, "POST", "/alerts/"+id+"/resolve", "{}").status(http.StatusOK, "resolve"))
		if i = w.incident(authz.Responder, "1"); a.Status != "resolved" || a.ResolvedAt.IsZero() || i.Status != "resolved" || i.Declared {
			t.Errorf("%+v, %+v", a, i) // a suspicion whose alerts are over resolves by itself (reading 5)
		}
		w.as(authz.Responder, "POST", "/alerts/"+id+"/resolve", "").status(http.StatusOK, "again")
		var by []string
		for _, e := range itemsOf[record.TimelineEntry](w, authz.Responder, "/incidents/1/timeline?limit=500") {
			if e.Kind == "alert.acknowledged" || e.Kind == "alert.recovered" {
				by = append(by, string(e.Kind)+" "+e.Actor+" "+e.ActorName)
			}
		}
		if !slices.Equal(by, []string{"alert.acknowledged responder The responder", "alert.recovered responder The responder"}) {
			t.Errorf("%q", by)
		}
	})
}
