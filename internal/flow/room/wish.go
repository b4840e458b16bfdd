package room

import (
	"slices"
	"strconv"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/room"
	"allclear/internal/store/rooms"
)

// want opens what the severity gets and the incident has not (WAR-SCOPE).
func (h *hall) want() error {
	for _, k := range room.For(h.inc, h.proc) {
		if h.live(k) != nil || k == room.Physical && h.inc.Restricted { // a room that fills up tells of it
			continue
		}
		var err error
		if k == room.Physical {
			err = h.reserve("")
		} else {
			err = h.add(&room.Part{Kind: k})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add wants a part. One that nobody can open has something instead at once.
func (h *hall) add(p *room.Part) error {
	p.IncidentID, p.State, p.WantedAt, p.DueAt = h.inc.ID, room.Wanted, h.now, h.now
	p.Private, p.Title = h.inc.Restricted, room.Title(h.inc)
	p.Name = room.Name(h.inc, h.inc.DeclaredAt)
	if p.Label != "" && p.Kind == room.Breakout && !p.Private { // the title of a restricted one stays neutral
		p.Title = h.inc.Ref() + ": " + p.Label
	}
	if err := h.insert(p); err != nil {
		return err
	}
	switch {
	case p.Kind == room.Notes && h.inc.Restricted:
		return h.ownNotes(p, "what is known of a restricted incident stays here")
	case len(h.able(p.Kind)) > 0:
	case p.Kind == room.Notes:
		return h.ownNotes(p, "no service for shared documents is set up")
	default:
		p.Without(h.instead(p), "no service for it is set up")
	}
	return nil
}

// insert writes a new part. One that takes the place of another that has ended has a
// number for a label.
func (h *hall) insert(p *room.Part) error {
	if p.Label == "" {
		n := 0
		for _, o := range h.parts {
			if o.Kind == p.Kind {
				n++
			}
		}
		if n > 0 {
			p.Label = strconv.Itoa(n + 1)
		}
	}
	ok, err := rooms.Add(h.tx, p, h.now)
	if err != nil {
		return err
	}
	if !ok {
		return refuse("%s has a %s %q already", h.inc.Ref(), p.Kind.Title(), p.Label)
	}
	h.parts = append(h.parts, p)
	h.dirty[p] = true
	return nil
}

// ownNotes has our own notes serve, which are always there.
func (h *hall) ownNotes(p *room.Part, why string) error {
	p.Without(h.instead(p), why)
	if err := h.save(); err != nil {
		return err
	}
	return h.emit(event.RoomOpened, p, event.Data{Text: "Notes are kept here: " + why, Reaches: room.Moment(room.Notes)})
}

// able are the vendors that can open a kind, in order.
func (r *Room) able(k room.Kind) (out []Vendor) {
	for _, v := range r.o.Vendors {
		if k == room.Chat && v.Chat != nil || (k == room.Video || k == room.Breakout) && v.Meeting != nil || k == room.Notes && v.Document != nil || k == room.Call && v.Call != nil {
			out = append(out, v)
		}
	}
	return out
}

func (r *Room) vendor(name string) (Vendor, bool) {
	i := slices.IndexFunc(r.o.Vendors, func(v Vendor) bool { return v.Name == name })
	if i < 0 {
		return Vendor{}, false
	}
	return r.o.Vendors[i], true
}

func (r *Room) title(name string) string {
	if v, ok := r.vendor(name); ok {
		return v.Title
	}
	return name
}

// instead is what serves while a part cannot be had.
func (h *hall) instead(p *room.Part) room.Instead {
	switch p.Kind {
	case room.Notes:
		return room.Instead{What: "the incident's own notes", URL: h.page(h.inc)}
	case room.Video, room.Breakout, room.Call:
		if b := h.bridge(); b != "" {
			return room.Instead{What: "the telephone bridge " + b}
		}
	case room.Chat, room.Physical:
	}
	return room.Instead{What: "the incident's own page", URL: h.page(h.inc)}
}

// bridge is a number that people can dial: of the room that is reserved, else of any
// that nobody has. A restricted incident has that of a room which was reserved for it
// since and no other: the circle alone may know how to dial in.
func (h *hall) bridge() string {
	if p := h.live(room.Physical); p != nil && p.Place != "" && (p.Private || !h.inc.Restricted) {
		if b := room.Bridge(h.cat.Rooms[p.Place]); b != "" {
			return b
		}
	}
	if h.inc.Restricted {
		return ""
	}
	held, err := rooms.Held(h.tx)
	if err != nil {
		return ""
	}
	for _, r := range room.Choose(h.cat.Rooms, 0) {
		taken := slices.ContainsFunc(held, func(b rooms.Booking) bool { return b.Room == r.ID })
		if b := room.Bridge(r); b != "" && !taken {
			return b
		}
	}
	return ""
}

// guests are the people who belong in the incident's channel, by id, sorted: who
// works on it, who is on call, and the teams that own what it touches (TEAM-AUTOINC).
// Of a restricted incident it is the circle and nobody else.
func (h *hall) guests() []string {
	if h.inc.Restricted {
		return h.inVisible(slices.Clone(h.inc.Circle))
	}
	var who []string
	for _, r := range h.inc.Responders {
		if r.State != "unavailable" {
			who = append(who, r.Person)
		}
	}
	for _, p := range h.inc.Roles {
		who = append(who, p)
	}
	who = append(who, h.inc.AcknowledgedBy, h.inc.EngagedBy, h.inc.DeclaredBy)
	if h.inc.Severity.Pages() {
		who = append(who, h.team()...)
	}
	return h.inVisible(who)
}

func (h *hall) inVisible(who []string) []string {
	return slices.DeleteFunc(h.known(who), func(id string) bool { return !h.inc.VisibleTo(id) })
}

func (h *hall) known(who []string) []string {
	slices.Sort(who)
	return slices.DeleteFunc(slices.Compact(who), func(id string) bool {
		_, known := h.cat.People[id]
		return !known
	})
}

// team is who is on call for it, and who owns the services it touches and those
// they stand on directly.
func (h *hall) team() (who []string) {
	at := catalog.TargetContext{ServiceID: h.inc.ServiceID, At: h.now, OutOfHours: !h.proc.Calendar().Open(h.now), Commander: h.inc.Commander()}
	targets := []string{"schedule:primary", "schedule:secondary"}
	for _, s := range h.touched() {
		if t := h.cat.Services[s].OwnerTeam; t != "" && !slices.Contains(targets, "team:"+t) {
			targets = append(targets, "team:"+t)
		}
	}
	for _, t := range targets {
		ids, err := h.cat.Resolve(t, at)
		if err != nil {
			continue // a company without that group has nobody there to let in
		}
		who = append(who, ids...)
	}
	return who
}

func (h *hall) touched() []string {
	all := h.inc.Services()
	for _, s := range h.inc.Services() {
		all = append(all, h.cat.DependsOn(s)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// enclose ends what everybody could see and opens what only the circle can
// (reading 18).
func (h *hall) enclose() error {
	for _, p := range h.parts {
		if p.Private || !p.Live() || p.Kind == room.Call {
			continue
		}
		if p.Kind == room.Physical {
			if err := h.release(p); err != nil {
				return err
			}
			continue
		}
		p.Lines, p.Neutral = nil, room.Name(h.inc, h.inc.DeclaredAt)+"-closed"
		if err := h.end(p, "only its circle may know of it"); err != nil {
			return err
		}
	}
	if err := h.save(); err != nil {
		return err
	}
	return h.want()
}

// settle ends what is not needed once the impact is over.
func (h *hall) settle() error {
	for _, p := range h.parts {
		if !p.Live() {
			continue
		}
		switch p.Kind {
		case room.Physical:
			if err := h.release(p); err != nil {
				return err
			}
		case room.Breakout:
			if err := h.end(p, "the incident is resolved"); err != nil {
				return err
			}
		case room.Chat, room.Video, room.Notes, room.Call:
		}
	}
	if !h.inc.Declared { // a suspicion has no review to wait for
		return h.endAll()
	}
	return nil
}

// endAll ends everything.
func (h *hall) endAll() error {
	if err := h.settleRooms(); err != nil {
		return err
	}
	for _, p := range h.parts {
		if p.Live() && p.Kind != room.Notes { // a document stays, and is complete
			if err := h.end(p, "the incident is "+string(h.inc.Status)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *hall) settleRooms() error {
	for _, p := range h.parts {
		if p.Kind == room.Physical && p.Live() {
			if err := h.release(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// end closes a part; one that never was open ends without a word.
func (h *hall) end(p *room.Part, why string) error {
	was := p.State == room.Open
	h.dirty[p] = true
	if p.Kind == room.Call {
		p.State, p.DueAt = room.Closed, time.Time{}
		return nil
	}
	p.End(h.now)
	if !was || p.State != room.Closed {
		return nil
	}
	if err := h.save(); err != nil {
		return err
	}
	return h.emit(event.RoomClosed, p, event.Data{Text: "The " + p.Kind.Title() + " is closed: " + why})
}

// allowed refuses parts to an incident that has no war room (WAR-SCOPE).
func allowed(inc *incident.Incident, proc *procedure.Procedure) error {
	switch {
	case !inc.Declared:
		return refuse("%s is not declared: its war room opens with the declaration", inc.Ref())
	case !inc.Holds(procedure.Unresolved):
		return refuse("%s is %s: its war room is over", inc.Ref(), inc.Status)
	case !room.Has(inc, proc):
		return refuse("a %s has no war room: raise the severity first", inc.Severity)
	}
	return nil
}
