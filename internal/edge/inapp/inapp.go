// Package inapp owns how notices reach the users of customers in the product: the
// list, the stream and the script that shows them, below /in-app/v1/ on the page's
// listener, which stays up when the console does not. It knows no accounts: the token
// that the product signed is the right to read, and only what is for its tenant.
package inapp

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	domain "allclear/internal/domain/inapp"
)

// Notices knows who a token speaks for, and what they are shown.
type Notices interface {
	Reader(token string, now time.Time) (domain.Reader, error)
	For(r domain.Reader, now time.Time) []domain.Notice
	Changed() (changed <-chan struct{}, stop func())
}

// Options of New.
type Options struct {
	Notices Notices
	Origins []string // of the product's pages, such as https://app.example.com; scripts of others read nothing
	Now     func() time.Time
}

// Handler serves /in-app/v1/.
type Handler struct {
	o   Options
	tag string

	mu    sync.Mutex
	open  map[string]int // streams of each user
	total int
}

//go:embed banner.js
var script []byte

const (
	path       = "/in-app/v1/"
	mostOpen   = 5_000 // streams at once; others are told to ask again
	mostOfOne  = 8     // streams of one user
	beat       = 20 * time.Second
	patience   = 10 * time.Second // for one write to a stream
	retryAfter = "30"             // seconds
)

// New returns the handler.
func New(o Options) *Handler {
	sum := sha256.Sum256(script)
	return &Handler{o: o, tag: `"` + hex.EncodeToString(sum[:12]) + `"`, open: map[string]int{}}
}

// Register adds the routes.
func (h *Handler) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+path+"banner.js", h.banner)
	mux.HandleFunc("OPTIONS "+path+"{name}", h.preflight)
	mux.HandleFunc("GET "+path+"notices", h.guarded(h.list))
	mux.HandleFunc("GET "+path+"stream", h.guarded(h.stream))
}

// banner serves the script, which anybody may read.
func (h *Handler) banner(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Type", "text/javascript; charset=utf-8")
	head.Set("Cache-Control", "public, max-age=300")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Access-Control-Allow-Origin", "*") // for integrity checks
	head.Set("Cross-Origin-Resource-Policy", "cross-origin")
	head.Set("ETag", h.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(script))
}

// allowed reports whether scripts of the origin may read. A request without one comes
// from no page of a browser, or from our own.
func (h *Handler) allowed(w http.ResponseWriter, r *http.Request) bool {
	head := w.Header()
	head.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if !slices.Contains(h.o.Origins, origin) {
		return false
	}
	head.Set("Access-Control-Allow-Origin", origin)
	return true
}

// preflight answers what a browser asks before it sends the token.
func (h *Handler) preflight(w http.ResponseWriter, r *http.Request) {
	if !h.allowed(w, r) {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	head := w.Header()
	head.Set("Access-Control-Allow-Methods", "GET")
	head.Set("Access-Control-Allow-Headers", "Authorization")
	head.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// guarded lets through who has a token and asks from a page that may.
func (h *Handler) guarded(next func(http.ResponseWriter, *http.Request, domain.Reader)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Cache-Control", "no-store")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("X-Robots-Tag", "noindex")
		if !h.allowed(w, r) {
			problem(w, http.StatusForbidden, "this page may not read notices: an administrator names its origin with --in-app-origin")
			return
		}
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			head.Set("WWW-Authenticate", "Bearer")
			problem(w, http.StatusUnauthorized, "a token is missing: send Authorization: Bearer")
			return
		}
		reader, err := h.o.Notices.Reader(token, h.o.Now())
		if err != nil {
			head.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			problem(w, http.StatusUnauthorized, "the token is not valid")
			return
		}
		next(w, r, reader)
	}
}

// problem answers as RFC 9457 says.
func problem(w http.ResponseWriter, status int, detail string) {
	b, _ := json.Marshal(map[string]any{"status": status, "title": http.StatusText(status), "detail": detail}) // plain values
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

type answer struct {
	Items []domain.Notice `json:"items"`
}

func (h *Handler) list(w http.ResponseWriter, _ *http.Request, reader domain.Reader) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer{h.o.Notices.For(reader, h.o.Now())}) // the reader has gone: nothing to do
}

// enter counts a stream; false when there are too many.
func (h *Handler) enter(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.total >= mostOpen || h.open[user] >= mostOfOne {
		return false
	}
	h.total++
	h.open[user]++
	return true
}

func (h *Handler) leave(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total--
	if h.open[user]--; h.open[user] == 0 {
		delete(h.open, user)
	}
}

// stream sends the whole list at once and after each change, and ends with the token.
func (h *Handler) stream(w http.ResponseWriter, r *http.Request, reader domain.Reader) {
	user := reader.Tenant + "\x00" + reader.User
	if !h.enter(user) {
		w.Header().Set("Retry-After", retryAfter)
		problem(w, http.StatusServiceUnavailable, "too many streams are open: ask for the list instead")
		return
	}
	defer h.leave(user)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	end := time.NewTimer(reader.Until.Sub(h.o.Now()))
	defer end.Stop()
	tick := time.NewTicker(beat)
	defer tick.Stop()
	last := ""
	for {
		changed, stop := h.o.Notices.Changed()
		b, _ := json.Marshal(answer{h.o.Notices.For(reader, h.o.Now())}) // plain values
		text := ": still there\n\n"
		if string(b) != last {
			last = string(b)
			text = "event: notices\ndata: " + last + "\n\n"
		}
		_ = out.SetWriteDeadline(time.Now().Add(patience)) // a writer without deadlines has none to miss
		if _, err := fmt.Fprint(w, text); err != nil || out.Flush() != nil {
			stop()
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-end.C:
			stop()
			return
		case <-r.Context().Done():
			stop()
			return
		}
		stop()
	}
}
