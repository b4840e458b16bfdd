package datadog

import (
	"errors"
	"fmt"
	"net/url"
	"os"
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

// filled is the published template as Datadog renders it.
func filled(pairs ...string) string {
	out := Template
	for i := 0; i < len(pairs); i += 2 {
		out = strings.ReplaceAll(out, `"$`+pairs[i]+`"`, `"`+pairs[i+1]+`"`)
	}
	return out
}

// monitor is a notification of monitor 4711 for one of its groups.
func monitor(transition, kind, scope string) string {
	return filled("ALERT_ID", "4711", "ALERT_SCOPE", scope, "AGGREG_KEY", "b1946ac9"+scope, "ALERT_CYCLE_KEY", "77", "ALERT_TRANSITION", transition, "ALERT_TYPE", kind, "ALERT_PRIORITY", "P2",
		"ALERT_METRIC", "system.load.1", "EVENT_TITLE", "[P2] ["+transition+" on {"+scope+"}] Load is high", "TEXT_ONLY_MSG", "Load was > 4", "ID", "123"+transition, "DATE", "1772420645000", "HOSTNAME", "db-1",
		"TAGS", "env:prod,service:ledger,urgent", "LINK", "https://app.datadoghq.eu/event/event?id=55", "SNAPSHOT", "https://p.datadoghq.eu/snap.png", "ORG_ID", "1", "ORG_NAME", "Example")
}

const (
	defaultTriggered = `{"body":"%%%\nLoad is high\n@webhook-allclear\n\n- - -\n\n[[Monitor Status](https://app.datadoghq.com/monitors#1869?)] · [[Edit Monitor](https://app.datadoghq.com/monitors#1869/edit)]\n%%%","last_updated":"1772420645000","event_type":"query_alert_monitor","title":"[Triggered on {host:db-1}] Load is high","date":"1772420645000","org":{"id":"41","name":"Example"},"id":"5485379890863845239"}`
	defaultRecovered = `{"body":"%%%\nLoad is high\n\n[[Monitor Status](https://app.datadoghq.com/monitors#1869?to_ts=1)]\n%%%","last_updated":"1772420945000","event_type":"query_alert_monitor","title":"[Recovered on {host:db-1}] Load is high","date":"1772420945000","org":{"id":"41","name":"Example"},"id":"5485379890863845777"}`
	byHand           = `{"id":"e1","title":"CPU","text":"CPU is over 90 %","alert_id":"a-4","alert_status":"Triggered","hostname":"web-1","tags":["env:prod"],"org":{"id":1}}`
	noTransition     = `{"title":"Queue is slow","type":"metric alert","query":"avg(last_1h):x{*} < 10","message":"slow","tags":"environment:production, team:db","priority":4,"monitor_id":1234567891,"scopes":[]}`
)

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{monitor("Triggered", "error", "host:db-1"), monitor("Recovered", "success", "host:db-1"), monitor("No Data", "error", "*"), defaultTriggered, defaultRecovered, byHand, noTransition} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: calls})
}

func parse(t *testing.T, body string) alert.Signal {
	t.Helper()
	return plugtest.One(t, source{}, plug.Inbound{Body: []byte(body), Now: now, ID: "made"})
}

