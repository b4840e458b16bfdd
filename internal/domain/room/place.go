package room

import (
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/invitation"
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
	m := invitation.Meeting{
		UID: i.UID, Start: i.At, End: i.At.Add(Booked), Title: "War room " + i.Incident, Text: i.Text(), Place: Where(i.Room), URL: i.URL, Firm: true, Cancelled: i.Cancelled,
	}
	if i.Cancelled {
		m.Revision = 1
	}
	var to []invitation.Guest
	for _, address := range i.To {
		to = append(to, invitation.Guest{Email: address})
	}
	return invitation.Request(m, i.From, i.Made, to...)
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
