package sentry

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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
	eventAlert  = `{"action":"triggered","actor":{"id":"sentry","name":"Sentry","type":"application"},"data":{"event":{"_ref":1,"contexts":{"browser":{"name":"Chrome"}},"culprit":"?(<anonymous>)","datetime":"2026-03-02T03:03:00.000000Z","environment":"production","event_id":"e4874d664c3540c1a32eab185f12c5ab","issue_id":"1170820242","issue_url":"https://sentry.io/api/0/issues/1170820242/","level":"fatal","message":"","metadata":{"type":"ReferenceError","value":"heck is not defined"},"platform":"javascript","project":1,"release":null,"tags":[["browser","Chrome 75"],["server_name","web-3"]],"timestamp":1772420580.02,"title":"ReferenceError: heck is not defined","url":"https://sentry.io/api/0/projects/example/front-end/events/e4874d66/","web_url":"https://sentry.io/organizations/example/issues/1170820242/events/e4874d66/"},"triggered_rule":"Very important alert","issue_alert":{"title":"Very important alert","settings":[]}},"installation":{"uuid":"a8e5d37a"}}`
	metricAlert = `{"action":"critical","actor":{"id":"sentry","name":"Sentry","type":"application"},"data":{"description_text":"1000 events in the last 10 minutes\nFilter: level:error","description_title":"Critical: Too many errors","metric_alert":{"id":"12","identifier":"3","title":"Too many errors","alert_rule":{"id":"7","name":"Too many errors","aggregate":"count()","environment":null,"projects":["back-end"],"triggers":[{"label":"critical","alert_threshold":1000}]},"date_started":"2026-03-02T03:00:00Z","date_closed":null,"projects":["back-end"],"status":20},"web_url":"https://sentry.io/organizations/example/alerts/rules/details/3/"},"installation":{"uuid":"a8e5d37a"}}`
	issueEvent  = `{"action":"created","installation":{"uuid":"a8e5d37a"},"data":{"issue":{"id":"1170820242","shortId":"FRONT-END-2","title":"ReferenceError: heck is not defined","culprit":"?(<anonymous>)","level":"error","status":"unresolved","statusDetails":{},"substatus":"new","metadata":{"type":"ReferenceError","value":"heck is not defined","filename":"app.js"},"platform":"javascript","project":{"id":"1","name":"Front End","slug":"front-end"},"web_url":"https://example.sentry.io/issues/1170820242/","firstSeen":"2026-03-02T03:03:00Z","lastSeen":"2026-03-02T03:03:00Z","count":"1","userCount":1}},"actor":{"type":"application","id":"sentry","name":"Sentry"}}`
	errorEvent  = `{"action":"created","data":{"error":{"issue_id":"1170820242","issue_url":"https://sentry.io/api/0/issues/1170820242/","level":"error","title":"Error: no","datetime":"2026-03-02T03:03:00Z","url":"https://sentry.io/api/0/projects/example/front-end/events/1/","web_url":"https://example.sentry.io/issues/1170820242/events/1/"}},"installation":{"uuid":"a"}}`
	plugin      = `{"id":"1170820242","project":"shop","project_name":"Shop","project_slug":"shop","logger":"javascript","level":"error","culprit":"submit at app.js:245","message":"Order failed: 503","url":"https://example.sentry.io/issues/1170820242/?referrer=webhooks_plugin","triggering_rules":["My rule"],"event":{"event_id":"a892bf7d","title":"Order failed","level":"error","type":"default","logentry":{"formatted":"Order failed: 503","message":null},"platform":"javascript","timestamp":1772420580.873,"environment":"production","tags":[["browser","Chrome 121"],["environment","production"]]}}`
)

func call(body string, resource ...string) plug.Inbound {
	in := plug.Inbound{Body: []byte(body), Header: http.Header{}, ID: "id"}
	if len(resource) > 0 {
		in.Header.Set("Sentry-Hook-Resource", resource[0])
	}
	return in
}

func as(body, was, is string) string {
	return strings.Replace(body, `"action":"`+was+`"`, `"action":"`+is+`"`, 1)
}

func TestContract(t *testing.T) {
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: []plug.Inbound{
		call(eventAlert, "event_alert"), call(metricAlert, "metric_alert"), call(as(metricAlert, "critical", "resolved"), "metric_alert"), call(issueEvent, "issue"), call(as(issueEvent, "created", "resolved"), "issue"), call(errorEvent, "error"), call(plugin), call(eventAlert),
	}})
}

func one(t *testing.T, in plug.Inbound) alert.Signal {
	t.Helper()
	got, err := source{}.Parse(in)
	if err != nil || len(got.Signals) != 1 {
		t.Fatalf("%s: %v %+v", in.Body, err, got)
	}
	plugtest.CheckReceived(t, got)
	return got.Signals[0]
}

