package listen_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/listen"
)

// A new item of each form becomes one mention, however often the feed is read; one
// without a keyword becomes none.
//
// Clauses: INT-REVIEWS, CRI-SOC-REV, CRI-SOC-FORUM.
func TestAnItemIsOneMention(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := t0.Add(-time.Hour)
		w.host.says("/reviews.xml", text(rss(item("1", "TechFlow is terrible and broken", at), item("2", "Another product", at))))
		w.host.says("/atom.xml", text(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><title>TechFlow review</title><updated>2026-03-02T09:00:00Z</updated></entry></feed>`))
		w.host.says("/feed.json", text(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"j","content_text":"techflow again","date_published":"2026-03-02T09:00:00Z"}]}`))
		w.host.says("/latest.json", text(`{"topic_list":{"topics":[{"id":5,"title":"TechFlow: cannot log in","slug":"x","created_at":"2026-03-02T09:00:00Z"}]}}`))
		for path, form := range map[string]string{"reviews.xml": "rss", "atom.xml": "rss", "feed.json": "json", "latest.json": "discourse"} {
			w.follow(catalog.Feed{ID: path, Name: path, Form: form, URL: "/" + path, Keywords: []string{"techflow"}})
		}
		for i := range 4 {
			w.tick(t0.Add(time.Duration(i) * 2 * time.Minute))
		}
		all := w.list(listen.Filter{State: "new"})
		complaints := 0
		for _, m := range all {
			if m.Complaint {
				complaints++
			}
		}
		if len(all) != 4 || complaints != 2 {
			t.Errorf("%d mentions, %d complaints: %+v", len(all), complaints, all)
		}
		if len(w.raised) != 0 {
			t.Errorf("raised %+v", w.raised)
		}
		if got := w.list(listen.Filter{Feed: "reviews.xml", Complaints: true}); len(got) != 1 || got[0].Mention.Link != "https://r.example/1" || !got[0].At.Equal(at) || got[0].Source != "rss" {
			t.Errorf("%+v", got)
		}
	})
}

// A feed that asks for it raises an alert at the first complaint, with a link.
//
// Clauses: CRI-SOC-REV.
func TestOneBadReviewRaisesAnAlertWhereTheFeedSaysSo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.host.says("/r.xml", text(rss()))
		w.follow(catalog.Feed{ID: "r", Name: "Reviews", Form: "rss", URL: "/r.xml", Service: "api", Spike: 1, Words: []catalog.FeedWord{{Word: "chargeback", Weight: 3}}})
		w.tick(t0)
		w.host.says("/r.xml", text(rss(item("1", "I want a chargeback", t0.Add(time.Minute)))))
		w.tick(t0.Add(2 * time.Minute))
		w.tick(t0.Add(4 * time.Minute))
		if len(w.raised) != 1 || w.raised[0].service != "api" || len(w.raised[0].Links) != 1 || w.raised[0].Links[0].Href != "https://r.example/1" || w.raised[0].Suggests != procedure.P3 {
			t.Errorf("raised %+v", w.raised)
		}
	})
}

// Old items of a feed that is new to us, and items that name no time, are no spike.
func TestWhatStoodThereBeforeIsNoSpike(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var items []string
		for i := range 20 {
			items = append(items, item(fmt.Sprint(i), "down", t0.Add(-24*time.Hour)), fmt.Sprintf("<item><guid>u%d</guid><title>down</title></item>", i))
		}
		w.host.says("/r.xml", text(rss(items...)))
		w.follow(catalog.Feed{ID: "r", Name: "Reviews", Form: "rss", URL: "/r.xml", Service: "api"})
		w.tick(t0)
		w.tick(t0.Add(2 * time.Minute))
		if n := len(w.list(listen.Filter{})); n != 40 || len(w.raised) != 0 {
			t.Errorf("%d mentions, raised %+v", n, w.raised)
		}
	})
}

