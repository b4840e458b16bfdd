// Package absence owns when people are away: what they or those who answer for
// them write down, and the calendars that say it, read every quarter of an hour.
// What a calendar says becomes absences in the catalogue, which everybody else
// reads; this package must not decide who stands in, nor tell anybody.
package absence

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/absences"
)

// Options are what the flow stands on.
type Options struct {
	Box *secret.Box // seals addresses and files; without one no calendar is taken
	// Fetch reads an address; without it only files are taken.
	Fetch   func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error)
	Catalog func(tx *store.Tx) (*catalog.Catalog, error)
	Edit    func(tx *store.Tx, actor authz.Actor, person string, now time.Time, change func(*catalog.Person) error) error
}

// Absences is safe for concurrent use. Make it with New.
type Absences struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Absences { return &Absences{db: db, bus: bus, o: o} }

// Calendar is a calendar as its owner sees it. Its address is not shown.
type Calendar struct {
	ID           ident.ID
	Kind         string // address or file
	Label        string // host, or name of the file
	Words        string
	AddedBy      string
	CreatedAt    time.Time
	ReadAt       time.Time // last tried; zero: not yet
	SucceededAt  time.Time
	FailingSince time.Time
	Error        string
	Notes        []string
	Away         int // absences it says
}

// Sheet is what is known of when a person is away.
type Sheet struct {
	Zone      string // in which whole days are read
	Absent    []catalog.Absence
	Calendars []Calendar
}

// may authorises: everybody for themselves, administrators for anybody, the
// manager and the leads for whom they answer.
func (a *Absences) may(tx *store.Tx, actor authz.Actor, person string) (catalog.Person, error) {
	cat, err := a.o.Catalog(tx)
	if err != nil {
		return catalog.Person{}, err
	}
	p, ok := cat.People[person]
	if !ok {
		return p, authz.NotFound(string(catalog.KindPerson), person)
	}
	refused := authz.Can(actor, authz.EditContacts, authz.Resource{Kind: string(catalog.KindPerson), ID: person})
	if refused != nil && !cat.ActsFor(actor.ID, person) {
		return p, fault.New(fault.Refused, "absences of %s: only they, their manager, the lead of their team and administrators", person)
	}
	return p, nil
}

// role is the first line of each use: the role as such may keep absences.
func role(actor authz.Actor) error {
	return authz.Can(actor, authz.EditContacts, authz.Resource{Kind: string(catalog.KindPerson), ID: actor.ID})
}

// Of shows a person's absences and calendars.
func (a *Absences) Of(ctx context.Context, actor authz.Actor, person string) (s Sheet, err error) {
	if err := role(actor); err != nil {
		return s, err
	}
	err = a.db.View(ctx, func(tx *store.Tx) error {
		p, err := a.may(tx, actor, person)
		if err != nil {
			return err
		}
		s.Zone, s.Absent = p.Zone().String(), slices.Clone(p.Absent)
		slices.SortStableFunc(s.Absent, func(x, y catalog.Absence) int { return x.From.Compare(y.From) })
		rows, err := absences.Of(tx, person)
		for _, c := range rows {
			s.Calendars = append(s.Calendars, view(c))
		}
		return err
	})
	return s, err
}

func view(c *absences.Calendar) Calendar {
	return Calendar{
		ID: c.ID, Kind: c.Kind, Label: c.Label, Words: c.Words, AddedBy: c.AddedBy, CreatedAt: c.CreatedAt, ReadAt: c.ReadAt,
		SucceededAt: c.SucceededAt, FailingSince: c.FailingSince, Error: c.Error, Notes: c.Notes, Away: len(c.Away),
	}
}

// Write notes that a person is away.
func (a *Absences) Write(ctx context.Context, actor authz.Actor, person string, away catalog.Absence, now time.Time) error {
	if err := role(actor); err != nil {
		return err
	}
	if !away.From.Before(away.Until) || !away.Until.After(now) {
		return fault.New(fault.Invalid, "an absence ends after it begins, and not in the past").With("body.until", "must be after from and now")
	}
	away.Source, away.From, away.Until = "", away.From.UTC(), away.Until.UTC()
	return a.edit(ctx, actor, person, now, func(p *catalog.Person) error {
		if slices.ContainsFunc(p.Absent, func(o catalog.Absence) bool { return same(o, away) }) {
			return nil
		}
		p.Absent = append(slices.Clone(p.Absent), away)
		return nil
	})
}

// Erase takes back an absence that was written by hand.
func (a *Absences) Erase(ctx context.Context, actor authz.Actor, person string, from, until, now time.Time) error {
	if err := role(actor); err != nil {
		return err
	}
	return a.edit(ctx, actor, person, now, func(p *catalog.Person) error {
		rest := slices.DeleteFunc(slices.Clone(p.Absent), func(o catalog.Absence) bool {
			return same(o, catalog.Absence{From: from, Until: until})
		})
		if len(rest) == len(p.Absent) {
			return authz.NotFound("absence", from.Format(time.RFC3339))
		}
		p.Absent = rest
		return nil
	})
}

func same(x, y catalog.Absence) bool {
	return x.Source == y.Source && x.From.Equal(y.From) && x.Until.Equal(y.Until)
}

func (a *Absences) edit(ctx context.Context, actor authz.Actor, person string, now time.Time, change func(*catalog.Person) error) error {
	return a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if _, err := a.may(tx, actor, person); err != nil {
			return err
		}
		if err := a.o.Edit(tx, actor, person, now, change); err != nil {
			return err
		}
		return a.emit(tx, actor, event.Data{Subject: person, Outcome: event.CalendarChanged, Text: "the absences of " + person + " have changed"}, now)
	})
}

func (a *Absences) emit(tx *store.Tx, actor authz.Actor, d event.Data, now time.Time) error {
	return a.bus.Emit(tx, now, event.Event{Kind: event.AbsenceCalendar, Actor: actor.ID, Source: actor.Via, Data: d})
}

// reader is who changes the catalogue when a calendar says something else.
var reader = authz.Software("calendar")
