package comms

import (
	"context"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
	"allclear/internal/store/timers"
)

// TimerPublish is the kind of the timers that let scheduled messages out; their ref
// is the message.
const TimerPublish = "message_publish"

// Schedule has a message go out by itself at an instant; the zero instant takes that
// back. It goes out only if its text, as it then is, is approved, and only if the
// incident has not overtaken it.
func (c *Comms) Schedule(ctx context.Context, a authz.Actor, id ident.ID, at, now time.Time) (*View, error) {
	return c.onMessage(ctx, a, authz.Communicate, id, func(tx *store.Tx, inc *incident.Incident, _ *catalog.Catalog, m *message.Message) error {
		if err := m.Schedule(at, a.ID, now); err != nil {
			return err
		}
		what := "not scheduled any more"
		if at.IsZero() {
			if err := timers.Cancel(tx, TimerPublish, m.ID.String()); err != nil {
				return err
			}
		} else {
			what = "scheduled for " + at.UTC().Format(time.RFC3339)
			if err := timers.Set(tx, timers.Timer{Kind: TimerPublish, Ref: m.ID.String(), IncidentID: inc.ID, DueAt: at}, now); err != nil {
				return err
			}
		}
		if err := messages.Update(tx, m); err != nil {
			return err
		}
		return c.emit(tx, now, event.MessageDrafted, inc, m, a.ID, a.Via, func(d *event.Data) { d.Outcome = what })
	})
}

func (c *Comms) unschedule(tx *store.Tx, m *message.Message) error {
	if m.PublishAt.IsZero() {
		return nil
	}
	return timers.Cancel(tx, TimerPublish, m.ID.String())
}

// ScheduledDue lets a scheduled message out, or says why it does not.
func (c *Comms) ScheduledDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	inc, err := incidents.Get(tx, t.IncidentID)
	if err != nil {
		return err
	}
	m, err := messages.Get(tx, id)
	if err != nil || !m.Waiting() || !m.PublishAt.Equal(t.DueAt) {
		return err
	}
	why, err := c.overtaken(tx, inc, m)
	if err != nil {
		return err
	}
	if why != "" {
		return c.discard(tx, inc, m, event.System, "schedule", why, now)
	}
	cat, err := c.catalog(tx)
	if err != nil {
		return err
	}
	held := nowhere(inc, m)
	if !(m.State == message.Approved && m.Approved == m.Hash() && (!inc.Restricted || m.Legal)) {
		held = "its time came and nobody had approved it"
	}
	if held == "" {
		return c.publish(tx, inc, cat, m, m.ScheduledBy, "schedule", now)
	}
	m.Held, m.PublishAt = held, time.Time{}
	if err := messages.Update(tx, m); err != nil {
		return err
	}
	return c.emit(tx, now, event.MessageDrafted, inc, m, event.System, "schedule", func(d *event.Data) { d.Outcome, d.Draft = m.Held, true })
}

// overtaken says why a scheduled message must not go out any more; empty when it
// may.
func (c *Comms) overtaken(tx *store.Tx, inc *incident.Incident, m *message.Message) (string, error) {
	end := m.Status == string(status.Resolved) || m.Status == string(status.Postmortem)
	switch {
	case inc.MergedInto != 0:
		return "the incident goes on as part of another", nil
	case inc.FalsePositive && !end:
		return "the incident was a false positive", nil
	case !inc.Status.Open() && !end && !message.Inside(m.Audience):
		return "the incident is over", nil
	}
	all, err := messages.Of(tx, inc.ID)
	if err != nil {
		return "", err
	}
	for _, o := range all {
		if m.Overtaken(o) {
			return "overtaken: a later message says " + o.Status, nil
		}
	}
	return "", nil
}
