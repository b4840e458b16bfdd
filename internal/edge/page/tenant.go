package page

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"allclear/internal/base/secret"
	"allclear/internal/domain/status"
)

// prefix is where private pages live, each below its token.
const prefix = "/t/"

// standIn stands in drawn pages where the token of the reader's address goes, of
// the same length and of characters that no token has. So all who are shown
// the same are served from one drawing, and a drawing holds nobody's address. A
// text that contains it shows a reader no more than the reader's own address.
const standIn = "10189810189810189810189810189810"

// mostDrawn is how many private pages are kept drawn: those that were read
// last.
const mostDrawn = 64

var (
	noIndex    = []string{"noindex, nofollow"}
	ownNoStore = []string{"private, no-store"}
)

// private splits the path of a private page into the token and the path on the
// page.
func private(path string) (token, rest string, ok bool) {
	below, ok := strings.CutPrefix(path, prefix)
	if !ok || len(below) < len(standIn) {
		return "", "", false
	}
	token, rest = below[:len(standIn)], below[len(standIn):]
	return token, cmp.Or(rest, "/"), rest == "" || rest[0] == '/'
}

// tenants draws private pages when they are asked for.
type tenants struct {
	opt   Options
	mu    sync.Mutex
	drawn map[string]*tenantSite // by hash; "" serves all who are shown the public page
	turn  uint64
}

type tenantSite struct {
	drawer *drawer
	site   *site
	used   uint64
}

func newTenants(opt Options) *tenants {
	opt.SubscribeURL = "" // leads to the public page's readers
	return &tenants{opt: opt, drawn: map[string]*tenantSite{}}
}

// find returns the site behind a token. public is what the public page shows
// now. It looks the hash up, so the time it takes says nothing about other
// tokens.
func (t *tenants) find(token string, public *status.Snapshot) (*site, bool) {
	if t.opt.Tenant == nil {
		return nil, false
	}
	hash := secret.Hash(token)
	snap, ok := t.opt.Tenant(hash)
	if !ok {
		return nil, false
	}
	if snap == nil {
		hash, snap = "", public
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.drawn[hash]
	if d == nil {
		d = &tenantSite{drawer: newDrawer(t.opt)}
		d.drawer.root = prefix + standIn
		d.site = d.drawer.empty()
		t.makeRoom()
		t.drawn[hash] = d
	}
	t.turn++
	d.used = t.turn
	if snap != nil && d.site.snapshot != snap {
		if next, err := d.drawer.draw(snap, d.site); err == nil {
			d.site = next // else the last good one: the public page reports why
		}
	}
	return d.site, true
}

// makeRoom forgets the drawing that was not read for the longest time.
func (t *tenants) makeRoom() {
	if len(t.drawn) < mostDrawn {
		return
	}
	oldest, at := "", t.turn+1
	for hash, d := range t.drawn {
		if d.used < at {
			oldest, at = hash, d.used
		}
	}
	delete(t.drawn, oldest)
}

// serveOwn answers below a token. Nothing of it may be kept by a cache, found by
// a search engine or read by the script of another site.
func (h *Handler) serveOwn(w http.ResponseWriter, r *http.Request, s *site, token, path string) {
	head := w.Header()
	head["X-Robots-Tag"] = noIndex
	head["Cache-Control"] = ownNoStore
	a, code := h.find(s, r, path, head)
	head["Content-Type"] = a.contentType
	if a.csp != nil {
		head["Content-Security-Policy"] = a.csp
	}
	body := bytes.ReplaceAll(a.body, []byte(standIn), []byte(token))
	if len(a.gzip) > 0 && acceptsGzip(r.Header["Accept-Encoding"]) {
		head["Content-Encoding"] = encGzip
		body = zipped(body)
	}
	head["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(code)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader has gone: nothing to do
	}
}

func zipped(body []byte) []byte {
	var buf bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&buf, gzip.BestSpeed) // the level is valid
	_, _ = zw.Write(body)                              // a buffer does not fail
	_ = zw.Close()
	return buf.Bytes()
}
