package story_test

import (
	"strings"
	"testing"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/incident"
	"allclear/test/story"
)

// A call to the enterprise line is an incident the moment it rings: who is on
// call and the account manager on duty are paged, and the code that is typed
// later ties the alert to the customer without paging anybody again.
//
// Clauses: ESC-CUST-LINE
// Reading 12
func TestACallToTheEnterpriseLine(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Call("api", alert.EmergencyCall, "CA1", "+15557654321", "")
		w.Is(P2, incident.Triage)
		w.Pages("primary").At(0)
		w.Pages("").For("ESC-CUST-LINE").At(0)
		w.Phone("primary").Pages().Got("+15557654321")
		w.After(1 * min)
		w.Call("api", alert.EmergencyCall, "CA1", "+15557654321", "0007")
		w.Pages("").For("ESC-CUST-LINE").At(0)
		list := w.Alerts()
		if len(list) != 1 || !strings.Contains(list[0].Summary, "Customer 0007") || !strings.Contains(list[0].Details, `"customer":"customer-0007"`) {
			t.Errorf("%+v", list[0])
		}
		// Somebody has it, and another customer calls: they hear of it too.
		w.Ack("primary")
		w.At(3 * min)
		w.Call("api", alert.EmergencyCall, "CA2", "+15551112222", "")
		w.Pages("primary").At(0, 3*min)
		w.Phone("primary").Pages().Got("Call from +15551112222")
	})
}

// Clauses: DOC-EMERG-PHONE
func TestACallToPlatformOperations(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Call("api", alert.OperationsCall, "CA1", "+15557654321", "")
		w.Pages("primary").At(0)
		w.Phone("primary").Pages().Got("+15557654321")
		w.Pages("").For("ESC-CUST-LINE").None() // no customer's line
	})
}
