package page

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"allclear/internal/domain/status"
)

// fetch reads a path of the page as a stranger does.
func fetch(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func sharp() *status.Snapshot {
	s := sample()
	s.Page.Name = `A<b>&"cme;` // what must not become markup, a line or a separator
	s.Incidents[0].Name = "Log-in; fails, with \\ <script>alert(1)</script> & more"
	s.Maintenances[0].Name = "Upgrade, with a comma; and a very long name so that its line has to be folded somewhere in the middle of an ümläut \u0007"
	s.Maintenances[0].Updates[0].Body = "One\r\nBEGIN:VEVENT\nTwo, three; four \\ five"
	return s
}

func live(s *status.Snapshot) *Handler {
	return New(Options{Source: func() *status.Snapshot { return s }, Now: func() time.Time { return now }})
}

// atomDoc is RFC 4287 with every element that it requires.
type atomDoc struct {
	XMLName xml.Name
	ID      string `xml:"http://www.w3.org/2005/Atom id"`
	Title   string `xml:"http://www.w3.org/2005/Atom title"`
	Updated string `xml:"http://www.w3.org/2005/Atom updated"`
	Author  string `xml:"http://www.w3.org/2005/Atom author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Content struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"content"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

// PLT-SP-SUBS: strict readers take our feeds, of the whole page and of a component.
func TestFeedsAreWhatTheirStandardsAskFor(t *testing.T) {
	h := live(sharp())
	for path, entries := range map[string]int{"/history.atom": 0, "/components/signin.atom": 0, "/components/api.atom": 0} {
		w := fetch(t, h, path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" {
			t.Fatalf("%s: %d, %v", path, w.Code, w.Header())
		}
		var f atomDoc
		d := xml.NewDecoder(w.Body)
		d.Strict = true
		if err := d.Decode(&f); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if f.XMLName.Space != "http://www.w3.org/2005/Atom" || f.XMLName.Local != "feed" || f.ID == "" || f.Title == "" || f.Author == "" {
			t.Errorf("%s: %+v", path, f)
		}
		if _, err := time.Parse(time.RFC3339, f.Updated); err != nil {
			t.Errorf("%s: updated %v", path, err)
		}
		self := ""
		for _, l := range f.Links {
			if l.Rel == "self" {
				self = l.Href
			}
		}
		if u, err := url.Parse(self); err != nil || u.Path != path {
			t.Errorf("%s names itself %q", path, self)
		}
		seen := map[string]bool{}
		for _, e := range f.Entries {
			entries++
			u, err := url.Parse(e.ID)
			if err != nil || u.Scheme != "tag" || seen[e.ID] || e.Title == "" || e.Content.Type != "html" || strings.Contains(e.Content.Text, "<script") {
				t.Errorf("%s: entry %+v, %v", path, e, err)
			}
			seen[e.ID] = true
		}
		if (path == "/components/api.atom") != (entries == 0) {
			t.Errorf("%s: %d entries", path, entries)
		}
	}
	var rss struct {
		Channel struct {
			Title, Link, Description string
			PubDate                  string `xml:"pubDate"`
			Items                    []struct {
				Title   string `xml:"title"`
				PubDate string `xml:"pubDate"`
				GUID    string `xml:"guid"`
			} `xml:"item"`
		} `xml:"channel"`
	}
	if err := xml.Unmarshal(fetch(t, h, "/components/signin.rss").Body.Bytes(), &rss); err != nil || len(rss.Channel.Items) == 0 {
		t.Fatalf("%+v, %v", rss, err)
	}
	for _, i := range rss.Channel.Items {
		if _, err := mail.ParseDate(i.PubDate); err != nil || i.GUID == "" || i.Title == "" { // RSS 2.0 dates are those of RFC 822
			t.Errorf("%+v, %v", i, err)
		}
	}
}

// PLT-SP-SUBS: a calendar program reads announced work, whatever stands in its words.
func TestMaintenanceIsACalendar(t *testing.T) {
	s := sharp()
	w := fetch(t, live(s), "/maintenance.ics")
	if w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("%v", w.Header())
	}
	raw := w.Body.String()
	for l := range strings.SplitSeq(strings.TrimSuffix(raw, "\r\n"), "\r\n") {
		if len(l) > icsWidth || strings.ContainsAny(l, "\r\n") || strings.ContainsFunc(l, func(r rune) bool { return r < 0x20 || r == '\ufffd' }) {
			t.Errorf("line %q", l)
		}
	}
	cal, err := ics.ParseCalendar(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	events := cal.Events()
	if len(events) != len(s.Maintenances) {
		t.Fatalf("%d events of %d", len(events), len(s.Maintenances))
	}
	for _, e := range events {
		if e.Id() != "mw4kd82jx0qa@status.example.test" {
			continue
		}
		start, err1 := e.GetStartAt()
		end, err2 := e.GetEndAt()
		if err1 != nil || err2 != nil || !start.Equal(s.Maintenances[0].ScheduledFor.Truncate(time.Second)) || !end.Equal(s.Maintenances[0].ScheduledUntil.Truncate(time.Second)) {
			t.Errorf("%v to %v, %v, %v", start, end, err1, err2)
		}
		want := strings.ReplaceAll(s.Maintenances[0].Name, "\u0007", "")
		if got := ics.FromText(e.GetProperty(ics.ComponentPropertySummary).Value); got != want && e.GetProperty(ics.ComponentPropertySummary).Value != want {
			t.Errorf("summary %q, want %q", got, want)
		}
		for _, p := range []ics.ComponentProperty{ics.ComponentPropertyDtstamp, ics.ComponentPropertySequence, ics.ComponentPropertyUrl} {
			if e.GetProperty(p) == nil {
				t.Errorf("no %s", p)
			}
		}
	}
}

func TestABadgeIsAnImageThatRunsNothing(t *testing.T) {
	h := live(sharp())
	for path, want := range map[string]string{"/badge.svg": "Major Service Outage", "/components/api.svg": "Operational", "/components/signin.svg": "Major outage", "/components/data.svg": "Operational"} {
		w := fetch(t, h, path)
		body := w.Body.String()
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" || w.Header().Get("Content-Security-Policy") != "default-src 'none'; sandbox" || w.Header().Get("Etag") == "" ||
			!strings.HasPrefix(w.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if err := xml.Unmarshal(w.Body.Bytes(), new(struct{})); err != nil || !strings.Contains(body, want) || strings.Contains(body, "<script") || strings.Contains(body, "href") || strings.Contains(body, "<b>") {
			t.Errorf("%s: %v: %s", path, err, body)
		}
	}
	if w := fetch(t, h, "/components/nope.svg"); w.Code != http.StatusNotFound {
		t.Errorf("a component that is not there: %d", w.Code)
	}
}

// The page alone takes nothing, and says so.
func TestWithoutADeskNothingIsTaken(t *testing.T) {
	h := live(sample())
	for _, path := range []string{"/subscribe", "/subscribe/code", "/feedback", "/subscriptions/end/abc"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("address=a@x.example")))
			if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "try again later") || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
		}
	}
	if body := fetch(t, h, "/").Body.String(); strings.Contains(body, `href="/subscribe"`) || strings.Contains(body, `href="/feedback"`) {
		t.Error("the page promises a form")
	}
}

func TestTriesAreCountedByWhoAsks(t *testing.T) {
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:1", "", "203.0.113.9"},
		{"203.0.113.9:1", "198.51.100.1", "203.0.113.9"}, // a stranger's word
		{"127.0.0.1:1", "198.51.100.1, 203.0.113.7", "203.0.113.7"},
		{"10.0.0.2:1", "nonsense", "10.0.0.2"},
		{"[2001:db8:1:2:3:4:5:6]:1", "", "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.9]:1", "", "203.0.113.9"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := caller(r); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
