package api

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/ledger"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/subscribers"
)

// Subscribers come in by a file, show masked, are found by their whole address, leave
// by an export that is on the record, and are forgotten.
func TestSubscribersByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		const file = `{"csv":"channel,address\nemail,ana@reader.example\nsms,+15550100901\nwebhook,https://reader.example/hook\nemail,nobody\n","consent":true}`
		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder, authz.Auditor} {
			w.as(role, "POST", "/subscribers/import", file).status(http.StatusForbidden, string(role))
		}
		for _, bad := range []string{`{"csv":""}`, `{"csv":"channel,address\n"}`, `{"csv":"address\n\"x"}`, `{}`} {
			w.as(authz.Admin, "POST", "/subscribers/import", bad).status(http.StatusUnprocessableEntity, bad)
		}
		in := decode[subscribers.ImportedSubscribers](w.as(authz.Admin, "POST", "/subscribers/import", file).status(http.StatusOK, "a file"))
		if in.Added != 3 || in.Known != 0 || len(in.Problems) != 1 || in.Problems[0].Where != "line 5" {
			t.Fatalf("%+v", in)
		}
		if again := decode[subscribers.ImportedSubscribers](w.as(authz.Admin, "POST", "/subscribers/import", file).status(http.StatusOK, "again")); again.Added != 0 || again.Known != 3 {
			t.Errorf("%+v", again)
		}

		w.as(authz.Stakeholder, "GET", "/subscribers", "").status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Stakeholder, "GET", "/subscribers/counts", "").status(http.StatusForbidden, "a stakeholder")
		for _, q := range []string{"?channel=pigeon", "?state=gone", "?limit=0", "?cursor=x"} {
			w.as(authz.Responder, "GET", "/subscribers"+q, "").status(http.StatusUnprocessableEntity, q)
		}
		page := decode[route.List[subscribers.Subscriber]](w.as(authz.Responder, "GET", "/subscribers?limit=2", "").status(http.StatusOK, "the newest"))
		rest := decode[route.List[subscribers.Subscriber]](w.as(authz.Responder, "GET", "/subscribers?limit=2&cursor="+page.NextCursor, "").status(http.StatusOK, "the others"))
		if len(page.Items) != 2 || len(rest.Items) != 1 || rest.NextCursor != "" || rest.Items[0].Address != "a…@reader.example" {
			t.Fatalf("%+v, then %+v", page, rest)
		}
		for _, s := range append(page.Items, rest.Items...) {
			if s.State != "confirmed" || !s.Imported || strings.Contains(s.Address, "ana") || strings.Contains(s.Address, "hook") || strings.Contains(s.Address, "100901") {
				t.Errorf("%+v", s)
			}
		}
		found := itemsOf[subscribers.Subscriber](w, authz.Responder, "/subscribers?address=ANA@reader.example")
		if len(found) != 1 || found[0].Address != "ana@reader.example" {
			t.Errorf("%+v", found)
		}
		if only := itemsOf[subscribers.Subscriber](w, authz.Responder, "/subscribers?channel=sms&state=confirmed"); len(only) != 1 || only[0].Channel != "sms" {
			t.Errorf("%+v", only)
		}
		if n := itemsOf[subscribers.SubscriberCount](w, authz.Responder, "/subscribers/counts"); len(n) != 3 || n[0].Count != 1 {
			t.Errorf("%+v", n)
		}

		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder} {
			w.as(role, "POST", "/subscribers/export", "").status(http.StatusForbidden, string(role))
		}
		g := w.as(authz.Auditor, "POST", "/subscribers/export", "").status(http.StatusOK, "an export")
		rows, err := csv.NewReader(strings.NewReader(g.Body.String())).ReadAll()
		if err != nil || len(rows) != 4 || !strings.Contains(g.Body.String(), "'+15550100901") || !strings.HasPrefix(g.Header().Get("Content-Type"), "text/csv") {
			t.Errorf("%v %q", err, rows)
		}
		told := false
		for _, e := range decode[route.List[ledger.AuditEntry]](w.as(authz.Auditor, "GET", "/audit?limit=500", "").status(http.StatusOK, "the record")).Items {
			told = told || strings.Contains(e.Text, "3 subscribers of the status page were exported") && e.Actor == "auditor"
		}
		if !told {
			t.Error("the export is not on the record")
		}

		at := "/subscribers/" + found[0].ID
		if sent := itemsOf[subscribers.SubscriberSend](w, authz.Responder, at+"/deliveries"); len(sent) != 0 {
			t.Errorf("an import with consent asked: %+v", sent)
		}
		w.as(authz.Stakeholder, "GET", at+"/deliveries", "").status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Responder, "DELETE", at, "").status(http.StatusForbidden, "a responder")
		w.as(authz.Admin, "DELETE", at, "").status(http.StatusNoContent, "ended")
		for _, none := range []string{found[0].ID, absent, "nobody"} {
			w.as(authz.Admin, "DELETE", "/subscribers/"+none, "").status(http.StatusNotFound, none)
			w.as(authz.Admin, "GET", "/subscribers/"+none+"/deliveries", "").status(http.StatusNotFound, none)
		}
		w.as(authz.Responder, "POST", "/subscribers/erase", `{"address":"+15550100901"}`).status(http.StatusForbidden, "a responder")
		w.as(authz.Admin, "POST", "/subscribers/erase", `{"address":""}`).status(http.StatusUnprocessableEntity, "nobody")
		for want, body := range []string{`{"address":"stranger@reader.example"}`, `{"address":"+1 555 010 0901"}`} {
			if gone := decode[subscribers.ErasedSubscribers](w.as(authz.Admin, "POST", "/subscribers/erase", body).status(http.StatusOK, body)); gone.Ended != want {
				t.Errorf("%s: %+v", body, gone)
			}
		}
		if left := itemsOf[subscribers.Subscriber](w, authz.Admin, "/subscribers"); len(left) != 1 || left[0].Channel != "webhook" {
			t.Errorf("%+v", left)
		}
	})
}

