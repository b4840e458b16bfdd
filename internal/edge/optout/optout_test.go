package optout_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/edge/optout"
	"allclear/internal/flow/consent"
)

// choices knows one address, behind the token "right".
type choices struct {
	out   bool
	asked []bool
	fails error
}

func (c *choices) Look(_ context.Context, token string) (consent.Choice, error) {
	if token != "right" {
		return consent.Choice{}, fault.New(fault.NotFound, "this link is not known")
	}
	return consent.Choice{Channel: "email", OptedOut: c.out}, c.fails
}

func (c *choices) Choose(ctx context.Context, token string, out bool, _ time.Time) (consent.Choice, error) {
	if _, err := c.Look(ctx, token); err != nil {
		return consent.Choice{}, err
	}
	c.asked, c.out = append(c.asked, out), out
	return consent.Choice{Channel: "email", OptedOut: out}, nil
}

func ask(c *choices, method, path, kind, body string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	optout.New(c, slog.New(slog.DiscardHandler), time.Now).Register(mux)
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

const form = "application/x-www-form-urlencoded"

// A look changes nothing; the one click of a mail program does, in both encodings
// that RFC 8058 allows, and so does the button.
//
// Clauses: INT-EMAIL-MASS
func TestOnlyAClickUnsubscribes(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		c := &choices{}
		if w := ask(c, method, "/u/right", form, ""); w.Code != http.StatusOK || len(c.asked) != 0 {
			t.Errorf("%s: %d, asked %v", method, w.Code, c.asked)
		}
	}
	multipart := "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
	for _, c := range []struct {
		kind, body string
		want       bool
	}{
		{form, "List-Unsubscribe=One-Click", true},
		{"multipart/form-data; boundary=x", multipart, true},
		{form, "choice=out", true},
		{form, "choice=in", false},
	} {
		known := &choices{out: !c.want}
		for range 2 {
			w := ask(known, http.MethodPost, "/u/right", c.kind, c.body)
			if w.Code != http.StatusOK || known.out != c.want || w.Header().Get("Set-Cookie") != "" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s: %d, out %v", c.body, w.Code, known.out)
			}
		}
	}
}

func TestWhatIsNoClick(t *testing.T) {
	for _, c := range []struct {
		path, body string
		fails      error
		want       int
	}{
		{"/u/right", "", nil, http.StatusBadRequest},
		{"/u/right", "choice=maybe", nil, http.StatusBadRequest},
		{"/u/right", "List-Unsubscribe=" + strings.Repeat("x", 10_000), nil, http.StatusBadRequest},
		{"/u/wrong", "List-Unsubscribe=One-Click", nil, http.StatusNotFound},
		{"/u/%3Cscript%3E", "choice=out", nil, http.StatusNotFound},
		{"/u/right", "choice=out", errors.New("disk"), http.StatusServiceUnavailable},
	} {
		known := &choices{fails: c.fails}
		w := ask(known, http.MethodPost, c.path, form, c.body)
		if w.Code != c.want || len(known.asked) != 0 || strings.Contains(w.Body.String(), "disk") || strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s %.40s: %d %s", c.path, c.body, w.Code, w.Body)
		}
	}
}
