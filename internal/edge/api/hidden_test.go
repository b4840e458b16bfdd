package api

import (
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/post"
	"allclear/internal/edge/api/record"
)

// Who is outside the circle of a restricted incident cannot tell it from one
// that does not exist, whatever route they try and whatever their role.
// Clauses: SEV-P1-EX3
func TestRestrictedIsInvisible(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k1", "critical")
		w.step(authz.Responder, "1/engage", "", http.StatusOK)
		m := decode[post.Message](w.as(authz.Responder, "POST", "/incidents/1/messages", `{"text":"We look into sign-in."}`).status(http.StatusCreated, "draft"))
		before := decode[Now](w.as(authz.Stakeholder, "GET", "/now", "").status(http.StatusOK, "now"))
		if len(before.Incidents) != 1 || before.Outbox.Waiting == 0 || len(before.Due) == 0 || len(before.OnCall) != 1 || before.OnCall[0].Name != "The responder" {
			t.Fatalf("%+v", before)
		}
		i := w.step(authz.Responder, "1/restrict", "", http.StatusOK)
		if !i.Restricted || w.incident(authz.Admin, "1").Number != 1 { // the admin is of the security team
			t.Errorf("the circle: %+v", i)
		}
		lists := itemsOf[record.Checklist](w, authz.Responder, "/incidents/1/checklists")
		alerts := itemsOf[record.Alert](w, authz.Responder, "/alerts")
		if len(lists) == 0 || len(alerts) != 1 || len(itemsOf[record.Delivery](w, authz.Responder, "/deliveries")) == 0 {
			t.Fatal("nothing to hide")
		}
		ids := map[string]string{"tasks": lists[0].Items[0].ID, "messages": m.ID, "alerts": alerts[0].ID}
		body := map[string]string{
			"dismiss": `{"reason":"r"}`, "severity": `{"to":"P2","reason":"r"}`, "roles": `{"role":"scribe","person":"admin"}`, "notes": `{"text":"n"}`, "escalate": `{"to":"admin"}`,
			"merge": `{"into":"INC-1"}`, "split": `{"alerts":["` + alerts[0].ID + `"]}`, "responders": `{"state":"joined"}`, "messages": `{"text":"t"}`, "updates": `{"text":"t"}`, "skip": `{"reason":"r"}`,
		}
		tried := 0
		for _, e := range w.api.table.Entries() {
			there, missing := strings.ReplaceAll(e.Path, "{id}", "INC-1"), strings.ReplaceAll(e.Path, "{id}", "INC-7")
			if id := ids[strings.Split(e.Path, "/")[1]]; id != "" {
				there, missing = strings.ReplaceAll(e.Path, "{id}", id), strings.ReplaceAll(e.Path, "{id}", absent)
			} else if !strings.HasPrefix(e.Path, "/incidents/{id}") {
				continue
			}
			if there == missing {
				continue
			}
			last := e.Path[strings.LastIndex(e.Path, "/")+1:]
			text := body[last]
			if e.Method == http.MethodGet {
				text = ""
			} else if e.Method == http.MethodPatch {
				text = `{"text":"t"}`
			}
			if last == "severity-preview" {
				there, missing = there+"?to=P2", missing+"?to=P2"
			}
			for _, role := range []authz.Role{authz.Stakeholder, authz.Auditor} {
				a, b := w.as(role, e.Method, there, text), w.as(role, e.Method, missing, text)
				tried++
				if a.Code != b.Code || a.Code < 400 || bare(a, "INC-1") != bare(b, "INC-7") {
					t.Errorf("%s as %s: there %d %s, missing %d %s", e.Pattern, role, a.Code, clip2(a.Body.String()), b.Code, clip2(b.Body.String()))
				}
				if e.Method == http.MethodGet && a.Code != http.StatusNotFound && e.Policy.Admits(authz.Actor{ID: string(role), Role: role}) == nil {
					t.Errorf("%s as %s: %d", e.Pattern, role, a.Code)
				}
			}
		}
		if tried < 60 {
			t.Errorf("only %d calls tried", tried)
		}
		for _, role := range []authz.Role{authz.Stakeholder, authz.Auditor} {
			for _, path := range []string{"/incidents", "/alerts", "/deliveries"} {
				if g := w.as(role, "GET", path, ""); !strings.Contains(g.Body.String(), `"items":[]`) {
					t.Errorf("%s as %s: %s", path, role, clip2(g.Body.String()))
				}
			}
			for _, q := range []string{"/alerts?incident=", "/deliveries?incident="} {
				if a, b := w.as(role, "GET", q+"INC-1", ""), w.as(role, "GET", q+"INC-7", ""); a.Code != http.StatusNotFound || bare(a, "INC-1") != bare(b, "INC-7") {
					t.Errorf("%s as %s: %d, %d", q, role, a.Code, b.Code)
				}
			}
			now := decode[Now](w.as(role, "GET", "/now", "").status(http.StatusOK, "now"))
			if len(now.Incidents) != 0 || len(now.Due) != 0 || now.Outbox != (OutboxCount{}) {
				t.Errorf("now as %s: %+v", role, now)
			}
			if out := w.listen(role, "?after=0").until(t, "procedure.changed"); strings.Contains(out, "INC-1") || strings.Contains(out, "incident.") {
				t.Errorf("the stream tells %s: %s", role, out)
			}
		}
		if out := w.listen(authz.Admin, "?after=0").until(t, "incident.restricted"); !strings.Contains(out, `"incident":"INC-1"`) {
			t.Errorf("the circle hears %s", out)
		}
	})
}

// A responder outside the circle who may do everything else gets the same
// answer as for an incident that is not there, and changes nothing.
func TestRestrictedRefusesSteps(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.as(authz.Admin, "POST", "/incidents", `{"title":"A leak","service":"auth","severity":"P1","restricted":true}`).status(http.StatusCreated, "declare")
		for name, body := range map[string]string{"acknowledge": "", "engage": "", "resolve": `{"reason":"r"}`, "severity": `{"to":"P2","reason":"r"}`, "notes": `{"text":"n"}`, "updates": `{"text":"t"}`} {
			a := w.as(authz.Responder, "POST", "/incidents/INC-1/"+name, body).status(http.StatusNotFound, name)
			b := w.as(authz.Responder, "POST", "/incidents/INC-7/"+name, body).status(http.StatusNotFound, name)
			if bare(a, "INC-1") != bare(b, "INC-7") {
				t.Errorf("%s: %s and %s", name, a.Body, b.Body)
			}
		}
		if i := w.incident(authz.Admin, "1"); i.AcknowledgedBy != nil || i.Severity != "P1" {
			t.Errorf("%+v", i)
		}
	})
}
