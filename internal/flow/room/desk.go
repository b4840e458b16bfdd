package room

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/room"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/rooms"
)

// View is the war room of an incident, as people see it.
type View struct {
	Number  int64
	WarRoom string // the procedure's word for the severity: full, virtual or none
	Page    string // the incident's own page, which is always a room
	Parts   []*room.Part
	Bridge  string // how to dial in, when there is a number
	CanCall bool   // somebody can call people into the conference
	Notes   rooms.Notes
	Title   func(provider string) string
	Person  func(id string) string
}

// look opens an incident to somebody; one they may not know of is missing.
func (r *Room) look(tx *store.Tx, a authz.Actor, v authz.Verb, number int64) (*incident.Incident, error) {
	inc, err := incidents.ByNumber(tx, number)
	if err != nil {
		return nil, err
	}
	if !inc.VisibleTo(a.ID) && a.Role != authz.System {
		return nil, fault.New(fault.NotFound, "there is no such incident")
	}
	return inc, authz.Can(a, v, authz.Resource{Kind: "incident", ID: inc.Ref()})
}

// Show is the war room as it stands.
func (r *Room) Show(ctx context.Context, a authz.Actor, number int64, now time.Time) (out *View, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		inc, err := r.look(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		out, err = r.view(tx, inc, now)
		return err
	})
	return out, err
}

func (r *Room) view(tx *store.Tx, inc *incident.Incident, now time.Time) (*View, error) {
	h := &hall{Room: r, tx: tx, inc: inc, now: now}
	var err error
	if h.proc, err = r.o.Shelf.Get(tx, inc.Procedure); err != nil {
		return nil, err
	}
	if h.cat, err = r.o.Catalog(tx); err != nil {
		return nil, err
	}
	if h.parts, err = rooms.Peek(tx, inc.ID); err != nil {
		return nil, err
	}
	notes, err := rooms.Latest(tx, inc.ID)
	return &View{
		Number: inc.Number, WarRoom: h.proc.Severities[inc.Severity.String()].WarRoom, Page: r.page(inc), Parts: h.parts, Bridge: h.bridge(),
		CanCall: len(r.able(room.Call)) > 0, Notes: notes, Title: r.title,
		Person: func(id string) string { return h.cat.People[id].Name },
	}, err
}

// change is one thing people do to a war room, in one transaction; it returns the
// room as it is then.
func (r *Room) change(ctx context.Context, a authz.Actor, number int64, now time.Time, do func(*hall) error) (out *View, err error) {
	err = r.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		found, err := r.look(tx, a, authz.Respond, number)
		if err != nil {
			return err
		}
		inc, err := incidents.Get(tx, found.ID)
		if err != nil {
			return err
		}
		h, err := r.hall(tx, inc, a.ID, a.Via, now)
		if err != nil {
			return err
		}
		if err := do(h); err != nil {
			return err
		}
		if err := h.save(); err != nil {
			return err
		}
		out, err = r.view(tx, inc, now)
		return err
	})
	return out, err
}

// Reserve takes a conference room, the one that is named or any that is free; of a
// P2 on request (WAR-SCOPE).
func (r *Room) Reserve(ctx context.Context, a authz.Actor, number int64, id string, now time.Time) (*View, error) {
	return r.change(ctx, a, number, now, func(h *hall) error {
		if err := allowed(h.inc, h.proc); err != nil {
			return err
		}
		if _, ok := h.cat.Rooms[id]; id != "" && !ok {
			return fault.New(fault.Invalid, "there is no room %q", id).With("room", "give the id of a conference room, or none")
		}
		if p := h.live(room.Physical); p != nil && p.State == room.Open {
			return refuse("%s has %s already", h.inc.Ref(), p.Called)
		}
		if len(h.cat.Rooms) == 0 {
			return refuse("no conference room is in the catalogue")
		}
		return h.reserve(id)
	})
}

