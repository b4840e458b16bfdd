package room

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/room"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
	"allclear/internal/store/rooms"
)

const (
	batch = 8   // parts that are worked on at once
	page  = 200 // entries of the record in one look
)

// job is one turn of work on a part: what to do, read inside the transaction that
// claimed it, and what came of it.
type job struct {
	part  *room.Part
	until time.Time // the claim ends
	// lapsed: the turn before this one never said how it went.
	lapsed bool
	spec   plug.RoomSpec
	call   plug.CallIn

	members map[string][]plug.Guest // by vendor, for one that wants them from the start
	guests  []plug.Guest            // still to be let in
	topic   string
	summary plug.Summary
	shown   string
	lines   []string
	last    ident.ID // of the entries that lines were made of

	got outcome
}

// outcome is what a turn changed at a vendor, and what failed.
type outcome struct {
	place    *plug.Place
	provider string
	failed   []failed // vendors that were asked, in order
	ended    bool

	topic, pinned, shown string
	invited, unknown     []string
	said                 []string
	synced               ident.ID
	unsure               bool
}

type failed struct {
	vendor string
	err    error
}

func (r *Room) tick(ctx context.Context, now func() time.Time) (n int, err error) {
	for {
		js, err := r.claim(ctx, now())
		if err != nil || len(js) == 0 {
			return n, err
		}
		var wg sync.WaitGroup
		for _, j := range js {
			wg.Go(func() {
				bounded, cancel := context.WithTimeout(ctx, turn)
				defer cancel()
				r.perform(bounded, j)
			})
		}
		wg.Wait()
		if ctx.Err() != nil {
			return n, ctx.Err() // what was under way is found again by its name
		}
		var errs []error
		for _, j := range js {
			errs = append(errs, r.finish(ctx, j, now()))
		}
		if err := errors.Join(errs...); err != nil {
			return n, err
		}
		n += len(js)
	}
}

// claim takes what is due and reads what is to be done. It looks before it asks for
// the writer, because mostly there is nothing.
func (r *Room) claim(ctx context.Context, now time.Time) (out []*job, err error) {
	idle := true
	err = r.db.View(ctx, func(tx *store.Tx) error {
		at, ok, err := rooms.Next(tx)
		idle = !ok || at.After(now)
		return err
	})
	if err != nil || idle {
		return nil, err
	}
	err = r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		out = out[:0]
		due, err := rooms.Claim(tx, now, now.Add(lease), batch)
		if err != nil {
			return err
		}
		for _, p := range due {
			j, err := r.prepare(tx, p, now)
			if err != nil {
				return err
			}
			out = append(out, j)
		}
		return nil
	})
	return out, err
}

// prepare reads what a turn needs to know.
func (r *Room) prepare(tx *store.Tx, p *room.Part, now time.Time) (*job, error) {
	inc, err := incidents.Peek(tx, p.IncidentID)
	if err != nil {
		return nil, err
	}
	h := &hall{Room: r, tx: tx, inc: inc, now: now, dirty: map[*room.Part]bool{}}
	if h.proc, err = r.o.Shelf.Get(tx, inc.Procedure); err != nil {
		return nil, err
	}
	if h.cat, err = r.o.Catalog(tx); err != nil {
		return nil, err
	}
	if h.parts, err = rooms.Peek(tx, inc.ID); err != nil {
		return nil, err
	}
	j := &job{part: p, until: p.DueAt, lapsed: p.Busy}
	if p.Kind == room.Call || p.Kind == room.Notes { // what must not be done twice is noted before it is done
		p.Busy = true
		if err := rooms.Save(tx, p); err != nil {
			return nil, err
		}
		p.Unsure = p.Unsure || j.lapsed
		j.got.unsure = p.Unsure
	}
	v, _ := r.vendor(p.Provider)
	j.spec = plug.RoomSpec{
		Key: key(inc, p), Name: p.Name, Title: p.Title, Topic: room.Topic(inc, h.cat), Private: p.Private, Begun: p.WantedAt, Again: p.Fence > 1,
		Text: room.Head(inc) + "\n\n" + room.Facts(inc, h.cat, time.UTC),
	}
	if p.Kind == room.Breakout && (p.Private || inc.Restricted) {
		j.spec.Topic, j.spec.Text = "", ""
	}
	switch {
	case p.Kind == room.Call:
		conference := inc.Ref()
		if inc.Restricted {
			conference += "/restricted" // who is in the old one is not of the circle
		}
		j.call = plug.CallIn{Key: j.spec.Key, To: p.Number, Room: conference, Say: "War room of " + inc.Ref() + ". You are being connected."}
	case p.State == room.Wanted || p.State == room.Fallback:
		j.members = map[string][]plug.Guest{}
		for _, v := range r.able(p.Kind) {
			j.members[v.Name] = h.named(h.guests(), v)
		}
	case p.State != room.Open:
	case p.Kind == room.Chat:
		j.topic = j.spec.Topic
		j.guests = h.named(p.Missing(h.guests()), v)
		j.summary = h.summary()
		j.shown = room.Hash(j.summary.Head, j.summary.Text, links(j.summary.Links))
	case p.Kind == room.Notes:
		j.guests = h.named(p.Missing(h.guests()), v)
		return j, h.record(j)
	}
	return j, nil
}

