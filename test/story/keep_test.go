package story_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/command"
	"allclear/test/story"
)

// withAlternative gives a service a read-only mode.
func withAlternative(w *story.World, id string) {
	s := w.Entity(catalog.KindService, id).(catalog.Service)
	s.Alternatives = []catalog.Alternative{{ID: "cached", Name: "Cached dashboards", How: "switch on the cache", Text: "Yesterday's dashboards can be read at cache.example."}}
	w.Keep(s)
}

// Another way of delivery is used with a reason, stands on the record and on the
// status page in the catalogue's words, and ends with the incident.
//
// Clauses: DRB-BCP-ALT
func TestAnAlternativeIsOnTheStatusPage(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		withAlternative(w, "dashboard")
		w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
		if got := w.Alternatives(); len(got.Offers) != 1 || len(got.Used) != 0 {
			t.Fatalf("offered %+v", got)
		}
		for _, bad := range []struct {
			service, way, reason string
			want                 fault.Kind
		}{{"dashboard", "cached", " ", fault.Invalid}, {"dashboard", "none", "why", fault.Invalid}, {"api", "cached", "why", fault.Invalid}} {
			if _, err := w.UseAlternative("ana", bad.service, bad.way, bad.reason); !fault.Is(err, bad.want) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		use, err := w.UseAlternative("ana", "dashboard", "cached", "the database will take hours")
		must(w, err)
		w.StatusPage().Shows("Yesterday's dashboards can be read")
		if _, err := w.UseAlternative("ana", "dashboard", "cached", "again"); !fault.Is(err, fault.Conflict) {
			t.Errorf("used twice: %v", err)
		}
		must(w, w.EndAlternative(use, "the cache fails too"))
		w.StatusPage().Shows("Cached dashboards is not available any more.")
		must2(w.UseAlternative("ana", "dashboard", "cached", "it works again"))(w)
		w.At(time.Hour)
		w.Resolve("over")
		got := w.Alternatives().Used
		if len(got) != 2 || got[0].End != "the incident is resolved" || got[1].End != "the cache fails too" || got[1].EndBy != "ana" {
			t.Errorf("in use %+v", got)
		}
	})
}

func must2[T any](_ T, err error) func(*story.World) {
	return func(w *story.World) { w.Helper(); must(w, err) }
}

// DRB-BCP-ALT: what is restricted is published by nobody but Legal.
func TestAnAlternativeOfARestrictedIncidentWaits(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		withAlternative(w, "dashboard")
		w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
		w.Restrict()
		if _, err := w.UseAlternative("ana", "dashboard", "cached", "it takes hours"); err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		w.Published("status_page").None()
	})
}

// The sum at risk is that of the customers whom open incidents touch, each counted
// once; what is done about it stands beside. One that is resolved is out.
//
// Clauses: DRB-BCP-REV
func TestRevenueAtRiskIsThatOfAffectedOpenAccounts(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		rich := func(id, region string, arr int64) {
			c := w.Entity(catalog.KindCustomer, id).(catalog.Customer)
			c.Region, c.ARR, c.Products, c.Services = region, arr, nil, nil
			w.Keep(c)
		}
		rich("customer-0001", "mars", 100_000)
		rich("customer-0002", "mars", 50_000)
		rich("customer-0003", "venus", 7_000)
		w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
		must(w, w.Scope(command.NewScope{Regions: []string{"mars"}}))
		if err := w.SecureRevenue("customer-0003", "we call", 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("a customer whom it does not touch: %v", err)
		}
		must(w, w.SecureRevenue("customer-0001", "The CEO called; renewal is confirmed", 100_000))
		if got := w.Revenue("ana"); got.Accounts != 2 || got.ARR != 150_000 || got.Secured != 100_000 || len(got.Incidents) != 1 || len(got.Incidents[0].Mitigations) != 1 {
			t.Errorf("%+v", got)
		}
		w.Declare(story.Declaration{Service: "api", Title: "The API is gone", Severity: procedure.P1})
		must(w, w.Scope(command.NewScope{Regions: []string{"mars", "venus"}}))
		if got := w.Revenue("ana"); got.Accounts != 3 || got.ARR != 157_000 || len(got.Incidents) != 2 {
			t.Errorf("two incidents: %+v", got)
		}
		w.At(time.Hour)
		w.Resolve("over")
		if got := w.Revenue("ana"); len(got.Incidents) != 1 || got.ARR != 150_000 {
			t.Errorf("one is over: %+v", got)
		}
	})
}

// An account that three incidents touched in thirty days is at risk: its account
// manager is asked once for a plan, which is written down; when they are older it is
// over.
//
// Clauses: DRB-BCP-RETAIN
func TestThreeIncidentsPutAnAccountAtRisk(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		c := w.Entity(catalog.KindCustomer, "acme").(catalog.Customer)
		c.Region, c.Products, c.Services, c.AccountManager = "mars", nil, nil, "mia"
		w.Keep(c)
		for n := range 3 {
			w.At(time.Duration(n) * day)
			w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
			must(w, w.Scope(command.NewScope{Regions: []string{"mars"}}))
			w.LookAtRisk()
			if n < 2 && len(w.AtRisk()) != 0 {
				t.Fatalf("after %d incidents at risk: %+v", n+1, w.AtRisk())
			}
			w.At(time.Duration(n)*day + 10*min)
			w.Resolve("over")
		}
		w.LookAtRisk()
		w.LookAtRisk()
		got := w.AtRisk()
		if len(got) != 1 || got[0].Customer != "acme" || got[0].Owner != "mia" || len(got[0].Numbers) != 3 || !strings.Contains(got[0].Why[0], "3 incidents in 30d") {
			t.Fatalf("at risk %+v", got)
		}
		if told := w.Heard("At risk: Acme"); len(told) != 1 || told[0].Person() != "mia" || !strings.Contains(told[0].Text, "3 incidents") {
			t.Errorf("told %+v", told)
		}
		if len(w.History("acme")) != 3 {
			t.Errorf("history %+v", w.History("acme"))
		}
		must(w, w.PlanRetention("acme", "A call each week until the renewal."))
		if got := w.AtRisk(); got[0].Text == "" || got[0].PlanBy != "ana" {
			t.Errorf("planned %+v", got[0])
		}
		w.At(40 * day)
		w.LookAtRisk()
		if got := w.AtRisk(); len(got) != 0 {
			t.Errorf("forty days later at risk: %+v", got)
		}
		if err := w.PlanRetention("acme", "too late"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a plan for whom? %v", err)
		}
	}, story.With(catalog.Person{ID: "mia", Name: "Mia", Email: "mia@example.com"}),
		story.Without(catalog.KindCustomer),
		story.With(catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Enterprise, AccountManager: "mia"}))
}
