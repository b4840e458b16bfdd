package room

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/room"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/rooms"
)

// profile is a user of a vendor who was looked up, and until when that holds.
type profile struct {
	plug.Guest
	until time.Time
}

const (
	profileHolds = 15 * time.Minute
	maxProfiles  = 5000
	// lookTime is how long a vendor may take to say who somebody is, while its own
	// call waits for us.
	lookTime = 2 * time.Second
)

// Who is the person of the catalogue that a vendor's user is: by the contact, else by
// the mail address that the vendor has. fault.NotFound: nobody is.
func (r *Room) Who(ctx context.Context, provider, user string, now time.Time) (person string, g plug.Guest, err error) {
	v, ok := r.vendor(provider)
	if !ok || user == "" {
		return "", g, fault.New(fault.NotFound, "nobody is known as that")
	}
	person, err = r.byHandle(ctx, v, user)
	if err != nil || person != "" {
		return person, plug.Guest{Handle: user}, err
	}
	if g, err = r.profile(ctx, v, user, now); err != nil {
		return "", g, err
	}
	err = r.db.View(ctx, func(tx *store.Tx) error {
		cat, err := r.o.Catalog(tx)
		if err != nil {
			return err
		}
		if g.Email != "" {
			person, _ = cat.Named(g.Email)
		}
		return nil
	})
	if err == nil && person == "" {
		err = fault.New(fault.NotFound, "nobody of the catalogue has the mail address of that %s user", v.Title)
	}
	return person, g, err
}

// byHandle is the one person who has the user as a contact, and has proven it: anybody
// can write another's user among their own contacts.
func (r *Room) byHandle(ctx context.Context, v Vendor, user string) (person string, err error) {
	if v.Handles == "" {
		return "", nil
	}
	err = r.db.View(ctx, func(tx *store.Tx) error {
		cat, err := r.o.Catalog(tx)
		if err != nil {
			return err
		}
		for id, p := range cat.People {
			for _, c := range p.Contacts {
				if c.Channel != v.Handles || c.Address != user || !c.Verified {
					continue
				}
				if person != "" && person != id {
					person = "" // two have it: nobody is taken for another
					return nil
				}
				person = id
			}
		}
		return nil
	})
	return person, err
}

func (r *Room) profile(ctx context.Context, v Vendor, user string, now time.Time) (plug.Guest, error) {
	look, ok := v.Chat.(plug.Reader)
	if !ok {
		return plug.Guest{}, fault.New(fault.NotFound, "%s does not say who its users are", v.Title)
	}
	k := v.Name + " " + user
	r.mu.Lock()
	p, ok := r.known[k]
	r.mu.Unlock()
	if ok && now.Before(p.until) {
		return p.Guest, nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(lookTime, r.o.Patience))
	defer cancel()
	g, err := look.Profile(ctx, user)
	if f := plug.FailureOf(err); f != nil && f.Kind == plug.Permanent && !f.Ours {
		return g, fault.New(fault.NotFound, "%s does not know that user", v.Title)
	}
	if err != nil {
		return g, fault.Wrap(fault.Unavailable, err, v.Title+" does not say who you are just now: try again")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= maxProfiles {
		clear(r.known)
	}
	r.known[k] = profile{g, now.Add(profileHolds)}
	return g, nil
}

// Where is the incident whose room a vendor knows by ref; 0 for none.
func (r *Room) Where(ctx context.Context, provider, ref string) (number int64, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		p, err := rooms.ByRef(tx, provider, ref)
		if err != nil || p == nil || p.State == room.Closed {
			return err
		}
		inc, err := incidents.Peek(tx, p.IncidentID)
		if err == nil {
			number = inc.Number
		}
		return err
	})
	return number, err
}

// First notes a call of a vendor; it reports whether it was not heard before.
func (r *Room) First(ctx context.Context, provider, call string, now time.Time) (first bool, err error) {
	err = r.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		first, err = rooms.Hear(tx, provider, call, now)
		return err
	})
	return first, err
}