func key(inc *incident.Incident, p *room.Part) string {
	if p.Label == "" {
		return inc.Ref()
	}
	if p.Kind == room.Breakout && (p.Private || inc.Restricted) {
		return inc.Ref() + "/" + p.ID.String() // its name may tell what it is about
	}
	return inc.Ref() + "/" + p.Label
}

func links(all []plug.Link) (s string) {
	for _, l := range all {
		s += l.Label + " " + l.URL + "\n"
	}
	return s
}

// named are people as a vendor needs them.
func (h *hall) named(ids []string, v Vendor) []plug.Guest {
	out := make([]plug.Guest, 0, len(ids))
	for _, id := range ids {
		p := h.cat.People[id]
		g := plug.Guest{ID: id, Name: p.Name, Email: p.Email}
		for _, c := range p.Contacts {
			if v.Handles != "" && c.Channel == v.Handles && c.Address != plug.Default {
				g.Handle = c.Address
			}
		}
		out = append(out, g)
	}
	return out
}

// summary is what is pinned in the channel.
func (h *hall) summary() plug.Summary {
	s := plug.Summary{Incident: h.inc.Ref(), Head: room.Head(h.inc), Text: room.Facts(h.inc, h.cat, time.UTC), Open: h.inc.Status.Open()}
	add := func(label, url string) {
		if url != "" {
			s.Links = append(s.Links, plug.Link{Label: label, URL: url})
		}
	}
	add("Incident", h.page(h.inc))
	for _, p := range h.parts {
		if p.State != room.Open {
			continue
		}
		switch p.Kind {
		case room.Video:
			add("Video", p.URL)
		case room.Notes:
			add("Notes", p.URL)
		case room.Breakout:
			add("Breakout: "+p.Label, p.URL)
		case room.Physical:
			s.Text += "\nRoom: " + p.Called
			if len(p.DialIn) > 0 {
				s.Text += "; dial in: " + p.DialIn[0]
			}
			if p.PIN != "" {
				s.Text += ", PIN " + p.PIN
			}
		case room.Chat, room.Call:
		}
	}
	return s
}

// record reads the entries that are to go into the document.
func (h *hall) record(j *job) error {
	es, err := events.Of(h.tx, h.inc.ID, j.part.Synced, page)
	for _, e := range es {
		j.last = e.ID
		if line := room.Stamped(e, h.inc, h.cat); line != "" {
			j.lines = append(j.lines, line)
		}
	}
	return err
}

// finish writes what came of a turn, unless somebody else has the part by now.
func (r *Room) finish(ctx context.Context, j *job, now time.Time) error {
	return r.db.Update(context.WithoutCancel(ctx), store.PriorityAck, func(tx *store.Tx) error {
		inc, err := incidents.Get(tx, j.part.IncidentID) // before its parts, as everybody does
		if err != nil {
			return err
		}
		h, err := r.hall(tx, inc, "", "", now)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(h.parts, func(p *room.Part) bool { return p.ID == j.part.ID })
		if i < 0 || h.parts[i].Fence != j.part.Fence {
			return nil
		}
		p := h.parts[i]
		h.dirty[p] = true
		p.Busy = false
		if err := h.apply(p, j); err != nil {
			return err
		}
		return h.save()
	})
}
