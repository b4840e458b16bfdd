package inbound

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PagerDuty/go-pagerduty"

	"allclear/internal/domain/alert"
	"allclear/internal/store/storetest"
)

// The peers here are unmodified programs and libraries of others: what they
// send, and what they make of the answers, nobody here has written.

// peered is a world that real peers reach, with a sign for each request answered.
type peered struct {
	*world
	url string

	answered chan int
}

func newPeered(t *testing.T) *peered {
	t.Helper()
	w := newWorld(t, storetest.SQLite(t))
	w.now = time.Now().UTC() // peers date what they send
	p := &peered{world: w, answered: make(chan int, 1000)}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rec := &status{ResponseWriter: rw, code: http.StatusOK}
		w.mux.ServeHTTP(rec, r)
		p.answered <- rec.code
	}))
	t.Cleanup(srv.Close)
	p.url = srv.URL
	return p
}

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// until waits for requests until what they did is seen.
func (p *peered) until(what string, seen func(al []*alert.Alert) bool) {
	p.t.Helper()
	limit := time.After(90 * time.Second)
	for {
		if seen(p.alerts()) {
			return
		}
		select {
		case code := <-p.answered:
			if code >= 300 {
				p.t.Fatalf("a peer was answered %d", code)
			}
		case <-limit:
			p.t.Fatalf("%s: not within 90 s; alerts %+v", what, p.alerts())
		}
	}
}

// daemon starts a program of a Debian package; without it the test fails.
func daemon(t *testing.T, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not on this machine: run scripts/preflight, or apt-get install %s", name, name)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Log(log.String())
		}
	})
}

func config(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func only(al []*alert.Alert, want alert.Status) bool { return len(al) == 1 && al[0].Status == want }

// PagerDuty's own Go client sends the whole life of an alert and understands
// the answers, the refusal too.
func TestPagerDutyClient(t *testing.T) {
	p := newPeered(t)
	c := pagerduty.NewClient("", pagerduty.WithV2EventsAPIEndpoint(p.url))
	send := func(action string) (*pagerduty.V2EventResponse, error) {
		return c.ManageEventWithContext(t.Context(), &pagerduty.V2Event{
			RoutingKey: routingKey, Action: action, DedupKey: "login", Client: "checker", ClientURL: "https://checker.example",
			Links: []any{map[string]string{"href": "https://runbook.example", "text": "Runbook"}},
			Payload: &pagerduty.V2Payload{
				Summary: "login fails", Source: "web-3", Severity: "critical", Timestamp: p.now.Format(time.RFC3339), Component: "login",
				Group: "web", Class: "http", Details: map[string]any{"rate": 0.2},
			},
		})
	}
	for _, step := range []struct {
		action string
		want   alert.Status
	}{{"trigger", alert.Triggered}, {"acknowledge", alert.Acknowledged}, {"resolve", alert.Resolved}} {
		r, err := send(step.action)
		if err != nil || r.Status != "success" || r.DedupKey != "login" {
			t.Fatalf("%s: %+v, %v", step.action, r, err)
		}
		if al := p.alert("login"); al.Status != step.want {
			t.Errorf("after %s the alert is %s", step.action, al.Status)
		}
	}
	_, err := c.ManageEventWithContext(t.Context(), &pagerduty.V2Event{RoutingKey: routingKey, Action: "trigger"})
	var refused pagerduty.APIError
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusBadRequest {
		t.Errorf("an event without a payload: %v", err)
	}
	// The client reads the reason in the form of the Events API.
	var why pagerduty.EventsAPIV2Error
	p.post(enqueue, fmt.Sprintf(`{"routing_key":%q,"event_action":"trigger"}`, routingKey)).into(t, &why)
	if got := why.APIError.ErrorObject; !why.APIError.Valid || got.Status != "invalid event" || len(got.Errors) == 0 {
		t.Errorf("the reason of the refusal: %+v", got)
	}
}

// A real Alertmanager pages through its pagerduty_configs, and resolves.
func TestRealAlertmanager(t *testing.T) {
	p := newPeered(t)
	at := freeAddress(t)
	file := config(t, "alertmanager.yml", fmt.Sprintf(`
route: {receiver: allclear, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers:
  - name: allclear
    pagerduty_configs:
      - {url: "%s/v2/enqueue", routing_key: %s, severity: critical, send_resolved: true}
`, p.url, routingKey))
	daemon(t, "prometheus-alertmanager", "--config.file="+file, "--storage.path="+t.TempDir(), "--web.listen-address="+at, "--cluster.listen-address=")
	fire := func(ends string) error {
		body := fmt.Sprintf(`[{"labels": {"alertname": "DiskFull", "instance": "db-1"}, "annotations": {"summary": "the disk is full"}, "startsAt": %q%s}]`, time.Now().Add(-time.Minute).UTC().Format(time.RFC3339), ends)
		resp, err := http.Post("http://"+at+"/api/v2/alerts", "application/json", strings.NewReader(body))
		if err != nil {
			return err
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
			return fmt.Errorf("alertmanager answered %d, %w", resp.StatusCode, err)
		}
		return nil
	}
	knock(t, func() error { return fire("") })
	p.until("trigger", func(al []*alert.Alert) bool { return only(al, alert.Triggered) })
	if err := fire(fmt.Sprintf(`, "endsAt": %q`, time.Now().Add(-time.Second).UTC().Format(time.RFC3339))); err != nil {
		t.Fatal(err)
	}
	p.until("resolve", func(al []*alert.Alert) bool { return only(al, alert.Resolved) })
}

// A real Prometheus takes the product for an Alertmanager.
func TestRealPrometheus(t *testing.T) {
	p := newPeered(t)
	rules := config(t, "rules.yml", `
groups:
  - name: always
    interval: 1s
    rules:
      - {alert: AlwaysFiring, expr: vector(1), labels: {severity: critical}, annotations: {summary: it always fires}}
`)
	file := config(t, "prometheus.yml", fmt.Sprintf(`
global: {evaluation_interval: 1s}
rule_files: [%s]
alerting:
  alertmanagers:
    - path_prefix: /alertmanager/%s
      static_configs: [{targets: [%q]}]
`, rules, hookKey, strings.TrimPrefix(p.url, "http://")))
	daemon(t, "prometheus", "--config.file="+file, "--storage.tsdb.path="+t.TempDir(), "--web.listen-address="+freeAddress(t), "--rules.alert.resend-delay=1s")
	p.until("firing", func(al []*alert.Alert) bool { return only(al, alert.Triggered) })
	if al := p.alerts()[0]; al.ServiceID != "api" || !strings.Contains(al.Summary, "it always fires") {
		t.Errorf("got %+v", al)
	}
}

// knock tries until a daemon that starts is there.
func knock(t *testing.T, try func() error) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(60 * time.Second)
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("a daemon does not answer: %v", err)
		}
	}
}
