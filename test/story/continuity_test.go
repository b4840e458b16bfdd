package story_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/command"
	"allclear/test/story"
)

// titles are the tasks of a clause, open or not.
func titles(w *story.World, clause string) string {
	var all []string
	for _, t := range w.Tasks(clause) {
		all = append(all, t.Title)
	}
	return strings.Join(all, "\n")
}

// A P1 that is open for four hours is an extended outage: its plan opens by itself,
// the letter comes up again each day and the rotation every eight hours.
//
// Clauses: DRB-BK-EXTCOMM
func TestAnExtendedOutageHasAPlan(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
		w.At(4*time.Hour - time.Minute)
		if got := titles(w, "DRB-BK-EXTCOMM"); got != "" || w.Incident().Fact("extended") {
			t.Fatalf("before four hours there is %q", got)
		}
		w.At(4 * time.Hour)
		if !w.Incident().Fact("extended") {
			t.Fatal("after four hours it is no extended outage")
		}
		for _, want := range []string{"letter of an executive", "hourly updates", "questions and answers", "rested lead"} {
			if got := titles(w, "DRB-BK-EXTCOMM"); strings.Count(got, want) != 1 {
				t.Errorf("no task for %q among\n%s", want, got)
			}
		}
		w.At(29 * time.Hour)
		got := titles(w, "DRB-BK-EXTCOMM")
		for want, n := range map[string]int{"letter of an executive": 2, "hourly updates": 1, "rested lead": 4} {
			if strings.Count(got, want) != n {
				t.Errorf("after 29 hours %d tasks for %q, want %d", strings.Count(got, want), want, n)
			}
		}
		letters := 0
		for _, task := range w.Tasks("DRB-BK-EXTCOMM") {
			if strings.Contains(task.Title, "letter") {
				letters++
				if got := task.DueAt.Sub(task.OpenedAt); got != 3*time.Hour {
					t.Errorf("the letter is due %s after it came up", got)
				}
			}
		}
		if letters != 2 {
			t.Errorf("%d letters", letters)
		}
	})
}

// DRB-BK-EXTCOMM
func TestWhatIsOverInTimeIsNoExtendedOutage(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
		w.At(3 * time.Hour)
		w.Resolve("over")
		w.At(6 * time.Hour)
		if got := titles(w, "DRB-BK-EXTCOMM"); got != "" {
			t.Errorf("it was over after three hours, and opened %q", got)
		}
	})
}

// The register says who else has to hear of it, how and when: a task for each with a
// plan for the class, owned by whoever keeps the relationship.
//
// Clauses: DRB-BCP-STAKE
func TestStakeholdersAreToldByTheirPlans(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		at := func(class string, d time.Duration) catalog.StakeholderPlan {
			return catalog.StakeholderPlan{Class: class, Within: recur.Span{Duration: d}, How: "by phone"}
		}
		w.Keep(
			catalog.Stakeholder{ID: "board", Name: "Board", Group: "investor", Owner: "role:ceo", Plans: []catalog.StakeholderPlan{at("critical", time.Hour), at("extended", 6*time.Hour)}},
			catalog.Stakeholder{ID: "reseller", Name: "Reseller", Group: "partner", Plans: []catalog.StakeholderPlan{{Class: "extended"}}},
			catalog.Stakeholder{ID: "bank", Name: "Big bank", Group: "key_account", Customer: "customer-0001", Plans: []catalog.StakeholderPlan{at("extended", 5*time.Hour)}},
			catalog.Stakeholder{ID: "other-bank", Name: "Other bank", Group: "key_account", Customer: "customer-0002", Plans: []catalog.StakeholderPlan{at("extended", 5*time.Hour)}},
			catalog.Stakeholder{ID: "authority", Name: "Authority", Group: "regulator", Plans: []catalog.StakeholderPlan{at("regulated", 9*time.Hour)}},
		)
		w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
		must(w, w.Scope(command.NewScope{Spared: []string{"customer-0002"}, Reason: "they are on their own cluster"}))
		if got := titles(w, "DRB-BCP-STAKE"); got != "Tell: Board (investor), by phone" {
			t.Fatalf("at once:\n%s", got)
		}
		w.At(4 * time.Hour)
		found := map[string]*checklist.Task{}
		for _, task := range w.Tasks("DRB-BCP-STAKE") {
			if task.Rule == "stakeholders-extended" {
				found[task.Title] = task
			}
		}
		began := w.Incident().DeclaredAt
		for title, want := range map[string]struct {
			owner string
			due   time.Duration
		}{
			"Tell: Board (investor), by phone":       {"role:ceo", 6 * time.Hour},
			"Tell: Reseller (partner)":               {"role:executive", 8 * time.Hour},
			"Tell: Big bank (key account), by phone": {"role:executive", 5 * time.Hour},
		} {
			if task := found[title]; task == nil || task.Owner != want.owner || task.DueAt.Sub(began) != want.due {
				t.Errorf("%s: %+v, want %+v", title, task, want)
			}
		}
		if len(found) != 3 {
			t.Errorf("%d tasks:\n%s", len(found), titles(w, "DRB-BCP-STAKE"))
		}
	})
}

