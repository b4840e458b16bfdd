package grafana

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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

// one is an alert of unified alerting.
func one(status, host, print string) string {
	return `{"status":"` + status + `","labels":{"alertname":"Disk is full","grafana_folder":"Storage","instance":"` + host + `","job":"node","severity":"critical"},"annotations":{"summary":"The disk of ` + host +
		` is full","runbook_url":"https://runbook.example.net/disk"},"startsAt":"2026-03-02T04:04:00+01:00","endsAt":"2026-03-02T03:30:00Z","values":{"A":97.5,"B":1},"valueString":"[ var='A' value=97.5 ]","generatorURL":"https://g.example.net/alerting/grafana/ab12/view","fingerprint":"` +
		print + `","silenceURL":"https://g.example.net/alerting/silence/new","dashboardURL":"https://g.example.net/d/abc","panelURL":"https://g.example.net/d/abc?viewPanel=2","imageURL":"https://g.example.net/img/1.png"}`
}

func envelope(status string, alerts ...string) string {
	return `{"receiver":"allclear","status":"` + status + `","orgId":1,"alerts":[` + strings.Join(alerts, ",") + `],"groupLabels":{"alertname":"Disk is full"},"commonLabels":{},"commonAnnotations":{},"externalURL":"https://g.example.net/","version":"1","groupKey":"{}:{}","truncatedAlerts":0,"title":"[FIRING:2] Disk is full","state":"alerting","message":"**Firing**"}`
}

func legacy(state string) string {
	return `{"dashboardId":1,"evalMatches":[{"value":23644.5,"metric":"volts","tags":{"host":"ups-1","service":"power"}}],"imageUrl":"https://g.example.net/img/2.png","message":"Voltage fell","orgId":1,"panelId":2,"ruleId":58,"ruleName":"Battery voltage","ruleUrl":"https://g.example.net/d/x?panelId=2","state":"` + state + `","tags":{"severity":"warning","group":"power"},"title":"[Alerting] Battery voltage"}`
}

const (
	onCall    = `{"receiver":"oncall","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"TestAlert","region":"eu-1"},"annotations":{"description":"sent for demonstration"},"startsAt":"2018-12-25T15:47:47.377363608Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"","amixr_demo":true}],"groupLabels":{},"commonLabels":{},"commonAnnotations":{},"externalURL":"http://f1d1:9093","version":"4","groupKey":"{}:{}"}`
	onCallUID = `{"alert_uid":"08d6891a","title":"The whole system is down","image_url":"https://img.example.net/x.jpg","state":"alerting","link_to_upstream_details":"https://wiki.example.net/Downtime","message":"Oh no!"}`
	minimal   = `{"ruleName":"bob","ruleId":1,"message":"test","state":"alerting","title":"woot","ruleUrl":"dontcare"}`
	exported  = `{"condition":"B","data":[],"labels":{"severity":"warning"},"title":"High memory","annotations":{"summary":"Memory is high"},"orgID":1}`
	noData    = `{"alerts":[{"labels":{"alertname":"DatasourceNoData","rulename":"Queue depth"},"values":null,"fingerprint":"f1"}],"state":"alerting"}`
)

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{envelope("firing", one("firing", "db-1", "f1"), one("resolved", "db-2", "f2")), envelope("resolved", one("resolved", "db-1", "f1")), legacy("alerting"), legacy("ok"), legacy("no_data"), onCall, onCallUID, minimal, exported, noData, "[" + one("firing", "db-1", "f1") + "]"} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: calls})
}

func parse(t *testing.T, body string) []alert.Signal {
	t.Helper()
	got, err := (source{}).Parse(plug.Inbound{Body: []byte(body), Now: now, ID: "made"})
	if err != nil || len(got.Refused) > 0 {
		t.Fatalf("%s: %+v %v", body, got, err)
	}
	return got.Signals
}

