package page

import (
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"allclear/internal/domain/brand"
	"allclear/internal/domain/status"
)

// Every text of ours stands in the table, with the same blanks in each language, and
// nothing in the templates is outside of it.
func TestEveryTextHasEveryLanguage(t *testing.T) {
	used := map[string]string{}
	quoted := regexp.MustCompile(`\btt? "([^"]+)"|\.tt?\("([^"]+)"`)
	sources, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	templates, err := fs.Glob(os.DirFS("."), "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(sources, templates...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			used[m[1]+m[2]] = name
		}
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		rest := regexp.MustCompile(`(?s)\{\{.*?\}\}`).ReplaceAllString(string(text), "")
		rest = regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(rest, " ")
		rest = strings.NewReplacer("JSON", "", "404", "", "(Atom)", "", "(RSS)", "", "confirm_url", "").Replace(rest)
		if m := regexp.MustCompile(`\p{L}{2,}`).FindString(rest); m != "" {
			t.Errorf("%s says %q outside of the table", name, m)
		}
	}
	for _, s := range []status.ComponentStatus{status.Operational, status.UnderMaintenance, status.DegradedPerformance, status.PartialOutage, status.MajorOutage} {
		used[s.Label()] = "status"
	}
	for _, s := range []status.IncidentStatus{status.Investigating, status.Identified, status.Monitoring, status.Resolved, status.Postmortem, status.Scheduled, status.InProgress, status.Verifying, status.Completed} {
		used[s.Label()] = "status"
	}
	for _, i := range []status.Impact{status.ImpactNone, status.ImpactMinor, status.ImpactMajor, status.ImpactCritical} {
		used[i.Label()] = "status"
	}
	for text, where := range used {
		if _, ok := words[text]; !ok {
			t.Errorf("%s says %q, which has no translation", where, text)
		}
	}
	blank := regexp.MustCompile(`%.`)
	for text, all := range words {
		for n, w := range all {
			if w == "" || !slices.Equal(blank.FindAllString(text, -1), blank.FindAllString(w, -1)) {
				t.Errorf("%q in %s is %q", text, brand.Languages[n+1], w)
			}
		}
	}
	if len(used) < 70 {
		t.Errorf("only %d texts were found", len(used))
	}
}

func TestDatesInEachLanguage(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC)
	for l, want := range map[tongue][]string{
		"en": {"1 March 2026", "March 2026", "1 Mar 2026, 09:05 UTC", "1 Mar, 09:05 UTC", "1 to 3 March", "28 February to 1 March", "1 h 5 min", "99.950 %"},
		"de": {"1. März 2026", "März 2026", "1. März 2026, 09:05 UTC", "1. März, 09:05 UTC", "1. bis 3. März", "28. Februar bis 1. März", "1 h 5 min", "99,950 %"},
		"fr": {"1er mars 2026", "mars 2026", "1er mars 2026, 09:05 UTC", "1er mars, 09:05 UTC", "1er à 3 mars", "28 février à 1er mars", "1 h 5 min", "99,950 %"},
		"es": {"1 de marzo de 2026", "marzo de 2026", "1 mar 2026, 09:05 UTC", "1 mar, 09:05 UTC", "1 a 3 de marzo", "28 de febrero a 1 de marzo", "1 h 5 min", "99,950 %"},
	} {
		got := []string{
			l.date(at, longDate), l.date(at, longMonth), l.date(at, fullTime), l.date(at, shortTime), l.span(at, at.AddDate(0, 0, 2)), l.span(at.AddDate(0, 0, -1), at),
			l.took(65 * time.Minute), l.percent(status.Uptime{Total: 100_000, Down: 50}),
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", l, got, want)
		}
	}
}

