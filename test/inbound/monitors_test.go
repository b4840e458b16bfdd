package inbound

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/alert"
	"allclear/internal/plug/datadog"
)

// dd is the published template as Datadog renders it for a group of monitor 4711.
func dd(transition, kind, scope string) string {
	return strings.NewReplacer(`"$ALERT_ID"`, `"4711"`, `"$ALERT_SCOPE"`, `"`+scope+`"`, `"$AGGREG_KEY"`, `"b1946ac9"`, `"$ALERT_TRANSITION"`, `"`+transition+`"`, `"$ALERT_TYPE"`, `"`+kind+`"`,
		`"$ALERT_PRIORITY"`, `"P1"`, `"$EVENT_TITLE"`, `"[`+transition+` on {`+scope+`}] Load is high"`, `"$TEXT_ONLY_MSG"`, `"Load was over 4"`, `"$DATE"`, `"1772420400000"`, `"$HOSTNAME"`, `"db-1"`, `"$TAGS"`, `"env:prod"`).Replace(datadog.Template)
}

// DET-STACK-DATADOG, INT-DATADOG (the webhook): the template's Triggered opens an
// alert, Recovered resolves it and not its neighbour, and a wrong token is 401
// and leaves nothing.
func TestDatadog(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		path := "/hooks/datadog/" + hookKey
		w.must(202, http.MethodPost, path, dd("Triggered", "error", "host:db-1"))
		w.must(202, http.MethodPost, path, dd("Triggered", "error", "host:db-2"))
		w.must(202, http.MethodPost, path, dd("Re-Triggered", "error", "host:db-1"))
		if al := w.alert("monitor/4711/host:db-1"); al.Status != alert.Triggered || al.Severity.String() != "P2" || al.Count != 2 || !strings.Contains(al.Summary, "Load is high") {
			t.Errorf("got %+v", al)
		}
		w.must(202, http.MethodPost, path, dd("Recovered", "success", "host:db-1"))
		if one, other := w.alert("monitor/4711/host:db-1"), w.alert("monitor/4711/host:db-2"); one.Status != alert.Resolved || other.Status != alert.Triggered {
			t.Errorf("after the recovery of one: %s and %s", one.Status, other.Status)
		}
		before := len(w.raws())
		for _, header := range [][2]string{{"X-Allclear-Token", "wrong"}, {"Authorization", "Bearer wrong"}, {"X-None", "1"}} {
			if a := w.post("/hooks/datadog/"+signedKey, dd("Triggered", "error", "host:db-3"), header[0], header[1]); a.status != 401 {
				t.Errorf("%v: got %d %s", header, a.status, a.body)
			}
		}
		if len(w.raws()) != before || len(w.alerts()) != 2 {
			t.Error("something refused was kept")
		}
		if a := w.post("/hooks/datadog/"+signedKey, dd("Triggered", "error", "host:db-3"), "X-Allclear-Token", theSecret); a.status != 202 {
			t.Errorf("with the token: %d %s", a.status, a.body)
		}
	})
}

// DET-STACK-NEWRELIC, INT-NEWRELIC (the webhook): ACTIVATED opens an alert,
// ACKNOWLEDGED and CLOSED follow, and a state nobody knows is taken.
func TestNewRelic(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		issue := func(state string) string {
			return fmt.Sprintf(`{"id":"0ea2df1c","issueUrl":"https://radar-api.service.newrelic.com/accounts/1/issues/0ea2df1c?notifier=WEBHOOK","title":"High CPU","priority":"CRITICAL","impactedEntities":["app"],"totalIncidents":1,"state":%q,"trigger":"STATE_CHANGE","isCorrelated":false,"createdAt":1772420400000,"updatedAt":1772420400000,"sources":["newrelic"],"alertPolicyNames":["p"],"alertConditionNames":["c"],"workflowName":"w"}`, state)
		}
		for _, step := range []struct {
			state string
			want  alert.Status
		}{{"ACTIVATED", alert.Triggered}, {"PONDERING", alert.Triggered}, {"ACKNOWLEDGED", alert.Acknowledged}, {"CLOSED", alert.Resolved}} {
			w.must(202, http.MethodPost, "/hooks/newrelic/"+hookKey, issue(step.state))
			if al := w.alert("issue/0ea2df1c"); al.Status != step.want || al.Summary != "High CPU" || al.Severity.String() != "P2" {
				t.Errorf("%s: %+v", step.state, al)
			}
		}
	})
}

// DET-STACK-PINGDOM, INT-PINGDOM (the webhook): UP to DOWN opens an alert, DOWN
// to UP resolves it.
func TestPingdom(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		change := func(from, to string) string {
			return fmt.Sprintf(`{"check_id":803318,"check_name":"Shop","check_type":"HTTP","check_params":{"hostname":"shop.example.net","full_url":"https://shop.example.net/"},"tags":[],"previous_state":%q,"current_state":%q,"importance_level":"HIGH","state_changed_timestamp":1772420400,"state_changed_utc_time":"2026-03-02T03:00:00","description":"HTTP Error 503","first_probe":{},"second_probe":{},"version":1}`, from, to)
		}
		w.must(202, http.MethodPost, "/hooks/pingdom/"+hookKey, change("UP", "DOWN"))
		if al := w.alert("check/803318"); al.Status != alert.Triggered || al.Summary != "Shop is DOWN: HTTP Error 503" || al.Severity.String() != "P2" {
			t.Errorf("got %+v", al)
		}
		w.must(202, http.MethodPost, "/hooks/pingdom/"+hookKey, change("DOWN", "UP"))
		if al := w.alert("check/803318"); al.Status != alert.Resolved {
			t.Errorf("got %+v", al)
		}
	})
}
