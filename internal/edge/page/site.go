package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

// asset is one answer, ready to send in both encodings.
type asset struct {
	contentType, csp []string
	body, gzip       []byte
	size, gzipSize   []string
	tag, gzipTag     []string
	lang             []string // of what is ours in it; none: no language
	open             bool     // readable from any origin
	lasting          bool     // its address changes with its content
	mark             int      // HTML: where the stale banner goes; 0 = never
}

// entry is an asset by its address. Most are drawn when they are asked for first:
// a page has four languages and years of months, and is drawn anew each minute.
type entry struct {
	once  sync.Once
	draw  func() *asset
	a     *asset
	file  string
	plain bool // a page without a language in its address: the reader's wish decides
}

func (e *entry) asset() *asset {
	e.once.Do(func() { e.a, e.draw = e.draw(), nil })
	return e.a
}

// site is everything the page answers, for one snapshot.
type site struct {
	snapshot    *status.Snapshot
	assets      map[string]*entry
	langs       []string          // offered, the default first
	missing     map[string]*entry // by language
	missingJSON *asset
	key         [sha256.Size]byte
	stale       sync.Map // *asset -> *asset with the banner; made when first needed
}

// staleVariant puts the banner into a page. It splices bytes, once per page
// and snapshot.
func (s *site) staleVariant(a *asset) *asset {
	if v, ok := s.stale.Load(a); ok {
		return v.(*asset)
	}
	banner := staleBanner(tongue(a.lang[0]), s.snapshot.GeneratedAt)
	v := newAsset(a.contentType[0], slices.Concat(a.body[:a.mark], banner, a.body[a.mark:]), a.csp)
	v.lang = a.lang
	kept, _ := s.stale.LoadOrStore(a, v)
	return kept.(*asset)
}

// wish is the language that a reader asks for, by ?lang or by the header; empty
// stands for the default.
func (s *site) wish(r *http.Request) string {
	if r.URL.RawQuery != "" {
		if l := r.URL.Query().Get("lang"); slices.Contains(s.langs, l) {
			return l
		}
	}
	if h := r.Header["Accept-Language"]; len(h) > 0 && len(s.langs) > 1 {
		if l := choose(s.langs, h); l != s.langs[0] {
			return l
		}
	}
	return ""
}

// lookup finds what a reader is shown at a path; negotiated says that others may be
// shown something else there.
func (s *site) lookup(r *http.Request, path string) (e *entry, negotiated bool) {
	e = s.assets[path]
	if e == nil || !e.plain {
		return e, false
	}
	if l := s.wish(r); l != "" {
		if own := s.assets["/"+l+path]; own != nil {
			return own, true
		}
	}
	return e, true
}

// nothing is the page for an address that has none.
func (s *site) nothing(r *http.Request, path string) *asset {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if e := s.missing[first]; e != nil && first != "" {
		return e.asset()
	}
	if e := s.missing[s.wish(r)]; e != nil {
		return e.asset()
	}
	return s.missing[""].asset()
}

func newAsset(contentType string, body []byte, csp []string) *asset {
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:12])
	a := &asset{
		contentType: []string{contentType}, csp: csp, body: body,
		size: []string{strconv.Itoa(len(body))},
		tag:  []string{`"` + tag + `"`}, gzipTag: []string{`"` + tag + `-gz"`},
	}
	var buf bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&buf, 6) // the level is valid
	_, _ = zw.Write(body)                 // a buffer does not fail
	_ = zw.Close()
	if buf.Len() < len(body) {
		a.gzip, a.gzipSize = buf.Bytes(), []string{strconv.Itoa(buf.Len())}
	}
	return a
}

// drawer turns snapshots into sites.
type drawer struct {
	opt   Options
	root  string    // before every path of a private page
	prose *sync.Map // drawn Markdown by source, of the last site
}

func newDrawer(opt Options) *drawer { return &drawer{opt: opt, prose: &sync.Map{}} }

// empty is the site before there is a snapshot.
func (d *drawer) empty() *site {
	b := d.builder(&status.Snapshot{Page: status.Page{Name: "Status"}})
	s := &site{assets: map[string]*entry{}, langs: b.langs, missing: map[string]*entry{}}
	for _, v := range b.books() {
		s.missing[v.lang()] = &entry{draw: func() *asset { return v.html("unavailable", v.chrome("")) }}
	}
	s.missingJSON = jsonAsset([]byte(`{"error":"no snapshot yet"}`))
	return s
}

