package simulate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"allclear/internal/app/simulate"
	"allclear/procedures"
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

// A scenario and its procedure can lie together, wherever the command is run.
func TestTrialFindsAProcedureBesideTheScenario(t *testing.T) {
	dir := t.TempDir()
	own := strings.Replace(string(procedures.TechFlow), "after: 10m", "after: 12m", 1)
	for name, text := range map[string]string{
		"mine.yaml": own, "scenario.yaml": "start: 2026-03-02T03:00:00Z\nduration: 13m\nprocedure: mine.yaml\nsteps:\n  - {at: 0s, declare: {severity: P1, service: auth, title: broken}}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err := simulate.Run(t.Context(), filepath.Join(dir, "scenario.yaml"), &out)
	if second := regexp.MustCompile(`(?m)^{"at":"12m0s",.*"kind":"page",.*"step":2`); err != nil || !second.MatchString(out.String()) {
		t.Errorf("%v\n%s", err, &out)
	}
}

// A body may be given as the text that was sent.
func TestTrialTakesABodyAsText(t *testing.T) {
	out, err := run(t, `{at: 0s, event: {source: events, service: auth, body: '{"event_action":"trigger","payload":{"summary":"Sign-in fails","source":"probe","severity":"critical"}}'}}`)
	if err != nil || !strings.Contains(out, `"step":1`) || !strings.Contains(out, "Sign-in fails") {
		t.Errorf("%v\n%s", err, out)
	}
}
