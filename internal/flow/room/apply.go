package room

import (
	"strings"
	"time"

	"allclear/internal/domain/event"
	"allclear/internal/domain/room"
	"allclear/internal/plug"
)

// apply brings a part to what a turn made of it. It may have ended meanwhile, or
// more may be wanted.
func (h *hall) apply(p *room.Part, j *job) error {
	stirred := !p.DueAt.Equal(j.until)
	h.merge(p, &j.got)
	switch j.part.State {
	case room.Wanted, room.Fallback:
		if j.got.place != nil {
			return h.opened(p, &j.got)
		}
		if p.State != room.Wanted && p.State != room.Fallback {
			return nil // it ended meanwhile
		}
		return h.failed(p, &j.got)
	case room.Closing:
		if p.State != room.Closing {
			return nil
		}
		if !j.got.ended {
			return h.failed(p, &j.got)
		}
		p.Ended(h.now)
		if err := h.save(); err != nil {
			return err
		}
		return h.emit(event.RoomClosed, p, event.Data{Text: "The " + p.Kind.Title() + " in " + h.title(p.Provider) + " is closed"})
	case room.Open:
		if p.State != room.Open {
			return nil
		}
		if len(j.got.failed) > 0 {
			return h.failed(p, &j.got)
		}
		p.Worked()
		if stirred || len(p.Lines) > 0 || len(j.lines) == page {
			p.DueAt = h.now
		}
	case room.Failed, room.Closed:
	}
	return nil
}

// merge notes what was done, however the turn ended.
func (h *hall) merge(p *room.Part, g *outcome) {
	if g.topic != "" {
		p.Topic = g.topic
	}
	if g.pinned != "" {
		p.Pinned = g.pinned
	}
	if g.shown != "" {
		p.Shown = g.shown
	}
	p.Invited = append(p.Invited, g.invited...)
	p.Unknown = append(p.Unknown, g.unknown...)
	p.Said(g.said)
	p.Unsure = g.unsure
	p.Synced = max(p.Synced, g.synced)
}

// opened takes what a vendor opened.
func (h *hall) opened(p *room.Part, g *outcome) error {
	p.Provider, p.Ref = g.provider, g.place.Ref
	if !p.Live() { // nobody wants it any more
		p.State, p.DueAt, p.ClosedAt = room.Closing, h.now, time.Time{}
		return nil
	}
	p.Called, p.URL, p.DialIn, p.PIN, p.Note = g.place.Name, plug.WebURL(g.place.URL), g.place.DialIn, g.place.PIN, g.place.Note
	p.Opened(h.now)
	if p.Kind != room.Chat && p.Kind != room.Notes {
		p.DueAt = time.Time{}
	}
	if err := h.save(); err != nil {
		return err
	}
	for _, f := range g.failed {
		d := event.Data{Channel: f.vendor, Outcome: "retry", Text: h.title(f.vendor) + " could not open the " + p.Kind.Title() + " (" + f.err.Error() + "): " + h.title(p.Provider) + " has it"}
		if err := h.emit(event.RoomFailed, p, d); err != nil {
			return err
		}
	}
	if err := h.emit(event.RoomOpened, p, event.Data{Text: h.text(p), Reaches: room.Moment(p.Kind)}); err != nil {
		return err
	}
	h.spread(p)
	return h.save()
}

// text says what is open and where.
func (h *hall) text(p *room.Part) string {
	if p.Kind == room.Call {
		who := p.Person
		if c, ok := h.cat.People[p.Person]; ok {
			who = c.Name
		}
		return h.title(p.Provider) + " calls " + who + " into the telephone conference"
	}
	text := strings.ToUpper(p.Kind.Title()[:1]) + p.Kind.Title()[1:]
	if p.Kind == room.Breakout {
		text += " " + p.Label
	}
	text += " open in " + h.title(p.Provider)
	if p.Called != "" {
		text += ": " + p.Called
	}
	if p.URL != "" {
		text += " " + p.URL
	}
	if len(p.DialIn) > 0 {
		text += ", dial in " + strings.Join(p.DialIn, " or ")
		if p.PIN != "" {
			text += ", PIN " + p.PIN
		}
	}
	if p.Note != "" {
		text += ". " + p.Note
	}
	return text
}

// spread has the channel say what else is open.
func (h *hall) spread(p *room.Part) {
	c := h.live(room.Chat)
	if c == nil || c == p || p.Kind == room.Call {
		return
	}
	if p.Kind != room.Physical {
		c.Say("open/"+p.ID.String()+"/"+p.OpenedAt.Format(time.RFC3339Nano), h.text(p))
	}
	h.stir(c)
}

// failed notes what did not work and, where people must know, says so on the record.
func (h *hall) failed(p *room.Part, g *outcome) error {
	f := room.Failure{Final: true}
	var why []string
	channel := p.Provider
	for _, x := range g.failed {
		pf := plug.FailureOf(x.err)
		f.Final = f.Final && pf.Kind == plug.Permanent
		f.RetryAfter = max(f.RetryAfter, pf.RetryAfter)
		why = append(why, h.title(x.vendor)+": "+pf.Error())
		if channel == "" {
			channel = x.vendor
		}
	}
	f.Text = strings.Join(why, "; ")
	const calls = 3
	f.Final = f.Final || p.Kind == room.Call && p.Attempts+1 >= calls
	if len(g.failed) == 0 {
		f.Text = "no service for it is set up any more"
	}
	first := p.Instead == nil
	loud := p.Fail(f, h.instead(p), h.now)
	if err := h.save(); err != nil || !loud {
		return err
	}
	d := event.Data{Channel: channel, Text: told(p, f.Text), Outcome: "retry"}
	if p.DueAt.IsZero() {
		d.Outcome = "failed"
	}
	if p.Kind == room.Notes && first && p.State != room.Open && p.State != room.Closed {
		d.Reaches = room.Moment(room.Notes) // our own serve
	}
	return h.emit(event.RoomFailed, p, d)
}

// told is a failure in words.
func told(p *room.Part, why string) string {
	switch p.State {
	case room.Fallback:
		return "The " + p.Kind.Title() + " cannot be opened yet (" + why + "). Until then: " + where(p.Instead)
	case room.Failed:
		return "The " + p.Kind.Title() + " cannot be opened (" + why + "). Instead: " + where(p.Instead)
	case room.Closed:
		if p.Kind == room.Notes {
			return "The " + p.Kind.Title() + " could not be withdrawn (" + why + "): withdraw it by hand"
		}
		return "The " + p.Kind.Title() + " could not be closed (" + why + "): close it by hand"
	case room.Open, room.Closing, room.Wanted:
	}
	if p.Rests {
		return "The " + p.Kind.Title() + " is open, but something in it did not work (" + why + ")"
	}
	return "The " + p.Kind.Title() + ": something did not work and is tried again (" + why + ")"
}

func where(i *room.Instead) string {
	if i == nil {
		return "the incident's own page"
	}
	if i.URL != "" {
		return i.What + " " + i.URL
	}
	return i.What
}
