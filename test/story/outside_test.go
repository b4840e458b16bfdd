package story_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/flow/listen"
	"allclear/internal/plug"
	"allclear/test/story"
)

const theirs = "https://status.example.net/api/v2/summary.json"

func cdn(state string) string {
	return fmt.Sprintf(`{"status":{"indicator":"none","description":""},"components":[{"id":"1","name":"CDN","status":%q}],"incidents":[],"scheduled_maintenances":[]}`, state)
}

// A vendor that authentication stands on goes down. Nobody is woken by that; an
// incident says that its dependency is red, and when it is over.
//
// Clauses: INV-TRI-3P, INT-CHANGE-STATUS.
func TestARedVendorIsOnTheIncident(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Web(theirs, cdn("operational"))
		w.ReadVendors()
		w.After(time.Minute)
		w.Web(theirs, cdn("major_outage"))
		w.ReadVendors()
		w.Nobody().WasPaged()
		if n := len(w.Entries(event.VendorState).List); n != 1 {
			t.Errorf("%d entries of the vendor", n)
		}
		w.After(time.Minute)
		w.Declare(story.Declaration{Severity: P2})
		if notes := w.Entries(event.Noted).About("Dependency red since 03:01 UTC: Example CDN: outage").List; len(notes) != 1 {
			t.Errorf("notes %+v", notes)
		}
		w.After(time.Minute)
		w.ReadVendors()
		w.Web(theirs, cdn("operational"))
		w.After(time.Minute)
		w.Restart()
		w.ReadVendors()
		if notes := w.Entries(event.Noted).List; len(notes) != 2 {
			t.Errorf("notes %+v", notes)
		}
	}, story.With(catalog.Vendor{ID: "cdn", Name: "Example CDN", Feed: "statuspage", URL: theirs, Components: []string{"CDN"}, Services: []string{"auth"}}))
}

const rumour = "https://search.example.net/feed.xml"

// complaints are n entries of a feed, half a minute apart.
func complaints(n int, from time.Time) string {
	text := "<rss><channel><title>t</title>"
	for i := range n {
		text += fmt.Sprintf("<item><guid>%d</guid><title>TechFlow is down</title><link>https://social.example/%d</link><pubDate>%s</pubDate></item>", i, i, from.Add(time.Duration(i)*30*time.Second).Format(time.RFC1123Z))
	}
	return text + "</channel></rss>"
}

func public() story.Setup {
	return story.With(catalog.Feed{ID: "search", Name: "Search", Form: "rss", URL: rumour, Keywords: []string{"techflow"}, Service: "auth"})
}

// Ten people complain in five minutes: one alert with links to what they wrote, a
// P3 that wakes nobody, and Marketing hears of it once.
//
// Clauses: CRI-SOC-TW.
func TestManyComplaintsAreOneAlert(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Web(rumour, complaints(0, story.Monday03))
		w.ReadFeeds()
		w.After(4 * time.Minute)
		w.Web(rumour, complaints(9, story.Monday03))
		w.ReadFeeds()
		if a := w.Alerts(); len(a) != 0 {
			t.Errorf("nine complaints raised %+v", a)
		}
		w.After(2 * time.Minute)
		w.Web(rumour, complaints(10, story.Monday03))
		w.ReadFeeds()
		w.After(2 * time.Minute)
		w.Web(rumour, complaints(12, story.Monday03))
		w.ReadFeeds()
		w.Is(P3, "triage")
		w.Nobody().WasPaged()
		if a := w.Alerts(); len(a) != 1 || a[0].Source != "mentions" || !strings.Contains(a[0].Details, "https://social.example/11") {
			t.Errorf("alerts %+v", a)
		}
		if told := w.Entries(event.NoticeWanted).About("marketing-mentions").List; len(told) != 1 || told[0].Data.Targets[0] != "role:vp-marketing" {
			t.Errorf("told %+v", told)
		}
		if n := len(w.Mentions(listen.Filter{Incident: 1})); n != 12 {
			t.Errorf("%d mentions are tied to the incident", n)
		}
		w.After(2 * time.Hour)
		w.Is(P3, "resolved") // nobody complains any more
	}, public())
}

