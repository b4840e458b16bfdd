package feed_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/feed"
)

var at = time.Date(2026, 3, 2, 2, 30, 0, 0, time.UTC)

const (
	rss = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE rss><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Reviews</title><link>https://r.example/</link>
<item><title>Awful &amp; <![CDATA[<b>slow</b>]]></title><link>/r/1</link><guid isPermaLink="false">g1</guid><dc:creator>Kim</dc:creator><pubDate>Mon, 02 Mar 2026 02:30:00 GMT</pubDate><description><![CDATA[<p>It is&nbsp;down.</p><script>x</script>]]></description><content:encoded>more</content:encoded></item>
<item><title>Same again</title><guid>g1</guid></item><item><title>Bad link</title><link>javascript:alert(1)</link></item><item></item></channel></rss>`
	rdf  = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>t</title></channel><item rdf:about="1"><title>One</title><link>https://r.example/1</link><dc:date>2026-03-02T03:30:00+01:00</dc:date></item></rdf:RDF>`
	atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>tag:1</id><title type="html">Down &lt;i&gt;again&lt;/i&gt;</title><link rel="self" href="https://r.example/self"/><link href="https://r.example/1"/><author><name>Kim</name></author><published>2026-03-02T02:30:00Z</published><updated>2026-03-02T09:00:00Z</updated><summary>Sum</summary></entry></feed>`
	jsn  = `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":7,"url":"https://r.example/7","title":"T","content_html":"<p>Down</p>","date_published":"2026-03-02T02:30:00Z","authors":[{"name":"Kim"}],"tags":["x"]},{"id":null}]}`
	disc = `{"users":[{"id":3,"username":"kim"}],"topic_list":{"topics":[{"id":42,"title":"Cannot log in","slug":"cannot-log-in","created_at":"2026-03-02T02:30:00.000Z","posters":[{"user_id":3}],"pinned":true}]}}`
	xs   = `{"data":[{"id":"99","text":"@techflow is down","author_id":"5","created_at":"2026-03-02T02:30:00.000Z"},{"id":"100","text":"still"}],"includes":{"users":[{"id":"5","username":"kim"}]},"meta":{"newest_id":"100","result_count":2}}`
)

// Every form of feed, as its senders write it.
//
// Clauses: INT-REVIEWS.
func TestEveryForm(t *testing.T) {
	for _, c := range []struct {
		form, body, from string
		want             []feed.Entry
	}{
		{"rss", rss, "https://r.example/feed", []feed.Entry{
			{ID: "g1", Title: "Awful & slow", Text: "It is down. x", Link: "https://r.example/r/1", Author: "Kim", At: at}, {ID: "Bad link", Title: "Bad link"},
		}},
		{"rss", rdf, "https://r.example/feed", []feed.Entry{{ID: "https://r.example/1", Title: "One", Link: "https://r.example/1", At: at}}},
		{"rss", atom, "https://r.example/feed", []feed.Entry{{ID: "tag:1", Title: "Down again", Text: "Sum", Link: "https://r.example/1", Author: "Kim", At: at}}},
		{"json", jsn, "https://r.example/feed", []feed.Entry{{ID: "7", Title: "T", Text: "Down", Link: "https://r.example/7", Author: "Kim", At: at}}},
		{"discourse", disc, "https://f.example/community/latest.json", []feed.Entry{{ID: "topic/42", Title: "Cannot log in", Link: "https://f.example/community/t/cannot-log-in/42", Author: "kim", At: at}}},
		{"x", xs, "https://api.x.com/2/tweets/search/recent", []feed.Entry{
			{ID: "99", Text: "@techflow is down", Link: "https://x.com/kim/status/99", Author: "kim", At: at}, {ID: "100", Text: "still", Link: "https://x.com/i/status/100"},
		}},
		{"x", `{"meta":{"result_count":0}}`, "", []feed.Entry{}},
	} {
		got, err := feed.Read(c.form, []byte(c.body), c.from)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v (%v)\nwant %+v", c.form, got, err, c.want)
		}
	}
	if all, _ := feed.Read("x", []byte(xs), ""); feed.Newest(all) != "100" {
		t.Errorf("newest %q", feed.Newest(all))
	}
}

func TestTimesAsFeedsWriteThem(t *testing.T) {
	for _, s := range []string{
		"Mon, 02 Mar 2026 02:30:00 GMT", "Mon, 2 Mar 2026 02:30:00 +0000", "Sun, 01 Mar 2026 18:30:00 PST", "02 Mar 2026 03:30:00 +0100", "2026-03-02T02:30:00Z", "2026-03-02 02:30:00", "Mon,  2 Mar 2026 02:30:00 UT",
	} {
		doc := `<rss><channel><item><title>a</title><pubDate>` + s + `</pubDate></item></channel></rss>`
		got, err := feed.Read("rss", []byte(doc), "")
		if err != nil || len(got) != 1 || !got[0].At.Equal(at) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}

// Entities that grow without end, depth without end, and documents of another
// sort are refused; what is cut off or of an unknown alphabet too.
func TestBombsAreRefused(t *testing.T) {
	bomb := `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>`
	for name, body := range map[string]string{
		"entities": bomb, "depth": "<rss>" + strings.Repeat("<a>", 500), "html": "<html><p>no</p></html>", "empty": "", "cut off": "<rss><channel><item><title>a",
		"alphabet": `<?xml version="1.0" encoding="koi8-r"?><rss></rss>`,
		"size":     "<rss>" + strings.Repeat(" ", feed.MaxBytes),
	} {
		if got, err := feed.Read("rss", []byte(body), ""); err == nil {
			t.Errorf("%s: taken as %+v", name, got)
		}
	}
	for form, bodies := range map[string][]string{"json": {"", "{}", "[]", "<rss/>"}, "discourse": {"{}", "[]"}, "x": {"{}", `{"title":"Unauthorized"}`}, "gopher": {"{}"}} {
		for _, b := range bodies {
			if got, err := feed.Read(form, []byte(b), ""); err == nil {
				t.Errorf("%s: %q taken as %+v", form, b, got)
			}
		}
	}
}

func TestLatinIsRead(t *testing.T) {
	got, err := feed.Read("rss", []byte("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><rss><channel><item><title>St\xf6rung</title></item></channel></rss>"), "")
	if err != nil || len(got) != 1 || got[0].Title != "Störung" {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{rss, rdf, atom} {
		f.Add("rss", []byte(s))
	}
	f.Add("json", []byte(jsn))
	f.Add("discourse", []byte(disc))
	f.Add("x", []byte(xs))
	f.Fuzz(func(t *testing.T, form string, body []byte) {
		got, err := feed.Read(form, body, "https://a.example/x")
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, e := range got {
			if e.ID == "" || seen[e.ID] || len(e.ID) > 512 || len(e.Title) > 300 || len(e.Text) > 2000 || strings.ContainsAny(e.Title+e.Text, "\x00\n") {
				t.Errorf("entry %+v", e)
			}
			if e.Link != "" && !strings.HasPrefix(e.Link, "http") {
				t.Errorf("link %q", e.Link)
			}
			seen[e.ID] = true
		}
	})
}
