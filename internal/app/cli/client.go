package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// Server is a running installation as its API is reached.
type Server struct {
	URL   string
	Token string // an API token; empty: only what is public
}

const (
	apiPrefix = "/api/v1"
	patience  = 60 * time.Second
	maxAnswer = 64 << 20
)

// call asks the server and returns the body of a 2xx answer. Other answers
// become faults of the kind their status says.
func (s Server) call(ctx context.Context, method, path string, query url.Values, body any) ([]byte, error) {
	if body == nil {
		return s.send(ctx, method, path, query, "", nil)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	return s.send(ctx, method, path, query, "application/json", text)
}

// send is call with a body of any kind; an empty kind is none.
func (s Server) send(ctx context.Context, method, path string, query url.Values, kind string, body []byte) ([]byte, error) {
	base, err := url.Parse(strings.TrimRight(s.URL, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fault.New(fault.Invalid, "server %q: want an address such as http://127.0.0.1:8080", s.URL)
	}
	var payload io.Reader
	if kind != "" {
		payload = bytes.NewReader(body)
	}
	target := base.String() + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, target, payload)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", base.Host, err)
	}
	if payload != nil {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Accept", "application/json")
	if s.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	return exchange(req)
}

func exchange(req *http.Request) ([]byte, error) {
	// A redirect would take the token to where nobody meant it to go.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "ask "+req.URL.Host)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.Unavailable, err, "read the answer of "+req.URL.Host)
	case len(text) > maxAnswer:
		return nil, fault.New(fault.TooLarge, "the answer of %s is larger than %d bytes", req.URL.Host, maxAnswer)
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return text, nil
	}
	return nil, refusal(req, res, text)
}

// kinds maps a status to what it means here.
var kinds = map[int]fault.Kind{
	http.StatusBadRequest: fault.Invalid, http.StatusUnprocessableEntity: fault.Invalid,
	http.StatusUnauthorized: fault.Unauthenticated, http.StatusForbidden: fault.Refused,
	http.StatusNotFound: fault.NotFound, http.StatusConflict: fault.Conflict, http.StatusPreconditionFailed: fault.Conflict,
	http.StatusRequestEntityTooLarge: fault.TooLarge, http.StatusTooManyRequests: fault.Busy,
	http.StatusServiceUnavailable: fault.Unavailable,
}

// refusal reads a problem (RFC 9457) or the errors of Events v2.
func refusal(req *http.Request, res *http.Response, text []byte) error {
	var p struct {
		Title, Detail, Message string
		Errors                 []json.RawMessage
	}
	if json.Unmarshal(text, &p) != nil {
		p.Detail = ""
	}
	what := p.Detail
	for _, other := range []string{p.Message, p.Title, res.Status} {
		if what == "" {
			what = other
		}
	}
	err := fault.New(kinds[res.StatusCode], "%s", what)
	if res.StatusCode == http.StatusUnauthorized {
		err.Message += " (give --token or ALLCLEAR_TOKEN)"
	}
	if loc := res.Header.Get("Location"); loc != "" && res.StatusCode < 400 {
		err.Message = fmt.Sprintf("%s answers with a redirect to %s: give that as --server", req.URL.Host, loc)
	}
	for _, raw := range p.Errors {
		var d struct{ Location, Message string }
		var plain string
		switch {
		case json.Unmarshal(raw, &plain) == nil:
			err = err.With("", plain)
		case json.Unmarshal(raw, &d) == nil:
			err = err.With(d.Location, d.Message)
		}
	}
	return err
}
