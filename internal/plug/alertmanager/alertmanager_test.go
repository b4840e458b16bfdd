package alertmanager

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// Payloads in the shapes of the senders named.
const (
	prometheus2 = `[{"annotations":{"summary":"queue is full"},"endsAt":"2026-03-02T03:07:05.993Z","startsAt":"2026-03-02T03:03:45.993Z","generatorURL":"http://prom.example.net:9090/graph?g0.expr=up\u0026g0.tab=1","labels":{"alertname":"QueueFull","severity":"critical"}}]`
	vmalert     = `[{"startsAt":"2026-03-02T03:03:33.016669058Z","generatorURL":"http://vm.example.net:8880/vmalert/api/v1/alert?group_id=9&alert_id=13","endsAt":"2026-03-02T03:07:41.016669058Z","labels": {"alertname":"QueueFull","alertgroup":"mq","alertname":"QueueFull","severity":"critical"},"annotations": {"summary":"queue is full"}}]`
	amtoolAdd   = `[{"annotations":{},"endsAt":"0001-01-01T00:00:00.000Z","startsAt":"0001-01-01T00:00:00.000Z","labels":{"alertname":"ByHand","node":"n1"}}]`
	twoOver     = `[{"startsAt":"2024-06-03T12:00:00Z","endsAt":"2024-06-03T12:05:00Z","labels":{"alertname":"one","severity":"warning"}},{"startsAt":"2024-06-03T12:00:00Z","endsAt":"2024-06-03T12:05:00Z","labels":{"system":"foo","severity":"critical"}}]`
	webhook4    = `{"receiver":"hook","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"DiskFull","instance":"db-7:9100","job":"node","severity":"critical"},"annotations":{"summary":"disk is full","description":"root volume of db-7","runbook_url":"https://runbook.example.net/disk"},"startsAt":"2026-03-02T03:01:35Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prom.example.net/graph","fingerprint":"ffffffffffffffff"},{"status":"resolved","labels":{"alertname":"DiskFull","instance":"db-8:9100"},"annotations":{},"startsAt":"2026-03-02T02:00:00Z","endsAt":"2026-03-02T03:00:00Z","generatorURL":"","fingerprint":"0"}],"groupLabels":{},"commonLabels":{"alertname":"DiskFull"},"commonAnnotations":{},"externalURL":"http://am.example.net:9093","version":"4","groupKey":"{}:{}","truncatedAlerts":0}`
	webhook3    = `{"alerts":[{"annotations":{"description":"no route to host2"},"endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prom.example.net/...","labels":{"__name__":"ping","alertname":"noRoute","instance":"host2","severity":"minor"},"startsAt":"2016-08-01T13:27:08.008+03:00","status":"firing"}],"externalURL":"http://am.example.net","groupKey":5615590933959184469,"groupLabels":{"alertname":"noRoute"},"receiver":"x","status":"firing","version":"3"}`
	grafanaLike = `{"alerts":[{"endsAt":"0001-01-01T00:00:00Z","labels":{"alertname":"Down","group":"canary"},"status":"firing","startsAt":"2023-06-12T08:24:38.326Z","annotations":{"title":"host is down","description":"for a minute"},"fingerprint":"f4","generatorURL":""}],"status":"firing","version":"4","numFiring":1,"numResolved":0,"truncatedAlerts":0}`
	minimal     = `{"status":"firing","receiver":"r","externalURL":"http://my.url","alerts":[{"status":"firing","labels":{"alertname":"Test"},"annotations":{"summary":"my summary","description":"my description"}}],"commonLabels":{"instance":"foobar"}}`
	bareAlert   = `{"summary":"disk space below 20 %","labels":{"severity":"warning","customer":"acme"}}`
)

func TestContract(t *testing.T) {
	api := func(body string) plug.Inbound { return plug.Inbound{Endpoint: Alerts, Body: []byte(body)} }
	hook := func(body string) plug.Inbound { return plug.Inbound{Body: []byte(body)} }
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: []plug.Inbound{
		api(prometheus2), api(vmalert), api(amtoolAdd), api(twoOver),
		hook(webhook4), hook(webhook3), hook(grafanaLike), hook(minimal), hook(bareAlert), hook(prometheus2),
	}})
}

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