// The search of X asks for what is new only, and signs in. 429 and 401 leave it
// alone for a while; nothing is lost, and the token is in no error.
//
// Clauses: CRI-SOC-TW.
func TestSearchOfX(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const path = "/2/tweets/search/recent"
		post := func(id int, at time.Time) string {
			return fmt.Sprintf(`{"id":"%d","text":"@techflow is down","author_id":"5","created_at":%q}`, id, at.Format(time.RFC3339))
		}
		w.follow(catalog.Feed{ID: "x", Name: "X", Form: "x", URL: path, Query: "@techflow -is:retweet", Service: "api"})
		var status int
		var reset string
		w.host.says(path, func(rw http.ResponseWriter, r *http.Request) {
			if reset != "" {
				rw.Header().Set("x-rate-limit-reset", reset)
			}
			if status != 0 {
				rw.WriteHeader(status)
				_, _ = rw.Write([]byte(`{"title":"no"}`))
				return
			}
			var posts []string
			if r.URL.Query().Get("since_id") == "" {
				posts = append(posts, post(99, t0.Add(-time.Minute)))
			} else {
				for i := range 9 {
					posts = append(posts, post(100+i, t0.Add(time.Duration(i)*20*time.Second)))
				}
			}
			_, _ = fmt.Fprintf(rw, `{"data":[%s],"includes":{"users":[{"id":"5","username":"kim"}]},"meta":{"result_count":%d}}`, strings.Join(posts, ","), len(posts))
		})
		w.tick(t0)
		first := w.host.asked[0]
		if first.Header.Get("Authorization") != "Bearer "+token || first.URL.Query().Get("query") != "@techflow -is:retweet" || first.URL.Query().Get("since_id") != "" {
			t.Errorf("asked %s %v", first.URL, first.Header)
		}
		status = http.StatusUnauthorized
		w.tick(t0.Add(2 * time.Minute))
		if got := w.failing("x"); !strings.Contains(got, "401") || strings.Contains(got, token) {
			t.Errorf("error %q", got)
		}
		n := len(w.host.asked)
		w.tick(t0.Add(10 * time.Minute))
		if len(w.host.asked) != n {
			t.Error("asked again at once after 401")
		}
		status, reset = http.StatusTooManyRequests, fmt.Sprint(time.Now().Add(20*time.Minute).Unix())
		w.tick(t0.Add(17 * time.Minute))
		if got := w.failing("x"); !strings.Contains(got, "429") {
			t.Errorf("error %q", got)
		}
		n = len(w.host.asked)
		w.tick(t0.Add(30 * time.Minute))
		if len(w.host.asked) != n {
			t.Error("asked again before the limit ends")
		}
		status, reset = 0, ""
		w.tick(t0.Add(38 * time.Minute))
		if got := w.host.asked[len(w.host.asked)-1].URL.Query().Get("since_id"); got != "99" {
			t.Errorf("since_id %q", got)
		}
		if n := len(w.list(listen.Filter{})); n != 10 || w.failing("x") != "" {
			t.Errorf("%d mentions, %q", n, w.failing("x"))
		}
		if len(w.raised) != 0 {
			t.Errorf("half an hour late, and raised: %+v", w.raised)
		}
	})
}

// Ten complaints in five minutes are one alert with links to them, whatever else
// comes; it suggests a P3.
//
// Clauses: CRI-SOC-TW.
func TestSpikeRaisesOneAlert(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.host.says("/x.xml", text(rss()))
		w.follow(catalog.Feed{ID: "x", Name: "X", Form: "rss", URL: "/x.xml", Service: "api"})
		w.tick(t0)
		var items []string
		for i := range 10 {
			items = append(items, item(fmt.Sprint(i), "it is down", t0.Add(time.Duration(i)*30*time.Second)))
			if i == 8 {
				w.host.says("/x.xml", text(rss(items...)))
				w.tick(t0.Add(4 * time.Minute))
				if len(w.raised) != 0 {
					t.Errorf("nine raised %+v", w.raised)
				}
			}
		}
		w.host.says("/x.xml", text(rss(items...)))
		w.tick(t0.Add(6 * time.Minute))
		w.tick(t0.Add(8 * time.Minute)) // nothing new
		if len(w.raised) != 1 {
			t.Fatalf("raised %+v", w.raised)
		}
		s := w.raised[0]
		if s.Summary != "10 complaints in public within 5 minutes" || len(s.Links) != 10 || s.Severity != "warning" || s.Suggests != procedure.P3 || s.DedupKey != "mentions/spike/api" {
			t.Errorf("%+v", s)
		}
	})
}

