package story_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/test/story"
)

// A confirmed breach is restricted at once: the security team is paged, Legal is
// told, containment has fifteen minutes and is asked after when they have passed;
// the evidence is preserved before it can be closed.
//
// Clauses: SEC-BR-CONTAIN, SEC-BR-LEGAL, SEC-BR-FORENSIC
// Reading 18
func TestABreachIsContained(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "rows of customers are on the web", Scenario: "breach-confirmed"})
		if i := w.Incident(); !i.Restricted || !i.Fact("security") {
			t.Fatalf("restricted %t, flags %v", i.Restricted, i.Flags)
		}
		w.Pages("").About("security team needed").At(0).Citing("SEC-BR-CONTAIN")
		w.Notices("").For("SEC-BR-LEGAL").At(0, 0)
		contain := w.Tasks("SEC-BR-CONTAIN")
		if len(contain) != 1 || contain[0].DueAt.Sub(w.Incident().DetectedAt) != 15*min || contain[0].Owner != "schedule:security" {
			t.Fatalf("%+v", contain)
		}
		w.JustBefore(15 * min)
		w.Notices("").About("Contain the breach").None()
		w.At(15 * min)
		if late := w.Notices("").About("Contain the breach"); len(late.List) == 0 {
			t.Error("nobody is asked after the containment")
		}
		w.Done("ana", contain[0].ID, "tokens revoked, hosts isolated")
		if got := w.Tasks("SEC-BR-CONTAIN")[0]; got.State != checklist.Done || got.Late(w.Now()) {
			t.Errorf("%+v", got)
		}
		w.Resolve("closed the hole")
		if err := w.TryClose("ana"); err == nil {
			t.Error("closed before the evidence is preserved")
		}
		w.Entries(event.Closed).None()
		for _, dept := range []string{"robert.park", "sarah.chen"} { // Sales and Marketing
			if _, known := w.Entity(catalog.KindPerson, dept).(catalog.Person); !known || w.MaySee(dept) {
				t.Errorf("%s knows of it", dept)
			}
		}
	})
}

// A P1, and a security incident of any severity, is not resolved before somebody has
// validated that nothing was compromised, and says how.
//
// Clauses: RES-VAL-SEC
func TestNothingIsResolvedBeforeItsSecurityIsValidated(t *testing.T) {
	for name, d := range map[string]story.Declaration{
		"P1":          {Severity: P1, Service: "auth", Title: "logins fail"},
		"security P3": {Severity: P3, Service: "auth", Title: "odd log-ins", Flags: []string{"security"}},
	} {
		t.Run(name, func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Declare(d)
				w.Engage("ana")
				for _, task := range w.AllTasks() {
					if task.State == checklist.Open && !slices.Contains(task.Clauses, "RES-VAL-SEC") {
						w.Done("ana", task.ID, "done")
					}
				}
				if err := w.TryResolve("", w.Now()); !fault.Is(err, fault.Conflict) || !strings.Contains(strings.ToLower(fmt.Sprint(details(err))), "compromised") {
					t.Fatalf("resolved: %v %v", err, details(err))
				}
				w.Done("ana", w.Tasks("RES-VAL-SEC")[0].ID, "no log-in from elsewhere in the access log")
				must(w, w.TryResolve("", w.Now()))
			})
		})
	}
}
