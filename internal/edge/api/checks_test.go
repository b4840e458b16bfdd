package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/check"
)

// refused is what checks find here.
func refused(context.Context, check.Check, time.Time) check.Result {
	return check.Result{Why: "connection refused"}
}

const shop = `{"service":"shop","type":"http","target":"https://shop.example.com/","every":"1m","probes":["local","eu"],"quorum":1,"contains":["welcome"]}`

// Clauses: PLT-APP-API
func TestChecksAreMadeAndStand(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.as(authz.Admin, "PUT", "/services/shop", `{"name":"Shop","restoration_rank":1}`).status(http.StatusOK, "service")
		w.as(authz.Responder, "PUT", "/checks/shop", shop).status(http.StatusForbidden, "a responder")
		made := decode[Check](w.as(authz.Admin, "PUT", "/checks/shop", shop).status(http.StatusOK, "made"))
		if made.State != "unknown" || made.Every.String() != "1m" || len(made.Has) != 1 || made.Version == 0 {
			t.Errorf("%+v", made)
		}
		for body, where := range map[string]string{
			strings.Replace(shop, `"1m"`, `"5s"`, 1):                      "body.every",
			strings.Replace(shop, `"service":"shop"`, `"service":"x"`, 1): "body.service",
			strings.Replace(shop, "https://", "ftp://", 1):                "body.target",
			strings.Replace(shop, `"quorum":1`, `"quorum":3`, 1):          "body.quorum",
		} {
			if got := w.as(authz.Admin, "PUT", "/checks/shop", body).status(http.StatusUnprocessableEntity, where); !strings.Contains(got.Body.String(), `"`+where+`"`) {
				t.Errorf("want %s: %s", where, got.Body.String())
			}
		}
		for range 20 { // until it is due
			if _, err := w.checks.Tick(t.Context(), w.now); err != nil {
				t.Fatal(err)
			}
			w.now = w.now.Add(time.Second)
		}
		w.as(authz.Responder, "POST", "/checks/results", `{"probe":"eu","results":[{"check":"shop","up":true,"seconds":0.25}]}`).status(http.StatusNoContent, "report")
		w.as(authz.Responder, "POST", "/checks/results", `{"probe":"us","results":[{"check":"shop","up":true,"seconds":0.25}]}`).status(http.StatusUnprocessableEntity, "another place")
		w.as(authz.Stakeholder, "POST", "/checks/results", `{"probe":"eu","results":[{"check":"shop","up":true,"seconds":0.25}]}`).status(http.StatusForbidden, "a stakeholder")
		got := decode[Check](w.as(authz.Stakeholder, "GET", "/checks/shop", "").status(http.StatusOK, "shown"))
		if got.State != "down" || len(got.Places) != 2 {
			t.Fatalf("%+v", got)
		}
		eu, local := got.Places[0], got.Places[1]
		if eu.Probe != "eu" || eu.State != "up" || eu.SucceededAt == nil || eu.P95 == nil || *eu.P95 != 0.25 {
			t.Errorf("eu: %+v", eu)
		}
		if local.State != "failing" || local.Error != "connection refused" || local.FailedAt == nil || local.SucceededAt != nil || local.Failures == 0 {
			t.Errorf("local: %+v", local)
		}
		if all := itemsOf[Check](w, authz.Responder, "/checks?service=shop"); len(all) != 1 || all[0].State != "down" {
			t.Errorf("list: %+v", all)
		}
		if all := itemsOf[Check](w, authz.Responder, "/checks?service=other"); len(all) != 0 {
			t.Errorf("of another service: %+v", all)
		}
		w.as(authz.Admin, "DELETE", "/services/shop", "").status(http.StatusConflict, "a service with a check")
		w.as(authz.Admin, "DELETE", "/checks/shop", "").status(http.StatusNoContent, "deleted")
	})
}
