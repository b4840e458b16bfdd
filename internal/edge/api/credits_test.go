package api

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/credits"
)

func (w *world) elapse(d time.Duration) {
	w.t.Helper()
	w.now = w.now.Add(d)
	if _, err := w.timers.Tick(w.t.Context(), w.now); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) csv(month string) [][]string {
	w.t.Helper()
	body := w.as(authz.Auditor, "GET", "/credits.csv?month="+month, "").status(http.StatusOK, "the table").Body.String()
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// Credits by the interface: who may not read contracts reads none; a schedule is
// confirmed as it was read; the table has what billing gets, and no text in it is a
// formula; what is no answer is 422.
//
// Clauses: INT-BILLING, FUP-CR-DOC
func TestCreditsByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.reviewed()
		w.as(authz.Admin, "PUT", "/customers/acme", `{"name":"=HYPERLINK(\"http://x\")","tier":"enterprise","vip":false,"major_account":false,"products":["login"],"contract":{"uptime_percent":99.9,"monthly_fee_cents":123456}}`).status(http.StatusOK, "a fee")
		for _, bad := range []string{`{"currency":"usd"}`, `{"monthly_fee_cents":-1}`, `{"time_zone":"Atlantis"}`, `{"product_fees_cents":{"login":-5}}`} {
			w.as(authz.Admin, "PUT", "/customers/bad", `{"name":"Bad","tier":"standard","contract":`+bad+`}`).status(http.StatusUnprocessableEntity, bad)
		}
		w.elapse(0)
		w.as(authz.Stakeholder, "GET", "/credits", "").status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Stakeholder, "GET", "/incidents/1/ledger", "").status(http.StatusForbidden, "a stakeholder")
		list := itemsOf[credits.CreditMemo](w, authz.Responder, "/credits?month=2026-03&incident=INC-1")
		if len(list) != 1 || list[0].Cents != 12_346 || list[0].State != "calculated" || list[0].Wait == "" {
			t.Fatalf("%+v", list)
		}
		at := "/credits/" + list[0].ID
		one := decode[credits.CreditDetail](w.as(authz.Responder, "GET", at, "").status(http.StatusOK, "one"))
		if one.Again != one.Cents || len(one.Inputs.Hits) != 1 || one.Inputs.Hits[0].Incident != "INC-1" || one.Inputs.Lines[0].Share != 10 || !strings.Contains(one.Text, "123.46 USD") {
			t.Errorf("%+v", one)
		}
		up := itemsOf[credits.CustomerUptime](w, authz.Responder, "/availability?month=2026-03")
		if len(up) != 1 || up[0].Promise != 99.9 || up[0].Down != time.Hour.Milliseconds() || !up[0].Below {
			t.Errorf("%+v", up)
		}
		plans := decode[credits.CreditStanding](w.as(authz.Responder, "GET", "/credit-schedules", "").status(http.StatusOK, "schedules"))
		w.as(authz.Responder, "POST", "/credit-schedules/standard/confirm", `{"hash":"`+plans.Schedules[0].Hash+`"}`).status(http.StatusForbidden, "a responder confirms")
		w.as(authz.Admin, "POST", "/credit-schedules/standard/confirm", `{"hash":"x"}`).status(http.StatusConflict, "unread")
		w.as(authz.Admin, "POST", "/credit-schedules/none/confirm", `{"hash":"x"}`).status(http.StatusNotFound, "none")
		if s := decode[credits.CreditStanding](w.as(authz.Admin, "POST", "/credit-schedules/standard/confirm", `{"hash":"`+plans.Schedules[0].Hash+`"}`).status(http.StatusOK, "confirmed")); !s.Schedules[0].Confirmed || s.Billing {
			t.Errorf("%+v", s)
		}
		w.elapse(0)
		if rows := w.csv("2026-03"); len(rows) != 1 {
			t.Errorf("what is not processed is in the table: %q", rows)
		}
		w.as(authz.Responder, "POST", at+"/approve", "").status(http.StatusForbidden, "no executive")
		w.as(authz.Responder, "POST", at+"/booked", `{"reference":"1"}`).status(http.StatusConflict, "too early")
		w.elapse(30 * 24 * time.Hour)
		w.as(authz.Responder, "POST", at+"/void", `{"reason":"late"}`).status(http.StatusConflict, "it is processed")
		booked := decode[credits.CreditDetail](w.as(authz.Responder, "POST", at+"/booked", `{"reference":"+1"}`).status(http.StatusOK, "booked"))
		if booked.State != "exported" || booked.Reference != "+1" {
			t.Errorf("%+v", booked)
		}
		rows := w.csv("2026-03")
		if len(rows) != 2 || rows[1][0] != booked.Key || rows[1][3] != `'=HYPERLINK("http://x")` || rows[1][5] != "123.46" || rows[1][7] != "INC-1" || rows[1][10] != "'+1" {
			t.Errorf("%q", rows)
		}
		w.as(authz.Auditor, "GET", "/credits.csv?month=march", "").status(http.StatusUnprocessableEntity, "no month")
	})
}