// RFC 9110 12.5.4.
func TestChoose(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "de": "de", "de-AT, en;q=0.8": "de", "it, fr;q=0.3, es;q=0.5": "es", "fr;q=0, de;q=0.1": "de", "*": "en", "it": "en", "de;q=x, fr;q=0.2": "fr", "FR-ca": "fr", ";;;,,": "en", "de;q=7": "en",
	} {
		if got := choose(brand.Languages, []string{header}); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
	if got := choose([]string{"fr", "de"}, []string{"en, *;q=0.1"}); got != "fr" {
		t.Errorf("of French and German a reader of English gets %s", got)
	}
}

func FuzzChoose(f *testing.F) {
	f.Add("de-AT, en;q=0.8, *;q=0.1")
	f.Fuzz(func(t *testing.T, header string) {
		if got := choose(brand.Languages, []string{header}); !slices.Contains(brand.Languages, got) {
			t.Errorf("%q: %q", header, got)
		}
	})
}

// A reader gets the language asked for, by the header, by ?lang or by the address, and
// stays in it; what people wrote stays as it is.
func TestPagesSpeakTheReadersLanguage(t *testing.T) {
	h := handler(sample())
	for _, c := range []struct {
		path, header, lang, says string
	}{
		{"/", "", "en", "Past incidents"},
		{"/", "de-DE,de;q=0.9", "de", "Vergangene Vorfälle"},
		{"/?lang=fr", "de", "fr", "Incidents passés"},
		{"/es/", "de", "es", "Incidentes pasados"},
		{"/de", "", "de", "Vergangene Vorfälle"},
		{"/en/", "de", "en", "Past incidents"},
		{"/history", "fr", "fr", "Disponibilité"},
		{"/incidents/q7xk2m9vd4ra", "es", "es", "Causa identificada"},
		{"/?lang=xx", "", "en", "Past incidents"},
	} {
		w := get(t, h, c.path, "Accept-Language", c.header)
		body := w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(body, `<html lang="`+c.lang+`"`) || !strings.Contains(body, c.says) || w.Header().Get("Content-Language") != c.lang {
			t.Errorf("%s for %q is not %s: %d %v", c.path, c.header, c.lang, w.Code, w.Header())
		}
	}
	if w := get(t, h, "/nothing", "Accept-Language", "de"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "Nicht gefunden") {
		t.Errorf("a German reader is lost: %d", w.Code)
	}
	for _, l := range brand.Languages {
		for _, path := range pages()[:6] {
			body := get(t, h, "/"+l+path).Body.String()
			if strings.HasPrefix(path, "/incidents/q") && !strings.Contains(body, "A change to our sign-in service is the cause.") {
				t.Errorf("%s%s: a text that people wrote is gone", l, path)
			}
			walk(parse(t, body), func(n *html.Node) {
				for _, a := range n.Attr {
					if n.Data != "a" || a.Key != "href" || strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "https:") || strings.HasPrefix(a.Val, "/api/") {
						continue
					}
					target, _, _ := strings.Cut(a.Val, "#")
					other := slices.ContainsFunc(n.Attr, func(x html.Attribute) bool { return x.Key == "hreflang" })
					if !other && !strings.HasPrefix(target, "/"+l+"/") || get(t, h, target).Code != http.StatusOK {
						t.Errorf("%s%s links to %s", l, path, a.Val)
					}
				}
			})
		}
		if feed := get(t, h, "/"+l+"/history.atom").Body.String(); !strings.Contains(feed, `xml:lang="`+l+`"`) {
			t.Errorf("the feed in %s does not say so", l)
		}
	}
	// The stale banner speaks it too.
	old := sample()
	old.GeneratedAt = now.Add(-2 * time.Minute)
	if body := get(t, handler(old), "/", "Accept-Language", "de").Body.String(); !strings.Contains(body, "möglicherweise veraltet") {
		t.Error("the stale banner is not German")
	}
}

