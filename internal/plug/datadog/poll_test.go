package datadog

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// pollable is the plug-in with both keys and a service, against a fake of the list
// of monitors.
func pollable(t *testing.T, handle string, answer plugtest.Reply) (source, *plugtest.HTTP) {
	t.Helper()
	peer := (&plugtest.HTTP{OK: answer, Key: func(r *http.Request, _ []byte) string {
		return strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("DD-API-KEY"), r.Header.Get("DD-APPLICATION-KEY")}, " ")
	}}).Start(t)
	v, err := Plugin().Open(plug.Config{
		Guard: plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{
			"api_key": "key-of-the-api", "application_key": "key-of-the-app", "base_url": secret.String(peer.URL()), "service": "shop", "handle": secret.String(handle), "site": "datadoghq.eu",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(source), peer
}

// monitors is a list as Datadog documents it, with what it may leave out.
const monitors = `[
 {"id":4711,"name":"Load is high","type":"query alert","query":"avg(last_5m):avg:system.load.1{env:prod} by {host} > 4","message":"Load {{value}}\n@webhook-allclear @slack-ops","tags":["env:prod","service:ledger"],"priority":2,
  "overall_state":"Alert","overall_state_modified":"2026-03-02T03:04:05.000000+00:00","creator":{"email":"a@example.com","handle":"a@example.com","name":null},"matching_downtimes":[],
  "options":{"notify_no_data":false,"silenced":{"host:db-4":null,"host:db-5":1772400000},"thresholds":{"critical":4}},
  "state":{"groups":{
   "host:db-1":{"name":"host:db-1","status":"Alert","last_triggered_ts":1772420645,"last_nodata_ts":null,"last_notified_ts":1772420645,"last_resolved_ts":1772400000},
   "host:db-2":{"name":"host:db-2","status":"OK","last_triggered_ts":1772410000,"last_resolved_ts":1772411000},
   "host:db-3":{"name":"host:db-3","status":"Warn","last_triggered_ts":1772420645},
   "host:db-4":{"name":"host:db-4","status":"Alert","last_triggered_ts":1772420645},
   "host:db-5":{"name":"host:db-5","status":"Alert","last_triggered_ts":1772420645},
   "host:db-6":{"name":"host:db-6","status":"No Data","last_nodata_ts":1772420645},
   "host:db-7":{"name":"host:db-7","status":"Skipped"}}}},
 {"id":7,"name":"Checkout is slow","type":"metric alert","query":"avg(last_5m):avg:trace.duration{service:checkout} > 2","message":"@webhook-allclear","tags":[],"priority":null,"overall_state":"No Data","options":{"on_missing_data":"show_and_notify_no_data"},
  "state":{"groups":{"*":{"name":"*","status":"No Data","last_nodata_ts":1772420700,"last_triggered_ts":1772000000}}}},
 {"id":8,"name":"Old","type":"composite","query":"1 && 2","message":"@webhook-allclear","overall_state":"OK","state":{}},
 {"id":9,"name":"Planned","message":"@webhook-allclear","overall_state":"Alert","matching_downtimes":[{"id":1,"scope":["env:staging"],"start":1772410000,"end":1772430000}],"state":{"groups":{"env:staging,host:a":{"status":"Alert"},"env:prod,host:a":{"status":"Alert"}}}},
 {"id":10,"name":"Of somebody else","message":"@pagerduty-shop","overall_state":"Alert","state":{"groups":{}}},
 {"name":"nothing to know it by","message":"@webhook-allclear","overall_state":"Alert"}, null, 7
]`

// DET-STACK-DATADOG, INT-DATADOG (monitors by poll): GET /api/v1/monitor with both
// keys; each group is told of as its webhook would have been, under the same key.
func TestPoll(t *testing.T) {
	p, peer := pollable(t, "", plugtest.Reply{Body: monitors})
	if service, ok := p.Polls(); service != "shop" || !ok {
		t.Fatalf("polls %q %v", service, ok)
	}
	got, err := p.Poll(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	plugtest.CheckReceived(t, plug.Received{Signals: got})
	if k := peer.Got()[0].Key; k != "GET /api/v1/monitor?group_states=all&page=0&page_size=500&with_downtimes=true key-of-the-api key-of-the-app" {
		t.Errorf("asked %q", k)
	}
	var said []string
	for _, s := range got {
		said = append(said, fmt.Sprintf("%s %s %s", s.Action, s.DedupKey, s.Severity))
	}
	want := []string{
		"trigger monitor/4711/host:db-1 error", "resolve monitor/4711/host:db-2 error", "trigger monitor/4711/host:db-3 warning", "trigger monitor/4711/host:db-5 error",
		"trigger monitor/7/ warning", "resolve monitor/8/ ", "trigger monitor/9/env:prod,host:a error",
	}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
	hook := parse(t, monitor("Triggered", "error", "host:db-1"))
	if down := got[0]; down.DedupKey != hook.DedupKey || down.Source != hook.Source || !down.StartedAt.Equal(hook.StartedAt) || down.Component != "ledger" || down.Origin != "db-1" ||
		down.Summary != "[Triggered on {host:db-1}] Load is high" || down.ClientURL != "https://app.datadoghq.eu/monitors/4711" {
		t.Errorf("got %+v", down)
	}
	if none := got[4]; !none.StartedAt.Equal(time.Unix(1772420700, 0)) || none.Summary != "[No Data] Checkout is slow" {
		t.Errorf("got %+v", none)
	}
	if up := got[1]; !up.StartedAt.IsZero() {
		t.Errorf("a recovery has a start: %+v", up)
	}
	every, _ := pollable(t, "*", plugtest.Reply{Body: monitors})
	if got, err := every.Poll(t.Context(), now); err != nil || len(got) != len(want)+1 || got[len(want)].DedupKey != "monitor/10/" {
		t.Errorf("every monitor: %+v %v", got, err)
	}
}

// A page that is full is not the last one.
func TestPollReadsEveryPage(t *testing.T) {
	one := `{"id":%d,"name":"m","message":"@webhook-allclear","overall_state":"OK"}`
	full := make([]string, pageSize)
	for i := range full {
		full[i] = fmt.Sprintf(one, i+1)
	}
	p, peer := pollable(t, "", plugtest.Reply{Body: "[" + fmt.Sprintf(one, 9999) + "]"})
	peer.Next(plugtest.Reply{Body: "[" + strings.Join(full, ",") + "]"})
	got, err := p.Poll(t.Context(), now)
	if err != nil || len(got) != pageSize+1 || len(peer.Got()) != 2 || !strings.Contains(peer.Got()[1].Key, "page=1&") {
		t.Errorf("%d signals, %v", len(got), err)
	}
}

// The list and the webhook may name one thing in other words.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		polled, standing string
		want             bool
	}{
		{"monitor/7/", "monitor/7/9bd4ac31", true},
		{"monitor/7/", "monitor/7/env:prod", true},
		{"monitor/7/host:a", "monitor/7/env:prod,host:a", true},
		{"monitor/7/host:a", "monitor/7/host:ab", false},
		{"monitor/7/host:a", "monitor/7/", false},
		{"monitor/7/", "monitor/77/", false},
		{"monitor/7/", "aggregate/7", false},
	} {
		if got := (source{}).Same(c.polled, c.standing); got != c.want {
			t.Errorf("%s is %s: %v", c.polled, c.standing, got)
		}
	}
	// With the published template a simple monitor has one key, whatever it filters by.
	q := filled("ALERT_ID", "7", "ALERT_SCOPE", "service:checkout", "AGGREG_KEY", "9bd4", "ALERT_QUERY", "avg(last_5m):avg:trace.duration{service:checkout} > 2", "ALERT_TRANSITION", "Recovered", "EVENT_TITLE", "[Recovered] Checkout is slow")
	if s := parse(t, q); s.DedupKey != "monitor/7/" || s.Action != alert.Resolve {
		t.Errorf("%s %q", s.Action, s.DedupKey)
	}
	multi := strings.Replace(q, "} > 2", "} by {host} > 2", 1)
	if s := parse(t, multi); s.DedupKey != "monitor/7/service:checkout" {
		t.Errorf("a multi alert has the key %q", s.DedupKey)
	}
}

func TestPollThatFails(t *testing.T) {
	p, peer := pollable(t, "", plugtest.Reply{Body: `[]`})
	for _, c := range []struct {
		reply plugtest.Reply
		want  string
	}{
		{plugtest.Reply{Status: 403, Echo: true}, "Datadog refuses the credentials of the settings"},
		{plugtest.Reply{Status: 429, Header: http.Header{"X-Ratelimit-Reset": {"7"}}}, "Datadog is asked too often"},
		{plugtest.Reply{Status: 503, Echo: true}, "ask Datadog: peer answered 503"},
		{plugtest.Reply{Body: `{"errors":["x"]}`}, "no list of monitors"},
		{plugtest.Reply{Body: `[{"id":1`}, "no list of monitors"},
	} {
		peer.Next(c.reply)
		_, err := p.Poll(t.Context(), now)
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "key-of") {
			t.Errorf("%.60v: got %v", c.reply, err)
		}
	}
	if got, err := p.Poll(t.Context(), now); err != nil || len(got) != 0 {
		t.Errorf("no monitors: %+v %v", got, err)
	}
	silent, err := Plugin().Open(plug.Config{Values: map[string]secret.String{"api_key": "k", "application_key": "k"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := silent.(plug.Poller).Polls(); ok {
		t.Error("polls without a service")
	}
}
