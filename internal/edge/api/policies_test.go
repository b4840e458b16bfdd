package api

import (
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/duty"
	"allclear/internal/edge/api/ladder"
	"allclear/internal/edge/api/route"
)

const payments = `{"name":"Payments","steps":[{"after":"0s","to":["person:ana"]},{"after":"10m","to":["role:cto"],"while":"unresolved","only":{"severity":["P1"],"business_hours":false}}],"repeat":{"every":"10m","times":3},"ack_expires":"30m"}`

// Clauses: PLT-CFG-POL
func TestEscalationPoliciesAreMadeAndReplaced(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.activate()
		w.as(authz.Admin, "PUT", "/people/ana", `{"name":"Ana"}`).status(http.StatusOK, "ana")
		w.as(authz.Responder, "PUT", "/escalation-policies/payments", payments).status(http.StatusForbidden, "a responder")
		made := decode[ladder.EscalationPolicy](w.as(authz.Admin, "PUT", "/escalation-policies/payments", payments).status(http.StatusOK, "made"))
		if made.Source != "catalogue" || len(made.Steps) != 2 || made.Steps[1].While != "unresolved" || made.Steps[1].Only == nil || made.RepeatTimes != 3 || made.Version == 0 {
			t.Errorf("%+v", made)
		}
		got := decode[ladder.EscalationPolicy](w.as(authz.Responder, "GET", "/escalation-policies/payments", "").status(http.StatusOK, "shown"))
		if got.Version != made.Version || got.AckExpires.String() != "30m" {
			t.Errorf("%+v", got)
		}
		list := decode[route.List[ladder.EscalationPolicy]](w.as(authz.Responder, "GET", "/escalation-policies", "").status(http.StatusOK, "list"))
		if len(list.Items) != 3 || list.Items[2].ID != "payments" {
			t.Errorf("%+v", list.Items)
		}
		bad := strings.Replace(payments, "role:cto", "policy:payments", 1)
		problem := w.as(authz.Admin, "PUT", "/escalation-policies/payments", bad).status(http.StatusUnprocessableEntity, "a circle")
		if !strings.Contains(problem.Body.String(), "body.steps[1].to[0]") {
			t.Errorf("no place: %s", problem.Body)
		}
		for where, bad := range map[string]string{
			"body.steps[1].after": strings.Replace(payments, `"after":"10m"`, `"after":"soon"`, 1),
			"body.repeat.every":   strings.Replace(payments, `"every":"10m"`, `"every":"10"`, 1),
			"body.ack_expires":    strings.Replace(payments, `"ack_expires":"30m"`, `"ack_expires":"never"`, 1),
		} {
			problem := w.as(authz.Admin, "PUT", "/escalation-policies/payments", bad).status(http.StatusUnprocessableEntity, where)
			if body := problem.Body.String(); !strings.Contains(body, where) || !strings.Contains(body, "a time such as 10m or 1h30m") {
				t.Errorf("no place or no word of what is wrong: %s", body)
			}
		}
		service := `{"name":"Checkout","restoration_rank":2,"escalation_policy":"payments"}`
		w.as(authz.Admin, "PUT", "/services/checkout", service).status(http.StatusOK, "its service")
		w.as(authz.Admin, "DELETE", "/escalation-policies/payments", "").status(http.StatusConflict, "a service needs it")
		w.as(authz.Admin, "DELETE", "/services/checkout", "").status(http.StatusNoContent, "the service goes")
		w.as(authz.Admin, "DELETE", "/escalation-policies/payments", "").status(http.StatusNoContent, "then the policy")
	})
}

// Clauses: ESC-L1-PRIMARY
func TestDeadEndsAreListed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.activate()
		list := decode[route.List[duty.DeadEnd]](w.as(authz.Responder, "GET", "/reachability", "").status(http.StatusOK, "dead ends"))
		found := false
		for _, d := range list.Items {
			found = found || d.Where == "fallback" && d.What == "nobody"
		}
		if !found {
			t.Errorf("%+v", list.Items)
		}
	})
}