// Listen takes what people set apart in an incident's channel onto its timeline, once
// (WAR-VIRT-SLACK). What is of no channel of ours is left.
func (r *Room) Listen(ctx context.Context, provider string, s plug.Saying, now time.Time) error {
	number, err := r.Where(ctx, provider, s.Room)
	if err != nil || number == 0 {
		return err
	}
	v, _ := r.vendor(provider)
	if s.User == "" || s.Text == "" {
		look, ok := v.Chat.(plug.Reader)
		if !ok {
			return nil
		}
		bounded, cancel := context.WithTimeout(ctx, min(lookTime, r.o.Patience))
		got, err := look.Message(bounded, s.Room, s.Message)
		cancel()
		if err != nil {
			if plug.FailureOf(err).Kind == plug.Permanent {
				return nil // it is gone: nothing to put down
			}
			return fault.Wrap(fault.Unavailable, err, "read the message in "+v.Title)
		}
		s.Remark = got
	}
	text := strings.TrimSpace(s.Text)
	if text == "" {
		return nil
	}
	author, err := r.author(ctx, provider, s.User, now)
	if err != nil {
		return err
	}
	pins := ""
	if s.By != "" && s.By != s.User {
		by, err := r.author(ctx, provider, s.By, now)
		if err != nil {
			return err
		}
		pins = by.person
	}
	vouches, err := r.responders(ctx, author.person, pins)
	if err != nil || len(vouches) == 0 {
		return err // nobody who may write on the record stands for it
	}
	const most = 10_000
	if len(text) > most {
		text = plug.Limit{Size: most}.Fit(text)
	}
	return r.inRoom(ctx, provider, s.Room, "said/"+s.Room+"/"+s.Message, now, func(tx *store.Tx, inc *incident.Incident, p *room.Part) error {
		if !slices.ContainsFunc(vouches, inc.VisibleTo) || inc.Restricted && !p.Private {
			return nil
		}
		at := s.At
		if at.IsZero() || at.After(now) || at.Before(inc.DetectedAt) {
			at = now
		}
		e := event.Event{
			IncidentID: inc.ID, Kind: event.Noted, Actor: author.actor, Source: provider, At: at, Restricted: inc.Restricted,
			Data: event.Data{Text: author.prefix + text, Owner: author.person, To: pins, Channel: provider, Ref: s.Message, Clauses: []string{"WAR-VIRT-SLACK"}, Number: inc.Number},
		}
		return r.bus.Emit(tx, now, e)
	})
}

// author is who wrote something, as the record has it.
type author struct{ actor, person, prefix string }

// author looks somebody up. Of a vendor that does not answer nothing is concluded.
func (r *Room) author(ctx context.Context, provider, user string, now time.Time) (author, error) {
	person, g, err := r.Who(ctx, provider, user, now)
	switch {
	case err == nil && person != "":
		return author{actor: person, person: person}, nil
	case err != nil && !fault.Is(err, fault.NotFound):
		return author{}, err
	}
	a := author{actor: "source:" + provider}
	if g.Name != "" {
		a.prefix = g.Name + ": "
	}
	return a, nil
}

// responders are those of the people who may write on the record of an incident.
func (r *Room) responders(ctx context.Context, people ...string) (out []string, err error) {
	for _, id := range people {
		if id == "" || r.o.RoleOf == nil {
			continue
		}
		role, err := r.o.RoleOf(ctx, id)
		switch {
		case fault.Is(err, fault.NotFound), fault.Is(err, fault.Refused):
			continue // no account, or one that is switched off
		case err != nil:
			return nil, err
		}
		if authz.Can(authz.Actor{ID: id, Role: role}, authz.Respond, authz.Resource{Kind: "incident"}) == nil {
			out = append(out, id)
		}
	}
	return out, nil
}

// Watch takes who enters and leaves an incident's video room.
func (r *Room) Watch(ctx context.Context, provider string, s plug.Presence, now time.Time) error {
	if number, err := r.Where(ctx, provider, s.Room); err != nil || number == 0 {
		return err
	}
	return r.inRoom(ctx, provider, s.Room, "seen/"+s.ID, now, func(tx *store.Tx, inc *incident.Incident, p *room.Part) error {
		cat, err := r.o.Catalog(tx)
		if err != nil {
			return err
		}
		person := ""
		if s.Email != "" {
			person, _ = cat.Named(s.Email)
		}
		name := plug.Line(s.Name, 200)
		if person != "" {
			name = cat.People[person].Name
		}
		if name == "" {
			name = "Somebody"
		}
		at := s.At
		if at.IsZero() || at.After(now) {
			at = now
		}
		if !p.See(name, person, s.Present, at) {
			return nil
		}
		if err := rooms.Save(tx, p); err != nil {
			return err
		}
		text, outcome := name+" joined the "+p.Kind.Title(), "joined"
		if !s.Present {
			text, outcome = name+" left the "+p.Kind.Title(), "left"
		}
		actor := person
		if actor == "" {
			actor = "source:" + provider
		}
		return r.bus.Emit(tx, now, event.Event{
			IncidentID: inc.ID, Kind: event.RoomSeen, Actor: actor, Source: provider, At: at, Restricted: inc.Restricted,
			Data: event.Data{Text: text, Owner: person, Channel: provider, Outcome: outcome, Phase: string(p.Kind), Ref: p.ID.String(), Clauses: []string{"INT-ZOOM"}, Number: inc.Number},
		})
	})
}

// inRoom does something with the incident of a vendor's room, unless it was done for
// the same call.
func (r *Room) inRoom(ctx context.Context, provider, ref, call string, now time.Time, do func(*store.Tx, *incident.Incident, *room.Part) error) error {
	return r.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		found, err := rooms.ByRef(tx, provider, ref)
		if err != nil || found == nil {
			return err
		}
		inc, err := incidents.Get(tx, found.IncidentID)
		if err != nil {
			return err
		}
		p, err := rooms.Lock(tx, found.ID)
		if err != nil || p == nil {
			return err
		}
		first, err := rooms.Hear(tx, provider, call, now)
		if err != nil || !first {
			return err
		}
		return do(tx, inc, p)
	})
}
