package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/incident"
	"allclear/internal/flow/intake"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/storetest"
)

// polled is an installation that asks a fake of Pingdom, with the webhook beside.
type polled struct {
	*Engine
	t    *testing.T
	says atomic.Value // the status of the check
	hook plug.Source
}

func withPingdom(t *testing.T, service string) *polled {
	t.Helper()
	p := &polled{t: t}
	p.says.Store("up")
	p.open("pingdom", service, map[string]string{"API_TOKEN": "token-for-reading"}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/api/3.1/checks" || r.Header.Get("Authorization") != "Bearer token-for-reading" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, `{"checks":[{"id":4711,"name":"Shop","hostname":"shop.example.net","type":"http","status":%q,"lastdownstart":1772420400,"tags":[]}]}`, p.says.Load())
	})
	return p
}

// open is an installation with the settings of one source, which answers as fake
// does.
func (p *polled) open(source, service string, settings map[string]string, fake http.HandlerFunc) {
	t := p.t
	t.Helper()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	settings["SERVICE"], settings["BASE_URL"] = service, srv.URL
	for k, v := range settings {
		t.Setenv("ALLCLEAR_"+strings.ToUpper(source)+"_"+k, v)
	}
	reg, err := plug.NewRegistry(Plugins()...)
	must(t, err)
	cs, err := openChannels(reg, Config{AllowOutbound: []string{"127.0.0.0/8"}}, keys{})
	must(t, err)
	asks, err := cs.pulls()
	must(t, err)
	if len(asks.sources) != 1 || asks.sources[0].Name != source || asks.sources[0].Service != service {
		t.Fatalf("sources that are asked: %+v", asks.sources)
	}
	v, err := cs.plugin(source)
	must(t, err)
	p.hook = v.(plug.Source)
	dir := t.TempDir()
	ks, err := openKeys(dir)
	must(t, err)
	p.Engine = NewEngine(storetest.SQLite(t), EngineOptions{
		Channels: func(string) (plug.Channel, bool) { return outbox.New(), true }, AckKey: ks.ack, Box: ks.box, Workers: 1, Pulls: asks.sources,
	})
	_, err = p.seedDemo(t.Context(), dir, demoFile{}, smallCompany(), start)
	must(t, err)
	must(t, p.procedureInForce(t.Context(), "", start))
}

// webhook is a state change that Pingdom tells of.
func (p *polled) webhook(state string, at time.Time) {
	p.t.Helper()
	p.posts("api", "pingdom", fmt.Sprintf(`{"check_id":4711,"check_name":"Shop","check_type":"HTTP","check_params":{"hostname":"shop.example.net"},"current_state":%q,"importance_level":"HIGH","state_changed_timestamp":%d,"description":"HTTP Error 503"}`, state, at.Unix()), at)
}

// posts is a webhook that comes by the key of a service.
func (p *polled) posts(service, source, body string, at time.Time) {
	p.t.Helper()
	got, err := p.hook.Parse(plug.Inbound{Body: []byte(body), Now: at, ID: "made"})
	must(p.t, err)
	must(p.t, p.Intake.Accept(p.t.Context(), intake.Arrival{ServiceID: service, Source: source, Raw: []byte(body), Signals: got.Signals, Now: at}))
}

// poll asks at so many minutes.
func (p *polled) poll(minute int) {
	p.t.Helper()
	p.Pull.Tick(p.t.Context(), start.Add(time.Duration(minute)*time.Minute))
	if s := p.Pull.States()[0]; s.Problem != "" {
		p.t.Errorf("minute %d: %s", minute, s.Problem)
	}
}

// alert is the one alert of the check, nil for none, and all incidents there are.
func (p *polled) alert() (a *alert.Alert, all []*incident.Incident) {
	p.t.Helper()
	return p.alertOf(alerts.Key{ServiceID: "api", DedupKey: "check/4711"})
}