func TestUnifiedAlerting(t *testing.T) {
	got := parse(t, envelope("firing", one("firing", "db-1", "f1"), one("resolved", "db-2", "f2")))
	if len(got) != 2 {
		t.Fatalf("got %+v", got)
	}
	a, b := got[0], got[1]
	if a.Action != alert.Trigger || a.DedupKey != "alert/f1" || a.Summary != "The disk of db-1 is full" || a.Severity != "critical" || a.Origin != "db-1" || a.Component != "node" || a.Group != "Storage" || a.Class != "Disk is full" || a.Labels["job"] != "node" ||
		!a.StartedAt.Equal(time.Date(2026, 3, 2, 3, 4, 0, 0, time.UTC)) || !a.EndsAt.IsZero() || a.Client != "Grafana" || a.ClientURL != "https://g.example.net/" || len(a.Images) != 1 {
		t.Errorf("got %+v", a)
	}
	var texts []string
	for _, l := range a.Links {
		texts = append(texts, l.Text)
	}
	if !slices.Equal(texts, []string{"Panel", "Dashboard", "Runbook", "Rule", "Silence in Grafana"}) {
		t.Errorf("links %v", texts)
	}
	if b.Action != alert.Resolve || b.DedupKey != "alert/f2" || !b.EndsAt.Equal(time.Date(2026, 3, 2, 3, 30, 0, 0, time.UTC)) {
		t.Errorf("got %+v", b)
	}
	over := parse(t, envelope("resolved", one("resolved", "db-1", "f1")))[0]
	if over.Action != alert.Resolve || over.DedupKey != a.DedupKey {
		t.Errorf("recovery: %+v", over)
	}
	if s := parse(t, noData)[0]; s.Summary != "Queue depth (DatasourceNoData)" || s.Severity != "" || s.Action != alert.Trigger {
		t.Errorf("no data: %+v", s)
	}
	if got := parse(t, `{"alerts":[],"status":"resolved"}`); len(got) != 0 {
		t.Errorf("an empty group: %+v", got)
	}
}

// Without a fingerprint the labels are what the alert is known by.
func TestLabelsAreTheKey(t *testing.T) {
	fire, over := parse(t, onCall)[0], parse(t, strings.ReplaceAll(onCall, `"firing"`, `"resolved"`))[0]
	other := parse(t, strings.Replace(onCall, "eu-1", "eu-2", 1))[0]
	if fire.DedupKey != over.DedupKey || fire.DedupKey == other.DedupKey || over.Action != alert.Resolve || fire.Summary != "TestAlert" {
		t.Errorf("keys %q, %q and %q", fire.DedupKey, over.DedupKey, other.DedupKey)
	}
	if s := parse(t, exported)[0]; s.Summary != "Memory is high" || s.Severity != "warning" || s.Class != "High memory" {
		t.Errorf("an alert without an envelope: %+v", s)
	}
}

func TestLegacyAlerting(t *testing.T) {
	for state, want := range map[string]alert.Action{"alerting": alert.Trigger, "ok": alert.Resolve, "no_data": alert.Trigger, "unknown": alert.Trigger, "": alert.Trigger} {
		if s := parse(t, legacy(state))[0]; s.Action != want || s.DedupKey != "rule/1/58" {
			t.Errorf("%q: %s %q", state, s.Action, s.DedupKey)
		}
	}
	for _, state := range []string{"paused", "pending"} {
		if got := parse(t, legacy(state)); len(got) != 0 {
			t.Errorf("%s: nothing has begun and nothing is over, got %+v", state, got)
		}
	}
	s := parse(t, legacy("alerting"))[0]
	if s.Summary != "Battery voltage" || s.Severity != "warning" || s.Origin != "ups-1" || s.Component != "power" || s.Group != "power" || len(s.Links) != 1 || len(s.Images) != 1 || s.Images[0].Src != "https://g.example.net/img/2.png" {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, minimal)[0]; s.Summary != "bob" || s.DedupKey != "rule//1" || len(s.Links) != 0 {
		t.Errorf("minimal: %+v", s)
	}
	if s := parse(t, `{"ruleId":0,"ruleName":"Test notification","state":"alerting"}`)[0]; s.DedupKey != "rule//Test notification" {
		t.Errorf("test: %+v", s)
	}
}

