package newrelic

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

const issueURL = "https://radar-api.service.newrelic.com/accounts/7/issues/0ea2df1c-adab-45d2-aae0-042b60000000?notifier=WEBHOOK"

// workflow is the default template as New Relic renders it.
func workflow(state, trigger string) string {
	return `{"id":"0ea2df1c-adab-45d2-aae0-042b60000000","issueUrl":"` + issueURL + `","title":"api query result is > 1.0 on 'Errors'","priority":"HIGH","impactedEntities":["api","worker"],"totalIncidents":2,"state":"` +
		state + `","trigger":"` + trigger + `","isCorrelated":true,"createdAt":1772420645000,"updatedAt":1772420705000,"sources":["newrelic"],"alertPolicyNames":["Golden signals"],"alertConditionNames":["Errors"],"workflowName":"Allclear"}`
}

// channel is the payload of a notification channel.
func channel(state string) string {
	return `{"account_id":7,"account_name":"Example","current_state":"` + state + `","details":"Error rate > 5 % for 5 minutes","incident_id":42,"incident_url":"https://alerts.newrelic.com/accounts/7/incidents/42","incident_acknowledge_url":"https://alerts.newrelic.com/accounts/7/incidents/42/acknowledge","condition_id":3,"condition_name":"Error rate","policy_name":"Shop","policy_url":"https://alerts.newrelic.com/accounts/7/policies/1","runbook_url":"https://runbook.example.net/errors","severity":"CRITICAL","timestamp":1772420645000,"event_type":"INCIDENT","duration":5,"version":"1.0","owner":"","targets":[{"id":"12","name":"shop","link":"https://rpm.newrelic.com/12","labels":{"team":"web","tier":1},"product":"APM","type":"Application"}],"violation_chart_url":"https://gorgon.example.net/image/1"}`
}

const customised = `{"issue_id":"abc","title":["Disk is full"],"priority":"{{json priority}}","state":"ACTIVATED","impactedEntities":"db-1","alertConditionNames":null,"runbookUrl":"https://runbook.example.net/disk","createdAt":"1772420645000","violationChartUrl":["https://gorgon.example.net/image/2"]}`

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{workflow("ACTIVATED", "STATE_CHANGE"), workflow("ACKNOWLEDGED", "ISSUE_ACKNOWLEDGED"), workflow("CLOSED", "INCIDENT_CLOSED"), channel("open"), channel("acknowledged"), channel("closed"), channel("test"), customised} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: calls})
}

func parse(t *testing.T, body string) alert.Signal {
	t.Helper()
	return plugtest.One(t, source{}, plug.Inbound{Body: []byte(body), Now: now, ID: "made"})
}

// DET-STACK-NEWRELIC, INT-NEWRELIC (the webhook): ACTIVATED opens, CLOSED
// resolves the same alert, and a state nobody knows is tolerated.
func TestStatesOfAnIssue(t *testing.T) {
	key := "issue/0ea2df1c-adab-45d2-aae0-042b60000000"
	for state, want := range map[string]alert.Action{"CREATED": alert.Trigger, "ACTIVATED": alert.Trigger, "ACKNOWLEDGED": alert.Acknowledge, "CLOSED": alert.Resolve, "closed": alert.Resolve, "RESOLVED": alert.Resolve, "DEACTIVATED": alert.Trigger, "SOMETHING_NEW": alert.Trigger} {
		// An incident that closes while its issue stands resolves nothing.
		for _, trigger := range []string{"STATE_CHANGE", "INCIDENT_CLOSED", ""} {
			if s := parse(t, workflow(state, trigger)); s.Action != want || s.DedupKey != key {
				t.Errorf("%s by %s: %s %q, want %s", state, trigger, s.Action, s.DedupKey, want)
			}
		}
	}
	for trigger, want := range map[string]alert.Action{"ISSUE_CLOSED": alert.Resolve, "ISSUE_ACKNOWLEDGED": alert.Acknowledge, "ISSUE_ACTIVATED": alert.Trigger, "INCIDENT_ADDED": alert.Trigger} {
		if s := parse(t, workflow("{{state}}", trigger)); s.Action != want || s.DedupKey != key {
			t.Errorf("by %s alone: %s", trigger, s.Action)
		}
	}
}

