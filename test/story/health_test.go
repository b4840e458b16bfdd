package story_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/healthcheck"
	"allclear/test/story"
)

const day = 24 * time.Hour

// An enterprise account has a health check every thirty days. Its account manager is
// asked a week before; when nobody has made it, the head of Customer Success hears of
// it, once. What is written down begins the next thirty days. A standard customer has
// none, and a customer who is no longer enterprise is asked about no more.
//
// Clauses: CRI-CS-HEALTH
func TestHealthChecksOfEnterpriseAccounts(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		asked := func(at time.Duration, subject string, want int) []story.Sent {
			t.Helper()
			w.At(at)
			w.LookAtHealth()
			w.LookAtHealth() // again: nobody is told twice
			got := w.Heard(subject)
			if len(got) != want {
				t.Errorf("at %v: %q was told %d times, want %d", at, subject, len(got), want)
			}
			return got
		}
		asked(0, "Health check", 0)
		first := w.HealthChecks("")
		if len(first) != 1 || first[0].Customer != "acme" || first[0].State == healthcheck.Overdue {
			t.Fatalf("due %+v", first)
		}
		due := first[0].DueAt.Sub(w.Now())
		if due < 7*day || due > 30*day {
			t.Errorf("the first is due after %v", due)
		}
		asked(due-7*day-time.Minute, "Health check", 0)
		if told := asked(due-7*day, "Health check: Acme", 1); len(told) == 1 && (told[0].Person() != "mia" || told[0].Channel != "email") {
			t.Errorf("told %+v", told)
		}
		asked(due-time.Minute, "Health check overdue", 0)
		if told := asked(due, "Health check overdue: Acme", 1); len(told) == 1 && (told[0].Person() != "amanda.rodriguez" || !strings.Contains(told[0].Text, "nobody has made it")) {
			t.Errorf("told %+v", told)
		}
		w.At(due + day)
		w.MakesHealthCheck("acme", healthcheck.Form{Usage: "falling", Sentiment: "mixed", OpenIssues: 2, Score: 55, Notes: "renewal in doubt"})
		all := w.HealthChecks("acme")
		if len(all) != 2 || all[1].State != healthcheck.Done || all[1].By != "ana" || all[1].Form.Score != 55 || all[0].State != healthcheck.Planned || !all[0].DueAt.Equal(w.Now().Add(30*day)) {
			t.Errorf("checks %+v", all)
		}
		var outcomes []string
		for _, e := range w.Entries(event.HealthCheck).List {
			outcomes = append(outcomes, e.Data.Outcome)
		}
		if got := strings.Join(outcomes, " "); got != "asked overdue done" {
			t.Errorf("the record says %s", got)
		}
		asked(due+24*day, "Health check: Acme", 2)
		w.Keep(catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Standard, AccountManager: "mia"})
		asked(due+32*day, "Health check overdue", 1)
		if left := w.HealthChecks(""); len(left) != 0 {
			t.Errorf("left %+v", left)
		}
		if all := w.HealthChecks("acme"); len(all) != 1 {
			t.Errorf("what was made is kept: %+v", all)
		}
		w.Nobody().WasPaged()
	}, story.With(catalog.Person{ID: "mia", Name: "Mia", Email: "mia@example.com"}),
		story.Without(catalog.KindCustomer),
		story.With(catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Enterprise, AccountManager: "mia"}),
		story.With(catalog.Customer{ID: "shop", Name: "Shop", Tier: catalog.Standard, AccountManager: "mia"}))
}