// DET-STACK-DATADOG, INT-DATADOG (the webhook): the template's Triggered opens,
// its Recovered resolves the same alert, and each group of a multi alert is one.
func TestTriggeredAndRecoveredMeet(t *testing.T) {
	a := parse(t, monitor("Triggered", "error", "host:db-1,env:prod"))
	if a.Action != alert.Trigger || a.Severity != "error" || a.Summary != "[P2] [Triggered on {host:db-1,env:prod}] Load is high" || a.Origin != "db-1" || a.Component != "ledger" || a.Group != "prod" || a.Class != "system.load.1" {
		t.Errorf("got %+v", a)
	}
	if a.Labels["host"] != "db-1" || a.Labels["env"] != "prod" || a.Client != "Datadog" || !a.StartedAt.Equal(time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("got %+v", a)
	}
	if _, there := a.Labels["urgent"]; !there {
		t.Errorf("labels %v", a.Labels)
	}
	if !slices.Equal(a.Links, []alert.Link{{Href: "https://app.datadoghq.eu/event/event?id=55", Text: "Event"}, {Href: "https://app.datadoghq.eu/monitors/4711", Text: "Monitor"}}) || len(a.Images) != 1 || a.Images[0].Src != "https://p.datadoghq.eu/snap.png" {
		t.Errorf("links %+v images %+v", a.Links, a.Images)
	}
	for _, again := range []string{"Re-Triggered", "Renotify", "Warn", "Re-Warn", "No Data", "Re-No Data", "No data"} {
		if s := parse(t, monitor(again, "warning", "env:prod, host:db-1")); s.DedupKey != a.DedupKey || s.Action != alert.Trigger {
			t.Errorf("%s: %s %q, want %q", again, s.Action, s.DedupKey, a.DedupKey)
		}
	}
	if s := parse(t, monitor("Recovered", "success", "env:prod,host:db-1")); s.DedupKey != a.DedupKey || s.Action != alert.Resolve {
		t.Errorf("recovered: %s %q, want %q", s.Action, s.DedupKey, a.DedupKey)
	}
	if s := parse(t, monitor("Triggered", "error", "host:db-2,env:prod")); s.DedupKey == a.DedupKey {
		t.Errorf("two groups have one key %q", s.DedupKey)
	}
}

func TestKeys(t *testing.T) {
	for name, c := range map[string]struct{ one, other, key string }{
		"default payload":                {defaultTriggered, defaultRecovered, "monitor/1869/host:db-1"},
		"aggregation without a scope":    {`{"alert_id":7,"aggreg_key":"k","alert_transition":"Triggered"}`, `{"alert_id":"7","aggreg_key":"k","alert_scope":"*","alert_transition":"Recovered"}`, "monitor/7/k"},
		"aggregation alone":              {`{"aggreg_key":"k","title":"[Triggered] x"}`, `{"aggreg_key":"k","title":"[Recovered] x","alert_id":"$ALERT_ID"}`, "aggregate/k"},
		"title alone":                    {`{"title":"[P1] [Triggered] Disk"}`, `{"title":"[P1] [Recovered] Disk"}`, "title/[P1] Disk/"},
		"a name in brackets":             {`{"title":"[Triggered] [Memory Alert]"}`, `{"title":"[Recovered] [Memory Alert]"}`, "title/[Memory Alert]/"},
		"groups in the title":            {`{"title":"[Triggered on {host:a}] Disk"}`, `{"title":"[Recovered on {host:a}] Disk"}`, "title/Disk/host:a"},
		"aggregation before the title":   {`{"alert_id":7,"aggreg_key":"k","title":"[Triggered on {host:a}] x"}`, `{"alert_id":7,"aggreg_key":"k","title":"[Recovered] x"}`, "monitor/7/k"},
		"host, as the last sign":         {`{"alert_id":7,"hostname":"a","title":"[Triggered] x"}`, `{"alert_id":7,"hostname":"a","title":"[Recovered] x"}`, "monitor/7/a"},
		"simple alert":                   {`{"alert_id":"7","alert_transition":"Triggered"}`, `{"alert_id":"7","alert_transition":"Recovered","alert_scope":""}`, "monitor/7/"},
		"by type, without a transition":  {`{"alert_id":"7","alert_type":"error","title":"x"}`, `{"alert_id":"7","alert_type":"success","title":"x","alert_transition":"$ALERT_TRANSITION"}`, "monitor/7/"},
		"transition in event_type":       {`{"alert_id":"7","event_type":"triggered","title":"x"}`, `{"alert_id":"7","event_type":"recovered","title":"x"}`, "monitor/7/"},
		"transition in the alert's word": {`{"alert_id":"7","alert_status":"Triggered","title":"x"}`, `{"alert_id":"7","alert_status":"OK","title":"x"}`, "monitor/7/"},
	} {
		a, b := parse(t, c.one), parse(t, c.other)
		if a.DedupKey != c.key || b.DedupKey != c.key || a.Action != alert.Trigger || b.Action != alert.Resolve || a.Summary == "" {
			t.Errorf("%s: %s %q and %s %q, want %q", name, a.Action, a.DedupKey, b.Action, b.DedupKey, c.key)
		}
	}
	if s := parse(t, `{"message":"only a text"}`); s.DedupKey != "made" || s.Summary != "only a text" {
		t.Errorf("a text names no problem: %+v", s)
	}
}

