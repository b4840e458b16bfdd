package story_test

import (
	"testing"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/oncall"
	"allclear/internal/plug"
	"allclear/test/story"
)

// A schedule loses its people: the fallback contact hears of it at once, once,
// on whichever of their channels works.
//
// Clauses: ESC-L1-PRIMARY
// B34
func TestADeadEndIsToldOnce(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Look()
		before := w.Entries(event.DeadEnd).Number()
		w.At(10 * min)
		w.Keep(catalog.Schedule{ID: "primary", Document: &oncall.Schedule{TimeZone: "UTC"}})
		w.Look()
		w.Entries(event.DeadEnd).About("schedule:primary: nobody is behind it").At(10 * min)
		w.Entries(event.DeadEnd).About("chain/step 1").At(10 * min)
		w.Mail("david.kim").Silent()
		w.Phone("david.kim").Got("Nobody can be reached")
		w.Standing("schedule:primary")
		sent := w.Phone("david.kim").Count()
		w.Restart() // a new process knows what was told
		w.At(3 * hour)
		w.Look()
		if got := w.Entries(event.DeadEnd).Number(); got != before+1 || w.Phone("david.kim").Count() != sent {
			w.Errorf("told %d times, %d messages", got-before, w.Phone("david.kim").Count())
		}
	}, story.Broken("email", "", 0, 0, plug.Permanent), story.Broken("push", "", 0, 0, plug.Permanent))
}

// Clauses: ESC-L1-SECONDARY
func TestABackupWhoIsThePrimaryIsTold(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		primary, _ := w.Entity(catalog.KindSchedule, "primary").(catalog.Schedule)
		w.Keep(catalog.Schedule{ID: "secondary", Document: primary.Document})
		w.Look()
		w.Entries(event.DeadEnd).About("Ana is primary and secondary").At(0)
	})
}
