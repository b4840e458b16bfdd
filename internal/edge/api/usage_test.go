package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/usage"
)

// Usage that is pushed stands under the customer with what is usual; a collapse is
// on the list of warnings.
//
// Clauses: CRI-CS-USAGE, CRI-CS-EWS.
func TestUsageHasABaseline(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.as(authz.Admin, "PUT", "/customers/acme", `{"name":"Acme","tier":"enterprise","vip":false,"major_account":false,"contract":{}}`).status(http.StatusOK, "a customer")
		hour := w.now.UTC().Truncate(time.Hour).Add(-2 * time.Hour)
		push := func(at time.Time, v float64) string {
			return fmt.Sprintf(`{"metric":"logins","hour":%q,"value":%g}`, at.Format(time.RFC3339), v)
		}
		var hours []string
		for week := 1; week <= 5; week++ {
			hours = append(hours, push(hour.Add(-time.Duration(week)*7*24*time.Hour), 100))
		}
		body := `{"hours":[` + strings.Join(append(hours, push(hour, 15)), ",") + `]}`
		w.as(authz.Stakeholder, "POST", "/customers/acme/usage", body).status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Responder, "POST", "/customers/acme/usage", body).status(http.StatusNoContent, "pushed")
		w.as(authz.Responder, "POST", "/customers/nobody/usage", body).status(http.StatusNotFound, "no customer")
		for _, bad := range []string{`{"hours":[]}`, `{"hours":[` + push(hour, -1) + `]}`, `{"hours":[` + push(w.now.AddDate(0, 0, 2), 1) + `]}`, `{"hours":[` + push(hour, 1) + "," + push(hour.Add(time.Minute), 2) + `]}`} {
			w.as(authz.Responder, "POST", "/customers/acme/usage", bad).status(http.StatusUnprocessableEntity, bad)
		}
		got := decode[usage.UsageList](w.as(authz.Responder, "GET", "/customers/acme/usage", "").status(http.StatusOK, "shown"))
		if len(got.Items) == 0 {
			t.Fatal("nothing is shown")
		}
		last := got.Items[len(got.Items)-1]
		if last.Value != 15 || last.Usual == nil || *last.Usual != 100 || !last.Hour.Equal(hour) {
			t.Errorf("%+v", last)
		}
		warned := decode[route.List[usage.UsageWarning]](w.as(authz.Responder, "GET", "/early-warnings", "").status(http.StatusOK, "warnings"))
		if len(warned.Items) != 1 || warned.Items[0].Kind != "drop" || warned.Items[0].Customer != "acme" || warned.Items[0].Change > -0.8 {
			t.Errorf("%+v", warned)
		}
		w.as(authz.Responder, "POST", "/customers/acme/usage", `{"hours":[`+push(hour.Add(time.Hour), 1)+`]}`).status(http.StatusNoContent, "an hour without a baseline")
		w.as(authz.Responder, "POST", "/customers/acme/usage", `{"hours":[`+push(hour, 99)+`]}`).status(http.StatusNoContent, "corrected")
		if again := decode[route.List[usage.UsageWarning]](w.as(authz.Responder, "GET", "/early-warnings", "").status(http.StatusOK, "ended")); len(again.Items) != 0 {
			t.Errorf("still stands: %+v", again)
		}
		w.as(authz.Stakeholder, "GET", "/customers/acme/usage", "").status(http.StatusForbidden, "what customers do is not for everybody")
	})
}