// Templates that were made for other incident tools nest what is of the monitor, and
// Datadog writes null for a variable that has no value.
func TestNestedTemplates(t *testing.T) {
	nested := func(transition, title string) string {
		return `{"body":"CPU","event_type":"metric_alert_monitor","title":"` + title + `","date":"1772420645000","org":{"id":"1"},"id":"77","aggreg_key":"null","alert":{"cycle_key":"null","id":"1234","metric":"system.cpu.user","scope":"host:web-1","status":"was over","title":"CPU","transition":"` + transition + `","type":"error","query":"avg(last_5m):avg:system.cpu.user{*} by {host} > 90","priority":"P1"},"hostname":"null","snapshot":"null","incident_public_id":"null","incident_title":"$INCIDENT_TITLE","event":{"event_url":"https://app.datadoghq.com/event/event?id=77"}}`
	}
	up, over := parse(t, nested("Triggered", "CPU of {{host.name}}")), parse(t, nested("Recovered", "CPU of web-1"))
	if up.Action != alert.Trigger || over.Action != alert.Resolve || up.DedupKey != "monitor/1234/host:web-1" || over.DedupKey != up.DedupKey || up.Severity != "critical" || up.Origin != "web-1" || up.Class != "system.cpu.user" || len(up.Images) != 0 || len(up.Links) == 0 {
		t.Errorf("got %+v %+v", up, over)
	}
}

// An incident of Datadog's own has no monitor.
func TestIncidents(t *testing.T) {
	incident := func(status string) string {
		return `{"alert_id":"null","title":"null","alert_transition":"","incident_public_id":"42","incident_title":"Nobody can pay","incident_severity":"SEV-2","incident_status":"` + status + `","incident_url":"https://app.datadoghq.com/incidents/42"}`
	}
	for status, want := range map[string]alert.Action{"active": alert.Trigger, "stable": alert.Trigger, "resolved": alert.Resolve, "completed": alert.Resolve} {
		if s := parse(t, incident(status)); s.Action != want || s.DedupKey != "incident/42" || s.Summary != "Nobody can pay" || s.Severity != "error" || len(s.Links) != 1 {
			t.Errorf("%s: %+v", status, s)
		}
	}
}

