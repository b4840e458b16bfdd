package app

import (
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
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/api/3.1/checks" || r.Header.Get("Authorization") != "Bearer token-for-reading" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, `{"checks":[{"id":4711,"name":"Shop","hostname":"shop.example.net","type":"http","status":%q,"lastdownstart":1772420400,"tags":[]}]}`, p.says.Load())
	}))
	t.Cleanup(fake.Close)
	t.Setenv("ALLCLEAR_PINGDOM_API_TOKEN", "token-for-reading")
	t.Setenv("ALLCLEAR_PINGDOM_SERVICE", service)
	t.Setenv("ALLCLEAR_PINGDOM_BASE_URL", fake.URL)
	reg, err := plug.NewRegistry(Plugins()...)
	must(t, err)
	cs, err := openChannels(reg, Config{AllowOutbound: []string{"127.0.0.0/8"}}, keys{})
	must(t, err)
	asks, err := cs.pulls()
	must(t, err)
	if len(asks.sources) != 1 || asks.sources[0].Name != "pingdom" || asks.sources[0].Service != service {
		t.Fatalf("sources that are asked: %+v", asks.sources)
	}
	v, err := cs.plugin("pingdom")
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
	return p
}

// webhook is a state change that Pingdom tells of.
func (p *polled) webhook(state string, at time.Time) {
	p.t.Helper()
	body := fmt.Sprintf(`{"check_id":4711,"check_name":"Shop","check_type":"HTTP","check_params":{"hostname":"shop.example.net"},"current_state":%q,"importance_level":"HIGH","state_changed_timestamp":%d,"description":"HTTP Error 503"}`, state, at.Unix())
	got, err := p.hook.Parse(plug.Inbound{Body: []byte(body), Now: at, ID: "made"})
	must(p.t, err)
	must(p.t, p.Intake.Accept(p.t.Context(), intake.Arrival{ServiceID: "api", Source: "pingdom", Raw: []byte(body), Signals: got.Signals, Now: at}))
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
	must(p.t, p.DB.View(p.t.Context(), func(tx *store.Tx) error {
		key := alerts.Key{ServiceID: "api", DedupKey: "check/4711"}
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
