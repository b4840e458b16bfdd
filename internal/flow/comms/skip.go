package comms

import (
	"context"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
)

// SkipInApp has the incident's messages leave out the notices in the product, with a
// reason: also those that wait, and those that rules send (COM-CUST-INAPP). What is
// shown there already stays, and turns when the incident is over. Errors:
// fault.Refused, fault.NotFound, fault.Invalid without a reason, fault.Conflict.
func (c *Comms) SkipInApp(ctx context.Context, a authz.Actor, number int64, reason string, now time.Time) (*incident.Skip, error) {
	return c.onInApp(ctx, a, number, "skipped", now, func(inc *incident.Incident) error { return inc.SkipInApp(a.ID, reason, now) })
}

// ResumeInApp takes that back. Errors: fault.Refused, fault.NotFound, fault.Conflict.
func (c *Comms) ResumeInApp(ctx context.Context, a authz.Actor, number int64, now time.Time) (*incident.Skip, error) {
	return c.onInApp(ctx, a, number, "resumed", now, func(inc *incident.Incident) error { return inc.ResumeInApp(a.ID, now) })
}

func (c *Comms) onInApp(ctx context.Context, a authz.Actor, number int64, outcome string, now time.Time, do func(*incident.Incident) error) (out *incident.Skip, err error) {
	if err := authz.Can(a, authz.Communicate, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := c.open(tx, a, authz.Communicate, number)
		if err != nil {
			return err
		}
		if err := do(inc); err != nil {
			return err
		}
		if err := incidents.Update(tx, inc, now); err != nil {
			return err
		}
		out = inc.InApp
		d := event.Data{Channel: message.InApp, Outcome: outcome, Text: "messages that go out from now on are shown there", Clauses: []string{"COM-CUST-INAPP"}}
		if out.Stands() {
			d.Text = out.Reason
		}
		return c.bus.Emit(tx, now, event.Event{IncidentID: inc.ID, Kind: event.ChannelSkipped, Actor: a.ID, Source: a.Via, Restricted: inc.Restricted, Data: d})
	})
	return out, err
}

// nowhere says why a message would reach nobody because its only channel is skipped;
// empty when it has another, or none is.
func nowhere(inc *incident.Incident, m *message.Message) string {
	if inc.InApp.Stands() && len(m.Channels) == 1 && m.Has(message.InApp) {
		return "it goes nowhere but to users in the product, and that is skipped: " + inc.InApp.Reason
	}
	return ""
}