// draw makes the site of snap. When only the heartbeat moved, the old pages
// are kept, and with them their entity tags.
func (d *drawer) draw(snap *status.Snapshot, old *site) (*site, error) {
	if err := snap.Validate(); err != nil {
		return nil, err
	}
	key, err := keyOf(snap)
	if err != nil {
		return nil, err
	}
	if old.snapshot != nil && old.key == key {
		return &site{snapshot: snap, key: key, assets: old.assets, langs: old.langs, missing: old.missing, missingJSON: old.missingJSON}, nil
	}
	b := d.builder(snap)
	if err := b.build(); err != nil {
		return nil, err
	}
	d.prose = b.drawn
	return &site{snapshot: snap, key: key, assets: b.out, langs: b.langs, missing: b.missing, missingJSON: jsonAsset([]byte(`{"error":"not found"}`))}, nil
}

// keyOf identifies what is drawn: everything but the seconds of the heartbeat.
func keyOf(snap *status.Snapshot) ([sha256.Size]byte, error) {
	c := *snap
	c.GeneratedAt = snap.GeneratedAt.UTC().Truncate(time.Minute)
	b, err := json.Marshal(&c)
	if err != nil {
		return [sha256.Size]byte{}, fault.Wrap(fault.Invalid, err, "encode page snapshot")
	}
	return sha256.Sum256(b), nil
}

// builder lays out one site. What it holds is not changed once it is laid out, but
// for drawn, so that its pages can be drawn at the same time.
type builder struct {
	opt          Options
	private      string // before every path of a private page
	snap         *status.Snapshot
	langs        []string
	style        string
	csp          []string
	out          map[string]*entry
	missing      map[string]*entry
	drawn, older *sync.Map // Markdown
}

func (d *drawer) builder(snap *status.Snapshot) *builder {
	style := css + brandCSS(&snap.Page.Brand)
	return &builder{
		opt: d.opt, private: d.root, snap: snap, langs: snap.Page.Brand.Speaks(), style: style, csp: policyFor(style), out: map[string]*entry{}, missing: map[string]*entry{},
		drawn: &sync.Map{}, older: d.prose,
	}
}

// book is the site in one language.
type book struct {
	*builder
	l  tongue
	at string // before every path: "" for readers who ask for no language, else "/de"
}

func (b *book) root() string { return b.private + b.at }

// lang is empty for the pages without a language in their address.
func (b *book) lang() string { return strings.TrimPrefix(b.at, "/") }

// books are the site in the default language, and in each that is offered.
func (b *builder) books() []*book {
	out := []*book{{builder: b, l: tongue(b.langs[0])}}
	if len(b.langs) == 1 {
		return out
	}
	for _, l := range b.langs {
		out = append(out, &book{builder: b, l: tongue(l), at: "/" + l})
	}
	return out
}

func (b *builder) build() error {
	if err := b.api(); err != nil {
		return err
	}
	b.pictures()
	for _, v := range b.books() {
		if err := v.build(); err != nil {
			return err
		}
	}
	b.badges()
	return nil
}

func (b *book) build() error {
	if err := b.feeds(); err != nil {
		return err
	}
	b.calendar()
	b.page("/", "index.html", "index", func() any { return b.index() })
	b.page("/history", "history.html", "history", func() any { return b.history("") })
	for _, m := range b.months() {
		b.page("/history/"+m, "history/"+m+".html", "history", func() any { return b.history(m) })
	}
	for i := range b.snap.Incidents {
		x := &b.snap.Incidents[i]
		b.page("/incidents/"+x.ID, "incidents/"+x.ID+".html", "incident", func() any { return b.one(*x, nil) })
	}
	for i := range b.snap.Maintenances {
		m := &b.snap.Maintenances[i]
		b.page("/incidents/"+m.ID, "incidents/"+m.ID+".html", "incident", func() any { return b.one(m.Incident, m) })
	}
	if b.at != "" {
		b.out[b.at] = b.out[b.at+"/"]
	}
	b.missing[b.lang()] = &entry{file: strings.TrimPrefix(b.at+"/404.html", "/"), draw: func() *asset { return b.html("missing", b.chrome("")) }}
	return nil
}

// page adds a page that is drawn when it is asked for.
func (b *book) page(path, file, name string, view func() any) {
	b.out[b.at+path] = &entry{file: strings.TrimPrefix(b.at+"/"+file, "/"), plain: b.at == "", draw: func() *asset { return b.html(name, view()) }}
}

func (b *book) html(name string, view any) *asset {
	body, mark := b.l.render(name, view)
	a := newAsset("text/html; charset=utf-8", body, b.csp)
	a.mark, a.lang = mark, []string{string(b.l)}
	return a
}

func (b *builder) put(path string, a *asset) {
	b.out[path] = &entry{file: strings.TrimPrefix(path, "/"), draw: func() *asset { return a }}
}

func jsonAsset(body []byte) *asset {
	a := newAsset(jsonType, body, nil)
	a.open = true
	return a
}
