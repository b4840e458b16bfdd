package story_test

import (
	"testing"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/test/story"
)

// Ana's calendar says that she is away on Thursday, when she is on call. She,
// her deputy and the lead know days before; on Thursday the page goes to the
// deputy, and climbs to the secondary as the procedure says. When the day is
// given up, she is paged again.
//
// Clauses: ESC-L1-PRIMARY, ESC-L1-SECONDARY
func TestACalendarSaysAway(t *testing.T) {
	const day = 24 * hour
	deputy := story.Person("ana", func(p *catalog.Person) { p.Deputy = "platform-engineer-1" })
	story.Tell(t, func(w *story.World) {
		thursday := story.Monday03.Add(3 * day)
		w.CalendarSays(thursday, thursday.Add(4*day))
		w.Follows("primary")
		const warned = "on call by primary, Thu 5 Mar 00:00 to Fri 6 Mar 00:00 (UTC), but away; pages go to"
		w.Entries(event.RotaWeak).About(warned).At(0)
		w.Mail("primary").Got(warned)
		w.Mail("platform-engineer-1").Got(warned)
		w.Mail("david.kim").Got(warned)
		told := w.Mail("david.kim").Count()

		w.At(3 * day)
		w.ReadCalendars()
		w.Alert("auth", "critical", "logins fail")
		w.Phone("primary").Silent()
		w.Pages("platform-engineer-1").At(3 * day)
		w.At(3*day + 10*min)
		w.Pages("secondary").At(3*day + 10*min)
		w.Resolve("a false move")
		if got := w.Mail("david.kim").Count(); got > told+1 {
			w.Errorf("the lead was told %d times", got)
		}

		// Another day off is given up before it comes.
		w.CalendarSays()
		w.At(3*day + 30*min)
		w.ReadCalendars()
		if away := w.Absences("primary"); len(away) != 0 {
			w.Errorf("still away: %+v", away)
		}
		w.Alert("auth", "critical", "logins fail again")
		w.Pages("primary").At(3*day + 30*min)
	}, deputy)
}
