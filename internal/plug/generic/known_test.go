package generic

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	eventsV1 = `{"service_key":"0123456789abcdef0123456789abcdef","event_type":"trigger","incident_key":"srv01/HTTP","description":"FAILURE for production/HTTP on srv01.example.net","client":"Sample monitoring","client_url":"https://monitoring.example.net","details":{"ping time":"1500ms","load avg":0.75},"contexts":[{"type":"link","href":"https://wiki.example.net/http"},{"type":"link","href":"https://wiki.example.net/srv01","text":"Host"},{"type":"image","src":"https://monitoring.example.net/chart.png","href":"https://monitoring.example.net/chart","text":"Chart"},{"type":"image"},7]}`
	graylog3 = `{"event_definition_id":"5d8f","event_definition_type":"aggregation-v1","event_definition_title":"Many errors","event_definition_description":"","job_definition_id":"1","job_trigger_id":"2","event":{"id":"01DNM","event_definition_id":"5d8f","timestamp":"2026-03-02T03:03:00.000Z","streams":["1"],"message":"Many errors: count()=12","source":"graylog-1","key_tuple":["web-3"],"key":"web-3","priority":3,"alert":true,"fields":{}},"backlog":[]}`
	graylogA = `{"check_result":{"result_description":"Stream had 2 messages in the last 1 minutes","triggered_condition":{"id":"5e7a9c8d","type":"MESSAGE_COUNT","grace":1},"triggered_at":"2026-03-02T03:03:00.749Z","triggered":true,"matching_messages":[{"message":"WARN"}]},"stream":{"id":"55f1","title":"errors","description":"test stream"}}`
)

func sole(t *testing.T, body string) alert.Signal {
	t.Helper()
	got, err := (&source{}).Parse(plug.Inbound{Body: []byte(body), ID: "unique", Now: time.Now()})
	if err != nil || len(got.Signals) != 1 {
		t.Fatalf("%.60s: %v %+v", body, err, got)
	}
	plugtest.CheckReceived(t, got)
	return got.Signals[0]
}

// Clauses: INT-PAGERDUTY
func TestEventsOfVersion1(t *testing.T) {
	s := sole(t, eventsV1)
	if s.Action != alert.Trigger || s.DedupKey != "srv01/HTTP" || s.Summary != "FAILURE for production/HTTP on srv01.example.net" || s.Client != "Sample monitoring" || s.ClientURL != "https://monitoring.example.net" {
		t.Errorf("%+v", s)
	}
	if len(s.Links) != 2 || s.Links[1] != (alert.Link{Href: "https://wiki.example.net/srv01", Text: "Host"}) || len(s.Images) != 1 || s.Images[0] != (alert.Image{Src: "https://monitoring.example.net/chart.png", Href: "https://monitoring.example.net/chart", Alt: "Chart"}) {
		t.Errorf("links %+v, images %+v", s.Links, s.Images)
	}
	if doc, _ := json.Marshal(s.Details); strings.Contains(string(doc), "0123456789abcdef") || !strings.Contains(string(doc), "1500ms") {
		t.Errorf("details %s", doc)
	}
	for word, want := range map[string]alert.Action{"acknowledge": alert.Acknowledge, "resolve": alert.Resolve} {
		if s := sole(t, `{"service_key":"k","event_type":"`+word+`","incident_key":"srv01/HTTP","description":"done"}`); s.Action != want || s.DedupKey != "srv01/HTTP" {
			t.Errorf("%s: %+v", word, s)
		}
	}
	if s := sole(t, `{"service_key":"k","event_type":"trigger","description":"no key"}`); s.DedupKey != "unique" {
		t.Errorf("without an incident_key: %q", s.DedupKey)
	}
}

