package story_test

import (
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/flow/command"
	"allclear/test/story"
)

// People add cards to the board beside the procedure's tasks, take them, hand them
// on and end them with evidence; who has one is reminded when it is late.
//
// Clauses: WAR-PHY-BOARD
func TestCardsOnTheBoard(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		card, err := w.Card("ana", command.Card{Title: "Ask the vendor", Due: 20 * min})
		must(w, err)
		if _, err := w.Card("ana", command.Card{Title: " ", Owner: "nobody", Due: -min}); !fault.Is(err, fault.Invalid) || len(details(err)) != 3 {
			t.Errorf("a bad card: %v", err)
		}
		must(w, w.Take("bo", card))
		w.At(20 * min)
		w.Notices("bo").About("Ask the vendor").At(20 * min).Citing("WAR-PHY-BOARD")
		must(w, w.HandOn("bo", card, "person:ana"))
		got := w.Tasks("WAR-PHY-BOARD")
		mine := got[len(got)-1]
		if mine.TakenBy != "" || mine.Owner != "person:ana" || mine.State != checklist.Open {
			t.Errorf("%+v", mine)
		}
		w.Done("ana", card, "They confirm an outage.")
		if err := w.Take("bo", card); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken after it was done: %v", err)
		}
		w.Entries(event.TaskTaken).At(0)
		w.Entries(event.TaskHanded).At(20 * min)
	})
}

// The commander tells the executives where it stands, from a draft that the record
// proposes. Of a restricted incident nothing of what was written leaves the house.
//
// Clauses: WAR-IC-EXEC
func TestTheExecutivesAreBriefed(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		w.Engage("ana")
		w.At(20 * min)
		draft := w.DraftBrief()
		for _, want := range []string{"INC-1 is a P1", "logins fail", "customers", "Promised to be over by 2026-03-02 03:45 UTC"} {
			if !strings.Contains(draft, want) {
				t.Errorf("the draft lacks %q: %s", want, draft)
			}
		}
		must(w, w.Brief("ana", draft+" We roll back."))
		w.Entries(event.Briefed).About("We roll back.").At(20 * min).Citing("WAR-IC-EXEC")
		told := w.Notices("").For("WAR-IC-EXEC").About("where it stands")
		told.At(20*min, 20*min, 20*min)
	})
}

// Reading 18
func TestABriefOfARestrictedIncidentStaysInside(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "data is out", Scenario: "breach-confirmed"})
		must(w, w.Brief("ana", "Ten thousand rows of card data."))
		w.At(5 * min)
		w.Notices("").For("WAR-IC-EXEC").At(0, 0, 0)
		w.Outbox("email").Lacks("card data")
	})
}
