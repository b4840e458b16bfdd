package room

import (
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/room"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
	"allclear/internal/store/rooms"
)

func refuse(format string, args ...any) error { return fault.New(fault.Conflict, format, args...) }

// reserve takes a free conference room: the one that is named, or the one that
// fits (WAR-PHY-ROOM). Without a free one the part says so.
func (h *hall) reserve(id string) error {
	p := h.live(room.Physical)
	fresh := p == nil
	if fresh {
		p = &room.Part{Kind: room.Physical, IncidentID: h.inc.ID, WantedAt: h.now, By: h.by, Private: h.inc.Restricted, State: room.Wanted, Title: room.Title(h.inc)}
		if err := h.insert(p); err != nil {
			return err
		}
	}
	h.dirty[p] = true
	choice := room.Choose(h.cat.Rooms, len(h.crew()))
	if id != "" {
		choice = slices.DeleteFunc(choice, func(r catalog.Room) bool { return r.ID != id })
	}
	for _, c := range choice {
		ok, err := rooms.Book(h.tx, c.ID, h.inc.ID, h.now)
		if err != nil {
			return err
		}
		if ok {
			return h.reserved(p, c)
		}
	}
	why := "no conference room is in the catalogue"
	if len(h.cat.Rooms) > 0 {
		why = "every conference room is taken"
	}
	p.Without(h.instead(p), why)
	if len(h.cat.Rooms) == 0 {
		return nil // a company without rooms need not read that each time
	}
	if err := h.save(); err != nil {
		return err
	}
	return h.emit(event.RoomFailed, p, event.Data{Text: "No room could be reserved: " + why, Outcome: "failed"})
}

func (h *hall) reserved(p *room.Part, c catalog.Room) error {
	p.Opened(h.now)
	p.DueAt = time.Time{}
	p.Place, p.Called, p.PIN = c.ID, room.Where(c), c.PIN
	p.DialIn = nil
	text := "Reserved: " + room.Where(c)
	if c.Bridge != "" {
		p.DialIn = []string{c.Bridge}
		text += "; dial in: " + room.Bridge(c)
	}
	if err := h.save(); err != nil {
		return err
	}
	if err := h.invite(p, c, false); err != nil {
		return err
	}
	return h.emit(event.RoomOpened, p, event.Data{Text: text, Reaches: room.Moment(room.Physical), Clauses: []string{"WAR-PHY-ROOM", "WAR-PHY-PHONE"}})
}

// release gives the room back.
func (h *hall) release(p *room.Part) error {
	c, had := h.cat.Rooms[p.Place]
	open := p.State == room.Open
	p.State, p.ClosedAt, p.DueAt = room.Closed, h.now, time.Time{}
	h.dirty[p] = true
	if err := h.save(); err != nil || !open {
		return err
	}
	if _, err := rooms.Release(h.tx, p.Place, h.inc.ID, h.now); err != nil {
		return err
	}
	if had {
		if err := h.invite(p, c, true); err != nil {
			return err
		}
	}
	return h.emit(event.RoomClosed, p, event.Data{Text: "Given back: " + p.Called})
}

// crew is who is at work: they get the invitation.
func (h *hall) crew() []string { return h.inVisible(h.working()) }

func (h *hall) working() []string {
	var who []string
	for _, r := range h.inc.Responders {
		if r.State == "joined" {
			who = append(who, r.Person)
		}
	}
	for _, p := range h.inc.Roles {
		who = append(who, p)
	}
	return append(who, h.inc.AcknowledgedBy)
}

const (
	roomMailbox = "room:" // before the id of a room that is written to
	requests    = "request"
	cancels     = "cancel"
)

// inviteKey is what the keys of all invitations of one kind begin with.
func inviteKey(inc *incident.Incident, p *room.Part, word string) string {
	return inc.Ref() + "/room/" + p.ID.String() + "/" + word + "/"
}

// invite mails the calendar entry of a reserved room to its mailbox and to who is at
// work, or takes it back.
func (h *hall) invite(p *room.Part, c catalog.Room, cancel bool) error {
	if h.o.Usable == nil || !h.o.Usable("email") {
		return nil
	}
	i := room.Invitation{
		UID: p.ID.String() + "@allclear", Incident: room.Title(h.inc), Room: c, From: h.o.From, URL: h.page(h.inc), At: p.OpenedAt, Made: h.now, Cancelled: cancel,
	}
	if v := h.live(room.Video); v != nil {
		i.Link = v.URL
	}
	type to struct{ who, mail string }
	var all []to
	if c.Email != "" {
		all = append(all, to{roomMailbox + c.ID, c.Email})
	}
	crew := h.crew()
	if cancel { // whoever was asked, though they may not see the incident any more
		crew = h.known(h.working())
	}
	for _, id := range crew {
		if m := h.cat.People[id].Email; m != "" {
			all = append(all, to{id, m})
		}
	}
	for _, t := range all {
		i.To = append(i.To, t.mail)
	}
	word, subject := requests, "War room "+i.Incident+": "+room.Where(c)
	if cancel {
		word, subject = cancels, "Released: "+room.Where(c)
	}
	ds := make([]*message.Delivery, len(all))
	for k, t := range all {
		ds[k] = &message.Delivery{
			Key: inviteKey(h.inc, p, word) + t.who, Kind: message.KindInvite, RefID: p.ID, IncidentID: h.inc.ID, Recipient: t.who,
			Channel: "email", Address: t.mail, Subject: subject, Body: i.Text(), Priority: 1, DueAt: h.now, CreatedAt: h.now, Clauses: []string{"WAR-PHY-ROOM", "WAR-PHY-PHONE"},
			Headers: message.Headers{Calendar: i.ICS()},
		}
	}
	if len(ds) == 0 {
		return nil
	}
	return deliveries.Queue(h.tx, ds...)
}

// Wanted says whether an invitation still goes out.
func (r *Room) Wanted(tx *store.Tx, d *message.Delivery, _ time.Time) (bool, string, error) {
	p, err := rooms.Lock(tx, d.RefID)
	if err != nil {
		return false, "", err
	}
	if p == nil {
		return false, "the room is gone", nil
	}
	inc, err := incidents.Peek(tx, p.IncidentID)
	if err != nil {
		return false, "", err
	}
	cancel := strings.HasPrefix(d.Key, inviteKey(inc, p, cancels))
	if inc.Restricted && !cancel && (strings.HasPrefix(d.Recipient, roomMailbox) || !inc.VisibleTo(d.Recipient)) {
		return false, "only the circle of the incident may know of it", nil
	}
	return true, "", nil
}

// Outcome puts an attempt on the record.
func (r *Room) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	k, outcome, text := event.Delivered, "sent", d.Receipt
	switch d.State {
	case message.Failed:
		k, outcome, text = event.Undelivered, "failed", d.LastError
	case message.Queued:
		k, outcome, text = event.Undelivered, "retry", d.LastError
	case message.Accepted, message.Attempting, message.Cancelled:
	}
	inc, err := incidents.Peek(tx, d.IncidentID)
	if err != nil {
		return err
	}
	return r.bus.Emit(tx, now, event.Event{
		IncidentID: inc.ID, Kind: k, Source: "war room", Restricted: inc.Restricted,
		Data: event.Data{To: d.Recipient, Channel: d.Channel, Outcome: outcome, Text: text, Clauses: d.Clauses, Ref: d.ID.String(), Phase: d.Kind, Number: inc.Number},
	})
}