func TestIssue(t *testing.T) {
	s := parse(t, workflow("ACTIVATED", "STATE_CHANGE"))
	if s.Severity != "error" || s.Summary != "api query result is > 1.0 on 'Errors'" || s.Origin != "api" || s.Component != "api" || s.Class != "Errors" || s.Group != "Golden signals" ||
		!s.StartedAt.Equal(now) || s.Client != "New Relic" || s.ClientURL != issueURL || !slices.Equal(s.Links, []alert.Link{{Href: issueURL, Text: "Issue"}}) {
		t.Errorf("got %+v", s)
	}
	if s.Labels["entities"] != "api, worker" || s.Labels["workflow"] != "Allclear" || s.Labels["incidents"] != "2" || s.Labels["conditions"] != "Errors" {
		t.Errorf("labels %v", s.Labels)
	}
	for word, want := range map[string]string{"CRITICAL": "critical", "HIGH": "error", "MEDIUM": "warning", "LOW": "info", "": "", "odd": ""} {
		if got := parse(t, `{"id":"1","title":"x","state":"CREATED","priority":"`+word+`"}`).Severity; got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	c := parse(t, customised)
	if c.DedupKey != "issue/abc" || c.Summary != "Disk is full" || c.Severity != "" || c.Origin != "db-1" || !c.StartedAt.Equal(now) || len(c.Links) != 1 || c.Links[0].Text != "Runbook" || len(c.Images) != 1 {
		t.Errorf("a template of their own: %+v", c)
	}
	u := parse(t, `{"issueUrl":"`+issueURL+`","state":"CLOSED"}`)
	if u.DedupKey != s.DedupKey || u.Action != alert.Resolve {
		t.Errorf("by the link: %+v", u)
	}
	if s := parse(t, `{"title":"only a title"}`); s.DedupKey != "made" || s.Action != alert.Trigger {
		t.Errorf("a title: %+v", s)
	}
}

// The webhook of notification channels; INT-NEWRELIC names the states.
func TestIncident(t *testing.T) {
	for state, want := range map[string]alert.Action{"open": alert.Trigger, "acknowledged": alert.Acknowledge, "closed": alert.Resolve, "test": alert.Trigger, "": alert.Trigger} {
		if s := parse(t, channel(state)); s.Action != want || s.DedupKey != "incident/7/42" {
			t.Errorf("%q: %s %q", state, s.Action, s.DedupKey)
		}
	}
	s := parse(t, channel("open"))
	if s.Severity != "critical" || s.Summary != "Error rate > 5 % for 5 minutes" || s.Origin != "shop" || s.Class != "Error rate" || s.Group != "Shop" || !s.StartedAt.Equal(now) || s.Labels["team"] != "web" || s.Labels["tier"] != "1" || len(s.Images) != 1 {
		t.Errorf("got %+v", s)
	}
	var texts []string
	for _, l := range s.Links {
		texts = append(texts, l.Text)
	}
	if !slices.Equal(texts, []string{"Incident", "Runbook", "shop", "Policy"}) {
		t.Errorf("links %v", texts)
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: " want an object", `[]`: " must be an object", `{"id":"x"`: " want ','", `{}`: "/title is needed", `{"state":"CLOSED","title":"x"}`: "/id is needed", `{"state":"ACKNOWLEDGED"}`: "/id is needed",
		`{"current_state":"closed"}`: "/incident_id is needed", `{"id":{},"title":[{}]}`: "/title is needed",
	} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body), Now: now})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || !strings.HasPrefix(f.Details[0].Where+" "+f.Details[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, f, want)
		}
	}
	long := strings.Repeat("ü", 5000)
	s := parse(t, fmt.Sprintf(`{"id":%q,"title":%q,"impactedEntities":[%q],"createdAt":1e300,"issueUrl":"javascript:alert(1)","state":{}}`, long, long, long))
	plugtest.CheckReceived(t, plug.Received{Signals: []alert.Signal{s}})
	if len(s.Links) != 0 || !s.StartedAt.IsZero() {
		t.Errorf("got %+v", s.Links)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, workflow("CLOSED", ""), channel("open"), customised, `{"current_state":null,"incident_id":0,"targets":[7,null],"details":{}}`, `{"targets":[{"labels":{"\u0000":"\ud800"}}],"incident_id":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := (source{}).Parse(plug.Inbound{Body: body, ID: "made"})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}
