package simulate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/app/simulate"
)

// run tries a scenario of one step and returns what was printed.
func run(t *testing.T, step string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(path, []byte("start: 2026-03-02T03:00:00Z\nduration: 1m\nsteps:\n  - "+step+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := simulate.Run(t.Context(), path, &out)
	return out.String(), err
}

// Whatever opens alerts at /hooks does in a trial, a provider that calls back
// about pages too.
func TestTrialHearsEverySource(t *testing.T) {
	out, err := run(t, `{at: 0s, event: {source: pagerduty, service: api, body: {event: {id: e1, event_type: incident.triggered, resource_type: incident,
      occurred_at: "2026-03-02T03:00:00Z", data: {id: Q1, type: incident, number: 7, title: "API is slow", urgency: high, status: triggered}}}}}`)
	if err != nil || !strings.Contains(out, `"kind":"alert"`) || !strings.Contains(out, "API is slow") || !strings.Contains(out, `"kind":"incident"`) {
		t.Errorf("%v\n%s", err, out)
	}
	for _, source := range strings.Fields("events alertmanager grafana datadog newrelic pingdom cloudwatch zendesk pagerduty opsgenie sentry statuscake uptimekuma azure gcp zabbix nagios github generic") {
		if _, err := run(t, "{at: 0s, event: {source: "+source+", service: api, body: {}}}"); err != nil && strings.Contains(err.Error(), "opens alerts") {
			t.Error(err)
		}
	}
	if _, err := run(t, `{at: 0s, event: {source: pigeon, service: api, body: {}}}`); err == nil || !strings.Contains(err.Error(), `"pigeon" is not one that opens alerts`) {
		t.Errorf("%v", err)
	}
}

// A body may be given as the text that was sent.
func TestTrialTakesABodyAsText(t *testing.T) {
	out, err := run(t, `{at: 0s, event: {source: events, service: auth, body: '{"event_action":"trigger","payload":{"summary":"Sign-in fails","source":"probe","severity":"critical"}}'}}`)
	if err != nil || !strings.Contains(out, `"step":1`) || !strings.Contains(out, "Sign-in fails") {
		t.Errorf("%v\n%s", err, out)
	}
}
