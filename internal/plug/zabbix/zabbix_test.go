package zabbix

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// event is the documented template; pairs replace values by name.
func event(pairs ...string) string {
	fields := []string{
		"event_id", "4242", "event_value", "1", "event_recovery_value", "{EVENT.RECOVERY.VALUE}", "event_update_status", "0", "event_update_action", "", "event_update_nseverity", "{EVENT.UPDATE.NSEVERITY}", "event_ack_status", "No",
		"event_name", "Disk is full", "event_severity", "High", "event_nseverity", "4", "event_tags", `[{\"tag\":\"service\",\"value\":\"ledger\"},{\"tag\":\"urgent\",\"value\":\"\"}]`,
		"trigger_id", "10084", "trigger_url", "https://runbook.example.net/disk", "host_name", "db-1", "host_ip", "203.0.113.7", "host_groups", "Databases", "message", "Problem started", "zabbix_url", "https://zabbix.example.net/",
	}
	for i := 0; i < len(pairs); i += 2 {
		at := slices.Index(fields, pairs[i])
		fields[at+1] = pairs[i+1]
	}
	var out []string
	for i := 0; i < len(fields); i += 2 {
		out = append(out, fmt.Sprintf(`"%s":"%s"`, fields[i], fields[i+1]))
	}
	return "{" + strings.Join(out, ",") + "}"
}

const (
	onCall   = `{"alert_uid":"08d6891a","title":"The whole system is down","image_url":"https://img.example.net/x.jpg","state":"alerting","link_to_upstream_details":"https://wiki.example.net/Downtime","message":"Oh no!"}`
	macros   = `{"EVENT.ID":"7","EVENT.VALUE":"1","EVENT.NAME":"Load is high","EVENT.SEVERITY":"Average","HOST.NAME":"web-1","EVENT.TAGS":"scope:performance, service:shop","TRIGGER.STATUS":"PROBLEM"}`
	subject1 = `{"subject":"Problem: Load is high","message":"Problem started at 03:04\nHost: web-1","host":"web-1","severity":"Disaster"}`
	subject2 = `{"subject":"Resolved in 5m 0s: Load is high","message":"resolved","host":"web-1"}`
)

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{event(), event("event_value", "0"), event("event_update_status", "1", "event_update_action", "acknowledged"), onCall, macros, subject1, subject2} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	form := plug.Inbound{Body: []byte("event_id=7&event_value=1&event_name=x"), ContentType: "application/x-www-form-urlencoded"}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: append(calls, form)})
}

func parse(t *testing.T, body string) []alert.Signal {
	t.Helper()
	got, err := (source{}).Parse(plug.Inbound{Body: []byte(body), ID: "made"})
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return got.Signals
}

