package absence

import (
	"context"
	"net/url"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/absence"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/absences"
)

// Kinds of a calendar.
const (
	kindAddress = "address"
	kindFile    = "file"
)

const (
	maxCalendars = 5
	maxAddress   = 2048
	maxName      = 100
	maxWords     = 200
)

// NewCalendar is what a calendar is made from: an address or a file.
type NewCalendar struct {
	Address secret.String
	File    string // iCalendar text
	Name    string // of the file
	Words   string // an event must have one of them; empty: see domain/absence
}

// Add takes a calendar and reads it at once, so that whoever adds it sees
// whether it can be read. A file that cannot is refused; an address may come to
// be readable later, and its error is shown.
func (a *Absences) Add(ctx context.Context, actor authz.Actor, person string, in NewCalendar, now time.Time) (Calendar, error) {
	if err := role(actor); err != nil {
		return Calendar{}, err
	}
	c, plain, err := a.sort(in)
	if err != nil {
		return Calendar{}, err
	}
	if c.Kind == kindFile {
		if _, err := absence.Read([]byte(in.File), absence.Rule{Words: c.Words}, now, now.Add(absence.Horizon)); err != nil {
			return Calendar{}, err
		}
	}
	c.Person, c.AddedBy, c.CreatedAt, c.DueAt = person, actor.ID, now, now.Add(every)
	var owner catalog.Person
	err = a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if owner, err = a.may(tx, actor, person); err != nil {
			return err
		}
		return a.insert(tx, actor, c, plain, now)
	})
	if err != nil {
		return Calendar{}, err
	}
	return a.read(ctx, c, owner.Zone(), now)
}

// sort says what kind of calendar it is, and what of it is secret.
func (a *Absences) sort(in NewCalendar) (*absences.Calendar, string, error) {
	c := &absences.Calendar{Words: strings.TrimSpace(in.Words)}
	switch {
	case a.o.Box == nil:
		return nil, "", fault.New(fault.Unavailable, "this installation keeps no calendars: it has no key to seal them with")
	case len(c.Words) > maxWords:
		return nil, "", fault.New(fault.Invalid, "validation failed").With("body.words", "at most 200 bytes")
	case (in.Address == "") == (in.File == ""):
		return nil, "", fault.New(fault.Invalid, "a calendar is an address or a file").With("body.address", "give either address or file")
	case in.File != "":
		c.Kind, c.Label = kindFile, strings.TrimSpace(in.Name)
		if c.Label == "" || len(c.Label) > maxName {
			c.Label = "calendar.ics"
		}
		return c, in.File, nil
	}
	address := strings.TrimSpace(in.Address.Reveal())
	if rest, ok := strings.CutPrefix(address, "webcal://"); ok { // what programs subscribe to
		address = "https://" + rest
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(address) > maxAddress {
		return nil, "", fault.New(fault.Invalid, "validation failed").With("body.address", "want an address that begins with https:// and has no user name in it")
	}
	if a.o.Fetch == nil {
		return nil, "", fault.New(fault.Unavailable, "this installation reads no addresses")
	}
	c.Kind, c.Label = kindAddress, u.Hostname()
	return c, address, nil
}

func (a *Absences) insert(tx *store.Tx, actor authz.Actor, c *absences.Calendar, plain string, now time.Time) error {
	all, err := absences.Of(tx, c.Person)
	if err != nil {
		return err
	}
	if len(all) >= maxCalendars {
		return fault.New(fault.Conflict, "%d calendars are the most: remove one first", maxCalendars)
	}
	c.ID = tx.NewID(now)
	c.Sealed = a.o.Box.Seal(plain, place(c.ID))
	if err := absences.Insert(tx, c); err != nil {
		return err
	}
	return a.emit(tx, actor, about(c, event.CalendarAdded), now)
}

// Remove forgets a calendar and ends what it said. A foreign one answers like a
// missing one (INV-A3).
func (a *Absences) Remove(ctx context.Context, actor authz.Actor, person string, id ident.ID, now time.Time) error {
	if err := role(actor); err != nil {
		return err
	}
	return a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if _, err := a.may(tx, actor, person); err != nil {
			return err
		}
		c, err := one(tx, person, id)
		if err != nil {
			return err
		}
		if err := absences.Drop(tx, id); err != nil {
			return err
		}
		if err := a.emit(tx, actor, about(c, event.CalendarRemoved), now); err != nil {
			return err
		}
		return a.settle(tx, person, now)
	})
}

// one locks the calendars of a person and finds one of them.
func one(tx *store.Tx, person string, id ident.ID) (*absences.Calendar, error) {
	all, err := absences.Lock(tx, person)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.ID == id {
			return c, nil
		}
	}
	return nil, authz.NotFound("calendar", id.String())
}

// about describes a calendar for the record, which never holds its address.
func about(c *absences.Calendar, outcome string) event.Data {
	return event.Data{Subject: c.Person, Ref: c.ID.String(), Outcome: outcome, Text: outcome + ": the absence calendar of " + c.Person + " (" + c.Label + ")"}
}

func place(id ident.ID) string { return "absence_calendars|" + id.String() + "|sealed" }
