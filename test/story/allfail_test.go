package story

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/room"
)

// A P1 and a P2 are run from the alert to the all-clear while Slack, Zoom and Google
// are all away: nothing waits for them, within seconds each is a line on the record
// with something to use instead, people are paged, customers told, and the clock of
// the war room is met. When they mend, the room is whole.
//
// Clauses: RSP-S3-CHAN, WAR-VIRT-ZOOM, WAR-VIRT-DOC
func TestEverythingOutsideIsAway(t *testing.T) {
	for _, sev := range []procedure.Severity{procedure.P1, procedure.P2} {
		t.Run(sev.String(), func(t *testing.T) {
			Tell(t, func(w *World) {
				s, z, g := w.withSlack(), w.withZoom(), w.withGoogle()
				s.Fail("", SlackFailure{Hang: true})
				z.Fail("", SlackFailure{Status: 503})
				g.Fail("", SlackFailure{Status: 429, After: "15"})
				w.Declare(Declaration{Service: "auth", Title: "Sign-in fails", Severity: sev})
				w.Engage("ana")
				w.After(5 * time.Second)
				for _, k := range []room.Kind{room.Chat, room.Video, room.Notes} {
					p := w.Part(k)
					if p.State != room.Fallback || p.Instead == nil || p.Problem == "" {
						w.Errorf("%s: %+v", k, p)
					}
				}
				for _, vendor := range []string{"Slack", "Zoom", "Google Docs"} {
					got := w.Lines(event.RoomFailed, vendor+": ")
					if len(got) != 1 || got[0].RecordedAt.Sub(w.start) > 5*time.Second || !strings.Contains(got[0].Data.Text, "https://allclear.example/incidents/INC-1") {
						w.Errorf("%s: the record says %+v", vendor, got)
					}
				}
				w.Is(sev, incident.Investigating)
				if sev == procedure.P1 {
					w.Clock("war_room").Is(deadline.Met)
				}
				w.After(20 * time.Minute)
				if len(w.Lines(event.MessagePublished, "")) == 0 {
					w.Error("customers were not told")
				}
				s.Mend()
				z.Mend()
				g.Mend()
				w.After(2 * time.Minute)
				for _, k := range []room.Kind{room.Chat, room.Video, room.Notes} {
					if p := w.Part(k); p.State != room.Open {
						w.Errorf("mended, %s: %+v", k, p)
					}
				}
				w.Resolve("fixed")
				w.After(10 * time.Second)
				told := false
				for _, post := range s.Channel("inc-").Posts {
					told = told || strings.Contains(post.Text, "Resolved: fixed")
				}
				if !told {
					w.Error("the channel was not told of the end")
				}
				if d := g.Docs[0].Text; !strings.Contains(d, "Resolved: fixed") || !strings.Contains(d, "declared") {
					w.Errorf("the document:\n%s", d)
				}
			})
		})
	}
}