// A file is taken row by row: what is of no use is named by its line, and the same
// file again changes nothing.
//
// Clauses: CRI-CS-USAGE.
func TestUsageFromAFile(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.as(authz.Admin, "PUT", "/customers/acme", `{"name":"Acme","tier":"enterprise","vip":false,"major_account":false,"contract":{}}`).status(http.StatusOK, "a customer")
		hour := w.now.UTC().Truncate(time.Hour).Add(-5 * time.Hour)
		file := "\ufeffvalue, Metric,hour,note\r\n" +
			"12.5,logins," + hour.Format(time.RFC3339) + ",\r\n" +
			"7,logins," + hour.Add(time.Hour).Format("2006-01-02 15:04") + ",\"a, b\"\r\n" +
			"many,logins," + hour.Format(time.RFC3339) + ",\r\n" +
			"1,logins,yesterday,\r\n" +
			"-1,logins," + hour.Format(time.RFC3339) + ",\r\n" +
			"1,Log ins," + hour.Format(time.RFC3339) + ",\r\n" +
			"3,logins," + hour.Add(20*time.Minute).Format(time.RFC3339) + ",\r\n" +
			"1,logins\r\n" +
			"1,\"logins\"x,y,z\r\n" +
			"4,exports," + hour.Format(time.RFC3339) + ",\r\n"
		send := func(role authz.Role, customer, body string) got {
			return w.as(role, "POST", "/customers/"+customer+"/usage/file", body, header("Content-Type", "text/csv"))
		}
		for range 2 {
			r := decode[usage.UsageImport](send(authz.Responder, "acme", file).status(http.StatusOK, "a file"))
			if r.Taken != 3 || r.Refused != 7 || len(r.Rows) != 7 {
				t.Fatalf("%+v", r)
			}
			for i, want := range []string{"value must be a number", "hour must be an instant", "value must be a number that is not negative", "metric use 1 to 64", "stands in line 2 already", "has 2 columns instead of 4", "quote"} {
				if r.Rows[i].Line != i+4 || !strings.Contains(r.Rows[i].What, want) {
					t.Errorf("row %d: %+v, want %q", i, r.Rows[i], want)
				}
			}
			got := decode[usage.UsageList](w.as(authz.Responder, "GET", "/customers/acme/usage", "").status(http.StatusOK, "shown"))
			if len(got.Items) != 3 || got.Items[0].Metric != "exports" || got.Items[1].Value != 12.5 || !got.Items[2].Hour.Equal(hour.Add(time.Hour)) || got.Items[2].Value != 7 {
				t.Errorf("%+v", got)
			}
		}
		for _, bad := range []string{"\xff\xfe", "metric,hour\nlogins,x\n", "metric,hour,value\n"} {
			send(authz.Responder, "acme", bad).status(http.StatusUnprocessableEntity, bad)
		}
		send(authz.Responder, "nobody", file).status(http.StatusNotFound, "no customer")
		send(authz.Responder, "nobody", "metric,hour,value\nlogins,x,1\n").status(http.StatusNotFound, "no customer, and no row either")
		send(authz.Stakeholder, "acme", file).status(http.StatusForbidden, "a stakeholder")
	})
}

// A health check is written down by who may, whole or not at all, and listed.
//
// Clauses: CRI-CS-HEALTH.
func TestHealthChecks(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.activate()
		w.as(authz.Admin, "PUT", "/customers/acme", `{"name":"Acme","tier":"enterprise","vip":false,"major_account":false,"contract":{}}`).status(http.StatusOK, "a customer")
		w.as(authz.Admin, "PUT", "/customers/shop", `{"name":"Shop","tier":"standard","vip":false,"major_account":false,"contract":{}}`).status(http.StatusOK, "another")
		good := `{"usage":"steady","sentiment":"good","open_issues":1,"score":90,"notes":"content"}`
		w.as(authz.Stakeholder, "POST", "/customers/acme/health-checks", good).status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Stakeholder, "GET", "/health-checks", "").status(http.StatusForbidden, "what is known of customers is not for everybody")
		w.as(authz.Responder, "POST", "/customers/nobody/health-checks", good).status(http.StatusNotFound, "no customer")
		w.as(authz.Responder, "POST", "/customers/shop/health-checks", good).status(http.StatusConflict, "none is asked for")
		for _, bad := range []string{`{}`, strings.Replace(good, "90", "101", 1), strings.Replace(good, "steady", "up", 1), strings.Replace(good, `:1,`, `:-1,`, 1)} {
			w.as(authz.Responder, "POST", "/customers/acme/health-checks", bad).status(http.StatusUnprocessableEntity, bad)
		}
		made := decode[usage.HealthCheck](w.as(authz.Responder, "POST", "/customers/acme/health-checks", good).status(http.StatusCreated, "made"))
		if made.State != "done" || made.Result == nil || made.Result.Score != 90 || !made.DoneAt.Equal(w.now) {
			t.Errorf("%+v", made)
		}
		due := decode[route.List[usage.HealthCheck]](w.as(authz.Responder, "GET", "/health-checks", "").status(http.StatusOK, "due"))
		if len(due.Items) != 1 || due.Items[0].State != "planned" || !due.Items[0].DueAt.Equal(w.now.Add(30*24*time.Hour)) {
			t.Errorf("%+v", due)
		}
		all := decode[route.List[usage.HealthCheck]](w.as(authz.Responder, "GET", "/health-checks?customer=acme", "").status(http.StatusOK, "of one"))
		if len(all.Items) != 2 || all.Items[1].ID != made.ID || all.Items[1].DoneBy == "" {
			t.Errorf("%+v", all)
		}
	})
}
