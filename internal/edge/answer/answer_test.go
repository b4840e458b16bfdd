package answer_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/edge/answer"
	"allclear/internal/flow/paging"
)

// pager knows one page, behind the code "right", and notes what it is asked.
type pager struct {
	asked []string
	fails error
}

func (p *pager) know(what, code string) error {
	p.asked = append(p.asked, what)
	if code != "right" {
		return fault.New(fault.NotFound, "this link is not known")
	}
	return p.fails
}

func (p *pager) Look(_ context.Context, code string, _ time.Time) (paging.View, error) {
	return paging.View{Incident: "INC-42", Title: "<b>Sign-in fails</b>", Waiting: true}, p.know("look", code)
}

func (p *pager) AckNow(_ context.Context, code, said string, _ time.Time) (paging.View, error) {
	return paging.View{Incident: "INC-42"}, p.know("ack "+said, code)
}

func (p *pager) Arrived(_ context.Context, code, key string, _ time.Time) error {
	return p.know("arrived "+key, code)
}

// ask sends one request to the handler.
func ask(p *pager, method, path string, form url.Values) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	answer.New(p, slog.New(slog.DiscardHandler), time.Now).Register(mux)
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

// S07: whatever follows links acknowledges nothing; a press does.
func TestOnlyAPressAnswers(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		p := &pager{}
		w := ask(p, method, "/ack/right", nil)
		if w.Code != http.StatusOK || len(p.asked) != 1 || p.asked[0] != "look" {
			t.Errorf("%s: %d, asked %q", method, w.Code, p.asked)
		}
		if method == http.MethodGet && strings.Contains(w.Body.String(), "<b>Sign-in") {
			t.Error("a title is markup")
		}
	}
	p := &pager{}
	w := ask(p, http.MethodPost, "/ack/right", url.Values{"answer": {"unavailable"}})
	if w.Code != http.StatusOK || len(p.asked) != 1 || p.asked[0] != "ack unavailable" {
		t.Errorf("POST: %d, asked %q", w.Code, p.asked)
	}
	for header, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

// What cannot be answered says why, with a status of its own.
func TestWhatCannotBeAnswered(t *testing.T) {
	for _, c := range []struct {
		code  string
		fails error
		want  int
	}{
		{"wrong", nil, http.StatusNotFound},
		{"right", fault.New(fault.Conflict, "over"), http.StatusConflict},
		{"right", errors.New("disk"), http.StatusInternalServerError},
	} {
		w := ask(&pager{fails: c.fails}, http.MethodPost, "/ack/"+c.code, nil)
		if w.Code != c.want || !strings.Contains(w.Body.String(), "<p") || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%s, %v: %d %s", c.code, c.fails, w.Code, w.Body)
		}
	}
}

// A device's word that it shows a page answers nothing, and goes through this one
// way alone.
func TestADeviceSaysThatItShowsAPage(t *testing.T) {
	for _, c := range []struct {
		method, code string
		fails        error
		want         int
	}{
		{http.MethodPost, "right", nil, http.StatusNoContent},
		{http.MethodPost, "wrong", nil, http.StatusNotFound},
		{http.MethodPost, "right", errors.New("disk"), http.StatusInternalServerError},
		{http.MethodGet, "right", nil, http.StatusMethodNotAllowed},
	} {
		p := &pager{fails: c.fails}
		w := ask(p, c.method, "/ack/"+c.code+"/arrived", url.Values{"key": {"INC-42/page/1"}})
		if w.Code != c.want || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%s %s, %v: %d %s", c.method, c.code, c.fails, w.Code, w.Body)
		}
		for _, what := range p.asked {
			if what != "arrived INC-42/page/1" {
				t.Errorf("asked %q", what)
			}
		}
	}
	p := &pager{}
	if ask(p, http.MethodPost, "/ack/right/arrived", url.Values{"key": {strings.Repeat("k", 5000)}}); len(p.asked) > 0 && strings.Contains(p.asked[0], "kkk") {
		t.Error("a form beyond its limit is read")
	}
}