// What a customer writes on the status page is in the list, tied to the incident.
//
// Clauses: CRI-SOC-SP.
func TestFeedbackIsTiedToTheIncident(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		if m := w.Feedback("Is anything wrong?"); m.Number != 0 {
			t.Errorf("tied to %d", m.Number)
		}
		number := w.Declare(story.Declaration{Severity: P2})
		if m := w.Feedback("Still cannot log in"); m.Number != number {
			t.Errorf("tied to %d", m.Number)
		}
		if all := w.Mentions(listen.Filter{State: "new", Incident: number}); len(all) != 1 || !all[0].Complaint {
			t.Errorf("list %+v", all)
		}
		if n := len(w.Entries(event.MentionMade).List); n != 2 {
			t.Errorf("%d entries", n)
		}
	})
}

// A customer's usage falls by four fifths: who looks after them is told once, by a
// notice. No alert, no incident, no page. Ordinary noise tells nobody.
//
// Clauses: CRI-CS-EWS, CRI-CS-USAGE.
func TestCollapseOfUsageIsAnEarlyWarning(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		past := map[time.Duration]float64{}
		for week := 1; week <= 8; week++ {
			for h := 1; h <= 3; h++ {
				past[time.Duration(week)*7*24*time.Hour+time.Duration(h)*time.Hour] = 1000 + float64(week*h%5)*20
			}
		}
		w.Used("acme", "logins", past)
		w.Used("acme", "logins", map[time.Duration]float64{3 * time.Hour: 930})
		if n := len(w.Entries(event.UsageWarning).List); n != 0 {
			t.Errorf("%d warnings of noise", n)
		}
		w.Used("acme", "logins", map[time.Duration]float64{2 * time.Hour: 200})
		w.Used("acme", "logins", map[time.Duration]float64{2 * time.Hour: 200}) // the same again
		w.Used("acme", "logins", map[time.Duration]float64{time.Hour: 190})     // it goes on
		if warned := w.Entries(event.UsageWarning).List; len(warned) != 1 || warned[0].IncidentID != 0 || len(warned[0].Data.Targets) != 1 || warned[0].Data.Targets[0] != "mia" {
			t.Errorf("warnings %+v", warned)
		}
		w.After(time.Minute)
		told := w.Heard("Early warning: Acme")
		if len(told) != 1 || told[0].Person() != "mia" || told[0].Channel != "email" || !strings.Contains(told[0].Text, "less than usual: 200 in the hour from") {
			t.Errorf("told %+v", told)
		}
		w.Nobody().WasPaged()
		if a := w.Alerts(); len(a) != 0 {
			t.Errorf("alerts %+v", a)
		}
	}, story.With(catalog.Person{ID: "mia", Name: "Mia", Email: "mia@example.com"}), story.With(catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Enterprise, AccountManager: "mia"}))
}

// The account manager's mail refuses: the next way is taken. A customer without an
// account manager is the VP's.
//
// Clauses: CRI-CS-EWS.
func TestEarlyWarningFindsAnotherWay(t *testing.T) {
	usual := map[time.Duration]float64{time.Hour: 100}
	for week := 1; week <= 4; week++ {
		usual[time.Duration(week)*7*24*time.Hour+time.Hour] = 1000
	}
	story.Tell(t, func(w *story.World) {
		w.Used("acme", "logins", usual)
		w.Used("other", "logins", usual)
		w.After(10 * time.Minute)
		if told := w.Heard("Early warning: Acme"); len(told) != 1 || told[0].Channel != "slack" {
			t.Errorf("told %+v", told)
		}
		if told := w.Heard("Early warning: Other"); len(told) != 1 || told[0].Person() == "" || told[0].Person() == "mia" {
			t.Errorf("told %+v", told)
		}
	},
		story.With(catalog.Person{ID: "mia", Name: "Mia", Contacts: []catalog.Contact{{Channel: "email", Address: "mia@example.com", Verified: true}, {Channel: "slack", Address: "U1", Verified: true}}}),
		story.With(catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Enterprise, AccountManager: "mia"}),
		story.With(catalog.Customer{ID: "other", Name: "Other", Tier: catalog.Enterprise}),
		story.Broken("email", "mia", 0, 0, plug.Permanent))
}