func (p *polled) alertOf(key alerts.Key) (a *alert.Alert, all []*incident.Incident) {
	p.t.Helper()
	must(p.t, p.DB.View(p.t.Context(), func(tx *store.Tx) error {
		found, err := alerts.Find(tx, []alerts.Key{key})
		if err != nil {
			return err
		}
		a = found[key]
		all, err = incidents.List(tx, incidents.Filter{Limit: 10})
		return err
	}))
	return a, all
}

// A check is down and its webhook never comes: the next poll opens the alert, and
// the webhook of the recovery resolves that same one.
//
// Clauses: DET-STACK-PINGDOM, INT-PINGDOM
func TestAPollCatchesAMissedWebhook(t *testing.T) {
	p := withPingdom(t, "api")
	p.poll(0)
	if a, all := p.alert(); a != nil || len(all) != 0 {
		t.Fatalf("all is well, and there is %+v %+v", a, all)
	}
	p.says.Store("down")
	p.poll(1)
	a, all := p.alert()
	if a == nil || a.Status != alert.Triggered || a.Count != 1 || a.Source != "pingdom" || a.Summary != "Shop is DOWN" || len(all) != 1 || a.IncidentID != all[0].ID {
		t.Fatalf("after the poll: %+v, incidents %+v", a, all)
	}
	p.poll(2)
	p.webhook("UP", start.Add(150*time.Second))
	after, all := p.alert()
	if after.ID != a.ID || after.Status != alert.Resolved || after.Count != 1 || len(all) != 1 {
		t.Fatalf("after the webhook: %+v, incidents %+v", after, all)
	}
	// A look that began before the recovery comes in late: it is the same outage.
	p.poll(3)
	if late, _ := p.alert(); late.Status != alert.Resolved {
		t.Errorf("a late look opened it again: %+v", late)
	}
}

// Webhook and poll both say DOWN: one alert that counts both, one incident, and
// what the webhook said stays. The webhook of the recovery is missed: the poll
// resolves.
//
// Clauses: DET-STACK-PINGDOM, INT-PINGDOM
func TestWebhookAndPollMeetInOneAlert(t *testing.T) {
	p := withPingdom(t, "api")
	p.webhook("DOWN", start)
	p.says.Store("down")
	p.poll(1)
	p.poll(2)
	a, all := p.alert()
	if a.Status != alert.Triggered || a.Count != 2 || a.Run != 1 || len(all) != 1 || a.Summary != "Shop is DOWN: HTTP Error 503" {
		t.Fatalf("%+v, incidents %+v", a, all)
	}
	p.says.Store("paused")
	p.poll(3)
	if a, _ := p.alert(); a.Status != alert.Triggered {
		t.Errorf("a pause resolved it: %+v", a)
	}
	p.says.Store("up")
	p.poll(4)
	if a, all := p.alert(); a.Status != alert.Resolved || len(all) != 1 {
		t.Errorf("%+v, incidents %+v", a, all)
	}
}

// A service that nobody knows is told, and nothing is opened on it.
func TestAPollForAServiceThatIsNotThere(t *testing.T) {
	p := withPingdom(t, "gone")
	p.says.Store("down")
	p.Pull.Tick(t.Context(), start)
	if s := p.Pull.States()[0]; !strings.Contains(s.Problem, `there is no service "gone"`) || s.Failures != 1 {
		t.Errorf("state %+v", s)
	}
	if a, all := p.alert(); a != nil || len(all) != 0 {
		t.Errorf("%+v %+v", a, all)
	}
}

