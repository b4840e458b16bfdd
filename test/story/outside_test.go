package story_test

import (
	"fmt"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
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
