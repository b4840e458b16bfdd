package plug

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"allclear/internal/base/secret"
)

// Limits of the client.
const (
	MaxAnswer    = 64 << 10         // bytes of an answer that are read
	maxRedirects = 3                // every hop is checked again
	totalTime    = 10 * time.Second // one call, redirects and answer included
)

// HTTPOptions configures NewHTTP. The zero value with a Guard is good.
type HTTPOptions struct {
	Guard   *Guard
	Version string         // of this product, for the User-Agent
	RootCAs *x509.CertPool // certificate authorities to trust; the system's when nil
	Timeout time.Duration  // of one whole call; 10 s when zero
	Answer  int64          // bytes of an answer that are read; MaxAnswer when zero
}

// HTTP is the only HTTP client of the product. It dials through the Guard, reads
// no proxy from the environment, speaks TLS 1.2 or later, keeps no cookies and
// never sends again what changes something. Safe for concurrent use.
type HTTP struct {
	client  *http.Client
	still   *http.Client // follows no redirect
	agent   string
	timeout time.Duration
	answer  int64
}

// NewHTTP makes a client. A nil Guard means one that allows public addresses
// only.
func NewHTTP(o HTTPOptions) *HTTP {
	if o.Guard == nil {
		o.Guard = NewGuard()
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Timeout <= 0 {
		o.Timeout = totalTime
	}
	if o.Answer <= 0 {
		o.Answer = MaxAnswer
	}
	tr := single{&http.Transport{
		Proxy:                  nil, // a proxy would resolve names where the guard cannot see
		DialContext:            o.Guard.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // the cap on the answer is then a cap on the wire too
		MaxResponseHeaderBytes: MaxAnswer,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
	}}
	return &HTTP{
		client:  &http.Client{Transport: tr, CheckRedirect: checkRedirect},
		still:   &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		agent:   "Allclear/" + o.Version,
		timeout: o.Timeout,
		answer:  o.Answer,
	}
}

// Close drops idle connections.
func (h *HTTP) Close() error {
	h.client.CloseIdleConnections()
	return nil
}

// Request is one call.
type Request struct {
	Method  string // POST when empty
	URL     string // http or https, no user:password@
	Header  http.Header
	Body    []byte
	Secrets []secret.String // never appear in an error or in Answer.Brief
	Still   bool            // a redirect is the answer: the peer was named by somebody else and may send us nowhere
}

// Answer is what the peer said.
type Answer struct {
	Status  int
	Header  http.Header
	Body    []byte    // at most HTTPOptions.Answer bytes
	Cut     bool      // the body is longer than that, or broke off
	Until   time.Time // end of the peer's certificate; zero without one
	secrets []secret.String
	at      time.Time
}

// Do makes the call. An answer of any status is no error here: see
// Answer.Failure. The error is a *Failure: Permanent when the address is refused
// or malformed, Retry when nothing was sent, Unknown when the request went out
// and no answer came back.
func (h *HTTP) Do(ctx context.Context, r Request) (Answer, error) {
	u, err := checkURL(r.URL)
	if err != nil {
		return Answer{}, &Failure{Kind: Permanent, Err: err}
	}
	secrets := append(slices.Clone(r.Secrets), pathSecrets(u)...)
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})
	req, err := h.request(ctx, r, u)
	if err != nil {
		return Answer{}, Fail(Permanent, "build request to %s", u.Host)
	}
	c := h.client
	if r.Still {
		c = h.still
	}
	resp, err := c.Do(req)
	if err != nil {
		return Answer{}, callFailure(err, u, sent.Load(), secrets)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, h.answer+1))
	cut := err != nil
	if int64(len(body)) > h.answer {
		body, cut = body[:h.answer], true
	}
	if err != nil && resp.StatusCode < 300 {
		// The status is the answer; a torn body after 2xx does not undo it.
		err = nil
	}
	if err != nil {
		return Answer{}, callFailure(err, u, true, secrets)
	}
	out := Answer{Status: resp.StatusCode, Header: resp.Header, Body: body, Cut: cut, secrets: secrets, at: time.Now()}
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		out.Until = resp.TLS.PeerCertificates[0].NotAfter
	}
	return out, nil
}

func (h *HTTP) request(ctx context.Context, r Request, u *url.URL) (*http.Request, error) {
	method := r.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	for k, v := range r.Header {
		req.Header[http.CanonicalHeaderKey(k)] = slices.Clone(v)
	}
	req.Header.Set("User-Agent", h.agent)
	return req, nil
}

