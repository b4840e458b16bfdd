package pagerduty_test

import (
	"net/http"
	"testing"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Every event of a subscription is answered, those that change no alert too: an
// account switches a webhook off that is refused. Source: developer.pagerduty.com,
// "Webhooks Overview", Event Types. Clauses: INT-PAGERDUTY
func TestEveryEventIsAnswered(t *testing.T) {
	p := open(t, "https://events.pagerduty.com/v2/enqueue")
	incident := `{"id":"Q1","type":"incident","self":"https://api.pagerduty.com/incidents/Q1","html_url":"https://acme.pagerduty.com/incidents/Q1","number":5,"status":"triggered","incident_key":"d387","created_at":"2026-03-02T03:00:00Z","reopened_at":null,"title":"Latency","service":{"id":"S1","summary":"Checkout"},"assignees":[],"escalation_policy":{"id":"E1"},"teams":[],"priority":null,"urgency":"high","conference_bridge":null,"resolve_reason":null,"incident_type":{"name":"major"}}`
	reference := `{"id":"Q1","type":"incident_reference","summary":"Latency","html_url":"https://acme.pagerduty.com/incidents/Q1"}`
	var keys []string
	for _, c := range []struct {
		kind, data string
		want       alert.Action
	}{
		{"incident.triggered", incident, alert.Trigger},
		{"incident.acknowledged", incident, alert.Acknowledge},
		{"incident.unacknowledged", incident, alert.Trigger},
		{"incident.resolved", incident, alert.Resolve},
		{"incident.reopened", incident, alert.Trigger},
		{"incident.priority_updated", incident, alert.Trigger},
		{"incident.escalated", incident, ""},
		{"incident.delegated", incident, ""},
		{"incident.reassigned", incident, ""},
		{"incident.service_updated", incident, ""},
		{"incident.incident_type.changed", incident, ""},
		{"incident.annotated", `{"incident":` + reference + `,"id":"N1","content":"note","trimmed":false,"type":"incident_note"}`, ""},
		{"incident.status_update_published", `{"incident":` + reference + `,"id":"U1","message":"text","trimmed":false,"type":"incident_status_update"}`, ""},
		{"incident.responder.added", `{"incident":` + reference + `,"user":{"id":"P1","summary":"Ana"},"escalation_policy":null,"message":"help","state":"pending","type":"incident_responder"}`, ""},
		{"incident.responder.replied", `{"incident":` + reference + `,"user":{"id":"P1"},"message":"help","state":"accepted","type":"incident_responder"}`, ""},
		{"incident.conference_bridge.updated", `{"incident":` + reference + `,"conference_numbers":[{"label":"","number":"+1"}],"conference_url":"https://example.net","type":"incident_conference_bridge"}`, ""},
		{"incident.custom_field_values.updated", `{"incident":` + reference + `,"custom_fields":[{"name":"x","value":["a"]}],"changed_fields":["x"],"type":"incident_field_values"}`, ""},
		{"incident.workflow.started", `{"incident":` + reference + `,"id":"W1","summary":"Run","type":"incident_workflow_instance","incident_workflow":{"id":"I1"}}`, ""},
		{"incident.action_invocation.created", `{"incident":` + reference + `,"state":"created","service":null,"type":"action_invocation"}`, ""},
		{"service.created", `{"id":"S1","type":"service","html_url":"https://acme.pagerduty.com/services/S1","summary":"Checkout","status":"active","teams":[],"alert_creation":"create_alerts_and_incidents"}`, ""},
		{"service.updated", `{"id":"S1","type":"service"}`, ""},
		{"service.deleted", `{"id":"S1","type":"service"}`, ""},
		{"service.custom_field_values.updated", `{"service":{"id":"S1","summary":"Checkout"},"custom_fields":[],"type":"service_field_values"}`, ""},
		{"pagey.ping", `{"message":"Hello from your friend Pagey!","type":"ping"}`, ""},
		{"something.new", `{"title":{"text":"an object"},"status":7,"priority":"P1","service":"S1","html_url":null,"urgency":["high"]}`, ""},
		{"something.new", `null`, ""},
		{"something.new", `[]`, ""},
	} {
		h, err := p.Hear(plug.Inbound{Header: http.Header{}, Body: []byte(webhook(c.kind, c.data))})
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.kind, err)
		case c.want == "" && len(h.Signals) != 0, c.want != "" && (len(h.Signals) != 1 || h.Signals[0].Action != c.want):
			t.Errorf("%s: %+v", c.kind, h.Signals)
		}
		for _, s := range h.Signals {
			keys = append(keys, s.DedupKey)
		}
	}
	for _, k := range keys {
		if k != keys[0] {
			t.Errorf("one incident, several alerts: %q", keys)
		}
	}
	bare := `{"event":{"id":"01E","event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2026-03-02T03:04:05.000Z","agent":null,"client":null,"data":{"message":"Hello","type":"ping"}}}`
	if h, err := p.Hear(plug.Inbound{Header: http.Header{}, Body: []byte(bare)}); err != nil || len(h.Signals) != 0 {
		t.Errorf("ping: %v %+v", err, h)
	}
}

