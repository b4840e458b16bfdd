package e2e

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// One customer's outage is read at that customer's own address, while the
// application runs and from its files when it is gone: INV-S2, INV-S4, INV-S5.
//
// Clauses: COM-CUST-STATUS
func TestPrivatePageOfOneCustomer(t *testing.T) {
	p := serve(t, nil)
	made := func(customer string) string {
		t.Helper()
		var out struct{ URL string }
		p.must(http.MethodPost, "/customers/"+customer+"/status-page", nil, &out)
		if !strings.HasPrefix(out.URL, p.page+"/t/") {
			t.Fatalf("the address is %s", out.URL)
		}
		return out.URL
	}
	old, other := made("customer-0002"), made("customer-0003")
	own := made("customer-0002")
	var inc struct{ Number int64 }
	p.must(http.MethodPost, "/incidents", map[string]any{"service": "reporting", "severity": "P2", "title": "Exports fail", "tenant": "customer-0002"}, &inc)
	const words = "Only your exports are late."
	p.must(http.MethodPost, "/incidents/INC-1/messages", map[string]any{
		"audience": "customers", "channels": []string{"status_page"}, "status": "identified", "subject": "Exports are late", "text": words, "publish": true,
	}, nil)
	look := func(when string) {
		t.Helper()
		until(t, when, func() bool {
			resp, err := http.Get(own)
			if err != nil {
				return false // not listening yet
			}
			body, err := io.ReadAll(resp.Body)
			return errors.Join(err, resp.Body.Close()) == nil && resp.StatusCode == http.StatusOK && strings.Contains(string(body), words)
		})
		for _, path := range []string{other, p.page + "/", p.page + "/history", p.page + "/history.atom", p.page + "/history.rss", p.page + "/api/v2/summary.json", p.page + "/api/v2/incidents.json"} {
			if code, body := get(t, path); code != http.StatusOK || strings.Contains(body, "exports are late") || strings.Contains(body, "Exports are late") {
				t.Errorf("%s: %s: %d, or it tells what one customer is told", when, path, code)
			}
		}
		if code, body := get(t, own+"/api/v2/summary.json"); code != http.StatusOK || !strings.Contains(body, words) {
			t.Errorf("%s: the customer's summary: %d", when, code)
		}
		_, missing := get(t, p.page+"/nothing")
		if code, body := get(t, old); code != http.StatusNotFound || body != missing {
			t.Errorf("%s: the address before: %d", when, code)
		}
	}
	look("with the application")
	until(t, "the files", func() bool {
		kept, told := 0, 0
		_ = fs.WalkDir(os.DirFS(filepath.Join(p.dir, "page", "tenants")), ".", func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			kept++
			if b, err := os.ReadFile(filepath.Join(p.dir, "page", "tenants", path)); err == nil && strings.Contains(string(b), words) {
				told++
			}
			return nil
		})
		return kept == 2 && told == 1
	})
	p.kill()
	cmd := exec.CommandContext(t.Context(), binary(t), "page", "serve", "--data", p.dir, "--page-listen", strings.TrimPrefix(p.page, "http://"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = cmd.Process.Kill(), cmd.Wait() }()
	look("without the application")
}

// until waits for a process that says no otherwise when it is ready.
func until(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 10 s", what)
		}
	}
}