// What a customer writes on the status page lands in the list, tied to the open
// incident; the list is worked through by hand.
//
// Clauses: CRI-SOC-SP.
func TestFeedbackIsTriaged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.open("auth", procedure.P1, func(i *incident.Incident) { i.Restricted, i.Circle = true, []string{"legal"} })
		number := w.open("auth", procedure.P2, nil)
		w.open("api", procedure.P3, nil)
		write := func(in listen.NewMention) listen.Mention {
			t.Helper()
			m, err := w.l.Write(t.Context(), ana, in, t0)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		m := write(listen.NewMention{Source: "status_page", Text: "Still <b>broken</b> for us"})
		if m.State != "new" || m.Number != number || m.Text != "Still broken for us" || !m.Complaint {
			t.Errorf("%+v", m)
		}
		if got := w.list(listen.Filter{State: "new", Incident: number}); len(got) != 1 || got[0].ID != m.ID {
			t.Errorf("%+v", got)
		}
		if got := write(listen.NewMention{Source: "review", Text: "Bad", Link: "https://r.example/1"}); got.Number != 0 {
			t.Errorf("a review elsewhere was tied to %d", got.Number)
		}
		if got := write(listen.NewMention{Source: "review", Text: "Again", Link: "https://r.example/1"}); got.Text != "Bad" {
			t.Errorf("the same link twice: %+v", got)
		}
		got, err := w.l.Dismiss(t.Context(), ana, m.ID.String(), "answered", t0)
		if err != nil || got.State != "dismissed" || got.Number != 0 || got.DecidedBy != "ana" {
			t.Errorf("%+v, %v", got, err)
		}
		got, err = w.l.Link(t.Context(), ana, m.ID.String(), number, t0)
		if err != nil || got.State != "linked" || got.Number != number {
			t.Errorf("%+v, %v", got, err)
		}
		on := 0
		for _, e := range w.seen {
			if e.IncidentID != 0 && (e.Kind == event.MentionMade || e.Kind == event.MentionDone) {
				on++
			}
		}
		if on != 2 {
			t.Errorf("%d entries on the timeline", on)
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hidden := w.open("auth", procedure.P1, func(i *incident.Incident) { i.Restricted, i.Circle = true, []string{"legal"} })
		for _, in := range []listen.NewMention{
			{},
			{Source: "fax", Text: "x"},
			{Source: "other"},
			{Source: "other", Text: "x", Link: "javascript:alert(1)"},
			{Source: "other", Text: "x", Service: "nobody"},
			{Source: "other", Text: "x", At: t0.Add(time.Hour)},
		} {
			if _, err := w.l.Write(t.Context(), ana, in, t0); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", in, err)
			}
		}
		m, err := w.l.Write(t.Context(), ana, listen.NewMention{Source: "other", Text: "x"}, t0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.l.Link(t.Context(), ana, m.ID.String(), hidden, t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("tied to a hidden incident: %v", err)
		}
		if _, err := w.l.Dismiss(t.Context(), ana, "nonsense", "", t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("a mention that is not there: %v", err)
		}
		for _, a := range []authz.Actor{{}, {ID: "s", Role: authz.Stakeholder}} {
			_, write := w.l.Write(t.Context(), a, listen.NewMention{Source: "other", Text: "x"}, t0)
			_, dismiss := w.l.Dismiss(t.Context(), a, m.ID.String(), "", t0)
			_, link := w.l.Link(t.Context(), a, m.ID.String(), 1, t0)
			for _, err := range []error{write, dismiss, link} {
				if !fault.Is(err, fault.Refused) {
					t.Errorf("%q: %v", a.ID, err)
				}
			}
		}
	})
}
