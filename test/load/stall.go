package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// end has the program end by itself.
func (p *product) end() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("the program ended with %w", err)
	}
	return err
}

// stallable are the loops that a binary built with the tag stall can stop.
var stallable = []string{"timers", "pager", "mailer", "detection", "checks", "board", "page"}

// stallFigures are R20: each loop of a real process is stalled in turn.
func stallFigures(r *report) error {
	dir, err := os.MkdirTemp("", "stall")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "allclear")
	build := exec.Command("go", "build", "-trimpath", "-tags", "stall", "-o", binary, "./cmd/allclear")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build with the tag stall: %w: %s", err, out)
	}
	var wg sync.WaitGroup
	results, errs := make([]stallResult, len(stallable)), make([]error, len(stallable))
	for i, loop := range stallable {
		wg.Go(func() { results[i], errs[i] = stallOne(binary, loop, filepath.Join(dir, loop)) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, loop := range stallable {
		got := results[i]
		r.add("R20", "loop of the "+loop+" stalls: noticed after", got.noticed.Seconds(), "s", "<= 30 s", got.noticed <= 30*time.Second)
		r.add("R20", "  page past the queue after", got.told.Seconds(), "s", "<= 60 s", got.told <= time.Minute)
		r.add("R20", "  last heartbeat after", got.beat.Seconds(), "s", "<= 60 s", got.beat <= time.Minute)
	}
	return nil
}

type stallResult struct{ noticed, told, beat time.Duration }

func stallOne(binary, loop, file string) (got stallResult, err error) {
	hook := newSink()
	defer hook.Close()
	var mu sync.Mutex
	var last time.Time
	heart := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		last = time.Now()
	}))
	defer heart.Close()
	procedure, err := webhookProcedure(false)
	if err != nil {
		return got, err
	}
	defer func() { _ = os.Remove(procedure) }()
	p, err := startBinary(binary, []string{"ALLCLEAR_WEBHOOK_SECRETS=" + sinkSecret, "ALLCLEAR_STALL=" + file},
		"--allow-outbound", "127.0.0.0/8", "--procedure", procedure, "--heartbeat-url", heart.URL)
	if err != nil {
		return got, err
	}
	defer p.stop()
	var people struct {
		Items []struct {
			ID    string   `json:"id"`
			Roles []string `json:"roles"`
		} `json:"items"`
	}
	if err := p.call("GET", "/people?limit=200", nil, &people); err != nil {
		return got, err
	}
	var fallback []string
	for _, who := range people.Items {
		if strings.Contains(strings.Join(who.Roles, " "), "director-platform-operations") {
			fallback = append(fallback, who.ID)
		}
	}
	if _, err := p.pagedBy(hook.URL, 0, fallback); err != nil {
		return got, err
	}
	time.Sleep(40 * time.Second) // a heartbeat has gone out
	mu.Lock()
	alive := !last.IsZero()
	mu.Unlock()
	if _, messages := hook.count(); !alive || messages > 0 {
		return got, fmt.Errorf("%s: before it stalls: heartbeat %v, %d alarms", loop, alive, messages)
	}
	began := time.Now()
	if err := os.WriteFile(file, []byte(loop), 0o600); err != nil {
		return got, err
	}
	for got.noticed = 2 * time.Minute; time.Since(began) < 2*time.Minute; time.Sleep(100 * time.Millisecond) {
		text, err := scrape("http://" + p.address + "/metrics")
		if err == nil && strings.Contains(text, `allclear_watch_finding{finding="loop:`+loop) {
			got.noticed = time.Since(began)
			break
		}
	}
	alarm, ok := hook.with("the loop of the "+loop, time.Minute)
	if got.told = 2 * time.Minute; ok {
		got.told = alarm.at.Sub(began)
	}
	time.Sleep(70 * time.Second) // two more heartbeats would have gone out
	mu.Lock()
	defer mu.Unlock()
	got.beat = max(last.Sub(began), 0)
	return got, nil
}

func scrape(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}