// Release gives the conference room back before the incident is resolved.
func (r *Room) Release(ctx context.Context, a authz.Actor, number int64, now time.Time) (*View, error) {
	return r.change(ctx, a, number, now, func(h *hall) error {
		p := h.live(room.Physical)
		if p == nil || p.State != room.Open {
			return refuse("%s has no conference room", h.inc.Ref())
		}
		return h.release(p)
	})
}

const maxLabel = 80

// Breakout opens a meeting of one workstream (COM-INT-VIDEO).
func (r *Room) Breakout(ctx context.Context, a authz.Actor, number int64, label string, now time.Time) (*View, error) {
	return r.change(ctx, a, number, now, func(h *hall) error {
		if err := allowed(h.inc, h.proc); err != nil {
			return err
		}
		label = strings.Join(strings.Fields(label), " ")
		if label == "" || len(label) > maxLabel {
			return fault.New(fault.Invalid, "a breakout room needs a name").With("name", "say in a few words which work it is for")
		}
		if len(r.able(room.Breakout)) == 0 {
			return refuse("no service for video rooms is set up: set one up, or use %s", where(ptr(h.instead(&room.Part{Kind: room.Breakout}))))
		}
		return h.add(&room.Part{Kind: room.Breakout, Label: label, By: a.ID})
	})
}

func ptr[T any](v T) *T { return &v }

// Retry wants a part again that was given up.
func (r *Room) Retry(ctx context.Context, a authz.Actor, number int64, part ident.ID, now time.Time) (*View, error) {
	return r.change(ctx, a, number, now, func(h *hall) error {
		i := slices.IndexFunc(h.parts, func(p *room.Part) bool { return p.ID == part })
		if i < 0 {
			return fault.New(fault.NotFound, "there is no such part of the war room")
		}
		p := h.parts[i]
		if err := allowed(h.inc, h.proc); err != nil {
			return err
		}
		h.dirty[p] = true
		switch {
		case p.Kind == room.Physical && p.State != room.Open:
			return h.reserve("")
		case p.State == room.Open && p.Rests:
			p.Unknown = nil
			p.Stir(now)
		case len(r.able(p.Kind)) == 0:
			return refuse("no service for it is set up")
		case !p.Again(now):
			return refuse("the %s is %s: there is nothing to try again", p.Kind.Title(), p.State)
		}
		return nil
	})
}

// CallMe calls somebody into the telephone conference, on their own number or one
// that they give (WAR-PHY-PHONE).
func (r *Room) CallMe(ctx context.Context, a authz.Actor, number int64, phone string, now time.Time) (*View, error) {
	return r.change(ctx, a, number, now, func(h *hall) error {
		if err := allowed(h.inc, h.proc); err != nil {
			return err
		}
		p, known := h.cat.People[a.ID]
		if phone = strings.TrimSpace(phone); phone == "" {
			phone = telephone(p)
		}
		switch {
		case !known:
			return refuse("only somebody of the catalogue can be called")
		case phone == "":
			return fault.New(fault.Invalid, "your contacts have no telephone").With("phone", "give a number such as +15550100001")
		case !e164(phone):
			return fault.New(fault.Invalid, "%q is no telephone number", phone).With("phone", "give a number such as +15550100001")
		case len(r.able(room.Call)) == 0:
			text := "no service that calls is set up"
			if b := h.bridge(); b != "" {
				text += ": dial " + b
			}
			return refuse("%s", text)
		}
		for _, o := range h.parts {
			if o.Kind == room.Call && o.Person == a.ID && !o.DueAt.IsZero() {
				return nil // it is about to ring
			}
		}
		return h.add(&room.Part{Kind: room.Call, Label: a.ID + "/" + strconv.FormatInt(now.UnixMicro(), 36), By: a.ID, Person: a.ID, Number: phone})
	})
}

func telephone(p catalog.Person) string {
	for _, ch := range []string{"voice", "sms"} {
		for _, c := range p.Contacts {
			if c.Channel == ch {
				return c.Address
			}
		}
	}
	return ""
}

func e164(s string) bool {
	digits, plus := strings.CutPrefix(s, "+")
	return plus && len(digits) >= 7 && len(digits) <= 15 && strings.Trim(digits, "0123456789") == "" && digits[0] != '0'
}
