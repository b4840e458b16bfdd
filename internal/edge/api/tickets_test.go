package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/ticket"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/support"
	"allclear/internal/flow/tickets"
)

func (w *world) ticket(id, email, subject string) {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	r := ticket.Report{Source: "zendesk", ExternalID: id, Event: id, Subject: subject, Name: "Dana", Email: email, URL: "https://example.zendesk.com/agent/tickets/" + id}
	if err := w.tickets.Take(w.t.Context(), tickets.Arrival{ServiceID: "auth", Source: "zendesk", Reports: []ticket.Report{r}, Now: w.now}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) queue(role authz.Role, query string) support.List[support.Ticket] {
	w.t.Helper()
	return decode[support.List[support.Ticket]](w.as(role, "GET", "/tickets"+query, "").status(http.StatusOK, query))
}

// Clauses: CRI-ZD-CLASS, CRI-ENT-ESC
func TestTicketsOverTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		for n := range 3 {
			w.ticket(fmt.Sprint(n+1), "dana@nowhere.example", "An error")
		}
		w.ticket("4", "dana@nowhere.example", "Hello")
		w.ticket("5", "ops@acme.example", "All is down")
		if got := w.queue(authz.Responder, "?queue=urgent&state=waiting"); len(got.Items) != 3 || got.Items[0].ExternalID != "3" || got.NextCursor != "" {
			t.Errorf("%+v", got)
		}
		first := w.queue(authz.Responder, "?limit=2")
		second := w.queue(authz.Responder, "?limit=4&cursor="+first.NextCursor)
		if len(first.Items) != 2 || len(second.Items) != 3 || second.Items[2].ExternalID != "1" || second.NextCursor != "" {
			t.Errorf("%+v\n%+v", first, second)
		}
		top := first.Items[0]
		if top.Customer != "acme" || top.CustomerName != "Acme" || top.State != "raised" || top.Severity != "P1" || top.Incident != "INC-1" || top.Email != "ops@acme.example" || len(top.Reasons) == 0 || top.Confidence <= 0 {
			t.Errorf("%+v", top)
		}
		for query, want := range map[string]int{"?customer=acme": 1, "?service=auth": 5, "?incident=INC-1": 4, "?incident=INC-77": 0, "?service=nothing": 0} {
			if got := w.queue(authz.Responder, query); len(got.Items) != want {
				t.Errorf("%s: %d, want %d", query, len(got.Items), want)
			}
		}
		if hidden := decode[support.Ticket](w.as(authz.Stakeholder, "GET", "/tickets/"+top.ID, "").status(http.StatusOK, "a stakeholder")); hidden.Email != "" || hidden.Requester != "" || hidden.Subject == "" {
			t.Errorf("contacts of a customer: %+v", hidden)
		}
		w.as(authz.Responder, "GET", "/tickets?queue=other", "").status(http.StatusUnprocessableEntity, "another queue")
		w.as(authz.Responder, "GET", "/tickets?cursor=%25", "").status(http.StatusUnprocessableEntity, "another cursor")
		w.as(authz.Responder, "GET", "/tickets/"+absent, "").status(http.StatusNotFound, "no such ticket")

		one := second.Items[2]
		w.as(authz.Auditor, "POST", "/tickets/"+one.ID+"/escalate", `{"reason":"x"}`).status(http.StatusForbidden, "an auditor escalates")
		w.as(authz.Stakeholder, "POST", "/tickets/"+one.ID+"/dismiss", `{"reason":"x"}`).status(http.StatusForbidden, "a stakeholder dismisses")
		w.as(authz.Responder, "POST", "/tickets/"+one.ID+"/dismiss", `{"reason":""}`).status(http.StatusUnprocessableEntity, "without a reason")
		w.now = w.now.Add(time.Second)
		if got := decode[support.Ticket](w.as(authz.Responder, "POST", "/tickets/"+one.ID+"/dismiss", `{"reason":"known"}`).status(http.StatusOK, "dismiss")); got.State != "dismissed" || got.By != "responder" || got.Reason != "known" {
			t.Errorf("%+v", got)
		}
		w.as(authz.Responder, "POST", "/tickets/"+one.ID+"/dismiss", `{"reason":"known"}`).status(http.StatusConflict, "twice")
		if got := decode[support.Ticket](w.as(authz.Stakeholder, "POST", "/tickets/"+one.ID+"/escalate", `{"reason":"it is all of them"}`).status(http.StatusOK, "escalate")); got.State != "raised" || got.Severity != "P2" {
			t.Errorf("%+v", got)
		}
	})
}

// Clauses: CRI-CS-VIP
func TestEscalateForACustomer(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		const path = "/customers/acme/escalate"
		w.as(authz.Auditor, "POST", path, `{"text":"x"}`).status(http.StatusForbidden, "an auditor")
		w.as(authz.Responder, "POST", path, `{"text":""}`).status(http.StatusUnprocessableEntity, "no words")
		w.as(authz.Responder, "POST", path, `{"text":"x","service":"nothing"}`).status(http.StatusUnprocessableEntity, "no such service")
		w.as(authz.Responder, "POST", "/customers/nobody/escalate", `{"text":"x"}`).status(http.StatusNotFound, "no such customer")
		once := func(r *http.Request) { r.Header.Set("Idempotency-Key", "the same wish") }
		for range 2 {
			got := decode[support.CustomerEscalation](w.as(authz.Stakeholder, "POST", path, `{"text":"They cannot sign in"}`, once).status(http.StatusOK, "escalate"))
			if got.Incident != "INC-1" || got.Service != "auth" {
				t.Errorf("%+v", got)
			}
		}
		if inc := w.incident(authz.Responder, "INC-1"); inc.Severity != "P2" || inc.Status != "triage" {
			t.Errorf("%+v", inc)
		}
		if all := decode[route.List[record.Alert]](w.as(authz.Responder, "GET", "/alerts", "").status(http.StatusOK, "alerts")); len(all.Items) != 1 {
			t.Errorf("%d alerts of one wish", len(all.Items))
		}
	})
}
