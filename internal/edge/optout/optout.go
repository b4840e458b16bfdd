// Package optout owns the page behind the unsubscribe link of a mail to customers:
// it shows a button, and only pressing it, or the one click of a mail program
// (RFC 8058), changes anything, so that a scanner that follows links unsubscribes
// nobody. It must not know accounts: the signed link is the right to.
package optout

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/flow/consent"
)

// Choices reads and takes what whoever has a link wants.
type Choices interface {
	Look(ctx context.Context, token string) (consent.Choice, error)
	Choose(ctx context.Context, token string, out bool, now time.Time) (consent.Choice, error)
}

// Page serves /u/{token}.
type Page struct {
	choices Choices
	log     *slog.Logger
	now     func() time.Time
	page    *template.Template
}

//go:embed optout.html
var markup string

//go:embed optout.css
var style []byte

// New returns the handler.
func New(c Choices, log *slog.Logger, now func() time.Time) *Page {
	return &Page{choices: c, log: log, now: now, page: template.Must(template.New("optout").Parse(markup))}
}

// policy forbids everything the page does not use.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const maxForm = 4 << 10

// Register adds the routes.
func (p *Page) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /u/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(style)
	})
	mux.HandleFunc("GET /u/{token}", func(w http.ResponseWriter, r *http.Request) {
		c, err := p.choices.Look(r.Context(), r.PathValue("token"))
		p.draw(w, r, state{Choice: c}, err)
	})
	mux.HandleFunc("POST /u/{token}", p.take)
}

// state is what the page draws.
type state struct {
	consent.Choice
	Done    bool
	Problem string
}

func (p *Page) take(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	click := r.PostFormValue("List-Unsubscribe") == "One-Click"
	choice := r.PostFormValue("choice")
	if !click && choice != "out" && choice != "in" {
		c, err := p.choices.Look(r.Context(), r.PathValue("token"))
		if err == nil {
			err = fault.New(fault.Invalid, "nothing was chosen")
		}
		p.draw(w, r, state{Choice: c}, err)
		return
	}
	c, err := p.choices.Choose(r.Context(), r.PathValue("token"), click || choice == "out", p.now())
	p.draw(w, r, state{Choice: c, Done: true}, err)
}

func (p *Page) draw(w http.ResponseWriter, r *http.Request, s state, err error) {
	status := http.StatusOK
	switch fault.KindOf(err) {
	case fault.NotFound:
		status, s.Problem = http.StatusNotFound, "This link is not known. It may have been cut in two by the mail program: copy it whole."
	case fault.Invalid:
		status, s.Problem = http.StatusBadRequest, "Nothing was changed. Open the link again and press the button."
	default:
		if err != nil {
			status, s.Problem = http.StatusServiceUnavailable, "Your choice could not be kept. Please try again in a minute."
			p.log.ErrorContext(r.Context(), "take an unsubscription", "error", err)
		}
	}
	var b bytes.Buffer
	if err := p.page.Execute(&b, s); err != nil {
		p.log.ErrorContext(r.Context(), "draw the unsubscribe page", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
