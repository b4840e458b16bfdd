package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// product is one `allclear serve --demo` under load.
type product struct {
	binary  string
	cmd     *exec.Cmd
	dir     string
	address string
	ready   time.Duration
	demo    struct {
		APIToken       string `json:"api_token"`
		IntegrationKey string `json:"integration_key"`
		PageURL        string `json:"page_url"`
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

const program = "bin/allclear"

func startProduct(env []string, args ...string) (*product, error) {
	return startBinary(program, env, args...)
}

func startBinary(binary string, env []string, args ...string) (*product, error) {
	if _, err := os.Stat(binary); err != nil {
		return nil, fmt.Errorf("there is no %s: run `make build` first", binary)
	}
	dir, err := os.MkdirTemp("", "allclear")
	if err != nil {
		return nil, err
	}
	p := &product{binary: binary, dir: dir}
	if p.address, err = freeAddress(); err != nil {
		return nil, err
	}
	if err := p.start(env, args...); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err != nil {
		return nil, err
	}
	return p, json.Unmarshal(b, &p.demo)
}

func (p *product) start(env []string, args ...string) error {
	p.cmd = exec.Command(p.binary, append([]string{"serve", "--demo", "--data", p.dir, "--listen", p.address, "--page-listen", "127.0.0.1:0"}, args...)...)
	p.cmd.Env = append(os.Environ(), env...)
	said, err := os.Create(filepath.Join(p.dir, "stderr.txt"))
	if err != nil {
		return err
	}
	defer func() { _ = said.Close() }()
	p.cmd.Stderr = said
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	if err := awaitServer("http://" + p.address + "/readyz"); err != nil {
		text, _ := os.ReadFile(said.Name())
		return fmt.Errorf("%w; it said: %s", err, text[max(0, len(text)-1000):])
	}
	p.ready = time.Since(began)
	return nil
}

func awaitServer(url string) error {
	for range 3000 {
		resp, err := http.Get(url)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return fmt.Errorf("%s did not answer", url)
}

func (p *product) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *product) stop() {
	p.kill()
	_ = os.RemoveAll(p.dir)
}

// rss is the resident set in MB.
func (p *product) rss() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return -1
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		return -1
	}
	return kb / 1024
}

// call asks the API as administrator and decodes what it answers.
func (p *product) call(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, "http://"+p.address+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.demo.APIToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, b)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(b, out)
}