// A monitor of Datadog triggers and its webhook is lost: the next poll opens the
// alert under the key of the webhook, and the webhook of the recovery resolves it.
// Then the other way round, with a webhook by the key of another service.
//
// Clauses: DET-STACK-DATADOG, INT-DATADOG
func TestAMonitorOfDatadogMeetsItsWebhook(t *testing.T) {
	p := &polled{t: t}
	p.says.Store("OK")
	p.open("datadog", "api", map[string]string{"API_KEY": "key", "APPLICATION_KEY": "app"}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/monitor" || r.Header.Get("DD-API-KEY") != "key" || r.Header.Get("DD-APPLICATION-KEY") != "app" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = fmt.Fprintf(w, `[{"id":7,"name":"Load","message":"@webhook-allclear","priority":2,"state":{"groups":{"host:db-1":{"name":"host:db-1","status":%q,"last_triggered_ts":%d}}}}]`, p.says.Load(), start.Unix())
	})
	hook := func(transition string) string {
		return `{"alert_id":"7","alert_scope":"host:db-1,env:prod","alert_transition":"` + transition + `","alert_priority":"P3","title":"[` + transition + ` on {host:db-1}] Load","aggreg_key":"b1946ac9"}`
	}
	p.says.Store("Alert")
	p.poll(0)
	a, all := p.alertOf(alerts.Key{ServiceID: "api", DedupKey: "monitor/7/host:db-1"})
	if a == nil || a.Status != alert.Triggered || len(all) != 1 {
		t.Fatalf("after the poll: %+v, incidents %+v", a, all)
	}
	p.says.Store("OK")
	p.poll(1)
	if a, _ = p.alertOf(alerts.Key{ServiceID: "api", DedupKey: "monitor/7/host:db-1"}); a.Status != alert.Resolved {
		t.Fatalf("the poll did not resolve it: %+v", a)
	}
	p.posts("reporting", "datadog", hook("Triggered"), start.Add(90*time.Second))
	p.says.Store("Alert")
	p.poll(2)
	key := alerts.Key{ServiceID: "reporting", DedupKey: "monitor/7/env:prod,host:db-1"}
	if a, all = p.alertOf(key); a.Count != 2 || a.Status != alert.Triggered || a.Hint != "warning" || len(all) != 2 {
		t.Fatalf("the poll did not meet the webhook: %+v, incidents %+v", a, all)
	}
	p.says.Store("OK")
	p.poll(3)
	if a, _ = p.alertOf(key); a.Status != alert.Resolved {
		t.Errorf("the poll did not resolve what the webhook opened: %+v", a)
	}
}

// The same for an issue of New Relic.
//
// Clauses: DET-STACK-NEWRELIC, INT-NEWRELIC
func TestAnIssueOfNewRelicMeetsItsWebhook(t *testing.T) {
	p := &polled{t: t}
	p.says.Store("ACTIVATED")
	p.open("newrelic", "api", map[string]string{"API_KEY": "NRAK", "ACCOUNT_ID": "12"}, func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Query string }
		must(t, json.NewDecoder(r.Body).Decode(&in))
		state, list := p.says.Load().(string), ""
		if strings.Contains(in.Query, "["+state+"]") {
			list = fmt.Sprintf(`{"issueId":"i-1","title":["Slow"],"priority":"HIGH","state":%q,"activatedAt":%d}`, state, start.UnixMilli())
		}
		_, _ = fmt.Fprintf(w, `{"data":{"actor":{"account":{"aiIssues":{"issues":{"issues":[%s],"nextCursor":null}}}}}}`, list)
	})
	key := alerts.Key{ServiceID: "api", DedupKey: "issue/i-1"}
	p.poll(0)
	a, all := p.alertOf(key)
	if a == nil || a.Status != alert.Triggered || a.Summary != "Slow" || len(all) != 1 {
		t.Fatalf("after the poll: %+v, incidents %+v", a, all)
	}
	p.posts("api", "newrelic", `{"id":"i-1","title":"Slow","priority":"HIGH","state":"ACTIVATED","issueUrl":"https://example.com/issues/i-1"}`, start.Add(time.Minute))
	if a, all = p.alertOf(key); a.Count != 2 || len(all) != 1 {
		t.Fatalf("the webhook did not meet the poll: %+v, incidents %+v", a, all)
	}
	p.says.Store("CLOSED")
	p.poll(2)
	if a, _ = p.alertOf(key); a.Status != alert.Resolved {
		t.Errorf("the poll did not resolve it: %+v", a)
	}
}
