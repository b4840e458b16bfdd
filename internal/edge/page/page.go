// Package page owns the status page: HTML, feeds and the Statuspage public API,
// all drawn in memory from one status.Snapshot when it changes, so that a
// request only copies bytes. Tenants' private pages are the same site drawn
// from other snapshots. It also keeps the snapshots as files, from which the
// pages can be served, and the public one updated, with neither application nor
// database alive.
//
// It must not read the store or know an internal incident: what is not in
// status.Snapshot cannot be shown. Drawn pages need no flow; only the forms, which
// are drawn for each reader, speak to one, through a Desk.
package page

import (
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

// StaleAfter is the age of a heartbeat from which the page says, in view, that
// it may be out of date.
const StaleAfter = 60 * time.Second

// Options configure a Handler. Source or Dir is required.
type Options struct {
	// Title is the heading; the snapshot's page name when empty.
	Title string
	// BaseURL is the public address without a trailing slash, used in feeds
	// and shortlinks; the snapshot's page URL when empty.
	BaseURL string
	// SubscribeURL is where "Subscribe" leads; the list of feeds when empty.
	SubscribeURL string
	// Source returns the snapshot in force, the same pointer until it changes.
	// It is called for every request and must only load an atomic pointer.
	Source func() *status.Snapshot
	// Dir is a data directory whose snapshot file is served when Source is
	// nil; Tick notices changes. Its private pages are then served too.
	Dir string
	// Tenant returns the private page whose address has a token of this hash,
	// and whether there is one; nil stands for the public page. Nil: there are
	// no private pages.
	Tenant func(hash string) (*status.Snapshot, bool)
	// Desk takes what readers send; without it the page can only be read.
	Desk Desk
	// Now stamps requests; time.Now when nil.
	Now func() time.Time
}

// Handler serves the page. It implements http.Handler and answers GET and HEAD, and POST to the forms.
type Handler struct {
	opt    Options
	site   atomic.Pointer[site]
	loaded atomic.Pointer[status.Snapshot] // file mode: what the file said
	own    *tenants

	mu       sync.Mutex // serialises drawing and reading the file
	drawer   *drawer
	seen     os.FileInfo
	refused  *status.Snapshot // failed to draw: not tried again
	refusing error
}

// New makes a handler and draws the first snapshot if there is one. It does
// not start anything: the caller runs Tick, at least once a second in file
// mode. Without a snapshot every page answers 503.
func New(opt Options) *Handler {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	h := &Handler{opt: opt, drawer: newDrawer(opt)}
	if opt.Source != nil {
		h.opt.Dir = "" // the source speaks; the file is its copy
	} else {
		h.opt.Source = h.loaded.Load
		h.opt.Tenant = newTenantReader(opt.Dir, h.loaded.Load).read
	}
	h.own = newTenants(h.opt)
	h.site.Store(h.drawer.empty())
	_ = h.Tick(opt.Now()) // the error stays in place for the caller's first Tick
	return h
}

// Tick picks up a changed file or source and draws it. It returns why a new
// snapshot could not be used; the last good one stays up.
func (h *Handler) Tick(_ time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	if h.opt.Dir != "" {
		err = h.reload()
	}
	if derr := h.draw(); derr != nil {
		return derr
	}
	return err
}

// reload reads the file again when it is not the one seen last.
func (h *Handler) reload() error {
	info, err := os.Stat(file(h.opt.Dir))
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "find page snapshot")
	}
	if h.seen != nil && same(h.seen, info) {
		return nil
	}
	s, err := Load(h.opt.Dir)
	if err != nil {
		return err
	}
	h.seen = info
	h.loaded.Store(s)
	return nil
}

// same reports whether a file is still the one seen before.
func same(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// draw replaces the site when the source has moved on. The caller holds mu.
func (h *Handler) draw() error {
	s, old := h.opt.Source(), h.site.Load()
	if s == nil || s == old.snapshot {
		return nil
	}
	if s == h.refused {
		return h.refusing
	}
	next, err := h.drawer.draw(s, old)
	if err != nil {
		h.refused, h.refusing = s, err
		return err
	}
	h.site.Store(next)
	return nil
}

// current returns the site to answer from. The first request after a change
// draws it, others are answered from the old one meanwhile, so a published
// update is visible to the next reader and nobody queues.
func (h *Handler) current() *site {
	s := h.site.Load()
	if snap := h.opt.Source(); snap != nil && snap != s.snapshot && h.mu.TryLock() {
		_ = h.draw() // Tick reports it; readers keep the last good page
		h.mu.Unlock()
		return h.site.Load()
	}
	return s
}

var _ http.Handler = (*Handler)(nil)