func TestALedgerByTheInterface(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.reviewed()
		w.elapse(0)
		const path = "/incidents/INC-1/ledger"
		for _, bad := range []string{`{"type":"bribe","amount_cents":1,"currency":"USD","text":"x"}`, `{"type":"cost","amount_cents":0,"currency":"USD","text":"x"}`, `{"type":"cost","amount_cents":1,"currency":"XAU","text":"x"}`, `{"type":"cost","amount_cents":1,"currency":"USD","text":" "}`} {
			w.as(authz.Responder, "POST", path, bad).status(http.StatusUnprocessableEntity, bad)
		}
		w.as(authz.Auditor, "POST", path, `{"type":"cost","amount_cents":1,"currency":"USD","text":"x"}`).status(http.StatusForbidden, "an auditor writes")
		l := decode[credits.IncidentLedger](w.as(authz.Responder, "POST", path, `{"type":"refund","amount_cents":-250,"currency":"EUR","text":"x","reference":"R-1"}`).status(http.StatusCreated, "a row"))
		if len(l.Sums) == 0 || l.Entries[0].Reference != "R-1" || l.Entries[0].By.ID != "responder" || l.Impact != "outage" {
			t.Errorf("%+v", l)
		}
		w.as(authz.Responder, "POST", "/ledger-entries/"+l.Entries[0].ID+"/withdraw", `{"reason":"wrong"}`).status(http.StatusNoContent, "withdrawn")
		w.as(authz.Responder, "POST", "/ledger-entries/"+l.Entries[0].ID+"/withdraw", `{"reason":"wrong"}`).status(http.StatusConflict, "again")
		w.as(authz.Responder, "POST", "/ledger-entries/nobody/withdraw", `{"reason":"wrong"}`).status(http.StatusNotFound, "none")
		w.as(authz.Responder, "PUT", "/incidents/1/availability", `{"impact":"outage","reason":"log","until":"2027-01-01T00:00:00Z"}`).status(http.StatusUnprocessableEntity, "in the future")
		l = decode[credits.IncidentLedger](w.as(authz.Responder, "PUT", "/incidents/1/availability", `{"impact":"none","reason":"only the page was slow"}`).status(http.StatusOK, "nothing"))
		if l.Impact != "none" || l.Verdict == nil || l.Verdict.By.ID != "responder" || l.Entries[0].VoidWhy != "wrong" {
			t.Errorf("%+v", l)
		}
		w.as(authz.Responder, "POST", "/incidents/1/goodwill", `{"customer":"nobody","amount_cents":1,"reason":"x"}`).status(http.StatusUnprocessableEntity, "nobody")
		w.as(authz.Responder, "POST", "/incidents/99/goodwill", `{"customer":"acme","amount_cents":1,"reason":"x"}`).status(http.StatusNotFound, "no incident")
		gift := decode[credits.CreditDetail](w.as(authz.Responder, "POST", "/incidents/1/goodwill", `{"customer":"acme","amount_cents":150000,"reason":"sorry"}`).status(http.StatusCreated, "a gift"))
		if gift.State != "pending" || len(gift.Words) != 2 || gift.AskedBy != "responder" {
			t.Errorf("%+v", gift)
		}
	})
}
