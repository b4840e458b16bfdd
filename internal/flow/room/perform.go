package room

import (
	"context"
	"errors"

	"allclear/internal/domain/room"
	"allclear/internal/plug"
)

// perform does one turn of work at a vendor. Nothing here touches the database.
func (r *Room) perform(ctx context.Context, j *job) {
	switch j.part.State {
	case room.Wanted, room.Fallback:
		if j.part.Kind == room.Call {
			r.callIn(ctx, j)
			return
		}
		r.open(ctx, j)
	case room.Open:
		r.keep(ctx, j)
	case room.Closing:
		r.end(ctx, j)
	case room.Failed, room.Closed:
	}
}

// once makes one call, which may take so long and no longer.
func (r *Room) once(ctx context.Context, call func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, r.o.Patience)
	defer cancel()
	err := call(bounded)
	if err != nil && errors.Is(bounded.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		f := *plug.FailureOf(err)
		f.Err = errors.New("no answer within " + r.o.Patience.String())
		return &f
	}
	return err
}

// open asks the vendors one after the other until one has it.
func (r *Room) open(ctx context.Context, j *job) {
	for _, v := range r.able(j.part.Kind) {
		spec := j.spec
		spec.Members = j.members[v.Name]
		var place plug.Place
		err := r.once(ctx, func(ctx context.Context) (err error) {
			switch j.part.Kind {
			case room.Chat:
				place, err = v.Chat.OpenRoom(ctx, spec)
			case room.Video, room.Breakout:
				place, err = v.Meeting.OpenMeeting(ctx, spec)
			case room.Notes:
				place, err = v.Document.OpenDocument(ctx, spec)
			case room.Physical, room.Call:
			}
			return err
		})
		if err == nil {
			j.got.place, j.got.provider = &place, v.Name
			return
		}
		j.got.failed = append(j.got.failed, failed{v.Name, err})
	}
}

// callIn calls somebody. A call of which nobody knows whether it was made is not
// made again: whoever waits would be rung twice.
func (r *Room) callIn(ctx context.Context, j *job) {
	for _, v := range r.able(room.Call) {
		if j.lapsed {
			f := plug.Fail(plug.Permanent, "nobody knows whether the call was made: ask for another")
			j.got.failed = append(j.got.failed, failed{v.Name, f})
			return
		}
		var got plug.Receipt
		err := r.once(ctx, func(ctx context.Context) (err error) {
			got, err = v.Call.CallIn(ctx, j.call)
			return err
		})
		if err == nil {
			j.got.place, j.got.provider = &plug.Place{Ref: got.ProviderRef}, v.Name
			return
		}
		f := *plug.FailureOf(err)
		if f.Kind == plug.Unknown {
			f.Kind = plug.Permanent
		}
		j.got.failed = append(j.got.failed, failed{v.Name, &f})
		if f.Kind == plug.Permanent && !f.Ours {
			return
		}
	}
}

// keep brings what is open up to date, step by step. A vendor that is away is left
// at once; one that refuses a step is asked for the next.
func (r *Room) keep(ctx context.Context, j *job) {
	v, ok := r.vendor(j.part.Provider)
	if !ok {
		return // it is not set up any more
	}
	var steps []func(context.Context) error
	switch {
	case j.part.Kind == room.Chat && v.Chat != nil:
		steps = r.chatSteps(j, v.Chat)
	case j.part.Kind == room.Notes && v.Document != nil:
		steps = r.documentSteps(j, v.Document)
	}
	for _, step := range steps {
		err := r.once(ctx, step)
		if err == nil {
			continue
		}
		j.got.failed = append(j.got.failed, failed{v.Name, err})
		if plug.FailureOf(err).Kind != plug.Permanent {
			return
		}
	}
}

