package gcp

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	opened = `{"version":"1.2","incident":{"incident_id":"0.opqiw61fsv7p","scoping_project_id":"shop","scoping_project_number":12345,"url":"https://console.cloud.google.com/monitoring/alerting/incidents/0.opqiw61fsv7p?project=shop","started_at":1772420580,"ended_at":null,"state":"open","severity":"Critical","summary":"CPU utilization for web-3 is above the threshold of 0.8 with a value of 0.99.","apigee_url":"","observed_value":"0.99","threshold_value":"0.8","resource":{"type":"gce_instance","labels":{"instance_id":"11","zone":"europe-west1-b"}},"resource_type_display_name":"VM Instance","resource_id":"11","resource_display_name":"web-3","resource_name":"shop VM Instance labels","metric":{"type":"compute.googleapis.com/instance/cpu/utilization","displayName":"CPU utilization","labels":{"instance_name":"web-3"}},"metadata":{"system_labels":{"name":"x"},"user_labels":{"team":"web"}},"policy_name":"Web CPU","policy_user_labels":{"runbook":"yes"},"condition_name":"VM Instance - CPU utilization","condition":{"name":"projects/shop/alertPolicies/1/conditions/2","displayName":"VM Instance - CPU utilization","conditionThreshold":{"comparison":"COMPARISON_GT","thresholdValue":0.8,"duration":"60s"}},"documentation":{"content":"See [runbook](https://wiki.example.net/web-cpu).","mime_type":"text/markdown","subject":"Web CPU","links":[{"displayName":"Playbook","url":"https://wiki.example.net/playbook"}]}}}`
	older  = `{"incident":{"incident_id":"f2e08c33","resource_id":"i-4a26","resource_name":"web-85","state":"open","started_at":1772420580,"ended_at":null,"policy_name":"Web health","condition_name":"CPU usage","url":"https://app.example.net/incidents/f2e08c33","summary":"CPU for web-85 is above the threshold"},"version":"1.1"}`
	logged = `{"version":"1.2","incident":{"incident_id":"0.log","state":"OPEN","started_at":1772420580,"severity":"No severity","summary":"Log match condition fulfilled.","policy_name":"Errors in the log","condition_name":"Log match condition","condition":{"conditionMatchedLog":{"filter":"severity>=ERROR"}},"resource":{"type":"k8s_container","labels":{"pod_name":"web-1","project_id":"shop"}}}}`
	test   = `{"version":"test","incident":{"incident_id":"12345","state":"OPEN","summary":"Test Incident","started_at":0,"ended_at":0,"policy_name":"projects/12345/alertPolicies/12345"}}`
)

func pubsub(body string) string {
	return `{"message":{"attributes":{"k":"v"},"data":"` + base64.StdEncoding.EncodeToString([]byte(body)) + `","messageId":"2070443601311540","publishTime":"2026-03-02T03:03:00.1Z"},"subscription":"projects/shop/subscriptions/allclear"}`
}

func closed(body string) string {
	return strings.NewReplacer(`"state":"open"`, `"state":"closed"`, `"state":"OPEN"`, `"state":"CLOSED"`, `"ended_at":null`, `"ended_at":1772421580`).Replace(body)
}

func call(body string) plug.Inbound {
	return plug.Inbound{Body: []byte(body), Header: http.Header{}, ID: "id"}
}

func TestContract(t *testing.T) {
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: []plug.Inbound{call(opened), call(closed(opened)), call(older), call(logged), call(pubsub(opened)), call(pubsub(closed(opened)))}})
}

func one(t *testing.T, body string) alert.Signal {
	t.Helper()
	got, err := source{}.Parse(call(body))
	if err != nil || len(got.Signals) != 1 {
		t.Fatalf("%.80s: %v %+v", body, err, got)
	}
	plugtest.CheckReceived(t, got)
	return got.Signals[0]
}

func TestEveryIncidentEnds(t *testing.T) {
	for name, c := range map[string][2]string{
		"version 1.2": {opened, closed(opened)}, "version 1.1": {older, closed(older)}, "log": {logged, closed(logged)}, "Pub/Sub": {pubsub(opened), pubsub(closed(opened))}, "both ways": {opened, pubsub(closed(opened))},
	} {
		a, b := one(t, c[0]), one(t, c[1])
		if a.Action != alert.Trigger || b.Action != alert.Resolve || a.DedupKey != b.DedupKey {
			t.Errorf("%s: %s %q and %s %q", name, a.Action, a.DedupKey, b.Action, b.DedupKey)
		}
	}
}