func parse(t *testing.T, endpoint, body string) plug.Received {
	t.Helper()
	got, err := (source{}).Parse(plug.Inbound{Endpoint: endpoint, Body: []byte(body), Now: now})
	if err != nil {
		t.Fatalf("%v: %+v", err, err)
	}
	return got
}

// The fingerprints are Prometheus' own: the first was seen in a webhook of
// Alertmanager 0.25, the second is what FNV-1a begins with.
func TestFingerprint(t *testing.T) {
	for want, labels := range map[string]map[string]string{
		"0b6ccdcdb4139611": {"alertname": "DatabaseDown", "service": "reports", "severity": "critical"},
		"cbf29ce484222325": {},
	} {
		if got := fingerprint(labels); got != want {
			t.Errorf("%v: got %s, want %s", labels, got, want)
		}
	}
	seen := map[string]string{}
	for _, l := range []map[string]string{{"a": "b"}, {"a": "bc"}, {"ab": "c"}, {"a": "", "b": "c"}, {"a": "b", "b": "c"}} {
		f := fingerprint(l)
		if other, twice := seen[f]; twice {
			t.Errorf("%v and %s have the same fingerprint", l, other)
		}
		seen[f] = labelText(l)
	}
}

func TestBothWaysInAgreeOnTheKey(t *testing.T) {
	a, b := parse(t, Alerts, prometheus2).Signals[0], parse(t, "", prometheus2).Signals[0]
	c := parse(t, Alerts, strings.Replace(prometheus2, `"severity":"critical"`, `"severity":"critical","empty":""`, 1)).Signals[0]
	if a.DedupKey != b.DedupKey || a.DedupKey != c.DedupKey || len(a.DedupKey) != 16 {
		t.Errorf("keys %q, %q and, with an empty label, %q", a.DedupKey, b.DedupKey, c.DedupKey)
	}
}

func TestWebhook(t *testing.T) {
	got := parse(t, "", webhook4)
	if len(got.Signals) != 2 || got.Reply.Status != 0 {
		t.Fatalf("got %+v", got)
	}
	a, b := got.Signals[0], got.Signals[1]
	if a.Action != alert.Trigger || a.Severity != "critical" || a.Summary != "disk is full" || a.Origin != "db-7:9100" || a.Component != "node" || a.Class != "DiskFull" ||
		!a.EndsAt.IsZero() || a.Client != "Alertmanager" || a.ClientURL != "http://am.example.net:9093" || a.Labels["job"] != "node" {
		t.Errorf("got %+v", a)
	}
	if doc, _ := json.Marshal(a.Details); string(doc) != `{"annotations":{"description":"root volume of db-7","runbook_url":"https://runbook.example.net/disk","summary":"disk is full"}}` {
		t.Errorf("details %s", doc)
	}
	if !slices.Equal(a.Links, []alert.Link{{Href: "http://prom.example.net/graph", Text: "Source"}, {Href: "https://runbook.example.net/disk", Text: "Runbook"}}) {
		t.Errorf("links %+v", a.Links)
	}
	if b.Action != alert.Resolve || b.Summary != "DiskFull" || b.Severity != "" || b.DedupKey == a.DedupKey {
		t.Errorf("got %+v", b)
	}
	if s := parse(t, "", webhook3).Signals[0]; s.Summary != "noRoute" || s.Severity != "" || !s.StartedAt.Equal(time.Date(2016, 8, 1, 10, 27, 8, 8e6, time.UTC)) {
		t.Errorf("version 3: %+v", s)
	}
	if s := parse(t, "", bareAlert).Signals[0]; s.Summary != "disk space below 20 %" || s.Severity != "warning" || s.Action != alert.Trigger {
		t.Errorf("one alert: %+v", s)
	}
	if got := parse(t, "", `{"version":"4","status":"resolved","alerts":[]}`); len(got.Signals) != 0 {
		t.Errorf("no alerts: %+v", got)
	}
}

