package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// binary is the program under test, built by `make build`.
func binary(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../bin/allclear")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("there is no bin/allclear: run `make build` first (%v)", err)
	}
	return path
}

// demo is what `serve --demo` writes.
type demo struct {
	ConsoleURL     string `json:"console_url"`
	PageURL        string `json:"page_url"`
	APIToken       string `json:"api_token"`
	IntegrationKey string `json:"integration_key"`
	HookKey        string `json:"hook_key"`
	SignIn         struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	} `json:"sign_in"`
}

// program is one `allclear serve`, restarted on the same addresses and data.
type program struct {
	t    *testing.T
	file string // the binary
	dir  string
	args []string
	env  []string
	base string
	page string
	demo demo
	cmd  *exec.Cmd
	log  *os.File
	http *http.Client
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

// serve starts the program and waits until it is ready.
func serve(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	return serveFile(t, binary(t), env, args...)
}

// serveFile is serve with another binary.
func serveFile(t *testing.T, file string, env []string, args ...string) *program {
	t.Helper()
	p := node(t, file, env, append([]string{"--demo"}, args...)...)
	b, err := os.ReadFile(filepath.Join(p.dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &p.demo); err != nil {
		t.Fatal(err)
	}
	return p
}

// node is a program without the demonstration's data.
func node(t *testing.T, file string, env []string, args ...string) *program {
	t.Helper()
	p := &program{t: t, file: file, dir: t.TempDir(), env: env, http: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	console, page := freeAddress(t), freeAddress(t)
	p.base, p.page = "http://"+console, "http://"+page
	p.args = append([]string{"serve", "--data", p.dir, "--listen", console, "--page-listen", page}, args...)
	var err error
	if p.log, err = os.Create(filepath.Join(t.TempDir(), "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			text, _ := os.ReadFile(p.log.Name())
			t.Logf("the end of the log:\n%s", text[max(0, len(text)-4000):])
		}
		_ = p.log.Close()
	})
	p.start()
	return p
}

// start runs the program again; it returns how long it took to be ready.
func (p *program) start() time.Duration {
	p.t.Helper()
	began := time.Now()
	p.cmd = exec.Command(p.file, p.args...)
	p.cmd.Env = append(os.Environ(), p.env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for time.Since(began) < 30*time.Second {
		resp, err := p.http.Get(p.base + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return time.Since(began)
			}
		}
		time.Sleep(5 * time.Millisecond) // a real process: there is no other sign of it
	}
	p.t.Fatal("the program was not ready within 30 s")
	return 0
}

// kill ends the program as a power cut would: no signal it could handle.
func (p *program) kill() {
	if p.cmd != nil && p.cmd.Process != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}

// call asks the API as the demonstration's administrator.
func (p *program) call(method, path string, in any) (int, []byte, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return 0, nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, p.base+"/api/v1"+path, body)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+p.demo.APIToken)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return p.do(req)
}

func (p *program) do(req *http.Request) (int, []byte, error) {
	resp, err := p.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, b, err
}

// must is call that has to answer 2xx, decoded into out.
func (p *program) must(method, path string, in, out any) {
	p.t.Helper()
	code, b, err := p.call(method, path, in)
	if err != nil || code/100 != 2 {
		p.t.Fatalf("%s %s: %d %v %s", method, path, code, err, b)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(b, out); err != nil {
		p.t.Fatalf("%s %s: %v in %s", method, path, err, b)
	}
}

// all reads a list to its end.
func all[T any](p *program, path string) []T {
	p.t.Helper()
	var out []T
	cursor := ""
	for {
		var page struct {
			Items      []T    `json:"items"`
			NextCursor string `json:"next_cursor"`
		}
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		p.must("GET", fmt.Sprintf("%s%slimit=500&cursor=%s", path, sep, cursor), nil, &page)
		out = append(out, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			return out
		}
	}
}

// trigger posts an Events v2 trigger and reports whether it was accepted.
func (p *program) trigger(routingKey, dedupKey, severity string) (accepted bool) {
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":"trigger","dedup_key":%q,"payload":{"summary":"it fails","source":"probe","severity":%q}}`, routingKey, dedupKey, severity)
	resp, err := p.http.Post(p.base+"/v2/enqueue", "application/json", strings.NewReader(body))
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusAccepted
}