func TestProblemRecoveryAndUpdate(t *testing.T) {
	update := func(what string) string { return event("event_update_status", "1", "event_update_action", what) }
	trigger, ack, resolve := alert.Trigger, alert.Acknowledge, alert.Resolve
	for name, c := range map[string]struct {
		body string
		want []alert.Action
	}{
		"problem": {event(), []alert.Action{trigger}}, "recovery": {event("event_value", "0"), []alert.Action{resolve}}, "recovery of the problem's macro": {event("event_recovery_value", "0"), []alert.Action{resolve}},
		"acknowledged": {update("acknowledged"), []alert.Action{ack}}, "unacknowledged": {update("unacknowledged"), nil}, "commented": {update("commented"), nil}, "suppressed": {update("suppressed"), nil}, "closed": {update("acknowledged and closed"), []alert.Action{resolve}},
		"acknowledged with a comment": {update("acknowledged, commented"), []alert.Action{ack}}, "more severe and acknowledged": {update("acknowledged, changed severity from High to Disaster"), []alert.Action{trigger, ack}},
		"an update that says nothing": {update(""), []alert.Action{trigger}}, "a comment on what is over": {event("event_update_status", "1", "event_update_action", "commented", "event_recovery_value", "0"), []alert.Action{resolve}},
	} {
		var got []alert.Action
		for _, s := range parse(t, c.body) {
			got = append(got, s.Action)
			if s.DedupKey != "event/4242" {
				t.Errorf("%s: key %q", name, s.DedupKey)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if s := parse(t, event("event_update_status", "1", "event_update_action", "changed severity from High to Disaster", "event_update_nseverity", "5"))[0]; s.Severity != "critical" {
		t.Errorf("the new severity: %q", s.Severity)
	}
}

func TestWhatAPersonSees(t *testing.T) {
	s := parse(t, event())[0]
	if s.Summary != "db-1: Disk is full" || s.Severity != "error" || s.Origin != "db-1" || s.Component != "ledger" || s.Group != "Databases" || s.Class != "Disk is full" || s.Labels["service"] != "ledger" || s.Client != "Zabbix" {
		t.Errorf("got %+v", s)
	}
	if !slices.Equal(s.Links, []alert.Link{{Href: "https://zabbix.example.net/tr_events.php?triggerid=10084&eventid=4242", Text: "Problem"}, {Href: "https://runbook.example.net/disk", Text: "Trigger"}}) {
		t.Errorf("links %+v", s.Links)
	}
	if s := parse(t, macros)[0]; s.DedupKey != "event/7" || s.Summary != "web-1: Load is high" || s.Severity != "warning" || s.Labels["scope"] != "performance" || s.Component != "shop" {
		t.Errorf("got %+v", s)
	}
	a, b := parse(t, onCall)[0], parse(t, strings.Replace(onCall, `"alerting"`, `"ok"`, 1))[0]
	if a.DedupKey != "uid/08d6891a" || b.DedupKey != a.DedupKey || a.Action != alert.Trigger || b.Action != alert.Resolve || a.Summary != "The whole system is down" || len(a.Links) != 1 || len(a.Images) != 1 {
		t.Errorf("the one for OnCall: %+v %+v", a, b)
	}
	c, d := parse(t, subject1)[0], parse(t, subject2)[0]
	if c.DedupKey != "name/web-1/Load is high" || d.DedupKey != c.DedupKey || c.Action != alert.Trigger || d.Action != alert.Resolve || c.Severity != "critical" {
		t.Errorf("by the subject: %+v %+v", c, d)
	}
	old, over := parse(t, `{"to":"x","subject":"PROBLEM: High CPU","message":"m"}`)[0], parse(t, `{"to":"x","subject":"OK: High CPU","message":"m"}`)[0]
	if old.Action != alert.Trigger || over.Action != alert.Resolve || old.DedupKey != over.DedupKey || old.Summary != "High CPU" {
		t.Errorf("by the subject of Zabbix 3: %+v %+v", old, over)
	}
	if s := parse(t, `{"trigger_id":"9","host":"a","trigger_status":"OK","token":"hidden-one"}`)[0]; s.DedupKey != "trigger/9/a" || s.Action != alert.Resolve || strings.Contains(fmt.Sprint(s.Details), "hidden-one") {
		t.Errorf("by the trigger: %+v", s)
	}
	if s := parse(t, `{"message":"only a text\nand more"}`)[0]; s.DedupKey != "made" || s.Summary != "only a text" {
		t.Errorf("a text: %+v", s)
	}
}

func TestSeverity(t *testing.T) {
	for word, want := range map[string]string{"Not classified": "", "Information": "info", "Warning": "warning", "Average": "warning", "High": "error", "Disaster": "critical", "0": "", "1": "info", "2": "warning", "3": "warning", "4": "error", "5": "critical", "odd": ""} {
		for _, name := range []string{"event_severity", "severity", "TRIGGER.NSEVERITY"} {
			if got := parse(t, `{"event_id":"1","event_name":"x","`+name+`":"`+word+`"}`)[0].Severity; got != want {
				t.Errorf("%s %s: got %q, want %q", name, word, got, want)
			}
		}
	}
}

// The test of a media type sends its macros as they are written.
func TestOfAMediaType(t *testing.T) {
	got, err := (source{}).Parse(plug.Inbound{Body: []byte(`{"event_id":"{EVENT.ID}","event_value":"{EVENT.VALUE}","event_name":"{EVENT.NAME}","event_recovery_value":"{EVENT.RECOVERY.VALUE}","host_name":"{HOST.NAME}","message":"{ALERT.MESSAGE}"}`)})
	if err != nil || len(got.Signals) != 0 || got.Reply.Status != 200 {
		t.Errorf("got %+v %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: " want an object", `[]`: " must be an object", `{}`: "/event_name is needed", `{"event_value":"0"}`: "/event_id is needed", `{"event_update_status":1,"event_update_action":"acknowledged"}`: "/event_id is needed",
		`{"event_id":[],"event_name":{}}`: "/event_name is needed", `{"event_id":1`: " want ','",
	} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body)})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || !strings.HasPrefix(f.Details[0].Where+" "+f.Details[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, f, want)
		}
	}
	long := strings.Repeat("x", 5000)
	s := parse(t, fmt.Sprintf(`{"event_id":%q,"event_name":%q,"host":%q,"trigger_id":1e300,"zabbix_url":"https://z.example.net","event_tags":"[{\"tag\":7},null,{\"tag\":\"\\u0000\"}]","trigger_url":"javascript:x"}`, long, long, long))
	plugtest.CheckReceived(t, plug.Received{Signals: s})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, event(), event("event_update_status", "1", "event_update_action", "acknowledged, changed severity"), onCall, macros, subject1, subject2, `{"event_tags":"[{\"tag\":\"\\u0000\",\"value\":\"\\ud800\"}]","event_name":"x"}`, `{"a":{"b":{"c":{"d":1}}},"title":"x"}`} {
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
	page, err := os.ReadFile("../../../docs/integrations/zabbix.md")
	if err != nil || !strings.Contains(string(page), Script) {
		t.Errorf("docs/integrations/zabbix.md has another text: %v", err)
	}
}