// Source: postAlertsHandler, prometheus/alertmanager api/v2/api.go.
func TestTimesOfPostedAlerts(t *testing.T) {
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339Nano) }
	for _, c := range []struct {
		times        string
		action       alert.Action
		starts, ends time.Duration
	}{
		{``, alert.Trigger, 0, 5 * time.Minute},
		{`,"endsAt":null,"startsAt":""`, alert.Trigger, 0, 5 * time.Minute},
		{`,"startsAt":"` + at(-time.Hour) + `"`, alert.Trigger, -time.Hour, 5 * time.Minute},
		{`,"startsAt":"` + at(-time.Hour) + `","endsAt":"` + at(time.Minute) + `"`, alert.Trigger, -time.Hour, time.Minute},
		{`,"startsAt":"` + at(-time.Hour) + `","endsAt":"` + at(0) + `"`, alert.Resolve, -time.Hour, 0},
		{`,"endsAt":"` + at(-time.Minute) + `"`, alert.Resolve, -time.Minute, -time.Minute},
		{`,"endsAt":"` + at(time.Minute) + `"`, alert.Trigger, time.Minute, time.Minute},
		{`,"startsAt":"0001-01-01T00:00:00.000Z","endsAt":"0001-01-01T00:00:00.000Z"`, alert.Trigger, 0, 5 * time.Minute},
	} {
		s := parse(t, Alerts, `[{"labels":{"a":"b"}`+c.times+`}]`).Signals[0]
		if s.Action != c.action || !s.StartedAt.Equal(now.Add(c.starts)) || !s.EndsAt.Equal(now.Add(c.ends)) {
			t.Errorf("%s: got %s from %v to %v", c.times, s.Action, s.StartedAt.Sub(now), s.EndsAt.Sub(now))
		}
	}
}

// Contract: a severity that is absent or unknown suggests P3, which is what an
// empty word does.
func TestSeverityAndSummary(t *testing.T) {
	for label, want := range map[string]string{"critical": "critical", "page": "critical", "Error": "error", "high": "error", " warning ": "warning", "info": "info", "none": "info", "": "", "banana": "", "P1": ""} {
		if got := severity(label); got != want {
			t.Errorf("severity %q: got %q, want %q", label, got, want)
		}
	}
	for body, want := range map[string]string{
		`{"labels":{"alertname":"N"},"annotations":{"summary":"S","description":"D"}}`: "S",
		`{"labels":{"alertname":"N"},"annotations":{"summary":" ","description":"D"}}`: "N",
		`{"labels":{"alertname":"N"}}`:                                    "N",
		`{"labels":{"x":"y"},"annotations":{"description":"D"}}`:          "D",
		`{"labels":{"x":"y","b":"\"q\""}}`:                                `{b="\"q\"", x="y"}`,
		`{"labels":{"alertname":"` + strings.Repeat("long ", 999) + `"}}`: strings.Repeat("long ", 204) + "long",
	} {
		if got := parse(t, Alerts, "["+body+"]").Signals[0].Summary; got != want {
			t.Errorf("%.80s: got %q", body, got)
		}
	}
}

func TestOneUselessAlertIsRefusedAlone(t *testing.T) {
	many := map[string]string{}
	for i := range maxLabels + 1 {
		many[fmt.Sprint("l", i)] = "v"
	}
	tooMany, _ := json.Marshal(many)
	bad := []string{`{"labels":{}}`, `{}`, `{"labels":{"a":""}}`, `{"labels":{"":"x"}}`, `{"labels":` + string(tooMany) + `}`, `{"labels":{"a":"` + strings.Repeat("x", maxLabelValue+1) + `"}}`, `{"labels":{"a":"b"},"startsAt":"2026-03-02T04:00:00Z","endsAt":"2026-03-02T03:30:00Z"}`}
	got := parse(t, Alerts, `[{"labels":{"ok":"1"}},`+strings.Join(bad, ",")+`,{"labels":{"ok":"2"}}]`)
	if len(got.Signals) != 2 || len(got.Refused) != len(bad) || got.Reply.Status != 400 || got.Refused[0].Where != "/1" {
		t.Errorf("%d signals, refused %+v, answer %d", len(got.Signals), got.Refused, got.Reply.Status)
	}
	var text string
	if err := json.Unmarshal(got.Reply.Body, &text); err != nil || !strings.Contains(text, "/1 at least one label pair required") {
		t.Errorf("answer %s: %v", got.Reply.Body, err)
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: "an object", `{}`: "needs a list of alerts", `null`: "must be", `"x"`: "must be", `7`: "must be", `[7]`: "/0 must be an object", `[null]`: "/0 must be an object",
		`{"alerts":{}}`: "/alerts must be an array", `{"alerts":[{"labels":["a"]}]}`: "/alerts/0 at least one label", `{"alerts":[{"labels":{"a":{}}}]}`: "/alerts/0 at least one label",
		`{"status":7,"alerts":[{"labels":{"a":"b"}}]}`:     "/alerts/0 status must be",
		`{"alerts":[{"status":"odd","labels":{"a":"b"}}]}`: "/alerts/0 status must be firing or resolved", `{"labels":{}}`: "at least one label",
		"[{\"labels\":{\"a\":\"\xff\"}}]": "UTF-8", `[` + strings.Repeat(`{},`, plug.MaxItems) + `{}]`: "more than 10000 elements",
	} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body), Now: now})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(detail(err), want) {
			t.Errorf("%.60s: got %v (%s), want %q", body, err, detail(err), want)
		}
	}
}

