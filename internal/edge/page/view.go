package page

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/brand"
	"allclear/internal/domain/status"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed page.css
var css string

// marker is where the stale banner goes. Text in a page cannot contain it,
// because < is escaped there.
const marker = "<!--stale-->"

// templates are the same in each language, but for the words.
var templates = func() map[tongue]*template.Template {
	out := map[tongue]*template.Template{}
	for _, name := range brand.Languages {
		l := tongue(name)
		out[l] = template.Must(template.New("").Funcs(template.FuncMap{
			"t": l.t, "tt": l.tt, "when": l.when, "short": l.short, "window": l.window, "icon": icon,
		}).ParseFS(templateFiles, "templates/*.html"))
	}
	return out
}()

// render draws a page and says where the stale banner goes. The templates are
// part of the program and tested with every field, so they do not fail.
func (l tongue) render(name string, view any) (body []byte, mark int) {
	var buf bytes.Buffer
	if err := templates[l].ExecuteTemplate(&buf, name, view); err != nil {
		panic("draw page " + name + ": " + err.Error())
	}
	before, after, _ := bytes.Cut(buf.Bytes(), []byte(marker))
	return slices.Concat(before, after), len(before)
}

// chrome is what every page shows around its content.
type chrome struct {
	Lang                    string
	Title, Subscribe, Words string
	About                   string // what the page is about, for those who list it
	Base                    string // before every path of a private page; empty on the public one
	Root                    string // the same with the language
	Canonical               string
	Forms                   bool // there is somebody who takes what readers send
	Others                  []otherTongue
	Indicator               status.Indicator
	Changed, AsOf           time.Time
	Logo                    *logo
	Support                 string
	Icon                    picture
	Footer                  []string
	CSS                     template.CSS
	Mark                    template.HTML
}

// otherTongue is the page in a language it is offered in.
type otherTongue struct {
	Lang, Name, Path, Full string
	Current                bool
}

func (b *book) title() string {
	if b.opt.Title != "" {
		return b.opt.Title
	}
	name := b.snap.Page.Name
	if strings.Contains(strings.ToLower(name), "status") {
		return name
	}
	return b.l.t("%s status", name)
}

// chrome is drawn around the page at a path; without a path it stands nowhere.
func (b *book) chrome(path string) chrome {
	ind, words := b.snap.Indicator()
	look := &b.snap.Page.Brand
	c := chrome{
		Lang: string(b.l), Base: b.private, Root: b.root(), Title: b.title(), Subscribe: cmp.Or(b.opt.SubscribeURL, b.formAt()), Forms: b.opt.Desk != nil, Indicator: ind, Words: b.l.t(words),
		Changed: b.snap.Page.UpdatedAt, AsOf: b.snap.GeneratedAt.UTC().Truncate(time.Minute), Support: look.Support, Icon: b.favicon(), Logo: b.logo(),
		CSS: template.CSS(b.style), Mark: marker, //nolint:gosec // our own file and checked colours
	}
	c.About = c.Title + ": " + c.Words
	if look.Footer != "" {
		c.Footer = strings.Split(look.Footer, "\n")
	}
	if path == "" {
		return c
	}
	if base := b.base(); base != "" {
		c.Canonical = base + b.at + path
	}
	if len(b.langs) < 2 {
		return c
	}
	for _, l := range b.langs {
		c.Others = append(c.Others, otherTongue{Lang: l, Name: endonyms[l], Path: b.private + "/" + l + path, Full: b.base() + "/" + l + path, Current: l == string(b.l)})
	}
	return c
}

// formAt is where the form is; without one the footer lists the feeds.
func (b *book) formAt() string {
	if b.opt.Desk == nil {
		return "#follow"
	}
	return b.root() + "/subscribe"
}

func (b *builder) base() string {
	return strings.TrimSuffix(cmp.Or(b.opt.BaseURL, b.snap.Page.URL), "/") + b.private
}

func (b *builder) link(id string) string { return b.base() + "/incidents/" + id }

// prose draws a body once per text, also across snapshots.
func (b *builder) prose(body string) template.HTML {
	h, ok := b.drawn.Load(body)
	if !ok {
		if h, ok = b.older.Load(body); !ok {
			h = bodyHTML(body)
		}
		b.drawn.Store(body, h)
	}
	return template.HTML(h.(string)) //nolint:gosec // sanitised by bodyHTML
}

func staleBanner(l tongue, generated time.Time) []byte {
	return []byte(`<aside class="stale" role="status"><p><strong>` + l.t("This page may be out of date.") + `</strong> ` +
		string(l.tt("The last automatic update was on %s. Updates that our team posts by hand still appear here.", l.when(generated))) + `</p></aside>`)
}
