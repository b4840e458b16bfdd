package page

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/status"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed page.css
var css string

// pageCSP allows the one inline style sheet by its digest and the page's own
// icon; no script, frame, form or foreign thing.
var pageCSP = func() []string {
	sum := sha256.Sum256([]byte(css))
	return []string{"default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
}()

// marker is where the stale banner goes. Text in a page cannot contain it,
// because < is escaped there.
const marker = "<!--stale-->"

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"when": timeTag, "short": shortTag, "window": window, "icon": icon,
}).ParseFS(templateFiles, "templates/*.html"))

// render draws a page and says where the stale banner goes. The templates are
// part of the program and tested with every field, so they do not fail.
func render(name string, view any) (body []byte, mark int) {
	var buf bytes.Buffer
	if err := templates.ExecuteTemplate(&buf, name, view); err != nil {
		panic("draw page " + name + ": " + err.Error())
	}
	before, after, _ := bytes.Cut(buf.Bytes(), []byte(marker))
	return slices.Concat(before, after), len(before)
}

// chrome is what every page shows around its content.
type chrome struct {
	Title, Home, Subscribe, Words string
	Root                          string // before every path of a private page; empty on the public one
	Forms                         bool   // there is somebody who takes what readers send
	Indicator                     status.Indicator
	Changed, AsOf                 time.Time
	CSS                           template.CSS
	Mark                          template.HTML
}

func (d *drawer) title(s *status.Snapshot) string {
	if d.opt.Title != "" {
		return d.opt.Title
	}
	if strings.Contains(strings.ToLower(s.Page.Name), "status") {
		return s.Page.Name
	}
	return s.Page.Name + " status"
}

func (d *drawer) chrome(s *status.Snapshot) chrome {
	ind, words := s.Indicator()
	return chrome{
		Root: d.root, Title: d.title(s), Home: s.Page.Name, Subscribe: cmp.Or(d.opt.SubscribeURL, d.formAt()), Forms: d.opt.Desk != nil, Indicator: ind, Words: words,
		Changed: s.Page.UpdatedAt, AsOf: s.GeneratedAt.UTC().Truncate(time.Minute),
		CSS: template.CSS(css), Mark: marker, //nolint:gosec // our own file
	}
}

// formAt is where the form is; without one the footer lists the feeds.
func (d *drawer) formAt() string {
	if d.opt.Desk == nil {
		return "#follow"
	}
	return d.root + "/subscribe"
}

func (b *builder) base() string {
	return strings.TrimSuffix(cmp.Or(b.opt.BaseURL, b.snap.Page.URL), "/") + b.root
}

func (b *builder) link(id string) string { return b.base() + "/incidents/" + id }

// prose draws a body once per text, also across snapshots.
func (b *builder) prose(body string) template.HTML {
	h, ok := b.words[body]
	if !ok {
		if h, ok = b.drawer.words[body]; !ok {
			h = bodyHTML(body)
		}
		b.words[body] = h
	}
	return template.HTML(h) //nolint:gosec // sanitised by bodyHTML
}

func when(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

func timeTag(t time.Time) template.HTML { return tagged(t, "2 Jan 2006, 15:04 UTC") }

func shortTag(t time.Time) template.HTML { return tagged(t, "2 Jan, 15:04 UTC") }

// window writes a time span; the date is not repeated within a day.
func window(from, until time.Time) template.HTML {
	end := "15:04 UTC"
	if from.UTC().Format(time.DateOnly) != until.UTC().Format(time.DateOnly) {
		end = "2 Jan 2006, 15:04 UTC"
	}
	return timeTag(from) + " to " + tagged(until, end)
}

func tagged(t time.Time, layout string) template.HTML {
	t = t.UTC()
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `">` + t.Format(layout) + `</time>`) //nolint:gosec // digits and month names only
}

func staleBanner(generated time.Time) []byte {
	return []byte(`<aside class="stale" role="status"><p><strong>This page may be out of date.</strong> The last automatic update was on ` +
		string(timeTag(generated)) + `. Updates that our team posts by hand still appear here.</p></aside>`)
}

// icon names one of the symbols of the layout; the word beside it carries the
// meaning for those who do not see it.
func icon(state any) template.HTML {
	name := "ok"
	switch state {
	case status.UnderMaintenance, status.Maintaining, status.Scheduled, status.InProgress, status.Verifying:
		name = "work"
	case status.DegradedPerformance, status.Minor, status.ImpactMinor:
		name = "slow"
	case status.PartialOutage, status.Major, status.ImpactMajor:
		name = "part"
	case status.MajorOutage, status.Critical, status.ImpactCritical:
		name = "down"
	}
	return template.HTML(`<svg class="ic" aria-hidden="true"><use href="#i-` + name + `"/></svg>`) //nolint:gosec // constant names
}

// favicon is the page's icon in the colour of its indicator.
func favicon(i status.Indicator) []byte {
	colour := map[status.Indicator]string{
		status.None: "#2a9550", status.Maintaining: "#3667d6", status.Minor: "#c27400", status.Major: "#d0571f", status.Critical: "#cf3030",
	}[i]
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="` + colour + `"/></svg>`)
}
