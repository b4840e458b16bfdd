package api

import (
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/tenant"
)

func TestAddressOfACustomersPrivatePage(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		const path = "/customers/acme/status-page"
		read := func(role authz.Role) string {
			t.Helper()
			return decode[tenant.PrivatePage](w.as(role, "GET", path, "").status(http.StatusOK, "read")).URL
		}
		if got := read(authz.Responder); got != "" {
			t.Errorf("before the first: %s", got)
		}
		w.as(authz.Responder, "POST", path, "").status(http.StatusForbidden, "made by a responder")
		w.as(authz.Responder, "DELETE", path, "").status(http.StatusForbidden, "ended by a responder")
		w.as(authz.Stakeholder, "GET", path, "").status(http.StatusForbidden, "read by a stakeholder")
		g := w.as(authz.Admin, "POST", path, "").status(http.StatusCreated, "made")
		first := decode[tenant.PrivatePage](g)
		if cache := g.Header().Get("Cache-Control"); !strings.Contains(cache, "no-store") {
			t.Errorf("an address may be kept: %q", cache)
		}
		if !strings.HasPrefix(first.URL, "https://status.example/t/") || read(authz.Auditor) != first.URL {
			t.Errorf("made: %+v", first)
		}
		second := decode[tenant.PrivatePage](w.as(authz.Admin, "POST", path, "{}").status(http.StatusCreated, "renewed"))
		if second.URL == first.URL || read(authz.Responder) != second.URL {
			t.Errorf("renewed: %+v", second)
		}
		w.as(authz.Admin, "DELETE", path, "").status(http.StatusNoContent, "ended")
		if got := read(authz.Responder); got != "" {
			t.Errorf("ended: %s", got)
		}
		w.as(authz.Responder, "GET", "/customers/nobody/status-page", "").status(http.StatusNotFound, "no such customer")
		if strings.Contains(w.log.String(), "/t/") {
			t.Error("the log has an address")
		}
	})
}
