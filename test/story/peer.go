package story

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Peer is an outside system that fails when it is told to.
type Peer struct {
	mu      sync.Mutex
	failing map[string]SlackFailure // by part of "METHOD /path"
	calls   []string
	hold    chan struct{}
	answer  func(r *http.Request, body []byte) (status int, v any)
}

func (w *World) peer(p *Peer) string {
	p.failing, p.hold = map[string]SlackFailure{}, make(chan struct{})
	srv := httptest.NewServer(p)
	w.Cleanup(srv.Close)
	w.Cleanup(func() { close(p.hold) })
	return srv.URL
}

// Fail has calls fail whose "METHOD /path" has the part in it; "" is every one.
func (p *Peer) Fail(part string, f SlackFailure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing[part] = f
}

// Mend ends all failures.
func (p *Peer) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing = map[string]SlackFailure{}
}

// Calls are those whose "METHOD /path" has the part in it.
func (p *Peer) Calls(part string) (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if strings.Contains(c, part) {
			out = append(out, c)
		}
	}
	return out
}

func (p *Peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	call := r.Method + " " + r.URL.Path
	p.calls = append(p.calls, call)
	var f SlackFailure
	fails := false
	for part, x := range p.failing {
		if !strings.Contains(call, part) {
			continue
		}
		f, fails = x, true
		if x.Times > 0 {
			if x.Times--; x.Times == 0 {
				delete(p.failing, part)
			} else {
				p.failing[part] = x
			}
		}
	}
	if fails && !f.Late {
		p.mu.Unlock()
		p.broken(w, r, f)
		return
	}
	status, v := p.answer(r, body)
	p.mu.Unlock()
	if f.Late {
		p.broken(w, r, SlackFailure{Hang: true})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if v != nil {
		_ = json.NewEncoder(w).Encode(v)
	}
}

func (p *Peer) broken(w http.ResponseWriter, r *http.Request, f SlackFailure) {
	if f.Hang {
		select {
		case <-r.Context().Done():
		case <-p.hold:
		}
		return
	}
	if f.After != "" {
		w.Header().Set("Retry-After", f.After)
	}
	w.WriteHeader(max(f.Status, http.StatusBadRequest))
	_, _ = w.Write([]byte(`{"error":"` + f.Code + `"}`))
}

func readJSON(body []byte) object {
	out := object{}
	d := json.NewDecoder(bytes.NewReader(body))
	if d.Decode(&out) != nil {
		return nil
	}
	return out
}

func textOf(o object, path ...string) string {
	for _, k := range path[:len(path)-1] {
		o, _ = o[k].(object)
	}
	s, _ := o[path[len(path)-1]].(string)
	return s
}
