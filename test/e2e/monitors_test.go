package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Monitoring as it is found: a Prometheus, a vmalert, an Alertmanager and amtool
// that nobody has changed, against the program that ships.

// daemon starts a program of a Debian package; without it the test fails.
func daemon(t *testing.T, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not on this machine: run scripts/preflight", name)
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
			t.Logf("%s: %s", name, log.String())
		}
	})
}

func textFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// monitored is an alert as the API shows it.
type monitored struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Source   string `json:"source"`
	HeldBy   string `json:"held_by"`
	Service  struct {
		ID string `json:"id"`
	} `json:"service"`
}

// alertWith waits for an alert whose summary has the text and that looks right.
func alertWith(p *program, text string, limit time.Duration, right func(monitored) bool) monitored {
	p.t.Helper()
	var seen []monitored
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		seen = all[monitored](p, "/alerts")
		for _, a := range seen {
			if strings.Contains(a.Summary, text) && right(a) {
				return a
			}
		}
	}
	p.t.Fatalf("no alert with %q as wanted within %s: %+v", text, limit, seen)
	return monitored{}
}

// Clauses: DET-MET-07 (through remote write), INT of Prometheus, Alertmanager and
// vmalert.
func TestUnmodifiedMonitors(t *testing.T) {
	p := serve(t, nil)
	host := strings.TrimPrefix(p.base, "http://")
	rules := textFile(t, "rules.yml", `
groups:
  - name: always
    interval: 1s
    rules:
      - {record: queue_depth, expr: "vector(10001)"}
      - {alert: FromPrometheus, expr: "vector(1)", labels: {severity: warning}, annotations: {summary: prometheus sees it}}
`)
	at := freeAddress(t)
	daemon(t, "prometheus", "--config.file="+textFile(t, "prometheus.yml", fmt.Sprintf(`
global: {evaluation_interval: 1s}
rule_files: [%s]
remote_write:
  - url: %s/metrics/%s/api/v1/write
    queue_config: {batch_send_deadline: 1s}
    write_relabel_configs: [{source_labels: [__name__], regex: queue_depth, action: keep}]
alerting:
  alertmanagers:
    - {path_prefix: /alertmanager/%s, static_configs: [{targets: [%q]}]}
`, rules, p.base, p.demo.HookKey, p.demo.HookKey, host)), "--storage.tsdb.path="+t.TempDir(), "--web.listen-address="+at, "--rules.alert.resend-delay=1s")
	triggered := func(a monitored) bool { return a.Status == "triggered" && a.Service.ID == "api" }
	alertWith(p, "prometheus sees it", 30*time.Second, triggered)

	daemon(t, "vmalert", "-rule="+textFile(t, "vm.yml", `
groups:
  - name: vm
    interval: 1s
    rules:
      - {alert: FromVmalert, expr: "vector(1)", labels: {severity: warning}, annotations: {summary: vmalert sees it}}
`), "-datasource.url=http://"+at, "-notifier.url="+p.base+"/alertmanager/"+p.demo.HookKey, "-httpListenAddr="+freeAddress(t), "-evaluationInterval=1s")
	alertWith(p, "vmalert sees it", 30*time.Second, triggered)

	am := freeAddress(t)
	daemon(t, "prometheus-alertmanager", "--config.file="+textFile(t, "alertmanager.yml", fmt.Sprintf(`
route: {receiver: allclear, group_wait: 0s, group_interval: 1s}
receivers:
  - {name: allclear, webhook_configs: [{url: "%s/hooks/alertmanager/%s", send_resolved: true}]}
`, p.base, p.demo.HookKey)), "--storage.path="+t.TempDir(), "--web.listen-address="+am, "--cluster.listen-address=")
	amtool := func(url string, args ...string) string {
		t.Helper()
		var out []byte
		var err error
		for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			if out, err = exec.CommandContext(t.Context(), "amtool", append([]string{"--alertmanager.url=" + url}, args...)...).CombinedOutput(); err == nil {
				return string(out)
			}
		}
		t.Fatalf("amtool %v: %v %s", args, err, out)
		return ""
	}
	amtool("http://"+am, "alert", "add", "alertname=FromAlertmanager", "severity=warning", `--annotation=summary="alertmanager passes it on"`)
	alertWith(p, "alertmanager passes it on", 30*time.Second, triggered)

	// amtool takes the product itself for an Alertmanager.
	ours := p.base + "/alertmanager/" + p.demo.HookKey
	amtool(ours, "silence", "add", "alertname=ByHand", "--comment=quiet", "--author=e2e", "--duration=1h")
	if list := amtool(ours, "silence", "query"); !strings.Contains(list, "ByHand") {
		t.Errorf("silences: %s", list)
	}
	amtool(ours, "alert", "add", "alertname=ByHand", "severity=critical", `--annotation=summary="held back by amtool"`)
	alertWith(p, "held back by amtool", 10*time.Second, func(a monitored) bool {
		return a.Status == "suppressed" && strings.Contains(a.HeldBy, "a silence of e2e")
	})
	if list := amtool(ours, "alert", "query"); !strings.Contains(list, "FromVmalert") || strings.Contains(list, "ByHand") {
		t.Errorf("alerts: %s", list)
	}

	// What Prometheus wrote passes a limit of the procedure (DET-MET-07): twice a
	// minute is looked.
	alertWith(p, "wait in the queue of api", 60*time.Second, func(a monitored) bool { return triggered(a) && a.Source == "metrics" })
}