// A webhook may come from a tool that is no Alertmanager; the API stays strict.
func TestLooseWebhooks(t *testing.T) {
	const alerts = `[{"status":"FIRING","labels":{"alertname":"X","code":500,"up":false,"none":null,"odd":[]},"annotations":{"summary":"X is bad","value":1.5},"startsAt":1772420645,"endsAt":"never","generatorURL":7,"fingerprint":{}},{"labels":{"alertname":"Y"},"annotations":[],"startsAt":"today"}]`
	got := parse(t, "", `{"version":4,"status":"Resolved","externalURL":{},"alerts":`+alerts+`}`)
	if len(got.Signals) != 2 {
		t.Fatalf("got %+v", got)
	}
	s, y := got.Signals[0], got.Signals[1]
	if s.Action != alert.Trigger || !maps.Equal(s.Labels, map[string]string{"alertname": "X", "code": "500", "up": "false"}) || s.Summary != "X is bad" || s.StartedAt.Unix() != 1772420645 || s.Client != "" {
		t.Errorf("got %+v", s)
	}
	if y.Action != alert.Resolve || y.Summary != "Y" || !y.StartedAt.IsZero() {
		t.Errorf("got %+v", y)
	}
	for _, bad := range []string{`{"a":1}`, `{"a":"b"},"annotations":[]`, `{"a":"b"},"endsAt":"never"`, `{"a":"b"},"startsAt":7`} {
		if _, err := (source{}).Parse(plug.Inbound{Endpoint: Alerts, Body: []byte(`[{"labels":` + bad + `}]`), Now: now}); !fault.Is(err, fault.Invalid) {
			t.Errorf("the API takes %s: %v", bad, err)
		}
	}
}

func detail(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return ""
	}
	var b strings.Builder
	for _, d := range f.Details {
		b.WriteString(d.Where + " " + d.What + "; ")
	}
	return b.String()
}

func FuzzAlertmanager(f *testing.F) {
	for _, s := range []string{prometheus2, vmalert, amtoolAdd, twoOver, webhook4, webhook3, grafanaLike, minimal, bareAlert, `[{"labels":{"\u0000":"\ud800"}}]`} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, api bool) {
		in := plug.Inbound{Body: body, Now: now}
		if api {
			in.Endpoint = Alerts
		}
		got, err := (source{}).Parse(in)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
		for _, s := range got.Signals {
			if s.DedupKey != fingerprint(s.Labels) || len(slices.Collect(maps.Keys(s.Labels))) == 0 {
				t.Fatalf("signal %+v", s)
			}
		}
		if got.Reply.Body != nil && !json.Valid(got.Reply.Body) {
			t.Fatalf("answer %s", got.Reply.Body)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	in := plug.Inbound{Endpoint: Alerts, Body: []byte(prometheus2), Now: now}
	b.ReportAllocs()
	for b.Loop() {
		if got, err := (source{}).Parse(in); err != nil || len(got.Signals) != 1 {
			b.Fatal(got, err)
		}
	}
}
