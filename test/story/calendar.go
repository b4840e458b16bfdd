package story

import (
	"context"
	"strings"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/absence"
	"allclear/internal/plug"
)

// CalendarSays sets what everybody's calendar says from now on: whole days off,
// by their date. Nothing says nothing, as an empty calendar does.
func (w *World) CalendarSays(days ...time.Time) {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
	for _, d := range days {
		b.WriteString("BEGIN:VEVENT\r\nUID:" + d.Format("20060102") + "\r\nSUMMARY:Vacation\r\nDTSTART;VALUE=DATE:" + d.Format("20060102") + "\r\nEND:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	w.calendar = b.String()
}

// Follows gives somebody's calendar to the product, whose rota looks ahead from
// now on.
func (w *World) Follows(who string) {
	w.Helper()
	w.must(w.e.Rota.Start(w.Context(), w.now))
	w.tick()
	own := authz.Actor{ID: person(who), Role: authz.Responder, Via: "session"}
	c, err := w.e.Absences.Add(w.Context(), own, own.ID, absence.NewCalendar{Address: "https://calendar.example/private/basic.ics"}, w.now)
	w.must(err)
	if c.Error != "" {
		w.Errorf("at %s: the calendar of %s: %s", w.Since(), who, c.Error)
	}
	w.tick()
}

// ReadCalendars has the product read the calendars that are due, as it does by
// itself every while.
func (w *World) ReadCalendars() {
	w.Helper()
	_, err := w.e.Absences.Tick(w.Context(), w.now)
	w.must(err)
	w.tick()
}

// Absences is when somebody is away, as the catalogue has it.
func (w *World) Absences(who string) []catalog.Absence {
	w.Helper()
	p, _ := w.Entity(catalog.KindPerson, person(who)).(catalog.Person)
	return p.Absent
}

func (w *World) fetch(context.Context, secret.String, plug.Seen) (plug.Fetched, error) {
	return plug.Fetched{Body: []byte(w.calendar)}, nil
}

// seal is the same key in each life of the process.
func (w *World) seal() *secret.Box {
	box, err := secret.NewBox([]byte(strings.Repeat("k", 32)))
	if err != nil {
		w.Fatal(err)
	}
	return box
}
