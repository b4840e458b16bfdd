// Package answer owns the page behind the link in a page: it shows what is
// asked and a button, and only pressing the button answers, so that a mail
// scanner that follows links acknowledges nothing (S07). It must not know
// accounts: the signed link is the right to answer.
package answer

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/flow/paging"
)

// Pager looks at the page behind a code and takes the answer.
type Pager interface {
	Look(ctx context.Context, code string, now time.Time) (paging.View, error)
	AckNow(ctx context.Context, code, answer string, now time.Time) (paging.View, error)
	Arrived(ctx context.Context, code, key string, now time.Time) error
}

// Answer serves /ack/{code}.
type Answer struct {
	pager Pager
	log   *slog.Logger
	now   func() time.Time
	page  *template.Template
}

//go:embed answer.html
var markup string

//go:embed answer.css
var style []byte

// New returns the handler.
func New(p Pager, log *slog.Logger, now func() time.Time) *Answer {
	return &Answer{pager: p, log: log, now: now, page: template.Must(template.New("answer").Parse(markup))}
}

// policy forbids everything the page does not use.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Register adds the routes.
func (a *Answer) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /ack/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(style)
	})
	mux.HandleFunc("GET /ack/{code}", a.show)
	mux.HandleFunc("POST /ack/{code}", a.take)
	mux.HandleFunc("POST /ack/{code}/arrived", a.arrived)
}

// state is what the page draws.
type state struct {
	paging.View
	Done    string // what was answered just now
	Problem string
}

func (a *Answer) show(w http.ResponseWriter, r *http.Request) {
	v, err := a.pager.Look(r.Context(), r.PathValue("code"), a.now())
	a.draw(w, r, state{View: v}, err)
}

const maxForm = 4 << 10

func (a *Answer) take(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	answer := r.PostFormValue("answer")
	v, err := a.pager.AckNow(r.Context(), r.PathValue("code"), answer, a.now())
	s := state{View: v}
	if err == nil {
		s.Done = "acknowledged"
		if v.Join {
			s.Done = "joining"
			if answer == "unavailable" {
				s.Done = answer
			}
		}
	}
	a.draw(w, r, s, err)
}

// arrived takes a device's word that it shows a page: nothing is answered by it.
func (a *Answer) arrived(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := a.pager.Arrived(r.Context(), r.PathValue("code"), r.PostFormValue("key"), a.now())
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case fault.Is(err, fault.NotFound):
		http.Error(w, "this page is not known", http.StatusNotFound)
	default:
		a.log.ErrorContext(r.Context(), "note that a page arrived", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}

func (a *Answer) draw(w http.ResponseWriter, r *http.Request, s state, err error) {
	status := http.StatusOK
	switch fault.KindOf(err) {
	case fault.NotFound:
		status, s.Problem = http.StatusNotFound, "This link is not known. It may have been cut in two by the mail program: copy it whole."
	case fault.Conflict:
		status, s.Problem = http.StatusConflict, "Nothing is left to answer: somebody has it already, or the incident is over."
	default:
		if err != nil {
			status, s.Problem = http.StatusInternalServerError, "The answer could not be taken. Try again, or acknowledge in the console."
			a.log.ErrorContext(r.Context(), "answer a page", "error", err)
		}
	}
	var b bytes.Buffer
	if err := a.page.Execute(&b, s); err != nil {
		a.log.ErrorContext(r.Context(), "draw the answer page", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
