package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
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
	open             bool // readable from any origin
	mark             int  // HTML: where the stale banner goes; 0 = never
	file             string
}

// site is everything the page answers, for one snapshot.
type site struct {
	snapshot    *status.Snapshot
	assets      map[string]*asset
	missing     *asset
	missingJSON *asset
	key         [sha256.Size]byte
	banner      []byte   // the stale banner, with this snapshot's time
	stale       sync.Map // *asset -> *asset with the banner; made when first needed
}

// staleVariant puts the banner into a page. It splices bytes, once per page
// and snapshot.
func (s *site) staleVariant(a *asset) *asset {
	if v, ok := s.stale.Load(a); ok {
		return v.(*asset)
	}
	body := make([]byte, 0, len(a.body)+len(s.banner))
	body = append(body, a.body[:a.mark]...)
	body = append(body, s.banner...)
	body = append(body, a.body[a.mark:]...)
	v, _ := s.stale.LoadOrStore(a, newAsset(a.contentType[0], body, a.csp))
	return v.(*asset)
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
	root  string            // before every path of a private page
	words map[string]string // drawn Markdown by source, of the last site
}

func newDrawer(opt Options) *drawer { return &drawer{opt: opt, words: map[string]string{}} }

// empty is the site before there is a snapshot.
func (d *drawer) empty() *site {
	s := &site{assets: map[string]*asset{}}
	v := d.chrome(&status.Snapshot{Page: status.Page{Name: "Status"}})
	body, mark := render("unavailable", v)
	s.missing = htmlAsset(body, mark)
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
	next := &site{snapshot: snap, key: key, banner: staleBanner(snap.GeneratedAt)}
	if old.snapshot != nil && old.key == key {
		next.assets, next.missing, next.missingJSON = old.assets, old.missing, old.missingJSON
		return next, nil
	}
	b := &builder{drawer: d, snap: snap, old: old, out: map[string]*asset{}, words: map[string]string{}}
	if err := b.build(); err != nil {
		return nil, err
	}
	next.assets, next.missing, next.missingJSON = b.out, b.missing, b.missingJSON
	d.words = b.words
	return next, nil
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

// builder draws one site; it reuses pages that came out the same.
type builder struct {
	*drawer
	snap        *status.Snapshot
	old         *site
	out         map[string]*asset
	words       map[string]string
	missing     *asset
	missingJSON *asset
}

func (b *builder) build() error {
	if err := b.api(); err != nil {
		return err
	}
	if err := b.feeds(); err != nil {
		return err
	}
	b.calendar()
	b.badges()
	c := b.chrome(b.snap)
	b.html("/", "index.html", "index", b.index(c))
	b.html("/history", "history.html", "history", b.history(c))
	for i := range b.snap.Incidents {
		v := b.one(c, b.snap.Incidents[i], nil)
		b.html("/incidents/"+b.snap.Incidents[i].ID, "incidents/"+b.snap.Incidents[i].ID+".html", "incident", v)
	}
	for i := range b.snap.Maintenances {
		m := &b.snap.Maintenances[i]
		b.html("/incidents/"+m.ID, "incidents/"+m.ID+".html", "incident", b.one(c, m.Incident, m))
	}
	b.put("/favicon.svg", "favicon.svg", newAsset("image/svg+xml", favicon(c.Indicator), []string{"default-src 'none'"}))
	body, mark := render("missing", c)
	b.missing = htmlAsset(body, mark)
	b.missing.file = "404.html"
	b.missingJSON = jsonAsset([]byte(`{"error":"not found"}`))
	return nil
}

func (b *builder) html(path, file, name string, view any) {
	body, mark := render(name, view)
	if o := b.old.assets[path]; o != nil && bytes.Equal(o.body, body) {
		b.out[path] = o
		return
	}
	b.put(path, file, htmlAsset(body, mark))
}

func (b *builder) put(path, file string, a *asset) {
	a.file = file
	b.out[path] = a
}

func htmlAsset(body []byte, mark int) *asset {
	a := newAsset("text/html; charset=utf-8", body, pageCSP)
	a.mark = mark
	return a
}

func jsonAsset(body []byte) *asset {
	a := newAsset(jsonType, body, nil)
	a.open = true
	return a
}
