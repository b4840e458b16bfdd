package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// run runs a command of the binary to its end.
func run(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary(t), args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), o.String(), e.String()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0, o.String(), e.String()
}

// The demonstration keeps its keys, hides them from other users, opens no
// incident by itself, and is ended by SIGTERM.
func TestDemonstration(t *testing.T) {
	p := serve(t, nil)
	info, err := os.Stat(filepath.Join(p.dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("demo.json has mode %o", info.Mode().Perm())
	}
	if n := len(all[struct{}](p, "/incidents")); n != 0 {
		t.Errorf("%d incidents in a fresh demonstration", n)
	}
	services := all[struct {
		ID   string `json:"id"`
		Rank int    `json:"restoration_rank"`
	}](p, "/services")
	if len(services) != 6 {
		t.Errorf("services: %v", services)
	}
	before, err := os.ReadFile(filepath.Join(p.dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("ended with %v after %s", err, time.Since(began))
	}
	p.cmd = nil
	p.start()
	after, err := os.ReadFile(filepath.Join(p.dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Errorf("demo.json changed:\n%s\n%s", before, after)
	}
	address := strings.TrimPrefix(p.base, "http://")
	if code, _, text := run(t, "serve", "--demo", "--data", t.TempDir(), "--listen", address, "--page-listen", "127.0.0.1:0"); code != 1 || !strings.Contains(text, "listen on "+address) {
		t.Errorf("a second start on the same address: exit %d, %s", code, text)
	}
}

// What docs/watch.md says of the metrics is there, in Prometheus' format; those
// with labels come when there is something to say.
func TestMetricsAreAsDocumented(t *testing.T) {
	p := serve(t, nil)
	text, err := os.ReadFile("../../docs/watch.md")
	if err != nil {
		t.Fatal(err)
	}
	code, page := get(t, p.base+"/metrics")
	if code != http.StatusOK {
		t.Fatalf("/metrics answers %d", code)
	}
	names := regexp.MustCompile(`\x60(allclear_[a-z_]+)\x60`).FindAllStringSubmatch(string(text), -1)
	if len(names) < 10 {
		t.Fatalf("docs/watch.md names %d metrics", len(names))
	}
	for _, n := range names {
		if !regexp.MustCompile(`(?m)^` + n[1] + `[ {]`).MatchString(page) {
			t.Errorf("%s is in docs/watch.md and not in /metrics", n[1])
		}
	}
}

// One event opens a P1 in triage, pages the primary and starts its clocks
// within a second; the page's link shows a button, which answers once.
//
// Clauses: ESC-CHAIN-1, SEV-P1-ACK, RSP-S1-ACK
func TestTheFirstMinute(t *testing.T) {
	mail, host, port := smtpSink(t)
	p := serve(t, []string{"ALLCLEAR_EMAIL_HOST=" + host, "ALLCLEAR_EMAIL_PORT=" + port, "ALLCLEAR_EMAIL_TLS=none", "ALLCLEAR_EMAIL_FROM=Allclear <allclear@sender.example>"},
		"--allow-outbound", "127.0.0.0/8", "--procedure", webhookFirst(t))
	for _, id := range []string{"ana", "bo"} { // whoever is on call this week
		p.must("PUT", "/people/"+id, map[string]any{"id": id, "name": id, "email": id + "@sink.example", "level": 1, "contacts": []any{}}, nil)
	}
	began := time.Now()
	if !p.trigger(p.demo.IntegrationKey, "sign-in", "critical") {
		t.Fatal("the event was refused")
	}
	var inc struct {
		Status   string `json:"status"`
		Severity string `json:"severity"`
	}
	p.must("GET", "/incidents/INC-1", nil, &inc)
	clocks := all[struct {
		Clock string `json:"clock"`
		State string `json:"state"`
	}](p, "/incidents/1/deadlines")
	pages := all[struct {
		To    string `json:"to"`
		Step  int    `json:"step"`
		State string `json:"state"`
	}](p, "/incidents/1/pages")
	if time.Since(began) > time.Second {
		t.Errorf("it took %s", time.Since(began))
	}
	if inc.Status != "triage" || inc.Severity != "P1" || len(pages) != 1 || pages[0].Step != 1 || len(clocks) < 3 {
		t.Fatalf("%+v, pages %+v, clocks %+v", inc, pages, clocks)
	}
	link := waitForLink(t, mail)
	for range 2 { // looking changes nothing
		if code, body := get(t, link); code != http.StatusOK || !strings.Contains(body, "Acknowledge") {
			t.Fatalf("the link: %d %s", code, body)
		}
	}
	p.must("GET", "/incidents/INC-1", nil, &inc)
	for i, want := range []int{http.StatusOK, http.StatusConflict} {
		resp, err := http.PostForm(link, url.Values{"answer": {"acknowledged"}})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("pressing the button, time %d: %d, want %d", i+1, resp.StatusCode, want)
		}
	}
	var acked struct {
		By struct {
			ID string `json:"id"`
		} `json:"acknowledged_by"`
	}
	if p.must("GET", "/incidents/INC-1", nil, &acked); acked.By.ID != pages[0].To {
		t.Errorf("acknowledged by %q", acked.By.ID)
	}
	if code, _ := get(t, link+"x"); code != http.StatusNotFound {
		t.Errorf("a forged link: %d", code)
	}
}

func get(t *testing.T, link string) (int, string) {
	t.Helper()
	resp, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

var ackLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+/ack/[0-9a-z]+-[0-9a-z]+`)

// waitForLink waits for the mail of a page.
func waitForLink(t *testing.T, mail *ledger) string {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, rs := range mail.byKey() {
			if link := ackLink.FindString(unquoted(rs[0].text)); link != "" {
				return link
			}
		}
	}
	t.Fatal("no page arrived by mail")
	return ""
}

// The status page outlives the application: INV-S2.
func TestStatusPageWithoutTheApplication(t *testing.T) {
	p := serve(t, nil)
	if code, _ := get(t, p.page+"/api/v2/status.json"); code != http.StatusOK {
		t.Fatalf("the page: %d", code)
	}
	p.kill()
	cmd := exec.CommandContext(t.Context(), binary(t), "page", "serve", "--data", p.dir, "--page-listen", strings.TrimPrefix(p.page, "http://"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = cmd.Process.Kill(), cmd.Wait() }()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(p.page + "/api/v2/summary.json")
		if err == nil {
			b, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK && strings.Contains(string(b), "Sign-in") {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("the page is not served from the last snapshot: %v", err)
		}
	}
}

const scenario = `start: 2026-03-01T03:00:00Z
duration: 2h
oncall: {primary: ana, secondary: bo}
providers: [{channel: sms, from: 0s, until: 2m, fails: 5xx}]
steps:
  - {at: 0s, event: {source: events, service: auth, body: {event_action: trigger, dedup_key: k, payload: {summary: sign-in fails, source: probe, severity: critical}}}}
  - {at: 12m, engage: {by: ana}}
  - {at: 20m, restart: {}}
  - {at: 40m, resolve: {by: ana, reason: over}}
`

// The same scenario gives the same output, byte for byte: INV-T8.
func TestSimulateIsRepeatable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(file, []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	code, first, errOut := run(t, "simulate", file)
	if code != 0 || strings.Count(first, "\n") < 50 {
		t.Fatalf("exit %d, %s\n%s", code, errOut, first)
	}
	if _, second, _ := run(t, "simulate", file); first != second {
		t.Error("a second run printed something else")
	}
	if code, _, text := run(t, "simulate", filepath.Join(t.TempDir(), "missing.yaml")); code != 3 || text == "" {
		t.Errorf("a missing file: exit %d %q", code, text)
	}
	if code, _, _ := run(t, "simulate"); code != 2 {
		t.Errorf("no file: exit %d, want 2", code)
	}
}
