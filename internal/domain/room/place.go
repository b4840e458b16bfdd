package room

import (
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"allclear/internal/domain/catalog"
)

// Booked is how long a conference room is taken for in calendars; it is released
// when the incident is resolved.
const Booked = 4 * time.Hour

// Choose orders conference rooms for so many people: those that are large enough,
// the smallest first, then the others, the largest first.
func Choose(rooms map[string]catalog.Room, people int) []catalog.Room {
	var out []catalog.Room
	for _, r := range rooms {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b catalog.Room) int {
		fits, also := a.Capacity >= people, b.Capacity >= people
		switch {
		case fits != also && fits:
			return -1
		case fits != also:
			return 1
		case a.Capacity != b.Capacity && fits:
			return a.Capacity - b.Capacity
		case a.Capacity != b.Capacity:
			return b.Capacity - a.Capacity
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// Where is a room in words.
func Where(r catalog.Room) string {
	text := r.Name
	if r.Site != "" {
		text += ", " + r.Site
	}
	return text
}

// Bridge is how to get into a room by telephone; empty without a number.
func Bridge(r catalog.Room) string {
	if r.Bridge == "" {
		return ""
	}
	if r.PIN == "" {
		return r.Bridge
	}
	return r.Bridge + ", PIN " + r.PIN
}

// Invitation is the calendar entry of a reserved room (RFC 5545, RFC 5546): a
// request, or its cancellation under the same id.
type Invitation struct {
	UID       string
	Incident  string // INC-42, and what it may be called
	Room      catalog.Room
	From      string // mail address of who invites
	To        []string
	Link      string // of the video room; may be empty
	URL       string // of the incident
	At        time.Time
	Made      time.Time // when this word was written
	Cancelled bool
}

// ICS writes the entry.
func (i Invitation) ICS() string {
	c := ics.NewCalendarFor("Allclear")
	method, status := ics.MethodRequest, ics.ObjectStatusConfirmed
	if i.Cancelled {
		method, status = ics.MethodCancel, ics.ObjectStatusCancelled
	}
	c.SetMethod(method)
	e := c.AddEvent(i.UID)
	e.SetDtStampTime(i.Made)
	e.SetStartAt(i.At)
	e.SetEndAt(i.At.Add(Booked))
	e.SetSummary("War room " + i.Incident)
	e.SetLocation(Where(i.Room))
	e.SetDescription(i.Text())
	e.SetStatus(status)
	sequence := 0
	if i.Cancelled {
		sequence = 1
	}
	e.SetSequence(sequence)
	if i.From != "" {
		e.SetOrganizer("mailto:" + i.From)
	}
	for _, to := range i.To {
		e.AddAttendee(to)
	}
	if i.URL != "" {
		e.SetURL(i.URL)
	}
	return c.Serialize(ics.WithNewLineWindows)
}

// Text is the invitation for whoever reads mail.
func (i Invitation) Text() string {
	if i.Cancelled {
		return "The room " + Where(i.Room) + " is free again: " + i.Incident + " is resolved."
	}
	lines := []string{"War room of " + i.Incident, "Room: " + Where(i.Room)}
	if b := Bridge(i.Room); b != "" {
		lines = append(lines, "Dial in: "+b)
	}
	if i.Link != "" {
		lines = append(lines, "Video: "+i.Link)
	}
	if i.URL != "" {
		lines = append(lines, "Incident: "+i.URL)
	}
	return strings.Join(lines, "\n")
}