func TestOnCallFormatted(t *testing.T) {
	a, b := parse(t, onCallUID)[0], parse(t, strings.Replace(onCallUID, `"alerting"`, `"ok"`, 1))[0]
	if a.DedupKey != "uid/08d6891a" || a.DedupKey != b.DedupKey || a.Action != alert.Trigger || b.Action != alert.Resolve || a.Summary != "The whole system is down" || len(a.Links) != 1 || len(a.Images) != 1 {
		t.Errorf("got %+v and %+v", a, b)
	}
	if s := parse(t, `{"message":"only a text"}`)[0]; s.DedupKey != "made" || s.Summary != "only a text" {
		t.Errorf("a text: %+v", s)
	}
}

func TestOnCallOutgoing(t *testing.T) {
	group := func(kind, state string) string {
		return `{"event":{"type":"` + kind + `","time":"2026-03-02T03:05:00Z"},"user":null,"alert_group":{"id":"I68T24C1","integration_id":"C1","alerts_count":1,"state":"` + state + `","created_at":"2026-03-02T03:04:00Z","title":"Disk is full","permalinks":{"web":"https://oncall.example.net/I68T24C1"}},"alert_group_id":"I68T24C1","alert_payload":{"commonLabels":{"alertname":"DiskFull","severity":"critical","service":"ledger"}},"integration":{"name":"Prometheus"}}`
	}
	for word, want := range map[string]alert.Action{"firing": alert.Trigger, "acknowledged": alert.Acknowledge, "resolved": alert.Resolve} {
		got := parse(t, group("status change", word))
		if len(got) != 1 || got[0].Action != want || got[0].DedupKey != "group/I68T24C1" || got[0].Summary != "Disk is full" || got[0].Severity != "critical" || got[0].Component != "ledger" || len(got[0].Links) != 1 {
			t.Errorf("%s: %+v", word, got)
		}
	}
	if got := parse(t, strings.Replace(group("resolve", ""), `"title":"Disk is full",`, "", 1)); len(got) != 1 || got[0].Action != alert.Resolve || got[0].Summary != "DiskFull" {
		t.Errorf("by the event alone: %+v", got)
	}
	if got := parse(t, group("silence", "silenced")); len(got) != 0 {
		t.Errorf("silenced: %+v", got)
	}
}

func TestAGroupOfNothing(t *testing.T) {
	for _, body := range []string{envelope("firing"), strings.Replace(envelope("firing"), `"alerts":[]`, `"alerts":null`, 1)} {
		if got := parse(t, body); len(got) != 0 {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

func TestSeverity(t *testing.T) {
	for word, want := range map[string]string{"critical": "critical", "page": "critical", "P1": "critical", "high": "error", "error": "error", "Warning": "warning", "info": "info", "none": "info", "": "", "banana": ""} {
		if got := severity(word); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: " want an object", `7`: " must be an object", `{}`: "/alerts is needed", `[7]`: "/0 must be an object", `{"alerts":{}}`: "/alerts must be an array", `{"alerts":[7]}`: "/alerts/0 must be an object", `{"alerts":[{}]}`: "/alerts/0 needs labels",
		`{"alerts":[{"labels":{"a":""}}]}`: "/alerts/0 needs labels", `{"labels":{}}`: "/ needs labels", `{"state":"ok","message":"x"}`: "/alert_uid is needed", `[{}]`: "/0 needs labels", `{"alerts":[`: "/alerts/0 want a value",
		`{"alerts":[` + strings.Repeat(`{},`, plug.MaxItems) + `{}]}`: "/alerts has more than 10000",
	} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body), Now: now})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || !strings.HasPrefix(f.Details[0].Where+" "+f.Details[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, f, want)
		}
	}
	got, err := (source{}).Parse(plug.Inbound{Body: []byte(envelope("firing", "{}", one("firing", "db-1", "f1"))), Now: now})
	if err != nil || len(got.Signals) != 1 || len(got.Refused) != 1 || got.Refused[0].Where != "/alerts/0" {
		t.Errorf("its neighbour: %+v %v", got, err)
	}
	long := strings.Repeat("x", 5000)
	huge := parse(t, fmt.Sprintf(`{"alerts":[{"labels":{"alertname":%q,"instance":%q},"fingerprint":%q,"startsAt":"never","panelURL":"javascript:x","values":7}]}`, long, long, long))
	plugtest.CheckReceived(t, plug.Received{Signals: huge})
}

