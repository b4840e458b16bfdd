package invitation_test

import (
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"allclear/internal/domain/invitation"
)

var t0 = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

// A calendar program reads who is asked by whom to what, and a line break in a title
// does not become a line of its own.
func TestARequestIsReadByAParser(t *testing.T) {
	m := invitation.Meeting{UID: "7.review@allclear", Revision: 3, Start: t0, End: t0.Add(time.Hour), Title: "Review\r\nATTENDEE:mailto:x@y.example", Text: "1. Timeline, and \"more\"; \\"}
	text := invitation.Request(m, "allclear@example.com", t0, invitation.Guest{Name: "Ana; Mü", Email: "ana@example.com"})
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	e := cal.Events()[0]
	from, err := e.GetStartAt()
	if err != nil || !from.Equal(t0) || e.Id() != m.UID || len(cal.Events()) != 1 {
		t.Errorf("%v %v %s", from, err, e.Id())
	}
	if got := e.Attendees(); len(got) != 1 || got[0].Email() != "ana@example.com" {
		t.Errorf("%d attendees", len(got))
	}
	for _, want := range []string{"METHOD:REQUEST\r\n", "SEQUENCE:3\r\n", "ORGANIZER:mailto:allclear@example.com\r\n", "DTSTART:20260304T100000Z\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	m.Cancelled = true
	if gone := invitation.Request(m, "", t0); !strings.Contains(gone, "METHOD:CANCEL\r\n") || !strings.Contains(gone, "STATUS:CANCELLED\r\n") {
		t.Errorf("%s", gone)
	}
	if list := invitation.Calendar("Reviews", []invitation.Meeting{m, m}, t0); strings.Count(list, "BEGIN:VEVENT") != 2 || !strings.Contains(list, "METHOD:PUBLISH") {
		t.Errorf("%s", list)
	}
}