// Who is imported without consent is asked first, and shows as asked.
func TestWhoIsImportedWithoutConsentIsAsked(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.as(authz.Admin, "POST", "/subscribers/import", `{"csv":"email\nana@reader.example\n"}`).status(http.StatusOK, "a file")
		all := itemsOf[subscribers.Subscriber](w, authz.Responder, "/subscribers?state=pending")
		if len(all) != 1 || !all[0].ConfirmedAt.IsZero() {
			t.Fatalf("%+v", all)
		}
		sent := itemsOf[subscribers.SubscriberSend](w, authz.Responder, "/subscribers/"+all[0].ID+"/deliveries")
		if len(sent) != 1 || sent[0].Kind != "subscription" || sent[0].Channel != "email" || sent[0].State != "queued" {
			t.Errorf("%+v", sent)
		}
	})
}

// Rules of following are the administrator's; what one component shows is for those
// who speak to the public, and stands until it is released.
//
// Clauses: PLT-SP-AUTO
func TestFollowingByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.as(authz.Admin, "PUT", "/services/auth", `{"name":"Sign-in","restoration_rank":1,"critical_function":true,"products":["login"],"component":"Sign-in"}`).status(http.StatusOK, "a component")
		const path = "/component-following"
		f := decode[subscribers.Following](w.as(authz.Stakeholder, "GET", path, "").status(http.StatusOK, "as it stands"))
		if f.Rules.Mode != "auto" || len(f.Components) != 1 || f.Components[0].Service != "auth" || f.Components[0].Status != "operational" || f.Components[0].SetBy != "" {
			t.Fatalf("%+v", f)
		}
		const rules = `{"mode":"approve","after":"2m","restore":"10m","states":{"critical":"major_outage"}}`
		w.as(authz.Responder, "PUT", path, rules).status(http.StatusForbidden, "a responder")
		for _, bad := range []string{
			`{"mode":"maybe","after":"2m","restore":"10m","states":{}}`, `{"mode":"auto","after":"2d","restore":"10m","states":{}}`, `{"mode":"auto","after":"soon","restore":"10m","states":{}}`,
			`{"mode":"auto","after":"2m","restore":"10m","states":{"fatal":"major_outage"}}`, `{"mode":"auto","after":"2m","restore":"10m","states":{"critical":"under_maintenance"}}`, `{"mode":"auto"}`,
		} {
			w.as(authz.Admin, "PUT", path, bad).status(http.StatusUnprocessableEntity, bad)
		}
		f = decode[subscribers.Following](w.as(authz.Admin, "PUT", path, rules).status(http.StatusOK, "rules"))
		if f.Rules.Mode != "approve" || f.Rules.After.String() != "2m" || f.Rules.States["critical"] != "major_outage" || len(f.Rules.States) != 1 {
			t.Errorf("%+v", f.Rules)
		}

		const by = path + "/auth/status"
		for _, role := range []authz.Role{authz.Stakeholder, authz.Auditor} {
			w.as(role, "PUT", by, `{"status":"partial_outage"}`).status(http.StatusForbidden, string(role))
			w.as(role, "DELETE", by, "").status(http.StatusForbidden, string(role))
			w.as(role, "POST", path+"/auth/answer", `{"approve":true}`).status(http.StatusForbidden, string(role))
		}
		for _, bad := range []string{`{"status":"on fire"}`, `{}`, `{"status":"partial_outage","reason":"` + strings.Repeat("x", 501) + `"}`} {
			w.as(authz.Responder, "PUT", by, bad).status(http.StatusUnprocessableEntity, bad)
		}
		w.as(authz.Responder, "PUT", path+"/nothing/status", `{"status":"partial_outage"}`).status(http.StatusNotFound, "no component")
		w.as(authz.Responder, "DELETE", path+"/nothing/status", "").status(http.StatusNotFound, "no component")
		w.as(authz.Responder, "POST", path+"/auth/answer", `{"approve":true}`).status(http.StatusConflict, "nothing waits")
		f = decode[subscribers.Following](w.as(authz.Responder, "PUT", by, `{"status":"partial_outage","reason":"seen by hand"}`).status(http.StatusOK, "by hand"))
		if c := f.Components[0]; c.Status != "partial_outage" || c.Alerts != "operational" || c.SetBy != "responder" || c.Reason != "seen by hand" || !c.Since.Equal(w.now) {
			t.Errorf("%+v", c)
		}
		w.as(authz.Responder, "DELETE", by, "").status(http.StatusNoContent, "released")
		f = decode[subscribers.Following](w.as(authz.Stakeholder, "GET", path, "").status(http.StatusOK, "released"))
		if c := f.Components[0]; c.Status != "operational" || c.SetBy != "" {
			t.Errorf("%+v", c)
		}
	})
}