// What a company chose is on the page, from the page's own address, within its policy.
func TestPageLooksLikeTheCompany(t *testing.T) {
	s := sample()
	s.Page.Name, s.Page.Brand = "Acme Cloud", brand.Brand{
		Name: "Acme Cloud", Accent: "#1f51c0", AccentDark: "#93b5ff", Band: "#12324a", BandText: "#ffffff", Support: "https://help.acme.example/", Footer: "Acme Ltd <b>\nLondon",
		Languages: []string{"fr", "en"}, Language: "fr", Logo: brand.Picture{Type: brand.SVG, Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		Favicon: brand.Picture{Type: brand.PNG, Data: []byte("png")},
	}
	h := handler(s)
	body := get(t, h, "/").Body.String()
	for _, want := range []string{`<html lang="fr"`, "État de Acme Cloud", "#12324a", `href="https://help.acme.example/"`, "Acme Ltd &lt;b&gt;</p>", ">London</p>", `href="/en/"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	if strings.Contains(body, `href="/de/"`) || get(t, h, "/de/").Code != http.StatusNotFound {
		t.Error("a language is offered that was not chosen")
	}
	logo := regexp.MustCompile(`<img src="(/logo-[0-9a-f]{12}\.svg)" alt="État de Acme Cloud" width="32" height="32"`).FindStringSubmatch(body)
	icon := regexp.MustCompile(`<link rel="icon" type="image/png" href="(/favicon-[0-9a-f]{12}\.png)"`).FindStringSubmatch(body)
	if logo == nil || icon == nil {
		t.Fatalf("no logo or icon: %v %v", logo, icon)
	}
	for path, kind := range map[string]string{logo[1]: "image/svg+xml", icon[1]: "image/png"} {
		w := get(t, h, path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	// A file that somebody edited cannot bring in a style.
	s2 := sample()
	s2.Page.Brand.Accent = "red}body{display:none"
	if body := get(t, handler(s2), "/").Body.String(); strings.Contains(body, "red}body") {
		t.Error("a colour that is none reached the style sheet")
	}
}

// The history goes back month by month, each with an address of its own.
//
// PLT-SP-HIST
func TestHistoryHasAPageForEachMonth(t *testing.T) {
	s := many(sample(), 200) // one every three days: twenty months
	h := handler(s)
	front := get(t, h, "/history").Body.String()
	if n := strings.Count(front, "Exports were late"); n < 10 || n > 30 {
		t.Errorf("the front of the history tells of %d incidents", n)
	}
	path, seen, steps := "/history/2026-05", 0, 0
	for path != "" && steps < 40 {
		body := get(t, h, path).Body.String()
		seen += strings.Count(body, "<strong>Exports were late</strong>")
		steps++
		m := regexp.MustCompile(`<a rel="prev" href="([^"]+)">Earlier: `).FindStringSubmatch(body)
		if path = ""; m != nil {
			path = m[1]
		}
	}
	if seen != 200 || steps < 20 || steps > maxMonths {
		t.Errorf("walking back %d months showed %d incidents, want 200", steps, seen)
	}
	april := get(t, h, "/history/2026-04").Body.String()
	if !strings.Contains(april, "Incidents of April 2026") || !strings.Contains(april, `<a rel="next" href="/history/2026-05">`) || !strings.Contains(april, "3 April 2026: down 33 min") || strings.Contains(april, "Slow dashboards") {
		t.Error("the page of April is wrong")
	}
	for _, path := range []string{"/history/2026-06", "/history/2020-01", "/history/2026-5", "/history/"} {
		if w := get(t, h, path); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
}

// A component that is not showcased has no bars; a group and its members have their
// order.
func TestComponentsAreShownAsChosen(t *testing.T) {
	s := sample()
	s.Components[2].Showcase = false
	s.Components[1].OnlyShowIfDegraded, s.Components[1].Status = true, status.Operational
	body := get(t, handler(s), "/").Body.String()
	if strings.Contains(body, `aria-label="API: `) || !strings.Contains(body, ">API</h3>") {
		t.Error("the API still has bars, or is gone")
	}
	if strings.Contains(body, ">Dashboards</h3>") {
		t.Error("what is only shown while degraded is shown")
	}
}
