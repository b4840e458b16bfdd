package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// pageRequests is how many requests R24 makes.
var pageRequests = 1_000_000

const (
	pageClients = 64 // P6
	deadClients = 32 // R24
	pageTurn    = 4 * time.Second
)

// fromMemory serves one page with net/http and nothing else: the yardstick of P6.
func fromMemory(address, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		// Readers count by the length; without it net/http sends a long body in chunks.
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // an error means that the reader has gone: nothing to do
	})}
	return srv.Serve(l)
}

// reads is what a group of readers saw.
type reads struct {
	perSecond float64
	p99       time.Duration
	done      int64
	failed    int64
}

// readers ask for paths in turn, with keep-alive connections, until total requests
// were made or, where total is 0, for a time.
func readers(address string, paths []string, clients, total int, during time.Duration) reads {
	var wg sync.WaitGroup
	var left, failed atomic.Int64
	left.Store(int64(total))
	times := make([][]time.Duration, clients)
	began := time.Now()
	more := func() bool {
		if total > 0 {
			return left.Add(-1) >= 0
		}
		return time.Since(began) < during
	}
	for c := range clients {
		wg.Go(func() { times[c] = reader(address, paths, c, more, &failed) })
	}
	wg.Wait()
	took := time.Since(began)
	all := slices.Concat(times...)
	slices.Sort(all)
	out := reads{perSecond: float64(len(all)) / took.Seconds(), done: int64(len(all)), failed: failed.Load()}
	if len(all) > 0 {
		out.p99 = all[len(all)*99/100]
	}
	return out
}

func reader(address string, paths []string, n int, more func() bool, failed *atomic.Int64) (took []time.Duration) {
	var conn net.Conn
	var in *bufio.Reader
	defer func() {
		if conn != nil {
			_ = conn.Close()
		}
	}()
	for ; more(); n++ {
		began := time.Now()
		if conn == nil {
			c, err := net.Dial("tcp", address)
			if err != nil {
				failed.Add(1)
				continue
			}
			conn, in = c, bufio.NewReaderSize(c, 64<<10)
		}
		if err := ask(conn, in, address, paths[n%len(paths)]); err != nil {
			failed.Add(1)
			_ = conn.Close()
			conn = nil
			continue
		}
		took = append(took, time.Since(began))
	}
	return took
}

// ask sends one request and reads its answer to the end.
func ask(conn net.Conn, in *bufio.Reader, host, path string) error {
	if _, err := conn.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")); err != nil {
		return err
	}
	first, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.Contains(first, []byte(" 200 ")) {
		return fmt.Errorf("%s answers %s", path, first)
	}
	size := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if v, ok := bytes.CutPrefix(bytes.ToLower(line), []byte("content-length:")); ok {
			if size, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
				return err
			}
		}
	}
	if size < 0 {
		return errors.New("an answer without a length")
	}
	_, err = in.Discard(size)
	return err
}

// told has the product publish an update, and says how long after the answer it is on
// the page.
func (p *product) told(number int64, text string) (time.Duration, error) {
	err := p.call(http.MethodPost, fmt.Sprintf("/incidents/INC-%d/messages", number), map[string]any{
		"audience": "customers", "channels": []string{"status_page"}, "status": "identified", "subject": "Sign-in is not working", "text": text, "publish": true,
	}, nil)
	if err != nil {
		return 0, err
	}
	return seen(p.demo.PageURL+"/", text, time.Now())
}