func (r *Room) chatSteps(j *job, c plug.Chat) (steps []func(context.Context) error) {
	p, g := j.part, &j.got
	if j.topic != p.Topic {
		steps = append(steps, func(ctx context.Context) error {
			err := c.SetTopic(ctx, p.Ref, j.topic)
			if err == nil {
				g.topic = j.topic
			}
			return err
		})
	}
	if j.shown != p.Shown {
		steps = append(steps, func(ctx context.Context) error {
			pinned, err := c.Pin(ctx, p.Ref, p.Pinned, j.summary)
			if pinned != "" { // it may be posted and not pinned
				g.pinned = pinned
			}
			if err == nil {
				g.shown = j.shown
			}
			return err
		})
	}
	if len(j.guests) > 0 {
		steps = append(steps, func(ctx context.Context) error {
			unknown, err := c.Invite(ctx, p.Ref, j.guests)
			g.letIn(j.guests, unknown, err)
			return err
		})
	}
	if s, ok := c.(plug.Silent); ok && s.Silent() {
		for _, l := range p.Lines {
			g.said = append(g.said, l.Key)
		}
		return steps
	}
	for _, l := range p.Lines {
		steps = append(steps, func(ctx context.Context) error {
			err := c.Say(ctx, p.Ref, l.Key, l.Text)
			if err == nil || plug.FailureOf(err).Kind == plug.Permanent {
				g.said = append(g.said, l.Key) // what is refused is not said louder
			}
			return err
		})
	}
	return steps
}

func (g *outcome) letIn(who []plug.Guest, unknown []string, err error) {
	if err != nil {
		return
	}
	not := map[string]bool{}
	for _, id := range unknown {
		not[id] = true
	}
	for _, w := range who {
		if not[w.ID] {
			g.unknown = append(g.unknown, w.ID)
		} else {
			g.invited = append(g.invited, w.ID)
		}
	}
}

func (r *Room) documentSteps(j *job, d plug.Document) (steps []func(context.Context) error) {
	p, g := j.part, &j.got
	if len(j.guests) > 0 {
		steps = append(steps, func(ctx context.Context) error {
			err := d.Share(ctx, p.Ref, p.Private, j.guests)
			g.letIn(j.guests, nil, err)
			return err
		})
	}
	if j.last != 0 {
		steps = append(steps, func(ctx context.Context) error {
			if len(j.lines) > 0 {
				if err := d.Append(ctx, p.Ref, j.lines, p.Unsure); err != nil {
					g.unsure = plug.FailureOf(err).Kind == plug.Unknown || p.Unsure
					return err
				}
				g.unsure = false
			}
			g.synced = j.last
			return nil
		})
	}
	return steps
}

// end closes a part at its vendor.
func (r *Room) end(ctx context.Context, j *job) {
	p := j.part
	v, ok := r.vendor(p.Provider)
	var err error
	switch {
	case !ok && p.Kind == room.Notes && p.Neutral != "":
		err = plug.Fail(plug.Permanent, "its service is not set up any more")
	case !ok:
	case p.Kind == room.Chat && v.Chat != nil:
		for _, l := range p.Lines { // the last words
			if err := r.once(ctx, func(ctx context.Context) error { return v.Chat.Say(ctx, p.Ref, l.Key, l.Text) }); err != nil {
				break
			}
			j.got.said = append(j.got.said, l.Key)
		}
		if p.Neutral != "" && p.Pinned != "" {
			// What stays in sight tells nothing; that it may not be changed does not keep it open.
			_ = r.once(ctx, func(ctx context.Context) error {
				_, err := v.Chat.Pin(ctx, p.Ref, p.Pinned, plug.Summary{Incident: j.spec.Key, Head: "This channel is closed", Text: "It goes on elsewhere, for those who are asked."})
				return err
			})
		}
		err = r.once(ctx, func(ctx context.Context) error { return v.Chat.Archive(ctx, p.Ref, p.Neutral) })
	case p.Kind == room.Notes && p.Neutral != "":
		err = plug.Fail(plug.Permanent, "whoever had it still has it")
		if w, ok := v.Document.(plug.Withdrawer); ok {
			err = r.once(ctx, func(ctx context.Context) error { return w.Withdraw(ctx, p.Ref, p.Neutral) })
		}
	case (p.Kind == room.Video || p.Kind == room.Breakout) && v.Meeting != nil:
		err = r.once(ctx, func(ctx context.Context) error { return v.Meeting.CloseMeeting(ctx, p.Ref) })
	}
	if err != nil {
		j.got.failed = append(j.got.failed, failed{p.Provider, err})
		return
	}
	j.got.ended = true
}