func TestAnIssueIsOneAlert(t *testing.T) {
	e := one(t, call(eventAlert, "event_alert"))
	if e.Action != alert.Trigger || e.Severity != "critical" || e.Summary != "ReferenceError: heck is not defined" || e.Component != "front-end" || e.Origin != "web-3" || e.Class != "ReferenceError" || e.Labels["rule"] != "Very important alert" ||
		e.Labels["browser"] != "Chrome 75" || e.Labels["environment"] != "production" || !e.StartedAt.Equal(time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)) || len(e.Links) != 1 || !strings.Contains(e.Links[0].Href, "/issues/1170820242/") {
		t.Errorf("%+v", e)
	}
	over := one(t, call(as(issueEvent, "created", "resolved"), "issue"))
	if over.Action != alert.Resolve || over.DedupKey != e.DedupKey || e.DedupKey != "issue/1170820242" {
		t.Errorf("%q is ended by %s of %q", e.DedupKey, over.Action, over.DedupKey)
	}
	for _, in := range []plug.Inbound{call(issueEvent), call(as(issueEvent, "created", "unresolved")), call(errorEvent), call(plugin)} {
		if s := one(t, in); s.DedupKey != e.DedupKey || s.Action != alert.Trigger || s.Severity != "error" || s.Component == "" || len(s.Links) != 1 {
			t.Errorf("%+v", s)
		}
	}
	if began, again := one(t, call(issueEvent)), one(t, call(as(issueEvent, "created", "unresolved"))); began.StartedAt.IsZero() || !again.StartedAt.IsZero() {
		t.Errorf("an issue that came back began at %v, which is before its end; the first time at %v", again.StartedAt, began.StartedAt)
	}
	if p := one(t, call(plugin)); p.Summary != "Order failed" || p.Component != "shop" || p.Labels["culprit"] != "submit at app.js:245" || p.Origin != "production" {
		t.Errorf("plugin: %+v", p)
	}
	for level, want := range map[string]string{"fatal": "critical", "error": "error", "warning": "warning", "info": "info", "debug": "info", "odd": ""} {
		if s := one(t, call(strings.Replace(eventAlert, `"fatal"`, `"`+level+`"`, 1))); s.Severity != want {
			t.Errorf("%s: %q", level, s.Severity)
		}
	}
}

func TestMetricAlerts(t *testing.T) {
	up := one(t, call(metricAlert, "metric_alert"))
	if up.Severity != "critical" || up.Summary != "Critical: Too many errors" || up.Component != "back-end" || up.Labels["rule"] != "Too many errors" || len(up.Links) != 1 || up.StartedAt.IsZero() {
		t.Errorf("%+v", up)
	}
	if w := one(t, call(as(metricAlert, "critical", "warning"))); w.Severity != "warning" || w.DedupKey != up.DedupKey || w.Action != alert.Trigger {
		t.Errorf("%+v", w)
	}
	if r := one(t, call(as(metricAlert, "critical", "resolved"))); r.Action != alert.Resolve || r.DedupKey != up.DedupKey {
		t.Errorf("%+v", r)
	}
	if other := one(t, call(strings.Replace(metricAlert, `"id":"12"`, `"id":1170820242`, 1))); other.DedupKey == "issue/1170820242" || other.DedupKey == up.DedupKey {
		t.Errorf("%q", other.DedupKey)
	}
}

func TestWhatChangesNoAlert(t *testing.T) {
	for _, in := range []plug.Inbound{
		call(as(issueEvent, "created", "assigned"), "issue"), call(as(issueEvent, "created", "archived"), "issue"), call(as(issueEvent, "created", "ignored"), "issue"),
		call(`{"action":"created","data":{"installation":{"uuid":"a"}},"actor":{}}`, "installation"), call(`{"action":"created","data":{"comment":"c","issue_id":1}}`, "comment"), call(`{"action":"created","data":{}}`, "seer"),
	} {
		if got, err := (source{}).Parse(in); err != nil || len(got.Signals) != 0 || got.Reply.Status != 200 || !strings.Contains(string(got.Reply.Body), "nothing is made of") {
			t.Errorf("%s: %v %+v", in.Body, err, got)
		}
	}
}

// Sentry signs the body with the client secret. INV-A6
func TestSignature(t *testing.T) {
	sign := func(key, body string) string {
		m := hmac.New(sha256.New, []byte(key))
		m.Write([]byte(body))
		return hex.EncodeToString(m.Sum(nil))
	}
	good := sign("client-secret", eventAlert)
	for name, c := range map[string]struct {
		signature string
		ok        bool
	}{
		"good": {good, true}, "the older secret": {sign("older-secret", eventAlert), true}, "upper case": {strings.ToUpper(good), true}, "another key": {sign("other", eventAlert), false}, "no key": {sign("", eventAlert), false},
		"another body": {sign("client-secret", eventAlert+" "), false}, "cut": {good[:62], false}, "with a prefix": {"sha256=" + good, false}, "no hex": {strings.Repeat("z", 64), false}, "none": {"", false}, "blank": {" ", false},
	} {
		in := call(eventAlert, "event_alert")
		in.Secret = "client-secret older-secret"
		in.Header.Set("Sentry-Hook-Signature", c.signature)
		if _, err := (source{}).Parse(in); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for body, where := range map[string]string{
		`{}`: "/data", `{"action":"triggered","data":{"event":{"title":"t"}}}`: "/data/event/issue_id", `{"action":"critical","data":{"metric_alert":{}}}`: "/data/metric_alert/id",
		as(metricAlert, "critical", "odd"): "/action", `{"action":"created","data":{"issue":{"title":"t"}}}`: "/data/issue/id", `{"event":{}}`: "/id", `[]`: "", `"x"`: "",
	} {
		_, err := source{}.Parse(call(body))
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 || f.Details[0].Where != where {
			t.Errorf("%.60s: %v %+v", body, err, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{eventAlert, metricAlert, issueEvent, errorEvent, plugin, `{"event":{"tags":{"a":1}},"id":{}}`, `{"data":{"event":{"issue_id":1e300,"tags":[[],[1],{"key":"k"}]}}}`} {
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