func TestSeverity(t *testing.T) {
	for body, want := range map[string]string{
		`"alert_priority":"P1","alert_transition":"Triggered"`: "critical", `"alert_priority":"P2"`: "error", `"alert_priority":"P3"`: "warning", `"alert_priority":"P4"`: "info", `"priority":"P5"`: "info", `"priority":1`: "critical",
		`"alert_priority":"P1","alert_transition":"Warn"`: "warning", `"alert_priority":"P5","alert_transition":"Re-Warn"`: "info", `"alert_transition":"Warn"`: "warning",
		`"alert_type":"error","priority":"normal"`: "error", `"alert_type":"warning","priority":"low"`: "warning", `"alert_type":"info"`: "info", `"alert_type":"success"`: "",
		`"alert_priority":"$ALERT_PRIORITY","alert_type":"error"`: "error", `"alert_transition":"Triggered"`: "error", `"alert_transition":"No Data"`: "warning", `"alert_transition":"odd"`: "", `"alert_priority":{}`: "",
	} {
		if got := parse(t, `{"alert_id":"1","title":"x",`+body+`}`).Severity; got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// The template as it is, which somebody posted to see whether it works, has
// nothing but its names: it is refused and says so.
func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: " want an object", `[]`: " must be an object", `null`: " want an object", `{"title":"x"`: " want ','", `{}`: "/title is needed", Template: "/title is needed", `{"title":{},"alert_id":[]}`: "/title is needed",
		`{"alert_transition":"Recovered"}`: "/alert_id is needed", `{"alert_type":"success","body":"x"}`: "/alert_id is needed", "{\"title\":\"\xff\"}": "/title is not UTF-8",
	} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body), Now: now})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || !strings.HasPrefix(f.Details[0].Where+" "+f.Details[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, f, want)
		}
	}
	long := strings.Repeat("x", 5000)
	s := parse(t, fmt.Sprintf(`{"alert_id":%q,"alert_scope":%q,"title":%q,"hostname":%q,"date":"1e300","link":"javascript:alert(1)","alert_metric":%q}`, long, long, long, long, long))
	plugtest.CheckReceived(t, plug.Received{Signals: []alert.Signal{s}})
	if len(s.Links) != 0 || !s.StartedAt.IsZero() {
		t.Errorf("got %+v %v", s.Links, s.StartedAt)
	}
}

// "Encode as form" sends the fields of the payload, or it whole in one of them.
func TestForm(t *testing.T) {
	for _, form := range []url.Values{
		{"alert_id": {"4711"}, "alert_scope": {"host:db-1"}, "alert_transition": {"Recovered"}, "title": {"[Recovered] x"}, "tags": {"env:prod,a"}, "org": {`{"id": "1"}`}},
		{"payload": {monitor("Recovered", "success", "host:db-1")}},
	} {
		got, err := (source{}).Parse(plug.Inbound{Body: []byte(form.Encode()), ContentType: "application/x-www-form-urlencoded", Now: now})
		if err != nil || len(got.Signals) != 1 || got.Signals[0].DedupKey != "monitor/4711/host:db-1" || got.Signals[0].Action != alert.Resolve || got.Signals[0].Labels["env"] != "prod" {
			t.Errorf("%v: %+v %v", form, got, err)
		}
	}
}

// INT-DATADOG (the webhook): a wrong token is 401 (INV-A6).
func TestToken(t *testing.T) {
	body := []byte(monitor("Triggered", "error", "host:db-1"))
	for header, want := range map[[2]string]bool{
		{"X-Allclear-Token", "s3cret-of-the-hook"}: true, {"Authorization", "Bearer s3cret-of-the-hook"}: true, {"X-Allclear-Token", "wrong"}: false, {"X-Allclear-Token", "s3cret-of-the-hoo"}: false,
		{"Authorization", "Bearer wrong"}: false, {"Authorization", "s3cret-of-the-hook"}: false, {"X-Other", "s3cret-of-the-hook"}: false,
	} {
		in := plug.Inbound{Body: body, Secret: "s3cret-of-the-hook", Header: map[string][]string{header[0]: {header[1]}}}
		if _, err := (source{}).Parse(in); (err == nil) != want || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%v: got %v", header, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, Template, defaultTriggered, defaultRecovered, byHand, noTransition, `{"title":"[[] [Triggered on {","tags":[1,{}]}`, `{"alert_id":"\u0000","link":"https://a/event/"}`} {
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

// What the page tells people to paste is what this package was made for.
func TestThePageHasTheSameText(t *testing.T) {
	page, err := os.ReadFile("../../../docs/integrations/datadog.md")
	if err != nil || !strings.Contains(string(page), Template) {
		t.Errorf("docs/integrations/datadog.md has another text: %v", err)
	}
}