// seen waits until a page has the text.
func seen(url, text string, since time.Time) (time.Duration, error) {
	for time.Since(since) < 30*time.Second {
		resp, err := http.Get(url)
		if err == nil {
			b, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err == nil && bytes.Contains(b, []byte(text)) {
				return time.Since(since), nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return 0, fmt.Errorf("%s does not show %q after 30 s", url, text)
}

// withIncident starts the product with one incident that is told.
func withIncident() (*product, int64, error) {
	p, err := startProduct(nil)
	if err != nil {
		return nil, 0, err
	}
	var inc struct {
		Number int64 `json:"number"`
	}
	err = p.call(http.MethodPost, "/incidents", map[string]any{"service": "auth", "severity": "P1", "title": "sign-in fails"}, &inc)
	if err == nil {
		_, err = p.told(inc.Number, "We are rolling back a change.")
	}
	if err != nil {
		p.stop()
		return nil, 0, err
	}
	return p, inc.Number, nil
}

// pageFigures are P6: the page beside net/http that serves the same bytes, in turns,
// and how soon an update is on it.
func pageFigures(r *report) error {
	p, number, err := withIncident()
	if err != nil {
		return err
	}
	defer p.stop()
	slowest := time.Duration(0)
	for n := range 20 {
		took, err := p.told(number, fmt.Sprintf("Update number %d of this morning.", n))
		if err != nil {
			return err
		}
		slowest = max(slowest, took)
	}
	body, err := fetch(p.demo.PageURL + "/")
	if err != nil {
		return err
	}
	file := filepath.Join(p.dir, "page.html")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return err
	}
	memory, err := freeAddress()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	yard := exec.Command(self, "memory", memory, file)
	if err := yard.Start(); err != nil {
		return err
	}
	defer func() { _ = yard.Process.Kill(); _ = yard.Wait() }()
	if err := awaitServer("http://" + memory + "/"); err != nil {
		return err
	}
	// By turns, and the best of each: what a shared machine does meanwhile hits both.
	own := strings.TrimPrefix(p.demo.PageURL, "http://")
	best := map[string]float64{}
	for range 3 {
		for _, address := range []string{memory, own} {
			got := readers(address, []string{"/"}, pageClients, 0, pageTurn)
			if got.failed > 0 {
				return fmt.Errorf("%d of %d requests to %s failed", got.failed, got.done, address)
			}
			best[address] = max(best[address], got.perSecond)
		}
	}
	share := best[own] / best[memory]
	r.add("P6", fmt.Sprintf("status page, %d KB, %d clients: %.0f requests/s, net/http from memory %.0f: share", len(body)>>10, pageClients, best[own], best[memory]), share, "x", ">= 0.8", share >= 0.8)
	r.add("P6", "  update visible after it was published, the slowest of 20", slowest.Seconds(), "s", "<= 1 s", slowest <= time.Second)
	return nil
}

func fetch(url string) ([]byte, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %d", url, resp.StatusCode)
	}
	return io.ReadAll(resp.Body)
}

// deadFigures are R24: application and database are gone, a process of its own serves
// the page from the last snapshot, and an update is posted to it.
func deadFigures(r *report) error {
	p, _, err := withIncident()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(p.dir) }()
	kept := filepath.Join(p.dir, "page", "snapshot.json")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if b, err := os.ReadFile(kept); err == nil && bytes.Contains(b, []byte("rolling back")) {
			break
		}
		if time.Now().After(end) {
			p.kill()
			return fmt.Errorf("%s does not have the update", kept)
		}
	}
	p.kill()
	gone, err := filepath.Glob(filepath.Join(p.dir, "*.db*"))
	if err != nil || len(gone) == 0 {
		return fmt.Errorf("there is no database to lose: %w", err)
	}
	for _, f := range gone {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	alone := exec.Command(program, "page", "serve", "--data", p.dir, "--page-listen", address)
	if err := alone.Start(); err != nil {
		return err
	}
	defer func() { _ = alone.Process.Kill(); _ = alone.Wait() }()
	if err := awaitServer("http://" + address + "/healthz"); err != nil {
		return err
	}
	got := make(chan reads, 1)
	go func() {
		got <- readers(address, []string{"/", "/", "/api/v2/summary.json", "/history", "/history.atom", "/de/"}, deadClients, pageRequests, 0)
	}()
	time.Sleep(time.Second) // in the middle of it
	began := time.Now()
	const text = "Our data centre is unreachable. We write again in an hour."
	out, err := exec.Command(program, "page", "publish", "--data", p.dir, "--title", "Data centre unreachable", "--impact", "critical", "--text", text).CombinedOutput()
	if err != nil {
		return fmt.Errorf("publish: %w: %s", err, out)
	}
	visible, err := seen("http://"+address+"/", "Our data centre is unreachable", began)
	if err != nil {
		return err
	}
	all := <-got
	r.add("R24", fmt.Sprintf("application and database dead, %d requests by %d clients: failed", all.done+all.failed, deadClients), float64(all.failed), "", "0", all.failed == 0)
	r.add("R24", "  requests", all.perSecond, "/s", ">= 5000/s", all.perSecond >= 5000)
	r.add("R24", "  p99", float64(all.p99.Microseconds())/1000, "ms", "<= 20 ms", all.p99 <= 20*time.Millisecond)
	r.add("R24", "  page publish: visible after", visible.Seconds(), "s", "<= 5 s", visible <= 5*time.Second)
	return nil
}