// An incident that a person flags as a matter for regulators has the deadlines of the
// regimes that affected customers' contracts name, and no others; they warn, and the
// incident does not close with one open.
//
// Clauses: DRB-BCP-REG
func TestAFlaggedIncidentHasRegulatoryDeadlines(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		customer := func(id string, regimes ...string) catalog.Customer {
			c := w.Entity(catalog.KindCustomer, id).(catalog.Customer)
			c.Region, c.Contract.Regimes = "mars", regimes
			return c
		}
		w.Keep(customer("customer-0001", "gdpr"), customer("customer-0002", "dora", "gdpr"))
		w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
		must(w, w.Scope(command.NewScope{Regions: []string{"mars"}}))
		if got := titles(w, "DRB-BCP-REG"); got != "" {
			t.Fatalf("nobody has flagged it:\n%s", got)
		}
		if err := w.SetFact("ana", "regulated", " "); err == nil {
			t.Error("a fact without a reason is taken")
		}
		must(w, w.SetFact("ana", "regulated", "a bank asks for its report"))
		began := w.Incident().DeclaredAt
		due := map[string]time.Duration{}
		for _, task := range w.Tasks("DRB-BCP-REG") {
			due[task.Rule] = task.DueAt.Sub(began)
		}
		for rule, want := range map[string]time.Duration{"continuity-decide": 24 * time.Hour, "continuity-dora": 24 * time.Hour, "continuity-gdpr": 72 * time.Hour} {
			if due[rule] != want {
				t.Errorf("%s is due after %s, want %s", rule, due[rule], want)
			}
		}
		if len(due) != 3 {
			t.Errorf("deadlines %v", due)
		}
		w.At(12*time.Hour + time.Minute)
		warned := slices.ContainsFunc(w.Entries(event.NoticeWanted).List, func(e event.Event) bool {
			return slices.Contains(e.Data.Clauses, "DRB-BCP-REG") && strings.Contains(e.Data.Subject+e.Data.Text, "DORA")
		})
		if !warned {
			t.Error("nobody was warned of the deadline")
		}
	})
}

// DRB-BCP-REG
func TestAnExtendedOutageOfRegulatedCustomersIsFlaggedByItself(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Service: "dashboard", Title: "Dashboards are gone", Severity: procedure.P1})
		w.At(4 * time.Hour)
		if got := titles(w, "DRB-BCP-REG"); !w.Incident().Fact("regulated") || !strings.Contains(got, "GDPR") || strings.Contains(got, "DORA") {
			t.Errorf("the story's customers name gdpr and not dora:\n%s", got)
		}
	})
}