// The id of a CloudEvent is another one each time, and so is that of many envelopes.
func TestEnvelopes(t *testing.T) {
	const event = `{"specversion":"1.0","type":"net.example.check","source":"/checks/eu","id":"A1","time":"2026-03-02T03:04:05Z","subject":"db-1","data":{"status":"firing","severity":"critical","check_id":"disk","title":"Disk is full"}}`
	up, over := sole(t, event), sole(t, strings.NewReplacer(`"A1"`, `"A2"`, "firing", "resolved").Replace(event))
	if up.Action != alert.Trigger || up.DedupKey != "disk" || up.Summary != "Disk is full" || up.Origin != "/checks/eu" || up.Class != "net.example.check" || up.StartedAt.IsZero() {
		t.Errorf("%+v", up)
	}
	if over.Action != alert.Resolve || over.DedupKey != up.DedupKey {
		t.Errorf("%+v", over)
	}
	if s := sole(t, strings.Replace(event, `"check_id":"disk",`, "", 1)); s.DedupKey != "unique" {
		t.Errorf("nothing but the id of the event: %q", s.DedupKey)
	}
	for body, want := range map[string]alert.Signal{
		`{"id":"evt-1","event_type":"incident.resolved","incident":{"incident_id":"42","title":"x"}}`: {Action: alert.Resolve, DedupKey: "42"},
		`{"id":"evt-2","event_type":"incident.created","incident":{"incident_id":"42","title":"x"}}`:  {Action: alert.Trigger, DedupKey: "42"},
		`{"id":"7","event":{"id":"8","title":"x"}}`:                                                   {Action: alert.Trigger, DedupKey: "7"},
		`{"id":"7","title":"x","event_type":"alert:acknowledged"}`:                                    {Action: alert.Acknowledge, DedupKey: "7"},
		`{"event":"alert.resolved","alert":{"id":"7","name":"x"}}`:                                    {Action: alert.Resolve, DedupKey: "7"},
		`{"event":"ALERT_RECOVERY","check":{"id":"8"},"check_id":"7","name":"x"}`:                     {Action: alert.Resolve, DedupKey: "7"},
		`{"type":"alert.fired","alert":{"id":"7","name":"x"}}`:                                        {Action: alert.Trigger, DedupKey: "7"},
		`{"monitorID":"7","monitorFriendlyName":"Shop","alertType":"2","alertTypeFriendlyName":"Up"}`: {Action: alert.Resolve, DedupKey: "7"},
		`{"State":"RESOLVED","ProblemID":"7","ProblemTitle":"x","PID":"8"}`:                           {Action: alert.Resolve, DedupKey: "7"},
		`{"sensorid":"7","sensor":"Ping","status":"Down","message":"x"}`:                              {Action: alert.Trigger, DedupKey: "7"},
		`{"type":"follow_up","id":"7","name":"x"}`:                                                    {Action: alert.Trigger, DedupKey: "7"},
		`{"status":"not closed","id":"7","name":"x"}`:                                                 {Action: alert.Trigger, DedupKey: "7"},
		`{"status":"firing","event":"incident.closed","id":"7","name":"x"}`:                           {Action: alert.Trigger, DedupKey: "7"},
		`{"id":"7","title":"x","status":"un.known"}`:                                                  {Action: alert.Trigger, DedupKey: "7"},
	} {
		if s := sole(t, body); s.Action != want.Action || s.DedupKey != want.DedupKey {
			t.Errorf("%s: %s %s", body, s.Action, s.DedupKey)
		}
	}
}

func TestGraylog(t *testing.T) {
	s := sole(t, graylog3)
	if s.DedupKey != "graylog/5d8f/web-3" || s.Severity != "error" || s.Summary != "Many errors: Many errors: count()=12" || s.Origin != "graylog-1" || s.Class != "aggregation-v1" || !s.StartedAt.Equal(time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)) {
		t.Errorf("%+v", s)
	}
	if again := sole(t, strings.Replace(graylog3, "01DNM", "01XYZ", 1)); again.DedupKey != s.DedupKey {
		t.Errorf("another event of the same definition: %q", again.DedupKey)
	}
	for p, want := range map[string]string{"1": "info", "2": "warning", "4": "critical", "9": ""} {
		if s := sole(t, strings.Replace(graylog3, `"priority":3`, `"priority":`+p, 1)); s.Severity != want {
			t.Errorf("priority %s: %q", p, s.Severity)
		}
	}
	a, b := sole(t, graylogA), sole(t, strings.Replace(graylogA, `"triggered":true`, `"triggered":false`, 1))
	if a.Action != alert.Trigger || b.Action != alert.Resolve || a.DedupKey != "graylog/55f1/5e7a9c8d" || a.DedupKey != b.DedupKey || a.Summary != "errors: Stream had 2 messages in the last 1 minutes" {
		t.Errorf("%+v and %+v", a, b)
	}
}
