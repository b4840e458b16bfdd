package page

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
	"allclear/internal/domain/subscription"
	"allclear/internal/flow/listen"
)

// reports is a desk that takes reports alone, and refuses what it is told to.
type reports struct {
	Desk
	got []listen.Feedback
	err error
}

func (r *reports) Open() []subscription.Channel { return nil }

func (r *reports) Feedback(_ context.Context, in listen.Feedback, _ time.Time) error {
	r.got = append(r.got, in)
	return r.err
}

func reporting(r *reports) http.Handler {
	s := sharp()
	return New(Options{Source: func() *status.Snapshot { return s }, Now: func() time.Time { return now }, Desk: r})
}

func posted(t *testing.T, h http.Handler, path, kind, body string) *httptest.ResponseRecorder {
	t.Helper()
	q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	q.Header.Set("Content-Type", kind)
	q.RemoteAddr = "198.51.100.9:4711"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	return w
}

const formType = "application/x-www-form-urlencoded"

// What a reader reports reaches the desk as it was written, with where it came from,
// and is thanked for; a robot is thanked and its report is not kept.
//
// Clauses: CRI-SOC-SP
func TestAReportIsTaken(t *testing.T) {
	r := &reports{}
	h := reporting(r)
	if w := fetch(t, h, "/feedback"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<form") || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Robots-Tag") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if len(r.got) != 0 {
		t.Fatal("reading the form reported something")
	}
	body := url.Values{"component": {"api"}, "text": {" <b>It</b> is slow "}, "contact": {"kim@x.example"}}.Encode()
	if w := posted(t, h, "/feedback", formType, body); w.Code != http.StatusAccepted || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if len(r.got) != 1 || r.got[0] != (listen.Feedback{Component: "api", Text: "<b>It</b> is slow", Contact: "kim@x.example", From: "198.51.100.9"}) {
		t.Errorf("%+v", r.got)
	}
	if w := posted(t, h, "/feedback", formType, body+"&website=http%3A%2F%2Fspam.example"); w.Code != http.StatusAccepted || len(r.got) != 1 {
		t.Errorf("a robot: %d, %d reports", w.Code, len(r.got))
	}
	// What stands in the address is no form: a link on another page reports nothing.
	if posted(t, h, "/feedback?text=down", formType, ""); len(r.got) != 2 || r.got[1].Text != "" {
		t.Errorf("the address was read: %+v", r.got)
	}
}

// Whatever is sent, the answer is a page that runs nothing and shows what was written as
// text, and what is too much or no form is never read to its end.
func TestAHostileReport(t *testing.T) {
	invalid := fault.New(fault.Invalid, "report a problem: it is empty").With("text", "Write what you see.")
	for name, c := range map[string]struct {
		kind, body string
		err        error
		want       int
		reached    bool
	}{
		"markup comes back as text": {formType, url.Values{"text": {`"><script>alert(1)</script><textarea>`}}.Encode(), invalid, http.StatusBadRequest, true},
		"too often":                 {formType, "text=x", fault.New(fault.Busy, "too many"), http.StatusTooManyRequests, true},
		"away":                      {formType, "text=x", fault.New(fault.Unavailable, "dial tcp 10.0.0.5:5432"), http.StatusServiceUnavailable, true},
		"an error of ours":          {formType, "text=x", context.DeadlineExceeded, http.StatusServiceUnavailable, true},
		"a book":                    {formType, "text=" + strings.Repeat("x", maxForm+1), nil, http.StatusBadRequest, false},
		"thousands of fields":       {formType, strings.Repeat("a=b&", maxForm), nil, http.StatusBadRequest, false},
		"torn":                      {formType, "text=%zz", nil, http.StatusBadRequest, false},
		"another kind is empty":     {"application/json", `{"text":"x"}`, invalid, http.StatusBadRequest, true},
	} {
		r := &reports{err: c.err}
		w := posted(t, reporting(r), "/feedback", c.kind, c.body)
		body := w.Body.String()
		if w.Code != c.want || (len(r.got) == 1) != c.reached {
			t.Errorf("%s: %d, reached the desk %d times", name, w.Code, len(r.got))
		}
		if strings.Contains(body, "<script") || strings.Contains(body, "10.0.0.5") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(w.Header().Get("Content-Security-Policy"), "'unsafe-") {
			t.Errorf("%s: %v %.300s", name, w.Header(), body)
		}
		if c.want == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: says not when to come back", name)
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch} {
		w := httptest.NewRecorder()
		reporting(&reports{}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/feedback", strings.NewReader("text=x")))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}