// The first is RFC 4231, test case 2; the others are its key over a body with a
// timestamp, as Grafana signs where a header for one is set.
func TestSignature(t *testing.T) {
	const body, vector = "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	stamp := fmt.Sprint(now.Unix())
	stamped := sign("Jefe", stamp+":"+body)
	old := fmt.Sprint(now.Add(-time.Hour).Unix())
	for name, c := range map[string]struct {
		header map[string]string
		good   bool
	}{
		"vector":             {map[string]string{"X-Grafana-Alerting-Signature": vector}, true},
		"prefixed":           {map[string]string{"X-Grafana-Alerting-Signature": "sha256=" + vector}, true},
		"cut":                {map[string]string{"X-Grafana-Alerting-Signature": vector[:62]}, false},
		"other":              {map[string]string{"X-Grafana-Alerting-Signature": strings.Replace(vector, "5", "6", 1)}, false},
		"no hex":             {map[string]string{"X-Grafana-Alerting-Signature": "Jefe"}, false},
		"stamped":            {map[string]string{"X-Grafana-Alerting-Signature": stamped, "X-Grafana-Alerting-Timestamp": stamp}, true},
		"stamped elsewhere":  {map[string]string{"X-Grafana-Alerting-Signature": stamped, "X-Grafana-Alerting-Signature-Timestamp": stamp}, true},
		"stamp not signed":   {map[string]string{"X-Grafana-Alerting-Signature": vector, "X-Grafana-Alerting-Timestamp": stamp}, false},
		"stamp left out":     {map[string]string{"X-Grafana-Alerting-Signature": stamped}, false},
		"old":                {map[string]string{"X-Grafana-Alerting-Signature": sign("Jefe", old+":"+body), "X-Grafana-Alerting-Timestamp": old}, false},
		"stamp is no number": {map[string]string{"X-Grafana-Alerting-Signature": stamped, "X-Grafana-Alerting-Timestamp": "soon"}, false},
		"bearer":             {map[string]string{"Authorization": "Bearer Jefe"}, true},
		"bearer, other sign": {map[string]string{"Authorization": "Bearer Jefe", "X-Grafana-Alerting-Signature": "00"}, false},
		"nothing":            {nil, false},
	} {
		in := plug.Inbound{Body: []byte(body), Secret: "Jefe", Now: now, Header: map[string][]string{}}
		for k, v := range c.header {
			in.Header.Set(k, v)
		}
		if err := proof(in); (err == nil) != c.good || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	const next = "the-next-secret"
	in := plug.Inbound{Body: []byte(body), Secret: "the-first-secret " + next, Now: now, Header: map[string][]string{}}
	in.Header.Set("X-Grafana-Alerting-Signature", sign(next, body))
	if err := proof(in); err != nil {
		t.Errorf("signed by the second of two secrets: %v", err)
	}
	if err := proof(plug.Inbound{Body: []byte(body), Header: map[string][]string{"X-Grafana-Alerting-Signature": {"00"}}}); err != nil {
		t.Errorf("a hook without a secret asks for nothing: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, envelope("firing", one("resolved", "h", "f")), legacy("ok"), onCall, onCallUID, exported, noData, `[{"labels":{"a":"\u0000"}},{}]`, `{"evalMatches":[7],"ruleId":{},"ruleName":"x"}`} {
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

func sign(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}
