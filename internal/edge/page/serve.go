package page

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// Header values that never change, shared by all answers.
var (
	nosniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	varyGzip   = []string{"Accept-Encoding"}
	varyBoth   = []string{"Accept-Encoding, Accept-Language"}
	lasting    = []string{"public, max-age=31536000, immutable"}
	encGzip    = []string{"gzip"}
	anyOrigin  = []string{"*"}
	// Short, so that an update is seen at once; a cache may keep the page up
	// while the origin fails.
	shortCache = []string{"public, max-age=5, stale-if-error=600"}
	noStore    = []string{"no-store"}
)

const jsonType = "application/json; charset=utf-8"

// ServeHTTP answers from memory.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head["X-Content-Type-Options"] = nosniff
	head["Referrer-Policy"] = noReferrer
	s := h.current()
	path := r.URL.Path
	if h.serveDesk(w, r, s, path, "") {
		return
	}
	if token, rest, ok := private(path); ok && s.onDesk(rest) {
		if own, ok := h.own.find(token, s.snapshot); ok && h.serveDesk(w, r, own, rest, token) {
			return
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		http.Error(w, "This page can only be read.", http.StatusMethodNotAllowed)
		return
	}
	if path == "/healthz" {
		healthz(w, s)
		return
	}
	if token, rest, ok := private(path); ok {
		if own, ok := h.own.find(token, s.snapshot); ok {
			h.serveOwn(w, r, own, token, rest)
			return
		}
	}
	a, code := h.find(s, r, path, head)
	a.serve(w, r, code)
}

// find returns what a path of a site answers with.
func (h *Handler) find(s *site, r *http.Request, path string, head http.Header) (a *asset, code int) {
	e, negotiated := s.lookup(r, path)
	code = http.StatusOK
	head["Vary"] = varyGzip
	switch {
	case s.snapshot == nil:
		a, code = s.nothing(r, path), http.StatusServiceUnavailable
		head.Set("Retry-After", "5")
	case e != nil:
		a = e.asset()
	case strings.HasPrefix(path, "/api/"):
		a, code = s.missingJSON, http.StatusNotFound
	default:
		a, code = s.nothing(r, path), http.StatusNotFound
	}
	if negotiated || code != http.StatusOK {
		head["Vary"] = varyBoth
	}
	if a.lang != nil {
		head["Content-Language"] = a.lang
	}
	if a.mark > 0 && s.staleAt(h.opt.Now()) {
		a = s.staleVariant(a)
	}
	return a, code
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request, code int) {
	head := w.Header()
	head["Content-Type"] = a.contentType
	if a.csp != nil {
		head["Content-Security-Policy"] = a.csp
	}
	if a.open {
		head["Access-Control-Allow-Origin"] = anyOrigin
	}
	body, size, tag := a.body, a.size, a.tag
	if len(a.gzip) > 0 && acceptsGzip(r.Header["Accept-Encoding"]) {
		head["Content-Encoding"] = encGzip
		body, size, tag = a.gzip, a.gzipSize, a.gzipTag
	}
	if code == http.StatusOK {
		head["Cache-Control"] = shortCache
		if a.lasting {
			head["Cache-Control"] = lasting
		}
		head["Etag"] = tag
		if match := r.Header["If-None-Match"]; len(match) > 0 && a.matches(match) {
			delete(head, "Content-Type")
			delete(head, "Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	} else {
		head["Cache-Control"] = noStore
	}
	head["Content-Length"] = size
	w.WriteHeader(code)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader has gone: nothing to do
	}
}

// matches applies the weak comparison of RFC 9110 13.1.2 to both encodings'
// tags.
func (a *asset) matches(values []string) bool {
	for _, v := range values {
		for t := range strings.SplitSeq(v, ",") {
			t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
			if t == "*" || t == a.tag[0] || t == a.gzipTag[0] {
				return true
			}
		}
	}
	return false
}

// acceptsGzip reads Accept-Encoding; q=0 means no.
func acceptsGzip(values []string) bool {
	for _, v := range values {
		for e := range strings.SplitSeq(v, ",") {
			name, q, _ := strings.Cut(e, ";")
			if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
				continue
			}
			q = strings.ReplaceAll(q, " ", "")
			return strings.Trim(strings.TrimPrefix(q, "q="), "0.") != "" || q == ""
		}
	}
	return false
}

// healthz is true as long as there is a page to serve, however old it is.
func healthz(w http.ResponseWriter, s *site) {
	w.Header()["Cache-Control"] = noStore
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if s.snapshot == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "no snapshot yet\n")
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

func (s *site) staleAt(now time.Time) bool {
	return s.snapshot != nil && now.Sub(s.snapshot.GeneratedAt) > StaleAfter
}