// single sends what changes something at most once. net/http sends a request again
// by itself when a kept connection breaks before the answer, and takes an
// Idempotency-Key as leave to do so with any method, though nobody has promised that
// the peer knows that header (https://pkg.go.dev/net/http#Transport). Whether a
// message is worth a second try is for its delivery to say, which hears of the break
// as Unknown. Only what the peer surely has not taken goes out again: where no byte
// was written, or where HTTP/2 says so (RFC 9113, 8.7).
type single struct{ *http.Transport }

// RoundTrip hides the key from the transport, not from the peer: names of fields are
// the same in lower case (RFC 9110, 5.1).
func (s single) RoundTrip(req *http.Request) (*http.Response, error) {
	for name, spelt := range map[string]string{"Idempotency-Key": "idempotency-key", "X-Idempotency-Key": "x-idempotency-key"} {
		v, ok := req.Header[name]
		if !ok {
			continue
		}
		req = req.Clone(req.Context())
		delete(req.Header, name)
		req.Header[spelt] = v
		if req.Method == http.MethodGet {
			// Some gateways send with a GET, which the transport would repeat without
			// a key too, unless there is a body that cannot be read again.
			req.Body, req.GetBody = io.NopCloser(strings.NewReader("")), nil
		}
	}
	return s.Transport.RoundTrip(req)
}

// checkURL refuses what the guard cannot judge at dial time. Credentials belong
// in a header, because URLs end up in logs.
func checkURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("read URL: it is malformed") // the parser's error repeats the URL
	}
	return u, checkParsed(u)
}

func checkParsed(u *url.URL) error {
	if u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("URL must begin with https:// or http://: %w", ErrForbidden)
	}
	if u.User != nil {
		return fmt.Errorf("URL must not carry user:password@: %w", ErrForbidden)
	}
	return checkHost(u.Hostname())
}

// checkRedirect is called before each hop. The dial of the hop goes through the
// guard like the first one.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first, last := via[0], via[len(via)-1]
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects: %w", maxRedirects, ErrForbidden)
	}
	if err := checkParsed(req.URL); err != nil {
		return err
	}
	if last.URL.Scheme == "https" && req.URL.Scheme != "https" {
		return fmt.Errorf("redirect from https to http: %w", ErrForbidden)
	}
	if req.Method != first.Method {
		// 301 to 303 turn a POST into a GET without a body: the peer would
		// answer 200 to a message it never got.
		return fmt.Errorf("redirect of a %s drops the message; enter the final URL: %w", first.Method, ErrForbidden)
	}
	req.Header.Del("Referer") // it would carry the token in the path of the first URL
	if req.URL.Host != first.URL.Host {
		keepHarmless(req.Header)
	}
	return nil
}

// keepHarmless drops every header that may be a credential before a request
// follows a redirect to another host. Vendors put keys in headers of any name.
func keepHarmless(h http.Header) {
	for k := range h {
		switch k {
		case "Accept", "Content-Type", "User-Agent", "Idempotency-Key":
			continue
		}
		if !strings.HasPrefix(k, "Webhook-") { // Standard Webhooks: a signature is no secret
			delete(h, k)
		}
	}
}

// pathSecrets treats long path segments and query values as secrets: many
// services put the token of a hook there.
func pathSecrets(u *url.URL) []secret.String {
	const tokenLike = 16
	var out []secret.String
	for _, s := range strings.Split(u.Path, "/") {
		if len(s) >= tokenLike {
			out = append(out, secret.String(s))
		}
	}
	for _, vs := range u.Query() {
		for _, v := range vs {
			if len(v) >= tokenLike {
				out = append(out, secret.String(v))
			}
		}
	}
	return out
}

// callFailure classifies an error without an answer. Its text names the host
// only, never the URL.
func callFailure(err error, u *url.URL, sent bool, secrets []secret.String) *Failure {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	kind, what := Retry, Clean(err.Error(), secrets...)
	var ne net.Error
	switch {
	case errors.Is(err, ErrForbidden):
		kind = Permanent
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		what = "no answer in time"
		if !sent {
			what = "no connection in time"
		}
	}
	if sent && kind != Permanent {
		kind = Unknown
	}
	return &Failure{Kind: kind, Err: callError{text: "call " + u.Host + ": " + what, cause: err}}
}

// callError shows cleaned text and keeps the cause for errors.Is.
type callError struct {
	text  string
	cause error
}

func (e callError) Error() string { return e.text }
func (e callError) Unwrap() error { return e.cause }
