// Package invitation owns what a calendar program reads when somebody is asked to a
// meeting: RFC 5545 text, as RFC 5546 has it. It must not know who is asked or why.
package invitation

import (
	"time"

	ics "github.com/arran4/golang-ical"
)

// Meeting is what people are asked to. Times are UTC.
type Meeting struct {
	UID       string
	Revision  int // grows with each change
	Start     time.Time
	End       time.Time
	Title     string
	Text      string
	Place     string
	URL       string
	Firm      bool // nothing is left to be agreed on
	Cancelled bool
}

// Guest is who is asked. One with a name is asked to answer.
type Guest struct{ Name, Email string }

// Request asks guests, or takes the meeting back. from is the address that the mail
// comes from; empty: unknown.
func Request(m Meeting, from string, now time.Time, to ...Guest) string {
	cal := ics.NewCalendarFor("Allclear")
	cal.SetMethod(ics.MethodRequest)
	if m.Cancelled {
		cal.SetMethod(ics.MethodCancel)
	}
	e := event(cal, m, now)
	if from != "" {
		e.SetOrganizer("mailto:" + from)
	}
	for _, g := range to {
		switch {
		case g.Email == "":
		case g.Name == "":
			e.AddAttendee(g.Email)
		default:
			e.AddAttendee(g.Email, ics.WithCN(g.Name), ics.WithRSVP(true))
		}
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

// Calendar lists meetings for a program that reads a file of them.
func Calendar(name string, all []Meeting, now time.Time) string {
	cal := ics.NewCalendarFor("Allclear")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(name)
	for _, m := range all {
		event(cal, m, now)
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

func event(cal *ics.Calendar, m Meeting, now time.Time) *ics.VEvent {
	e := cal.AddEvent(m.UID)
	e.SetDtStampTime(now)
	e.SetStartAt(m.Start)
	e.SetEndAt(m.End)
	e.SetSummary(m.Title)
	e.SetSequence(m.Revision)
	if m.Text != "" {
		e.SetDescription(m.Text)
	}
	if m.Place != "" {
		e.SetLocation(m.Place)
	}
	if m.URL != "" {
		e.SetURL(m.URL)
	}
	switch {
	case m.Cancelled:
		e.SetStatus(ics.ObjectStatusCancelled)
	case m.Firm:
		e.SetStatus(ics.ObjectStatusConfirmed)
	}
	return e
}
