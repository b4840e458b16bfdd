package absence

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/absence"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/oncall"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/absences"
)

const (
	every = 15 * time.Minute
	// wholeEvery is how often events are laid out again although the server says
	// that nothing has changed: the horizon moves on.
	wholeEvery = 24 * time.Hour
	// patience is how long reading may fail before the owner is told.
	patience = 24 * time.Hour
	batch    = 8 // read at once
	// kept absences of one person's calendars, the soonest ones; the others come
	// up as time goes on.
	kept = 150
)

// claimed is a calendar to be read, with its owner's zone.
type claimed struct {
	c    *absences.Calendar
	zone *time.Location
}

// Tick reads every calendar that is due at now and returns how many.
func (a *Absences) Tick(ctx context.Context, now time.Time) (n int, err error) {
	if a.o.Box == nil {
		return 0, nil
	}
	for {
		due, err := a.claim(ctx, now)
		if err != nil || len(due) == 0 {
			return n, err
		}
		fails := make([]error, len(due))
		var wg sync.WaitGroup
		for i, d := range due {
			wg.Go(func() { _, fails[i] = a.read(ctx, d.c, d.zone, now) })
		}
		wg.Wait()
		for _, err := range fails {
			if err != nil && !fault.Is(err, fault.NotFound) { // removed meanwhile
				return n, err
			}
			n++
		}
	}
}

// pause is how late a reading may be.
const pause = 30 * time.Second

// Run reads until ctx ends.
func (a *Absences) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		if _, err := a.Tick(ctx, now()); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("absence calendars: %w", ctx.Err())
		case <-t.C:
		}
	}
}

func (a *Absences) claim(ctx context.Context, now time.Time) (out []claimed, err error) {
	err = a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		out = out[:0]
		due, err := absences.Claim(tx, now, now.Add(every), batch)
		if err != nil || len(due) == 0 {
			return err
		}
		cat, err := a.o.Catalog(tx)
		if err != nil {
			return err
		}
		for _, c := range due {
			p, ok := cat.People[c.Person]
			if !ok {
				err = absences.DropOf(tx, c.Person)
				if err != nil {
					return err
				}
				continue
			}
			out = append(out, claimed{c, p.Zone()})
		}
		return nil
	})
	return out, err
}

// reading is what came of one look at a calendar.
type reading struct {
	unchanged bool
	seen      plug.Seen
	found     absence.Found
	err       error
}

// read looks at a calendar outside of any transaction, and keeps what came of
// it in one.
func (a *Absences) read(ctx context.Context, c *absences.Calendar, zone *time.Location, now time.Time) (out Calendar, err error) {
	got := a.look(ctx, c, zone, now)
	if got.err != nil && ctx.Err() != nil {
		return out, ctx.Err() // we are stopping: that says nothing about the calendar
	}
	err = a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		row, err := one(tx, c.Person, c.ID)
		if err != nil {
			return err
		}
		if got.err != nil {
			err = a.failed(tx, row, got.err, now)
		} else {
			err = a.succeeded(tx, row, got, zone, now)
		}
		out = view(row)
		return err
	})
	return out, err
}

func (a *Absences) look(ctx context.Context, c *absences.Calendar, zone *time.Location, now time.Time) (r reading) {
	plain, err := a.o.Box.Open(c.Sealed, place(c.ID))
	if err != nil {
		r.err = fault.New(fault.Internal, "it was sealed with another key: remove it and add it again")
		return r
	}
	body := []byte(plain.Reveal())
	if c.Kind == kindAddress {
		if a.o.Fetch == nil {
			r.err = fault.New(fault.Unavailable, "this installation reads no addresses")
			return r
		}
		seen := plug.Seen{ETag: c.ETag, Modified: c.Modified}
		if c.Zone != zone.String() || now.Sub(c.WholeAt) >= wholeEvery {
			seen = plug.Seen{}
		}
		page, err := a.o.Fetch(ctx, plain, seen)
		if err != nil || page.Unchanged {
			r.err, r.unchanged = err, page.Unchanged
			return r
		}
		r.seen, body = page.Seen, page.Body
	}
	r.found, r.err = absence.Read(body, absence.Rule{Zone: zone, Words: c.Words}, now, now.Add(absence.Horizon))
	return r
}

// failed keeps the last good absences, and lets the owner know once when it
// goes on for long.
func (a *Absences) failed(tx *store.Tx, c *absences.Calendar, why error, now time.Time) error {
	c.ReadAt, c.Error = now, why.Error()
	if c.FailingSince.IsZero() {
		c.FailingSince = now
	}
	if now.Sub(c.FailingSince) >= patience && c.ToldAt.Before(c.FailingSince) {
		c.ToldAt = now
		d := about(c, event.CalendarUnread)
		d.Text = fmt.Sprintf("Your absence calendar at %s could not be read since %s: %s. What it said last still holds; write absences by hand, or give the calendar's address anew.",
			c.Label, c.FailingSince.UTC().Format("Mon 2 Jan 15:04 MST"), c.Error)
		if err := a.emit(tx, reader, d, now); err != nil {
			return err
		}
	}
	return absences.Save(tx, c)
}

func (a *Absences) succeeded(tx *store.Tx, c *absences.Calendar, r reading, zone *time.Location, now time.Time) error {
	c.ReadAt, c.SucceededAt, c.Error, c.FailingSince = now, now, "", time.Time{}
	if r.unchanged {
		return absences.Save(tx, c)
	}
	c.Zone, c.ETag, c.Modified, c.WholeAt, c.Away, c.Notes = zone.String(), r.seen.ETag, r.seen.Modified, now, r.found.Away, r.found.Notes
	if err := absences.Save(tx, c); err != nil {
		return err
	}
	return a.settle(tx, c.Person, now)
}

// settle makes the catalogue say what the person's calendars say together.
func (a *Absences) settle(tx *store.Tx, person string, now time.Time) error {
	all, err := absences.Of(tx, person)
	if err != nil {
		return err
	}
	var away []oncall.Stretch
	for _, c := range all {
		away = append(away, c.Away...)
	}
	away = slices.DeleteFunc(absence.Merge(away), func(s oncall.Stretch) bool { return !s.Until.After(now) })
	cat, err := a.o.Catalog(tx)
	if err != nil {
		return err
	}
	stands := cat.People[person]
	if slices.EqualFunc(stands.FromCalendars(), wanted(&stands, away), same) {
		return nil
	}
	err = a.o.Edit(tx, reader, person, now, func(p *catalog.Person) error {
		p.Absent = append(p.Written(), wanted(p, away)...)
		return nil
	})
	if fault.Is(err, fault.NotFound) { // the person has left
		return absences.DropOf(tx, person)
	}
	if err != nil {
		return err
	}
	return a.emit(tx, reader, event.Data{Subject: person, Outcome: event.CalendarChanged, Text: "a calendar says other absences of " + person + " than before"}, now)
}

// wanted are the absences of calendars that a person shall have, beside those
// written by hand.
func wanted(p *catalog.Person, away []oncall.Stretch) []catalog.Absence {
	room := max(min(kept, catalog.MaxList-len(p.Written())), 0)
	var out []catalog.Absence
	for _, s := range away[:min(len(away), room)] {
		out = append(out, catalog.Absence{From: s.From, Until: s.Until, Source: catalog.FromCalendar})
	}
	return out
}
