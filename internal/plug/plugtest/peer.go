// Package plugtest proves that an integration keeps the contract of package
// plug: the retry table, one idempotency key on every resend, secrets that stay
// secret, Unknown when nobody can know, and no way into forbidden networks. It
// must not know any vendor: a vendor's fake peer lives beside its plug-in.
package plugtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Reply tells a peer what to do with the next message.
type Reply struct {
	Status int         // the protocol's status or reply code; the peer's success when zero
	Header http.Header // HTTP peers only
	Body   string
	Echo   bool // the answer repeats everything that came in, headers included
	Silent bool // takes the message whole and never answers
	Hangup bool // takes the message whole and drops the connection
}

// Got is one message that reached the peer whole, whatever it then answered.
type Got struct {
	Key string // idempotency key as the receiver sees it
	Raw string // everything that came in
}

// Case is a row of the retry table. Want is the failure; nil means accepted.
type Case struct {
	Name  string
	Reply Reply
	Want  *plug.Failure // Kind and RetryAfter are compared
}

// Peer is the outside system of one integration, on loopback.
type Peer interface {
	URL() string // base URL, or host:port where there are no URLs
	To() string  // an address the peer accepts
	Secrets() []secret.String
	Table() []Case
	Next(r Reply) // for the next message only; later ones succeed
	Got() []Got
}

// HTTP is a Peer that speaks HTTP. Fill in Key before the first message.
type HTTP struct {
	Key     func(r *http.Request, body []byte) string // finds the idempotency key
	Path    string                                    // To is URL + Path
	Address string                                    // To, when it is not a URL
	Hidden  []secret.String
	Cases   []Case // HTTPTable when nil
	OK      Reply  // the normal answer; 200 when empty
	// Answer makes the normal answer of the call, for a peer that has a state; OK counts without it.
	Answer func(r *http.Request, body []byte) Reply

	srv  *httptest.Server
	quit chan struct{}
	mu   sync.Mutex
	next []Reply
	got  []Got
}

// Start serves p on loopback until the test ends.
func (p *HTTP) Start(t testing.TB) *HTTP {
	p.quit = make(chan struct{})
	p.srv = httptest.NewServer(p)
	t.Cleanup(p.srv.Close)
	t.Cleanup(func() { close(p.quit) }) // first: lets silent answers end
	return p
}

// URL implements Peer.
func (p *HTTP) URL() string { return p.srv.URL }

// To implements Peer.
func (p *HTTP) To() string {
	if p.Address != "" {
		return p.Address
	}
	return p.srv.URL + p.Path
}

// Secrets implements Peer.
func (p *HTTP) Secrets() []secret.String { return p.Hidden }

// Table implements Peer.
func (p *HTTP) Table() []Case {
	if p.Cases != nil {
		return p.Cases
	}
	return HTTPTable()
}

// Next implements Peer.
func (p *HTTP) Next(r Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = append(p.next, r)
}

// Got implements Peer.
func (p *HTTP) Got() []Got {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Got(nil), p.got...)
}

// ServeHTTP takes one message and answers as told.
func (p *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	var raw strings.Builder
	raw.WriteString(r.Method + " " + r.URL.String() + "\n")
	_ = r.Header.Write(&raw)
	raw.WriteString("\n" + string(body))
	g := Got{Raw: raw.String()}
	if p.Key != nil {
		g.Key = p.Key(r, body)
	}
	p.answer(w, p.record(g, r, body), raw.String())
}

// record keeps what came in and returns what to answer.
func (p *HTTP) record(g Got, r *http.Request, body []byte) Reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, g)
	if len(p.next) == 0 && p.Answer != nil {
		return p.Answer(r, body)
	}
	if len(p.next) == 0 {
		return p.OK
	}
	next := p.next[0]
	p.next = p.next[1:]
	return next
}

func (p *HTTP) answer(w http.ResponseWriter, r Reply, raw string) {
	if r.Silent {
		<-p.quit
		panic(http.ErrAbortHandler)
	}
	if r.Hangup {
		panic(http.ErrAbortHandler)
	}
	for k, v := range r.Header {
		w.Header()[k] = v
	}
	if r.Echo {
		r.Body = raw
	}
	if r.Status == 0 {
		r.Status = http.StatusOK
	}
	w.WriteHeader(r.Status)
	_, _ = io.WriteString(w, r.Body)
}

// HTTPTable is the retry table of an HTTP peer without habits of its own.
func HTTPTable() []Case {
	retry := func(after time.Duration) *plug.Failure {
		return &plug.Failure{Kind: plug.Retry, RetryAfter: after}
	}
	var out []Case
	add := func(status int, h http.Header, want *plug.Failure) {
		name := http.StatusText(status)
		if v := h.Get("Retry-After"); v != "" {
			name += " retry after " + v
		}
		out = append(out, Case{Name: name, Reply: Reply{Status: status, Header: h}, Want: want})
	}
	for _, s := range []int{200, 201, 202, 204} {
		add(s, nil, nil)
	}
	for _, s := range []int{304, 400, 401, 403, 404, 405, 409, 410, 413, 422} {
		add(s, nil, &plug.Failure{Kind: plug.Permanent})
	}
	for _, s := range []int{408, 425, 429, 500, 502, 503, 504} {
		add(s, nil, retry(0))
	}
	add(429, http.Header{"Retry-After": {"7"}}, retry(7*time.Second))
	add(503, http.Header{"Retry-After": {"120"}}, retry(2*time.Minute))
	add(429, http.Header{"Retry-After": {"999999999999"}}, retry(plug.MaxRetryAfter))
	add(429, http.Header{"Retry-After": {"-5"}}, retry(0))
	add(429, http.Header{"Retry-After": {"soon"}}, retry(0))
	add(429, http.Header{"Retry-After": {"Mon, 02 Jan 2006 15:04:05 GMT"}}, retry(0))
	return out
}