func TestWhatAPersonSees(t *testing.T) {
	s := one(t, opened)
	if s.Severity != "critical" || !strings.HasPrefix(s.Summary, "CPU utilization for web-3") || s.Origin != "web-3" || s.Component != "VM Instance" || s.Class != "VM Instance - CPU utilization" || s.Group != "shop" || s.Labels["zone"] != "europe-west1-b" || s.Labels["team"] != "web" ||
		s.Labels["policy_name"] != "Web CPU" || s.Labels["metric"] != "CPU utilization" || !s.StartedAt.Equal(time.Unix(1772420580, 0)) || s.StartedAt.Location() != time.UTC {
		t.Errorf("%+v", s)
	}
	if len(s.Links) != 3 || s.Links[1].Text != "Playbook" || s.Links[2].Href != "https://wiki.example.net/web-cpu" {
		t.Errorf("links %+v", s.Links)
	}
	for word, want := range map[string]string{"Critical": "critical", "Error": "error", "Warning": "warning", "No severity": "", "": ""} {
		if s := one(t, strings.Replace(opened, `"Critical"`, `"`+word+`"`, 1)); s.Severity != want {
			t.Errorf("%s: %q", word, s.Severity)
		}
	}
	if s := one(t, strings.Replace(logged, `"severity":"No severity"`, `"severity":"No severity","policy_user_labels":{"severity":"error"}`, 1)); s.Severity != "error" {
		t.Errorf("by label: %q", s.Severity)
	}
	if s := one(t, strings.Replace(older, `1772420580`, `"1772420580"`, 1)); !s.StartedAt.Equal(time.Unix(1772420580, 0)) {
		t.Errorf("a number in a string: %v", s.StartedAt)
	}
	if s := one(t, `{"incident":{"incident_id":7}}`); s.DedupKey != "7" || s.Action != alert.Trigger || s.Summary == "" {
		t.Errorf("the least: %+v", s)
	}
}

func TestWhatOpensNothing(t *testing.T) {
	for _, body := range []string{test, pubsub(test), pubsub(`{"budgetDisplayName":"b"}`), pubsub("text"), `{"message":{"attributes":{}},"subscription":"s"}`} {
		if got, err := (source{}).Parse(call(body)); err != nil || len(got.Signals) != 0 || got.Reply.Status != 200 {
			t.Errorf("%s: %v %+v", body, err, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	for body, where := range map[string]string{`{}`: "/incident", `{"incident":"x"}`: "/incident", `{"incident":{"state":"open"}}`: "/incident/incident_id", `{"message":{"data":"%%%"}}`: "/message/data", `[]`: ""} {
		_, err := source{}.Parse(call(body))
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 || f.Details[0].Where != where {
			t.Errorf("%s: %v %+v", body, err, f)
		}
	}
}

// The console's Basic Auth is the hook's secret. INV-A6
func TestBasicAuth(t *testing.T) {
	in := call(opened)
	in.Secret = "hook-secret"
	for pair, ok := range map[string]bool{"allclear:hook-secret": true, ":hook-secret": true, "hook-secret:": false, "allclear:wrong": false} {
		in.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
		if _, err := (source{}).Parse(in); (err == nil) != ok {
			t.Errorf("%s: %v", pair, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{opened, older, logged, test, pubsub(opened), `{"incident":{"incident_id":1,"documentation":"text https://a.test","resource":[],"started_at":-1}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := source{}.Parse(call(string(body)))
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}

func TestErrorReporting(t *testing.T) {
	const body = `{"version":"1.0","subject":"New error in shop","group_info":{"project_id":"shop","detail_link":"https://console.cloud.google.com/errors/CNbx?project=shop&time=P1D"},"exception_info":{"type":"ValueError","message":"no total"},"event_info":{"log_message":"at checkout","request_method":"GET","request_url":"https://shop.example.net","referrer":"","user_agent":"","service":"checkout","version":"v7","response_status":"500"}}`
	s := one(t, body)
	if s.Action != alert.Trigger || s.DedupKey != "errors/shop/https://console.cloud.google.com/errors/CNbx" || s.Summary != "ValueError: no total" || s.Component != "checkout" || s.Group != "shop" || s.Labels["response_status"] != "500" || len(s.Links) != 1 {
		t.Errorf("got %+v", s)
	}
	if again := one(t, strings.NewReplacer("time=P1D", "time=P7D", `"ValueError"`, `""`, `"no total"`, `null`).Replace(body)); again.DedupKey != s.DedupKey || again.Summary != "at checkout" {
		t.Errorf("again: %+v", again)
	}
	if _, err := (source{}).Parse(call(`{"version":"1.0","group_info":{}}`)); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a link: %v", err)
	}
}
