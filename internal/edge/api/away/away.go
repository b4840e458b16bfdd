// Package away owns how absences and the calendars behind them look on the wire.
// It holds no rules and must not register routes; internal/edge/api does that.
package away

import (
	"context"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/absence"
)

// MaxBody is the largest body of an upload: a file of 2 MiB, written as JSON.
const MaxBody = 5 << 20

// Desk answers the routes.
type Desk struct{ Absences *absence.Absences }

// Answer is an answer that is one document.
type Answer[T any] struct{ Body T }

// PersonAbsence is a time in which the deputy stands in.
type PersonAbsence struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until" doc:"The first instant back."`
	Reason string    `json:"reason,omitempty"`
	Source string    `json:"source,omitempty" enum:"calendar" doc:"A calendar says so, which alone can end it; absent: written by hand."`
}

// AbsenceCalendar says when somebody is away. Its address is not shown.
type AbsenceCalendar struct {
	ID           string    `json:"id"`
	Kind         string    `json:"kind" enum:"address,file"`
	Label        string    `json:"label" doc:"Host of the address, or name of the file."`
	Words        string    `json:"words,omitempty" doc:"Of which an event must have one."`
	AddedBy      string    `json:"added_by"`
	CreatedAt    time.Time `json:"created_at"`
	ReadAt       time.Time `json:"read_at,omitzero" doc:"When it was last tried to be read."`
	SucceededAt  time.Time `json:"succeeded_at,omitzero" doc:"When it was last read well; what it said then holds."`
	FailingSince time.Time `json:"failing_since,omitzero"`
	Error        string    `json:"error,omitempty" doc:"Of the last reading."`
	Notes        []string  `json:"notes,omitempty" doc:"What was not understood."`
	Absences     int       `json:"absences" doc:"That it says, in the next 180 days."`
}

// AbsenceSheet is what is known of when a person is away.
type AbsenceSheet struct {
	TimeZone  string            `json:"time_zone" doc:"In which whole days are read; UTC for a person without one."`
	Absences  []PersonAbsence   `json:"absences"`
	Calendars []AbsenceCalendar `json:"calendars"`
}

// Whose names whose absences it is about.
type Whose struct {
	ID string `path:"id" maxLength:"64"`
}

// Sheet shows it.
func (d *Desk) Sheet(ctx context.Context, a authz.Actor, _ time.Time, in *Whose) (*Answer[AbsenceSheet], error) {
	s, err := d.Absences.Of(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	out := AbsenceSheet{TimeZone: s.Zone, Absences: []PersonAbsence{}, Calendars: []AbsenceCalendar{}}
	for _, x := range s.Absent {
		out.Absences = append(out.Absences, PersonAbsence(x))
	}
	for _, c := range s.Calendars {
		out.Calendars = append(out.Calendars, calendarOf(c))
	}
	return &Answer[AbsenceSheet]{Body: out}, nil
}

func calendarOf(c absence.Calendar) AbsenceCalendar {
	return AbsenceCalendar{
		ID: c.ID.String(), Kind: c.Kind, Label: c.Label, Words: c.Words, AddedBy: c.AddedBy, CreatedAt: c.CreatedAt, ReadAt: c.ReadAt,
		SucceededAt: c.SucceededAt, FailingSince: c.FailingSince, Error: c.Error, Notes: c.Notes, Absences: c.Away,
	}
}

// NewAbsence is what an absence is written from.
type NewAbsence struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until" doc:"The first instant back."`
	Reason string    `json:"reason,omitempty" maxLength:"500"`
}

// NewAbsenceInput carries it.
type NewAbsenceInput struct {
	Whose
	Body NewAbsence
}

// Write writes one down.
func (d *Desk) Write(ctx context.Context, a authz.Actor, now time.Time, in *NewAbsenceInput) (*struct{}, error) {
	b := in.Body
	return nil, d.Absences.Write(ctx, a, in.ID, catalog.Absence{From: b.From, Until: b.Until, Reason: b.Reason}, now)
}

// EraseInput names the absence by its ends.
type EraseInput struct {
	Whose
	From  time.Time `query:"from" required:"true"`
	Until time.Time `query:"until" required:"true"`
}

// Erase takes one back.
func (d *Desk) Erase(ctx context.Context, a authz.Actor, now time.Time, in *EraseInput) (*struct{}, error) {
	return nil, d.Absences.Erase(ctx, a, in.ID, in.From, in.Until, now)
}

// NewAbsenceCalendar is an address or a file.
type NewAbsenceCalendar struct {
	Address string `json:"address,omitempty" maxLength:"2048" writeOnly:"true" doc:"https:// or webcal://. Either this or file."`
	File    string `json:"file,omitempty" maxLength:"2097152" writeOnly:"true" doc:"What a file in the format iCalendar (.ics) holds."`
	Name    string `json:"name,omitempty" maxLength:"100" doc:"Of the file."`
	Words   string `json:"words,omitempty" maxLength:"200" doc:"Only events with one of these words, separated by commas, in title, categories or busy status. Absent: out-of-office events, and busy ones of whole days." example:"vacation, out of office"`
}

// NewCalendarInput carries it.
type NewCalendarInput struct {
	Whose
	Body NewAbsenceCalendar
}

// Add takes a calendar.
func (d *Desk) Add(ctx context.Context, a authz.Actor, now time.Time, in *NewCalendarInput) (*Answer[AbsenceCalendar], error) {
	b := in.Body
	c, err := d.Absences.Add(ctx, a, in.ID, absence.NewCalendar{Address: secret.String(b.Address), File: b.File, Name: b.Name, Words: b.Words}, now)
	if err != nil {
		return nil, err
	}
	return &Answer[AbsenceCalendar]{Body: calendarOf(c)}, nil
}

// CalendarInput names a calendar.
type CalendarInput struct {
	Whose
	Calendar string `path:"calendar" maxLength:"40"`
}

// Remove forgets one.
func (d *Desk) Remove(ctx context.Context, a authz.Actor, now time.Time, in *CalendarInput) (*struct{}, error) {
	id, err := ident.Parse(in.Calendar)
	if err != nil {
		return nil, authz.NotFound("calendar", in.Calendar)
	}
	return nil, d.Absences.Remove(ctx, a, in.ID, id, now)
}
