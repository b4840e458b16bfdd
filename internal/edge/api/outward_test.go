package api

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/outward"
	"allclear/internal/edge/api/route"
)

// Keys of in-app notices are the administrator's: five at most, each secret is shown
// once, also when the same request comes again, and an ended key is gone.
func TestInAppKeysByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		const path = "/in-app/keys"
		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder, authz.Auditor} {
			w.as(role, "GET", path, "").status(http.StatusForbidden, string(role))
			w.as(role, "POST", path, "").status(http.StatusForbidden, string(role))
			w.as(role, "DELETE", path+"/ik-x", "").status(http.StatusForbidden, string(role))
		}
		first := decode[outward.InAppKey](w.as(authz.Admin, "POST", path, "", header(route.IdempotencyHeader, "one")).status(http.StatusCreated, "a key"))
		raw, err := base64.RawURLEncoding.DecodeString(first.Secret)
		if err != nil || len(raw) != 32 || first.ID == "" || first.CreatedBy != "admin" || !first.CreatedAt.Equal(w.now) {
			t.Errorf("%v %+v", err, first)
		}
		if again := w.as(authz.Admin, "POST", path, "", header(route.IdempotencyHeader, "one")); strings.Contains(again.Body.String(), first.Secret) {
			t.Error("a repeated request shows the secret again")
		}
		for n := 2; n <= 5; n++ {
			w.as(authz.Admin, "POST", path, "").status(http.StatusCreated, "another")
		}
		w.as(authz.Admin, "POST", path, "").status(http.StatusConflict, "a sixth")
		g := w.as(authz.Admin, "GET", path, "").status(http.StatusOK, "the list")
		if all := decode[route.List[outward.InAppKey]](g).Items; len(all) != 5 || strings.Contains(g.Body.String(), `"secret"`) {
			t.Errorf("%s", g.Body)
		}
		w.as(authz.Admin, "DELETE", path+"/"+first.ID, "").status(http.StatusNoContent, "ended")
		for _, none := range []string{first.ID, "ik-nobody"} {
			w.as(authz.Admin, "DELETE", path+"/"+none, "").status(http.StatusNotFound, none)
		}
		if all := itemsOf[outward.InAppKey](w, authz.Admin, path+"?limit=500"); len(all) != 4 {
			t.Errorf("%+v", all)
		}
		w.as(authz.Responder, "GET", "/in-app/setup", "").status(http.StatusForbidden, "a responder")
		if s := decode[outward.InAppSetup](w.as(authz.Admin, "GET", "/in-app/setup", "").status(http.StatusOK, "setup")); !strings.HasSuffix(s.Script, "/in-app/v1/banner.js") || !strings.HasSuffix(s.Notices, "/in-app/v1/notices") || s.Origins == nil || s.Lasting != 7200 {
			t.Errorf("%+v", s)
		}
		w.as(authz.Stakeholder, "GET", "/in-app/sessions", "").status(http.StatusForbidden, "a stakeholder")
		if all := itemsOf[outward.InAppSessions](w, authz.Auditor, "/in-app/sessions"); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}

// What a contact said of an address is written down by whoever keeps the registry,
// for the addresses of that customer only.
func TestAddressesOfCustomers(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.as(authz.Admin, "PUT", "/customers/acme", `{"name":"Acme","tier":"enterprise","vip":true,"region":"us","products":["login"],"contract":{},"contacts":[{"name":"Ops","email":"ops@acme.example","phone":"+15550100700"}]}`).status(http.StatusOK, "a phone")
		w.as(authz.Admin, "POST", "/customers", `{"id":"other","name":"Other","tier":"standard","contract":{},"contacts":[{"name":"Bo","email":"bo@other.example"}]}`).status(http.StatusCreated, "another")
		const path = "/customers/acme/addresses"
		w.as(authz.Stakeholder, "GET", path, "").status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Responder, "GET", "/customers/nobody/addresses", "").status(http.StatusNotFound, "no customer")
		w.as(authz.Responder, "GET", path+"?cursor=x", "").status(http.StatusUnprocessableEntity, "no cursor")
		all := itemsOf[outward.CustomerAddress](w, authz.Auditor, path)
		if len(all) != 2 || all[0].Channel != "email" || !all[0].Wanted || all[0].OptedOut || all[1].Channel != "sms" || all[1].Wanted {
			t.Fatalf("%+v", all)
		}
		const out = `{"channel":"email","address":"OPS@acme.example","opted_out":true}`
		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder, authz.Auditor} {
			w.as(role, "PATCH", path, out).status(http.StatusForbidden, string(role))
		}
		for _, bad := range []string{
			`{"channel":"email","address":"ops@acme.example"}`, `{"channel":"fax","address":"ops@acme.example","opted_out":true}`, `{"channel":"email","address":"","opted_out":true}`,
			`{"channel":"email","address":"ops@acme.example","bounces":true}`, `{"channel":"email","address":"ops@acme.example","opted_out":"yes"}`,
		} {
			w.as(authz.Admin, "PATCH", path, bad).status(http.StatusUnprocessableEntity, bad)
		}
		for _, none := range []string{`{"channel":"email","address":"bo@other.example","opted_out":true}`, `{"channel":"sms","address":"ops@acme.example","opted_out":true}`} {
			w.as(authz.Admin, "PATCH", path, none).status(http.StatusNotFound, none)
		}
		changed := decode[route.List[outward.CustomerAddress]](w.as(authz.Admin, "PATCH", path, out).status(http.StatusOK, "no more")).Items
		if len(changed) != 2 || !changed[0].OptedOut || changed[0].OptedOutBy != "admin" || !changed[0].OptedOutAt.Equal(w.now) || changed[1].OptedOut {
			t.Errorf("%+v", changed)
		}
		w.as(authz.Admin, "PATCH", path, `{"channel":"email","address":"ops@acme.example","opted_out":false,"bounces":false}`).status(http.StatusOK, "again")
		if back := itemsOf[outward.CustomerAddress](w, authz.Auditor, path); back[0].OptedOut || back[0].OptedOutBy != "" && back[0].OptedOutBy != "admin" {
			t.Errorf("%+v", back)
		}
		if other := itemsOf[outward.CustomerAddress](w, authz.Auditor, "/customers/other/addresses"); len(other) != 1 || other[0].OptedOut {
			t.Errorf("%+v", other)
		}
	})
}