// The body and the signature are PagerDuty's own: "Verifying Signatures".
// Clauses: INT-PAGERDUTY
func TestPublishedSignature(t *testing.T) {
	const body = `{"event":{"id":"01BWDWL3NYY7LUFPZCC28QUCMK","event_type":"incident.priority_updated","resource_type":"incident","occurred_at":"2021-04-26T17:36:27.458Z","agent":{"html_url":"https://acme.pagerduty.com/users/PLH1HKV","id":"PLH1HKV","self":"https://api.pagerduty.com/users/PLH1HKV","summary":"Tenex Engineer","type":"user_reference"},"client":null,"data":{"id":"PGR0VU2","type":"incident","self":"https://api.pagerduty.com/incidents/PGR0VU2","html_url":"https://acme.pagerduty.com/incidents/PGR0VU2","number":2,"status":"triggered","title":"A little bump in the road","service":{"html_url":"https://acme.pagerduty.com/services/PF9KMXH","id":"PF9KMXH","self":"https://api.pagerduty.com/services/PF9KMXH","summary":"API Service","type":"service_reference"},"assignees":[{"html_url":"https://acme.pagerduty.com/users/PTUXL6G","id":"PTUXL6G","self":"https://api.pagerduty.com/users/PTUXL6G","summary":"User 123","type":"user_reference"}],"escalation_policy":{"html_url":"https://acme.pagerduty.com/escalation_policies/PUS0KTE","id":"PUS0KTE","self":"https://api.pagerduty.com/escalation_policies/PUS0KTE","summary":"Default","type":"escalation_policy_reference"},"teams":[{"html_url":"https://acme.pagerduty.com/teams/PFCVPS0","id":"PFCVPS0","self":"https://api.pagerduty.com/teams/PFCVPS0","summary":"Engineering","type":"team_reference"}],"priority":{"html_url":"https://acme.pagerduty.com/account/incident_priorities","id":"PSO75BM","self":"https://api.pagerduty.com/priorities/PSO75BM","summary":"P1","type":"priority_reference"},"urgency":"high","conference_bridge":{"conference_number":1000,"conference_url":"https://example.com"},"resolve_reason":null}}}`
	p := open(t, "https://events.pagerduty.com/v2/enqueue", "signing_secret", "lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK")
	for signature, ok := range map[string]bool{
		"v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd": true, "v1=7020c8a7ec668a9b7012bc3dd82e483394b038f4230acc6785efbf2a7d8bcaf5": false,
	} {
		h, err := p.Hear(hook(body, signature))
		if (err == nil) != ok || ok && (len(h.Signals) != 1 || h.Signals[0].Severity != "critical") {
			t.Errorf("%s: %v %+v", signature, err, h)
		}
	}
}
