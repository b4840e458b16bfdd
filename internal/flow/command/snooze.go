package command

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/pages"
	"allclear/internal/store/timers"
)

// TimerSnooze ends a snooze; its ref is the incident's id.
const TimerSnooze = "snooze"

// Snooze holds the pages that wait for an acknowledgement back for a while.
// Then nobody has the incident, and the chain pages anew. Whoever holds it or
// was paged for it may; what the procedure demands while it is unresolved goes
// on.
func (c *Command) Snooze(ctx context.Context, a authz.Actor, number int64, d time.Duration, reason string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Respond, number, now, func(s *scene) error {
		holds, err := s.holds(a.ID)
		if err != nil {
			return err
		}
		if !holds {
			return fault.New(fault.Refused, "%s: only who has it or was paged for it can snooze it", s.inc.Ref())
		}
		if err := s.inc.Snooze(a.ID, d, now); err != nil {
			return err
		}
		until := s.inc.SnoozedUntil
		err = timers.Set(s.tx, timers.Timer{Kind: TimerSnooze, Ref: s.inc.ID.String(), IncidentID: s.inc.ID, DueAt: until}, now)
		if err != nil {
			return err
		}
		text := "snoozed for " + recur.Span{Duration: d}.String() + " by " + s.name(a.ID)
		if reason != "" {
			text += ": " + reason
		}
		return s.emit(event.Snoozed, event.Data{Owner: a.ID, Due: until.UnixMicro(), Text: text, Clauses: []string{"PLT-CFG-POL"}})
	})
}

// Wake ends a snooze now instead of at its end, with the same effect: nobody
// has the incident, and the chain pages anew. Everybody who may respond may,
// because it only asks for more people.
func (c *Command) Wake(ctx context.Context, a authz.Actor, number int64, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if !s.inc.Holds(procedure.Unresolved) || s.inc.SnoozedUntil.IsZero() {
			return fault.New(fault.Conflict, "%s is not snoozed", s.inc.Ref())
		}
		if err := timers.Cancel(s.tx, TimerSnooze, s.inc.ID.String()); err != nil {
			return err
		}
		return s.retrigger("the snooze was ended by " + s.name(a.ID))
	})
}

// holds reports whether the person has the incident in hand or was asked for.
func (s *scene) holds(person string) (bool, error) {
	if person == "" {
		return false, nil
	}
	if person == s.inc.AcknowledgedBy || person == s.inc.Commander() {
		return true, nil
	}
	all, err := pages.Of(s.tx, s.inc.ID)
	return slices.ContainsFunc(all, func(p *message.Page) bool { return p.To == person && p.Answerable() }), err
}

func (c *Command) snoozeDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	s, err := c.timed(tx, t, now)
	if err != nil || !s.inc.Holds(procedure.Unresolved) || s.inc.SnoozedUntil.IsZero() || now.Before(s.inc.SnoozedUntil) {
		return err
	}
	return s.retrigger("the snooze is over")
}

// onAckExpired takes the acknowledgement back.
func (c *Command) onAckExpired(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil || !s.inc.Holds(procedure.Unresolved) {
		return err
	}
	return s.retrigger("the acknowledgement has expired")
}

func (c *Command) timed(tx *store.Tx, t timers.Timer, now time.Time) (*scene, error) {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return nil, err
	}
	return c.scene(tx, id, now, event.System, "procedure")
}

// retrigger says that nobody has the incident any more.
func (s *scene) retrigger(why string) error {
	had := s.inc.AcknowledgedBy
	s.inc.Release()
	return s.emit(event.Retriggered, event.Data{From: had, Text: why + ": nobody has it", Clauses: []string{"PLT-CFG-POL"}})
}

// wake ends a snooze because somebody takes the incident, or because it is over
// or worse.
func (s *scene) wake(why string) error {
	if !s.inc.Wake() {
		return nil
	}
	if err := timers.Cancel(s.tx, TimerSnooze, s.inc.ID.String()); err != nil {
		return err
	}
	return s.emit(event.Unsnoozed, event.Data{Text: why})
}
