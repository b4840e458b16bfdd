package story_test

import (
	"testing"

	"allclear/internal/domain/following"
	"allclear/internal/domain/status"
	"allclear/test/story"
)

// An alert on the API degrades its component once its incident is declared, and its
// end restores it; what only waits for approval shows nothing, and what a person set
// stands.
//
// Clauses: PLT-SP-AUTO
func TestAComponentFollowsItsAlerts(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("api", "critical", "5xx above 20 %")
		w.At(2 * min)
		w.Component("api", status.Operational) // nobody has declared it (reading 3)
		w.Engage("ana")
		w.At(4 * min)
		w.Component("api", status.DegradedPerformance)
		w.Component("auth", status.Operational)
		w.Resolve("the API is well again")
		w.At(6 * min)
		w.Component("api", status.DegradedPerformance) // it must last
		w.At(12 * min)
		w.Component("api", status.Operational)
	})
}

// Clauses: PLT-SP-AUTO
func TestAProposedStateWaitsForAPerson(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		r := following.Default()
		r.Mode = following.Approve
		w.FollowRules(r)
		w.Declare(story.Declaration{Severity: P2, Service: "api", Title: "the API is slow"})
		w.Alert("api", "critical", "5xx above 20 %")
		w.At(5 * min)
		w.Component("api", status.Operational)
		w.ApproveComponent("ana", "api")
		w.Component("api", status.DegradedPerformance)
		w.SetComponent("ana", "api", status.MajorOutage)
		w.At(8 * min)
		w.Component("api", status.MajorOutage) // a person's state stands
		w.ReleaseComponent("ana", "api")
		w.Component("api", status.DegradedPerformance)
	})
}
